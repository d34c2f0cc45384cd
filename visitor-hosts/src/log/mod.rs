//! The change feed as people read it: requests of directories as `ProvisioningEvents`, everything as
//! `AuditEvents`. Both are views: nothing of them is stored beside the feed. `ProvisioningDays` are numbers that are
//! counted from it.
//!
//! | file | question |
//! |---|---|
//! | `event.rs` | what does a request look like as a resource? |
//! | `audit.rs` | what does any change look like as a line of the audit log? |
//! | `difference.rs` | what differs between two documents? |
//! | `walk.rs` | which changes are on a page of a list? |
//! | `past.rs` | what was a resource like before a change? |
//! | `replay.rs` | would the same request do the same today? |
//! | `history.rs` | what happened to a host, and because of whom? |
//! | `days.rs` | how much happened on each day? |
//! | `hook.rs` | how are they served? |

mod audit;
mod days;
mod difference;
mod event;
mod history;
mod hook;
mod past;
mod replay;
mod walk;

pub(crate) use history::history;
pub use hook::LogHook;
