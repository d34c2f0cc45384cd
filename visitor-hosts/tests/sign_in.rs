//! Signing in to the console, with a password and through a provider that the test plays itself: who gets in, who
//! does not, and what no other site can do.

mod support;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Request, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use data_encoding::{BASE64, BASE64URL_NOPAD};
use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::{Algorithm, EncodingKey};
use scim_core::TenantId;
use scim_core::schema::USER_URN;
use scim_server::Server;
use scim_server::clock::{Clock, FixedClock, SystemClock};
use scim_server::outbound::Outbound;
use scim_server::store::{Fresh, PolicyName, Store, TokenKind};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use support::product;
use tower::ServiceExt;

const URL: &str = "https://console.example";
const GOOD: &str = "correct horse battery";
const PATCH_URN: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// The product with its pages, an administrator, and somebody without a role.
struct World {
    server: Server,
    pages: Router,
    clock: Arc<FixedClock>,
    desk: String,
    entra: String,
    kim: String,
    _fresh: Fresh,
}

impl World {
    async fn new(outbound: Outbound) -> World {
        let fresh = Fresh::sqlite().await;
        let store: Arc<dyn Store> = fresh.store.clone();
        let (served, hooks) = product();
        let clock = Arc::new(FixedClock::new(SystemClock.now()));
        let server = Server::builder(store)
            .serve(served)
            .hooks(hooks)
            .clock(clock.clone())
            .outbound(outbound)
            .public_url(URL)
            .build();
        let mut secrets = Vec::new();
        for kind in [TokenKind::Idp, TokenKind::App] {
            let policy = PolicyName::default();
            let made = server.tokens();
            let made = made
                .create(&main(), kind.as_str(), kind, policy, None)
                .await;
            secrets.push(made.unwrap().1.to_string());
        }
        let mut world = World {
            pages: visitor_console::pages(&server).unwrap(),
            server,
            clock,
            desk: secrets.pop().unwrap(),
            entra: secrets.pop().unwrap(),
            kim: String::new(),
            _fresh: fresh,
        };
        world.kim = world.account("kim@example.org").await;
        world.account("nobody@example.org").await;
        world.give_role(&world.kim, "ConsoleAccount").await;
        world
    }

    async fn scim(&self, secret: &str, line: &str, body: Value) -> Value {
        let (method, path) = line.split_once(' ').unwrap();
        let request = Request::builder()
            .method(method)
            .uri(format!("/t/main/scim/v2{path}"))
            .header("authorization", format!("Bearer {secret}"));
        let request = request.body(Body::from(body.to_string())).unwrap();
        let answer = self.server.router().oneshot(request).await.unwrap();
        assert!(answer.status().is_success(), "{line}: {}", answer.status());
        let bytes = to_bytes(answer.into_body(), 1 << 20).await.unwrap();
        serde_json::from_slice(&bytes).unwrap_or_default()
    }

    async fn account(&self, name: &str) -> String {
        let body = json!({
            "schemas": ["urn:visitor-hosts:scim:schemas:1.0:ConsoleAccount"],
            "userName": name, "password": GOOD
        });
        let made = self.scim(&self.desk, "POST /ConsoleAccounts", body).await;
        made["id"].as_str().unwrap().to_owned()
    }

    async fn give_role(&self, id: &str, kind: &str) {
        let body = json!({
            "schemas": ["urn:visitor-hosts:scim:schemas:1.0:RoleAssignment"],
            "role": "auditor", "principal": { "value": id, "type": kind }
        });
        self.scim(&self.desk, "POST /RoleAssignments", body).await;
    }

    async fn patch(&self, secret: &str, path: &str, attribute: &str, value: Value) {
        let body = json!({
            "schemas": [PATCH_URN],
            "Operations": [{ "op": "replace", "path": attribute, "value": value }]
        });
        self.scim(secret, &format!("PATCH {path}"), body).await;
    }

