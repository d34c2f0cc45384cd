//! What does `scim-conformance` print, and what does it exit with?

use std::process::{Command, Output, Stdio};

use conformance_tests::client::{Call, Client, Credentials};
use serde_json::Value;

use crate::PLAIN;
use crate::support::{Database, Server};

#[tokio::test]
async fn process_exit_codes_and_formats() {
    let database = Database::sqlite(PLAIN);
    let server = Server::start(&database);
    let secret = database.create_token("Suite", "idp", "compatible");
    let client = server.client(Credentials::default());
    let say = |arguments: &[&str]| {
        let output = suite(&client, &secret).args(arguments).output();
        output.expect("the suite can be started")
    };

    let passed = say(&["--only", "RFC7644-3.3-a,RFC7644-3.6-a"]);
    assert_eq!(passed.status.code(), Some(0), "{passed:?}");
    assert!(
        text(&passed).contains("together            2       0"),
        "{}",
        text(&passed)
    );

    let broken = say(&["--only", "RFC7644-3.5.2-g", "--format", "json"]);
    assert_eq!(broken.status.code(), Some(1), "{broken:?}");
    let report: Value = serde_json::from_slice(&broken.stdout).expect("the report is JSON");
    assert_eq!(report["checks"][0]["outcome"], "failed");
    assert_eq!(report["checks"][0]["tolerance"], "opAnyCase");
    let sent = report["checks"][0]["exchanges"].to_string();
    assert!(
        sent.contains("PATCH /Users/") && !sent.contains(&secret),
        "{sent}"
    );

    let junit = say(&["--only", "RFC7644-3.5.2-g", "--format", "junit"]);
    assert!(
        text(&junit).contains("<testcase classname=\"patch.must\" name=\"RFC7644-3.5.2-g\""),
        "{}",
        text(&junit)
    );

    assert_eq!(say(&["--only", "RFC1"]).status.code(), Some(64));
    assert_eq!(say(&["--format", "pdf"]).status.code(), Some(64));
    let stranger = suite(&client, "scim_nobody")
        .output()
        .expect("the suite can be started");
    assert_eq!(stranger.status.code(), Some(3), "{stranger:?}");
    server.kill();
    assert_eq!(say(&[]).status.code(), Some(3));
    database.check();
}

#[tokio::test]
async fn process_ctrl_c_deletes_what_was_made() {
    let database = Database::sqlite(PLAIN);
    let server = Server::start(&database);
    let secret = database.create_token("Suite", "idp", "compatible");
    let credentials = Credentials {
        idp: secret.clone(),
        ..Credentials::default()
    };
    let client = server.client(credentials);
    let running = suite(&client, &secret)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let running = running.expect("the suite can be started");
    while users(&client).await == 0 {}
    let signal = Command::new("kill")
        .args(["-INT", &running.id().to_string()])
        .status();
    assert!(signal.expect("kill can be started").success());
    let output = running.wait_with_output().expect("the suite ends");
    assert_eq!(output.status.code(), Some(130), "{output:?}");
    assert!(text(&output).contains("Everything that was made has been deleted."));
    assert_eq!(users(&client).await, 0);
}

fn suite(client: &Client, secret: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_scim-conformance"));
    command
        .args([
            "--url",
            client.address(),
            "--public-url",
            client.base(),
            "--token",
            secret,
        ])
        .stdin(Stdio::null());
    command
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

async fn users(client: &Client) -> u64 {
    let answer = client
        .send(&Call::new("GET", "/Users").with_query("count=0"))
        .await;
    let list = answer
        .expect("the server answers")
        .json()
        .expect("a list is JSON");
    list["totalResults"].as_u64().expect("a number")
}
