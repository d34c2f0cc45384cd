//! Do both binaries, on both databases, refuse the attacks of `fixtures/hostile` as written down,
//! and is everything in order afterwards?

mod support;

use std::path::Path;

use conformance_tests::client::Credentials;
use conformance_tests::hostile;
use support::{Database, Server};

const PRODUCT: &str = "visitor-hosts";
const PLAIN: &str = "scim-server";

#[tokio::test]
async fn process_product_on_sqlite() {
    refuses(&Database::sqlite(PRODUCT)).await;
}

#[tokio::test]
async fn process_product_on_postgres() {
    let database = Database::postgres(
        PRODUCT,
        "hostile_product",
        "DROP DATABASE IF EXISTS hostile_product WITH (FORCE)",
        "CREATE DATABASE hostile_product",
    );
    refuses(&database.await).await;
}

#[tokio::test]
async fn process_plain_server_on_sqlite() {
    refuses(&Database::sqlite(PLAIN)).await;
}

#[tokio::test]
async fn process_plain_server_on_postgres() {
    let database = Database::postgres(
        PLAIN,
        "hostile_plain",
        "DROP DATABASE IF EXISTS hostile_plain WITH (FORCE)",
        "CREATE DATABASE hostile_plain",
    );
    refuses(&database.await).await;
}

async fn refuses(database: &Database) {
    let server = Server::start(database);
    let client = server.client(Credentials {
        idp: database.create_token("Attacker", "idp", "compatible"),
        ..Credentials::default()
    });
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/hostile");
    let (mut attacks, mut failures) = (0, 0);
    for theme in hostile::load(&folder).expect("the attacks are well formed") {
        let played = hostile::play(&theme, &client)
            .await
            .expect("the server still makes users and groups");
        print!("{played}");
        attacks += played.attacks;
        failures += played.failures.len();
    }
    println!("{attacks} attacks, {failures} not answered as expected");
    assert!(attacks >= 600, "there are {attacks} attacks, not 600");
    assert_eq!(failures, 0, "attacks above were not answered as expected");
    server.kill();
    database.check();
}
