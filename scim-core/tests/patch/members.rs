//! Members of groups, which no document holds.

use scim_core::patch::MEMBER_CHANGES_MAX;
use scim_core::resource::{Document, Policy, validate};
use scim_core::schema;
use serde_json::{Value, json};

use crate::{group, patch};

const A: &str = "00000000-0000-7000-8000-00000000000a";
const B: &str = "00000000-0000-7000-8000-00000000000b";

fn shown(operations: &Value, policy: &Policy) -> String {
    let body = json!({"schemas": [schema::GROUP_URN], "displayName": "staff"});
    let staff = validate::parse_new(&group(), body, policy)
        .unwrap()
        .document;
    match patch(&group(), staff, operations, policy) {
        Ok(patched) => {
            let last = |ids: &mut dyn Iterator<Item = String>| ids.collect::<String>();
            let name = |id: &scim_core::ResourceId| id.to_string().split_off(35);
            format!(
                "{}{}+{} -{} {}",
                if patched.changed { "changed " } else { "" },
                if patched.members.cleared {
                    "cleared "
                } else {
                    ""
                },
                last(&mut patched.members.added.iter().map(name)),
                last(&mut patched.members.removed.iter().map(name)),
                serde_json::to_string(&patched.repairs)
                    .unwrap()
                    .replace('"', ""),
            )
        }
        Err(error) => format!(
            "{}: {error}",
            error.scim_type().map_or("-", |it| it.as_str())
        ),
    }
}

macro_rules! check {
    ($operations:tt, @$shown:literal) => {
        insta::assert_snapshot!(shown(&json!($operations), &Policy::compatible()), @$shown)
    };
}

#[test]
fn entra_adds() {
    check!([{"op": "Add", "path": "members", "value": [{"$ref": null, "value": A}, {"$ref": null, "value": B}, {"value": A}]}], @"+ab - [opCase]");
}
#[test]
fn entra_removes_those_it_names() {
    check!([{"op": "Remove", "path": "members", "value": [{"$ref": null, "value": A}]}], @"+ -a [opCase,memberRemoveByValue]");
}
#[test]
fn entra_removes_with_the_flag() {
    check!([{"op": "remove", "path": (format!("members[value eq \"{A}\"]"))}], @"+ -a []");
}
#[test]
fn several_in_one_filter() {
    check!([{"op": "remove", "path": (format!("members[value eq \"{A}\" or value eq \"{B}\"]"))}], @"+ -ab []");
}
#[test]
fn ping_removes_inside_the_value() {
    check!([{"op": "remove", "path": "members", "value": {"members": [{"value": A}]}}], @"+ -a [memberRemoveByValue]");
}
#[test]
fn one_member_without_array() {
    check!([{"op": "remove", "path": "members", "value": {"value": A}}], @"+ -a [memberRemoveByValue,singleOrArray]");
}
#[test]
fn all_go() {
    check!([{"op": "remove", "path": "members"}], @"cleared + - []");
}
#[test]
fn naming_nobody_removes_nobody() {
    check!([{"op": "Remove", "path": "members", "value": []}], @"+ - [opCase,memberRemoveByValue]");
}
#[test]
fn empty_text_names_nobody_either() {
    check!([{"op": "remove", "path": "members", "value": ""}], @"invalidValue: members: expected an array of objects with a value");
}
#[test]
fn okta_replaces_the_list() {
    check!([{"op": "replace", "path": "members", "value": [{"value": A, "display": "ann"}]}], @"cleared +a - []");
}
#[test]
fn okta_empties_the_list() {
    check!([{"op": "replace", "path": "members", "value": []}], @"cleared + - []");
}
#[test]
fn okta_replaces_without_path() {
    check!([{"op": "replace", "value": {"members": [{"value": B}]}}], @"cleared +b - []");
}
#[test]
fn okta_renames_and_nobody_goes() {
    check!([{"op": "replace", "value": {"id": "00000000-0000-7000-8000-0000000000ff", "displayName": "crew"}}], @"changed + - [readOnlyIgnored]");
}
#[test]
fn added_without_path() {
    check!([{"op": "add", "value": {"members": [{"value": A}]}}], @"+a - []");
}
#[test]
fn the_last_word_counts() {
    check!([
        {"op": "add", "path": "members", "value": [{"value": A}, {"value": B}]},
        {"op": "remove", "path": (format!("members[value eq \"{A}\"]"))}
    ], @"+b -a []");
    check!([
        {"op": "remove", "path": (format!("members[value eq \"{A}\"]"))},
        {"op": "add", "path": "members", "value": [{"value": A}]}
    ], @"+a - []");
    check!([
        {"op": "replace", "path": "members", "value": [{"value": A}, {"value": B}]},
        {"op": "remove", "path": (format!("members[value eq \"{A}\"]"))}
    ], @"cleared +b - []");
}
#[test]
fn adding_what_is_no_id_is_refused() {
    check!([{"op": "add", "path": "members", "value": [{"value": "bob"}]}], @r#"invalidValue: members: no User or Group has the id "bob""#);
}
#[test]
fn removing_what_is_no_id_succeeds() {
    check!([{"op": "remove", "path": "members[value eq \"bob\"]"}, {"op": "remove", "path": "members", "value": [{"value": "bob"}]}], @"+ - [memberRemoveByValue]");
}
#[test]
fn members_are_selected_by_id_only() {
    check!([{"op": "remove", "path": "members[type eq \"User\"]"}],
        @r#"invalidPath: the path "members[type eq \"User\"]" cannot be used: members can be removed by members[value eq "…"], and added without a filter"#);
}
#[test]
fn a_member_is_an_object() {
    check!([{"op": "add", "path": "members", "value": [A]}], @"invalidValue: members: a member is an object whose value is the id of a resource");
}
#[test]
fn changes_are_counted() {
    let members = vec![json!({"value": A}); 2];
    let many: Vec<Value> = (0..=MEMBER_CHANGES_MAX)
        .map(|at| json!({"value": format!("00000000-0000-7000-8000-{at:012}")}))
        .collect();
    check!([{"op": "add", "path": "members", "value": members}], @"+a - []");
    check!([{"op": "add", "path": "members", "value": many}], @"-: too many members: at most 10000 in one request");
    let half = &many[..=MEMBER_CHANGES_MAX / 2];
    check!([{"op": "add", "path": "members", "value": half}, {"op": "remove", "path": "members", "value": half}],
        @"-: too many member changes: at most 10000 in one request");
}
#[test]
fn changes_are_empty_where_the_request_does_not_concern_members() {
    let is_empty = |operations: Value| {
        let mut staff = Document::default();
        staff.set(None, "displayName", json!("staff"));
        patch(&group(), staff, &operations, &Policy::strict())
            .unwrap()
            .members
            .is_empty()
    };
    let one = format!("members[value eq \"{A}\"]");
    assert!(is_empty(
        json!([{"op": "replace", "path": "displayName", "value": "crew"}])
    ));
    assert!(!is_empty(
        json!([{"op": "add", "path": "members", "value": [{"value": A}]}])
    ));
    assert!(!is_empty(json!([{"op": "remove", "path": one}])));
    assert!(!is_empty(json!([{"op": "remove", "path": "members"}])));
}
#[test]
fn strict_takes_no_value_for_remove() {
    let operations = json!([{"op": "remove", "path": "members", "value": [{"value": A}]}]);
    insta::assert_snapshot!(
        shown(&operations, &Policy::strict()),
        @r#"invalidSyntax: remove has no value: name what is to go in the path, as members[value eq "…"]"#
    );
}
