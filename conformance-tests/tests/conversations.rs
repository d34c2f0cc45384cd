//! Do both binaries, on both databases, answer every conversation of `fixtures/` as written down,
//! under the policy that it names?

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use conformance_tests::client::{Client, Credentials};
use conformance_tests::fixture;
use conformance_tests::replay;
use support::{Database, Server};

const PRODUCT: &str = "visitor-hosts";
const PLAIN: &str = "scim-server";

#[tokio::test]
async fn process_product_on_sqlite() {
    plays_without_a_difference(PRODUCT, &Database::sqlite(PRODUCT)).await;
}

#[tokio::test]
async fn process_product_on_postgres() {
    let database = Database::postgres(
        PRODUCT,
        "conformance_product",
        "DROP DATABASE IF EXISTS conformance_product WITH (FORCE)",
        "CREATE DATABASE conformance_product",
    );
    plays_without_a_difference(PRODUCT, &database.await).await;
}

#[tokio::test]
async fn process_plain_server_on_sqlite() {
    plays_without_a_difference(PLAIN, &Database::sqlite(PLAIN)).await;
}

#[tokio::test]
async fn process_plain_server_on_postgres() {
    let database = Database::postgres(
        PLAIN,
        "conformance_plain",
        "DROP DATABASE IF EXISTS conformance_plain WITH (FORCE)",
        "CREATE DATABASE conformance_plain",
    );
    plays_without_a_difference(PLAIN, &database.await).await;
}

/// What a preset is named after must pass under it as well as under `compatible`.
#[tokio::test]
async fn process_presets_take_what_they_are_named_after() {
    let database = Database::sqlite(PRODUCT);
    let server = Server::start(&database);
    let mut clients = Clients::new(&database, &server);
    let mut different = Vec::new();
    for preset in ["entra", "okta"] {
        let conversations = fixture::load(&fixtures().join(preset));
        for conversation in conversations.expect("the fixtures are well formed") {
            let played = replay::play(&conversation, clients.under(preset)).await;
            if !played.failures.is_empty() {
                print!("{played}");
                different.push(played.conversation);
            }
        }
    }
    assert!(
        different.is_empty(),
        "conversations with differences, told above: {different:?}"
    );
}

async fn plays_without_a_difference(program: &str, database: &Database) {
    let server = Server::start(database);
    let mut clients = Clients::new(database, &server);
    let mut different = Vec::new();
    for folder in folders() {
        let (mut conversations, mut steps, mut failures) = (0, 0, 0);
        for conversation in fixture::load(&folder).expect("the fixtures are well formed") {
            if conversation.setting.product_only && program != PRODUCT {
                continue;
            }
            let client = clients.under(&conversation.setting.policy);
            let played = replay::play(&conversation, client).await;
            conversations += 1;
            steps += played.steps;
            failures += played.failures.len();
            if !played.failures.is_empty() {
                print!("{played}");
                different.push(played.conversation);
            }
        }
        println!(
            "{}: {conversations} conversations, {} of {steps} steps without a difference",
            folder.file_name().unwrap_or_default().display(),
            steps - failures
        );
    }
    assert!(
        different.is_empty(),
        "conversations with differences, told above: {different:?}"
    );
    server.kill();
    database.check();
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures")
}

/// Every folder of conversations; `hostile` holds single requests, and `csv` files.
fn folders() -> Vec<PathBuf> {
    let mut folders: Vec<_> = fs::read_dir(fixtures())
        .expect("the fixtures stand beside this crate")
        .map(|entry| entry.expect("the folder can be read").path())
        .filter(|path| path.is_dir() && !path.ends_with("hostile") && !path.ends_with("csv"))
        .collect();
    folders.sort();
    folders
}

/// Connections by policy, made when the first conversation asks for them.
struct Clients<'t> {
    database: &'t Database,
    server: &'t Server,
    by_policy: BTreeMap<String, Client>,
}

impl<'t> Clients<'t> {
    fn new(database: &'t Database, server: &'t Server) -> Self {
        Self {
            database,
            server,
            by_policy: BTreeMap::new(),
        }
    }

    fn under(&mut self, policy: &str) -> &Client {
        let client = || {
            let token = |name, kind| self.database.create_token(name, kind, policy);
            self.server.client(Credentials {
                idp: token("Entra", "idp"),
                idp2: Some(token("Second directory", "idp")),
                app: Some(token("Reception", "app")),
            })
        };
        self.by_policy
            .entry(policy.to_owned())
            .or_insert_with(client)
    }
}
