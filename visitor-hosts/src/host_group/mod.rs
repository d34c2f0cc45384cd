//! Host groups: derived from Groups, with member rows of their own.

mod hook;

pub use hook::HostGroupHook;
pub(crate) use hook::MEMBERS_DIFFER;
