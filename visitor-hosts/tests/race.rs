//! Many at once: one winner for one name, no lost member, no dangling one, and Hosts that agree.

mod support;

use std::collections::{BTreeMap, BTreeSet};

use scim_server::Error;
use serde_json::{Value, json};
use support::{Asker, askers, create, group, patch, user};

/// `SCIM_SOAK` multiplies the rounds.
fn rounds(usual: usize) -> usize {
    let factor = std::env::var("SCIM_SOAK").ok();
    usual * factor.and_then(|factor| factor.parse().ok()).unwrap_or(1)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn soak_one_of_64_equal_creates_wins() {
    for asker in askers().await {
        for round in 0..rounds(5) {
            let tasks: Vec<_> = (0..64)
                .map(|_| {
                    let (engine, caller) = (asker.engine.clone(), asker.caller.clone());
                    tokio::spawn(
                        async move { create(&engine, &caller, "Users", user(round)).await },
                    )
                })
                .collect();
            let mut outcomes = BTreeMap::new();
            for task in tasks {
                let outcome = match task.await.unwrap() {
                    Ok(_) => 201,
                    Err(Error::Uniqueness { .. }) => 409,
                    Err(error) => panic!("{error}"),
                };
                *outcomes.entry(outcome).or_insert(0) += 1;
            }
            assert_eq!(outcomes, BTreeMap::from([(201, 1), (409, 63)]));
        }
        let hosts = asker.list(&support::app(), "Hosts", None, 1).await.unwrap();
        assert_eq!(hosts.total, rounds(5));
        assert_eq!(asker.contradictions().await, [""; 0]);
    }
}

/// A client that is impatient sends the same create again and again: all get the one user.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn soak_one_key_makes_one_user() {
    for asker in askers().await {
        for round in 0..rounds(5) {
            let tasks: Vec<_> = (0..64)
                .map(|_| {
                    let (engine, caller) = (asker.engine.clone(), asker.caller.clone());
                    tokio::spawn(async move {
                        let key = format!("key{round}").parse().ok();
                        let served = engine.catalog().by_endpoint(caller.kind, "Users").unwrap();
                        let request = engine.request(&caller, served).once(key);
                        request.create(user(round)).await.unwrap().stored.id
                    })
                })
                .collect();
            let mut made = BTreeSet::new();
            for task in tasks {
                made.insert(task.await.unwrap());
            }
            assert_eq!(made.len(), 1);
        }
    }
}

/// 32 tasks, each with three users of its own: all are added to one group; then the first stays,
/// the second is removed, the third is deleted.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn soak_members_survive_parallel_writers() {
    for asker in askers().await {
        for round in 0..rounds(2) {
            members_survive(&asker, round).await;
        }
    }
}

async fn members_survive(asker: &Asker, round: usize) {
    let team = asker.create("Groups", group("Team")).await.unwrap();
    let team = team.stored.id.to_string();
    let tasks: Vec<_> = (0..32)
        .map(|task| {
            let (engine, caller) = (asker.engine.clone(), asker.caller.clone());
            let team = team.clone();
            tokio::spawn(async move {
                let mut users = Vec::new();
                for number in 0..3 {
                    let body = user(round * 100 + task * 3 + number);
                    let made = create(&engine, &caller, "Users", body).await.unwrap();
                    users.push(made.stored.id.to_string());
                }
                for id in &users {
                    let add =
                        json!([{ "op": "Add", "path": "members", "value": [{ "value": id }] }]);
                    patch(&engine, &caller, "Groups", &team, add).await.unwrap();
                }
                let path = format!("members[value eq \"{}\"]", users[1]);
                let remove = json!([{ "op": "remove", "path": path }]);
                patch(&engine, &caller, "Groups", &team, remove)
                    .await
                    .unwrap();
                let served = engine.catalog().by_endpoint(caller.kind, "Users").unwrap();
                let delete = engine.request(&caller, served).delete(&users[2], None);
                delete.await.unwrap();
                users.swap_remove(0)
            })
        })
        .collect();
    let mut kept = BTreeSet::new();
    for task in tasks {
        kept.insert(task.await.unwrap());
    }
    let shown = asker
        .get("Groups", &team, support::Projected::All)
        .await
        .unwrap();
    assert_eq!(members(&shown), kept);

    // So many people deleted at once stay in their groups until somebody agrees.
    support::release_held(asker).await;
    let filter = format!("group.value eq \"{team}\"");
    let host_groups = asker
        .list(&support::app(), "HostGroups", Some(&filter), 1)
        .await
        .unwrap();
    let mut users = BTreeSet::new();
    for host in members(&host_groups.resources[0]) {
        let filter = format!("id eq \"{host}\"");
        let hosts = asker
            .list(&support::app(), "Hosts", Some(&filter), 1)
            .await
            .unwrap();
        let document = hosts.resources[0].stored.parse().unwrap();
        let user = document.get("user").and_then(|user| user.get("value"));
        users.insert(user.and_then(Value::as_str).unwrap().to_owned());
    }
    assert_eq!(users, kept, "the host group agrees");
    assert_eq!(asker.contradictions().await, [""; 0]);
}

fn members(resource: &scim_server::Resource) -> BTreeSet<String> {
    let links = resource.links.iter().flat_map(|(_, links)| links);
    links.map(|link| link.link.id.to_string()).collect()
}
