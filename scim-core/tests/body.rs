//! The bodies of POST and PUT, as tables: a body, and the document it becomes.

use scim_core::resource::{Document, Policy, Repairs, VALUES_MAX, parse_replacement, validate};
use scim_core::schema::{Schema, USER_URN};
use scim_core::{Error, ResourceType, schema};
use serde_json::{Value, json};

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const A: &str = "00000000-0000-7000-8000-00000000000a";
const B: &str = "00000000-0000-7000-8000-00000000000b";

fn user() -> ResourceType {
    ResourceType::new("User", "/Users", schema::user())
        .extension(schema::enterprise_user())
        .build()
        .unwrap()
}

fn group() -> ResourceType {
    ResourceType::new("Group", "/Groups", schema::group())
        .rows("members", ["User", "Group"])
        .build()
        .unwrap()
}

/// A product type: strict, with an attribute that is set once and one that
/// only the server sets.
fn badge() -> ResourceType {
    let schema = Schema::from_json(
        r#"{"id": "urn:example:Badge", "attributes": [
            {"name": "number", "type": "integer", "required": true, "mutability": "immutable"},
            {"name": "color", "type": "string", "canonicalValues": ["red", "blue"]},
            {"name": "weight", "type": "decimal"},
            {"name": "photo", "type": "binary"},
            {"name": "issued", "type": "dateTime"},
            {"name": "holder", "type": "string", "mutability": "readOnly"},
            {"name": "secret", "type": "string", "mutability": "writeOnly", "returned": "never"},
            {"name": "label", "type": "complex", "subAttributes": [
                {"name": "text", "type": "string", "required": true}, {"name": "font", "type": "string"}]},
            {"name": "doors", "type": "complex", "multiValued": true, "subAttributes": [
                {"name": "value", "type": "string", "required": true}, {"name": "floor", "type": "integer"}]}
        ]}"#,
    );
    ResourceType::new("Badge", "/Badges", schema.unwrap())
        .strict()
        .build()
        .unwrap()
}

fn shown(result: Result<(Document, Repairs), Error>) -> String {
    match result {
        Ok((document, repairs)) => {
            let document = document.to_string().replace(ENTERPRISE, "enterprise");
            let document = document.replace(USER_URN, "user");
            match serde_json::to_string(&repairs).unwrap().as_str() {
                "[]" => document,
                repairs => format!("{document} {}", repairs.replace('"', "")),
            }
        }
        Err(error) => {
            let keyword = error.scim_type().map_or("-", |it| it.as_str());
            format!("{keyword}: {error}").replace(ENTERPRISE, "enterprise")
        }
    }
}

fn created(resource_type: &ResourceType, body: Value, policy: &Policy) -> String {
    let new = validate::parse_new(resource_type, body, policy);
    shown(new.map(|new| (new.document, new.repairs)))
}

macro_rules! check {
    ($body:tt, @$shown:literal) => {
        insta::assert_snapshot!(created(&user(), json!($body), &Policy::compatible()), @$shown)
    };
}
macro_rules! strict {
    ($body:tt, @$shown:literal) => {
        insta::assert_snapshot!(created(&user(), json!($body), &Policy::strict()), @$shown)
    };
}
macro_rules! badge {
    ($body:tt, @$shown:literal) => {
        insta::assert_snapshot!(created(&badge(), json!($body), &Policy::compatible()), @$shown)
    };
}