    async fn ask(&self, request: Request<Body>) -> Answer {
        let service = self.server.service_beside(Some(self.pages.clone()));
        let answer = service.oneshot(request).await.unwrap();
        let (parts, body) = answer.into_parts();
        let body = to_bytes(body, 1 << 20).await.unwrap();
        Answer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: String::from_utf8(body.to_vec()).unwrap(),
        }
    }

    async fn get(&self, path: &str, cookie: &str) -> Answer {
        let request = Request::get(path).header("cookie", cookie);
        self.ask(request.body(Body::empty()).unwrap()).await
    }

    /// A form of our own pages.
    async fn post(&self, path: &str, cookie: &str, form: &str) -> Answer {
        let request = Request::post(path)
            .header("cookie", cookie)
            .header("sec-fetch-site", "same-origin");
        self.ask(request.body(Body::from(form.to_owned())).unwrap())
            .await
    }

    /// The cookie of somebody who may do everything.
    async fn signed_in(&self) -> String {
        let answer = self.sign_in("kim@example.org", GOOD, "").await;
        answer.session().unwrap()
    }

    async fn sign_in(&self, name: &str, password: &str, more: &str) -> Answer {
        let name = name.replace('@', "%40");
        let password = password.replace(' ', "+");
        let form = format!("tenant=main&user_name={name}&password={password}{more}");
        self.post("/sign-in", "", &form).await
    }
}

struct Answer {
    status: u16,
    headers: HeaderMap,
    body: String,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().unwrap())
    }

    /// The cookie that is set under this name, as it is sent back.
    fn cookie(&self, name: &str) -> Option<String> {
        let lines = self.headers.get_all("set-cookie").into_iter();
        let mut pairs = lines.map(|line| line.to_str().unwrap().split(';').next().unwrap());
        let named = pairs.find(|pair| {
            pair.split_once('=')
                .is_some_and(|it| it.0 == name && !it.1.is_empty())
        });
        named.map(str::to_owned)
    }

    fn session(&self) -> Option<String> {
        self.cookie("__Host-console")
    }

    /// Status and where it leads.
    fn leads(&self) -> String {
        format!("{} {}", self.status, self.header("location"))
    }
}

fn main() -> TenantId {
    "main".parse().unwrap()
}

