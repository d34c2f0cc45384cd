//! RFC 7644 §3.5.2: what every policy does.

use crate::{ENTERPRISE, check};

#[test]
fn add_sets_a_single_value() {
    check!({}, [{"op": "add", "path": "title", "value": "Dr"}], @r#"{"title":"Dr"}"#);
}
#[test]
fn add_replaces_a_single_value() {
    check!({"title": "Mr"}, [{"op": "add", "path": "title", "value": "Dr"}], @r#"{"title":"Dr"}"#);
}
#[test]
fn names_match_in_any_case_and_come_out_in_the_schemas_spelling() {
    check!({}, [{"op": "add", "path": "NICKNAME", "value": "A"}, {"op": "add", "value": {"NAME": {"GIVENNAME": "Ann"}}}], @r#"{"nickName":"A","name":{"givenName":"Ann"}}"#);
}
#[test]
fn add_without_path_merges() {
    check!({"title": "Mr", "emails": [{"value": "a@x"}]}, [{"op": "add", "value": {"emails": [{"value": "b@x"}], "nickName": "A"}}], @r#"{"title":"Mr","emails":[{"value":"a@x"},{"value":"b@x"}],"nickName":"A"}"#);
}
#[test]
fn add_to_a_list_appends() {
    check!({"emails": [{"value": "a@x"}]}, [{"op": "add", "path": "emails", "value": [{"value": "b@x"}]}], @r#"{"emails":[{"value":"a@x"},{"value":"b@x"}]}"#);
}
#[test]
fn add_of_what_is_there_changes_nothing() {
    check!({"emails": [{"value": "a@x", "type": "work"}]}, [{"op": "add", "path": "emails", "value": [{"type": "work", "value": "a@x"}]}], @r#"unchanged {"emails":[{"value":"a@x","type":"work"}]}"#);
}
#[test]
fn add_to_a_complex_value_keeps_the_other_parts() {
    check!({"name": {"givenName": "Ann", "familyName": "Lee"}}, [{"op": "add", "path": "name", "value": {"familyName": "Li"}}], @r#"{"name":{"givenName":"Ann","familyName":"Li"}}"#);
}
#[test]
fn replace_of_a_complex_value_keeps_the_other_parts() {
    check!({"name": {"givenName": "Ann", "familyName": "Lee"}}, [{"op": "replace", "path": "name", "value": {"familyName": "Li"}}], @r#"{"name":{"givenName":"Ann","familyName":"Li"}}"#);
}
#[test]
fn replace_of_a_part() {
    check!({"name": {"givenName": "Ann"}}, [{"op": "replace", "path": "name.familyName", "value": "Lee"}], @r#"{"name":{"givenName":"Ann","familyName":"Lee"}}"#);
}
#[test]
fn replace_of_what_is_not_there_adds() {
    check!({}, [{"op": "replace", "path": "title", "value": "Dr"}], @r#"{"title":"Dr"}"#);
}
#[test]
fn replace_of_a_list() {
    check!({"emails": [{"value": "a@x"}, {"value": "b@x"}]}, [{"op": "replace", "path": "emails", "value": [{"value": "c@x"}]}], @r#"{"emails":[{"value":"c@x"}]}"#);
}
#[test]
fn replace_with_an_empty_list_clears() {
    check!({"emails": [{"value": "a@x"}]}, [{"op": "replace", "path": "emails", "value": []}], @"{}");
}
#[test]
fn replace_with_null_clears() {
    check!({"title": "Dr"}, [{"op": "replace", "path": "title", "value": null}], @"{}");
}
#[test]
fn replace_of_all_selected_values_not_only_the_first() {
    check!({"emails": [{"value": "a@x", "type": "work"}, {"value": "b@x", "type": "work"}, {"value": "c@x", "type": "home"}]},
        [{"op": "replace", "path": "emails[type eq \"work\"].display", "value": "W"}],
        @r#"{"emails":[{"value":"a@x","type":"work","display":"W"},{"value":"b@x","type":"work","display":"W"},{"value":"c@x","type":"home"}]}"#);
}
#[test]
fn replace_of_a_selected_value_as_a_whole() {
    check!({"emails": [{"value": "a@x", "type": "work", "display": "A"}, {"value": "c@x"}]},
        [{"op": "replace", "path": "emails[type eq \"work\"]", "value": {"value": "b@x", "type": "work"}}],
        @r#"{"emails":[{"value":"b@x","type":"work"},{"value":"c@x"}]}"#);
}
#[test]
fn add_to_a_selected_value_merges() {
    check!({"emails": [{"value": "a@x", "type": "work"}]},
        [{"op": "add", "path": "emails[type eq \"work\"]", "value": {"display": "A"}}],
        @r#"{"emails":[{"value":"a@x","type":"work","display":"A"}]}"#);
}
#[test]
fn remove_of_a_value() {
    check!({"title": "Dr", "nickName": "A"}, [{"op": "remove", "path": "title"}], @r#"{"nickName":"A"}"#);
}
#[test]
fn remove_of_what_is_not_there_succeeds() {
    check!({}, [{"op": "remove", "path": "title"}, {"op": "remove", "path": "emails[type eq \"work\"]"}], @"unchanged {}");
}
#[test]
fn remove_of_selected_values() {
    check!({"emails": [{"value": "a@x", "type": "work"}, {"value": "b@x", "type": "home"}, {"value": "c@x", "type": "work"}]},
        [{"op": "remove", "path": "emails[type eq \"work\"]"}], @r#"{"emails":[{"value":"b@x","type":"home"}]}"#);
}
#[test]
fn remove_of_the_last_value_removes_the_attribute() {
    check!({"emails": [{"value": "a@x", "type": "work"}]}, [{"op": "remove", "path": "emails[type eq \"work\" and value ew \"x\"]"}], @"{}");
}
#[test]
fn remove_of_a_part_of_selected_values() {
    check!({"emails": [{"value": "a@x", "type": "work", "display": "A"}]},
        [{"op": "remove", "path": "emails[type eq \"work\"].display"}], @r#"{"emails":[{"value":"a@x","type":"work"}]}"#);
}
#[test]
fn remove_of_a_part_of_all_values() {
    check!({"emails": [{"value": "a@x", "display": "A"}, {"value": "b@x", "display": "B"}]},
        [{"op": "remove", "path": "emails.display"}], @r#"{"emails":[{"value":"a@x"},{"value":"b@x"}]}"#);
}
#[test]
fn remove_of_the_last_part_removes_the_value() {
    check!({"name": {"givenName": "Ann"}}, [{"op": "remove", "path": "name.givenName"}], @"{}");
}
#[test]
fn a_new_primary_value_takes_it_from_the_old_one() {
    check!({"emails": [{"value": "a@x", "primary": true}]},
        [{"op": "add", "path": "emails", "value": [{"value": "b@x", "primary": true}]}],
        @r#"{"emails":[{"value":"a@x","primary":false},{"value":"b@x","primary":true}]}"#);
}
#[test]
fn a_value_that_becomes_primary_takes_it_from_the_others() {
    check!({"emails": [{"value": "a@x", "primary": true}, {"value": "b@x", "type": "home"}]},
        [{"op": "replace", "path": "emails[type eq \"home\"].primary", "value": true}],
        @r#"{"emails":[{"value":"a@x","primary":false},{"value":"b@x","type":"home","primary":true}]}"#);
}
#[test]
fn two_primary_values_are_refused() {
    check!({}, [{"op": "add", "path": "emails", "value": [{"value": "a@x", "primary": true}, {"value": "b@x", "primary": true}]}],
        @"invalidValue: emails: only one value may be primary");
}
#[test]
fn an_attribute_of_an_extension() {
    check!({}, [{"op": "add", "path": (format!("{ENTERPRISE}:department")), "value": "d"}], @r#"{"enterprise":{"department":"d"}}"#);
}
#[test]
fn a_whole_extension_is_merged() {
    check!({ENTERPRISE: {"department": "d", "costCenter": "c"}}, [{"op": "replace", "path": ENTERPRISE, "value": {"department": "e", "division": "f"}}],
        @r#"{"enterprise":{"department":"e","costCenter":"c","division":"f"}}"#);
}
#[test]
fn a_whole_extension_is_removed() {
    check!({ENTERPRISE: {"department": "d"}}, [{"op": "remove", "path": ENTERPRISE}], @"{}");
}
#[test]
fn an_extension_without_path() {
    check!({ENTERPRISE: {"costCenter": "c"}}, [{"op": "add", "value": {ENTERPRISE: {"department": "d"}}}], @r#"{"enterprise":{"costCenter":"c","department":"d"}}"#);
}
#[test]
fn the_core_urn_may_lead_a_path() {
    check!({}, [{"op": "add", "path": "urn:ietf:params:scim:schemas:core:2.0:User:name.givenName", "value": "Ann"}], @r#"{"name":{"givenName":"Ann"}}"#);
}
#[test]
fn removing_what_is_required_is_refused() {
    check!({}, [{"op": "remove", "path": "userName"}], @"mutability: userName cannot be changed: it is readOnly, or immutable and already set");
}
#[test]
fn operations_see_each_other() {
    check!({}, [{"op": "remove", "path": "userName"}, {"op": "add", "path": "userName", "value": "bob"}], @r#"{"userName":"bob"}"#);
}
#[test]
fn one_refusal_refuses_all() {
    check!({}, [{"op": "add", "path": "title", "value": "Dr"}, {"op": "add", "path": "name", "value": 5}], @"invalidValue: name: expected an object");
}
#[test]
fn a_value_of_the_wrong_type() {
    check!({}, [{"op": "replace", "path": "active", "value": "yes"}], @"invalidValue: active: expected true or false");
}
#[test]
fn a_path_that_cannot_be_read() {
    check!({}, [{"op": "replace", "path": "emails[type eq", "value": "x"}], @r#"invalidPath: the path "emails[type eq" cannot be used: expected a value at 14"#);
}
#[test]
fn a_value_without_path_is_an_object() {
    check!({}, [{"op": "replace", "value": "x"}], @"invalidSyntax: without a path, the value of an operation is an object of attributes");
}
#[test]
fn values_are_kept_to_the_last_character() {
    check!({}, [{"op": "replace", "path": "displayName", "value": " two  words\t"}], @r#"{"displayName":" two  words\t"}"#);
}
#[test]
fn nul_is_refused() {
    check!({}, [{"op": "replace", "path": "displayName", "value": "a\u{0}b"}], @"invalidValue: displayName: the character U+0000 is not accepted");
}
#[test]
fn a_new_primary_value_while_another_part_goes() {
    check!({"emails": [{"value": "a@x", "type": "work", "display": "A"}, {"value": "b@x", "primary": true}]},
        [{"op": "add", "path": "emails[type eq \"work\"]", "value": {"display": null, "primary": true}}],
        @r#"{"emails":[{"value":"a@x","type":"work","primary":true},{"value":"b@x","primary":false}]}"#);
}
