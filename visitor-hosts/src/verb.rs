//! What may be sent with a verb.

use scim_server::Error;
use serde_json::{Map, Value};

/// Verbs that say all by their name take a reason, which stands in the change feed with the request.
pub(crate) fn only_a_reason(body: &Map<String, Value>) -> Result<(), Error> {
    for (name, value) in body {
        if name != "reason" {
            let name = scim_core::error::echo(name);
            let refusal = "this action takes nothing but a reason";
            return Err(scim_core::Error::invalid_value(&name, refusal).into());
        }
        if !value.is_string() {
            return Err(scim_core::Error::invalid_value("reason", "send a text").into());
        }
    }
    Ok(())
}
