//! Sessions of people: what opens one, for how long, and what it does not open.

use jiff::SignedDuration;
use scim_core::{ResourceId, TenantId};
use scim_server::auth::{Person, Sessions};
use uuid::Uuid;

use super::support::{Scim, at};

fn person(number: u128) -> Person {
    Person {
        id: ResourceId::new(Uuid::from_u128(number)),
        name: "Kim".to_owned(),
    }
}

/// Sessions as a process sees them that remembers none.
fn other_process(scim: &Scim) -> Sessions {
    Sessions::new(scim.store.clone(), scim.clock.clone())
}

async fn begun(scim: &Scim, number: u128) -> String {
    let (main, until) = (main(), at("2026-01-01T12:00:00Z"));
    let sessions = scim.server.sessions();
    let secret = sessions.begin(&main, person(number), "password", until);
    secret.await.unwrap().to_string()
}

async fn opens(scim: &Scim, secret: &str) -> bool {
    let caller = other_process(scim).caller(&main(), secret).await.unwrap();
    caller.is_some()
}

fn main() -> TenantId {
    "main".parse().unwrap()
}

#[tokio::test]
async fn a_session_is_its_persons_until_it_ends() {
    let scim = Scim::start().await;
    let secret = begun(&scim, 1).await;
    let caller = other_process(&scim).caller(&main(), &secret).await;
    let caller = caller.unwrap().unwrap();
    assert_eq!(caller.person, Some(person(1).id));
    assert_eq!(&*caller.name, "Kim");
    assert!(caller.grants.scopes.are_none());
    let other = "other".parse().unwrap();
    let elsewhere = other_process(&scim).caller(&other, &secret).await;
    assert_eq!(elsewhere.unwrap(), None);

    scim.clock.set(at("2026-01-01T11:59:59Z"));
    assert!(opens(&scim, &secret).await);
    scim.clock.set(at("2026-01-01T12:00:00Z"));
    assert!(!opens(&scim, &secret).await);
}

#[tokio::test]
async fn sessions_end_in_every_process() {
    let scim = Scim::start().await;
    let [first, second, other] = [
        begun(&scim, 1).await,
        begun(&scim, 1).await,
        begun(&scim, 2).await,
    ];
    // The one that ends it knows at once, although it has just seen it.
    let here = scim.server.sessions();
    assert!(here.caller(&main(), &first).await.unwrap().is_some());
    here.end(&main(), &first).await.unwrap();
    assert_eq!(here.caller(&main(), &first).await.unwrap(), None);
    assert!(!opens(&scim, &first).await && opens(&scim, &second).await);
    here.end_all(&main(), person(1).id).await.unwrap();
    assert!(!opens(&scim, &second).await && opens(&scim, &other).await);
}

#[tokio::test]
async fn the_oldest_of_21_ends() {
    let scim = Scim::start().await;
    let mut secrets = Vec::new();
    for minute in 0..21 {
        scim.clock
            .set(at("2026-01-01T00:00:00Z") + SignedDuration::from_mins(minute));
        secrets.push(begun(&scim, 1).await);
    }
    let mut open = Vec::new();
    for secret in &secrets {
        open.push(opens(&scim, secret).await);
    }
    assert_eq!(open, [vec![false], vec![true; 20]].concat());
}

/// What opens pages opens no SCIM URL, as a bearer token or as a password.
#[tokio::test]
async fn a_session_is_no_credential() {
    let scim = Scim::start().await;
    let secret = begun(&scim, 1).await;
    for value in [
        format!("Bearer {secret}"),
        super::support::basic("Kim", &secret),
    ] {
        let headers = [("authorization", value.as_str())];
        let answer = scim.raw("GET", "/t/main/scim/v2/Me", &headers, "").await;
        assert_eq!(answer.status.as_u16(), 401);
    }
}

/// One statement, and none for a second.
#[tokio::test]
async fn what_a_session_costs() {
    let scim = Scim::start().await;
    let secret = begun(&scim, 1).await;
    let sessions = other_process(&scim);
    let mut costs = Vec::new();
    for _ in 0..3 {
        let before = scim.statements();
        assert!(sessions.caller(&main(), &secret).await.unwrap().is_some());
        costs.push(scim.statements() - before);
    }
    assert_eq!(costs, [1, 0, 0]);
}
