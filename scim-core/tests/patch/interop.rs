//! What the interoperability profile refuses and the RFCs allow.

use scim_core::resource::Policy;

use crate::check;

macro_rules! interop {
    ($before:tt, $operations:tt, @$shown:literal) => {
        check!($before, $operations, Policy::interop(), @$shown)
    };
}

#[test]
fn an_operation_has_a_path() {
    interop!({}, [{"op": "replace", "value": {"active": false}}], @"invalidSyntax: an operation has a path that says what to change");
}
#[test]
fn replace_of_a_complex_value_replaces_it_as_a_whole() {
    interop!({"name": {"givenName": "Ann", "familyName": "Lee"}}, [{"op": "replace", "path": "name", "value": {"familyName": "Li"}}], @r#"{"name":{"familyName":"Li"}}"#);
}
#[test]
fn add_to_a_complex_value_merges() {
    interop!({"name": {"givenName": "Ann", "familyName": "Lee"}}, [{"op": "add", "path": "name", "value": {"familyName": "Li"}}], @r#"{"name":{"givenName":"Ann","familyName":"Li"}}"#);
}
#[test]
fn brackets_are_followed_by_a_part() {
    interop!({"emails": [{"value": "a@x", "type": "work"}]}, [{"op": "replace", "path": "emails[type eq \"work\"]", "value": {"value": "b@x"}}],
        @r#"invalidPath: the path "emails[type eq \"work\"]" cannot be used: name the sub-attribute to change after the brackets"#);
}
#[test]
fn a_value_may_be_removed_by_brackets() {
    interop!({"emails": [{"value": "a@x", "type": "work"}]}, [{"op": "remove", "path": "emails[type eq \"work\"]"}], @"{}");
}
#[test]
fn brackets_select_one_value() {
    interop!({"emails": [{"value": "a@x", "type": "work"}, {"value": "b@x", "type": "work"}]},
        [{"op": "replace", "path": "emails[type eq \"work\"].value", "value": "c@x"}],
        @r#"invalidFilter: the path "emails[type eq \"work\"].value" selects several values: add conditions until it selects one"#);
    interop!({"emails": [{"value": "a@x", "type": "work"}, {"value": "b@x", "type": "home"}]},
        [{"op": "replace", "path": "emails[type eq \"work\"].value", "value": "c@x"}],
        @r#"{"emails":[{"value":"c@x","type":"work"},{"value":"b@x","type":"home"}]}"#);
}
#[test]
fn what_strict_refuses() {
    interop!({}, [{"op": "Replace", "path": "active", "value": false}], @"invalidSyntax: op is written replace");
    interop!({}, [{"op": "replace", "path": "active", "value": "False"}], @"invalidValue: active: expected true or false");
}
