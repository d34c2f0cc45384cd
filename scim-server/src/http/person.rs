//! What a person reaches: their own User, by both of its paths, discovery, and what their roles open.

use super::route::Below;
use crate::Error;
use crate::service::Caller;

/// Refuses everything else to callers that stand for a person (RFC 7644 §3.11). New paths are
/// closed to them until somebody opens them here.
pub(super) fn only_their_own(caller: &Caller, below: &Below<'_>) -> Result<(), Error> {
    let Some(person) = caller.person else {
        return Ok(());
    };
    // Scopes are looked at where the type is known.
    if !caller.grants.scopes.are_none() {
        return Ok(());
    }
    match below {
        Below::Me => Ok(()),
        below if below.is_discovery() => Ok(()),
        Below::Resource(_, id) if id.parse() == Ok(person) => Ok(()),
        _ => Err(Error::Forbidden(
            "this credential stands for a person, who reaches /Me and nothing else",
        )),
    }
}
