//! Roles: what people may do. A role is given by an assignment to a Host, to an account of the console, or to
//! a HostGroup that somebody named on purpose; a directory on its own gives none.
//!
//! | file | question |
//! |---|---|
//! | `table.rs` | what may each role do? |
//! | `rights.rs` | which roles does a person have now? |
//! | `hook.rs` | who can be given a role? |

mod hook;
mod rights;
mod table;

pub use hook::RoleHook;
