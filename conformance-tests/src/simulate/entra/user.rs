//! Entra's requests about one person.

use serde_json::{Map, Value, json};

use super::{Entra, patch};
use crate::client::Call;
use crate::simulate::provider::{Change, filter};
use crate::simulate::values::{Attribute, ENTERPRISE_URN, Place, USER_URN, User};

/// By the first matching attribute, then by the second.
pub(super) fn look_up(wanted: &User) -> Vec<Call> {
    let by = |name, attribute| {
        Call::new("GET", "/Users").with_query(filter(name, wanted.text(attribute)))
    };
    vec![
        by("userName", Attribute::UserName),
        by("externalId", Attribute::ExternalId),
    ]
}

/// References follow once both ends exist, so there is no manager.
pub(super) fn create(wanted: &User) -> Call {
    let mut body = Map::new();
    body.insert("schemas".to_owned(), json!([USER_URN, ENTERPRISE_URN]));
    for (attribute, value) in &wanted.attributes {
        attribute.write(&mut body, Some(value));
    }
    body.insert("active".to_owned(), json!(wanted.active));
    body.insert("meta".to_owned(), json!({"resourceType": "User"}));
    body.insert("roles".to_owned(), json!([]));
    Call::new("POST", "/Users").with_body(Value::Object(body))
}

/// The user is read, then there is one PATCH for the attributes and one for the manager.
pub(super) fn update(entra: Entra, id: &str, from: &User, to: &User) -> Vec<Change<User>> {
    let attributes = match entra {
        Entra::Usual => usual(from, to),
        Entra::Flag => conformant(from, to),
    };
    let mut known = User {
        manager: from.manager.clone(),
        ..to.clone()
    };
    let path = format!("/Users/{id}");
    let mut changes = Vec::new();
    let mut send = |operations, then: &User| {
        if changes.is_empty() {
            changes.push(Change::new(Call::new("GET", path.clone()), from));
        }
        changes.push(Change::new(patch(&path, operations), then));
    };
    if !attributes.is_empty() {
        send(attributes, &known);
    }
    if from.manager != to.manager {
        known.manager.clone_from(&to.manager);
        send(vec![manager(entra, to.manager.as_deref())], &known);
    }
    changes
}

/// An operation for each attribute, with the path of its mapping.
fn usual(from: &User, to: &User) -> Vec<Value> {
    let changes = from.changes(to).map(|(attribute, value)| {
        let path = attribute.path();
        match value {
            None => json!({"op": "Remove", "path": path}),
            Some(value) if from.attributes.contains_key(&attribute) => {
                json!({"op": "Replace", "path": path, "value": value})
            }
            Some(value) => json!({"op": "Add", "path": path, "value": value}),
        }
    });
    let mut operations: Vec<_> = changes.collect();
    if from.active != to.active {
        let text = if to.active { "True" } else { "False" };
        operations.push(json!({"op": "Replace", "path": "active", "value": text}));
    }
    operations
}

/// Elements of multi-valued attributes one by one; everything else in one operation of a kind.
fn conformant(from: &User, to: &User) -> Vec<Value> {
    let (mut operations, mut added, mut replaced) = (Vec::new(), Map::new(), Map::new());
    for (attribute, value) in from.changes(to) {
        let path = attribute.path();
        let op = match (from.attributes.contains_key(&attribute), value) {
            (true, Some(_)) => "replace",
            (false, Some(_)) => "add",
            (_, None) => "remove",
        };
        match (value, attribute.place()) {
            (None, _) => operations.push(json!({"op": op, "path": path})),
            (Some(value), Place::Typed(..)) => {
                operations.push(json!({"op": op, "path": path, "value": value}));
            }
            (Some(value), _) => {
                let all = if op == "add" {
                    &mut added
                } else {
                    &mut replaced
                };
                all.insert(path, json!(value));
            }
        }
    }
    for (op, values) in [("add", added), ("replace", replaced)] {
        if !values.is_empty() {
            operations.push(json!({"op": op, "value": values}));
        }
    }
    if from.active != to.active {
        operations.push(json!({"op": "replace", "path": "active", "value": to.active}));
    }
    operations
}