#[tokio::test]
async fn who_gets_in_with_a_password() {
    let world = World::new(Outbound::default()).await;
    let mut told = Vec::new();
    for (name, password, more) in [
        ("kim@example.org", GOOD, ""),
        ("KIM@example.org", GOOD, "&to=/console/main/hosts?q%3Da"),
        ("kim@example.org", GOOD, "&to=https://evil.example/"),
        ("kim@example.org", GOOD, "&to=//evil.example/"),
        ("kim@example.org", "wrong password", ""),
        ("who@example.org", GOOD, ""),
        ("nobody@example.org", GOOD, ""),
        ("", "", ""),
    ] {
        let answer = world.sign_in(name, password, more).await;
        let message = message(&answer.body);
        let session = if answer.session().is_some() {
            "in"
        } else {
            "out"
        };
        let line = format!("{session} {} {message:.40}", answer.leads());
        told.push(line.trim_end().to_owned());
        // What was typed stays, but for the password.
        assert_eq!(
            answer.body.contains(&format!("value=\"{name}\"")),
            answer.status != 303
        );
        assert!(!answer.body.contains(password) || password.is_empty());
    }
    insta::assert_snapshot!(told.join("\n"), @r"
    in 303 /console/main
    in 303 /console/main/hosts?q=a
    in 303 /console/main
    in 303 /console/main
    out 422  The user name or the password is wrong,
    out 422  The user name or the password is wrong,
    out 403  You are known here, but have no role in
    out 422  The user name or the password is wrong,
    ");
}

#[tokio::test]
async fn a_session_opens_the_pages_of_its_tenant_until_it_ends() {
    let world = World::new(Outbound::default()).await;
    let other: TenantId = "other".parse().unwrap();
    let now = Timestamp::UNIX_EPOCH;
    world
        .server
        .engine()
        .store()
        .create_tenant(&other, now)
        .await
        .unwrap();
    let first = world.sign_in("kim@example.org", GOOD, "").await;
    let cookie = first.session().unwrap();
    insta::assert_snapshot!(world.get("/console/main", &cookie).await.leads(), @"200");
    insta::assert_snapshot!(world.get("/", &cookie).await.leads(), @"303 /console/main");
    insta::assert_snapshot!(world.get("/console", "").await.leads(), @"303 /sign-in");
    insta::assert_snapshot!(world.get("/console/main?a=b", "").await.leads(), @"303 /sign-in?tenant=main&to=%2Fconsole%2Fmain%3Fa%3Db");
    insta::assert_snapshot!(world.get("/console/other", &cookie).await.leads(), @"303 /sign-in?tenant=other&to=%2Fconsole%2Fother");
    let moved = cookie.replace("=main.", "=other.");
    insta::assert_snapshot!(world.get("/console/other", &moved).await.leads(), @"303 /sign-in?tenant=other&to=%2Fconsole%2Fother&ended=true");

    // Whoever signs in gets a secret of their own, and the one that the browser had ends.
    let form = "tenant=main&user_name=kim%40example.org&password=correct+horse+battery";
    let second = world
        .post("/sign-in", &cookie, form)
        .await
        .session()
        .unwrap();
    assert_ne!(second, cookie);
    world
        .clock
        .set(world.clock.now() + SignedDuration::from_secs(1));
    assert_eq!(world.get("/console/main", &cookie).await.status, 303);
    assert_eq!(world.get("/console/main", &second).await.status, 200);

    // A form that came too late is not sent again, and a part of a page leads the whole page away.
    let late = world.post("/console/main/hosts", &cookie, "a=b").await;
    insta::assert_snapshot!(late.leads(), @"303 /sign-in?tenant=main&ended=true");
    let part = Request::get("/console/main").header("hx-request", "true");
    let part = world.ask(part.body(Body::empty()).unwrap()).await;
    insta::assert_snapshot!(format!("{} {}", part.status, part.header("hx-redirect")), @"204 /sign-in?tenant=main&to=%2Fconsole%2Fmain");

    let out = world.post("/console/main/sign-out", &second, "").await;
    insta::assert_snapshot!(out.leads(), @"303 /sign-in?tenant=main");
    assert!(out.header("set-cookie").starts_with("__Host-console=;"));
    assert_eq!(world.get("/console/main", &second).await.status, 303);

    let third = world
        .sign_in("kim@example.org", GOOD, "")
        .await
        .session()
        .unwrap();
    let path = format!("/ConsoleAccounts/{}", world.kim);
    world
        .patch(&world.desk, &path, "active", json!(false))
        .await;
    let ended = world.get("/console/main", &third).await;
    insta::assert_snapshot!(ended.leads(), @"303 /sign-in?tenant=main&to=%2Fconsole%2Fmain&ended=true");
    assert_eq!(world.sign_in("kim@example.org", GOOD, "").await.status, 422);
}

#[tokio::test]
async fn what_other_sites_send_is_refused() {
    let world = World::new(Outbound::default()).await;
    let cookie = world.signed_in().await;
    for (headers, expected) in [
        (&[("sec-fetch-site", "cross-site")][..], 403),
        (&[("sec-fetch-site", "same-site")], 403),
        (&[("sec-fetch-site", "none")], 403),
        (&[("sec-fetch-site", "cross-site"), ("origin", URL)], 403),
        (&[("origin", "https://evil.example")], 403),
        (&[("origin", "null")], 403),
        (&[], 403),
        (
            &[
                ("origin", "https://localhost:8080"),
                ("host", "localhost:8080"),
            ],
            303,
        ),
        (&[("origin", URL)], 303),
        (&[("sec-fetch-site", "same-origin")], 303),
    ] {
        let mut request = Request::post("/sign-out").header("cookie", &cookie);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = world.ask(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, expected, "{headers:?}");
    }
}

#[tokio::test]
async fn every_answer_keeps_others_out() {
    let world = World::new(Outbound::default()).await;
    let cookie = world.signed_in().await;
    for (path, cookie) in [
        ("/sign-in", ""),
        ("/console/main", cookie.as_str()),
        ("/console/main", ""),
        ("/sign-in/openid", ""),
        ("/sign-in/openid/callback?code=x&state=y", ""),
        ("/", ""),
    ] {
        let answer = world.get(path, cookie).await;
        let policy = answer.header("content-security-policy");
        assert!(
            policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
            "{path}"
        );
        assert!(!policy.contains("unsafe"));
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "same-origin"),
            ("cross-origin-opener-policy", "same-origin"),
            ("strict-transport-security", "max-age=31536000"),
            ("cache-control", "no-store"),
        ] {
            assert_eq!(answer.header(name), value, "{path} {name}");
        }
        assert!(!answer.header("permissions-policy").is_empty());
    }
    // What is typed stands in the page as text.
    let hostile = world.sign_in("\"><script>alert(1)</script>", "x", "").await;
    assert!(!hostile.body.contains("<script>"), "{}", hostile.body);
}

