//! Does the product answer Microsoft Entra ID as written down in `fixtures/entra`, on both
//! databases?

mod support;

use std::path::Path;

use conformance_tests::client::Credentials;
use conformance_tests::{fixture, replay};
use support::{Database, Server};

#[tokio::test]
async fn entra_on_sqlite() {
    plays_without_a_difference(&Database::sqlite()).await;
}

#[tokio::test]
async fn entra_on_postgres() {
    let database = Database::postgres(
        "conformance_entra",
        "DROP DATABASE IF EXISTS conformance_entra WITH (FORCE)",
        "CREATE DATABASE conformance_entra",
    );
    plays_without_a_difference(&database.await).await;
}

async fn plays_without_a_difference(database: &Database) {
    let server = Server::start(database);
    let client = server.client(Credentials {
        idp: database.create_token("Entra", "idp"),
        idp2: Some(database.create_token("Second directory", "idp")),
        app: Some(database.create_token("Reception", "app")),
    });
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/entra");
    let mut different = Vec::new();
    for conversation in fixture::load(&folder).expect("the fixtures are well formed") {
        let played = replay::play(&conversation, &client).await;
        print!("{played}");
        if !played.failures.is_empty() {
            different.push(played.conversation);
        }
    }
    assert!(
        different.is_empty(),
        "conversations with differences, told above: {different:?}"
    );
    server.kill();
    database.check();
}
