//! What Microsoft Entra ID sends.

use scim_core::{resource::Policy, schema};

use crate::{ENTERPRISE, check_also};

macro_rules! entra {
    ($before:tt, $operations:tt, @$shown:literal) => {
        check_also!(Policy::entra(), $before, $operations, @$shown)
    };
}

#[test]
fn disable() {
    entra!({"active": true}, [{"op": "Replace", "path": "active", "value": "False"}], @r#"{"active":false} [opCase,boolString]"#);
}
#[test]
fn disable_with_the_flag() {
    entra!({"active": true}, [{"op": "replace", "path": "active", "value": false}], @r#"{"active":false}"#);
}
#[test]
fn disable_what_is_disabled() {
    entra!({"active": false}, [{"op": "Replace", "path": "active", "value": "False"}], @r#"unchanged {"active":false} [opCase,boolString]"#);
}
#[test]
fn several_with_the_flag() {
    entra!(
        {"name": {"givenName": "Ann", "formatted": "Ann"}, "emails": [{"type": "work", "value": "a@x"}]},
        [
            {"op": "replace", "path": "emails[type eq \"work\"].value", "value": "b@x"},
            {"op": "replace", "value": {
                "displayName": "Bjfe", "name.givenName": "Kkom", "name.familyName": "Unua",
                (format!("{ENTERPRISE}:employeeNumber")): "Aklq"
            }}
        ],
        @r#"{"name":{"givenName":"Kkom","formatted":"Ann","familyName":"Unua"},"emails":[{"type":"work","value":"b@x"}],"displayName":"Bjfe","enterprise":{"employeeNumber":"Aklq"}} [dottedKey,urnFlattening]"#
    );
}
#[test]
fn an_extension_and_its_attribute_joined_by_a_dot() {
    entra!({}, [
            {"op": "Add", "path": (format!("{ENTERPRISE}.department")), "value": "X"},
            {"op": "add", "value": {(format!("{ENTERPRISE}.employeeNumber")): "1"}}
        ],
        @r#"{"enterprise":{"department":"X","employeeNumber":"1"}} [opCase,urnFlattening]"#);
}
#[test]
fn a_path_into_a_list_that_names_no_value() {
    entra!({"emails": [{"type": "work", "value": "a@x"}]}, [{"op": "replace", "path": "emails.value", "value": "b@x"}],
        @r#"{"emails":[{"type":"work","value":"b@x"}]} [valuePathWithoutType]"#);
}
#[test]
fn a_value_path_without_match_creates_the_value() {
    entra!({"emails": [{"type": "home", "value": "h@x"}]},
        [{"op": "Add", "path": "emails[type eq \"work\"].value", "value": "w@x"}],
        @r#"{"emails":[{"type":"home","value":"h@x"},{"type":"work","value":"w@x"}]} [opCase,createdOnNoMatch]"#);
}
#[test]
fn a_value_path_on_nothing_creates_the_attribute() {
    entra!({}, [
            {"op": "Replace", "path": "addresses[type eq \"work\"].country", "value": "DE"},
            {"op": "Replace", "path": "addresses[type eq \"work\"].locality", "value": "Ulm"}
        ],
        @r#"{"addresses":[{"type":"work","country":"DE","locality":"Ulm"}]} [opCase,createdOnNoMatch]"#);
}
#[test]
fn a_filter_with_and_creates_all_it_says() {
    entra!({}, [{"op": "add", "path": "phoneNumbers[type eq \"mobile\" and primary eq true].value", "value": "1"}],
        @r#"{"phoneNumbers":[{"type":"mobile","primary":true,"value":"1"}]} [createdOnNoMatch]"#);
}
#[test]
fn a_filter_that_describes_no_single_value_has_no_target() {
    entra!({}, [{"op": "add", "path": "emails[type eq \"work\" or type eq \"home\"].value", "value": "1"}],
        @r#"noTarget: the path "emails[type eq \"work\" or type eq \"home\"].value" selects no value of this resource"#);
}
#[test]
fn clearing_a_value_that_is_not_there_succeeds() {
    entra!({}, [{"op": "Replace", "path": "emails[type eq \"work\"].value", "value": ""}], @"unchanged {} [opCase]");
    entra!({}, [{"op": "Replace", "path": "emails[type eq \"work\"].value", "value": []}], @"unchanged {} [opCase]");
    entra!({}, [{"op": "Replace", "path": "emails[type eq \"work\"].value", "value": null}], @"unchanged {} [opCase]");
}
#[test]
fn clearing_the_value_clears_its_labels() {
    entra!({"emails": [{"type": "work", "value": "a@x", "primary": true}, {"type": "home", "value": "b@x"}]},
        [{"op": "Replace", "path": "emails[type eq \"work\"].value", "value": ""}],
        @r#"{"emails":[{"type":"home","value":"b@x"}]} [opCase,emptyClears]"#);
}
#[test]
fn empty_text_and_null_clear() {
    entra!({"title": "Dr", "nickName": "A", "locale": "de"},
        [{"op": "Replace", "value": {"title": "", "nickName": null}}, {"op": "Add", "path": "locale", "value": ""}],
        @"{} [opCase,emptyClears]");
}
#[test]
fn manager_as_text() {
    entra!({}, [{"op": "Add", "path": (format!("{ENTERPRISE}:manager")), "value": "7"}], @r#"{"enterprise":{"manager":{"value":"7"}}} [opCase,managerAsText]"#);
}
#[test]
fn manager_as_array_with_a_short_path() {
    entra!({ENTERPRISE: {"manager": {"value": "6"}}}, [{"op": "Add", "path": "manager", "value": [{"$ref": "https://x/Users/7", "value": "7"}]}],
        @r#"{"enterprise":{"manager":{"value":"7","$ref":"https://x/Users/7"}}} [opCase,shortExtensionPath,singleOrArray]"#);
}
#[test]
fn manager_as_object() {
    entra!({}, [{"op": "replace", "path": "manager", "value": {"$ref": null, "value": "7", "displayName": "Bob"}}],
        @r#"{"enterprise":{"manager":{"value":"7"}}} [shortExtensionPath]"#);
}
#[test]
fn a_new_manager_does_not_keep_the_address_of_the_old_one() {
    entra!({ENTERPRISE: {"manager": {"value": "6", "$ref": "https://x/Users/6"}}}, [{"op": "replace", "path": (format!("{ENTERPRISE}:manager")), "value": "7"}],
        @r#"{"enterprise":{"manager":{"value":"7"}}} [managerAsText]"#);
}
#[test]
fn the_same_manager_again_is_no_change() {
    entra!({ENTERPRISE: {"manager": {"value": "7", "$ref": "https://x/Users/7"}}}, [{"op": "Replace", "path": (format!("{ENTERPRISE}:manager")), "value": "7"}],
        @r#"unchanged {"enterprise":{"manager":{"value":"7","$ref":"https://x/Users/7"}}} [opCase,managerAsText]"#);
}
#[test]
fn manager_removed_in_every_way() {
    for operation in [
        serde_json::json!({"op": "Replace", "path": "manager", "value": ""}),
        serde_json::json!({"op": "Replace", "path": "manager", "value": null}),
        serde_json::json!({"op": "Remove", "path": "manager", "value": ""}),
        serde_json::json!({"op": "Remove", "path": "manager"}),
        serde_json::json!({"op": "Remove", "path": "manager[value eq \"7\"]"}),
        serde_json::json!({"op": "Remove", "path": format!("{ENTERPRISE}:manager")}),
        serde_json::json!({"op": "Add", "path": format!("{ENTERPRISE}:manager"), "value": ""}),
        serde_json::json!({"op": "Add", "path": format!("{ENTERPRISE}:manager"), "value": []}),
        serde_json::json!({"op": "Replace", "value": {format!("{ENTERPRISE}:manager"): ""}}),
        serde_json::json!({"op": "Replace", "path": format!("{ENTERPRISE}:manager.value"), "value": ""}),
    ] {
        let before = crate::ann(&serde_json::json!({ENTERPRISE: {"manager": {"value": "7"}}}));
        let policy = Policy::compatible();
        let patched = crate::patch(
            &crate::USER,
            before,
            &serde_json::json!([operation]),
            &policy,
        );
        assert!(
            patched.unwrap().document.get(ENTERPRISE).is_none(),
            "{operation}"
        );
    }
}
#[test]
fn another_manager_is_not_removed() {
    entra!({ENTERPRISE: {"manager": {"value": "7"}}}, [{"op": "remove", "path": "manager[value eq \"8\"]"}],
        @r#"unchanged {"enterprise":{"manager":{"value":"7"}}} [shortExtensionPath]"#);
}
#[test]
fn roles_as_json_text() {
    entra!({}, [{"op": "Add", "path": "roles", "value": [{"value": "{\"id\":\"1\",\"value\":\"admin\",\"displayName\":\"Admin\"}"}]}],
        @r#"{"roles":[{"value":"admin"}]} [opCase,rolesAsJsonString,unknownAttributeIgnored]"#);
    entra!({}, [{"op": "Add", "path": "roles", "value": "{\"id\":\"1\",\"value\":\"admin\",\"displayName\":\"Admin\"}"}],
        @r#"{"roles":[{"value":"admin"}]} [opCase,rolesAsJsonString,singleOrArray,unknownAttributeIgnored]"#);
}
#[test]
fn roles_replaced_with_text_booleans() {
    entra!({"roles": [{"value": "old"}]}, [{"op": "replace", "path": "roles", "value": [{"primary": "True", "type": "WindowsAzureActiveDirectoryRole", "value": "new"}]}],
        @r#"{"roles":[{"primary":true,"type":"WindowsAzureActiveDirectoryRole","value":"new"}]} [boolString]"#);
}
#[test]
fn roles_selected_by_text_booleans() {
    entra!({"roles": [{"value": "old", "primary": true}]}, [{"op": "replace", "path": "roles[primary eq \"True\"].value", "value": "new"}],
        @r#"{"roles":[{"value":"new","primary":true}]}"#);
    entra!({}, [{"op": "replace", "path": "roles[primary eq \"True\"].value", "value": "new"}],
        @r#"{"roles":[{"primary":true,"value":"new"}]} [boolString,createdOnNoMatch]"#);
}
#[test]
fn values_removed_by_value() {
    entra!({"roles": [{"value": "a", "type": "t"}, {"value": "b"}]}, [{"op": "Remove", "path": "roles", "value": [{"value": "A"}]}],
        @r#"{"roles":[{"value":"b"}]} [opCase,removeByValue]"#);
}
#[test]
fn a_value_to_remove_that_says_more_than_is_there_stays() {
    entra!({"roles": [{"value": "a"}]}, [{"op": "Remove", "path": "roles", "value": [{"value": "a", "type": "t"}]}],
        @r#"unchanged {"roles":[{"value":"a"}]} [opCase,removeByValue]"#);
}
#[test]
fn an_empty_list_of_values_removes_none() {
    entra!({"roles": [{"value": "a"}]}, [{"op": "Remove", "path": "roles", "value": []}], @r#"unchanged {"roles":[{"value":"a"}]} [opCase,removeByValue]"#);
}
#[test]
fn a_urn_that_lacks_a_colon() {
    entra!({}, [
            {"op": "add", "path": "urn:ietf:params:scim:schemas:extension:enterprise:2.0User:department", "value": "d"},
            {"op": "add", "path": "urn:ietf:params:scim:schemas:extension:enterprise:2.0User", "value": {"division": "e"}}
        ],
        @r#"{"enterprise":{"department":"d","division":"e"}} [schemaMisspelled]"#);
}
#[test]
fn attributes_nobody_defines_are_passed_over() {
    entra!({"title": "Dr"}, [
            {"op": "add", "path": "favouriteColour", "value": "red"},
            {"op": "add", "path": "urn:example:params:Custom:2.0:User:badge", "value": "1"},
            {"op": "remove", "path": "favouriteColour"},
            {"op": "add", "value": {"favouriteColour": "red", "title": "Mr", "": 1}}
        ],
        @r#"{"title":"Mr"} [unknownAttributeIgnored]"#);
}
#[test]
fn the_schemas_follow_the_extensions() {
    let policy = Policy::compatible();
    let patched = crate::patch(
        &crate::USER,
        crate::ann(&serde_json::json!({})),
        &serde_json::json!([{"op": "add", "path": "department", "value": "d"}]),
        &policy,
    );
    let document = patched.unwrap().document;
    assert_eq!(
        document.get("schemas"),
        Some(&serde_json::json!([schema::USER_URN, ENTERPRISE]))
    );
}
