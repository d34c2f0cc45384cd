//! Connections as applications see and keep them: `ApiTokens`. What the server library knows of one stands in
//! its row; what only the product knows stands beside it, as its settings.
//!
//! | file | question |
//! |---|---|
//! | `settings.rs` | what does the product keep with a connection? |
//! | `document.rs` | what does a connection look like as a resource, and back? |
//! | `source.rs` | how are `ApiTokens` read, made and changed? |
//! | `hook.rs` | what can be done with one besides that? |
//! | `try_out.rs` | would the identity provider behind one get on with us? |
//! | `watch.rs` | who must be told that one ends, or has gone silent? |
//! | `compatibility.rs` | how well does the identity provider behind one get on with us? |

mod compatibility;
mod document;
mod hook;
mod settings;
mod source;
mod try_out;
mod watch;

pub use hook::ApiTokenHook;
pub(crate) use settings::{Guard, Mode, OnExisting, Settings};
pub(crate) use source::may_keep;
