//! Nobody gets past without a valid credential, on whichever path.

use std::sync::Arc;

use async_trait::async_trait;
use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{Request, StatusCode};
use jiff::SignedDuration;
use scim_core::{Policy, TenantId};
use scim_server::auth::{Authenticate, Credential, keep};
use scim_server::service::Caller;
use scim_server::store::{ConnectionId, Token, TokenKind, TrustedKeys, unit};
use scim_server::{Error, Server};
use tower::ServiceExt;
use uuid::Uuid;

use super::jwt::{Keys, trust};
use super::support::{Scim, at, basic};

/// Paths beside those of the URL table.
const BESIDE: [&str; 16] = [
    "/t/main/scim/v2/Users?filter=userName+pr",
    "/t/main/scim/v2/Users/1/actions/suspend",
    "/t/main/scim/v2/Nothing",
    "/t/main/scim/v2/Users/",
    "/t/main/scim/v2/",
    "/t/main/scim",
    "/t/main/oauth",
    "/t/main/oauth/token/",
    "/t/main/anything/else",
    "/t/main",
    "/t/%6dain/scim/v2/Users",
    "/t/main/scim/v2/%55sers",
    "/t/main/scim/v2/Users%2f00000000-0000-0000-0000-000000000001",
    "/t/main/scim/v2//Users",
    "/t/main/scim/v2/Users/%FF",
    "/t/nobody/scim/v2/Users",
];

/// Every route of the server's own table, and those beside it; without the token endpoint, which takes
/// credentials in its own way: `oauth.rs`.
fn routes(scim: &Scim) -> Vec<String> {
    let table = scim.server.routes().into_iter().map(|route| {
        let path = route.pattern.replace("{tenant}", "main");
        path.replace("{id}", "00000000-0000-0000-0000-000000000001")
    });
    let table = table.filter(|path| !path.ends_with("/oauth/token"));
    table.chain(BESIDE.map(str::to_owned)).collect()
}

const METHODS: [&str; 8] = [
    "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW",
];

