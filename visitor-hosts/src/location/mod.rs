//! Locations: sites with their preferences, and the offices that directories name.
//!
//! | file | question |
//! |---|---|
//! | `hook.rs` | what happens when a Location comes, changes or goes? |
//! | `names.rs` | by which names is a Location known? |
//! | `offices.rs` | which Location is an office, and which offices does nobody know? |
//! | `rules.rs` | which preferences fit together? |

mod hook;
mod names;
pub(crate) mod offices;
mod rules;

pub use hook::LocationHook;
