//! Does every acknowledged write survive `kill -9`?
//!
//! Sixty-four clients write at once, each keeping a journal of what was acknowledged. At a random
//! moment the server is killed and started again on the same database; then every journal must
//! agree with what the server tells. A request without an answer may have happened or not, but
//! never in part. `SCIM_SOAK=10` plays ten times as many rounds.
//!
//! `outage.rs` asks the same when not the server goes, but its PostgreSQL; `together.rs` asks what
//! two servers on one PostgreSQL keep together.

mod cluster;
mod journal;
mod load;
mod outage;
mod picture;
#[path = "../support/mod.rs"]
mod support;
mod together;
mod verify;

use std::env;
use std::sync::Arc;
use std::time::Duration;

use conformance_tests::client::{Call, Client, Credentials};
use fastrand::Rng;
use serde_json::json;
use tokio::time::sleep;

use journal::Journal;
use support::{Database, Server};

const ROUNDS: usize = 20;
const CLIENTS: usize = 64;
const GROUPS: usize = 4;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn soak_kill_on_sqlite() {
    acknowledged_writes_survive(&Database::sqlite("visitor-hosts")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn soak_kill_on_postgres() {
    let database = Database::postgres(
        "visitor-hosts",
        "conformance_kill",
        "DROP DATABASE IF EXISTS conformance_kill WITH (FORCE)",
        "CREATE DATABASE conformance_kill",
    );
    acknowledged_writes_survive(&database.await).await;
}

async fn acknowledged_writes_survive(database: &Database) {
    let seed = fastrand::u64(..);
    println!("seed {seed}");
    let mut dice = Rng::with_seed(seed);
    let mut server = Server::start(database);
    let credentials = Credentials {
        idp: database.create_token("Entra", "idp", "compatible"),
        idp2: None,
        app: Some(database.create_token("Reception", "app", "compatible")),
    };
    let groups = create_groups(&server.client(credentials.clone())).await;
    let mut journals: Vec<_> = (0..CLIENTS).map(Journal::new).collect();

    for round in 1..=ROUNDS * soak() {
        let client = server.client(credentials.clone());
        let writers: Vec<_> = journals
            .drain(..)
            .map(|journal| {
                let writer = load::write(client.clone(), journal, Arc::clone(&groups), dice.fork());
                tokio::spawn(writer)
            })
            .collect();
        sleep(Duration::from_millis(dice.u64(300..2_000))).await;
        server.kill();
        for writer in writers {
            journals.push(writer.await.expect("a writer never panics"));
        }
        server = Server::start(database);

        let (acknowledged, unanswered) = journal::counts(&journals);
        let client = server.client(credentials.clone());
        let problems = verify::problems(&client, &groups, &mut journals).await;
        println!("round {round}: {acknowledged} acknowledged so far, {unanswered} unanswered");
        assert!(
            problems.is_empty(),
            "round {round}:\n{}",
            problems.join("\n")
        );
    }
    let (acknowledged, _) = journal::counts(&journals);
    assert!(
        acknowledged >= ROUNDS * CLIENTS,
        "only {acknowledged} writes: the test says nothing"
    );
    server.kill();
    database.check();
}

fn soak() -> usize {
    match env::var("SCIM_SOAK") {
        Ok(factor) => factor.parse().expect("SCIM_SOAK is a number of times"),
        Err(_) => 1,
    }
}

async fn create_groups(client: &Client) -> Arc<[String]> {
    let mut ids = Vec::new();
    for number in 1..=GROUPS {
        let call = Call::new("POST", "/Groups").with_body(json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
            "displayName": format!("Group {number}"),
        }));
        let answer = client.send(&call).await.expect("the server runs");
        assert_eq!(answer.status, 201, "{call}{answer}");
        let body = answer.json().expect("a created group is JSON");
        ids.push(body["id"].as_str().expect("a group has an id").to_owned());
    }
    ids.into()
}