#[tokio::test]
async fn every_route_with_every_wrong_credential() {
    let scim = Scim::start().await;
    let elsewhere = scim.token("other", TokenKind::Idp, None).await;
    let expired = scim.token("main", TokenKind::Idp, Some("2025-12-31T23:59:59Z"));
    let expired = expired.await;
    let revoked = scim.token("main", TokenKind::App, None).await;
    let main = "main".parse().unwrap();
    let last = scim.server.tokens().list(&main).await.unwrap();
    let last = last.last().unwrap().id;
    assert!(scim.server.tokens().revoke(&main, last).await.unwrap());

    let bearer = |secret: &str| format!("Bearer {secret}");
    let access = scim.access_token().await;
    let once: [Vec<String>; 19] = [
        vec![],
        vec![String::new()],
        vec!["Bearer".to_owned()],
        vec![bearer("")],
        vec![bearer("null")],
        vec![bearer("scim_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")],
        vec![bearer(&"x".repeat(8 * 1024))],
        vec!["Basic ZW50cmE6c2VjcmV0".to_owned()],
        vec![bearer(&scim.idp), bearer(&scim.idp)],
        vec![bearer(&expired)],
        vec![bearer(&revoked)],
        vec![bearer(&elsewhere)],
        vec![bearer("a.b.c")],
        vec![basic("", &scim.idp)],
        vec![basic("Nobody", &scim.idp)],
        vec![basic("Entra", "")],
        vec![basic("Entra", &expired)],
        vec![basic("Entra", &elsewhere)],
        // An access token is no password.
        vec![basic("Entra", &access)],
    ];
    let mut bodies = std::collections::BTreeSet::new();
    let mut challenges = std::collections::BTreeMap::new();
    for path in routes(&scim) {
        for method in METHODS {
            for values in &once {
                let headers: Vec<_> = values
                    .iter()
                    .map(|value| ("authorization", value.as_str()))
                    .collect();
                let answer = scim.raw(method, &path, &headers, "").await;
                assert_eq!(
                    answer.status,
                    StatusCode::UNAUTHORIZED,
                    "{method} {path} {values:?}"
                );
                let scheme = values
                    .first()
                    .map_or("none", |value| &value[..value.len().min(6)]);
                let challenge = answer.headers.get_all("www-authenticate").iter();
                let challenge: Vec<_> = challenge.map(|value| value.to_str().unwrap()).collect();
                let told = challenge.join(", ");
                assert_eq!(
                    challenges.entry(scheme.to_owned()).or_insert(told.clone()),
                    &told
                );
                if method != "HEAD" {
                    bodies.insert(answer.body);
                }
            }
        }
    }
    // The same for every reason.
    let bodies: Vec<_> = bodies.into_iter().collect();
    insta::assert_snapshot!(bodies.join("\n"), @r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"401","detail":"a valid credential is needed: send the header `Authorization: Bearer SECRET`, or Basic with the id of the connection as user name and its secret as password"}"#);
    let challenges: Vec<_> = challenges
        .iter()
        .map(|(sent, told)| format!("{sent}: {told}"))
        .collect();
    insta::assert_snapshot!(challenges.join("\n"), @r#"
    : Bearer realm="scim", error="invalid_token", Basic realm="scim", charset="UTF-8"
    Basic : Bearer realm="scim", Basic realm="scim", charset="UTF-8"
    Bearer: Bearer realm="scim", error="invalid_token", Basic realm="scim", charset="UTF-8"
    none: Bearer realm="scim", Basic realm="scim", charset="UTF-8"
    "#);
}

#[tokio::test]
async fn a_name_or_an_id_with_a_secret_is_the_same_connection() {
    let scim = Scim::with_users(&["ann"]).await;
    let main = "main".parse().unwrap();
    let id = scim.server.tokens().list(&main).await.unwrap()[0].id;
    for (user, expected) in [
        (id.to_string(), 200),
        (id.to_string().to_uppercase(), 200),
        ("Entra".to_owned(), 200),
        ("entra".to_owned(), 401),
        ("Entra ".to_owned(), 401),
        ("00000000-0000-0000-0000-000000000099".to_owned(), 401),
    ] {
        let value = basic(&user, &scim.idp);
        let headers = [("authorization", value.as_str())];
        let answer = scim.raw("GET", "/t/main/scim/v2/Users", &headers, "").await;
        assert_eq!(answer.status.as_u16(), expected, "{user}");
        if expected == 200 {
            assert_eq!(answer.json()["totalResults"], 1, "{user}");
        }
    }
}

#[tokio::test]
async fn a_token_opens_its_own_tenant_only() {
    let scim = Scim::start().await;
    let bearer = format!("bearer {}", scim.idp);
    let headers = [("authorization", bearer.as_str())];
    for (path, expected) in [
        ("/t/main/scim/v2/Users", 200),
        ("/t/%6dain/scim/v2/Users", 200),
        ("/t/other/scim/v2/Users", 401),
        ("/t/nobody/scim/v2/Users", 401),
        ("/t/Main/scim/v2/Users", 401),
        ("/t/main%00/scim/v2/Users", 401),
        ("/t/main%2Fscim/v2/Users", 401),
        ("/t/main/scim/v2/Users/%2e%2e", 404),
        ("/t/main/scim/v2/Users/%FF", 404),
    ] {
        let answer = scim.raw("GET", path, &headers, "").await;
        assert_eq!(answer.status.as_u16(), expected, "{path}");
    }
}

/// One statement finds whose a credential is, and for a second none is needed.
#[tokio::test]
async fn what_a_credential_costs() {
    let (scim, keys) = (Scim::start().await, Keys::read());
    let main: TenantId = "main".parse().unwrap();
    let document = Keys::document(&[keys.jwk("rsa")]);
    trust(&scim, TrustedKeys::Document(document)).await;
    let access = scim.access_token().await;
    // The first use of a token is noted beside the request.
    while scim.server.tokens().list(&main).await.unwrap()[0]
        .last_used
        .is_none()
    {
        tokio::task::yield_now().await;
    }
    let (jwt, user, secret) = (
        keys.good("rsa", "rsa"),
        "Entra".to_owned(),
        scim.idp.clone(),
    );
    for credential in [
        Credential::Secret(&scim.idp),
        Credential::Secret(&access),
        Credential::Jwt(&jwt),
        Credential::Basic { user, secret },
    ] {
        let tokens = scim.other_process();
        let mut costs = Vec::new();
        for _ in 0..3 {
            let before = scim.statements();
            let caller = tokens.check(&main, &credential).await.unwrap();
            assert!(caller.is_some(), "{credential:?}");
            costs.push(scim.statements() - before);
        }
        assert_eq!(costs, [1, 0, 0], "{credential:?}");
    }
}

#[tokio::test]
async fn what_says_nothing_about_a_tenant_is_open() {
    let scim = Scim::start().await;
    insta::assert_snapshot!(scim.raw("GET", "/healthz", &[], "").await.body, @"ok");
    insta::assert_snapshot!(scim.raw("GET", "/readyz", &[], "").await.body, @"ready");
    scim.server.readiness().off();
    let answer = scim.raw("GET", "/readyz", &[], "").await;
    assert_eq!(
        (answer.status.as_u16(), answer.body.as_str()),
        (503, "stopping")
    );
    assert_eq!(scim.raw("GET", "/metrics", &[], "").await.status, 404);
    // The same for a tenant that there is as for one that there is not.
    let metadata = async |slug: &str| {
        let path = format!("/.well-known/oauth-authorization-server/t/{slug}");
        let answer = scim.raw("GET", &path, &[], "").await;
        answer.to_string().replace(&format!("/t/{slug}"), "/t/SLUG")
    };
    assert_eq!(metadata("main").await, metadata("nobody").await);
    for (path, expected) in [
        ("/t", 404),
        ("/t/", 404),
        ("/t/main", 401),
        ("/t/main/", 401),
    ] {
        let answer = scim.raw("GET", path, &[], "").await;
        assert_eq!(answer.status, expected, "{path}");
    }
}

#[tokio::test]
async fn a_rotated_token_has_two_secrets_for_a_while() {
    let scim = Scim::start().await;
    let main = "main".parse().unwrap();
    let id = scim.server.tokens().list(&main).await.unwrap()[0].id;
    let rotate = async |overlap| {
        let tokens = scim.other_process();
        let expires = Some(at("2028-01-01T00:00:00Z"));
        let rotated = tokens.rotate(&main, id, overlap, expires).await.unwrap();
        rotated.unwrap().to_string()
    };
    let valid = async |secrets: [&str; 3]| {
        let mut valid = Vec::new();
        for secret in secrets {
            let caller = scim.other_process().authenticate(&main, secret).await;
            valid.push(caller.is_ok_and(|caller| caller.connection == id));
        }
        valid
    };
    let (a, hour) = (scim.idp.as_str(), SignedDuration::from_hours(1));
    scim.clock.set(at("2026-01-01T00:00:01Z"));
    let b = rotate(hour).await;
    assert_eq!(valid([a, &b, "c"]).await, [true, true, false]);
    scim.clock.set(at("2026-01-01T00:30:00Z"));
    let c = rotate(hour).await;
    assert_eq!(valid([a, &b, &c]).await, [false, true, true]);
    scim.clock.set(at("2026-01-01T01:30:00Z"));
    assert_eq!(valid([a, &b, &c]).await, [false, false, true]);
    scim.clock.set(at("2028-01-01T00:00:00Z"));
    assert_eq!(valid([a, &b, &c]).await, [false, false, false]);
    // An expired token is renewed by its new secret alone.
    let d = scim.other_process();
    let d = d.rotate(&main, id, hour, None).await.unwrap().unwrap();
    assert_eq!(valid([&b, &c, &d.to_string()]).await, [false, false, true]);

    let nobody = ConnectionId(Uuid::from_u128(99));
    let rotated = scim.other_process();
    let rotated = rotated.rotate(&main, nobody, hour, None).await.unwrap();
    assert!(rotated.is_none());
}

/// Lets everybody into the tenant `main`, whatever the URL says.
pub(crate) struct Doorman;

#[async_trait]
impl Authenticate for Doorman {
    async fn caller(&self, _: &TenantId, _: &Parts) -> Result<Caller, Error> {
        Ok(Caller {
            tenant: "main".parse().unwrap(),
            connection: ConnectionId(Uuid::from_u128(1)),
            name: "Door".into(),
            kind: TokenKind::Idp,
            policy: Policy::strict(),
            person: None,
            grants: Arc::default(),
            origin: None,
        })
    }
}

#[tokio::test]
async fn a_log_in_of_ones_own_opens_no_other_tenant() {
    let scim = Scim::start().await;
    let server = Server::builder(Arc::clone(&scim.store)).authenticate(Doorman);
    let router = server.build().router();
    for (path, expected) in [
        ("/t/main/scim/v2/Schemas", 200),
        ("/t/other/scim/v2/Schemas", 401),
        ("/t/nobody/scim/v2/Schemas", 401),
        ("/t/main/scim/v2/Users/%FF", 404),
        ("/t/other/scim/v2/Users/%FF", 401),
        ("/t/%6dain/scim/v2/Users/%FF", 404),
    ] {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let answer = router.clone().oneshot(request).await.unwrap();
        assert_eq!(answer.status().as_u16(), expected, "{path}");
    }
}

/// Whoever is found out in this process needs no credential, and reaches no other tenant.
#[tokio::test]
async fn a_caller_among_the_extensions_has_been_authenticated() {
    let scim = Scim::start().await;
    let (parts, ()) = Request::new(()).into_parts();
    let main = "main".parse().unwrap();
    let caller = Doorman.caller(&main, &parts).await.unwrap();
    for (path, caller, expected) in [
        ("/t/main/scim/v2/Users", Some(&caller), 200),
        ("/t/other/scim/v2/Users", Some(&caller), 401),
        ("/t/nobody/scim/v2/Users", Some(&caller), 401),
        ("/t/main/scim/v2/Users", None, 401),
    ] {
        let mut request = Request::get(path).body(Body::empty()).unwrap();
        if let Some(caller) = caller {
            request.extensions_mut().insert(caller.clone());
        }
        let answer = scim.server.router().oneshot(request).await.unwrap();
        assert_eq!(answer.status().as_u16(), expected, "{path}");
    }
}

/// Pages get what they serve, and no path below `/t/`.
#[tokio::test]
async fn pages_stand_beside_scim() {
    let scim = Scim::start().await;
    let page = async |url: axum::http::Uri| format!("a page for {url}");
    let pages = axum::Router::new()
        .route("/console/{page}", axum::routing::get(page))
        .route("/t/main/scim/v2/Users", axum::routing::get(page));
    let service = scim.server.service_beside(Some(pages));
    let mut answers = Vec::new();
    for path in [
        "/console/hosts",
        "/console",
        "/healthz",
        "/t/main/scim/v2/Users",
    ] {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let answer = service.clone().oneshot(request).await.unwrap();
        let status = answer.status().as_u16();
        let body = axum::body::to_bytes(answer.into_body(), 1 << 10).await;
        let body = String::from_utf8(body.unwrap().to_vec()).unwrap();
        answers.push(format!("{path} {status} {body:.60}"));
    }
    insta::assert_snapshot!(answers.join("\n"), @r#"
    /console/hosts 200 a page for /console/hosts
    /console 404 {"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"
    /healthz 200 ok
    /t/main/scim/v2/Users 401 {"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"
    "#);
}

#[tokio::test]
async fn a_connection_may_be_taken_from_some_networks_alone() {
    let scim = Scim::start().await;
    let main: TenantId = "main".parse().unwrap();
    let restrict = unit(|tx| {
        Box::pin(async move {
            let first = tx.tokens().await?.remove(0);
            let token = tx.token_for_update(first.id.0).await?.unwrap();
            let networks = Some("10.0.0.0/8 2001:db8::/32".to_owned());
            let restricted = Token {
                networks,
                ..token.clone()
            };
            keep::change(tx, &token, restricted);
            Ok(())
        })
    });
    scim.store.write(&main, restrict).await.unwrap();
    let line = ("GET", "/t/main/scim/v2/Users");
    for (address, expected) in [
        ("10.1.2.3", 200),
        ("2001:db8::7", 200),
        ("192.0.2.1", 401),
        ("::ffff:10.1.2.3", 200),
    ] {
        let answer = scim.raw_from(address, line, &scim.idp).await;
        assert_eq!(answer.status.as_u16(), expected, "{address}");
    }
    // Whoever does not say where requests come from serves nobody who is bound to a place.
    let bearer = format!("Bearer {}", scim.idp);
    let headers = [("authorization", bearer.as_str())];
    assert_eq!(
        scim.raw(line.0, line.1, &headers, "").await.status,
        StatusCode::UNAUTHORIZED
    );
    // An application without networks is taken from everywhere.
    assert_eq!(
        scim.raw_from("192.0.2.1", line, &scim.app).await.status,
        StatusCode::OK
    );
}
