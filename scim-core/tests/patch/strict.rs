//! What a strict policy refuses.

use scim_core::resource::Policy;

use crate::check;

macro_rules! strict {
    ($before:tt, $operations:tt, @$shown:literal) => {
        check!($before, $operations, Policy::strict(), @$shown)
    };
}

#[test]
fn capital_ops() {
    strict!({}, [{"op": "Add", "path": "title", "value": "Dr"}], @"invalidSyntax: op is written add");
}
#[test]
fn text_for_a_boolean() {
    strict!({}, [{"op": "add", "path": "active", "value": "True"}], @"invalidValue: active: expected true or false");
}
#[test]
fn a_filter_without_match() {
    strict!({}, [{"op": "replace", "path": "emails[type eq \"work\"].value", "value": "a@x"}],
        @r#"noTarget: the path "emails[type eq \"work\"].value" selects no value of this resource"#);
}
#[test]
fn read_only() {
    strict!({}, [{"op": "replace", "path": "id", "value": "1"}], @"mutability: id cannot be changed: it is readOnly, or immutable and already set");
}
#[test]
fn what_is_filled_in_when_read() {
    strict!({}, [{"op": "remove", "path": "groups"}], @"mutability: groups cannot be changed: it is readOnly, or immutable and already set");
}
#[test]
fn unknown_attributes() {
    strict!({}, [{"op": "add", "path": "colour", "value": "red"}], @r#"invalidPath: the path "colour" cannot be used: User has no attribute "colour""#);
}
#[test]
fn unknown_keys() {
    strict!({}, [{"op": "add", "value": {"colour": "red"}}], @r#"invalidSyntax: User has no attribute "colour""#);
}
#[test]
fn dotted_keys() {
    strict!({}, [{"op": "add", "value": {"name.givenName": "Ann"}}], @r#"invalidSyntax: User has no attribute "name.givenName""#);
}
#[test]
fn a_remove_with_a_value() {
    strict!({"emails": [{"value": "a@x"}]}, [{"op": "remove", "path": "emails", "value": [{"value": "a@x"}]}],
        @r#"invalidSyntax: remove has no value: name what is to go in the path, as emails[value eq "…"]"#);
}
#[test]
fn an_extension_without_its_urn() {
    strict!({}, [{"op": "add", "path": "department", "value": "d"}], @r#"invalidPath: the path "department" cannot be used: User has no attribute "department""#);
}
#[test]
fn empty_text() {
    strict!({}, [{"op": "add", "path": "title", "value": ""}], @"invalidValue: title: the text is empty: send null to clear the attribute");
}
#[test]
fn no_operation() {
    strict!({}, [], @"invalidSyntax: a PATCH body has at least one of Operations");
}
#[test]
fn one_value_for_a_list() {
    strict!({}, [{"op": "add", "path": "emails", "value": {"value": "a@x"}}], @"invalidValue: emails: expected an array of values");
}
