//! Who asks: the credential of a request, and the tokens that it is checked against.

mod authenticate;
mod bearer;
mod secret;
mod token;

pub use authenticate::Authenticate;
pub(crate) use bearer::REFUSAL;
use bearer::presented;
pub use secret::Secret;
pub use token::{OVERLAP_DEFAULT, OVERLAP_MAX, Tokens};
