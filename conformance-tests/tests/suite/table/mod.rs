//! The faults: how a request or an answer is spoilt, which checks are run, and which of them fail.

mod bulk;
mod changes;
mod cursors;
mod discovery;
mod protocol;
mod queries;
mod resources;

use serde_json::Value;

use crate::front::{Asked, Told};

/// One way to be faulty.
pub(crate) struct Fault {
    pub(crate) name: &'static str,
    /// Beginnings of the ids of the checks that are run.
    pub(crate) within: &'static [&'static str],
    /// Those that fail.
    pub(crate) breaks: &'static [&'static str],
    /// What becomes of a request; an answer, if the real server does not get to see it.
    pub(crate) asked: fn(&mut Asked) -> Option<Told>,
    /// What becomes of an answer.
    pub(crate) told: fn(&Asked, &mut Told),
}

/// All of them.
pub(crate) fn faults() -> impl Iterator<Item = &'static Fault> {
    [
        queries::FAULTS,
        resources::FAULTS,
        changes::FAULTS,
        protocol::FAULTS,
        discovery::FAULTS,
        cursors::FAULTS,
        bulk::FAULTS,
    ]
    .into_iter()
    .flatten()
}

fn drop_member(value: &mut Value, name: &str) {
    if let Some(members) = value.as_object_mut() {
        members.shift_remove(name);
    }
}
