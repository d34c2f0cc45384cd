//! Any recorded change as an `AuditEvent`. Pure.

use data_encoding::HEXLOWER;
use scim_core::ResourceId;
use scim_server::store::{Recorded, Stored, What};
use serde_json::{Map, Value, json};

use super::difference::Difference;
use super::event::{self, Names};
use crate::reference;
use crate::schemas::AUDIT_EVENT_URN;

/// The line of the log.
pub(super) fn stored(recorded: &Recorded, names: &Names) -> Stored {
    let change = &recorded.change;
    Stored {
        kind: "AuditEvent".to_owned(),
        id: ResourceId::new(change.id),
        owner: None,
        version: scim_core::Version(1),
        created: change.at,
        modified: change.at,
        document: Value::Object(document(recorded, names)).to_string(),
    }
}

fn document(recorded: &Recorded, names: &Names) -> Map<String, Value> {
    let change = &recorded.change;
    let mut request = event::request(recorded);
    let mut document = Map::new();
    let mut add = |name: &str, value: Option<Value>| {
        if let Some(value) = value.filter(|value| !value.is_null()) {
            document.insert(name.to_owned(), value);
        }
    };
    add("schemas", Some(json!([AUDIT_EVENT_URN])));
    add(
        "sequence",
        recorded.sealed.as_ref().map(|seal| json!(seal.sequence)),
    );
    add("at", Some(json!(format!("{:.3}", change.at))));
    let actor = change.actor.map(|actor| {
        let name = names.get(&actor).map(String::as_str);
        reference::to(&actor, name)
    });
    add("actor", actor);
    let method = request.get("method").and_then(Value::as_str);
    add("action", Some(json!(action(recorded, method))));
    let after = recorded
        .body
        .after
        .as_deref()
        .or(recorded.body.before.as_deref());
    add(
        "target",
        change.resource.map(|id| target(&change.kind, id, after)),
    );
    let outcome = if change.what == What::Refused {
        "denied"
    } else {
        "success"
    };
    add("outcome", Some(json!(outcome)));
    let reason = request.get("body").and_then(|body| body.get("reason"));
    let reason = reason.cloned().or_else(|| request.get("detail").cloned());
    add("reason", reason.filter(Value::is_string));
    let difference = Difference::recorded(
        recorded.body.before.as_deref(),
        recorded.body.after.as_deref(),
    );
    add(
        "changes",
        (!difference.is_empty()).then(|| difference.to_value()),
    );
    add(
        "requestId",
        request.get_mut("correlationId").map(Value::take),
    );
    let hash = recorded
        .sealed
        .as_ref()
        .map(|seal| json!(HEXLOWER.encode(&seal.hash)));
    add("hash", hash);
    document
}

/// What was done, as `type.what`; a verb is called by its name.
fn action(recorded: &Recorded, method: Option<&str>) -> String {
    let change = &recorded.change;
    let mut letters = change.kind.chars();
    let first = letters.next().map(|first| first.to_ascii_lowercase());
    let kind: String = first.into_iter().chain(letters).collect();
    let verb = method.and_then(|method| method.strip_prefix("POST "));
    format!("{kind}.{}", verb.unwrap_or(change.what.as_str()))
}

fn target(kind: &str, id: ResourceId, document: Option<&str>) -> Value {
    let document = document.map(serde_json::from_str::<Value>);
    let document = document.and_then(Result::ok);
    let name = ["displayName", "name", "userName"].iter().find_map(|name| {
        let value = document.as_ref()?.get(*name)?;
        value.as_str().map(str::to_owned)
    });
    reference::typed(kind, &id, name.as_deref())
}
