//! How far a long command has come.

use std::io::IsTerminal as _;

/// Changes that were looked at, on a terminal only.
pub(super) struct Counter {
    is_shown: bool,
}

/// Changes between two updates of the terminal.
const SHOWN_EVERY: u64 = 1_000;

impl Counter {
    pub(super) fn new() -> Counter {
        Counter {
            is_shown: std::io::stderr().is_terminal(),
        }
    }

    pub(super) fn show(&mut self, seen: u64) {
        if self.is_shown && seen.is_multiple_of(SHOWN_EVERY) {
            eprint!("\r{seen} changes");
        }
    }

    pub(super) fn clear(&self) {
        if self.is_shown {
            eprint!("\r\x1b[K");
        }
    }
}
