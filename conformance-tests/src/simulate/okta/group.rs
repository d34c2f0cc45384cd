//! Okta's requests about one pushed group.

use serde_json::{Value, json};

use super::{Okta, call, patch, rewrite};
use crate::client::Call;
use crate::simulate::provider::{Change, Overwrite};
use crate::simulate::values::{GROUP_URN, Group};

pub(super) fn look_up(wanted: &Group) -> Vec<Call> {
    super::look_up("/Groups", "displayName", &wanted.display_name)
}

/// Members follow.
pub(super) fn create(wanted: &Group) -> Call {
    call("POST", "/Groups").with_body(json!({
        "schemas": [GROUP_URN],
        "displayName": wanted.display_name,
        "members": [],
    }))
}

/// One request for everything.
pub(super) fn update(okta: Okta, id: &str, from: &Group, to: &Group) -> Vec<Change<Group>> {
    if from.display_name == to.display_name && from.members == to.members {
        return Vec::new();
    }
    let path = format!("/Groups/{id}");
    vec![match okta {
        Okta::Put => rewrite(&path, Overwrite::Group(to.clone()), to.clone()),
        Okta::Patch => Change::new(patch(&path, operations(id, from, to)), to),
    }]
}

/// The name goes with every change of members. Where most members change, the whole list is sent.
fn operations(id: &str, from: &Group, to: &Group) -> Vec<Value> {
    let rename = json!({
        "op": "replace",
        "value": {"id": id, "displayName": to.display_name},
    });
    let mut operations = vec![rename];
    let value = |ids: &mut dyn Iterator<Item = &String>| -> Value {
        ids.map(|id| json!({"value": id})).collect()
    };
    let kept = from.members.intersection(&to.members).count();
    if from.members == to.members {
        return operations;
    }
    if !from.members.is_empty() && 2 * kept < from.members.len() {
        let members = value(&mut to.members.iter());
        operations.push(json!({"op": "replace", "path": "members", "value": members}));
        return operations;
    }
    let removed = from
        .members
        .difference(&to.members)
        .map(|id| json!({"op": "remove", "path": format!("members[value eq \"{id}\"]")}));
    operations.extend(removed);
    if to.members.len() > kept {
        let members = value(&mut to.members.difference(&from.members));
        operations.push(json!({"op": "add", "path": "members", "value": members}));
    }
    operations
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulate::testing::{group, shown};

    macro_rules! check {
        ($okta:ident: $from:expr, $to:expr, @$shown:literal) => {
            insta::assert_snapshot!(shown(&update(Okta::$okta, "7", &$from, &$to)), @$shown)
        };
    }

    #[test]
    fn whole_groups() {
        check!(Put: group("A", ["1"]), group("A", ["1"]), @"");
        check!(Put: group("A", ["1"]), group("B", ["2"]), @r#"
        GET /Groups/7
          PUT {"members":[{"value":"2"}],"displayName":"B"}
        "#);
    }

    #[test]
    fn operations_with_the_name_in_each() {
        check!(Patch: group("A", ["1"]), group("B", ["1"]), @r#"
        PATCH /Groups/7
          {"op":"replace","value":{"id":"7","displayName":"B"}}
        "#);
        check!(Patch: group("A", []), group("A", ["1", "2"]), @r#"
        PATCH /Groups/7
          {"op":"replace","value":{"id":"7","displayName":"A"}}
          {"op":"add","path":"members","value":[{"value":"1"},{"value":"2"}]}
        "#);
        check!(Patch: group("A", ["1", "2", "3"]), group("A", ["1", "2", "4"]), @r#"
        PATCH /Groups/7
          {"op":"replace","value":{"id":"7","displayName":"A"}}
          {"op":"remove","path":"members[value eq \"3\"]"}
          {"op":"add","path":"members","value":[{"value":"4"}]}
        "#);
    }

    #[test]
    fn most_members_change() {
        check!(Patch: group("A", ["1", "2", "3"]), group("A", ["3", "4"]), @r#"
        PATCH /Groups/7
          {"op":"replace","value":{"id":"7","displayName":"A"}}
          {"op":"replace","path":"members","value":[{"value":"3"},{"value":"4"}]}
        "#);
        check!(Patch: group("A", ["1"]), group("A", []), @r#"
        PATCH /Groups/7
          {"op":"replace","value":{"id":"7","displayName":"A"}}
          {"op":"replace","path":"members","value":[]}
        "#);
    }

    #[test]
    fn pushed_without_members() {
        insta::assert_snapshot!(create(&group("A", ["1"])), @r#"
        > POST /Groups (as idp)
        > User-Agent: Okta SCIM Client 1.0.0
        > Accept: application/scim+json
        > Content-Type: application/scim+json; charset=utf-8
        > {"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"A","members":[]}
        "#);
    }
}
