//! One member of a group at a time.

use std::cell::Cell;

use crate::answer;
use crate::body;
use crate::connection::Ask;
use crate::session::{Session, Tally, Work, run};
use crate::world::World;

/// How many come and go in one step.
const MOST: usize = 1_000;

/// Adds users who are no members; they are none afterwards.
pub(super) async fn add(world: &World, work: Work) -> anyhow::Result<Tally> {
    let added = Cell::new(0);
    let mut tally = run(
        &world.target,
        at_most(world, work),
        async |session, number| {
            let ask = Ask::patch(path(world), body::add_members([strange(world, number)]));
            answer::done(&session.ask(ask).await?)?;
            added.set(added.get() + 1);
            Ok(())
        },
    )
    .await?;
    if let Err(why) = world.expect_members(added.get()).await {
        tally.found_wrong(&why);
    }
    let mut session = Session::open(&world.target).await?;
    for number in 0..tally.latencies_us.len() {
        remove_one(world, &mut session, number).await?;
    }
    world.expect_members(0).await?;
    Ok(tally)
}

/// Removes members who were added before.
pub(super) async fn remove(world: &World, work: Work) -> anyhow::Result<Tally> {
    let work = at_most(world, work);
    let added = (0..work.most).map(|number| strange(world, number));
    let ask = Ask::patch(path(world), body::add_members(added));
    let mut session = Session::open(&world.target).await?;
    answer::done(&session.ask_aside(ask).await?)?;
    let removed = Cell::new(0);
    let mut tally = run(&world.target, work, async |session, number| {
        remove_one(world, session, number).await?;
        removed.set(removed.get() + 1);
        Ok(())
    })
    .await?;
    if let Err(why) = world.expect_members(work.most - removed.get()).await {
        tally.found_wrong(&why);
    }
    for number in removed.get()..work.most {
        remove_one(world, &mut session, number).await?;
    }
    world.expect_members(0).await?;
    Ok(tally)
}

async fn remove_one(world: &World, session: &mut Session, number: usize) -> anyhow::Result<()> {
    let ask = Ask::patch(path(world), body::remove_member(strange(world, number)));
    answer::done(&session.ask(ask).await?).map(|_| ())
}

fn path(world: &World) -> String {
    format!("/Groups/{}", world.group)
}

/// The id of a user who is no member of the group as it was filled.
fn strange(world: &World, number: usize) -> &str {
    &world.users[world.target.members + number]
}

fn at_most(world: &World, work: Work) -> Work {
    let strangers = world.users.len() - world.target.members;
    Work {
        most: work.most.min(strangers).min(MOST),
        ..work
    }
}
