//! A directory that hides too many at once is told that all is well, and nobody is hidden: on both
//! databases.

mod support;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::SignedDuration;
use scim_server::clock::{Clock, FixedClock, SystemClock, TimeOrderedIds};
use scim_server::service::{Grants, Verb};
use scim_server::store::{Fresh, Store, unit};
use scim_server::{Error, Resource, Worker};
use serde_json::{Value, json};
use support::{Asker, app, askers, document, group, product, user};

/// More than a set may hide, of a company whose share of ten in a hundred is less than that.
const PEOPLE: usize = 100;
const LIMIT: usize = 25;
const MANY: usize = 40;

async fn populated(asker: &Asker) -> Vec<String> {
    let mut users = Vec::new();
    for number in 0..PEOPLE {
        let made = asker.create("Users", user(number)).await.unwrap();
        users.push(made.stored.id.to_string());
    }
    users
}

async fn team_of(asker: &Asker, users: &[String]) {
    let mut team = group("Team");
    let members = users.iter().map(|id| json!({ "value": id }));
    team["members"] = members.collect();
    asker.create("Groups", team).await.unwrap();
}

async fn says(asker: &Asker, user: &str, active: bool) {
    let says = json!([{ "op": "Replace", "path": "active", "value": active }]);
    let answer = asker.patch("Users", user, says).await.unwrap();
    assert_eq!(
        document(&answer.resource)["active"],
        active,
        "the directory sees what it said"
    );
}

async fn all(asker: &Asker, endpoint: &str) -> Vec<Value> {
    let listed = asker.list(&app(), endpoint, None, 1).await.unwrap();
    let mut shown: Vec<Value> = Vec::new();
    for resource in &listed.resources {
        let mut value = document(resource);
        value["id"] = json!(resource.stored.id.to_string());
        shown.push(value);
    }
    shown
}

/// How many hosts have each status.
async fn statuses(asker: &Asker) -> BTreeMap<String, usize> {
    let mut found = BTreeMap::new();
    for host in all(asker, "Hosts").await {
        let status = host["effectiveStatus"].as_str().unwrap().to_owned();
        *found.entry(status).or_insert(0) += 1;
    }
    found
}

/// The sets in words, oldest first.
async fn sets(asker: &Asker) -> Vec<String> {
    let told = |set: &Value| {
        let summary = &set["summary"];
        let number = |name: &str| summary[name].as_i64().unwrap_or(0);
        format!(
            "{} {}/{}: {} off, {} deleted, {} back",
            set["status"].as_str().unwrap(),
            set["guard"]["actual"].as_str().unwrap(),
            set["guard"]["limit"].as_str().unwrap(),
            number("deactivated"),
            number("deleted"),
            number("reactivated"),
        )
    };
    all(asker, "ChangeSets").await.iter().map(told).collect()
}

fn verb(asker: &Asker, name: &str) -> Verb {
    let catalog = asker.engine.catalog();
    let served = catalog.by_endpoint(app().kind, "ChangeSets").unwrap();
    asker.engine.verb(served, name).unwrap()
}

async fn decide(asker: &Asker, name: &str) -> Result<Resource, Error> {
    let held = all(asker, "ChangeSets").await.pop().unwrap();
    let catalog = asker.engine.catalog();
    let served = catalog.by_endpoint(app().kind, "ChangeSets").unwrap();
    let request = asker.engine.request(&app(), served);
    let id = held["id"].as_str().unwrap();
    request
        .act(
            id,
            verb(asker, name),
            None,
            json!({ "reason": "looked at" }),
        )
        .await
}

/// How many notices wait.
async fn notices(asker: &Asker) -> usize {
    let claim = unit(|tx| {
        Box::pin(async move {
            let until = tx.now() + SignedDuration::from_mins(1);
            tx.claim_jobs("notices", until, 100).await
        })
    });
    let store: &dyn Store = asker.fresh.store.as_ref();
    store
        .write(&asker.caller.tenant, claim)
        .await
        .unwrap()
        .len()
}

