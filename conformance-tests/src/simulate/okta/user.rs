//! Okta's requests about one person.

use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::{Map, Value, json};

use super::{Okta, call, patch, rewrite};
use crate::client::Call;
use crate::simulate::provider::{Change, Overwrite, declare_extension};
use crate::simulate::values::{Attribute, ENTERPRISE_URN, Place, USER_URN, User};

pub(super) fn look_up(wanted: &User) -> Vec<Call> {
    super::look_up("/Users", "userName", wanted.text(Attribute::UserName))
}

/// With a password, whether passwords are synchronised or not.
pub(super) fn create(wanted: &User) -> Call {
    let mut body = Map::new();
    body.insert("schemas".to_owned(), json!([USER_URN]));
    for (attribute, value) in &wanted.attributes {
        attribute.write(&mut body, Some(value));
    }
    declare_extension(&mut body);
    body.insert("locale".to_owned(), json!("en-US"));
    body.insert("active".to_owned(), json!(wanted.active));
    body.insert("groups".to_owned(), json!([]));
    body.insert("password".to_owned(), json!(password(wanted)));
    call("POST", "/Users").with_body(Value::Object(body))
}

/// Random to look at, and the same in every run.
fn password(wanted: &User) -> String {
    let mut hasher = DefaultHasher::new();
    wanted.text(Attribute::ExternalId).hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

/// One request for the profile and, with PATCH, one for `active`.
pub(super) fn update(okta: Okta, id: &str, from: &User, to: &User) -> Vec<Change<User>> {
    let path = format!("/Users/{id}");
    match okta {
        Okta::Put if from == to => Vec::new(),
        Okta::Put => vec![rewrite(&path, Overwrite::User(to.clone()), to.clone())],
        Okta::Patch => {
            let mut changes = Vec::new();
            let mut send = |value: Value, then: &User| {
                let operation = json!({"op": "replace", "value": value});
                changes.push(Change::new(patch(&path, vec![operation]), then));
            };
            let profile = profile(from, to);
            if !profile.is_empty() {
                let then = User {
                    active: from.active,
                    ..to.clone()
                };
                send(Value::Object(profile), &then);
            }
            if from.active != to.active {
                send(json!({"active": to.active}), to);
            }
            changes
        }
    }
}

/// What changed: whole core attributes, and of the extension what changed of it.
fn profile(from: &User, to: &User) -> Map<String, Value> {
    let mut whole = Map::new();
    for (attribute, value) in &to.attributes {
        attribute.write(&mut whole, Some(value));
    }
    let mut profile = Map::new();
    let mut extension = Map::new();
    for (attribute, value) in from.changes(to) {
        if let Place::Enterprise(name) = attribute.place() {
            extension.insert(name.to_owned(), json!(value));
        } else {
            let top = attribute.top();
            let value = whole.get(top).cloned().unwrap_or(Value::Null);
            profile.insert(top.to_owned(), value);
        }
    }
    if from.manager != to.manager {
        let manager = to.manager.as_ref().map(|id| json!({"value": id}));
        extension.insert("manager".to_owned(), json!(manager));
    }
    if !extension.is_empty() {
        profile.insert(ENTERPRISE_URN.to_owned(), Value::Object(extension));
    }
    profile
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulate::testing::{shown, user};

    macro_rules! check {
        ($okta:ident: $from:expr, $to:expr, @$shown:literal) => {
            insta::assert_snapshot!(shown(&update(Okta::$okta, "7", &user($from), &user($to))), @$shown)
        };
    }

    #[test]
    fn nothing_for_no_difference() {
        check!(Put: "title=Guide active", "title=Guide active", @"");
        check!(Patch: "title=Guide active", "title=Guide active", @"");
    }

    #[test]
    fn changes_of_the_profile() {
        check!(Put: "title=Guide active", "title=Boss", @r#"
        GET /Users/7
          PUT {"title":"Boss","active":false}
        "#);
        check!(Patch: "title=Guide department=X active", "displayName=A employeeNumber=2 active", @r#"
        PATCH /Users/7
          {"op":"replace","value":{"displayName":"A","title":null,"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":null,"employeeNumber":"2"}}}
        "#);
        check!(Patch: "givenName=A familyName=B active", "givenName=C familyName=B active", @r#"
        PATCH /Users/7
          {"op":"replace","value":{"name":{"givenName":"C","familyName":"B"}}}
        "#);
        check!(Patch: "workPhone=1 mobilePhone=2 active", "workPhone=3 mobilePhone=2 active", @r#"
        PATCH /Users/7
          {"op":"replace","value":{"phoneNumbers":[{"type":"work","value":"3"},{"type":"mobile","value":"2"}]}}
        "#);
        check!(Patch: "workPhone=1 active", "active", @r#"
        PATCH /Users/7
          {"op":"replace","value":{"phoneNumbers":null}}
        "#);
    }

    #[test]
    fn deactivated_and_reactivated() {
        check!(Patch: "active", "", @r#"
        PATCH /Users/7
          {"op":"replace","value":{"active":false}}
        "#);
        check!(Patch: "title=Guide", "title=Boss active", @r#"
        PATCH /Users/7
          {"op":"replace","value":{"title":"Boss"}}
        PATCH /Users/7
          {"op":"replace","value":{"active":true}}
        "#);
    }

    #[test]
    fn a_put_is_what_was_read_with_the_profile_written_over() {
        let read = json!({
            "schemas": [USER_URN, ENTERPRISE_URN],
            "id": "7",
            "title": "Guide",
            "nickName": "kept",
            "active": true,
            ENTERPRISE_URN: {"department": "X"},
        });
        let over = Overwrite::User(user("userName=a@b"));
        let written = over.apply(read.as_object().unwrap().clone());
        insta::assert_snapshot!(written, @r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],"id":"7","nickName":"kept","active":false,"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{},"userName":"a@b"}"#);
    }

    #[test]
    fn assigned_with_a_password_and_no_groups() {
        let call = create(&user("userName=a@b mail=a@b department=X active"));
        insta::assert_snapshot!(call, @r#"
        > POST /Users (as idp)
        > User-Agent: Okta SCIM Client 1.0.0
        > Accept: application/scim+json
        > Content-Type: application/scim+json; charset=utf-8
        > {"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],"userName":"a@b","emails":[{"type":"work","value":"a@b","primary":true}],"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"X"},"locale":"en-US","active":true,"groups":[],"password":"30406ea523c53def"}
        "#);
    }

    #[test]
    fn looked_for_by_user_name() {
        let [call] = look_up(&user("userName=o'neil@b")).try_into().unwrap();
        insta::assert_snapshot!(call, @r#"
        > GET /Users?filter=userName%20eq%20%22o%27neil%40b%22&startIndex=1&count=100 (as idp)
        > User-Agent: Okta SCIM Client 1.0.0
        > Accept: application/scim+json
        "#);
    }
}
