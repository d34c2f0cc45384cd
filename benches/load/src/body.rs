//! What is sent: users, groups and changes, as Microsoft Entra ID has them.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

/// Unique on each server.
pub fn user_name(number: usize) -> String {
    format!("person{number:07}@example.com")
}

/// A user of about 1 KB, with each attribute of the usual mapping. It is written as text, so
/// that making it costs next to nothing.
pub fn user(number: usize) -> String {
    let name = user_name(number);
    let family = number % 997;
    let phone = number % 10_000;
    let department = number % 23;
    format!(
        r#"{{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],"externalId":"{number:08x}-5f3a-4d0e-8c11-2b7e6a9d4c55","userName":"{name}","active":true,"displayName":"Person{number} Family{family}","emails":[{{"primary":true,"type":"work","value":"{name}"}}],"name":{{"formatted":"Person{number} Family{family}","givenName":"Person{number}","familyName":"Family{family}"}},"title":"Coordinator of Facilities","preferredLanguage":"en-GB","addresses":[{{"type":"work","primary":true,"formatted":"12 Sample Road, London, EC1A 1AA","streetAddress":"12 Sample Road","locality":"London","region":"London","postalCode":"EC1A 1AA","country":"GB"}}],"phoneNumbers":[{{"type":"work","value":"+44 20 7946 {phone:04}"}},{{"type":"mobile","value":"+44 7700 90{phone:04}"}}],"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{{"employeeNumber":"{number}","department":"Department {department}","costCenter":"CC-{department}","organization":"Example","division":"Operations"}}}}"#
    )
}

/// A group without members.
pub fn group(display_name: &str) -> String {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
        "externalId": format!("of-{display_name}"),
        "displayName": display_name,
    })
    .to_string()
}

/// PATCH of one attribute.
pub fn replace(path: &str, value: &str) -> String {
    patch(&json!({ "op": "Replace", "path": path, "value": value }))
}

/// PATCH that adds members.
pub fn add_members<'a>(ids: impl IntoIterator<Item = &'a str>) -> String {
    let members: Vec<_> = ids.into_iter().map(|id| json!({ "value": id })).collect();
    patch(&json!({ "op": "Add", "path": "members", "value": members }))
}

/// PATCH that removes one member.
pub fn remove_member(id: &str) -> String {
    let path = format!("members[value eq \"{id}\"]");
    patch(&json!({ "op": "Remove", "path": path }))
}

fn patch(operation: &Value) -> String {
    const URN: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
    json!({ "schemas": [URN], "Operations": [operation] }).to_string()
}

/// The path that looks a name up.
pub fn look_up(endpoint: &str, attribute: &str, name: &str) -> String {
    const PLAIN: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_');
    let filter = format!("{attribute} eq \"{name}\"");
    let filter = utf8_percent_encode(&filter, &PLAIN);
    format!("{endpoint}?filter={filter}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_json_of_about_a_kilobyte() {
        let text = user(7);
        let user: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(user["userName"], "person0000007@example.com");
        assert!((900..1_200).contains(&text.len()), "{}", text.len());
    }

    #[test]
    fn a_look_up_survives_the_query() {
        assert_eq!(
            look_up("/Users", "userName", "a+b@c.d"),
            "/Users?filter=userName%20eq%20%22a%2Bb%40c.d%22"
        );
    }
}
