//! What the targets share: users, groups, and a user.
#![allow(dead_code, reason = "no target uses all of it")]

use std::sync::LazyLock;

use scim_core::{Document, ResourceType, schema};
use serde_json::{Value, json};

pub static USER: LazyLock<ResourceType> = LazyLock::new(|| {
    ResourceType::new("User", "/Users", schema::user())
        .extension(schema::enterprise_user())
        .unique(["userName", "externalId"])
        .indexed(["emails.value", "active + userName"])
        .reverse("groups", "members")
        .build()
        .expect("the paths are those of the schemas")
});

pub static GROUP: LazyLock<ResourceType> = LazyLock::new(|| {
    ResourceType::new("Group", "/Groups", schema::group())
        .unique(["displayName"])
        .rows("members", ["User", "Group"])
        .build()
        .expect("the paths are those of the schemas")
});

pub static ANN: LazyLock<Value> = LazyLock::new(|| {
    json!({
        "schemas": [schema::USER_URN, schema::ENTERPRISE_USER_URN],
        "id": "0190f3c2-1111-7000-8000-000000000001",
        "userName": "Ann@Example.com",
        "name": {"givenName": "Zo\u{eb}", "familyName": "Stra\u{df}e"},
        "active": true,
        "emails": [
            {"value": "ann@example.com", "type": "work", "primary": true},
            {"value": "ann@home.example", "type": "home"},
        ],
        "roles": [{"value": "a", "primary": false}],
        schema::ENTERPRISE_USER_URN: {"department": "Sales", "manager": {"value": "2"}},
        "meta": {"resourceType": "User", "lastModified": "2026-01-31T08:00:00.5Z"},
    })
});

/// Fails if something in the document is null or empty.
pub fn is_canonical(document: &Document) {
    fn check(value: &Value) -> bool {
        match value {
            Value::Null => false,
            Value::String(text) => !text.is_empty(),
            Value::Array(values) => !values.is_empty() && values.iter().all(check),
            Value::Object(map) => !map.is_empty() && map.values().all(check),
            Value::Bool(_) | Value::Number(_) => true,
        }
    }
    assert!(document.as_map().values().all(check), "{document}");
}
