//! What comes after what.

use scim_server::service::{States, Transition};

/// The kind of resource whose states these are.
const KIND: &str = "SyncRun";

const fn line(from: &'static str, verb: &'static str, to: &'static str) -> Transition {
    Transition { from, verb, to }
}

/// What people decide.
pub(super) const DECISIONS: States = States {
    kind: KIND,
    table: &[
        line("queued", "cancel", "cancelled"),
        line("fetching", "cancel", "cancelled"),
        line("succeeded", "delete", "succeeded"),
        line("partiallySucceeded", "delete", "partiallySucceeded"),
        line("failed", "delete", "failed"),
        line("cancelled", "delete", "cancelled"),
    ],
};

/// What happens by itself.
pub(super) const EVENTS: States = States {
    kind: KIND,
    table: &[
        line("queued", "start", "fetching"),
        line("fetching", "refuse", "failed"),
        line("fetching", "read", "normalising"),
        line("normalising", "normalise", "matching"),
        line("matching", "preview", "awaitingReview"),
        line("awaitingReview", "end", "succeeded"),
        line("matching", "apply", "applying"),
        line("applying", "succeed", "succeeded"),
        line("applying", "partlySucceed", "partiallySucceeded"),
        line("applying", "fail", "failed"),
        // A dry run can meet a storage error too.
        line("matching", "fail", "failed"),
    ],
};

/// Does nothing follow?
pub(super) fn is_over(state: &str) -> bool {
    matches!(
        state,
        "succeeded" | "partiallySucceeded" | "failed" | "cancelled"
    )
}
