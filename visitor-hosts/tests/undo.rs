//! A set is undone, whole or for one person; the directory's next real change wins: on both databases.

mod support;

use scim_core::Version;
use scim_server::{Error, Resource};
use serde_json::{Value, json};
use support::{Asker, act, app, askers, document, group, user};

/// What the product acts on: name, title, status, and the groups.
async fn hosts(asker: &Asker) -> Vec<String> {
    let listed = asker.list(&app(), "Hosts", None, 1).await.unwrap();
    let mut told = Vec::new();
    for resource in &listed.resources {
        let host = document(resource);
        let groups = resource.links.iter().flat_map(|(_, links)| links);
        let groups: Vec<&str> = groups
            .filter_map(|link| link.link.display.as_deref())
            .collect();
        told.push(format!(
            "{} {} {} {}",
            host["displayName"].as_str().unwrap(),
            host["title"].as_str().unwrap_or("-"),
            host["effectiveStatus"].as_str().unwrap(),
            groups.join("+")
        ));
    }
    told.sort();
    told
}

/// The newest set that a directory made: its id and status.
async fn newest(asker: &Asker) -> (String, String) {
    let listed = asker.list(&app(), "ChangeSets", None, 1).await.unwrap();
    let sets = listed.resources.iter().rev();
    let mut sets = sets.filter(|set| document(set)["origin"] == "idp");
    let set = sets.next().unwrap();
    let status = document(set)["status"].as_str().unwrap().to_owned();
    (set.stored.id.to_string(), status)
}

async fn decide(asker: &Asker, verb: &str, body: Value) -> Result<Resource, Error> {
    let (id, _) = newest(asker).await;
    act(&asker.engine, &app(), ("ChangeSets", &id, verb), body).await
}

async fn patched(asker: &Asker, id: &str, path: &str, value: Value) -> Version {
    let says = json!([{ "op": "replace", "path": path, "value": value }]);
    let patched = asker.patch("Users", id, says).await.unwrap();
    patched.resource.stored.version
}

/// Three people of whom two are in a team, in a set that is over.
async fn company(asker: &mut Asker) -> ([String; 3], String) {
    let mut ids = Vec::new();
    for number in 0..3 {
        let made = asker.create("Users", user(number)).await.unwrap();
        ids.push(made.stored.id.to_string());
    }
    let mut team = group("Team");
    team["members"] = json!([{ "value": ids[0] }, { "value": ids[1] }]);
    let team = asker.create("Groups", team).await.unwrap();
    decide(asker, "close", json!({})).await.unwrap();
    // Sets are told apart by their time, which is stored in milliseconds.
    tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    asker.fresh_process();
    (ids.try_into().unwrap(), team.stored.id.to_string())
}

/// A cycle that goes wrong: one is off, one is deleted, one has another title, one is new, and the team is
/// another one.
async fn accident(asker: &Asker, ids: &[String; 3], team: &str) {
    patched(asker, &ids[0], "active", json!(false)).await;
    asker.delete("Users", &ids[1]).await.unwrap();
    patched(asker, &ids[2], "title", json!("Wrong")).await;
    asker.create("Users", user(9)).await.unwrap();
    let members = json!([{ "op": "replace", "path": "members", "value": [{ "value": ids[2] }] }]);
    asker.patch("Groups", team, members).await.unwrap();
}

const BEFORE: [&str; 3] = [
    "User 0 Engineer visible Team",
    "User 1 Engineer visible Team",
    "User 2 Engineer visible ",
];

