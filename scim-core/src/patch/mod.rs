//! PATCH (RFC 7644 §3.5.2), in the words of the RFC and in those that identity
//! providers use.
//!
//! [`PatchRequest`] is what the body says; [`apply()`] does it to a document,
//! all or nothing. Changes of the members of a group are not made but
//! answered as [`MemberChanges`], so that their cost does not depend on the
//! size of the group.

mod apply;
mod members;
mod multi;
mod request;
mod single;
mod target;

pub use apply::{Patched, apply, withheld};
pub use members::{MEMBER_CHANGES_MAX, MemberChanges};
pub use request::{OPERATIONS_MAX, Op, Operation, PatchRequest};
