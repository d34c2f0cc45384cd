//! References as the product stores them: `{value, display, type}`; `$ref` is added when read.

use scim_core::ResourceId;
use scim_core::schema::ENTERPRISE_USER_URN;
use scim_server::store::ConnectionId;
use serde_json::{Map, Value, json};

/// `{value, display}`.
pub(crate) fn to(id: &impl ToString, display: Option<&str>) -> Value {
    let mut reference = Map::new();
    reference.insert("value".to_owned(), json!(id.to_string()));
    if let Some(display) = display {
        reference.insert("display".to_owned(), json!(display));
    }
    Value::Object(reference)
}

/// The same with the type of what it leads to.
pub(crate) fn typed(kind: &str, id: &impl ToString, display: Option<&str>) -> Value {
    let mut reference = to(id, display);
    if let Some(reference) = reference.as_object_mut() {
        reference.insert("type".to_owned(), json!(kind));
    }
    reference
}

/// The id in a reference inside of a complex attribute, which is a text of its own.
pub(crate) fn id(text: Option<&Value>) -> Option<ResourceId> {
    text?.as_str()?.parse().ok()
}

/// The connection that a reference such as `managedBy` names.
pub(crate) fn connection(reference: Option<&Value>) -> Option<ConnectionId> {
    reference?.get("value")?.as_str()?.parse().ok()
}

/// The User whom a User names as manager.
pub(crate) fn manager_of(user: &Map<String, Value>) -> Option<ResourceId> {
    target(user.get(ENTERPRISE_USER_URN)?.get("manager"))
}

/// Where a reference leads.
pub(crate) fn target(reference: Option<&Value>) -> Option<ResourceId> {
    reference?.get("value")?.as_str()?.parse().ok()
}