fn counted<const N: usize>(expected: [(&str, usize); N]) -> BTreeMap<String, usize> {
    expected
        .map(|(status, count)| (status.to_owned(), count))
        .into()
}

#[tokio::test]
async fn too_many_at_once_stay_until_somebody_decides() {
    for (asker, decision) in askers().await.into_iter().zip(["release", "discard"]) {
        let users = populated(&asker).await;
        for user in &users[..MANY] {
            says(&asker, user, false).await;
        }
        assert_eq!(
            statuses(&asker).await,
            counted([("heldVisible", MANY), ("visible", PEOPLE - MANY)])
        );
        assert_eq!(
            sets(&asker).await,
            ["held 40/25: 40 off, 0 deleted, 0 back"]
        );
        assert_eq!(notices(&asker).await, 1);
        let [set] = all(&asker, "ChangeSets").await.try_into().unwrap();
        assert_eq!(set["impact"][0]["count"], 40);
        assert_eq!(set["impact"][0]["examples"].as_array().unwrap().len(), 5);

        decide(&asker, decision).await.unwrap();
        let (after, word) = match decision {
            "release" => ("hidden", "released"),
            _ => ("heldVisible", "discarded"),
        };
        assert_eq!(
            statuses(&asker).await,
            counted([(after, MANY), ("visible", PEOPLE - MANY)])
        );
        let again = decide(&asker, decision).await.unwrap_err().to_string();
        let possible = if decision == "release" {
            "nothing"
        } else {
            "release"
        };
        let expected = format!(
            "{decision} is not possible while the ChangeSet is {word}; possible now: {possible}"
        );
        assert_eq!(again, expected);

        // The next thing that the directory says is in effect, whatever was decided.
        says(&asker, &users[0], true).await;
        says(&asker, &users[0], false).await;
        says(&asker, &users[1], true).await;
        let hidden = match decision {
            "release" => counted([("hidden", MANY - 1), ("visible", PEOPLE - MANY + 1)]),
            _ => counted([
                ("heldVisible", MANY - 2),
                ("hidden", 1),
                ("visible", PEOPLE - MANY + 1),
            ]),
        };
        assert_eq!(statuses(&asker).await, hidden);
        assert_eq!(asker.contradictions().await, [""; 0]);
    }
}

#[tokio::test]
async fn as_many_as_usual_are_hidden_at_once() {
    for asker in askers().await {
        let users = populated(&asker).await;
        for user in &users[..LIMIT] {
            says(&asker, user, false).await;
        }
        for user in &users[..5] {
            says(&asker, user, true).await;
        }
        for user in &users[LIMIT..LIMIT + 5] {
            says(&asker, user, false).await;
        }
        assert_eq!(
            statuses(&asker).await,
            counted([("hidden", LIMIT), ("visible", PEOPLE - LIMIT)])
        );
        assert_eq!(
            sets(&asker).await,
            ["collecting 25/25: 30 off, 0 deleted, 5 back"]
        );
        assert_eq!(notices(&asker).await, 0);
    }
}

#[tokio::test]
async fn deleted_people_keep_their_groups_while_they_are_held() {
    for asker in askers().await {
        let users = populated(&asker).await;
        team_of(&asker, &users).await;
        for user in &users[..LIMIT + 5] {
            asker.delete("Users", user).await.unwrap();
        }
        assert_eq!(
            sets(&asker).await,
            ["held 30/25: 0 off, 30 deleted, 0 back"]
        );
        let in_groups = async || {
            let listed = asker.list(&app(), "HostGroups", None, 1).await.unwrap();
            listed.resources[0].links[0].1.len()
        };
        // The first of them had left their groups before it was one too many.
        assert_eq!(in_groups().await, PEOPLE - LIMIT);
        decide(&asker, "release").await.unwrap();
        assert_eq!(
            statuses(&asker).await,
            counted([("hidden", LIMIT + 5), ("visible", PEOPLE - LIMIT - 5)])
        );
        assert_eq!(in_groups().await, PEOPLE - LIMIT - 5);
        assert_eq!(asker.contradictions().await, [""; 0]);
    }
}

