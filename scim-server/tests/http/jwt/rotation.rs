//! Keys are read from the issuer when they are needed, seldom, and kept: a real server shows
//! them, and rotates them while requests run.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use futures::future::join_all;
use jiff::SignedDuration;
use scim_server::outbound::Outbound;
use scim_server::store::TrustedKeys;
use serde_json::{Value, json};

use super::{Keys, trust};
use crate::support::{BASE, Scim, at};

/// An issuer on a port of its own.
struct Issuer {
    url: String,
    port: u16,
    shown: Arc<Mutex<Result<String, StatusCode>>>,
    asked: Arc<AtomicUsize>,
}

impl Issuer {
    async fn start() -> Issuer {
        let shown = Arc::new(Mutex::new(Err(StatusCode::SERVICE_UNAVAILABLE)));
        let asked = Arc::new(AtomicUsize::new(0));
        let (answer, count) = (Arc::clone(&shown), Arc::clone(&asked));
        let keys = get(async move || {
            count.fetch_add(1, Ordering::SeqCst);
            // Time for others to come while this one is asked.
            for _ in 0..20 {
                tokio::task::yield_now().await;
            }
            answer.lock().unwrap().clone()
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let router = Router::new().route("/keys", keys);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Issuer {
            url: format!("http://127.0.0.1:{port}/keys"),
            port,
            shown,
            asked,
        }
    }

    fn show(&self, keys: &[Value]) {
        *self.shown.lock().unwrap() = Ok(Keys::document(keys));
    }

    fn fail(&self) {
        *self.shown.lock().unwrap() = Err(StatusCode::SERVICE_UNAVAILABLE);
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    /// A server that trusts this issuer.
    async fn trusted_by(&self) -> Scim {
        let allowed = format!("127.0.0.1:{}", self.port).parse().unwrap();
        let scim = Scim::with(|builder| builder.outbound(Outbound::new(vec![allowed]))).await;
        trust(&scim, TrustedKeys::Url(self.url.clone())).await;
        scim
    }
}

async fn status(scim: &Scim, jwt: &str) -> u16 {
    let bearer = format!("Bearer {jwt}");
    let headers = [("authorization", bearer.as_str())];
    let path = format!("{BASE}/Users?count=0");
    scim.raw("GET", &path, &headers, "").await.status.as_u16()
}

fn later(scim: &Scim, seconds: i64) {
    let begin = at("2026-01-01T00:00:00Z");
    scim.clock.set(begin + SignedDuration::from_secs(seconds));
}

/// Twelve rotations, each 35 s after the new key was shown and with the old one still shown,
/// under good requests of both keys and as many that name keys of nobody.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rotation_under_load_refuses_no_good_request() {
    let (issuer, keys) = (Issuer::start().await, Keys::read());
    let scim = issuer.trusted_by().await;
    let kid = |generation: usize| format!("key-{generation}");
    let shown = |generation: usize| {
        let name = ["rsa", "other"][generation % 2];
        keys.jwk_with(name, &json!({ "kid": kid(generation) }))
    };
    let signed = |generation: usize, number: usize| {
        let name = ["rsa", "other"][generation % 2];
        // Each of its own, so that none is remembered.
        keys.good_numbered(name, &kid(generation), number)
    };
    issuer.show(&[shown(0)]);
    let (mut good, mut bad) = (0, 0);
    for generation in 0..12 {
        issuer.show(&[shown(generation), shown(generation + 1)]);
        for second in [0, 17, 35] {
            later(&scim, i64::try_from(generation).unwrap() * 70 + second);
            let of = if second == 35 {
                generation + 1
            } else {
                generation
            };
            let requests = (0..24).map(|number| {
                let number = generation * 1_000 + usize::try_from(second).unwrap() * 10 + number;
                let jwt = match number % 2 {
                    0 => signed(of, number),
                    _ => keys.good_numbered("rsa", &format!("nobody-{number}"), number),
                };
                let scim = &scim;
                async move { (number % 2, status(scim, &jwt).await) }
            });
            for (kind, status) in join_all(requests).await {
                assert_eq!(
                    status,
                    [200, 401][kind],
                    "generation {generation}, {second} s"
                );
                if kind == 0 { good += 1 } else { bad += 1 }
            }
        }
    }
    assert_eq!((good, bad), (432, 432));
    // 805 s by the clock of the server.
    let asked = issuer.asked();
    assert!((12..=805 / 30 + 1).contains(&asked), "{asked} fetches");
}

#[tokio::test]
async fn unknown_keys_are_looked_for_once_in_30_s() {
    let (issuer, keys) = (Issuer::start().await, Keys::read());
    let scim = issuer.trusted_by().await;
    issuer.show(&[keys.jwk("rsa")]);
    for (second, expected) in [(0, 1), (1, 1), (29, 1), (30, 2), (59, 2), (60, 3)] {
        later(&scim, second);
        let unknown = (0..20).map(|number| {
            let number = usize::try_from(second).unwrap() * 100 + number;
            let jwt = keys.good_numbered("rsa", &format!("nobody-{number}"), number);
            let scim = &scim;
            async move { status(scim, &jwt).await }
        });
        assert_eq!(join_all(unknown).await, [401; 20]);
        assert_eq!(issuer.asked(), expected, "after {second} s");
    }
    // Whoever does not know what is trusted, or when it is, makes nobody ask.
    later(&scim, 120);
    let elsewhere = keys.good("rsa", "rsa");
    let bearer = format!("Bearer {elsewhere}");
    let headers = [("authorization", bearer.as_str())];
    scim.raw("GET", "/t/other/scim/v2/Users", &headers, "")
        .await;
    later(&scim, 7_200);
    assert_eq!(status(&scim, &elsewhere).await, 401);
    assert_eq!(issuer.asked(), 3);
}

#[tokio::test]
async fn keys_are_kept_while_the_issuer_is_silent_and_go_when_it_withdraws_them() {
    let (issuer, keys) = (Issuer::start().await, Keys::read());
    let scim = issuer.trusted_by().await;
    let hours = |hours: i64| hours * 3_600;
    let at_hour = async |hour: i64| {
        later(&scim, hours(hour));
        status(&scim, &keys.good_at("rsa", "rsa", hours(hour))).await
    };
    // Never seen: there is nothing to verify with.
    assert_eq!(at_hour(0).await, 401);
    issuer.show(&[keys.jwk("rsa"), keys.jwk("other")]);
    assert_eq!(at_hour(1).await, 200);
    issuer.fail();
    assert_eq!(at_hour(2).await, 200);
    assert_eq!(at_hour(25).await, 200);
    assert_eq!(at_hour(26).await, 401);
    issuer.show(&[keys.jwk("rsa")]);
    assert_eq!(at_hour(27).await, 200);
    // What is no key set is as if nobody had answered.
    *issuer.shown.lock().unwrap() = Ok("<html>".to_owned());
    assert_eq!(at_hour(28).await, 200);
    issuer.show(&[keys.jwk("other")]);
    assert_eq!(at_hour(29).await, 401);
    assert_eq!(issuer.asked(), 8);
}
