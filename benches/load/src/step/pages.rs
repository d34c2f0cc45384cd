//! Pages of 100 users by startIndex.

use std::cell::RefCell;
use std::ops::RangeInclusive;

use anyhow::Context;

use crate::answer;
use crate::body;
use crate::connection::Ask;
use crate::session::{Session, Tally, Work, run};
use crate::world::World;

pub(super) const COUNT: usize = 100;

/// Where the last full page begins.
pub(super) fn last(users: usize) -> usize {
    (users + 1).saturating_sub(COUNT).max(1)
}

/// Reads a page after another.
pub(super) async fn read(
    world: &World,
    work: Work,
    start: impl Fn() -> usize,
) -> anyhow::Result<Tally> {
    let total = world.users.len();
    run(&world.target, work, async |session, _| {
        read_one(world, session, start(), total..=total).await
    })
    .await
}

pub(super) async fn read_one(
    world: &World,
    session: &mut Session,
    start: usize,
    total: RangeInclusive<usize>,
) -> anyhow::Result<()> {
    let path = format!("/Users?startIndex={start}&count={COUNT}");
    let answer = session.ask(Ask::get(path)).await?;
    let shown = (world.users.len() + 1).saturating_sub(start).min(COUNT);
    answer::counted(&answer, total, shown)
}

/// Writes before each page: a user comes, one changes, the new one goes.
pub(super) async fn write_and_read(
    world: &World,
    work: Work,
    start: impl Fn() -> usize,
) -> anyhow::Result<Tally> {
    let extra = RefCell::new(Vec::new());
    let tally = run(&world.target, work, async |session, number| {
        write(world, session, number, &extra).await?;
        let total = world.users.len() + extra.borrow().len();
        read_one(world, session, start(), total..=total).await
    })
    .await?;
    world.remove("/Users", &extra.into_inner()).await?;
    Ok(tally)
}

async fn write(
    world: &World,
    session: &mut Session,
    number: usize,
    extra: &RefCell<Vec<String>>,
) -> anyhow::Result<()> {
    match number % 3 {
        0 => {
            let ask = Ask::post("/Users", body::user(world.fresh()));
            let answer = session.ask_aside(ask).await?;
            let id = answer::resource(&answer, 201)?.id.into_owned();
            extra.borrow_mut().push(id);
        }
        1 => {
            let id = &world.users[world.random(world.users.len())];
            let value = format!("Changed {}", world.fresh());
            let ask = Ask::patch(format!("/Users/{id}"), body::replace("displayName", &value));
            answer::done(&session.ask_aside(ask).await?)?;
        }
        _ => {
            let id = extra.borrow_mut().pop().context("nobody came before")?;
            let answer = session
                .ask_aside(Ask::delete(format!("/Users/{id}")))
                .await?;
            answer::done(&answer)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(users: usize, expected: usize) {
        assert_eq!(last(users), expected);
    }

    #[test]
    fn the_last_page_is_full_where_it_can_be() {
        check(1, 1);
        check(100, 1);
        check(101, 2);
        check(10_000, 9_901);
    }
}
