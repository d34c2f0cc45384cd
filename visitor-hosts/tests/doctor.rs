//! Does the doctor pass against this server, and does it find what is wrong with others?

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use scim_server::store::{Fresh, PolicyName, Store, TokenKind};
use scim_server::{Limits, Server};
use serde_json::{Value, json};
use visitor_hosts::doctor::{
    Answer, Doctor, Endpoint, InProcess, NoAnswer, Provider, Report, Request, Verdict,
};

struct Product {
    endpoint: InProcess,
    _fresh: Fresh,
}

/// This product, with a connection that reads by this policy.
async fn product(policy: &str) -> Product {
    let fresh = Fresh::sqlite().await;
    let store: Arc<dyn Store> = fresh.store.clone();
    let limits = Limits {
        rate: 0,
        ..Limits::default()
    };
    let server = Server::builder(store)
        .limits(limits)
        .serve(visitor_hosts::served().unwrap())
        .hooks(visitor_hosts::hooks().unwrap())
        .build();
    let tenant = "main".parse().unwrap();
    let policy: PolicyName = policy.parse().unwrap();
    let made = server
        .tokens()
        .create(&tenant, "Entra", TokenKind::Idp, policy, None);
    let (_, secret) = made.await.unwrap();
    Product {
        endpoint: InProcess::new(&server, &tenant, &secret.to_string()),
        _fresh: fresh,
    }
}

async fn examine(endpoint: &dyn Endpoint) -> Report {
    Doctor::new(endpoint, "test").examine(&Provider::ALL).await
}

/// How many users and groups there are.
async fn left(endpoint: &dyn Endpoint) -> Vec<Value> {
    let mut left = Vec::new();
    for path in ["/Users", "/Groups"] {
        let answer = endpoint.send(&Request::new("GET", path)).await.unwrap();
        let list: Value = serde_json::from_str(&answer.body).unwrap();
        left.push(list["totalResults"].clone());
    }
    left
}

/// The verdict of each provider, and the steps that are not good.
fn told(report: &Report) -> String {
    let mut lines = Vec::new();
    for provider in &report.providers {
        lines.push(format!("{:?} {:?}", provider.provider, provider.verdict));
        let mut skipped: BTreeMap<&str, usize> = BTreeMap::new();
        for step in provider
            .steps
            .iter()
            .filter(|step| step.verdict != Verdict::Good)
        {
            if let Some(why) = &step.skipped {
                *skipped.entry(why).or_default() += 1;
                continue;
            }
            let found = step.problems.iter().map(|problem| problem.found.clone());
            lines.push(format!(
                "  {:?} {}: {}",
                step.verdict,
                step.id,
                found.collect::<Vec<_>>().join(" ")
            ));
        }
        lines.extend(
            skipped
                .iter()
                .map(|(why, count)| format!("  {count} skipped: {why}")),
        );
    }
    lines.extend(
        report
            .left_behind
            .iter()
            .map(|left| format!("left: {left}")),
    );
    without_ids(&lines.join("\n"))
}

fn without_ids(text: &str) -> String {
    let is_id =
        |word: &&str| word.len() == 36 && word.bytes().filter(|byte| *byte == b'-').count() == 4;
    let words = text.split(|sign: char| !sign.is_ascii_hexdigit() && sign != '-');
    words
        .filter(is_id)
        .fold(text.to_owned(), |text, id| text.replace(id, "ID"))
}