#[tokio::test]
async fn who_is_discarded_by_mistake_can_still_go() {
    for asker in askers().await {
        let users = populated(&asker).await;
        for user in &users[..MANY] {
            asker.delete("Users", user).await.unwrap();
        }
        decide(&asker, "discard").await.unwrap();
        assert_eq!(
            statuses(&asker).await,
            counted([("heldVisible", MANY), ("visible", PEOPLE - MANY)])
        );
        decide(&asker, "release").await.unwrap();
        assert_eq!(
            statuses(&asker).await,
            counted([("hidden", MANY), ("visible", PEOPLE - MANY)])
        );
    }
}

#[tokio::test]
async fn who_comes_back_while_held_begins_without_groups() {
    for asker in askers().await {
        let users = populated(&asker).await;
        team_of(&asker, &users).await;
        for user in &users[..MANY] {
            asker.delete("Users", user).await.unwrap();
        }
        // The last one is held, and in the group still.
        asker.create("Users", user(MANY - 1)).await.unwrap();
        let listed = asker.list(&app(), "HostGroups", None, 1).await.unwrap();
        let members = listed.resources[0].links[0].1.len();
        assert_eq!(members, PEOPLE - LIMIT - 1);
        assert_eq!(
            statuses(&asker).await,
            counted([("heldVisible", MANY - 1), ("visible", PEOPLE - MANY + 1)])
        );
        assert_eq!(
            sets(&asker).await,
            ["held 39/25: 0 off, 40 deleted, 1 back"]
        );
    }
}

/// However many say it at once, all of them are in one set, and whoever decides meanwhile decides on
/// what is in it then.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_at_once_are_one_set() {
    for asker in askers().await {
        let users = populated(&asker).await;
        let tasks: Vec<_> = users[..MANY]
            .iter()
            .map(|user| {
                let (engine, caller) = (asker.engine.clone(), asker.caller.clone());
                let user = user.clone();
                let says = json!([{ "op": "Replace", "path": "active", "value": false }]);
                tokio::spawn(
                    async move { support::patch(&engine, &caller, "Users", &user, says).await },
                )
            })
            .collect();
        for task in tasks {
            task.await.unwrap().unwrap();
        }
        assert_eq!(
            sets(&asker).await,
            ["held 40/25: 40 off, 0 deleted, 0 back"]
        );
        assert_eq!(
            statuses(&asker).await,
            counted([("heldVisible", MANY), ("visible", PEOPLE - MANY)])
        );
        assert_eq!(notices(&asker).await, 1);
        let says = json!([{ "op": "Replace", "path": "active", "value": false }]);
        let (engine, caller) = (asker.engine.clone(), asker.caller.clone());
        let more = users[MANY..MANY + 20].to_vec();
        let writes = tokio::spawn(async move {
            for user in more {
                support::patch(&engine, &caller, "Users", &user, says.clone())
                    .await
                    .unwrap();
            }
        });
        decide(&asker, "release").await.unwrap();
        writes.await.unwrap();
        // Those after the decision are so few that they go at once.
        assert_eq!(
            statuses(&asker).await,
            counted([("hidden", MANY + 20), ("visible", PEOPLE - MANY - 20)])
        );
        assert!(sets(&asker).await[0].starts_with("released"));
        assert_eq!(asker.contradictions().await, [""; 0]);
    }
}

