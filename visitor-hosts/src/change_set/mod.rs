//! Change sets: what a directory hides in one go, and the guard that holds the effect when that is too
//! much. The directory is not refused (unless the guard of its connection says so) and never sees any of this.
//!
//! | file | question |
//! |---|---|
//! | `guard.rs` | how many hosts may go at once, and how long does a set collect? |
//! | `collect.rs` | which set does a change belong to, and what follows from it? |
//! | `approvers.rs` | and when those leave who decide? |
//! | `hook.rs` | what happens when a person decides on a held set? |
//! | `impact.rs` | what will people notice? |
//! | `noted.rs` | is a connection known to be at work? |
//! | `tend.rs` | when is a set over, and a hold? |
//! | `undo.rs` | how does everything become as it was before a set? |

mod approvers;
mod collect;
mod guard;
mod hook;
mod impact;
mod noted;
mod tend;
mod undo;

pub(crate) use approvers::{decide, goes};
pub(crate) use collect::{ChangeSets, Connection, How};
pub use hook::ChangeSetHook;