fn manager(entra: Entra, id: Option<&str>) -> Value {
    let path = format!("{ENTERPRISE_URN}:manager");
    match (entra, id) {
        (Entra::Usual, Some(id)) => json!({"op": "Add", "path": path, "value": id}),
        (Entra::Usual, None) => json!({"op": "Replace", "path": path, "value": ""}),
        (Entra::Flag, Some(id)) => json!({"op": "add", "path": path, "value": id}),
        (Entra::Flag, None) => json!({"op": "remove", "path": path}),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulate::testing::{shown, user};

    macro_rules! check {
        ($entra:ident: $from:expr, $to:expr, @$shown:literal) => {
            insta::assert_snapshot!(shown(&update(Entra::$entra, "7", &$from, &$to)), @$shown)
        };
    }

    #[test]
    fn nothing_for_no_difference() {
        check!(Usual: user("title=Guide active manager=m"), user("title=Guide active manager=m"), @"");
    }

    #[test]
    fn set_changed_and_cleared() {
        check!(Usual: user("displayName=A active"), user("displayName=B title=Guide active"), @r#"
        GET /Users/7
        PATCH /Users/7
          {"op":"Replace","path":"displayName","value":"B"}
          {"op":"Add","path":"title","value":"Guide"}
        "#);
        check!(Usual: user("title=Guide active"), user("active"), @r#"
        GET /Users/7
        PATCH /Users/7
          {"op":"Remove","path":"title"}
        "#);
        check!(Usual: user("mail=a@b active"), user("mail=c@b workPhone=1 active"), @r#"
        GET /Users/7
        PATCH /Users/7
          {"op":"Replace","path":"emails[type eq \"work\"].value","value":"c@b"}
          {"op":"Add","path":"phoneNumbers[type eq \"work\"].value","value":"1"}
        "#);
        check!(Usual: user("workPhone=1 department=X active"), user("employeeNumber=2 active"), @r#"
        GET /Users/7
        PATCH /Users/7
          {"op":"Remove","path":"phoneNumbers[type eq \"work\"].value"}
          {"op":"Remove","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department"}
          {"op":"Add","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber","value":"2"}
        "#);
    }

    #[test]
    fn the_same_with_the_flag() {
        check!(Flag: user("displayName=A active"), user("displayName=B title=Guide active"), @r#"
        GET /Users/7
        PATCH /Users/7
          {"op":"add","value":{"title":"Guide"}}
          {"op":"replace","value":{"displayName":"B"}}
        "#);
        check!(Flag: user("mail=a@b givenName=A active"), user("mail=c@b givenName=B employeeNumber=2 active"), @r#"
        GET /Users/7
        PATCH /Users/7
          {"op":"replace","path":"emails[type eq \"work\"].value","value":"c@b"}
          {"op":"add","value":{"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber":"2"}}
          {"op":"replace","value":{"name.givenName":"B"}}
        "#);
        check!(Flag: user("workPhone=1 department=X active"), user("active"), @r#"
        GET /Users/7
        PATCH /Users/7
          {"op":"remove","path":"phoneNumbers[type eq \"work\"].value"}
          {"op":"remove","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department"}
        "#);
    }

    #[test]
    fn disabled_and_enabled() {
        check!(Usual: user("active"), user(""), @r#"
        GET /Users/7
        PATCH /Users/7
          {"op":"Replace","path":"active","value":"False"}
        "#);
        check!(Usual: user(""), user("active"), @r#"
        GET /Users/7
        PATCH /Users/7
          {"op":"Replace","path":"active","value":"True"}
        "#);
        check!(Flag: user("active"), user(""), @r#"
        GET /Users/7
        PATCH /Users/7
          {"op":"replace","path":"active","value":false}
        "#);
    }

    #[test]
    fn the_manager_comes_last_and_alone() {
        check!(Usual: user("active"), user("title=Guide active manager=m"), @r#"
        GET /Users/7
        PATCH /Users/7
          {"op":"Add","path":"title","value":"Guide"}
        PATCH /Users/7
          {"op":"Add","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager","value":"m"}
        "#);
        check!(Usual: user("active manager=m"), user("active"), @r#"
        GET /Users/7
        PATCH /Users/7
          {"op":"Replace","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager","value":""}
        "#);
        check!(Flag: user("active manager=m"), user("active manager=n"), @r#"
        GET /Users/7
        PATCH /Users/7
          {"op":"add","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager","value":"n"}
        "#);
        check!(Flag: user("active manager=m"), user("active"), @r#"
        GET /Users/7
        PATCH /Users/7
          {"op":"remove","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager"}
        "#);
    }

    #[test]
    fn created_without_manager_and_without_custom_schemas() {
        let call = create(&user("userName=a@b mail=a@b office=Quay active manager=m"));
        insta::assert_snapshot!(call, @r#"
        > POST /Users (as idp)
        > {"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],"userName":"a@b","emails":[{"type":"work","value":"a@b","primary":true}],"addresses":[{"type":"other","formatted":"Quay"}],"active":true,"meta":{"resourceType":"User"},"roles":[]}
        "#);
    }

    #[test]
    fn looked_for_by_both_matching_attributes() {
        let calls = look_up(&user("userName=o'neil@b externalId=x"));
        let calls: Vec<_> = calls.iter().map(ToString::to_string).collect();
        insta::assert_snapshot!(calls.concat(), @r#"
        > GET /Users?filter=userName%20eq%20%22o%27neil%40b%22 (as idp)
        > GET /Users?filter=externalId%20eq%20%22x%22 (as idp)
        "#);
    }
}
