//! Who asks: the credential of a request, and the tokens that it is checked against.

mod bearer;
mod secret;
mod token;

pub(crate) use bearer::{REFUSAL, presented};
pub use secret::Secret;
pub use token::{OVERLAP_DEFAULT, OVERLAP_MAX, Tokens};
