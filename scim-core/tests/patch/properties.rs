//! What holds for every value.

use proptest::prelude::{Just, Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest};
use scim_core::resource::Policy;
use serde_json::{Value, json};

use crate::{USER, ann, model, patch};

fn email() -> impl Strategy<Value = Value> {
    let kind = prop_oneof![Just("work"), Just("home"), Just("other")];
    ("[a-c]@x", kind).prop_map(|(value, kind)| json!({"value": value, "type": kind}))
}

/// Any JSON that an operation may hold as its value.
fn json_value() -> impl Strategy<Value = Value> {
    let simple = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::from),
        ".{0,8}".prop_map(Value::String),
    ];
    simple.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            proptest::collection::vec(("[a-zA-Z$.:]{1,8}|value|type|name", inner), 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn replace_twice_is_replace_once(
        before in proptest::collection::vec(email(), 0..4),
        after in proptest::collection::vec(email(), 0..4),
        title in "[a-z]{0,3}",
    ) {
        let operations = json!([
            {"op": "replace", "path": "emails", "value": after},
            {"op": "replace", "path": "title", "value": title},
            {"op": "replace", "path": "emails[type eq \"work\"].value", "value": "w@x"},
        ]);
        let policy = Policy::compatible();
        let once = patch(&USER, ann(&json!({"emails": before})), &operations, &policy).unwrap();
        let twice = patch(&USER, once.document.clone(), &operations, &policy).unwrap();
        prop_assert_eq!(once.document, twice.document);
        prop_assert!(!twice.changed);
    }

    #[test]
    fn the_model_agrees(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
        model::check(&bytes);
    }

    #[test]
    fn no_value_breaks_the_document(
        op in prop_oneof![Just("add"), Just("replace"), Just("remove")],
        path in prop_oneof![
            Just("emails"), Just("emails[type eq \"work\"]"), Just("emails.value"), Just("name"),
            Just("name.givenName"), Just("title"), Just("active"), Just("manager"),
            Just("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"), Just("x"), Just(""),
        ],
        value in json_value(),
    ) {
        let before = ann(&json!({"emails": [{"value": "a@x", "type": "work"}], "title": "Dr"}));
        let operations = json!([{"op": op, "path": path, "value": value}]);
        if let Ok(patched) = patch(&USER, before.clone(), &operations, &Policy::compatible()) {
            prop_assert_eq!(patched.changed, patched.document != before);
            prop_assert!(is_canonical(&Value::Object(patched.document.into_map())));
        }
    }
}

/// Nothing is null or empty, at any depth.
fn is_canonical(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(values) => !values.is_empty() && values.iter().all(is_canonical),
        Value::Object(map) => !map.is_empty() && map.values().all(is_canonical),
        Value::Bool(_) | Value::Number(_) => true,
    }
}