#[tokio::test]
async fn this_product_passes_and_nothing_is_left() {
    let product = product("compatible").await;
    let report = examine(&product.endpoint).await;
    insta::assert_snapshot!(told(&report), @r"
    Entra Good
    Okta Good
    ");
    assert_eq!(left(&product.endpoint).await, [json!(0), json!(0)]);
    assert_eq!(report.providers[0].steps.len(), 29);
    assert_eq!(
        report.checks(),
        ["Microsoft Entra ID: will work", "Okta: will work"]
    );
}

#[tokio::test]
async fn reading_only_writes_nothing() {
    let product = product("compatible").await;
    let writes = Faulty::new(product.endpoint, |request, answer| {
        assert_eq!(request.method, "GET");
        answer
    });
    let report = Doctor::new(&writes, "test")
        .reading_only()
        .examine(&Provider::ALL)
        .await;
    insta::assert_snapshot!(told(&report), @r"
    Entra Good
    Okta Good
    ");
    assert!(
        report
            .to_string()
            .ends_with("Nothing was written, so only reading was tried.\n")
    );
}

/// A connection that may send nothing but what the RFCs say: the flag of Entra helps.
#[tokio::test]
async fn a_strict_server_wants_the_flag() {
    let product = product("strict").await;
    let report = examine(&product.endpoint).await;
    let entra = &report.providers[0];
    let disable = entra
        .steps
        .iter()
        .find(|step| step.id == "disable")
        .unwrap();
    assert_eq!(disable.verdict, Verdict::Broken);
    insta::assert_snapshot!(disable.problems[0].change, @r#"Write ?aadOptscim062020 behind the Tenant URL. Entra then sends [{"op":"replace","path":"active","value":false}], which this server takes. Otherwise: Let the server read "True" and "False" as booleans, and keep active as a boolean."#);
    assert_eq!(left(&product.endpoint).await, [json!(0), json!(0)]);
}

/// A server in which one thing is wrong.
struct Faulty<F> {
    inner: InProcess,
    fault: F,
}

impl<F: Fn(&Request, Result<Answer, NoAnswer>) -> Result<Answer, NoAnswer> + Send + Sync>
    Faulty<F>
{
    fn new(inner: InProcess, fault: F) -> Faulty<F> {
        Faulty { inner, fault }
    }
}

#[async_trait]
impl<F> Endpoint for Faulty<F>
where
    F: Fn(&Request, Result<Answer, NoAnswer>) -> Result<Answer, NoAnswer> + Send + Sync,
{
    async fn send(&self, request: &Request) -> Result<Answer, NoAnswer> {
        let answer = self.inner.send(request).await;
        (self.fault)(request, answer)
    }
}

fn answer(status: u16, content_type: &str, body: &str) -> Answer {
    Answer {
        status,
        content_type: Some(content_type.to_owned()),
        location: None,
        body: body.to_owned(),
    }
}

/// What is told about a server with this fault, and whether all is deleted again.
async fn with_fault<F>(fault: F) -> String
where
    F: Fn(&Request, Result<Answer, NoAnswer>) -> Result<Answer, NoAnswer> + Send + Sync,
{
    let product = product("compatible").await;
    let faulty = Faulty::new(product.endpoint, fault);
    let report = examine(&faulty).await;
    let left = left(&faulty.inner).await;
    format!("{}\n{left:?} are left", told(&report))
}

macro_rules! check {
    ($fault:expr, @$shown:literal) => { insta::assert_snapshot!(with_fault($fault).await, @$shown) };
}

#[tokio::test]
async fn nothing_is_written_to_a_server_that_cannot_be_used() {
    check!(|_, _| Err(NoAnswer("connection refused".to_owned())), @r"
    Entra Broken
      Broken testUsers: Nothing came back: connection refused.
      28 skipped: the server does not answer
    Okta Broken
      Broken testUsers: Nothing came back: connection refused.
      22 skipped: the server does not answer
    [Number(0), Number(0)] are left
    ");
    check!(|_, _| Ok(answer(401, "application/scim+json", "{}")), @r#"
    Entra Broken
      Broken testUsers: The server refused the token (status 401). An error is not told as SCIM tells it (RFC 7644 section 3.12).
      28 skipped: "Test Connection: Entra looks for a user who does not exist" failed
    Okta Broken
      Broken testUsers: The server refused the token (status 401). An error is not told as SCIM tells it (RFC 7644 section 3.12).
      22 skipped: "Test Connector Configuration: Okta reads two users" failed
    [Number(0), Number(0)] are left
    "#);
    check!(|_, _| Ok(answer(404, "text/html", "<html>")), @r#"
    Entra Broken
      Broken testUsers: There is no list of users at this address (status 404). A body is declared as text/html, not as application/scim+json.
      28 skipped: "Test Connection: Entra looks for a user who does not exist" failed
    Okta Broken
      Broken testUsers: There is no list of users at this address (status 404). A body is declared as text/html, not as application/scim+json.
      22 skipped: "Test Connector Configuration: Okta reads two users" failed
    [Number(0), Number(0)] are left
    "#);
    check!(|_, _| Ok(Answer { location: Some("https://x/".to_owned()), ..answer(302, "text/html", "") }), @r#"
    Entra Broken
      Broken testUsers: The server sends clients elsewhere (status 302): https://x/.
      28 skipped: "Test Connection: Entra looks for a user who does not exist" failed
    Okta Broken
      Broken testUsers: The server sends clients elsewhere (status 302): https://x/.
      22 skipped: "Test Connector Configuration: Okta reads two users" failed
    [Number(0), Number(0)] are left
    "#);
}

#[tokio::test]
async fn a_server_that_ignores_filters() {
    let everybody = r#"{"totalResults":1,"Resources":[{"id":"7","userName":"the boss"}]}"#;
    check!(|request, answered| {
        let filters = request.method == "GET" && request.query.iter().any(|(name, _)| name == "filter");
        if filters { Ok(answer(200, "application/json", everybody)) } else { answered }
    }, @r#"
    Entra Broken
      Broken testUsers: totalResults is 1, and should be 0. Resources has 1 elements, and 0 were asked for.
      Broken testGroups: totalResults is 1, and should be 0. Resources has 1 elements, and 0 were asked for.
      Attention matchExternalId: totalResults is 1, and should be 0.
      Attention matchMail: totalResults is 1, and should be 0.
      Attention specialCharacters: totalResults is 1, and should be 0.
      Broken findUser: Resources has no {"id":"ID"}; it is [{"id":"7","userName":"the boss"}].
      Attention findByExternalId: Resources has no {"id":"ID"}; it is [{"id":"7","userName":"the boss"}].
      Broken findDisabled: Resources has no {"id":"ID"}; it is [{"id":"7","userName":"the boss"}].
      Broken findGroup: Resources has no {"id":"ID"}; it is [{"id":"7","userName":"the boss"}].
    Okta Broken
      Broken findNobody: totalResults is 1, and should be 0. Resources has 1 elements, and 0 were asked for.
      Attention findNoGroup: totalResults is 1, and should be 0.
      Broken findUser: Resources has no {"id":"ID"}; it is [{"id":"7","userName":"the boss"}].
      Broken findInactive: Resources has no {"id":"ID"}; it is [{"id":"7","userName":"the boss"}].
      Attention findGroup: Resources has no {"id":"ID"}; it is [{"id":"7","userName":"the boss"}].
    [Number(0), Number(0)] are left
    "#);
}

#[tokio::test]
async fn a_server_that_answers_404_when_nobody_is_found() {
    check!(|request, answered| {
        let filters = request.query.iter().any(|(name, _)| name == "filter");
        let nobody = answered.as_ref().is_ok_and(|answer| answer.body.contains("\"totalResults\":0"));
        if filters && nobody { Ok(answer(404, "application/scim+json", "{}")) } else { answered }
    }, @r"
    Entra Broken
      Broken testUsers: The status is 404, not 200. An error is not told as SCIM tells it (RFC 7644 section 3.12).
      Broken testGroups: The status is 404, not 200.
      Attention matchExternalId: The status is 404, not 200.
      Attention matchMail: The status is 404, not 200.
      Attention specialCharacters: The status is 404, not 200.
    Okta Attention
      Attention findNobody: An error is not told as SCIM tells it (RFC 7644 section 3.12).
    [Number(0), Number(0)] are left
    ");
}

#[tokio::test]
async fn a_server_that_loses_answers_to_post() {
    check!(|request, answered| {
        if request.method == "POST" { Err(NoAnswer("it took too long".to_owned())) } else { answered }
    }, @r"
    Entra Broken
      Broken createUser: Nothing came back: it took too long.
      22 skipped: the server does not answer
    Okta Broken
      Broken createUser: Nothing came back: it took too long.
      18 skipped: the server does not answer
    [Number(0), Number(0)] are left
    ");
}

#[tokio::test]
async fn a_server_that_answers_post_with_somebody_else() {
    check!(|request, answered| {
        if request.method == "POST" { Ok(answer(201, "application/scim+json", r#"{"id":"7","userName":"the boss"}"#)) } else { answered }
    }, @r#"
    Entra Broken
      Broken createUser: userName is the text "the boss", and should be the text "scim-doctor-test-entra-ann@example.com". active is missing, and should be true. externalId is missing, and should be the text "scim-doctor-test-entra-1". emails has no {"type":"work","value":"scim-doctor-test-entra-ann@example.com"}; it is missing. urn:ietf:params:scim:schemas:extension:enterprise:2.0:User.employeeNumber is missing, and should be the text "scim-doctor-test-entra-1". The answer is not the resource that was sent.
      Broken createManager: The answer is not the resource that was sent.
      Broken createGroup: displayName is missing, and should be the text "scim-doctor-test-entra Visitors". The answer is not the resource that was sent.
      Attention comeBack: The answer is not the resource that was sent.
      6 skipped: it needs "Entra creates a group"
      13 skipped: it needs "Entra creates a person"
    Okta Broken
      Broken createUser: userName is the text "the boss", and should be the text "scim-doctor-test-okta-kim@example.com". active is missing, and should be true. urn:ietf:params:scim:schemas:extension:enterprise:2.0:User.employeeNumber is missing, and should be the text "scim-doctor-test-okta-1". The answer is not the resource that was sent.
      Attention createAgain: The status is 201, not 409.
      Broken createGroup: displayName is missing, and should be the text "scim-doctor-test-okta Visitors". The answer is not the resource that was sent.
      8 skipped: it needs "Okta creates an assigned person"
      8 skipped: it needs "Push Groups: Okta creates a group"
    [Number(0), Number(0)] are left
    "#);
}

#[tokio::test]
async fn a_server_that_cannot_delete() {
    check!(|request, answered| {
        if request.method == "DELETE" { Ok(answer(501, "text/plain", "no")) } else { answered }
    }, @r"
    Entra Attention
      Attention deleteGroup: The server does not do DELETE here (status 501). A body is declared as text/plain, not as application/scim+json.
      Attention deleteUser: The server does not do DELETE here (status 501).
    Okta Attention
      Attention deleteGroup: The server does not do DELETE here (status 501). A body is declared as text/plain, not as application/scim+json.
    left: /Users/ID (DELETE was answered with 501)
    left: /Groups/ID (DELETE was answered with 501)
    left: /Users/ID (DELETE was answered with 501)
    left: /Users/ID (DELETE was answered with 501)
    left: /Groups/ID (DELETE was answered with 501)
    left: /Users/ID (DELETE was answered with 501)
    [Number(0), Number(0)] are left
    ");
}
