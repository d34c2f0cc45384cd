//! Entra's requests about one group.

use serde_json::{Value, json};

use super::{Entra, patch};
use crate::client::Call;
use crate::simulate::provider::{Change, filter};
use crate::simulate::values::{GROUP_URN, Group};

/// Members of one PATCH.
const BATCH: usize = 50;

/// What Entra adds to the schemas of a group.
const ENTRA_URN: &str = "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group";

/// By the first matching attribute, then by the second.
pub(super) fn look_up(wanted: &Group) -> Vec<Call> {
    let by = |name, value: &str| {
        let filter = filter(name, value);
        Call::new("GET", "/Groups").with_query(format!("excludedAttributes=members&{filter}"))
    };
    let external_id = wanted.external_id.as_deref();
    let first = by("displayName", &wanted.display_name);
    std::iter::once(first)
        .chain(external_id.map(|id| by("externalId", id)))
        .collect()
}

/// Members follow.
pub(super) fn create(wanted: &Group) -> Call {
    Call::new("POST", "/Groups").with_body(json!({
        "schemas": [GROUP_URN, ENTRA_URN],
        "externalId": wanted.external_id,
        "displayName": wanted.display_name,
        "meta": {"resourceType": "Group"},
    }))
}

/// The group is read without its members. Then the name comes first, then members who come, then
/// members who go, in batches.
pub(super) fn update(entra: Entra, id: &str, from: &Group, to: &Group) -> Vec<Change<Group>> {
    let path = format!("/Groups/{id}");
    let mut known = from.clone();
    let mut changes = Vec::new();
    let mut send = |call, then: &Group| {
        if changes.is_empty() {
            let read = Call::new("GET", path.clone()).with_query("excludedAttributes=members");
            changes.push(Change::new(read, from));
        }
        changes.push(Change::new(call, then));
    };
    let mut attributes = Vec::new();
    if from.display_name != to.display_name {
        attributes.push(replace(entra, "displayName", &to.display_name));
    }
    if let Some(external_id) = &to.external_id
        && from.external_id != to.external_id
    {
        attributes.push(replace(entra, "externalId", external_id));
    }
    if !attributes.is_empty() {
        known.display_name.clone_from(&to.display_name);
        known.external_id.clone_from(&to.external_id);
        send(patch(&path, attributes), &known);
    }
    let added: Vec<_> = to.members.difference(&from.members).collect();
    for batch in added.chunks(BATCH) {
        known.members.extend(batch.iter().map(|&id| id.clone()));
        send(patch(&path, vec![add(entra, batch)]), &known);
    }
    let removed: Vec<_> = from.members.difference(&to.members).collect();
    for batch in removed.chunks(BATCH) {
        known.members.retain(|id| !batch.contains(&id));
        let operations = batch.iter().map(|id| remove(entra, id));
        send(patch(&path, operations.collect()), &known);
    }
    changes
}

fn replace(entra: Entra, path: &str, value: &str) -> Value {
    let op = match entra {
        Entra::Usual => "Replace",
        Entra::Flag => "replace",
    };
    json!({"op": op, "path": path, "value": value})
}

fn add(entra: Entra, ids: &[&String]) -> Value {
    match entra {
        Entra::Usual => {
            let members = ids.iter().map(|id| json!({"$ref": null, "value": id}));
            let members: Vec<_> = members.collect();
            json!({"op": "Add", "path": "members", "value": members})
        }
        Entra::Flag => {
            let members: Vec<_> = ids.iter().map(|id| json!({"value": id})).collect();
            json!({"op": "add", "path": "members", "value": members})
        }
    }
}

fn remove(entra: Entra, id: &str) -> Value {
    match entra {
        Entra::Usual => {
            json!({"op": "Remove", "path": "members", "value": [{"$ref": null, "value": id}]})
        }
        Entra::Flag => {
            json!({"op": "remove", "path": format!("members[value eq \"{id}\"]")})
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulate::testing::{group, shown};

    macro_rules! check {
        ($entra:ident: $from:expr, $to:expr, @$shown:literal) => {
            insta::assert_snapshot!(shown(&update(Entra::$entra, "7", &$from, &$to)), @$shown)
        };
    }

    #[test]
    fn renamed() {
        check!(Usual: group("A", ["1"]), group("B", ["1"]), @r#"
        GET /Groups/7?excludedAttributes=members
        PATCH /Groups/7
          {"op":"Replace","path":"displayName","value":"B"}
        "#);
        check!(Flag: group("A", []), group("B", []), @r#"
        GET /Groups/7?excludedAttributes=members
        PATCH /Groups/7
          {"op":"replace","path":"displayName","value":"B"}
        "#);
    }

    #[test]
    fn members_come_and_go() {
        check!(Usual: group("A", ["1", "2"]), group("A", ["2", "3", "4"]), @r#"
        GET /Groups/7?excludedAttributes=members
        PATCH /Groups/7
          {"op":"Add","path":"members","value":[{"$ref":null,"value":"3"},{"$ref":null,"value":"4"}]}
        PATCH /Groups/7
          {"op":"Remove","path":"members","value":[{"$ref":null,"value":"1"}]}
        "#);
        check!(Flag: group("A", ["1", "2"]), group("A", ["3"]), @r#"
        GET /Groups/7?excludedAttributes=members
        PATCH /Groups/7
          {"op":"add","path":"members","value":[{"value":"3"}]}
        PATCH /Groups/7
          {"op":"remove","path":"members[value eq \"1\"]"}
          {"op":"remove","path":"members[value eq \"2\"]"}
        "#);
    }

    #[test]
    fn many_members_come_in_batches() {
        let many: Vec<_> = (0..120).map(|id| id.to_string()).collect();
        let many = Group {
            members: many.into_iter().collect(),
            ..group("A", [])
        };
        let changes = update(Entra::Usual, "7", &group("A", []), &many);
        let sizes: Vec<_> = changes
            .iter()
            .map(|change| change.then.members.len())
            .collect();
        assert_eq!(sizes, [0, 50, 100, 120]);
    }

    #[test]
    fn created_without_members() {
        insta::assert_snapshot!(create(&group("A", ["1"])), @r#"
        > POST /Groups (as idp)
        > {"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group","http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"],"externalId":"x","displayName":"A","meta":{"resourceType":"Group"}}
        "#);
    }

    #[test]
    fn looked_for_without_members() {
        let calls = look_up(&group("R&D", []));
        let calls: Vec<_> = calls.iter().map(ToString::to_string).collect();
        insta::assert_snapshot!(calls.concat(), @r#"
        > GET /Groups?excludedAttributes=members&filter=displayName%20eq%20%22R%26D%22 (as idp)
        > GET /Groups?excludedAttributes=members&filter=externalId%20eq%20%22x%22 (as idp)
        "#);
    }
}