#[test]
fn names_come_out_in_the_schemas_spelling() {
    check!({"SCHEMAS": [USER_URN], "username": "ann", "NAME": {"GivenName": "Ann"}}, @r#"{"schemas":["user"],"userName":"ann","name":{"givenName":"Ann"}}"#);
}
#[test]
fn a_body_is_an_object() {
    check!([], @"invalidSyntax: a User is a JSON object");
}
#[test]
fn a_name_in_two_spellings() {
    check!({"userName": "ann", "username": "bob"}, @r#"invalidSyntax: "userName" is given twice"#);
    check!({"userName": "ann", "name": {"givenName": "a", "GivenName": "b"}}, @r#"invalidSyntax: "name.GivenName" is given twice"#);
}
#[test]
fn what_is_required() {
    check!({"schemas": [USER_URN]}, @"invalidValue: userName: a value is required");
    check!({"schemas": [USER_URN], "userName": ""}, @"invalidValue: userName: a value is required");
    badge!({"schemas": ["urn:example:Badge"], "number": 1, "label": {"font": "Mono"}}, @"invalidValue: label.text: a value is required");
    badge!({"schemas": ["urn:example:Badge"], "number": 1, "doors": [{"value": "A"}, {"floor": 2}]}, @"invalidValue: doors.value: a value is required");
}
#[test]
fn one_value_is_no_list_and_text_is_no_object() {
    strict!({"schemas": [USER_URN, ENTERPRISE], "userName": "ann", ENTERPRISE: {"manager": "7"}}, @"invalidValue: enterprise:manager: expected an object");
    strict!({"schemas": [USER_URN, ENTERPRISE], "userName": "ann", ENTERPRISE: {"manager": [{"value": "7"}]}}, @"invalidValue: enterprise:manager: expected an object");
    check!({"schemas": [USER_URN], "userName": "ann", "emails": ["a@x"]}, @"invalidValue: emails: expected an object");
    check!({"schemas": [USER_URN], "userName": "ann", "emails": [[{"value": "a@x"}]]}, @"invalidValue: emails: expected an object");
}
#[test]
fn schemas_absent_or_incomplete() {
    check!({"userName": "ann"}, @r#"{"schemas":["user"],"userName":"ann"} [schemasIncomplete]"#);
    strict!({"userName": "ann"}, @"invalidValue: schemas: expected urn:ietf:params:scim:schemas:core:2.0:User");
    strict!({"schemas": [USER_URN, "urn:example:X"], "userName": "ann"}, @r#"invalidValue: schemas: User has no schema "urn:example:X""#);
    check!({"schemas": [USER_URN, "urn:example:X"], "userName": "ann"}, @r#"{"schemas":["user"],"userName":"ann"} [schemaUnknown]"#);
}
#[test]
fn schemas_are_written_anew() {
    check!({"schemas": [USER_URN, ENTERPRISE], "userName": "ann"}, @r#"{"schemas":["user"],"userName":"ann"}"#);
    check!({"schemas": [USER_URN], "userName": "ann", ENTERPRISE: {"department": "d"}},
        @r#"{"schemas":["user","enterprise"],"userName":"ann","enterprise":{"department":"d"}} [extensionUndeclared]"#);
}
#[test]
fn entra_creates() {
    check!({
        "schemas": [USER_URN, "urn:ietf:params:scim:schemas:extension:enterprise:2.0User"],
        "externalId": "jyoung", "userName": "ann", "active": true, "addresses": null, "displayName": null,
        "emails": [{"type": "work", "value": "a@x", "primary": true}], "meta": {"resourceType": "User"},
        "roles": [], "phoneNumbers": null, "title": null, "unheardOf": null
    }, @r#"{"schemas":["user"],"externalId":"jyoung","userName":"ann","active":true,"emails":[{"type":"work","value":"a@x","primary":true}]} [schemaMisspelled]"#);
}
#[test]
fn entra_creates_with_a_misspelled_extension() {
    check!({"schemas": [USER_URN], "userName": "ann", "urn:ietf:params:scim:schemas:extension:enterprise:2.0User": {"department": "d"}},
        @r#"{"schemas":["user","enterprise"],"userName":"ann","enterprise":{"department":"d"}} [schemaMisspelled,extensionUndeclared]"#);
}
#[test]
fn entra_roles() {
    check!({"schemas": [USER_URN], "userName": "ann", "roles": [{"primary": "True", "type": "t", "value": "r"}]},
        @r#"{"schemas":["user"],"userName":"ann","roles":[{"primary":true,"type":"t","value":"r"}]} [boolString]"#);
}
#[test]
fn json_text_is_looked_for_only_where_a_value_can_be() {
    check!({"schemas": [USER_URN], "userName": "ann", "name": {"givenName": "Ann", "value": "{\"value\": \"x\"}"}},
        @r#"{"schemas":["user"],"userName":"ann","name":{"givenName":"Ann"}} [unknownAttributeIgnored]"#);
}
#[test]
fn okta_creates() {
    check!({
        "schemas": [USER_URN], "userName": "ann", "name": {"givenName": "Ann", "familyName": "Lee"},
        "emails": [{"primary": true, "value": "a@x", "type": "work"}], "displayName": "Ann Lee", "locale": "en-US",
        "externalId": "00u1", "groups": [], "password": "1mz050nq", "active": true
    }, @r#"{"schemas":["user"],"userName":"ann","name":{"givenName":"Ann","familyName":"Lee"},"emails":[{"primary":true,"value":"a@x","type":"work"}],"displayName":"Ann Lee","locale":"en-US","externalId":"00u1","active":true} [passwordDiscarded]"#);
}
#[test]
fn onelogin_creates() {
    check!({
        "schemas": [USER_URN], "id": null, "userName": "ann", "active": "true",
        ENTERPRISE: {"manager": {"managerId": "7"}, "department": ""}
    }, @r#"{"schemas":["user"],"userName":"ann","active":true} [boolString,unknownAttributeIgnored,emptyClears,extensionUndeclared]"#);
}
#[test]
fn what_the_server_writes_is_ignored() {
    strict!({"schemas": [USER_URN], "userName": "ann", "id": "1", "meta": {"version": "x"}, "groups": [{"value": "1"}]}, @r#"{"schemas":["user"],"userName":"ann"}"#);
}
#[test]
fn strict_wants_extensions_declared() {
    strict!({"schemas": [USER_URN], "userName": "ann", ENTERPRISE: {"department": "d"}}, @"invalidValue: schemas: expected enterprise too");
    strict!({"schemas": [USER_URN, ENTERPRISE], "userName": "ann", ENTERPRISE: {"department": "d"}}, @r#"{"schemas":["user","enterprise"],"userName":"ann","enterprise":{"department":"d"}}"#);
}
#[test]
fn unknown_attributes() {
    check!({"schemas": [USER_URN], "userName": "ann", "colour": 1, "name": {"colour": 1}}, @r#"{"schemas":["user"],"userName":"ann"} [unknownAttributeIgnored]"#);
    strict!({"schemas": [USER_URN], "userName": "ann", "name": {"colour": 1}}, @r#"invalidSyntax: User has no attribute "name.colour""#);
}
#[test]
fn equal_values_are_one_value() {
    check!({"schemas": [USER_URN], "userName": "ann", "emails": [{"value": "a@x"}, {"value": "a@x"}, null, {}]}, @r#"{"schemas":["user"],"userName":"ann","emails":[{"value":"a@x"}]}"#);
}
#[test]
fn values_are_counted() {
    let body = |count: usize| {
        let emails: Vec<Value> = (0..count)
            .map(|it| json!({"value": it.to_string()}))
            .collect();
        json!({"schemas": [USER_URN], "userName": "ann", "emails": emails})
    };
    assert!(validate::parse_new(&user(), body(VALUES_MAX), &Policy::strict()).is_ok());
    insta::assert_snapshot!(created(&user(), body(VALUES_MAX + 1), &Policy::strict()), @"-: too many values of one attribute: at most 1000 in one request");
}
#[test]
fn two_primary_values() {
    check!({"schemas": [USER_URN], "userName": "ann", "emails": [{"value": "a", "primary": true}, {"value": "b", "primary": true}]}, @"invalidValue: emails: only one value may be primary");
}
#[test]
fn invisible_characters_in_user_names() {
    check!({"schemas": [USER_URN], "userName": "an\u{200d}n"}, @"invalidValue: userName: the invisible character U+200D is not accepted");
    check!({"schemas": [USER_URN], "userName": "ann", "displayName": "an\u{200d}n"}, @"{\"schemas\":[\"user\"],\"userName\":\"ann\",\"displayName\":\"an\u{200d}n\"}");
}
#[test]
fn canonical_values_of_the_core_are_suggestions() {
    strict!({"schemas": [USER_URN], "userName": "ann", "emails": [{"value": "a", "type": "pager"}]}, @r#"{"schemas":["user"],"userName":"ann","emails":[{"value":"a","type":"pager"}]}"#);
}
#[test]
fn types_of_a_product() {
    badge!({"schemas": ["urn:example:Badge"], "number": 1, "color": "red", "weight": 1.5, "photo": "aGk=", "issued": "2026-01-31T08:00:00+01:00", "holder": "me", "secret": "s"},
        @r#"{"schemas":["urn:example:Badge"],"number":1,"color":"red","weight":1.5,"photo":"aGk=","issued":"2026-01-31T08:00:00+01:00","secret":"s"}"#);
    badge!({"schemas": ["urn:example:Badge"], "number": 1.5}, @"invalidValue: number: expected a whole number");
    badge!({"schemas": ["urn:example:Badge"], "number": "1"}, @"invalidValue: number: expected a whole number");
    badge!({"schemas": ["urn:example:Badge"], "number": 1, "color": "green"}, @r#"invalidValue: color: "green" is not one of red, blue"#);
    badge!({"schemas": ["urn:example:Badge"], "number": 1, "weight": true}, @"invalidValue: weight: expected a number");
    badge!({"schemas": ["urn:example:Badge"], "number": 1, "photo": "%"}, @"invalidValue: photo: expected base64");
    badge!({"schemas": ["urn:example:Badge"], "number": 1, "issued": "today"}, @r#"invalidValue: issued: "today" is no dateTime such as 2026-01-31T08:00:00Z"#);
}
#[test]
fn members_are_split_from_the_document() {
    let body = json!({"schemas": [schema::GROUP_URN], "displayName": "staff", "members": [{"value": A, "$ref": null}, {"VALUE": B}, {"value": A}]});
    let new = validate::parse_new(&group(), body, &Policy::compatible()).unwrap();
    assert_eq!(new.members, [A.parse().unwrap(), B.parse().unwrap()]);
    assert_eq!(new.document.get("members"), None);
}
#[test]
fn members_are_known_by_id() {
    let refused = |members: Value| {
        let body =
            json!({"schemas": [schema::GROUP_URN], "displayName": "staff", "members": members});
        created(&group(), body, &Policy::compatible())
    };
    insta::assert_snapshot!(refused(json!([{"value": "bob"}])), @r#"invalidValue: members: no User or Group has the id "bob""#);
    insta::assert_snapshot!(refused(json!("bob")), @"invalidValue: members: expected an array of objects with a value");
    let body =
        json!({"schemas": [schema::GROUP_URN], "displayName": "staff", "members": {"value": A}});
    insta::assert_snapshot!(created(&group(), body.clone(), &Policy::strict()), @"invalidValue: members: expected an array of objects with a value");
    insta::assert_snapshot!(created(&group(), body, &Policy::compatible()), @r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"staff"} [singleOrArray]"#);
}

fn replaced(resource_type: &ResourceType, current: Value, body: Value) -> String {
    let Value::Object(current) = current else {
        return "no object".to_owned();
    };
    let current = Document::from_stored(current);
    let result = parse_replacement(resource_type, &current, body, &Policy::compatible());
    let changed = result.as_ref().is_ok_and(|replacement| replacement.changed);
    let shown = shown(result.map(|replacement| (replacement.document, replacement.repairs)));
    if changed {
        format!("changed {shown}")
    } else {
        shown
    }
}

#[test]
fn put_clears_what_it_leaves_out() {
    insta::assert_snapshot!(
        replaced(&user(), json!({"schemas": [USER_URN], "userName": "ann", "title": "Dr", "active": true}), json!({"schemas": [USER_URN], "userName": "ann"})),
        @r#"changed {"schemas":["user"],"userName":"ann"}"#
    );
}
#[test]
fn put_of_the_same_is_no_change() {
    insta::assert_snapshot!(
        replaced(&user(), json!({"schemas": [USER_URN], "userName": "ann", "active": true}), json!({"active": true, "schemas": [USER_URN], "userName": "ann", "id": "1", "meta": {}})),
        @r#"{"schemas":["user"],"active":true,"userName":"ann"}"#
    );
}
#[test]
fn put_keeps_an_extension_it_does_not_name() {
    let current = json!({"schemas": [USER_URN, ENTERPRISE], "userName": "ann", ENTERPRISE: {"department": "d"}});
    insta::assert_snapshot!(
        replaced(&user(), current.clone(), json!({"schemas": [USER_URN], "userName": "bob"})),
        @r#"changed {"schemas":["user","enterprise"],"userName":"bob","enterprise":{"department":"d"}}"#
    );
    insta::assert_snapshot!(
        replaced(&user(), current, json!({"schemas": [USER_URN], "userName": "ann", ENTERPRISE: null})),
        @r#"changed {"schemas":["user"],"userName":"ann"} [extensionUndeclared]"#
    );
}
#[test]
fn put_keeps_what_the_server_set_and_what_is_set_once() {
    let current = json!({"schemas": ["urn:example:Badge"], "number": 1, "color": "red", "holder": "ann", "secret": "s"});
    insta::assert_snapshot!(
        replaced(&badge(), current.clone(), json!({"schemas": ["urn:example:Badge"], "holder": "bob"})),
        @r#"changed {"schemas":["urn:example:Badge"],"number":1,"holder":"ann","secret":"s"}"#
    );
    insta::assert_snapshot!(
        replaced(&badge(), current, json!({"schemas": ["urn:example:Badge"], "number": 2})),
        @"mutability: number cannot be changed: it is readOnly, or immutable and already set"
    );
}
#[test]
fn put_of_a_group_says_whether_it_names_members() {
    let current = Document::from_stored(serde_json::Map::new());
    let members = |body: Value| {
        parse_replacement(&group(), &current, body, &Policy::compatible())
            .unwrap()
            .members
    };
    assert_eq!(members(json!({"displayName": "staff"})), None);
    assert_eq!(
        members(json!({"displayName": "staff", "members": []})),
        Some(vec![])
    );
    assert_eq!(
        members(json!({"displayName": "staff", "members": [{"value": A}]})),
        Some(vec![A.parse().unwrap()])
    );
}

#[test]
fn a_reference_that_is_set_once_may_be_repeated_without_its_name() {
    let schema = Schema::from_json(
        r#"{"id": "urn:example:Visit", "attributes": [
            {"name": "person", "type": "complex", "mutability": "immutable", "subAttributes": [
                {"name": "value", "type": "string"},
                {"name": "display", "type": "string", "mutability": "readOnly"}]}
        ]}"#,
    );
    let visit = ResourceType::new("Visit", "/Visits", schema.unwrap())
        .build()
        .unwrap();
    let current =
        json!({"schemas": ["urn:example:Visit"], "person": {"value": "1", "display": "Ann"}});
    insta::assert_snapshot!(
        replaced(&visit, current.clone(), json!({"schemas": ["urn:example:Visit"], "person": {"value": "1"}})),
        @r#"{"schemas":["urn:example:Visit"],"person":{"value":"1","display":"Ann"}}"#
    );
    insta::assert_snapshot!(
        replaced(&visit, current, json!({"schemas": ["urn:example:Visit"], "person": {"value": "2"}})),
        @"mutability: person cannot be changed: it is readOnly, or immutable and already set"
    );
}

#[test]
fn an_extension_and_its_attribute_as_one_key() {
    check!({"schemas": [USER_URN], "userName": "a", (format!("{ENTERPRISE}:department")): "X", (format!("{ENTERPRISE}.employeeNumber")): "1"},
        @r#"{"schemas":["user","enterprise"],"userName":"a","enterprise":{"department":"X","employeeNumber":"1"}} [urnFlattening,extensionUndeclared]"#);
    check!({"schemas": [USER_URN], "userName": "a", (format!("{ENTERPRISE}.colour")): "red"}, @r#"{"schemas":["user"],"userName":"a"} [unknownAttributeIgnored]"#);
    check!({"schemas": [USER_URN], "userName": "a", ENTERPRISE: {"department": "X"}, (format!("{ENTERPRISE}:department")): "Y"}, @r#"invalidSyntax: "enterprise:department" is given twice"#);
}
