//! Many people who are here already, all at once or in any order: nobody is taken over in silence, nobody is
//! forgotten, and a conflict ends once.

mod support;

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use scim_core::schema::ENTERPRISE_USER_URN;
use scim_server::service::Caller;
use scim_server::store::Fresh;
use serde_json::{Value, json};
use support::scene::{Scene, entra, okta, reception, sam};
use support::user;

const PEOPLE: usize = 100;

/// People kept by hand, each with a desk and a colleague as delegate; then a directory is switched on.
async fn switched_on(fresh: Fresh, policy: &str) -> (Scene, Vec<Value>, usize) {
    let scene = Scene::new(fresh);
    for number in 0..PEOPLE {
        scene.brings(&reception(), user(number)).await.unwrap();
    }
    let ids: Vec<Value> = scene.all("Hosts").await;
    let ids: Vec<Value> = ids.into_iter().map(|host| host["id"].clone()).collect();
    for (number, id) in ids.iter().enumerate() {
        let own = json!([{ "op": "add", "value": {
            "deskOrFloor": number.to_string(),
            "delegates": [{ "value": ids[(number + 1) % PEOPLE] }],
        } }]);
        let (engine, app) = (&scene.asker.engine, reception());
        let id = id.as_str().unwrap();
        support::patch(engine, &app, "Hosts", id, own)
            .await
            .unwrap();
    }
    let before = scene.all("Hosts").await;
    let mut refused = 0;
    for number in 0..PEOPLE {
        let brought = scene.brings(&entra(policy), user(number)).await;
        refused += usize::from(brought.is_err());
    }
    (scene, before, refused)
}

/// What a Host is to the product, without what its directory says of it.
fn own(host: &Value) -> [&Value; 3] {
    [&host["id"], &host["deskOrFloor"], &host["delegates"]]
}

async fn statuses(scene: &Scene) -> BTreeMap<String, usize> {
    let mut statuses = BTreeMap::new();
    for conflict in scene.all("ProvisioningConflicts").await {
        let status = conflict["status"].as_str().unwrap().to_owned();
        *statuses.entry(status).or_insert(0) += 1;
        let told = conflict["evidence"].as_array().unwrap().len();
        assert_eq!(
            (told, &conflict["existing"].as_array().unwrap().len()),
            (3, &1)
        );
    }
    statuses
}

fn counted(status: &str) -> BTreeMap<String, usize> {
    BTreeMap::from([(status.to_owned(), PEOPLE)])
}

#[tokio::test]
async fn all_of_them_are_linked() {
    for fresh in [Fresh::sqlite().await, Fresh::postgres().await] {
        let (scene, before, refused) = switched_on(fresh, "autoLink").await;
        assert_eq!((refused, statuses(&scene).await), (0, counted("linked")));
        let after = scene.all("Hosts").await;
        for (before, after) in before.iter().zip(&after) {
            assert_eq!(own(before), own(after));
            assert_eq!(
                (&before["source"], &after["source"]),
                (&json!("manual"), &json!("idp"))
            );
        }
        assert_eq!((after.len(), scene.notices().await), (PEOPLE, 0));
        assert_eq!(scene.asker.contradictions().await, [""; 0]);
    }
}

#[tokio::test]
async fn all_of_them_are_asked_about() {
    for fresh in [Fresh::sqlite().await, Fresh::postgres().await] {
        let (scene, before, refused) = switched_on(fresh, "ask").await;
        assert_eq!((refused, statuses(&scene).await), (0, counted("open")));
        assert_eq!(scene.all("Hosts").await, before, "nobody was taken over");
        assert!(
            (1..=2).contains(&scene.notices().await),
            "one notice an hour"
        );
        for conflict in scene.all("ProvisioningConflicts").await {
            let id = conflict["id"].as_str().unwrap();
            scene.decides_on(id, "link", json!({})).await.unwrap();
        }
        let after = scene.all("Hosts").await;
        for (before, after) in before.iter().zip(&after) {
            assert_eq!(own(before), own(after));
        }
        assert_eq!(
            (after.len(), statuses(&scene).await),
            (PEOPLE, counted("linked"))
        );
        assert_eq!(scene.asker.contradictions().await, [""; 0]);
    }
}