/// An issuer that the test plays: what it will say, and what it was asked.
#[derive(Clone, Default)]
struct Issuer(Arc<Mutex<Played>>);

#[derive(Default)]
struct Played {
    base: String,
    /// Codes, with what their ID token claims and the challenge that belongs to them.
    codes: HashMap<String, (Value, String)>,
    authorizations: Vec<String>,
    key: Option<&'static str>,
    says_iss: bool,
    /// What is told of whoever shows the access token.
    told: Option<Value>,
}

fn keys() -> Value {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../fixtures/hostile/jwt/keys.json"
    );
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn signed(claims: &Value, name: &str) -> String {
    let encoded = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
    let header = json!({ "alg": "RS256", "typ": "JWT", "kid": "one" });
    let message = format!("{}.{}", encoded(&header), encoded(claims));
    let private = keys()[name]["private"].as_str().unwrap().to_owned();
    let key = EncodingKey::from_rsa_der(&BASE64.decode(private.as_bytes()).unwrap());
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::RS256).unwrap();
    format!("{message}.{signature}")
}

impl Issuer {
    async fn start() -> (Issuer, Outbound) {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let issuer = Issuer::default();
        issuer.played().base = format!("http://{address}");
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(configuration))
            .route("/keys", get(key_set))
            .route("/token", post(token))
            .route("/userinfo", get(userinfo))
            .with_state(issuer.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (
            issuer,
            Outbound::new(vec![address.to_string().parse().unwrap()]),
        )
    }

    fn played(&self) -> std::sync::MutexGuard<'_, Played> {
        self.0.lock().unwrap()
    }

    /// Somebody signs in at the provider: a code for what the browser was sent with.
    fn code(&self, query: &HashMap<String, String>, claims: &Value) -> String {
        let mut played = self.played();
        let now = SystemClock.now().as_second();
        let mut token = json!({
            "iss": played.base, "sub": "1", "aud": "console", "nonce": query["nonce"],
            "email": "kim@example.org", "email_verified": true, "iat": now, "exp": now + 300
        });
        for (name, value) in claims.as_object().unwrap() {
            match value {
                Value::Null => token.as_object_mut().unwrap().shift_remove(name),
                value => token
                    .as_object_mut()
                    .unwrap()
                    .insert(name.clone(), value.clone()),
            };
        }
        let code = format!("code-{}", played.codes.len());
        let challenge = query["code_challenge"].clone();
        played.codes.insert(code.clone(), (token, challenge));
        code
    }
}

async fn configuration(State(issuer): State<Issuer>) -> String {
    let played = issuer.played();
    let base = &played.base;
    let said = json!({
        "issuer": base,
        "authorization_endpoint": format!("{base}/authorize"),
        "token_endpoint": format!("{base}/token"),
        "jwks_uri": format!("{base}/keys"),
        "userinfo_endpoint": played.told.as_ref().map(|_| format!("{base}/userinfo")),
        "authorization_response_iss_parameter_supported": played.says_iss
    });
    said.to_string()
}

