//! What the commands do, beside the library.

pub(crate) mod check;
pub(crate) mod list;

use std::process::ExitCode;

/// The command line is wrong: `EX_USAGE` of sysexits.h, since 2 says something about the server.
pub(crate) fn usage() -> ExitCode {
    ExitCode::from(64)
}
