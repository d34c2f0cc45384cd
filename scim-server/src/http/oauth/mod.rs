//! How a client gets an access token (RFC 6749 §4.4), and where it reads that it can (RFC 8414).
//!
//! | file | question |
//! |---|---|
//! | `token.rs` | what does the token endpoint answer? |
//! | `form.rs` | what does a token request ask for, and how does the client prove who it is? |
//! | `metadata.rs` | what does the server say of itself? |
//! | `error.rs` | which status and error code has a refusal? |

mod error;
mod form;
mod metadata;
mod token;

pub(super) use metadata::metadata;
pub(super) use token::token;
