//! Which word and which tone the states of the product have.

use crate::part::{Cell, Chip, Tone};
use crate::text as t;

/// Of a host.
pub(crate) fn host(status: &str) -> Chip {
    let tone = match status {
        "visible" => Tone::Good,
        "heldVisible" => Tone::Waiting,
        "suspended" => Tone::Bad,
        _ => Tone::Quiet,
    };
    Chip::new(tone, t::hosts::status(status))
}

/// Of a change set.
pub(crate) fn change_set(status: &str) -> Chip {
    let tone = match status {
        "held" => Tone::Waiting,
        "applied" | "released" => Tone::Good,
        "collecting" => Tone::Plain,
        _ => Tone::Quiet,
    };
    Chip::new(tone, t::changes::status(status))
}

/// Of a conflict.
pub(crate) fn conflict(status: &str) -> Chip {
    let tone = match status {
        "open" => Tone::Waiting,
        "linked" => Tone::Good,
        "rejected" => Tone::Bad,
        _ => Tone::Quiet,
    };
    Chip::new(tone, t::conflicts::status(status))
}

/// What came of a request.
pub(crate) fn result(result: &str) -> Chip {
    let tone = match result {
        "created" | "updated" => Tone::Good,
        "deactivated" | "deleted" => Tone::Waiting,
        "conflict" | "rejected" => Tone::Bad,
        _ => Tone::Quiet,
    };
    Chip::new(tone, t::log::result(result))
}

/// Of a line of the audit log.
pub(crate) fn outcome(outcome: &str) -> Chip {
    let tone = match outcome {
        "success" => Tone::Good,
        "denied" => Tone::Waiting,
        _ => Tone::Bad,
    };
    Chip::new(tone, t::audit::outcome(outcome))
}

/// Yes or no, in a cell.
pub(crate) fn yes_no(yes: bool) -> Cell {
    Cell::text(if yes { t::YES } else { t::NO })
}
