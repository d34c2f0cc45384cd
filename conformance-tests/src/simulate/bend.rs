//! Bodies as a provider with a habit sends them. Each function tells whether it made, or found, the
//! difference.

use serde_json::{Map, Value, json};

use super::values::ENTERPRISE_URN;

fn operations(body: &mut Value) -> impl Iterator<Item = &mut Map<String, Value>> {
    let operations = body.get_mut("Operations").and_then(Value::as_array_mut);
    let operations = operations.into_iter().flatten();
    operations.filter_map(Value::as_object_mut)
}

fn text<'o>(operation: &'o Map<String, Value>, name: &str) -> &'o str {
    operation
        .get(name)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

pub(super) fn give_role(role: &str, method: &str, body: &mut Value) -> bool {
    let is_user = body.get("userName").is_some();
    if !is_user || !matches!(method, "POST" | "PUT") {
        return false;
    }
    let inner = json!({"id": "18d14569", "value": role, "displayName": "Visitor Host"});
    body["roles"] = json!([{"value": inner.to_string(), "display": "Visitor Host"}]);
    true
}

pub(super) fn capital_ops(body: &mut Value) -> bool {
    let mut bent = false;
    for operation in operations(body) {
        let op = text(operation, "op");
        let capital: String = op
            .char_indices()
            .map(|(at, sign)| {
                if at == 0 {
                    sign.to_ascii_uppercase()
                } else {
                    sign
                }
            })
            .collect();
        operation.insert("op".to_owned(), json!(capital));
        bent = true;
    }
    bent
}

pub(super) fn booleans_as_text(body: &mut Value) -> bool {
    let mut bent = false;
    match body {
        Value::Object(object) => {
            let at_active = text(object, "path") == "active";
            for (key, value) in object {
                let named = key == "active" || key == "primary" || (at_active && key == "value");
                match value {
                    Value::Bool(meant) if named => {
                        *value = json!(if *meant { "True" } else { "False" });
                        bent = true;
                    }
                    Value::String(_) if at_active && key == "value" => bent = true,
                    inner => bent |= booleans_as_text(inner),
                }
            }
        }
        Value::Array(items) => {
            for item in items {
                bent |= booleans_as_text(item);
            }
        }
        _ => {}
    }
    bent
}

/// Only where there is one value: with several, all of them would change.
pub(super) fn without_type(body: &mut Value) -> bool {
    let mut bent = false;
    for operation in operations(body) {
        let replaces = text(operation, "op").eq_ignore_ascii_case("replace");
        let short = match text(operation, "path") {
            r#"emails[type eq "work"].value"# => "emails.value",
            r#"addresses[type eq "other"].formatted"# => "addresses.formatted",
            _ => continue,
        };
        if replaces {
            operation.insert("path".to_owned(), json!(short));
            bent = true;
        }
    }
    bent
}

pub(super) fn remove_by_filter(body: &mut Value) -> bool {
    let Some(all) = body.get_mut("Operations").and_then(Value::as_array_mut) else {
        return false;
    };
    let mut bent = false;
    let mut after = Vec::new();
    for operation in all.drain(..) {
        let removes = operation["op"]
            .as_str()
            .is_some_and(|op| op.eq_ignore_ascii_case("remove"));
        let path = operation["path"].as_str().unwrap_or_default();
        match operation["value"].as_array() {
            Some(members) if removes && path == "members" => {
                bent = true;
                after.extend(members.iter().map(|member| {
                    let id = member["value"].as_str().unwrap_or_default();
                    json!({"op": operation["op"], "path": format!("members[value eq \"{id}\"]")})
                }));
            }
            _ => {
                bent |= removes && path.starts_with("members[");
                after.push(operation);
            }
        }
    }
    *all = after;
    bent
}

pub(super) fn flatten(body: &mut Value) -> bool {
    let mut bent = body.as_object_mut().is_some_and(flatten_keys);
    for operation in operations(body) {
        let department = format!("{ENTERPRISE_URN}:department");
        if text(operation, "path") == department {
            operation.insert("path".to_owned(), json!(with_dot("department")));
            bent = true;
        }
        let inner = operation.get_mut("value").and_then(Value::as_object_mut);
        bent |= inner.is_some_and(flatten_keys);
    }
    bent
}

fn with_dot(name: &str) -> String {
    format!("{ENTERPRISE_URN}.{name}")
}

/// Departments with a dot, everything else that is simple with a colon.
fn flatten_keys(object: &mut Map<String, Value>) -> bool {
    let already = object.keys().any(|key| {
        key.strip_prefix(ENTERPRISE_URN)
            .is_some_and(|rest| !rest.is_empty())
    });
    let Some(Value::Object(extension)) = object.shift_remove(ENTERPRISE_URN) else {
        return already;
    };
    let (simple, complex): (Map<_, _>, Map<_, _>) = extension
        .into_iter()
        .partition(|(_, value)| !value.is_object());
    let bent = !simple.is_empty();
    for (name, value) in simple {
        let key = match name.as_str() {
            "department" => with_dot(&name),
            _ => format!("{ENTERPRISE_URN}:{name}"),
        };
        object.insert(key, value);
    }
    if !complex.is_empty() {
        object.insert(ENTERPRISE_URN.to_owned(), Value::Object(complex));
    }
    bent || already
}

pub(super) fn undeclare(body: &mut Value) -> bool {
    let uses = body
        .as_object()
        .is_some_and(|object| object.keys().any(|key| key.starts_with(ENTERPRISE_URN)));
    let Some(schemas) = body.get_mut("schemas").and_then(Value::as_array_mut) else {
        return false;
    };
    schemas.retain(|urn| urn != ENTERPRISE_URN);
    uses
}