async fn key_set() -> String {
    let mut key = keys()["rsa"]["jwk"].clone();
    key["kid"] = json!("one");
    json!({ "keys": [key] }).to_string()
}

async fn userinfo(State(issuer): State<Issuer>, headers: HeaderMap) -> String {
    assert_eq!(headers["authorization"], "Bearer x");
    issuer.played().told.clone().unwrap_or_default().to_string()
}

/// A code is good once, for whoever began.
async fn token(State(issuer): State<Issuer>, headers: HeaderMap, body: Bytes) -> Response {
    let form: HashMap<String, String> = pairs(std::str::from_utf8(&body).unwrap());
    let mut played = issuer.played();
    let authorization = headers
        .get("authorization")
        .map(|value| value.to_str().unwrap());
    let authorization = authorization.unwrap_or_default().to_owned();
    played.authorizations.push(authorization);
    let Some((claims, challenge)) = played.codes.remove(&form["code"]) else {
        return (StatusCode::BAD_REQUEST, "invalid_grant").into_response();
    };
    let shown = BASE64URL_NOPAD.encode(&Sha256::digest(&form["code_verifier"]));
    if shown != challenge || form["redirect_uri"] != format!("{URL}/sign-in/openid/callback") {
        return (StatusCode::BAD_REQUEST, "invalid_grant").into_response();
    }
    let token = signed(&claims, played.key.unwrap_or("rsa"));
    json!({ "access_token": "x", "token_type": "Bearer", "id_token": token })
        .to_string()
        .into_response()
}

fn pairs(text: &str) -> HashMap<String, String> {
    let decoded = |text: &str| {
        let text = text.replace('+', " ");
        percent_encoding::percent_decode_str(&text)
            .decode_utf8()
            .unwrap()
            .into_owned()
    };
    let pairs = text.split('&').filter_map(|pair| pair.split_once('='));
    pairs
        .map(|(name, value)| (decoded(name), decoded(value)))
        .collect()
}

/// The console with the provider set up.
async fn with_provider() -> (World, Issuer) {
    let (issuer, outbound) = Issuer::start().await;
    let world = World::new(outbound).await;
    let body = json!({
        "schemas": ["urn:visitor-hosts:scim:schemas:1.0:SingleSignOn"],
        "name": "Example ID", "issuer": issuer.played().base, "clientId": "console",
        "clientSecret": "s3cret & more"
    });
    let made = world.scim(&world.desk, "POST /SingleSignOns", body).await;
    assert!(
        made.get("clientSecret").is_none() && made["matchClaim"] == "email",
        "{made}"
    );
    (world, issuer)
}

/// Begins to sign in: the cookie, and what the provider is asked.
async fn begun(world: &World) -> (String, HashMap<String, String>) {
    let answer = world
        .get("/sign-in/openid?tenant=main&to=/console/main/hosts", "")
        .await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    let cookie = answer.cookie("__Host-console-sign-in").unwrap();
    let (_, query) = answer.header("location").split_once('?').unwrap();
    (cookie, pairs(query))
}

/// Comes back from the provider; where that leads.
async fn back(world: &World, cookie: &str, query: &str) -> String {
    let answer = world
        .get(&format!("/sign-in/openid/callback?{query}"), cookie)
        .await;
    let session = if answer.session().is_some() {
        "in"
    } else {
        "out"
    };
    let message = message(&answer.body);
    let told = format!("{session} {} {message:.50}", answer.leads());
    told.trim_end().to_owned()
}

