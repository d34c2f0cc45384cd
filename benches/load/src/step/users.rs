//! One user at a time: create, read, look up, change.

use std::cell::RefCell;

use anyhow::ensure;

use crate::answer::{self, Resource};
use crate::body;
use crate::connection::Ask;
use crate::session::{Session, Tally, Work, run};
use crate::world::{World, create_user};

/// Creates users; they are gone afterwards.
pub(super) async fn post(world: &World, work: Work) -> anyhow::Result<Tally> {
    let made = RefCell::new(Vec::new());
    let tally = run(&world.target, work, async |session, _| {
        let id = create_user(session, world.fresh()).await?;
        made.borrow_mut().push(id);
        Ok(())
    })
    .await?;
    world.remove("/Users", &made.into_inner()).await?;
    Ok(tally)
}

/// Reads by id.
pub(super) async fn get(world: &World, work: Work) -> anyhow::Result<Tally> {
    run(&world.target, work, async |session, _| {
        get_one(world, session).await
    })
    .await
}

pub(super) async fn get_one(world: &World, session: &mut Session) -> anyhow::Result<()> {
    let number = world.random(world.users.len());
    let id = &world.users[number];
    let answer = session.ask(Ask::get(format!("/Users/{id}"))).await?;
    let user = answer::resource(&answer, 200)?;
    let name = body::user_name(number);
    ensure!(
        user.id == *id && user.user_name.as_deref() == Some(&*name),
        "another user was read"
    );
    Ok(())
}

/// Looks up by userName.
pub(super) async fn look_up(world: &World, work: Work) -> anyhow::Result<Tally> {
    run(&world.target, work, async |session, _| {
        look_up_one(world, session).await
    })
    .await
}

pub(super) async fn look_up_one(world: &World, session: &mut Session) -> anyhow::Result<()> {
    let name = body::user_name(world.random(world.users.len()));
    let path = body::look_up("/Users", "userName", &name);
    let answer = session.ask(Ask::get(path)).await?;
    answer::found(&answer, &name)
}

/// Looks up who is not there.
pub(super) async fn look_up_nobody(world: &World, work: Work) -> anyhow::Result<Tally> {
    run(&world.target, work, async |session, _| {
        let name = body::user_name(world.fresh());
        let path = body::look_up("/Users", "userName", &name);
        let answer = session.ask(Ask::get(path)).await?;
        answer::counted(&answer, 0..=0, 0)
    })
    .await
}

/// Sets displayName to what it was not.
pub(super) async fn patch_display_name(world: &World, work: Work) -> anyhow::Result<Tally> {
    run(&world.target, work, async |session, _| {
        patch_display_name_of_one(world, session).await
    })
    .await
}

pub(super) async fn patch_display_name_of_one(
    world: &World,
    session: &mut Session,
) -> anyhow::Result<()> {
    let value = format!("Changed {}", world.fresh());
    patch_one(world, session, "displayName", &value, |user| {
        user.display_name.as_deref() == Some(&*value)
    })
    .await
}

/// Sets the value of the e-mail that a filter in the path names.
pub(super) async fn patch_work_email(world: &World, work: Work) -> anyhow::Result<Tally> {
    run(&world.target, work, async |session, _| {
        let value = format!("changed{}@example.com", world.fresh());
        let path = "emails[type eq \"work\"].value";
        patch_one(world, session, path, &value, |user| {
            user.emails.iter().any(|email| email.value == value)
        })
        .await
    })
    .await
}

async fn patch_one(
    world: &World,
    session: &mut Session,
    path: &str,
    value: &str,
    is_changed: impl Fn(&Resource<'_>) -> bool,
) -> anyhow::Result<()> {
    let id = &world.users[world.random(world.users.len())];
    let resource = format!("/Users/{id}");
    let ask = Ask::patch(&*resource, body::replace(path, value));
    let answer = session.ask(ask).await?;
    let changed = match answer::done(&answer)? {
        Some(user) => is_changed(&user),
        None => {
            let answer = session.ask_aside(Ask::get(resource)).await?;
            is_changed(&answer::resource(&answer, 200)?)
        }
    };
    ensure!(changed, "the PATCH of a user has changed nothing");
    Ok(())
}
