//! What can be done with a Host besides changing its attributes.

use scim_server::Error;
use scim_server::service::{Acting, States, Transition, Verb};
use serde_json::{Map, Value};

use super::status;
use crate::verb;

const SUSPEND: &str = "suspend";
const RESUME: &str = "resume";
pub(super) const EXPLAIN: &str = "explain";

pub(super) const ALL: &[Verb] = &[
    Verb {
        kind: "Host",
        name: SUSPEND,
        tells: false,
    },
    Verb {
        kind: "Host",
        name: RESUME,
        tells: false,
    },
    Verb {
        kind: "Host",
        name: EXPLAIN,
        tells: true,
    },
    Verb {
        kind: "Host",
        name: "history",
        tells: true,
    },
];

/// A suspension is a person's; what the directory says of the Host goes on beside it.
const SUSPENSION: States = States {
    kind: "Host",
    table: &[
        Transition {
            from: "not suspended",
            verb: SUSPEND,
            to: "suspended",
        },
        Transition {
            from: "suspended",
            verb: RESUME,
            to: "not suspended",
        },
    ],
};

/// The Host after a verb.
pub(super) fn acted(acting: &Acting<'_>, now: &str) -> Result<Map<String, Value>, Error> {
    verb::only_a_reason(acting.body)?;
    let mut host = acting.stored.parse()?.into_map();
    let state = if status::is_suspended(&host) {
        "suspended"
    } else {
        "not suspended"
    };
    let suspended = SUSPENSION.after(state, acting.verb.name)? == "suspended";
    let source = acting.caller.connection.to_string();
    status::suspend(&mut host, suspended, now, &source);
    Ok(host)
}
