//! Hosts: derived from Users, matched to people who were here before, shown or hidden.
//!
//! | file | question |
//! |---|---|
//! | `hook.rs` | what happens to a Host when its User changes? |
//! | `matching.rs` | is a new User somebody whose Host is still here? |
//! | `mapping.rs` | what does a Host take over from its User? |
//! | `status.rs` | may the Host be picked, and if not, why? |
//! | `verbs.rs` | what can be done with a Host besides changing its attributes? |
//! | `explain.rs` | what does every rule say of a Host, since when and because of whom? |

mod explain;
mod hook;
mod mapping;
mod matching;
mod status;
mod verbs;

pub use hook::HostHook;
pub(crate) use hook::leave_groups;
pub use mapping::Directory;
pub(crate) use mapping::MIRRORED;
pub use status::{Facts, Reason, Status};
pub(crate) use status::{
    decide_again, held_by, hold, is_hidden_by_directory, is_in_effect, let_go, undo,
};
