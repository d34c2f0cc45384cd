//! The commands that the product adds to those of the library: a line of [`COMMANDS`] and a file each.

mod doctor;

use scim_server::command::Added;

/// All of them, as `--help` lists them.
pub(crate) const COMMANDS: &[Added] = &[doctor::COMMAND];
