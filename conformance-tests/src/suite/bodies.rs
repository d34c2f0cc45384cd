//! The bodies that checks send.

use serde_json::{Value, json};

/// The URN of a PATCH body.
pub(crate) const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// `add` with a path.
pub(crate) fn add(path: &str, value: impl Into<Value>) -> Value {
    json!({"op": "add", "path": path, "value": value.into()})
}

/// `replace` with a path.
pub(crate) fn replace(path: &str, value: impl Into<Value>) -> Value {
    json!({"op": "replace", "path": path, "value": value.into()})
}

/// `remove` with a path.
pub(crate) fn remove(path: &str) -> Value {
    json!({"op": "remove", "path": path})
}

/// An operation whose value says what changes.
pub(crate) fn pathless(op: &str, value: impl Into<Value>) -> Value {
    json!({"op": op, "value": value.into()})
}

/// The body of a PATCH.
pub(crate) fn patch_body(operations: impl IntoIterator<Item = Value>) -> Value {
    let operations: Vec<Value> = operations.into_iter().collect();
    json!({"schemas": [PATCH_OP], "Operations": operations})
}

/// `base` with the members of `over`; null takes a member away.
pub(crate) fn merged(mut base: Value, over: Value) -> Value {
    if let (Some(members), Value::Object(over)) = (base.as_object_mut(), over) {
        for (name, value) in over {
            if value.is_null() {
                members.shift_remove(&name);
            } else {
                members.insert(name, value);
            }
        }
    }
    base
}
