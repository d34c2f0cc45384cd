//! Host groups: derived from Groups, with member rows of their own.
//!
//! | file | question |
//! |---|---|
//! | `hook.rs` | what happens to a HostGroup when its Group changes? |
//! | `follow.rs` | and when a Host gets or loses a User? of which are some Users? |

mod follow;
mod hook;

pub(crate) use follow::{follow, of_users};
pub use hook::HostGroupHook;
pub(crate) use hook::MEMBERS_DIFFER;
