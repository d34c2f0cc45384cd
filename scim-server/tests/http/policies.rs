//! The same requests under different policies, and what is recorded of what was repaired.

use scim_server::store::{PolicyName, TokenKind};
use serde_json::Value;

use super::support::{Answer, Scim};

const POLICIES: [&str; 5] = ["compatible", "strict", "interop", "entra", "okta"];
const USER_BODY: &str = r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"ann","displayName":"Ann","active":true}"#;

/// Requests that Entra sends, from its folder of the fixtures.
const FIXTURES: [&str; 5] = [
    "07-disable-and-enable/02-disable-with-text",
    "07-disable-and-enable/07-disable-with-a-boolean",
    "04-update-user/07-value-path-to-a-missing-telephone",
    "05-manager/03-as-text",
    "06-roles/02-json-as-text",
];

fn fixture(name: &str) -> String {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/entra");
    let path = format!("{folder}/{name}.request.json");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    serde_json::from_str::<Value>(&text).unwrap()["body"].to_string()
}

/// A connection of its own, with a user of its own.
struct Connection<'s> {
    scim: &'s Scim,
    secret: String,
    user: String,
}

impl<'s> Connection<'s> {
    async fn new(scim: &'s Scim, policy: &str) -> Connection<'s> {
        let policy: PolicyName = policy.parse().unwrap();
        let tenant = "main".parse().unwrap();
        let tokens = scim.server.tokens();
        let made = tokens.create(&tenant, policy.as_str(), TokenKind::Idp, policy, None);
        let secret = format!("Bearer {}", made.await.unwrap().1);
        let mut connection = Connection {
            scim,
            secret,
            user: String::new(),
        };
        let made = connection.send("POST /Users", USER_BODY.to_owned()).await;
        connection.user = format!("/Users/{}", made.json()["id"].as_str().unwrap());
        connection
    }

    async fn send(&self, line: &str, body: String) -> Answer {
        let headers = [("authorization", self.secret.as_str())];
        let (method, path) = line.split_once(' ').unwrap();
        let path = format!("{}{path}", super::support::BASE);
        self.scim.raw(method, &path, &headers, body).await
    }

    async fn patch(&self, body: String) -> Answer {
        self.send(&format!("PATCH {}", self.user), body).await
    }
}

#[tokio::test]
async fn what_each_policy_takes_of_entra() {
    let scim = Scim::start().await;
    let mut table = String::new();
    for name in FIXTURES {
        table.push_str(name);
        for policy in POLICIES {
            let connection = Connection::new(&scim, policy).await;
            let answer = connection.patch(fixture(name)).await;
            table.push_str(&format!(" {policy}={}", answer.status.as_u16()));
        }
        table.push('\n');
    }
    insta::assert_snapshot!(table, @r"
    07-disable-and-enable/02-disable-with-text compatible=200 strict=400 interop=400 entra=200 okta=400
    07-disable-and-enable/07-disable-with-a-boolean compatible=200 strict=200 interop=200 entra=200 okta=200
    04-update-user/07-value-path-to-a-missing-telephone compatible=200 strict=400 interop=400 entra=200 okta=400
    05-manager/03-as-text compatible=200 strict=400 interop=400 entra=200 okta=400
    06-roles/02-json-as-text compatible=200 strict=400 interop=400 entra=200 okta=400
    ");
}

#[tokio::test]
async fn strict_says_why_and_compatible_records_what_it_repaired() {
    let scim = Scim::start().await;
    let strict = Connection::new(&scim, "strict").await;
    let refused = strict.patch(fixture(FIXTURES[0])).await;
    insta::assert_snapshot!(refused.refusal(), @"400 invalidSyntax: op is written replace");
    insta::assert_snapshot!(scim.last_request(), @r#"{"status":400,"detail":"op is written replace"}"#);

    let compatible = Connection::new(&scim, "compatible").await;
    let taken = compatible.patch(fixture(FIXTURES[0])).await;
    assert_eq!(taken.json()["active"], false);
    insta::assert_snapshot!(scim.last_request(), @r#"{"method":"PATCH","body":{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"Replace","path":"active","value":"False"}]},"repairs":["opCase","boolString"]}"#);
}

#[tokio::test]
async fn a_policy_is_changed_while_the_server_runs() {
    let scim = Scim::start().await;
    let connection = Connection::new(&scim, "strict").await;
    let main = "main".parse().unwrap();
    let id = scim.server.tokens().list(&main).await.unwrap();
    let id = id.last().unwrap().id;
    let compatible = PolicyName::default();
    let tokens = scim.server.tokens();
    assert!(tokens.set_policy(&main, id, compatible).await.unwrap());
    // Another process reads it anew; this one within a second.
    let secret = connection.secret.trim_start_matches("Bearer ");
    let caller = scim.other_process().authenticate(&main, secret).await;
    assert_eq!(caller.unwrap().policy, compatible.policy());
}
