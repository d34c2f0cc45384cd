//! The kinds of work. Each leaves on the server what it found there.

mod cycle;
mod groups;
mod mixed;
mod pages;
mod users;

use std::time::Duration;

use clap::ValueEnum;

use crate::session::{Tally, Work};
use crate::world::World;

/// What is done for a while; a number says over how many connections.
#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
pub enum Step {
    /// Create users
    #[value(name = "post-16")]
    Post16,
    /// Read a user by id
    #[value(name = "get-1")]
    Get1,
    /// Read a user by id
    #[value(name = "get-16")]
    Get16,
    /// Look a userName up that is there
    #[value(name = "filter-1")]
    Filter1,
    /// Look a userName up that is there
    #[value(name = "filter-16")]
    Filter16,
    /// Look a userName up that nobody has
    #[value(name = "filter-miss-1")]
    FilterMiss1,
    /// Change displayName
    #[value(name = "patch-1")]
    Patch1,
    /// Change displayName
    #[value(name = "patch-16")]
    Patch16,
    /// Change the work e-mail
    #[value(name = "patch-mail-1")]
    PatchMail1,
    /// The first 100 users
    PageFirst,
    /// 100 users from the middle
    PageMiddle,
    /// The last 100 users
    PageLast,
    /// 100 users from anywhere
    PageRandom,
    /// The first 100 users, a write before each
    WritePageFirst,
    /// 100 users from anywhere in the second half, a write before each
    WritePageDeep,
    /// Add one member to the group
    GroupAdd,
    /// Remove one member from the group
    GroupRemove,
    /// Look up and create users, then groups, then add members one by one
    Cycle,
    /// Some of everything
    #[value(name = "mixed-8")]
    Mixed8,
}

impl Step {
    /// As the command line has it.
    pub fn name(self) -> String {
        let value = self.to_possible_value();
        let value = value.expect("no step is hidden");
        value.get_name().to_owned()
    }

    /// Does it, for this time at most and so often at most.
    pub async fn play(self, world: &World, time: Duration, most: usize) -> anyhow::Result<Tally> {
        let count = world.users.len();
        let at_once = |at_once| Work {
            at_once,
            time,
            most,
        };
        match self {
            Self::Post16 => users::post(world, at_once(16)).await,
            Self::Get1 => users::get(world, at_once(1)).await,
            Self::Get16 => users::get(world, at_once(16)).await,
            Self::Filter1 => users::look_up(world, at_once(1)).await,
            Self::Filter16 => users::look_up(world, at_once(16)).await,
            Self::FilterMiss1 => users::look_up_nobody(world, at_once(1)).await,
            Self::Patch1 => users::patch_display_name(world, at_once(1)).await,
            Self::Patch16 => users::patch_display_name(world, at_once(16)).await,
            Self::PatchMail1 => users::patch_work_email(world, at_once(1)).await,
            Self::PageFirst => pages::read(world, at_once(1), || 1).await,
            Self::PageMiddle => pages::read(world, at_once(1), || count / 2).await,
            Self::PageLast => pages::read(world, at_once(1), || pages::last(count)).await,
            Self::PageRandom => {
                let anywhere = || 1 + world.random(pages::last(count));
                pages::read(world, at_once(1), anywhere).await
            }
            Self::WritePageFirst => pages::write_and_read(world, at_once(1), || 1).await,
            Self::WritePageDeep => {
                let deep = || pages::last(count) - world.random(pages::last(count) / 2);
                pages::write_and_read(world, at_once(1), deep).await
            }
            Self::GroupAdd => groups::add(world, at_once(1)).await,
            Self::GroupRemove => groups::remove(world, at_once(1)).await,
            Self::Cycle => cycle::cycle(world).await,
            Self::Mixed8 => mixed::mixed(world, at_once(8)).await,
        }
    }
}
