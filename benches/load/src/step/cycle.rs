//! A first cycle of Entra: it looks up and creates every user, then every group, and then adds
//! the members, each in a request of its own.

use std::cell::RefCell;
use std::time::Duration;

use anyhow::ensure;

use crate::answer;
use crate::body;
use crate::connection::Ask;
use crate::session::{Tally, Work, run};
use crate::world::{World, create_group, create_user};

const USERS: usize = 250;
const GROUPS: usize = 5;
const MEMBERS: usize = 40;

/// Always all of it; what it created is gone afterwards.
pub(super) async fn cycle(world: &World) -> anyhow::Result<Tally> {
    let users = RefCell::new(Vec::new());
    let first = run(&world.target, one_by_one(USERS), async |session, _| {
        let number = world.fresh();
        let name = body::user_name(number);
        let look_up = body::look_up("/Users", "userName", &name);
        answer::counted(&session.ask(Ask::get(look_up)).await?, 0..=0, 0)?;
        let id = create_user(session, number).await?;
        users.borrow_mut().push(id);
        Ok(())
    })
    .await?;
    let users = users.into_inner();
    ensure!(
        users.len() == USERS,
        "the cycle has created {} users",
        users.len()
    );
    let groups = RefCell::new(Vec::new());
    let second = run(
        &world.target,
        one_by_one(GROUPS),
        async |session, number| {
            let name = format!("Group {}", world.fresh());
            let look_up = body::look_up("/Groups", "displayName", &name);
            let look_up = format!("{look_up}&excludedAttributes=members");
            answer::counted(&session.ask(Ask::get(look_up)).await?, 0..=0, 0)?;
            let id = create_group(session, &name).await?;
            let group = format!("/Groups/{id}");
            groups.borrow_mut().push(id);
            let members = users.iter().cycle().skip(number * MEMBERS).take(MEMBERS);
            for member in members {
                let ask = Ask::patch(&*group, body::add_members([&**member]));
                answer::done(&session.ask(ask).await?)?;
            }
            let answer = session.ask_aside(Ask::get(group)).await?;
            let found = answer::resource(&answer, 200)?.members.len();
            ensure!(
                found == MEMBERS,
                "a group has {found} members and not {MEMBERS}"
            );
            Ok(())
        },
    )
    .await?;
    world.remove("/Groups", &groups.into_inner()).await?;
    world.remove("/Users", &users).await?;
    Ok(first.and(second))
}

fn one_by_one(most: usize) -> Work {
    Work {
        at_once: 1,
        time: Duration::MAX,
        most,
    }
}
