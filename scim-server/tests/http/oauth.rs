//! The token endpoint: what it takes, what it refuses, and what its tokens open.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use scim_server::store::TrustedKeys;

use crate::jwt::{Keys, trust};
use crate::support::{BASE, Scim, at, basic};

const JWT_BEARER: &str = "urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer";

/// Status, challenge, and the members of the answer that are no secret.
async fn told(scim: &Scim, headers: &[(&str, &str)], form: &str) -> String {
    let answer = scim.token_endpoint(headers, form).await;
    for (name, expected) in [("cache-control", "no-store"), ("pragma", "no-cache")] {
        assert_eq!(answer.headers[name], expected, "{form}");
    }
    let mut body = answer.json();
    if let Some(token) = body.get_mut("access_token") {
        assert!(token.as_str().unwrap().starts_with("scim_"), "{form}");
        *token = "…".into();
    }
    let challenge = answer.headers.get("www-authenticate");
    let challenge = challenge.map(|value| format!(" {}", value.to_str().unwrap()));
    let status = answer.status.as_u16();
    format!("{status}{} {body}", challenge.unwrap_or_default())
}

macro_rules! check {
    ($scim:expr, $headers:expr, $form:expr, @$shown:literal) => {
        insta::assert_snapshot!(told($scim, $headers, $form).await, @$shown)
    };
}