#[tokio::test]
async fn all_of_them_are_refused_with_one_conflict_each() {
    for fresh in [Fresh::sqlite().await, Fresh::postgres().await] {
        let (scene, before, refused) = switched_on(fresh, "reject").await;
        assert_eq!(refused, PEOPLE);
        for number in 0..PEOPLE {
            let brought = scene.brings(&entra("reject"), user(number)).await;
            assert_eq!(brought.unwrap_err().code(), Some("exists.unmanaged"));
        }
        assert_eq!(statuses(&scene).await, counted("open"));
        assert_eq!(scene.all("Hosts").await, before, "nobody was taken over");
        assert_eq!(scene.asker.contradictions().await, [""; 0]);
    }
}

/// Three connections bring the same person at the same moment: one Host, and two who wait.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn at_the_same_moment() {
    for fresh in [Fresh::sqlite().await, Fresh::postgres().await] {
        let scene = Scene::new(fresh);
        for round in 0..20 {
            let callers = [entra("ask"), okta("ask"), reception()];
            let tasks: Vec<_> = callers
                .into_iter()
                .map(|by| {
                    let engine = scene.asker.engine.clone();
                    tokio::spawn(async move {
                        let made = support::create(&engine, &by, "Users", user(round)).await;
                        made.unwrap();
                    })
                })
                .collect();
            for task in tasks {
                task.await.unwrap();
            }
            let conflicts = scene.all("ProvisioningConflicts").await;
            let hosts = scene.all("Hosts").await;
            assert_eq!((hosts.len(), conflicts.len()), (round + 1, 2 * (round + 1)));
            let newest = &conflicts[2 * round..];
            assert!(
                newest
                    .iter()
                    .all(|one| one["existing"][0]["value"] == hosts[round]["id"])
            );
        }
        assert_eq!(scene.asker.contradictions().await, [""; 0]);
    }
}

/// Two directories that link bring somebody who is kept by hand: one has the Host, the other waits.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn both_want_to_link() {
    for fresh in [Fresh::sqlite().await, Fresh::postgres().await] {
        let scene = Scene::new(fresh);
        for round in 0..10 {
            scene.brings(&reception(), user(round)).await.unwrap();
            let bring = |by: Caller| {
                let engine = scene.asker.engine.clone();
                tokio::spawn(async move {
                    let made = support::create(&engine, &by, "Users", user(round)).await;
                    made.unwrap();
                })
            };
            let tasks = [bring(entra("autoLink")), bring(okta("autoLink"))];
            for task in tasks {
                task.await.unwrap();
            }
            let host = scene.all("Hosts").await.pop().unwrap();
            assert_eq!(host["furtherSources"].as_array().unwrap().len(), 1);
            let conflicts = scene.all("ProvisioningConflicts").await;
            let newest = conflicts[2 * round..].iter();
            let newest: BTreeSet<&str> =
                newest.map(|one| one["status"].as_str().unwrap()).collect();
            assert_eq!(newest, BTreeSet::from(["linked", "open"]));
        }
        assert_eq!(scene.asker.contradictions().await, [""; 0]);
    }
}

