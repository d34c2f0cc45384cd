//! JSON Web Tokens of issuers that connections trust (RFC 7519, RFC 8725): read, compared with
//! what is trusted, and verified.
//!
//! | file | question |
//! |---|---|
//! | `parse.rs` | what does a JWT say, believed or not? |
//! | `json.rs` | is a JSON text an object in which nothing stands twice? |
//! | `check.rs` | does it say what a connection trusts, at this time? |
//! | `keys.rs` | which keys does an issuer sign with, and did it sign this? |
//! | `refusal.rs` | why is it refused? |

mod check;
mod json;
mod keys;
mod parse;
mod refusal;

pub use check::{LEEWAY_S, LIFE_S_MAX};
pub use keys::{KeySet, NotKeys};
pub use parse::{BYTES_MAX, UnverifiedJwt};
pub use refusal::Refusal;
