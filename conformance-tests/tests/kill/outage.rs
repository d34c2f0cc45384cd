//! PostgreSQL goes away under load: is every acknowledged write there when it is back, is no write
//! done twice, and how soon are requests answered again?

use std::time::{Duration, Instant};

use conformance_tests::client::{Client, Credentials};
use fastrand::Rng;
use tokio::sync::watch;
use tokio::task::block_in_place;
use tokio::time::{sleep, sleep_until};

use crate::cluster::{Cluster, Node};
use crate::journal::{self, Journal};
use crate::load::{self, Heard};
use crate::support::{Database, Server};
use crate::{create_groups, verify};

const CLIENTS: usize = 16;
/// So long after PostgreSQL is back, nobody is sent away any more.
const BACK_WITHIN: Duration = Duration::from_secs(5);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn soak_postgres_restarts_under_load() {
    let cluster = Cluster::new();
    let primary = cluster.primary();
    let database = Database::at("visitor-hosts", Node::url(&[&primary]));
    survives(&database, 1, || primary.restart("immediate")).await;
}

/// The standby has what was acknowledged, since the primary waited for it. Two servers go on with
/// the standby when the primary is gone.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn soak_postgres_fails_over_under_load() {
    let cluster = Cluster::new();
    let primary = cluster.primary();
    let standby = cluster.synchronous_standby(&primary);
    let database = Database::at("visitor-hosts", Node::url(&[&standby, &primary]));
    survives(&database, 2, || {
        primary.kill();
        standby.promote();
    })
    .await;
}

/// A connection to a machine that stands still never ends by itself.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn soak_postgres_falls_silent_under_load() {
    let cluster = Cluster::new();
    let primary = cluster.primary();
    let standby = cluster.synchronous_standby(&primary);
    let database = Database::at("visitor-hosts", Node::url(&[&primary, &standby]));
    survives(&database, 1, || {
        primary.freeze();
        standby.promote();
    })
    .await;
    primary.kill();
}

/// Writes through so many servers, lets the outage happen, and looks at what was acknowledged.
/// PostgreSQL is back when `outage` returns.
async fn survives(database: &Database, servers: usize, outage: impl FnOnce() + Send) {
    let seed = fastrand::u64(..);
    println!("seed {seed}");
    let mut dice = Rng::with_seed(seed);
    let servers: Vec<_> = (0..servers).map(|_| Server::start(database)).collect();
    let credentials = Credentials {
        idp: database.create_token("Entra", "idp", "compatible"),
        idp2: None,
        app: Some(database.create_token("Reception", "app", "compatible")),
    };
    let clients: Vec<Client> = servers
        .iter()
        .map(|server| server.client(credentials.clone()))
        .collect();
    let groups = create_groups(&clients[0]).await;
    let (stop, stopped) = watch::channel(false);
    let writers: Vec<_> = (0..CLIENTS)
        .map(|number| {
            let client = clients[number % clients.len()].clone();
            let (groups, dice) = (groups.clone(), dice.fork());
            let journal = Journal::new(number);
            let writer = load::write_on(client, journal, groups, dice, stopped.clone());
            tokio::spawn(writer)
        })
        .collect();
    sleep(Duration::from_secs(1)).await;
    let gone = Instant::now();
    block_in_place(outage);
    let back = Instant::now();
    sleep_until((back + BACK_WITHIN + Duration::from_secs(1)).into()).await;
    stop.send_replace(true);
    let (mut journals, mut told) = (Vec::new(), Vec::new());
    for writer in writers {
        let (journal, heard) = writer.await.expect("a writer never panics");
        journals.push(journal);
        told.push(heard);
    }

    let (acknowledged, _) = journal::counts(&journals);
    let waited = told.iter().map(|heard| first_done(heard, back)).max();
    let waited = waited
        .expect("there are clients")
        .saturating_duration_since(back);
    let unavailable = told.iter().flat_map(|heard| &heard.unavailable);
    let late = unavailable.clone().filter(|at| **at > back + BACK_WITHIN);
    println!(
        "PostgreSQL was away for {:?}; {acknowledged} acknowledged, {} told to come again; \
         every client was served {waited:?} after it was back",
        back - gone,
        unavailable.clone().count(),
    );
    let problems = verify::problems(&clients[0], &groups, &mut journals).await;
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    assert_eq!(late.count(), 0, "told to come again too late");
    assert!(waited < BACK_WITHIN, "not served for {waited:?}");
    assert!(
        acknowledged >= CLIENTS * 10,
        "only {acknowledged} writes: the test says nothing"
    );
    for server in servers {
        server.kill();
    }
    database.check();
}

/// When the client was served for the first time after this moment.
fn first_done(heard: &Heard, after: Instant) -> Instant {
    let mut done = heard.done.iter().copied();
    done.find(|at| *at > after)
        .expect("every client is served in the end")
}
