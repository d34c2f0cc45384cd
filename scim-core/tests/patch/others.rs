//! What other directories send.

use crate::check;

#[test]
fn keycloak_booleans() {
    check!({"active": true}, [{"op": "replace", "value": {"active": "false"}}], @r#"{"active":false} [boolString]"#);
}
#[test]
fn sailpoint_replaces_a_complex_value_and_means_merge() {
    check!({"name": {"givenName": "Ann", "familyName": "Lee"}}, [{"op": "replace", "value": {"name": {"givenName": "Anna"}}}],
        @r#"{"name":{"givenName":"Anna","familyName":"Lee"}}"#);
}
#[test]
fn ping_repeats_the_name_in_the_value() {
    check!({"emails": [{"value": "a@x"}, {"value": "b@x"}]}, [{"op": "remove", "path": "emails", "value": {"emails": [{"value": "a@x"}]}}],
        @r#"{"emails":[{"value":"b@x"}]} [removeByValue]"#);
}
#[test]
fn an_empty_request_changes_nothing() {
    check!({}, [], @"unchanged {} [emptyOperations]");
}
#[test]
fn one_value_where_a_list_is_expected() {
    check!({}, [{"op": "add", "path": "emails", "value": {"value": "a@x"}}], @r#"{"emails":[{"value":"a@x"}]} [singleOrArray]"#);
}
#[test]
fn a_switch_of_its_own() {
    let policy: scim_core::resource::Policy =
        serde_json::from_str(r#"{"createOnNoMatch": false}"#).unwrap();
    check!({}, [{"op": "Replace", "path": "emails[type eq \"work\"].value", "value": "a@x"}], policy,
        @r#"noTarget: the path "emails[type eq \"work\"].value" selects no value of this resource"#);
}
