//! Two servers on one PostgreSQL: do they keep together what one of them keeps alone?

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use conformance_tests::client::{Answer, Call, Client, Credentials};
use futures::future::join_all;
use serde_json::{Value, json};
use sqlx::{Connection as _, PgConnection};

use crate::support::{Database, Server};

/// Two servers on one empty database.
struct Pair {
    database: Database,
    servers: [Server; 2],
    credentials: Credentials,
}

impl Pair {
    async fn new(name: &str, drop: &'static str, create: &'static str) -> Self {
        let database = Database::postgres("visitor-hosts", name, drop, create).await;
        // The first holds the sealer's lease before there is a second.
        let servers = [(); 2].map(|()| Server::start(&database));
        let credentials = Credentials {
            idp: database.create_token("Entra", "idp", "compatible"),
            idp2: None,
            app: None,
        };
        Self {
            database,
            servers,
            credentials,
        }
    }

    fn clients(&self) -> [Client; 2] {
        let client = |server: &Server| server.client(self.credentials.clone());
        self.servers.each_ref().map(client)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn process_one_of_64_equal_creates_wins() {
    let pair = Pair::new(
        "conformance_creates",
        "DROP DATABASE IF EXISTS conformance_creates WITH (FORCE)",
        "CREATE DATABASE conformance_creates",
    )
    .await;
    let clients = pair.clients();
    for round in 0..5 {
        let create = user(&format!("round{round}"));
        let answers = (0..64).map(|number| clients[number % 2].send(&create));
        let mut outcomes = BTreeMap::new();
        for answer in join_all(answers).await {
            *outcomes.entry(answer.unwrap().status).or_insert(0) += 1;
        }
        assert_eq!(outcomes, BTreeMap::from([(201, 1), (409, 63)]));
    }
    pair.database.check();
}

/// Each of 32 users is added to one group through one server and every other one removed through
/// the other, all at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn process_no_member_is_lost() {
    let pair = Pair::new(
        "conformance_members",
        "DROP DATABASE IF EXISTS conformance_members WITH (FORCE)",
        "CREATE DATABASE conformance_members",
    )
    .await;
    let clients = &pair.clients();
    let team = Call::new("POST", "/Groups").with_body(json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
        "displayName": "Team",
    }));
    let team = &id(&sent(&clients[0], &team, 201).await);
    let kept = join_all((0..32).map(async |number| {
        let [one, other] = [number % 2, (number + 1) % 2].map(|place| &clients[place]);
        let user = id(&sent(one, &user(&format!("user{number}")), 201).await);
        let member = json!([{ "value": user }]);
        sent(one, &change(team, "add", &member), 204).await;
        if number % 4 < 2 {
            return Some(user);
        }
        sent(other, &change(team, "remove", &member), 204).await;
        None
    }))
    .await;
    let kept: BTreeSet<String> = kept.into_iter().flatten().collect();
    for client in clients {
        let group = sent(client, &Call::new("GET", format!("/Groups/{team}")), 200).await;
        let group = group.json().unwrap();
        let members = group["members"].as_array().unwrap().iter();
        let members: BTreeSet<_> = members
            .map(|member| member["value"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(members, kept);
        // Made, 32 members added, half of them removed.
        assert_eq!(group["meta"]["version"], "W/\"49\"");
    }
    pair.database.check();
}

/// A server remembers for a second that a token is valid.
#[tokio::test]
async fn process_a_revoked_token_is_refused_by_both() {
    let pair = Pair::new(
        "conformance_revoked",
        "DROP DATABASE IF EXISTS conformance_revoked WITH (FORCE)",
        "CREATE DATABASE conformance_revoked",
    )
    .await;
    let [one, other] = pair.clients();
    let read = Call::new("GET", "/Users");
    sent(&one, &read, 200).await;
    sent(&other, &read, 200).await;
    let tokens = pair.database.run(&["token", "list", "--tenant", "main"]);
    let entra = tokens.lines().find(|line| line.ends_with("\tEntra"));
    let (id, _) = entra.unwrap().split_once('\t').unwrap();
    pair.database.run(&["token", "revoke", id]);
    let revoked = Instant::now();
    for client in [one, other] {
        while client.send(&read).await.unwrap().status == 200 {
            assert!(revoked.elapsed() < Duration::from_secs(2));
        }
        sent(&client, &read, 401).await;
    }
}

/// The server that seals is killed; when its lease is over, the other one goes on where it ended.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn process_a_killed_sealer_is_followed() {
    let pair = Pair::new(
        "conformance_sealer",
        "DROP DATABASE IF EXISTS conformance_sealer WITH (FORCE)",
        "CREATE DATABASE conformance_sealer",
    )
    .await;
    let [one, other] = pair.clients();
    let mut database = PgConnection::connect(&pair.database.url).await.unwrap();
    let mut sealed = async || -> (i64, i64, i64) {
        sqlx::query_as(
            "SELECT (SELECT count(*) FROM change), (SELECT count(*) FROM seal),
             (SELECT coalesce(max(sequence), 0) FROM seal)",
        )
        .fetch_one(&mut database)
        .await
        .unwrap()
    };
    let mut written = 0;
    let mut write = async |client: &Client| {
        written += 1;
        sent(client, &user(&format!("user{written}")), 201).await;
    };
    while sealed().await.1 == 0 {
        write(&one).await;
    }
    let Pair {
        servers: [first, _second],
        database: checked,
        ..
    } = pair;
    first.kill();
    let killed = Instant::now();
    write(&other).await;
    let (written_by_then, ..) = sealed().await;
    while sealed().await.1 < written_by_then {
        write(&other).await;
        // The lease lasts ten seconds.
        assert!(killed.elapsed() < Duration::from_secs(20), "nobody seals");
    }
    let (_, seals, last) = sealed().await;
    assert_eq!(seals, last, "every number once, from 1 on");
    checked.check();
}

fn user(name: &str) -> Call {
    Call::new("POST", "/Users").with_body(json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": name,
    }))
}

fn change(group: &str, op: &str, members: &Value) -> Call {
    Call::new("PATCH", format!("/Groups/{group}")).with_body(json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{ "op": op, "path": "members", "value": members }],
    }))
}

async fn sent(client: &Client, call: &Call, status: u16) -> Answer {
    let answer = client.send(call).await.unwrap();
    assert_eq!(answer.status, status, "{call}{answer}");
    answer
}

fn id(answer: &Answer) -> String {
    answer.json().unwrap()["id"].as_str().unwrap().to_owned()
}