/// A set ends when its connection rests, and a hold when nobody decides on it for a day.
#[tokio::test]
async fn time_ends_a_set_and_a_hold() {
    let clock = Arc::new(FixedClock::new(SystemClock.now()));
    let ids = || Arc::new(TimeOrderedIds::default());
    let sqlite = Fresh::sqlite_at(clock.clone(), ids()).await;
    let postgres = Fresh::postgres_at(clock.clone(), ids()).await;
    for fresh in [sqlite, postgres] {
        let asker = Asker::new(fresh, product());
        let later = |minutes: i64| clock.set(clock.now() + SignedDuration::from_mins(minutes));
        let work = async || {
            let worker = Worker::new(Arc::clone(&asker.engine));
            while worker.once(&asker.caller.tenant).await.unwrap() {}
        };
        let users = populated(&asker).await;
        later(9);
        work().await;
        assert_eq!(sets(&asker).await[0].split(' ').next(), Some("collecting"));
        later(2);
        work().await;
        let [set] = all(&asker, "ChangeSets").await.try_into().unwrap();
        assert_eq!(
            (&set["status"], &set["summary"]["created"]),
            (&json!("applied"), &json!(PEOPLE))
        );
        assert!(set["closedAt"].is_string() && set["openFor"].is_null());

        for user in &users[..MANY] {
            says(&asker, user, false).await;
        }
        let held = || async { statuses(&asker).await.get("heldVisible").copied() };
        assert_eq!(held().await, Some(MANY));
        later(11);
        work().await;
        later(23 * 60);
        work().await;
        assert_eq!(held().await, Some(MANY));
        later(60);
        work().await;
        assert_eq!(held().await, None);
        let status = all(&asker, "ChangeSets").await.pop().unwrap()["status"].clone();
        assert_eq!(status, "released");
    }
}

/// The last approver stays until somebody decides, and so do many at once; others go as they come.
#[tokio::test]
async fn a_group_of_approvers_does_not_run_empty() {
    for (asker, decision) in askers().await.into_iter().zip(["release", "discard"]) {
        let mut users = Vec::new();
        for number in 0..3 {
            let made = asker.create("Users", user(number)).await.unwrap();
            users.push(made.stored.id.to_string());
        }
        team_of(&asker, &users).await;
        let groups = asker.list(&app(), "HostGroups", None, 1).await.unwrap();
        let host_group = groups.resources[0].stored.id.to_string();
        let purpose = json!([{ "op": "replace", "path": "purpose", "value": ["approvers"] }]);
        support::patch(&asker.engine, &app(), "HostGroups", &host_group, purpose)
            .await
            .unwrap();
        let groups = asker.list(&asker.caller, "Groups", None, 1).await.unwrap();
        let group = groups.resources[0].stored.id.to_string();
        let leaves = async |user: &str| {
            let path = format!("members[value eq \"{user}\"]");
            let out = json!([{ "op": "remove", "path": path }]);
            asker.patch("Groups", &group, out).await.unwrap();
        };
        let members = async || {
            let listed = asker.list(&app(), "HostGroups", None, 1).await.unwrap();
            listed.resources[0]
                .links
                .first()
                .map_or(0, |(_, links)| links.len())
        };
        leaves(&users[0]).await;
        assert_eq!(members().await, 2);
        leaves(&users[1]).await;
        leaves(&users[2]).await;
        assert_eq!(members().await, 1, "the last one stays");
        assert_eq!(notices(&asker).await, 1);
        let set = all(&asker, "ChangeSets").await.pop().unwrap();
        assert_eq!(
            (&set["status"], &set["summary"]["membersRemoved"]),
            (&json!("held"), &json!(3))
        );
        assert_eq!(set["impact"][0]["examples"], json!(["Team"]));
        decide(&asker, decision).await.unwrap();
        assert_eq!(members().await, usize::from(decision == "discard"));
        // The directory's word counts from then on.
        let back = json!([{ "op": "add", "path": "members", "value": [{ "value": users[2] }, { "value": users[0] }] }]);
        asker.patch("Groups", &group, back).await.unwrap();
        assert_eq!(members().await, 2);
        assert_eq!(asker.contradictions().await, [""; 0]);
    }
}

