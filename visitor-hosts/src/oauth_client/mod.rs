//! Whose JWTs connections take for their own (RFC 7523), as resources: `OAuthClients`. What `token trust` writes on the
//! command line is read here, and the other way round.
//!
//! | file | question |
//! |---|---|
//! | `document.rs` | what does it look like as a resource, and back? |
//! | `hook.rs` | how is it read, made and changed? |

mod document;
mod hook;

pub use hook::OAuthClientHook;
