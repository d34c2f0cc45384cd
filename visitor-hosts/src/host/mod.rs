//! Hosts: derived from Users, shown or hidden. Whose a Host is: `ownership`.
//!
//! | file | question |
//! |---|---|
//! | `hook.rs` | which Host does a User that changes have to do with? |
//! | `hosts.rs` | what becomes of it? |
//! | `mapping.rs` | what does a Host take over from its User? |
//! | `status.rs` | may the Host be picked, and if not, why? |
//! | `verbs.rs` | what can be done with a Host besides changing its attributes? |
//! | `explain.rs` | what does every rule say of a Host, since when and because of whom? |

mod explain;
mod hook;
mod hosts;
mod mapping;
mod status;
mod verbs;

pub use hook::HostHook;
pub(crate) use hosts::{Hosts, leave_groups};
pub use mapping::Directory;
pub(crate) use mapping::{MIRRORED, identity, mapped};
pub use status::{Facts, Reason, Status};
pub(crate) use status::{
    decide_again, held_by, hold, is_hidden_by_directory, is_in_effect, let_go, undo,
};
