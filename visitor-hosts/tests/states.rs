//! No sequence of events leads to a state that a table does not allow: on SQLite, with random events.

mod support;

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::SignedDuration;
use scim_server::Worker;
use scim_server::clock::{Clock, FixedClock, SystemClock, TimeOrderedIds};
use scim_server::store::Fresh;
use serde_json::json;
use support::{Asker, act, app, create, document, product, user};

/// Which state may follow which: `product/state-machines`, with the verb `close` and a release after a discard.
const CHANGE_SET: [(&str, &str); 11] = [
    ("collecting", "applied"),
    ("collecting", "held"),
    ("held", "released"),
    ("held", "discarded"),
    ("discarded", "released"),
    ("applied", "reverted"),
    ("applied", "partlyReverted"),
    ("partlyReverted", "reverted"),
    ("partlyReverted", "partlyReverted"),
    // A set that was held and released within one request of the directory, as an observer sees it.
    ("collecting", "released"),
    ("collecting", "discarded"),
];

#[tokio::test]
async fn change_sets_follow_their_table() {
    for seed in 0..12 {
        let mut random = fastrand::Rng::with_seed(seed);
        let clock = Arc::new(FixedClock::new(SystemClock.now()));
        let ids = Arc::new(TimeOrderedIds::default());
        let mut asker = Asker::new(Fresh::sqlite_at(clock.clone(), ids).await, product());
        let settings =
            r#"{"guard":{"maxDeactivations":2,"maxDeactivationPercent":0,"holdHours":1}}"#;
        asker.caller.grants = Arc::new(scim_server::service::Grants {
            settings: Some(settings.to_owned()),
            ..scim_server::service::Grants::default()
        });
        let mut people = Vec::new();
        for number in 0..8 {
            let made = asker.create("Users", user(number)).await.unwrap();
            people.push(made.stored.id.to_string());
        }
        let mut known: Vec<(String, String)> = Vec::new();
        let mut seen = BTreeSet::new();
        for _ in 0..60 {
            clock.set(clock.now() + SignedDuration::from_secs(random.i64(1..200)));
            match random.u8(0..10) {
                0..5 => {
                    let person = &people[random.usize(0..people.len())];
                    let says =
                        json!([{ "op": "replace", "path": "active", "value": random.bool() }]);
                    asker.patch("Users", person, says).await.unwrap();
                }
                5..8 if !known.is_empty() => {
                    let (id, _) = &known[random.usize(0..known.len())];
                    let verbs = ["release", "discard", "close", "undo"];
                    let verb = verbs[random.usize(0..verbs.len())];
                    // Whatever is not allowed is refused.
                    let _ = act(&asker.engine, &app(), ("ChangeSets", id, verb), json!({})).await;
                }
                8 => {
                    clock.set(clock.now() + SignedDuration::from_mins(random.i64(1..90)));
                }
                _ => {
                    let worker = Worker::new(Arc::clone(&asker.engine));
                    while worker.once(&asker.caller.tenant).await.unwrap() {}
                }
            }
            let listed = asker.list(&app(), "ChangeSets", None, 1).await.unwrap();
            for resource in listed.resources {
                let id = resource.stored.id.to_string();
                let set = document(&resource);
                let is = set["status"].as_str().unwrap().to_owned();
                let was = known.iter().position(|(known, _)| *known == id);
                match was {
                    Some(at) if known[at].1 != is => {
                        let step = (known[at].1.as_str(), is.as_str());
                        assert!(CHANGE_SET.contains(&step), "seed {seed}: {step:?}");
                        seen.insert(format!("{step:?}"));
                        known[at].1 = is;
                    }
                    Some(_) => {}
                    None => {
                        let is_undo = set["origin"] == "undo";
                        let first = if is_undo { "applied" } else { "collecting" };
                        assert!(is == first || is == "held", "seed {seed}: begins as {is}");
                        known.push((id, is));
                    }
                }
            }
        }
        assert!(!seen.is_empty(), "seed {seed} moved nothing");
        assert_eq!(asker.contradictions().await, [""; 0]);
    }
}

#[tokio::test]
async fn hosts_and_connections_follow_their_tables() {
    for seed in 0..8 {
        let mut random = fastrand::Rng::with_seed(seed);
        let asker = Asker::new(Fresh::sqlite().await, product());
        asker.create("Users", user(1)).await.unwrap();
        let hosts = asker.list(&app(), "Hosts", None, 1).await.unwrap();
        let host = hosts.resources[0].stored.id.to_string();
        let sent = json!({ "schemas": ["urn:visitor-hosts:scim:schemas:1.0:ApiToken"], "name": "a", "kind": "app" });
        let token = create(&asker.engine, &app(), "ApiTokens", sent)
            .await
            .unwrap();
        let token = token.stored.id.to_string();
        let (mut suspended, mut revoked) = (false, false);
        for _ in 0..40 {
            let verbs = [
                ("Hosts", host.as_str(), "suspend"),
                ("Hosts", host.as_str(), "resume"),
                ("ApiTokens", token.as_str(), "rotate"),
                ("ApiTokens", token.as_str(), "revoke"),
            ];
            // Revoking is the end, so it comes seldom.
            let at = if random.u8(0..20) == 0 {
                3
            } else {
                random.usize(0..3)
            };
            let (_, _, verb) = verbs[at];
            let allowed = match verb {
                "suspend" => !suspended,
                "resume" => suspended,
                _ => !revoked,
            };
            let outcome = act(&asker.engine, &app(), verbs[at], json!({})).await;
            assert_eq!(outcome.is_ok(), allowed, "seed {seed}: {verb}");
            match verb {
                "suspend" => suspended = true,
                "resume" => suspended = false,
                "revoke" => revoked = true,
                _ => {}
            }
        }
    }
}