/// However a set is closed, it says how many came, and can be undone.
#[tokio::test]
async fn whatever_closes_a_set_it_is_counted() {
    let clock = Arc::new(FixedClock::new(SystemClock.now()));
    let ids = || Arc::new(TimeOrderedIds::default());
    let sqlite = Fresh::sqlite_at(clock.clone(), ids()).await;
    let postgres = Fresh::postgres_at(clock.clone(), ids()).await;
    for fresh in [sqlite, postgres] {
        let asker = Asker::new(fresh, product());
        let later = |minutes: i64| clock.set(clock.now() + SignedDuration::from_mins(minutes));
        let work = async || {
            let worker = Worker::new(Arc::clone(&asker.engine));
            while worker.once(&asker.caller.tenant).await.unwrap() {}
        };
        let come = async |numbers: std::ops::Range<usize>| {
            for number in numbers {
                asker.create("Users", user(number)).await.unwrap();
            }
        };
        // A person closes the first, the next request the second, and rest the third.
        come(0..3).await;
        later(1);
        decide(&asker, "close").await.unwrap();
        later(11);
        work().await;
        come(3..5).await;
        later(121);
        come(5..6).await;
        later(11);
        work().await;
        let told = |set: Value| {
            let created = set["summary"]["created"].as_u64();
            (
                set["status"] == "applied",
                set["revertible"] == true,
                created,
            )
        };
        let sets: Vec<_> = all(&asker, "ChangeSets")
            .await
            .into_iter()
            .map(told)
            .collect();
        let expected = [3, 2, 1].map(|created| (true, true, Some(created)));
        assert_eq!(sets, expected);
    }
}

/// A guard that observes says so once for a set, also while fewer and fewer people are left.
#[tokio::test]
async fn a_guard_that_observes_tells_once() {
    for mut asker in askers().await {
        let settings =
            r#"{"guard":{"mode":"observe","maxDeactivations":2,"maxDeactivationPercent":30}}"#;
        asker.caller.grants = Arc::new(Grants {
            settings: Some(settings.to_owned()),
            ..Grants::default()
        });
        let mut users = Vec::new();
        for number in 0..12 {
            let made = asker.create("Users", user(number)).await.unwrap();
            users.push(made.stored.id.to_string());
        }
        for user in &users[..8] {
            asker.delete("Users", user).await.unwrap();
        }
        assert_eq!(notices(&asker).await, 1);
        let set = all(&asker, "ChangeSets").await.pop().unwrap();
        assert_eq!(
            (&set["status"], &set["impact"][0]["count"]),
            (&json!("collecting"), &json!(8))
        );
        assert_eq!(statuses(&asker).await["hidden"], 8);
    }
}

/// Whom a set has hidden before it is held for its approvers is in effect again, as all of it is.
#[tokio::test]
async fn a_set_that_is_held_for_its_approvers_is_held_as_a_whole() {
    for asker in askers().await {
        let mut users = Vec::new();
        for number in 0..3 {
            let made = asker.create("Users", user(number)).await.unwrap();
            users.push(made.stored.id.to_string());
        }
        team_of(&asker, &users[1..]).await;
        let groups = asker.list(&app(), "HostGroups", None, 1).await.unwrap();
        let host_group = groups.resources[0].stored.id.to_string();
        let purpose = json!([{ "op": "replace", "path": "purpose", "value": ["approvers"] }]);
        support::patch(&asker.engine, &app(), "HostGroups", &host_group, purpose)
            .await
            .unwrap();
        says(&asker, &users[0], false).await;
        assert_eq!(statuses(&asker).await["hidden"], 1);
        let groups = asker.list(&asker.caller, "Groups", None, 1).await.unwrap();
        let group = groups.resources[0].stored.id.to_string();
        let out = json!([{ "op": "replace", "path": "members", "value": [] }]);
        asker.patch("Groups", &group, out).await.unwrap();
        assert_eq!(statuses(&asker).await["heldVisible"], 1);
        let set = all(&asker, "ChangeSets").await.pop().unwrap();
        let codes = |impact: &Value| (impact["code"].clone(), impact["count"].clone());
        let impact: Vec<_> = set["impact"]
            .as_array()
            .unwrap()
            .iter()
            .map(codes)
            .collect();
        let told = [("hostsHidden", 1), ("approverGroupsChanged", 1)];
        assert_eq!(
            impact,
            told.map(|(code, count)| (json!(code), json!(count)))
        );
        decide(&asker, "release").await.unwrap();
        assert_eq!(statuses(&asker).await["hidden"], 1);
    }
}

