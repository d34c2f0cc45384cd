//! Do both binaries, on both databases, still agree with a directory after Entra and Okta have
//! followed its changes for some cycles, with requests refused and lost on the way?
//!
//! `SCIM_SOAK=20` makes the directory of the soak tests twenty times as large: a thousand people.

mod support;

use std::env;

use conformance_tests::client::{Call, Client, Credentials};
use conformance_tests::faults::Faults;
use conformance_tests::simulate::{
    Afterwards, Entra, Kind, Okta, Quirks, Report, Simulation, Speaker, run,
};
use indicatif::ProgressBar;
use support::{Database, Server};

const PRODUCT: &str = "visitor-hosts";
const PLAIN: &str = "scim-server";

const SPEAKERS: [Speaker; 4] = [
    Speaker::Entra(Entra::Usual),
    Speaker::Entra(Entra::Flag),
    Speaker::Okta(Okta::Put),
    Speaker::Okta(Okta::Patch),
];

#[tokio::test]
async fn process_product_on_sqlite() {
    follows_the_directory(PRODUCT, &Database::sqlite(PRODUCT)).await;
}

#[tokio::test]
async fn process_product_on_postgres() {
    let database = Database::postgres(
        PRODUCT,
        "simulate_product",
        "DROP DATABASE IF EXISTS simulate_product WITH (FORCE)",
        "CREATE DATABASE simulate_product",
    );
    follows_the_directory(PRODUCT, &database.await).await;
}

#[tokio::test]
async fn process_plain_server_on_sqlite() {
    follows_the_directory(PLAIN, &Database::sqlite(PLAIN)).await;
}

#[tokio::test]
async fn process_plain_server_on_postgres() {
    let database = Database::postgres(
        PLAIN,
        "simulate_plain",
        "DROP DATABASE IF EXISTS simulate_plain WITH (FORCE)",
        "CREATE DATABASE simulate_plain",
    );
    follows_the_directory(PLAIN, &database.await).await;
}

/// A server that refuses what a provider sends must not look like one that agrees.
#[tokio::test]
async fn process_refusals_are_told() {
    let database = Database::sqlite(PRODUCT);
    let server = Server::start(&database);
    let client = server.client(Credentials {
        idp: database.create_token("Entra", "idp", "strict"),
        ..Credentials::default()
    });
    let simulation = Simulation {
        cycles: 1,
        faults: None,
        ..small(Speaker::Entra(Entra::Usual), 7)
    };
    let report = play(&simulation, &client).await;
    assert!(!report.agrees());
    let [first, retries @ ..] = report.cycles.as_slice() else {
        panic!("there is no cycle");
    };
    // Managers as text and removals by value are no RFC 7644.
    assert!(first.tally.failed > 10 && first.differences.count > 10);
    assert!(first.tally.reasons[0].contains("< 400"), "{report}");
    // Eight more cycles, in which the intervals grow: 1, 2, then 4.
    let tried = retries.iter().map(|cycle| cycle.tally.failed > 0);
    let expected = [true, false, true, false, false, false, true, false];
    assert_eq!(tried.collect::<Vec<_>>(), expected);
    assert!(retries.iter().all(|cycle| cycle.kind == Kind::Retry));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn soak_simulate_on_sqlite() {
    keeps_up(&Database::sqlite(PRODUCT)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn soak_simulate_on_postgres() {
    let database = Database::postgres(
        PRODUCT,
        "simulate_soak",
        "DROP DATABASE IF EXISTS simulate_soak WITH (FORCE)",
        "CREATE DATABASE simulate_soak",
    );
    keeps_up(&database.await).await;
}

/// Every provider with a small directory and many faults; afterwards nothing is left.
async fn follows_the_directory(program: &str, database: &Database) {
    let server = Server::start(database);
    for speaker in SPEAKERS {
        let client = client(program, database, &server, &format!("{speaker:?}"));
        let report = play(&small(speaker, 7), &client).await;
        assert!(report.agrees(), "{report}");
        assert!(report.cycles.len() >= 4, "{report}");
        assert!(report.sent().requests >= 70, "{report}");
        let faults = report.faults.expect("there was a proxy");
        let kinds = [
            faults.throttled,
            faults.unavailable,
            faults.lost_before,
            faults.lost_after,
        ];
        assert!(kinds.iter().all(|kind| *kind >= 2), "{report}");
        assert!(report.cleaned_up >= Some(15), "{report}");
        let left = client.send(&Call::new("GET", "/Users")).await;
        let left = left.and_then(|answer| answer.json());
        assert_eq!(left.expect("the server answers")["totalResults"], 0);
    }
    server.kill();
    database.check();
}

/// Every provider, one after the other in one database, from a seed that is told.
async fn keeps_up(database: &Database) {
    let server = Server::start(database);
    let people = 50 * soak();
    for speaker in SPEAKERS {
        let client = client(PRODUCT, database, &server, &format!("{speaker:?}"));
        let simulation = Simulation {
            users: people,
            groups: people / 20 + 3,
            cycles: 5,
            afterwards: Afterwards::Keep,
            ..small(speaker, fastrand::u64(..))
        };
        let report = play(&simulation, &client).await;
        println!("{report}");
        assert!(report.agrees(), "{report}");
        assert!(report.cycles.len() >= 5, "{report}");
    }
    server.kill();
    database.check();
}

fn soak() -> u32 {
    match env::var("SCIM_SOAK") {
        Ok(factor) => factor.parse().expect("SCIM_SOAK is a number of times"),
        Err(_) => 1,
    }
}

/// Sixty people for what most customers have, and a third of them for the others.
fn small(client: Speaker, seed: u64) -> Simulation {
    let (users, groups) = match client {
        Speaker::Entra(Entra::Usual) => (60, 8),
        Speaker::Entra(Entra::Flag) | Speaker::Okta(_) => (20, 4),
    };
    Simulation {
        client,
        users,
        groups,
        cycles: 4,
        seed,
        tag: format!("sim{seed:x}"),
        rate: 0,
        faults: Some(Faults {
            share: 0.1,
            retry_after_s: 0,
        }),
        quirks: Quirks::default(),
        afterwards: Afterwards::CleanUp,
    }
}

async fn play(simulation: &Simulation, client: &Client) -> Report {
    let report = run(simulation, client, &ProgressBar::hidden()).await;
    report.expect("the server can be read")
}

/// A connection of its own; the product is also read as an application.
fn client(program: &str, database: &Database, server: &Server, name: &str) -> Client {
    let token = |name: &str, kind| database.create_token(name, kind, "compatible");
    server.client(Credentials {
        idp: token(name, "idp"),
        idp2: None,
        app: (program == PRODUCT).then(|| token(&format!("{name} reader"), "app")),
    })
}
