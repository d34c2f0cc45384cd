//! What requests may cost: rates of tenants and addresses, deadlines, and the shape of JSON.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use axum::body::{Body, Bytes};
use axum::http::request::Parts;
use axum::http::{Request, StatusCode};
use scim_core::TenantId;
use scim_server::auth::Authenticate;
use scim_server::service::Caller;
use scim_server::store::TokenKind;
use scim_server::{Error, Limits, Server};
use tower::ServiceExt;

use crate::support::{Answer, Scim, at};

const RATES: Limits = Limits {
    rate: 2,
    rate_burst: 3,
    login_failures: 2,
    body_time: Duration::from_secs(30),
    answer_time: Duration::from_secs(30),
};

/// Status, what is left, and when to come again.
fn shown(answer: &Answer) -> String {
    let header = |name: &str| {
        let value = answer.headers.get(name);
        value
            .map_or("-", |value| value.to_str().unwrap())
            .to_owned()
    };
    format!(
        "{} limit={} remaining={} reset={} retry-after={}",
        answer.status.as_u16(),
        header("x-rate-limit-limit"),
        header("x-rate-limit-remaining"),
        header("x-rate-limit-reset"),
        header("retry-after"),
    )
}

macro_rules! check {
    ($answer:expr, @$shown:literal) => { insta::assert_snapshot!(shown(&$answer), @$shown) };
}

/// The token endpoint takes from the rate of a tenant what a valid client asks, and counts what an
/// invalid one tries.
#[tokio::test]
async fn the_token_endpoint_is_limited_too() {
    let scim = Scim::with_limits(RATES).await;
    let form = |secret: &str| {
        format!("grant_type=client_credentials&client_id=Entra&client_secret={secret}")
    };
    let good = form(&scim.idp);
    for expected in [200, 200, 200, 429] {
        let answer = scim.token_endpoint(&[], &good).await;
        assert_eq!(answer.status, expected, "{answer}");
    }
    check!(scim.send("GET /Users").await, @"429 limit=3 remaining=0 reset=2 retry-after=1");
    let wrong = form("x");
    for expected in [401, 401, 429] {
        let answer = scim.token_endpoint_from("192.0.2.9", &wrong).await;
        assert_eq!(answer.status, expected, "{answer}");
    }
    // What is held back for one address is not looked at, and other paths count with it.
    check!(scim.from("192.0.2.9", &[]).await, @"429 limit=- remaining=- reset=- retry-after=1");
    assert_eq!(
        scim.token_endpoint_from("192.0.2.10", &wrong).await.status,
        401
    );
}

#[tokio::test]
async fn a_tenant_has_its_rate() {
    let scim = Scim::with_limits(RATES).await;
    check!(scim.send("GET /Users").await, @"200 limit=3 remaining=2 reset=1 retry-after=-");
    check!(scim.send_as_app("GET /Users").await, @"200 limit=3 remaining=1 reset=1 retry-after=-");
    check!(scim.send("GET /Nothing").await, @"404 limit=3 remaining=0 reset=2 retry-after=-");
    let refused = scim.send("GET /Users").await;
    check!(refused, @"429 limit=3 remaining=0 reset=2 retry-after=1");
    insta::assert_snapshot!(refused.refusal(), @"429 -: too many requests; send it again after 1 s");

    // Nobody else's is used up, and time gives it back.
    let bearer = format!("Bearer {}", scim.token("other", TokenKind::Idp, None).await);
    let other = [("authorization", bearer.as_str())];
    let other = scim.raw("GET", "/t/other/scim/v2/Users", &other, "").await;
    check!(other, @"200 limit=3 remaining=2 reset=1 retry-after=-");
    scim.clock.set(at("2026-01-01T00:00:00.5Z"));
    check!(scim.send("GET /Users").await, @"200 limit=3 remaining=0 reset=2 retry-after=-");
}

#[tokio::test]
async fn strangers_use_up_nothing() {
    let scim = Scim::with_limits(RATES).await;
    let wrong = [("authorization", "Bearer scim_wrong")];
    for _ in 0..10 {
        let refused = scim.raw("GET", "/t/main/scim/v2/Users", &wrong, "").await;
        let expected = "401 limit=- remaining=- reset=- retry-after=-";
        assert_eq!(shown(&refused), expected);
    }
    check!(scim.send("GET /Users").await, @"200 limit=3 remaining=2 reset=1 retry-after=-");
}

#[tokio::test]
async fn an_address_may_fail_so_often() {
    let scim = Scim::with_limits(RATES).await;
    let guess = async |from: &'static str, secret: &str| {
        let bearer = format!("Bearer {secret}");
        scim.from(from, &[("authorization", bearer.as_str())]).await
    };
    for status in [401, 401, 429, 429] {
        assert_eq!(guess("192.0.2.1", "wrong").await.status, status);
    }
    // Even what is right is not looked at; others are not concerned.
    check!(guess("192.0.2.1", &scim.idp).await, @"429 limit=- remaining=- reset=- retry-after=1");
    assert_eq!(guess("192.0.2.2", "wrong").await.status, 401);
    scim.clock.set(at("2026-01-01T00:00:01Z"));
    assert_eq!(guess("192.0.2.1", &scim.idp).await.status, 200);

    // Who was right is not held back by others behind the same address.
    for _ in 0..10 {
        assert_eq!(guess("192.0.2.1", "wrong").await.status, 401);
    }
}

#[tokio::test]
async fn bodies_have_a_deadline() {
    let limits = Limits {
        body_time: Duration::from_millis(50),
        ..Limits::default()
    };
    let scim = Scim::with_limits(limits).await;
    let never = futures::stream::pending::<Result<Bytes, Infallible>>();
    let refused = scim
        .send_with("POST /Users", &[], Body::from_stream(never))
        .await;
    insta::assert_snapshot!(refused.refusal(), @"408 -: the body did not come in time; send it again, faster or in parts");
}

/// Answers nobody.
struct Never;

#[async_trait]
impl Authenticate for Never {
    async fn caller(&self, _: &TenantId, _: &Parts) -> Result<Caller, Error> {
        std::future::pending().await
    }
}

#[tokio::test]
async fn answers_have_a_deadline() {
    let scim = Scim::start().await;
    let server = Server::builder(Arc::clone(&scim.store))
        .authenticate(Never)
        .limits(Limits {
            answer_time: Duration::from_millis(50),
            ..Limits::default()
        })
        .build();
    let request = Request::get("/t/main/scim/v2/Users").body(Body::empty());
    let answer = server.router().oneshot(request.unwrap()).await.unwrap();
    assert_eq!(answer.status(), 503);
    assert_eq!(answer.headers()["retry-after"], "1");
}

#[tokio::test]
async fn json_has_depth_and_size() {
    let scim = Scim::start().await;
    let deep = format!(r#"{{"a":{}1{}}}"#, "[".repeat(64), "]".repeat(64));
    let many = format!(r#"{{"a":[{}1]}}"#, "1,".repeat(100_000));
    for (body, refusal) in [
        (
            deep,
            "400 invalidSyntax: the JSON is nested too deeply: at most 64 levels are accepted",
        ),
        (
            many,
            "413 -: too many JSON values: at most 100000 in one request [limits]",
        ),
    ] {
        let refused = scim.send_with("POST /Users", &[], body).await;
        assert_eq!(refused.refusal(), refusal);
    }
    assert_eq!(scim.send("GET /Users").await.status, StatusCode::OK);
}