/// A group of approvers, and the ids of its people.
async fn deciders(asker: &Asker, count: usize) -> (String, Vec<String>) {
    let mut users = Vec::new();
    for number in 0..count {
        let made = asker.create("Users", user(number)).await.unwrap();
        users.push(made.stored.id.to_string());
    }
    team_of(asker, &users).await;
    let groups = asker.list(&app(), "HostGroups", None, 1).await.unwrap();
    let host_group = groups.resources[0].stored.id.to_string();
    let purpose = json!([{ "op": "replace", "path": "purpose", "value": ["approvers"] }]);
    support::patch(&asker.engine, &app(), "HostGroups", &host_group, purpose)
        .await
        .unwrap();
    (host_group, users)
}

/// The members of each group of hosts.
async fn members(asker: &Asker) -> Vec<usize> {
    let listed = asker.list(&app(), "HostGroups", None, 1).await.unwrap();
    let members = |resource: &Resource| resource.links.first().map_or(0, |(_, links)| links.len());
    listed.resources.iter().map(members).collect()
}

/// Whoever is deleted last stays, as whoever is taken out does.
#[tokio::test]
async fn the_last_approver_is_not_deleted_away() {
    for (asker, decision) in askers().await.into_iter().zip(["release", "discard"]) {
        let (group, users) = deciders(&asker, 3).await;
        asker.delete("Users", &users[0]).await.unwrap();
        asker.delete("Users", &users[1]).await.unwrap();
        assert_eq!((members(&asker).await, notices(&asker).await), (vec![1], 0));
        asker.delete("Users", &users[2]).await.unwrap();
        assert_eq!((members(&asker).await, notices(&asker).await), (vec![1], 1));
        // The set is held as a whole, and the two who went before are in effect again.
        assert_eq!(statuses(&asker).await, counted([("heldVisible", 3)]));
        let set = all(&asker, "ChangeSets").await.pop().unwrap();
        assert_eq!(
            (&set["status"], &set["heldGroups"][0]["value"]),
            (&json!("held"), &json!(group))
        );
        decide(&asker, decision).await.unwrap();
        let (left, status) = match decision {
            "release" => (0, "hidden"),
            _ => (1, "heldVisible"),
        };
        assert_eq!(members(&asker).await, [left]);
        assert_eq!(statuses(&asker).await, counted([(status, 3)]));
        assert_eq!(asker.contradictions().await, [""; 0]);
    }
}

/// A group of approvers that the directory deletes stays, without its Group, until somebody decides.
#[tokio::test]
async fn a_group_of_approvers_is_not_deleted_away() {
    for (asker, decision) in askers().await.into_iter().zip(["release", "discard"]) {
        let (kept, _) = deciders(&asker, 2).await;
        let groups = asker.list(&asker.caller, "Groups", None, 1).await.unwrap();
        let group = groups.resources[0].stored.id.to_string();
        asker.delete("Groups", &group).await.unwrap();
        let groups = asker.list(&asker.caller, "Groups", None, 1).await.unwrap();
        assert_eq!(groups.total, 0, "the directory sees what it said");
        assert_eq!((members(&asker).await, notices(&asker).await), (vec![2], 1));
        let host_group = all(&asker, "HostGroups").await.pop().unwrap();
        assert_eq!(
            (&host_group["id"], &host_group["group"]),
            (&json!(kept), &Value::Null)
        );
        decide(&asker, decision).await.unwrap();
        if decision == "discard" {
            assert_eq!(members(&asker).await, [2]);
            decide(&asker, "release").await.unwrap();
        }
        assert_eq!(members(&asker).await, [0; 0]);
        assert_eq!(asker.contradictions().await, [""; 0]);
    }
}

/// Where nobody decides by a group, or nobody is in it, it goes as it always did.
#[tokio::test]
async fn other_groups_are_deleted_at_once() {
    for asker in askers().await {
        let (_, users) = deciders(&asker, 1).await;
        team_of(&asker, &users).await;
        let groups = asker.list(&asker.caller, "Groups", None, 1).await.unwrap();
        let second = groups.resources[1].stored.id.to_string();
        asker.delete("Groups", &second).await.unwrap();
        assert_eq!((members(&asker).await, notices(&asker).await), (vec![1], 0));
    }
}