#[tokio::test]
async fn the_page_leads_to_the_provider() {
    let (world, issuer) = with_provider().await;
    let page = world.get("/sign-in?to=/console/main/hosts", "").await.body;
    assert!(
        page.contains("Sign in with Example ID")
            && page.contains("/sign-in/openid?tenant=main&#38;to=%2Fconsole%2Fmain%2Fhosts"),
        "{page}"
    );
    let (cookie, query) = begun(&world).await;
    assert_eq!(query["response_type"], "code");
    assert_eq!(query["code_challenge_method"], "S256");
    assert_eq!(query["scope"], "openid profile email");
    assert_eq!(
        query["redirect_uri"],
        format!("{URL}/sign-in/openid/callback")
    );
    assert!(!cookie.contains(&query["state"]) && !cookie.contains(&query["nonce"]));
    let code = issuer.code(&query, &json!({}));
    let query = format!("code={code}&state={}", query["state"]);
    insta::assert_snapshot!(back(&world, &cookie, &query).await, @"in 303 /console/main/hosts");
    // RFC 6749 §2.3.1
    let basic = BASE64.encode(b"console:s3cret+%26+more");
    assert_eq!(issuer.played().authorizations, [format!("Basic {basic}")]);
    // Once more, with all that the browser had: the code is used up.
    insta::assert_snapshot!(back(&world, &cookie, &query).await, @"out 403  Your identity provider could not confirm who you a");
}