#[tokio::test]
async fn a_whole_set_is_undone_until_the_directory_says_more() {
    for mut asker in askers().await {
        let (ids, team) = company(&mut asker).await;
        assert_eq!(hosts(&asker).await, BEFORE);
        accident(&asker, &ids, &team).await;
        assert_eq!(
            hosts(&asker).await,
            [
                "User 0 Engineer hidden ",
                "User 1 Engineer hidden ",
                "User 2 Wrong visible Team",
                "User 9 Engineer visible ",
            ]
        );
        decide(&asker, "close", json!({})).await.unwrap();
        let undone = decide(&asker, "undo", json!({ "reason": "wrong scope" })).await;
        let undone = document(&undone.unwrap());
        assert_eq!(undone["status"], "reverted");
        assert!(undone["revertedBy"]["value"].is_string());
        let kept = [
            "User 0 Engineer heldVisible Team",
            "User 1 Engineer heldVisible Team",
            "User 2 Engineer visible ",
            "User 9 Engineer hidden ",
        ];
        assert_eq!(hosts(&asker).await, kept);

        // The next cycle says the same again.
        asker.fresh_process();
        let version = patched(&asker, &ids[0], "active", json!(false)).await;
        assert_eq!(
            patched(&asker, &ids[2], "title", json!("Wrong")).await,
            Version(2)
        );
        let members =
            json!([{ "op": "replace", "path": "members", "value": [{ "value": ids[2] }] }]);
        asker.patch("Groups", &team, members).await.unwrap();
        assert_eq!(hosts(&asker).await, kept);

        // It says something else of two of them, and of the team.
        assert!(patched(&asker, &ids[0], "title", json!("Lead")).await > version);
        patched(&asker, &ids[2], "department", json!("Other")).await;
        let add = json!([{ "op": "add", "path": "members", "value": [{ "value": ids[0] }] }]);
        asker.patch("Groups", &team, add).await.unwrap();
        let out = json!([{ "op": "remove", "path": format!("members[value eq \"{}\"]", ids[2]) }]);
        asker.patch("Groups", &team, out).await.unwrap();
        assert_eq!(
            hosts(&asker).await,
            [
                "User 0 Lead hidden Team",
                "User 1 Engineer heldVisible Team",
                "User 2 Wrong visible ",
                "User 9 Engineer hidden ",
            ]
        );
        let again = decide(&asker, "undo", json!({})).await;
        assert!(again.is_err(), "the newest set collects");
        assert_eq!(asker.contradictions().await, [""; 0]);
    }
}

#[tokio::test]
async fn one_person_is_undone_and_then_the_rest() {
    for mut asker in askers().await {
        let (ids, team) = company(&mut asker).await;
        accident(&asker, &ids, &team).await;
        decide(&asker, "close", json!({})).await.unwrap();
        let listed = asker.list(&app(), "Hosts", None, 1).await.unwrap();
        let first = listed.resources[0].stored.id.to_string();
        let one = decide(&asker, "undo", json!({ "items": [first] }))
            .await
            .unwrap();
        assert_eq!(document(&one)["status"], "partlyReverted");
        assert_eq!(
            hosts(&asker).await,
            [
                "User 0 Engineer heldVisible Team",
                "User 1 Engineer hidden ",
                "User 2 Wrong visible Team",
                "User 9 Engineer visible ",
            ]
        );
        decide(&asker, "undo", json!({})).await.unwrap();
        assert_eq!(
            hosts(&asker).await,
            [
                "User 0 Engineer heldVisible Team",
                "User 1 Engineer heldVisible Team",
                "User 2 Engineer visible ",
                "User 9 Engineer hidden ",
            ]
        );
        let (_, status) = newest(&asker).await;
        assert_eq!(status, "reverted");
    }
}

#[tokio::test]
async fn what_cannot_be_undone_is_said() {
    for mut asker in askers().await {
        let (_, _) = company(&mut asker).await;
        let refused =
            async |body: Value| decide(&asker, "undo", body).await.unwrap_err().to_string();
        let nobody = "00000000-0000-0000-0000-000000000001";
        let errors = [
            refused(json!({ "items": [] })).await,
            refused(json!({ "items": ["x"] })).await,
            refused(json!({ "items": [nobody] })).await,
            refused(json!({ "all": true })).await,
        ];
        assert_eq!(
            errors,
            [
                "items: send the ids of up to 1,000 Hosts",
                "items: send the ids of up to 1,000 Hosts",
                "items: no Host has the id 00000000-0000-0000-0000-000000000001",
                "\"all\": this action takes items and a reason",
            ]
        );
        decide(&asker, "undo", json!({})).await.unwrap();
        let again = decide(&asker, "undo", json!({}))
            .await
            .unwrap_err()
            .to_string();
        assert_eq!(
            again,
            "undo is not possible while the ChangeSet is reverted; possible now: nothing"
        );
    }
}
