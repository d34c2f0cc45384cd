//! A recorded request as a `ProvisioningEvent`. Pure.

use std::collections::HashMap;

use scim_core::ResourceId;
use scim_server::store::{ConnectionId, Recorded, Stored, What};
use serde_json::{Map, Value, json};

use super::difference::Difference;
use crate::reference;
use crate::schemas::PROVISIONING_EVENT_URN;

/// The names of connections, and of people who act in their own name.
pub(super) type Names = HashMap<ConnectionId, String>;

/// The request that a change keeps, as an object.
pub(super) fn request(recorded: &Recorded) -> Map<String, Value> {
    let request = recorded.body.request.as_deref();
    let request = request.map(serde_json::from_str).and_then(Result::ok);
    request.unwrap_or_default()
}

/// Did a connection ask for this change of a User or a Group itself?
pub(super) fn is_request(recorded: &Recorded) -> bool {
    let change = &recorded.change;
    change.cause.is_none()
        && change.what != What::Erased
        && change.actor.is_some()
        && ["User", "Group"].contains(&change.kind.as_str())
}

/// The event, with what followed from it where that is known.
pub(super) fn stored(recorded: &Recorded, names: &Names, effects: &[Recorded]) -> Stored {
    let change = &recorded.change;
    Stored {
        kind: "ProvisioningEvent".to_owned(),
        id: ResourceId::new(change.id),
        owner: None,
        version: scim_core::Version(1),
        created: change.at,
        modified: change.at,
        document: Value::Object(document(recorded, names, effects)).to_string(),
    }
}

fn document(recorded: &Recorded, names: &Names, effects: &[Recorded]) -> Map<String, Value> {
    let change = &recorded.change;
    let mut request = request(recorded);
    let difference = Difference::recorded(
        recorded.body.before.as_deref(),
        recorded.body.after.as_deref(),
    );
    let mut document = Map::new();
    let mut add = |name: &str, value: Option<Value>| {
        if let Some(value) = value.filter(|value| !value.is_null()) {
            document.insert(name.to_owned(), value);
        }
    };
    let status = status(recorded, &request);
    add("schemas", Some(json!([PROVISIONING_EVENT_URN])));
    add("at", Some(json!(format!("{:.3}", change.at))));
    let token = change.actor.map(|actor| {
        let name = names.get(&actor).map(String::as_str);
        reference::to(&actor, name)
    });
    add("token", token);
    let agent = request.get("userAgent").and_then(Value::as_str);
    add("client", Some(json!(client(agent))));
    add("method", request.get_mut("method").map(Value::take));
    add("path", request.get_mut("path").map(Value::take));
    let resource = change.resource;
    let resource = resource.map(|resource| reference::typed(&change.kind, &resource, None));
    add("resource", resource);
    add("result", Some(json!(result(recorded, status, &difference))));
    add("httpStatus", Some(json!(status)));
    add("detail", request.get_mut("detail").map(Value::take));
    add(
        "quirks",
        request
            .get_mut("repairs")
            .map(Value::take)
            .filter(|it| *it != json!([])),
    );
    add(
        "diff",
        Some(difference.to_value()).filter(|it| *it != json!([])),
    );
    let followed: Vec<Value> = effects.iter().filter_map(effect).collect();
    add(
        "effects",
        (!followed.is_empty()).then(|| Value::Array(followed)),
    );
    add(
        "requestBody",
        request.get("body").map(|body| json!(body.to_string())),
    );
    add("durationMs", request.get_mut("durationMs").map(Value::take));
    add(
        "correlationId",
        request.get_mut("correlationId").map(Value::take),
    );
    document
}

/// The status that the client got.
fn status(recorded: &Recorded, request: &Map<String, Value>) -> u64 {
    match recorded.change.what {
        What::Created => 201,
        What::Deleted => 204,
        What::Updated | What::Unchanged | What::Erased => 200,
        What::Refused => request.get("status").and_then(Value::as_u64).unwrap_or(400),
    }
}

fn result(recorded: &Recorded, status: u64, difference: &Difference) -> &'static str {
    match recorded.change.what {
        What::Created => "created",
        What::Deleted => "deleted",
        What::Unchanged | What::Erased => "unchanged",
        What::Updated if difference.after("active") == Some("false") => "deactivated",
        What::Updated => "updated",
        What::Refused if status == 409 => "conflict",
        What::Refused => "rejected",
    }
}

/// Who the client is, by what it calls itself.
fn client(user_agent: Option<&str>) -> &'static str {
    let name = user_agent.unwrap_or_default().to_ascii_lowercase();
    let known = [
        ("okta", "okta"),
        ("onelogin", "onelogin"),
        ("jumpcloud", "jumpcloud"),
        ("google", "google"),
        ("azure", "entra"),
        ("microsoft", "entra"),
        ("entra", "entra"),
    ];
    let found = known.iter().find(|(part, _)| name.contains(part));
    found.map_or("other", |(_, client)| client)
}

fn effect(recorded: &Recorded) -> Option<Value> {
    let change = &recorded.change;
    if !["Host", "HostGroup", "ChangeSet", "ProvisioningConflict"].contains(&change.kind.as_str()) {
        return None;
    }
    let difference = Difference::recorded(
        recorded.body.before.as_deref(),
        recorded.body.after.as_deref(),
    );
    Some(json!({
        "type": change.kind,
        "value": change.resource?.to_string(),
        "what": change.what.as_str(),
        "attributes": difference.names(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_are_known_by_their_names() {
        let names = [
            Some("Okta SCIM Client 1.0.0"),
            Some("Azure AD SCIM"),
            Some("OneLogin/1.0"),
            Some("curl/8"),
            None,
        ];
        let known = names.map(client);
        assert_eq!(known, ["okta", "entra", "onelogin", "other", "other"]);
    }
}
