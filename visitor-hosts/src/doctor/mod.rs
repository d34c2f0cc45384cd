//! Whether an identity provider will get on with a SCIM server: the requests that Microsoft Entra ID
//! and Okta really send are sent in their order, and what does not come back as it must is told in
//! plain words, with what to change.
//!
//! | file | question |
//! |---|---|
//! | `endpoint.rs` | what is asked, and what answers? |
//! | `script.rs`, `fill.rs` | which requests are sent, and what must come back? (`visitor-hosts/doctor/*.json`) |
//! | `judge.rs` | what does an answer that is not as it must be mean? |
//! | `examine.rs`, `play.rs`, `tidy.rs` | in which order, and what is left afterwards? |
//! | `report.rs`, `text.rs` | what is told? |
//! | `remote.rs`, `in_process.rs` | how is another server asked, and how this one? |
//!
//! Nothing here opens a connection itself; an [`Endpoint`] does. [`Remote`] asks any server through the
//! guarded way out, [`InProcess`] calls the server that the program is.

mod endpoint;
mod examine;
mod fill;
mod in_process;
mod judge;
mod play;
mod remote;
mod report;
mod script;
mod text;
mod tidy;

pub use endpoint::{Answer, Endpoint, NoAnswer, Request};
pub use examine::Doctor;
pub use in_process::InProcess;
pub use remote::Remote;
pub use report::{Examined, Mode, Problem, Report, StepReport, Verdict};
pub use script::Provider;