/// What may happen to somebody.
#[derive(Debug, Clone, Copy)]
enum Step {
    Brings(usize, &'static str),
    Renames(usize),
    BecomesSomebody(usize),
    Deletes(usize),
    Verb(&'static str),
    Writes(&'static str),
}

fn step() -> impl Strategy<Value = Step> {
    let who = 0..3_usize;
    let policy = prop::sample::select(vec!["autoLink", "ask", "reject"]);
    let verb = prop::sample::select(vec!["link", "keepSeparate", "reject"]);
    prop_oneof![
        5 => (who.clone(), policy).prop_map(|(who, policy)| Step::Brings(who, policy)),
        1 => who.clone().prop_map(Step::Renames),
        1 => who.clone().prop_map(Step::BecomesSomebody),
        2 => who.prop_map(Step::Deletes),
        3 => verb.clone().prop_map(Step::Verb),
        1 => verb.prop_map(Step::Writes),
    ]
}

/// The three who bring Sam, and the User that each has.
struct People {
    scene: Scene,
    users: [Option<String>; 3],
    statuses: BTreeMap<String, String>,
}

fn bringer(who: usize, policy: &str) -> Caller {
    match who {
        0 => entra(policy),
        1 => okta(policy),
        _ => reception(),
    }
}

impl People {
    async fn takes(&mut self, step: Step) {
        let scene = &self.scene;
        match step {
            Step::Brings(who, policy) => {
                if let Ok(user) = scene.brings(&bringer(who, policy), sam(&json!({}))).await {
                    self.users[who] = Some(user);
                }
            }
            Step::Renames(who) => {
                if let Some(user) = &self.users[who] {
                    let by = bringer(who, "ask");
                    let _ = scene.says(&by, user, "displayName", json!("Samuel")).await;
                }
            }
            Step::BecomesSomebody(who) => {
                if let Some(user) = &self.users[who] {
                    let number = format!("{ENTERPRISE_USER_URN}:employeeNumber");
                    let by = bringer(who, "ask");
                    let _ = scene
                        .says(&by, user, &number, json!(format!("8{who}")))
                        .await;
                }
            }
            Step::Deletes(who) => {
                if let Some(user) = self.users[who].take() {
                    scene.deletes(&bringer(who, "ask"), &user).await.unwrap();
                }
            }
            Step::Verb(verb) => {
                if self.scene.all("ProvisioningConflicts").await.is_empty() {
                    return;
                }
                let _ = scene.decides(verb, json!({ "reason": "r" })).await;
            }
            Step::Writes(action) => {
                if self.scene.all("ProvisioningConflicts").await.is_empty() {
                    return;
                }
                let _ = scene
                    .resolves(json!({ "action": action, "reason": "r" }))
                    .await;
            }
        }
    }

    /// What must hold after every step.
    async fn are_well(&mut self) {
        let conflicts = self.scene.all("ProvisioningConflicts").await;
        let mut open = BTreeSet::new();
        let mut waiting = BTreeSet::new();
        for conflict in &conflicts {
            let text = |name: &str| conflict[name].as_str().unwrap_or_default().to_owned();
            let (id, status) = (text("id"), text("status"));
            match self.statuses.get(&id).map(String::as_str) {
                // It begins open; one whose connection links says at once that it did.
                None => assert!(["open", "linked", "expired"].contains(&status.as_str())),
                Some("open") => {}
                Some(ended) => assert_eq!(ended, status, "what has ended stays"),
            }
            if status == "open" {
                let person = conflict["connection"]["value"].to_string();
                assert!(open.insert(person), "one conflict for each person");
            }
            if ["open", "rejected"].contains(&status.as_str()) {
                waiting.extend(conflict["incoming"]["value"].as_str().map(str::to_owned));
            }
            self.statuses.insert(id, status);
        }
        let mut kept = BTreeSet::new();
        let hosts = self.scene.all("Hosts").await;
        for conflict in conflicts.iter().filter(|one| one["status"] == "open") {
            for met in conflict["existing"].as_array().unwrap() {
                let host = hosts.iter().find(|host| host["id"] == met["value"]);
                let host = host.unwrap();
                let is_kept = host.get("user").or(host.get("furtherSources")).is_some();
                assert!(is_kept, "whoever waits, waits for somebody: {conflict}");
            }
        }
        for host in hosts {
            let mut connections = BTreeSet::new();
            let mirrored = host["user"]["value"].as_str().map(str::to_owned);
            if let Some(user) = mirrored {
                assert!(kept.insert(user), "nobody has two hosts");
                connections.insert(host["managedBy"]["value"].clone().to_string());
            }
            for source in host["furtherSources"].as_array().into_iter().flatten() {
                let user = source["value"].as_str().unwrap().to_owned();
                assert!(kept.insert(user), "nobody has two hosts");
                let connection = source["managedBy"].to_string();
                assert!(
                    connections.insert(connection),
                    "two of one connection are two"
                );
            }
        }
        for user in self.users.iter().flatten() {
            let is_known = kept.contains(user) || waiting.contains(user);
            assert!(is_known, "{user} is forgotten");
        }
        let gone = kept
            .iter()
            .filter(|user| !self.users.iter().flatten().any(|is| is == *user));
        assert_eq!(gone.count(), 0, "a host has a user that is gone");
    }
}

/// Sequences that are tried, each on a database of its own; `SCIM_SOAK` multiplies them.
fn sequences() -> u32 {
    let factor = std::env::var("SCIM_SOAK").ok();
    60 * factor.and_then(|factor| factor.parse().ok()).unwrap_or(1)
}

#[test]
fn whatever_happens_a_conflict_ends_once() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.unwrap();
    let mut runner = TestRunner::new(Config {
        cases: sequences(),
        failure_persistence: None,
        ..Config::default()
    });
    let steps = prop::collection::vec(step(), 1..14);
    let outcome = runner.run(&steps, |steps| {
        runtime.block_on(async {
            let scene = Scene::new(Fresh::sqlite().await);
            let mut people = People {
                scene,
                users: [None, None, None],
                statuses: BTreeMap::new(),
            };
            for step in steps {
                people.takes(step).await;
                people.are_well().await;
            }
            assert_eq!(people.scene.asker.contradictions().await, [""; 0]);
        });
        Ok(())
    });
    outcome.unwrap();
}
