//! Some of everything, to see what stays in memory.

use super::{pages, users};
use crate::answer;
use crate::connection::Ask;
use crate::session::{Tally, Work, run};
use crate::world::{World, create_user};

/// Of eleven requests, four read by id, three look up, one is a page and three write.
pub(super) async fn mixed(world: &World, work: Work) -> anyhow::Result<Tally> {
    run(&world.target, work, async |session, number| {
        match number % 10 {
            0..=3 => users::get_one(world, session).await,
            4..=6 => users::look_up_one(world, session).await,
            7 => users::patch_display_name_of_one(world, session).await,
            8 => {
                let total = world.users.len();
                let start = 1 + world.random(pages::last(total));
                // Others create users meanwhile.
                let total = total..=total + work.at_once;
                pages::read_one(world, session, start, total).await
            }
            _ => {
                let id = create_user(session, world.fresh()).await?;
                let answer = session.ask(Ask::delete(format!("/Users/{id}"))).await?;
                answer::done(&answer).map(|_| ())
            }
        }
    })
    .await
}