#[tokio::test]
async fn what_comes_back_must_belong_to_the_browser() {
    let (world, issuer) = with_provider().await;
    let mut told = Vec::new();
    let (_, others) = begun(&world).await;
    for case in [
        "no cookie",
        "no state",
        "state of another browser",
        "other issuer",
        "own issuer",
        "an error",
        "too late",
        "changed cookie",
    ] {
        let (mut cookie, query) = begun(&world).await;
        let code = issuer.code(&query, &json!({}));
        let state = &query["state"];
        let mut sent = format!("code={code}&state={state}");
        match case {
            "no cookie" => cookie = String::new(),
            "no state" => sent = format!("code={code}"),
            "state of another browser" => sent = format!("code={code}&state={}", others["state"]),
            "other issuer" => sent.push_str("&iss=https%3A%2F%2Fevil.example"),
            "own issuer" => sent.push_str(&format!(
                "&iss={}",
                issuer.played().base.replace(':', "%3A").replace('/', "%2F")
            )),
            "an error" => sent = format!("error=access_denied&state={state}"),
            "too late" => world
                .clock
                .set(world.clock.now() + SignedDuration::from_mins(10)),
            _ => cookie.replace_range(60..61, if &cookie[60..61] == "A" { "B" } else { "A" }),
        }
        let came = back(&world, &cookie, &sent).await;
        told.push(format!("{case}: {came}"));
        world.clock.set(SystemClock.now());
    }
    insta::assert_snapshot!(told.join("\n"), @r"
    no cookie: out 403  The sign-in was not completed, or took too long. B
    no state: out 403  The sign-in was not completed, or took too long. B
    state of another browser: out 403  The sign-in was not completed, or took too long. B
    other issuer: out 403  The sign-in was not completed, or took too long. B
    own issuer: in 303 /console/main/hosts
    an error: out 403  The sign-in was not completed, or took too long. B
    too late: out 403  The sign-in was not completed, or took too long. B
    changed cookie: out 403  The sign-in was not completed, or took too long. B
    ");
}

#[tokio::test]
async fn who_the_token_speaks_of() {
    let (world, issuer) = with_provider().await;
    let user = json!({ "schemas": [USER_URN], "userName": "ann@example.org", "active": true });
    let user = world.scim(&world.entra, "POST /Users", user).await;
    let hosts = world.scim(&world.desk, "GET /Hosts", Value::Null).await;
    world
        .give_role(hosts["Resources"][0]["id"].as_str().unwrap(), "Host")
        .await;
    let now = SystemClock.now().as_second();
    let base = issuer.played().base.clone();
    let mut told = Vec::new();
    for (case, claims, key) in [
        ("an account", json!({}), "rsa"),
        ("a User", json!({ "email": "Ann@Example.org" }), "rsa"),
        ("nobody here", json!({ "email": "who@example.org" }), "rsa"),
        ("no role", json!({ "email": "nobody@example.org" }), "rsa"),
        ("not verified", json!({ "email_verified": false }), "rsa"),
        ("nothing of it", json!({ "email_verified": null }), "rsa"),
        ("no e-mail", json!({ "email": null }), "rsa"),
        ("wrong nonce", json!({ "nonce": "x" }), "rsa"),
        ("wrong audience", json!({ "aud": "other" }), "rsa"),
        (
            "two audiences",
            json!({ "aud": ["console", "other"] }),
            "rsa",
        ),
        (
            "two, and the party",
            json!({ "aud": ["console", "other"], "azp": "console" }),
            "rsa",
        ),
        ("another party", json!({ "azp": "other" }), "rsa"),
        (
            "another issuer",
            json!({ "iss": format!("{base}/other") }),
            "rsa",
        ),
        (
            "expired",
            json!({ "iat": now - 600, "exp": now - 120 }),
            "rsa",
        ),
        ("another key", json!({}), "other"),
    ] {
        issuer.played().key = Some(key);
        let (cookie, query) = begun(&world).await;
        let code = issuer.code(&query, &claims);
        let query = format!("code={code}&state={}", query["state"]);
        told.push(format!("{case}: {}", back(&world, &cookie, &query).await));
    }
    insta::assert_snapshot!(told.join("\n"), @r"
    an account: in 303 /console/main/hosts
    a User: in 303 /console/main/hosts
    nobody here: out 403  Your identity provider knows you, but nobody here
    no role: out 403  You are known here, but have no role in this conso
    not verified: out 403  Your identity provider could not confirm who you a
    nothing of it: out 403  Your identity provider could not confirm who you a
    no e-mail: out 403  Your identity provider could not confirm who you a
    wrong nonce: out 403  Your identity provider could not confirm who you a
    wrong audience: out 403  Your identity provider could not confirm who you a
    two audiences: out 403  Your identity provider could not confirm who you a
    two, and the party: in 303 /console/main/hosts
    another party: out 403  Your identity provider could not confirm who you a
    another issuer: out 403  Your identity provider could not confirm who you a
    expired: out 403  Your identity provider could not confirm who you a
    another key: out 403  Your identity provider could not confirm who you a
    ");
    // Whom the directory lets go is out, at once and at the provider's too.
    issuer.played().key = None;
    let ann = json!({ "email": "ann@example.org" });
    let (cookie, query) = begun(&world).await;
    let code = issuer.code(&query, &ann);
    let path = format!(
        "/sign-in/openid/callback?code={code}&state={}",
        query["state"]
    );
    let session = world.get(&path, &cookie).await.session().unwrap();
    assert_eq!(world.get("/console/main", &session).await.status, 200);
    let path = format!("/Users/{}", user["id"].as_str().unwrap());
    world
        .patch(&world.entra, &path, "active", json!(false))
        .await;
    insta::assert_snapshot!(world.get("/console/main", &session).await.leads(), @"303 /sign-in?tenant=main&to=%2Fconsole%2Fmain&ended=true");
    let (cookie, query) = begun(&world).await;
    let code = issuer.code(&query, &ann);
    let query = format!("code={code}&state={}", query["state"]);
    insta::assert_snapshot!(back(&world, &cookie, &query).await, @"out 403  Your identity provider knows you, but nobody here");
}

/// Providers that put no more into an ID token than who it is tell the rest where it is asked for.
#[tokio::test]
async fn what_the_token_does_not_say_is_asked_for() {
    let mut told = Vec::new();
    for (case, claims, info) in [
        (
            "told",
            json!({}),
            json!({ "sub": "1", "email": "kim@example.org", "email_verified": true }),
        ),
        (
            "not verified",
            json!({}),
            json!({ "sub": "1", "email": "kim@example.org" }),
        ),
        (
            "of somebody else",
            json!({}),
            json!({ "sub": "2", "email": "kim@example.org", "email_verified": true }),
        ),
        ("nothing", json!({}), json!({ "sub": "1" })),
        (
            "the token counts",
            json!({ "email": "nobody@example.org" }),
            json!({ "sub": "1", "email": "kim@example.org", "email_verified": true }),
        ),
    ] {
        let (world, issuer) = with_provider().await;
        issuer.played().told = Some(info);
        let (cookie, query) = begun(&world).await;
        let mut bare = claims;
        if bare["email"].is_null() {
            bare["email"] = Value::Null;
        }
        let code = issuer.code(&query, &bare);
        let query = format!("code={code}&state={}", query["state"]);
        told.push(format!("{case}: {}", back(&world, &cookie, &query).await));
    }
    insta::assert_snapshot!(told.join("\n"), @r"
    told: in 303 /console/main/hosts
    not verified: out 403  Your identity provider could not confirm who you a
    of somebody else: out 403  Your identity provider could not confirm who you a
    nothing: out 403  Your identity provider could not confirm who you a
    the token counts: out 403  You are known here, but have no role in this conso
    ");
}

/// A provider that says in what it sends back who it is did not send what does not (RFC 9207 §2.4).
#[tokio::test]
async fn a_provider_that_says_who_it_is_must_say_it() {
    let (world, issuer) = with_provider().await;
    issuer.played().says_iss = true;
    let (cookie, query) = begun(&world).await;
    let code = issuer.code(&query, &json!({}));
    let query = format!("code={code}&state={}", query["state"]);
    insta::assert_snapshot!(back(&world, &cookie, &query).await, @"out 403  The sign-in was not completed, or took too long. B");
}

#[tokio::test]
async fn one_provider_is_active_and_its_secret_is_seen_nowhere() {
    let (world, _) = with_provider().await;
    let second = json!({
        "schemas": ["urn:visitor-hosts:scim:schemas:1.0:SingleSignOn"],
        "name": "B", "issuer": "https://b.example", "clientId": "b", "active": false
    });
    let second = world.scim(&world.desk, "POST /SingleSignOns", second).await;
    let path = format!(
        "/t/main/scim/v2/SingleSignOns/{}",
        second["id"].as_str().unwrap()
    );
    let mut told = Vec::new();
    for (attribute, value) in [
        ("active", json!(true)),
        ("issuer", json!("b.example")),
        ("issuer", json!("https://b.example?x")),
        ("issuer", json!("https://b.example/tenant/v2.0")),
        ("clientSecret", json!("hidden-secret-1")),
    ] {
        let body = json!({
            "schemas": [PATCH_URN],
            "Operations": [{ "op": "replace", "path": attribute, "value": value }]
        });
        let request =
            Request::patch(&path).header("authorization", format!("Bearer {}", world.desk));
        let answer = world
            .ask(request.body(Body::from(body.to_string())).unwrap())
            .await;
        let answer_body: Value = serde_json::from_str(&answer.body).unwrap();
        let detail = answer_body["detail"]
            .as_str()
            .unwrap_or("-")
            .replace(second["id"].as_str().unwrap(), "ID");
        let other = detail.split(": ").take(2).collect::<Vec<_>>().join(": ");
        told.push(format!("{} {other}", answer.status));
    }
    insta::assert_snapshot!(told.join("\n"), @r"
    400 active: switch the other one off first
    400 issuer: an issuer is a URL that begins with https:// and has neither a query nor a fragment
    400 issuer: an issuer is a URL that begins with https:// and has neither a query nor a fragment
    200 -
    200 -
    ");
    let shown = world
        .scim(&world.desk, "GET /AuditEvents?count=100", Value::Null)
        .await
        .to_string()
        + &world
            .scim(
                &world.desk,
                "GET /SingleSignOns?attributes=clientSecret",
                Value::Null,
            )
            .await
            .to_string();
    assert!(
        !shown.contains("hidden-secret") && !shown.contains("s3cret"),
        "{shown}"
    );
}

/// What the page says went wrong.
fn message(page: &str) -> &str {
    let rest = page
        .split_once("id=\"message\"")
        .map_or("", |(_, rest)| rest);
    let text = rest.split_once('>').map_or("", |(_, text)| text);
    text.split_once('<').map_or("", |(text, _)| text)
}
