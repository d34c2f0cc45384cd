//! What was put on a server: users that stay, and a group with some of them.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use anyhow::{Context, ensure};

use crate::connection::Ask;
use crate::session::{Session, Tally, Work, run};
use crate::target::Target;
use crate::{answer, body};

/// A server and the ids that it gave.
pub struct World {
    /// Where it is.
    pub target: Target,
    /// Of the users, in the order of their numbers.
    pub users: Vec<String>,
    /// Of the group, whose members are the first of the users.
    pub group: String,
    /// A number that no user and no value has had.
    fresh: Cell<usize>,
    random: RefCell<fastrand::Rng>,
}

/// Members of one request; servers limit them.
const CHUNK: usize = 1_000;

impl World {
    /// Creates the users and the group, and tells how quickly users were taken.
    pub async fn fill(target: Target) -> anyhow::Result<(Self, Tally)> {
        ensure!(target.members < target.users, "some user must be no member");
        let made = RefCell::new(Vec::new());
        let work = Work {
            at_once: 16,
            time: Duration::MAX,
            most: target.users,
        };
        let tally = run(&target, work, async |session, number| {
            let id = create_user(session, number).await?;
            made.borrow_mut().push((number, id));
            Ok(())
        })
        .await?;
        let mut made = made.into_inner();
        if let Some((why, _)) = tally.wrong.first_key_value() {
            anyhow::bail!("cannot create the users of {}: {why}", target.name);
        }
        made.sort_unstable();
        let users: Vec<String> = made.into_iter().map(|(_, id)| id).collect();
        let mut session = Session::open(&target).await?;
        let group = create_group(&mut session, "The large group").await?;
        for members in users[..target.members].chunks(CHUNK) {
            let members = body::add_members(members.iter().map(String::as_str));
            let ask = Ask::patch(format!("/Groups/{group}"), members);
            answer::done(&session.ask_aside(ask).await?).context("cannot fill the group")?;
        }
        let world = Self {
            fresh: Cell::new(users.len()),
            users,
            group,
            random: RefCell::new(fastrand::Rng::with_seed(1)),
            target,
        };
        world.expect_members(0).await?;
        Ok((world, tally))
    }

    /// A number that was not there before.
    pub fn fresh(&self) -> usize {
        self.fresh.replace(self.fresh.get() + 1)
    }

    /// Less than `end`; the same sequence at each server.
    pub fn random(&self, end: usize) -> usize {
        self.random.borrow_mut().usize(..end)
    }

    /// Whether the group has its members, and so many more.
    pub async fn expect_members(&self, more: usize) -> anyhow::Result<()> {
        let mut session = Session::open(&self.target).await?;
        let path = format!("/Groups/{}", self.group);
        let answer = session.ask_aside(Ask::get(path)).await?;
        let found = answer::resource(&answer, 200)?.members.len();
        let expected = self.target.members + more;
        ensure!(
            found == expected,
            "the group has {found} members and not {expected}"
        );
        Ok(())
    }

    /// Deletes what a step has made.
    pub async fn remove(&self, endpoint: &str, ids: &[String]) -> anyhow::Result<()> {
        let work = Work {
            at_once: 16.min(ids.len()),
            time: Duration::MAX,
            most: ids.len(),
        };
        let tally = run(&self.target, work, async |session, number| {
            let path = format!("{endpoint}/{}", ids[number]);
            let answer = session.ask(Ask::delete(path)).await?;
            answer::done(&answer).map(|_| ())
        })
        .await?;
        match tally.wrong.first_key_value() {
            Some((why, _)) => anyhow::bail!("cannot delete what a step has made: {why}"),
            None => Ok(()),
        }
    }
}

/// The id of the new user.
pub async fn create_user(session: &mut Session, number: usize) -> anyhow::Result<String> {
    let answer = session.ask(Ask::post("/Users", body::user(number))).await?;
    let user = answer::resource(&answer, 201)?;
    let name = body::user_name(number);
    ensure!(
        user.user_name.as_deref() == Some(&*name),
        "another user was created"
    );
    Ok(user.id.into_owned())
}

/// The id of the new group.
pub async fn create_group(session: &mut Session, name: &str) -> anyhow::Result<String> {
    let answer = session.ask(Ask::post("/Groups", body::group(name))).await?;
    let group = answer::resource(&answer, 201)?;
    ensure!(
        group.display_name.as_deref() == Some(name),
        "another group was created"
    );
    Ok(group.id.into_owned())
}
