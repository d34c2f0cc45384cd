//! Ownership: what happens when a connection brings somebody who is here already. Two Users can be one
//! person; that is decided on the Host, by a policy or by somebody, and always told.
//!
//! | file | question |
//! |---|---|
//! | `match_order.rs` | by what is a person looked for? |
//! | `candidates.rs` | which Hosts may be the person, and by what evidence? |
//! | `verdict.rs` | what follows from that? Pure, the table of all cases |
//! | `settle.rs` | and is done? |
//! | `conflict.rs` | what does a conflict say, and how is it found again? |
//! | `resolve.rs` | what follows when somebody decides on it? |
//! | `hook.rs` | how do they say so? |

mod candidates;
mod conflict;
mod hook;
mod match_order;
mod resolve;
mod settle;
mod verdict;

pub(crate) use candidates::users_of;
pub(crate) use conflict::{Conflict, KIND, about};
pub use hook::ConflictHook;
pub(crate) use match_order::{MatchKey, identity_differs};
pub(crate) use settle::Ownership;
