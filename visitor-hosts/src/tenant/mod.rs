//! What a tenant wants: one resource, which is there before anybody writes it.
//!
//! | file | question |
//! |---|---|
//! | `settings.rs` | what does the tenant want, and what holds where it says nothing? |
//! | `hook.rs` | how is that read and written? |

mod hook;
mod settings;

pub use hook::TenantHook;
pub(crate) use settings::{GuardDefaults, in_bounds, is_a_silence, settings};