#[tokio::test]
async fn a_secret_gets_an_access_token() {
    let scim = Scim::start().await;
    let secret = &scim.idp;
    let main = "main".parse().unwrap();
    let id = scim.server.tokens().list(&main).await.unwrap()[0].id;
    let in_body = format!("grant_type=client_credentials&client_id=Entra&client_secret={secret}");
    check!(&scim, &[], &in_body, @r#"200 {"access_token":"…","token_type":"Bearer","expires_in":3600,"scope":"scim"}"#);
    let by_id = in_body.replace("Entra", &id.to_string());
    let (name, id) = (basic("Entra", secret), basic(&id.to_string(), secret));
    let (name, id) = (
        [("authorization", name.as_str())],
        [("authorization", id.as_str())],
    );
    let mut all = BTreeSet::new();
    for (headers, form) in [
        (&[][..], by_id.as_str()),
        (&[], &format!("{in_body}&scope=scim&resource=x&resource=y")),
        (&[], &format!("{in_body}&scope=")),
        (&name, "grant_type=client_credentials"),
        (
            &name,
            "grant_type=client_credentials&client_id=Entra&scope=scim",
        ),
        (&id, "grant_type=client_credentials"),
    ] {
        all.insert(told(&scim, headers, form).await);
    }
    all.insert(told(&scim, &[], &in_body).await);
    assert_eq!(all.len(), 1, "{all:?}");
}

/// RFC 6749 §2.3.1: in the header both halves are form-encoded; not every client does that.
#[tokio::test]
async fn names_may_need_encoding() {
    let scim = Scim::start().await;
    let main = "main".parse().unwrap();
    let name = "Entra & Söhne=50 %";
    let tokens = scim.server.tokens();
    let made = tokens.create(
        &main,
        name,
        scim_server::store::TokenKind::Idp,
        Default::default(),
        None,
    );
    let secret = made.await.unwrap().1.to_string();
    for (user, expected) in [
        ("Entra+%26+S%C3%B6hne%3D50+%25", 200),
        ("Entra%20%26%20S%C3%B6hne%3D50%20%25", 200),
        (name, 200),
        ("Entra", 401),
    ] {
        let value = basic(user, &secret);
        let headers = [("authorization", value.as_str())];
        let answer = scim
            .token_endpoint(&headers, "grant_type=client_credentials")
            .await;
        assert_eq!(answer.status.as_u16(), expected, "{user}");
    }
}

#[tokio::test]
async fn refusals_are_those_of_oauth() {
    let scim = Scim::start().await;
    let (secret, app) = (&scim.idp, &scim.app);
    let grant = "grant_type=client_credentials";
    let good = format!("{grant}&client_id=Entra&client_secret={secret}");
    let name = basic("Entra", secret);
    let name = [("authorization", name.as_str())];
    check!(&scim, &[], "", @r#"400 {"error":"invalid_request","error_description":"grant_type is missing"}"#);
    check!(&scim, &[], grant, @r#"401 Basic realm="scim", charset="UTF-8" {"error":"invalid_client","error_description":"the client is unknown, or its secret or its assertion is not valid; client_id is the id of the connection, or its name"}"#);
    check!(&scim, &[], "grant_type=authorization_code&code=x", @r#"400 {"error":"unsupported_grant_type","error_description":"the grant_type must be client_credentials"}"#);
    check!(&scim, &[], "grant_type=password&username=a&password=b", @r#"400 {"error":"unsupported_grant_type","error_description":"the grant_type must be client_credentials"}"#);
    check!(&scim, &[], &format!("{good}&scope=admin"), @r#"400 {"error":"invalid_scope","error_description":"the scope must be scim, or left out"}"#);
    check!(&scim, &[], &format!("{good}&scope=scim+admin"), @r#"400 {"error":"invalid_scope","error_description":"the scope must be scim, or left out"}"#);
    check!(&scim, &[], &format!("{good}&client_id=Entra"), @r#"400 {"error":"invalid_request","error_description":"a parameter stands twice"}"#);
    check!(&scim, &[], &format!("{good}&grant_type=client_credentials"), @r#"400 {"error":"invalid_request","error_description":"a parameter stands twice"}"#);
    check!(&scim, &name, &good, @r#"400 {"error":"invalid_request","error_description":"a client proves who it is in one way: Basic, client_secret or client_assertion"}"#);
    check!(&scim, &name, &format!("{grant}&client_id=Okta"), @r#"400 {"error":"invalid_request","error_description":"client_id is another one than that of the Authorization header"}"#);
    check!(&scim, &[], &format!("{good}&client_assertion=a.b.c&client_assertion_type={JWT_BEARER}"), @r#"400 {"error":"invalid_request","error_description":"a client proves who it is in one way: Basic, client_secret or client_assertion"}"#);
    check!(&scim, &[], &format!("{grant}&client_assertion=a.b.c"), @r#"400 {"error":"invalid_request","error_description":"the client_assertion_type must be urn:ietf:params:oauth:client-assertion-type:jwt-bearer"}"#);
    check!(&scim, &[], &format!("{grant}&client_assertion=a.b.c&client_assertion_type=saml2"), @r#"400 {"error":"invalid_request","error_description":"the client_assertion_type must be urn:ietf:params:oauth:client-assertion-type:jwt-bearer"}"#);
    let access = scim.access_token().await;
    let (bearer, wrong) = (format!("Bearer {secret}"), basic("Entra", "x"));
    let bearer = [("authorization", bearer.as_str())];
    let wrong = [("authorization", wrong.as_str())];
    let mut all = BTreeSet::new();
    for (headers, form) in [
        (&[][..], format!("{grant}&client_secret={secret}")),
        (
            &[],
            format!("{grant}&client_id=Nobody&client_secret={secret}"),
        ),
        (&[], format!("{grant}&client_id=Entra&client_secret=x")),
        (
            &[],
            format!("{grant}&client_id=Entra&client_secret={access}"),
        ),
        (
            &[],
            format!("{grant}&client_assertion=a.b.c&client_assertion_type={JWT_BEARER}"),
        ),
        (
            &[],
            format!("{grant}&client_assertion={app}&client_assertion_type={JWT_BEARER}"),
        ),
        (&bearer, grant.to_owned()),
        (&wrong, grant.to_owned()),
    ] {
        all.insert(told(&scim, headers, &form).await);
    }
    // The same for every reason.
    let all: Vec<_> = all.into_iter().collect();
    insta::assert_snapshot!(all.join("\n"), @r#"401 Basic realm="scim", charset="UTF-8" {"error":"invalid_client","error_description":"the client is unknown, or its secret or its assertion is not valid; client_id is the id of the connection, or its name"}"#);
    let form = [("content-type", "application/json")];
    let answer = scim
        .raw("POST", "/t/main/oauth/token", &form, good.clone())
        .await;
    insta::assert_snapshot!(answer, @r#"
    400
    content-type: application/json
    {"error":"invalid_request","error_description":"the body must be application/x-www-form-urlencoded"}
    "#);
    let form = [(
        "content-type",
        "application/x-www-form-urlencoded; charset=utf-8",
    )];
    for tenant in ["nobody", "other", "Main", "%FF"] {
        let path = format!("/t/{tenant}/oauth/token");
        let answer = scim.raw("POST", &path, &form, good.clone()).await;
        assert_eq!(answer.json()["error"], "invalid_client", "{tenant}");
    }
    let long = format!("{good}&x={}", "x".repeat(16 * 1024));
    let answer = scim.raw("POST", "/t/main/oauth/token", &form, long).await;
    assert_eq!(answer.status, 413);
    for method in ["GET", "PUT", "DELETE"] {
        let answer = scim.raw(method, "/t/main/oauth/token", &[], "").await;
        assert_eq!(
            (answer.status.as_u16(), &answer.headers["allow"]),
            (405, &"POST".parse().unwrap())
        );
    }
}

#[tokio::test]
async fn an_access_token_opens_what_the_connection_sees_for_an_hour() {
    let scim = Scim::with_users(&["ann"]).await;
    let access = scim.access_token().await;
    let bearer = format!("Bearer {access}");
    let headers = [("authorization", bearer.as_str())];
    let users = scim
        .raw("GET", &format!("{BASE}/Users"), &headers, "")
        .await;
    assert_eq!(users.json()["totalResults"], 1, "{users}");
    let elsewhere = scim
        .raw("GET", "/t/other/scim/v2/Users", &headers, "")
        .await;
    assert_eq!(elsewhere.status, 401);

    let main = "main".parse().unwrap();
    let valid = async || {
        let tokens = scim.other_process();
        tokens.authenticate(&main, &access).await.is_ok()
    };
    let id = scim.server.tokens().list(&main).await.unwrap()[0].id;
    // A new secret leaves it alone, however often.
    let rotate = async |overlap: SignedDuration| {
        let expires = Some(at("2027-01-01T00:00:00Z"));
        let tokens = scim.other_process();
        let rotated = tokens.rotate(&main, id, overlap, expires).await;
        rotated.unwrap().unwrap().to_string()
    };
    for _ in 0..3 {
        rotate(SignedDuration::from_mins(1)).await;
        assert!(valid().await);
    }
    scim.clock.set(at("2026-01-01T00:59:59Z"));
    assert!(valid().await);
    scim.clock.set(at("2026-01-01T01:00:00Z"));
    assert!(!valid().await);
    scim.clock.set(at("2026-01-01T00:00:01Z"));
    assert!(valid().await);
    // Without an overlap what was got by the old secret ends as well.
    rotate(SignedDuration::ZERO).await;
    assert!(!valid().await);
}

#[tokio::test]
async fn an_access_token_ends_with_its_connection() {
    let scim = Scim::start().await;
    let secret = scim.token(
        "main",
        scim_server::store::TokenKind::App,
        Some("2026-01-01T00:10:00Z"),
    );
    let secret = secret.await;
    let form = format!("grant_type=client_credentials&client_id=Entra&client_secret={secret}");
    assert_eq!(
        scim.token_endpoint(&[], &form).await.json()["expires_in"],
        600
    );
}

/// Of more than a hundred the oldest end, and those that ended are removed.
#[tokio::test]
async fn a_connection_has_a_hundred_at_most() {
    let scim = Scim::start().await;
    let main = "main".parse().unwrap();
    let mut tokens = Vec::new();
    for second in 0..101 {
        scim.clock
            .set(at("2026-01-01T00:00:00Z") + SignedDuration::from_secs(second));
        tokens.push(scim.access_token().await);
    }
    let live = async || {
        let mut live = Vec::new();
        for (number, token) in tokens.iter().enumerate() {
            let other = scim.other_process();
            if other.authenticate(&main, token).await.is_ok() {
                live.push(number);
            }
        }
        live
    };
    assert_eq!(live().await, (1..=100).collect::<Vec<_>>());
    assert_eq!(scim.secrets(), 2 + 100);
    scim.clock.set(at("2026-01-01T01:00:50Z"));
    assert_eq!(live().await, (51..=100).collect::<Vec<_>>());
    scim.access_token().await;
    assert_eq!(scim.secrets(), 2 + 51);
    scim.clock.set(at("2026-01-02T00:00:00Z"));
    scim.access_token().await;
    assert_eq!(scim.secrets(), 2 + 1);
}

/// Entra's workload identity federation: the assertion that it sends, with its `client_id`.
#[tokio::test]
async fn an_assertion_gets_an_access_token() {
    let (scim, keys) = (Scim::with_users(&["ann"]).await, Keys::read());
    let document = Keys::document(&[keys.jwk("rsa")]);
    let id = trust(&scim, TrustedKeys::Document(document)).await;
    let jwt = keys.good("rsa", "rsa");
    let form = format!(
        "grant_type=client_credentials&client_assertion_type={JWT_BEARER}&client_assertion={jwt}&scope=scim"
    );
    check!(&scim, &[], &form, @r#"200 {"access_token":"…","token_type":"Bearer","expires_in":3600,"scope":"scim"}"#);
    for (client_id, expected) in [
        ("", 200),
        (id.to_string().as_str(), 200),
        ("Entra", 200),
        ("subject", 200),
        ("app", 200),
        ("tid", 401),
        ("Okta", 401),
    ] {
        // The same assertion again, as Entra does.
        let form = format!("{form}&client_id={client_id}");
        let answer = scim.token_endpoint(&[], &form).await;
        assert_eq!(answer.status.as_u16(), expected, "{client_id}: {answer}");
        if expected == 200 {
            let bearer = format!("Bearer {}", answer.json()["access_token"].as_str().unwrap());
            let headers = [("authorization", bearer.as_str())];
            let users = scim
                .raw("GET", &format!("{BASE}/Users"), &headers, "")
                .await;
            assert_eq!(users.json()["totalResults"], 1, "{users}");
        }
    }
    for wrong in [
        keys.good("other", "rsa"),
        keys.good("rsa", "other"),
        keys.good_at("rsa", "rsa", -7_200),
    ] {
        let form = form.replace(&jwt, &wrong);
        assert_eq!(scim.token_endpoint(&[], &form).await.status, 401, "{wrong}");
    }
}

#[tokio::test]
async fn the_metadata_says_where_and_how() {
    let scim = Scim::start().await;
    let path = "/.well-known/oauth-authorization-server/t/main";
    insta::assert_snapshot!(scim.raw("GET", path, &[], "").await, @r#"
    200
    content-type: application/json
    {"issuer":"https://scim.example/t/main","token_endpoint":"https://scim.example/t/main/oauth/token","grant_types_supported":["client_credentials"],"response_types_supported":[],"scopes_supported":["scim"],"token_endpoint_auth_methods_supported":["client_secret_basic","client_secret_post","private_key_jwt"],"token_endpoint_auth_signing_alg_values_supported":["RS256","RS384","RS512","PS256","PS384","PS512","ES256","ES384","EdDSA"]}
    "#);
    for (method, slug, expected) in [
        ("HEAD", "main", 200),
        ("POST", "main", 405),
        ("GET", "Main", 404),
        ("GET", "%FF", 404),
        ("GET", "main/x", 404),
        ("GET", "", 404),
    ] {
        let path = format!("/.well-known/oauth-authorization-server/t/{slug}");
        let answer = scim.raw(method, &path, &[], "").await;
        assert_eq!(answer.status.as_u16(), expected, "{method} {path}");
    }
}

/// Whoever has another log-in takes no access tokens, and gives none.
#[tokio::test]
async fn a_log_in_of_ones_own_has_no_token_endpoint() {
    let scim = Scim::with(|builder| builder.authenticate(crate::auth::Doorman)).await;
    let config = scim.send("GET /ServiceProviderConfig").await.json();
    assert_eq!(config["authenticationSchemes"].as_array().unwrap().len(), 1);
    let path = "/.well-known/oauth-authorization-server/t/main";
    assert_eq!(scim.raw("GET", path, &[], "").await.status, 404);
    assert_eq!(scim.token_endpoint(&[], "").await.status, 404);
}
