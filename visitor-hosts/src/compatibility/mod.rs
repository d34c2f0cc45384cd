//! How an identity provider gets on with us, told from what it has sent: what was put right, what it
//! never sends, what it sends no more, whom it refers to without having sent them; and what to change in
//! Entra or Okta.
//!
//! | file | question |
//! |---|---|
//! | `event.rs` | what is known of a request? |
//! | `said.rs` | which attributes does a body name, however it is written? |
//! | `needed.rs` | what do hosts need, and where does it come from? |
//! | `quirk.rs` | how does a request depart from the usual? |
//! | `client.rs` | who sends it? |
//! | `tally.rs`, `times.rs` | what is counted? |
//! | `finding.rs`, `remedy.rs` | what is worth telling, and what is to be done? |
//! | `report.rs` | how good is it altogether? |
//!
//! Pure: events in, report out. What is kept meanwhile has a bound, however many events there are.

mod client;
mod event;
mod finding;
mod needed;
mod quirk;
mod remedy;
mod report;
mod said;
mod tally;
mod times;

pub use client::Client;
pub use event::{Event, Outcome};
pub use finding::{Finding, Level};
pub use needed::{NEEDED, Need, Needed};
pub use quirk::Quirk;
pub use report::{Grade, Operation, QuirkSeen, Report, Setting};
pub use tally::People;
