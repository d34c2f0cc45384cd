//! The audit log: what was changed cannot be changed afterwards without anybody noticing.
//!
//! Every committed change has a number and a hash that contains the hash before it, so that the last
//! hash stands for all of them. A [`Checkpoint`] signs it with a key that is not in the database, so
//! that whoever can write the database cannot make the whole chain anew. What is personal in a change
//! stands apart from its facts, which know it by a salted hash alone, and can be erased.
//!
//! | file | question |
//! |---|---|
//! | `chain.rs` | what does a hash contain? |
//! | `entry.rs` | what stands under a number of the sequence? |
//! | `key.rs`, `checkpoint.rs` | who signs, and what? |
//! | `verify.rs`, `suspect.rs` | does an entry follow from the one before it, and if not, what was done to it? |
//! | `finding.rs` | how is that told? |
//! | `walk.rs` | how is the log of a store read, in pieces? |
//! | `line.rs` | what does an export look like? |

mod chain;
mod checkpoint;
mod entry;
mod finding;
mod key;
mod line;
mod suspect;
#[cfg(test)]
mod tests;
mod verify;
mod walk;

pub(crate) use chain::commitment;
pub use chain::link;
pub use checkpoint::Checkpoint;
pub use entry::{Audited, Facts, Kept, Salted};
pub use finding::{Finding, Report};
pub use key::{AuditKey, KeyError, KeyId, PublicKey};
pub use line::{Line, WrittenBody, WrittenFacts};
pub use verify::{Origin, Verifier};
pub use walk::{Walk, verify};
