//! Answers that are long: groups whose members are read while they are sent, and compression.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::support::Scim;

const MEMBERS: usize = 1_101;

/// A group of so many, read in pieces: its path, and the ids of its members.
async fn large_group(scim: &Scim) -> (String, BTreeSet<String>) {
    let mut members = BTreeSet::new();
    for number in 0..MEMBERS {
        let body = json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
            "userName": format!("u{number}"),
            "displayName": format!("User \"{number}\""),
        });
        let made = scim.send_with("POST /Users", &[], body.to_string()).await;
        members.insert(made.json()["id"].as_str().unwrap().to_owned());
    }
    let values: Vec<Value> = members.iter().map(|id| json!({ "value": id })).collect();
    let body = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
        "displayName": "Everybody",
        "members": values,
    });
    let made = scim.send_with("POST /Groups", &[], body.to_string()).await;
    assert_eq!(made.status, 201, "{made}");
    let id = made.json()["id"].as_str().unwrap().to_owned();
    (format!("/Groups/{id}"), members)
}

fn ids(group: &Value) -> Vec<String> {
    let members = group["members"].as_array().into_iter().flatten();
    let id = |member: &Value| member["value"].as_str().unwrap().to_owned();
    members.map(id).collect()
}

#[tokio::test]
async fn members_are_sent_while_they_are_read() {
    let scim = Scim::start().await;
    let (path, members) = large_group(&scim).await;
    let sorted: Vec<String> = members.iter().cloned().collect();

    let before = scim.statements();
    let whole = scim.send(&format!("GET {path}")).await;
    // The group with its first piece, and two more; on a slow machine the credential, too.
    let statements = scim.statements() - before;
    assert!((3..=4).contains(&statements), "{statements}");
    assert_eq!(ids(&whole.json()), sorted);
    let first = &sorted[0];
    assert_eq!(
        whole.json()["members"][0],
        json!({
            "value": first,
            "$ref": format!("https://scim.example/t/main/scim/v2/Users/{first}"),
            "display": "User \"0\"",
            "type": "User",
        })
    );

    let some = scim
        .send(&format!("GET {path}?attributes=members.value"))
        .await;
    assert_eq!(ids(&some.json()), sorted);
    assert_eq!(
        some.json()["members"][1_100],
        json!({ "value": sorted[1_100] })
    );
    let none = scim
        .send(&format!("GET {path}?excludedAttributes=members"))
        .await;
    assert_eq!(none.json()["displayName"], "Everybody");
    assert_eq!(none.json().get("members"), None);

    // A change of members alone is answered with the whole group where the client prefers that.
    let remove = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{ "op": "remove", "path": format!("members[value eq \"{first}\"]") }],
    });
    let prefer = [("prefer", "return=representation")];
    let changed = scim
        .send_with(&format!("PATCH {path}"), &prefer, remove.to_string())
        .await;
    assert_eq!(ids(&changed.json()), sorted[1..]);
}

#[tokio::test]
async fn long_answers_are_compressed_for_whoever_asks() {
    let names: Vec<String> = (0..20).map(|number| format!("user{number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let scim = Scim::with_users(&names).await;
    let gzip = [("accept-encoding", "gzip, deflate, br")];

    let plain = scim.send("GET /Users").await;
    assert_eq!(plain.headers.get("content-encoding"), None);
    let compressed = scim.send_with("GET /Users", &gzip, "").await;
    assert_eq!(compressed.headers["content-encoding"], "gzip");
    assert_eq!(compressed.headers["vary"], "accept-encoding");
    assert!(compressed.sent_bytes * 2 < plain.sent_bytes);
    assert_eq!(compressed.body, plain.body);

    let short = scim.send_with("GET /Users?count=1", &gzip, "").await;
    assert_eq!(short.headers.get("content-encoding"), None);
}
