//! State machines as tables: which verb leads from which state to which.

use crate::Error;

/// The states of a resource type. Whatever is not in the table is refused.
///
/// ```
/// use scim_server::service::{States, Transition};
///
/// const DOOR: States = States {
///     kind: "Door",
///     table: &[
///         Transition { from: "open", verb: "close", to: "closed" },
///         Transition { from: "closed", verb: "open", to: "open" },
///         Transition { from: "closed", verb: "lock", to: "locked" },
///     ],
/// };
/// assert_eq!(DOOR.after("open", "close")?, "closed");
/// let refused = DOOR.after("open", "lock").unwrap_err();
/// assert_eq!(refused.to_string(), "lock is not possible while the Door is open; possible now: close");
/// # Ok::<(), scim_server::Error>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct States {
    /// The resource type.
    pub kind: &'static str,
    /// All transitions.
    pub table: &'static [Transition],
}

/// A line of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transition {
    /// The state before.
    pub from: &'static str,
    /// What leads on.
    pub verb: &'static str,
    /// The state after.
    pub to: &'static str,
}

impl States {
    /// Does this verb lead anywhere from this state?
    pub fn leads_on(&self, state: &str, verb: &str) -> bool {
        let mut lines = self.table.iter();
        lines.any(|line| line.from == state && line.verb == verb)
    }

    /// The state to which a verb leads; 409 with the verbs that are possible, where it leads nowhere.
    pub fn after(&self, state: &str, verb: &'static str) -> Result<&'static str, Error> {
        let from_here = || self.table.iter().filter(|line| line.from == state);
        if let Some(line) = from_here().find(|line| line.verb == verb) {
            return Ok(line.to);
        }
        let mut possible: Vec<&str> = from_here().map(|line| line.verb).collect();
        possible.dedup();
        let possible = match possible.as_slice() {
            [] => "nothing".to_owned(),
            verbs => verbs.join(", "),
        };
        Err(Error::Transition {
            kind: self.kind,
            verb,
            state: state.to_owned(),
            possible,
        })
    }
}
