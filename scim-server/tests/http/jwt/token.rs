//! Which connection a good JWT stands for, where, and until when.

use jiff::SignedDuration;
use scim_server::auth::{TrustOutcome, Trusted};
use scim_server::store::{PolicyName, TokenKind, TrustedKeys};

use super::{Keys, trust, trusted};
use crate::support::{Scim, at};

fn document(keys: &Keys) -> TrustedKeys {
    TrustedKeys::Document(Keys::document(&[keys.jwk("rsa")]))
}

async fn listed(scim: &Scim, tenant: &str, jwt: &str) -> u16 {
    let bearer = format!("Bearer {jwt}");
    let headers = [("authorization", bearer.as_str())];
    let path = format!("/t/{tenant}/scim/v2/Users");
    scim.raw("GET", &path, &headers, "").await.status.as_u16()
}

#[tokio::test]
async fn a_jwt_is_the_connection_that_trusts_it() {
    let (scim, keys) = (Scim::with_users(&["ann"]).await, Keys::read());
    let jwt = keys.good("rsa", "rsa");
    assert_eq!(listed(&scim, "main", &jwt).await, 401);
    trust(&scim, document(&keys)).await;
    // What the secret of the connection made, the JWT sees.
    let bearer = format!("Bearer {jwt}");
    let headers = [("authorization", bearer.as_str())];
    let users = scim.raw("GET", "/t/main/scim/v2/Users", &headers, "").await;
    assert_eq!(users.json()["totalResults"], 1, "{users}");
    assert_eq!(listed(&scim, "other", &jwt).await, 401);
    assert_eq!(listed(&scim, "nobody", &jwt).await, 401);
}

#[tokio::test]
async fn it_ends_by_itself_with_the_trust_and_with_the_connection() {
    let (scim, keys) = (Scim::start().await, Keys::read());
    let main = "main".parse().unwrap();
    let id = trust(&scim, document(&keys)).await;
    let jwt = keys.good("rsa", "rsa");
    assert_eq!(listed(&scim, "main", &jwt).await, 200);
    // Remembered for a second of the machine's clock, but not beyond its end.
    scim.clock.set(at("2026-01-01T01:01:00Z"));
    assert_eq!(listed(&scim, "main", &jwt).await, 401);
    scim.clock.set(at("2026-01-01T01:00:59Z"));
    assert_eq!(listed(&scim, "main", &jwt).await, 200);

    let valid = async || {
        let other = scim.other_process();
        let credential = scim_server::auth::Credential::Jwt(&jwt);
        other.check(&main, &credential).await.unwrap().is_some()
    };
    assert!(valid().await);
    let form = format!(
        "grant_type=client_credentials&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion={jwt}"
    );
    let answer = scim.token_endpoint(&[], &form).await.json();
    let access = answer["access_token"].as_str().unwrap().to_owned();
    let opens = async || {
        scim.other_process()
            .authenticate(&main, &access)
            .await
            .is_ok()
    };
    assert!(opens().await);
    let tokens = scim.server.tokens();
    assert!(tokens.distrust(&main, id).await.unwrap());
    assert!(!tokens.distrust(&main, id).await.unwrap());
    assert!(!valid().await);
    // What the JWT has got ends with it.
    assert!(!opens().await);
    trust(&scim, document(&keys)).await;
    assert!(valid().await);
    let (hour, past) = (SignedDuration::from_hours(1), at("2025-12-31T00:00:00Z"));
    let rotated = tokens.rotate(&main, id, hour, Some(past)).await.unwrap();
    assert!(rotated.is_some() && !valid().await);
    let rotated = tokens.rotate(&main, id, hour, None).await.unwrap();
    assert!(rotated.is_some() && valid().await);
    assert!(tokens.revoke(&main, id).await.unwrap());
    assert!(!valid().await);
}

#[tokio::test]
async fn one_identity_is_one_connection() {
    let (scim, keys) = (Scim::start().await, Keys::read());
    let main = "main".parse().unwrap();
    let first = trust(&scim, document(&keys)).await;
    let tokens = scim.server.tokens();
    let policy = PolicyName::default();
    let second = tokens.create(&main, "Second", TokenKind::App, policy, None);
    let second = second.await.unwrap().0.id;
    let again = async |id, trusted: Trusted| tokens.trust(&main, id, trusted).await.unwrap();
    let same = trusted(document(&keys));
    assert_eq!(
        again(second, same.clone()).await,
        TrustOutcome::Taken(first)
    );
    assert_eq!(again(first, same.clone()).await, TrustOutcome::Trusted);
    let subject = "somebody else".to_owned();
    let other = Trusted {
        subject,
        ..same.clone()
    };
    assert_eq!(again(second, other).await, TrustOutcome::Trusted);
    assert!(tokens.revoke(&main, first).await.unwrap());
    assert_eq!(again(first, same.clone()).await, TrustOutcome::NoToken);
    assert_eq!(again(second, same).await, TrustOutcome::Trusted);
    assert_eq!(listed(&scim, "main", &keys.good("rsa", "rsa")).await, 200);
}
