//! What a resource holds: the document, how a request becomes one, and what of
//! it is shown.
//!
//! - [`Document`] is the stored JSON object.
//! - [`validate`] makes one from the body of a POST or PUT.
//! - [`Policy`] says which departures from the RFCs a client is allowed, and
//!   [`Repairs`] says which of them it made use of.
//! - [`project`] chooses what an answer contains.
//! - [`keys`] lists the index keys a store keeps beside the document.

mod at;
mod body;
mod carry;
mod compare;
mod document;
pub mod keys;
mod lenient;
pub(crate) mod members;
pub mod policy;
pub mod project;
mod repair;
mod replace;
pub mod validate;
pub(crate) mod value;

pub(crate) use at::At;
pub(crate) use body::is_password;
pub(crate) use carry::carry_list;
pub(crate) use compare::{append_missing, collapse_equal, covers};
pub use document::Document;
pub(crate) use lenient::{extension_of, with_colon};
pub use policy::Policy;
pub use repair::{Repair, Repairs};
pub(crate) use replace::immutable_kept;
pub use replace::{Replacement, parse_replacement, withheld};
pub use value::{COMPARISONS_MAX, VALUES_MAX};
