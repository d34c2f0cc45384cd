//! Runs of an import: from the file that somebody sends to people and groups, in pieces that nobody
//! waits for.
//!
//! A run has a queue of its own in which its file waits, and later the pieces of it. One job at a time leads the
//! run on: it takes the next piece, does it, and leaves itself again, all in one unit of work. So a piece is
//! done once or not at all, in order, and whoever takes over from a process that was killed begins with the
//! piece that it did not finish.
//!
//! | file | question |
//! |---|---|
//! | `states.rs` | what comes after what? |
//! | `run.rs` | what is a run, and how is it begun? |
//! | `hook.rs` | what may applications do with it? |
//! | `work.rs` | what is the next step? |
//! | `pieces.rs` | how is a file cut into pieces, and where do they wait? |
//! | `connection.rs` | whose are the people of files? |
//! | `people.rs`, `groups.rs`, `missing.rs` | what does a piece change? |
//! | `report.rs` | where are the differences kept? |

mod connection;
mod groups;
mod hook;
mod missing;
mod people;
mod pieces;
mod report;
mod run;
mod states;
#[cfg(test)]
mod tests;
mod work;

pub use hook::SyncRunHook;
pub(crate) use report::Report;
pub(crate) use run::{Begin, Progress, progress};
pub(crate) use work::QUEUE;
