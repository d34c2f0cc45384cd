//! What the library asks of a store: units of work that run for one tenant.
//!
//! A [`Unit`] may run more than once: a store runs it again when another unit was in the way or
//! a connection broke. Its time and ids are fixed before the first attempt ([`Moment`]), its
//! reads see its own pending writes ([`Transaction`]), and its writes reach the database
//! together, at the end.

pub mod answer;
mod backend;
#[cfg(any(test, feature = "store-contract"))]
pub mod contract;
#[cfg(any(test, feature = "store-contract"))]
mod fresh;
mod look_up;
mod model;
mod moment;
mod policy_name;
mod rehearsal;
pub mod sql;
mod transaction;
mod unit;
mod write_set;

pub use backend::{Backend, Links, Lock};
#[cfg(any(test, feature = "store-contract"))]
pub use fresh::{Fresh, POSTGRES};
pub use look_up::{By, LookUp, Side};
pub use model::{
    Actor, Change, ChangeBody, ConnectionId, DoneOnce, Job, KeptSecret, ListPart, ListQuery,
    MemberCandidate, MemberLink, Page, Place, Recorded, Sealed, Secret, SecretPurpose, Seek,
    Session, Span, Start, Stored, Token, TokenKind, Trust, TrustedKeys, Way, What, id_at,
};
pub use moment::Moment;
pub use policy_name::PolicyName;
pub use rehearsal::Rehearsal;
pub use sql::SqlStore;
pub use transaction::Transaction;
pub use unit::{ErasedUnit, Output, Reads, Store, Tenant, Unit, unit};
pub use write_set::{KeyChanges, KeyRow, WriteSet};
