//! Who asks: the credential of a request, and what it is checked against.
//!
//! | file | question |
//! |---|---|
//! | `credential.rs` | which credential does a request carry? |
//! | `authenticate.rs` | who may say who asks? |
//! | `valid.rs` | is a credential valid now, and whose is it? |
//! | `token.rs`, `keep.rs`, `secret.rs`, `access.rs` | how do tokens, their secrets and access tokens come and go? |
//! | `session.rs` | how do sessions of people begin and end, and whose are they? |
//! | `trust.rs`, `jwt/`, `jwks.rs` | whose JWTs stand for a connection, what do they say, and who signed them? |

mod access;
mod authenticate;
mod credential;
mod jwks;
pub mod jwt;
pub mod keep;
mod secret;
mod session;
mod token;
mod trust;
mod valid;

pub use access::ACCESS_TOKEN_LIFE;
pub(crate) use access::{AccessToken, ClientProof};
pub use authenticate::Authenticate;
pub use credential::Credential;
pub(crate) use credential::refusal;
pub use secret::Secret;
pub use session::{Person, Sessions, as_person};
pub(crate) use token::PERSON_TYPE;
pub use token::{OVERLAP_DEFAULT, OVERLAP_MAX, Tokens};
pub use trust::{TRUST_TYPE, TrustOutcome, Trusted, distrust_issuer, trust_issuer, trusting};
pub use valid::{caller, is_taken};
