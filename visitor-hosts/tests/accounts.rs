//! Accounts of the console: passwords that are seen nowhere, what locks one, and what ends its sessions.

mod support;

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::http::Request;
use jiff::SignedDuration;
use scim_core::schema::USER_URN;
use scim_core::{ResourceId, TenantId};
use scim_server::Server;
use scim_server::auth::Person;
use scim_server::service::Caller;
use scim_server::store::{Fresh, PolicyName, Span, Store, TokenKind, unit};
use serde_json::{Value, json};
use support::product;
use tower::ServiceExt;
use visitor_console::account::{self, Attempt};

const URN: &str = account::URN;
const ROLE_URN: &str = "urn:visitor-hosts:scim:schemas:1.0:RoleAssignment";
const PATCH_URN: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
const GOOD: &str = "correct horse battery";
const BETTER: &str = "staple correct horse";

struct World {
    server: Server,
    store: Arc<dyn Store>,
    desk: String,
    entra: String,
    fresh: Fresh,
}

impl World {
    async fn new(fresh: Fresh) -> World {
        let store: Arc<dyn Store> = fresh.store.clone();
        let (served, hooks) = product();
        let server = Server::builder(Arc::clone(&store))
            .serve(served)
            .hooks(hooks)
            .build();
        let mut secrets = Vec::new();
        for kind in [TokenKind::Idp, TokenKind::App] {
            let policy = PolicyName::default();
            let made = server
                .tokens()
                .create(&main(), kind.as_str(), kind, policy, None)
                .await;
            secrets.push(made.unwrap().1.to_string());
        }
        World {
            server,
            store,
            desk: secrets.pop().unwrap(),
            entra: secrets.pop().unwrap(),
            fresh,
        }
    }

    async fn send(&self, request: Request<Body>) -> (u16, Value) {
        let answer = self.server.router().oneshot(request).await.unwrap();
        let status = answer.status().as_u16();
        let bytes = to_bytes(answer.into_body(), 10_000_000).await.unwrap();
        (status, serde_json::from_slice(&bytes).unwrap_or_default())
    }

    async fn ask(&self, secret: &str, line: &str, body: &Value) -> (u16, Value) {
        let bearer = format!("Bearer {secret}");
        let (method, path) = line.split_once(' ').unwrap();
        let request = Request::builder()
            .method(method)
            .uri(format!("/t/main/scim/v2{path}"))
            .header("authorization", bearer);
        let body = match body {
            Value::Null => Body::empty(),
            body => Body::from(body.to_string()),
        };
        self.send(request.body(body).unwrap()).await
    }

    /// As the application that keeps the tenant.
    async fn desk(&self, line: &str, body: Value) -> (u16, Value) {
        self.ask(&self.desk, line, &body).await
    }

    /// As somebody who has signed in.
    async fn as_caller(&self, caller: &Caller, path: &str) -> (u16, Value) {
        let mut request = Request::get(format!("/t/main/scim/v2{path}"))
            .body(Body::empty())
            .unwrap();
        request.extensions_mut().insert(caller.clone());
        self.send(request).await
    }

    async fn account(&self, more: Value) -> String {
        let (status, made) = self.desk("POST /ConsoleAccounts", account(more)).await;
        assert_eq!(status, 201, "{made}");
        made["id"].as_str().unwrap().to_owned()
    }

    async fn give_role(&self, id: &str, role: &str) {
        let body = json!({
            "schemas": [ROLE_URN], "role": role,
            "principal": { "value": id, "type": "ConsoleAccount" }
        });
        let (status, made) = self.desk("POST /RoleAssignments", body).await;
        assert_eq!(status, 201, "{made}");
    }

    async fn try_in(&self, name: &str, password: &str) -> Option<Person> {
        let accounts = account::resource_type().unwrap();
        let engine = self.server.engine();
        match account::signed_in(engine, &main(), &accounts, (name, password)).await {
            Ok(Attempt::Right(person)) => Some(person),
            Ok(Attempt::Wrong) => None,
            Err(error) => panic!("{error}"),
        }
    }

    async fn session(&self, person: Person) -> String {
        let until = self.server.clock().now() + SignedDuration::from_hours(1);
        let sessions = self.server.sessions();
        let secret = sessions.begin(&main(), person, "password", until).await;
        secret.unwrap().to_string()
    }

    async fn is_open(&self, session: &str) -> bool {
        let sessions = scim_server::auth::Sessions::new(
            Arc::clone(&self.store),
            Arc::clone(self.server.clock()),
        );
        sessions.caller(&main(), session).await.unwrap().is_some()
    }

    /// Everything that the change feed keeps.
    async fn feed(&self) -> String {
        let all = unit(|tx| {
            Box::pin(async move {
                let span = Span {
                    limit: 10_000,
                    ..Span::default()
                };
                tx.changes(&span).await
            })
        });
        let all = self.store.read(&main(), all).await.unwrap();
        format!("{all:?}")
    }
}

fn main() -> TenantId {
    "main".parse().unwrap()
}

async fn worlds() -> [World; 2] {
    [
        World::new(Fresh::sqlite().await).await,
        World::new(Fresh::postgres().await).await,
    ]
}

fn account(more: impl Into<Value>) -> Value {
    let more = more.into();
    let mut body = json!({ "schemas": [URN], "userName": "Kim", "password": GOOD });
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

fn patch(operations: impl Into<Value>) -> Value {
    let operations = operations.into();
    json!({ "schemas": [PATCH_URN], "Operations": operations })
}

#[tokio::test]
async fn a_password_is_seen_nowhere() {
    for world in worlds().await {
        let id = world.account(json!({})).await;
        let path = format!("/ConsoleAccounts/{id}");
        let urn = format!("{URN}:password");
        let mut shown = String::new();
        let secrets: Vec<String> = (0..9).map(|n| format!("secret-secret-{n}")).collect();
        let [a, b, c, d, e, f, g, h, i] = &secrets[..] else {
            unreachable!();
        };
        let whole = |password: &str| account(json!({ "password": password }));
        for (expected, line, body) in [
            (
                200,
                format!("PATCH {path}"),
                patch(json!([{ "op": "replace", "path": "password", "value": a }])),
            ),
            (
                200,
                format!("PATCH {path}"),
                patch(json!([{ "op": "add", "path": "PASSWORD", "value": b }])),
            ),
            (
                200,
                format!("PATCH {path}"),
                patch(json!([{ "op": "replace", "path": urn, "value": c }])),
            ),
            (200, format!("PUT {path}"), whole(d)),
            // Refused, each for another reason.
            (409, "POST /ConsoleAccounts".to_owned(), whole(e)),
            (
                200,
                format!("PATCH {path}"),
                patch(json!([{ "op": "replace", "value": { "password": f } }])),
            ),
            (
                400,
                format!("PATCH {path}"),
                patch(json!([
                    { "op": "replace", "path": "password", "value": g },
                    { "op": "replace", "path": "nothing", "value": 1 }
                ])),
            ),
            (
                400,
                format!("PATCH {path}"),
                patch(json!([{ "op": "replace", "path": "password", "value": [h] }])),
            ),
            (
                400,
                "POST /ConsoleAccounts".to_owned(),
                account(json!({ "userName": "x", "password": i, "lastSignInn": 1 })),
            ),
        ] {
            let (status, answer) = world.desk(&line, body).await;
            assert_eq!(status, expected, "{line}: {answer}");
            shown.push_str(&answer.to_string());
        }
        shown.push_str(
            &world
                .desk(&format!("GET {path}?attributes=password"), Value::Null)
                .await
                .1
                .to_string(),
        );
        shown.push_str(
            &world
                .desk("GET /AuditEvents?count=100", Value::Null)
                .await
                .1
                .to_string(),
        );
        shown.push_str(&world.feed().await);
        for secret in secrets.iter().map(String::as_str).chain([GOOD, "argon2"]) {
            assert!(!shown.contains(secret), "{secret}: {shown}");
        }
        assert!(shown.contains("(discarded)"));
        // The last one that was taken is the one.
        assert!(world.try_in("kim", f).await.is_some() && world.try_in("kim", d).await.is_none());
        // A document that is written back has none, and the password stays.
        let (_, read) = world.desk(&format!("GET {path}"), Value::Null).await;
        assert_eq!(world.desk(&format!("PUT {path}"), read).await.0, 200);
        assert!(world.try_in("kim", f).await.is_some());
        assert_eq!(
            world
                .fresh
                .store
                .check(&[&account::resource_type().unwrap()])
                .await
                .unwrap(),
            [""; 0]
        );
    }
}

#[tokio::test]
async fn which_passwords_are_taken() {
    let world = World::new(Fresh::sqlite().await).await;
    let id = world.account(json!({})).await;
    let path = format!("PATCH /ConsoleAccounts/{id}");
    let mut told = Vec::new();
    for value in [
        json!("eleven char"),
        json!("x".repeat(129)),
        json!(7),
        json!("twelve chars"),
    ] {
        let body = patch(json!([{ "op": "replace", "path": "password", "value": value }]));
        let (status, answer) = world.desk(&path, body).await;
        told.push(format!(
            "{status} {}",
            answer["detail"].as_str().unwrap_or("-")
        ));
    }
    let body = account(json!({ "userName": "kim@example.org", "password": "KIM@example.org" }));
    let (status, answer) = world.desk("POST /ConsoleAccounts", body).await;
    told.push(format!(
        "{status} {}",
        answer["detail"].as_str().unwrap_or("-")
    ));
    insta::assert_snapshot!(told.join("\n"), @r"
    400 password: a password has 12 to 128 characters, of any kind
    400 password: a password has 12 to 128 characters, of any kind
    400 password: expected text
    200 -
    400 password: choose a password that is not the user name
    ");
    // Names are compared in any case.
    let (status, _) = world
        .desk(
            "POST /ConsoleAccounts",
            account(json!({ "userName": "KIM" })),
        )
        .await;
    assert_eq!(status, 409);
}

#[tokio::test]
async fn ten_wrong_passwords_lock_an_account_for_every_process() {
    for world in worlds().await {
        let id = world.account(json!({ "displayName": "Kim Berg" })).await;
        let person = world.try_in("KIM", GOOD).await.unwrap();
        assert_eq!(
            (person.id.to_string(), person.name.as_str()),
            (id.clone(), "Kim Berg")
        );
        // All at once, as somebody who guesses would; none outruns the lock.
        let wrong = (0..10).map(|n| {
            let world = &world;
            async move { world.try_in("kim", &format!("wrong password {n}")).await }
        });
        let wrong = futures::future::join_all(wrong).await;
        assert!(wrong.iter().all(Option::is_none));
        assert_eq!(world.try_in("kim", GOOD).await, None);
        assert_eq!(world.try_in("nobody", GOOD).await, None);
        let path = format!("/ConsoleAccounts/{id}");
        let (_, locked) = world.desk(&format!("GET {path}"), Value::Null).await;
        assert!(
            locked["lockedUntil"].is_string() && locked["lastSignIn"].is_string(),
            "{locked}"
        );
        // Nobody but the server says when.
        let unlock = patch(json!([{ "op": "remove", "path": "lockedUntil" }]));
        assert_eq!(world.desk(&format!("PATCH {path}"), unlock).await.0, 400);
        let anew = patch(json!([{ "op": "replace", "path": "password", "value": BETTER }]));
        let (status, unlocked) = world.desk(&format!("PATCH {path}"), anew).await;
        assert_eq!((status, &unlocked["lockedUntil"]), (200, &Value::Null));
        assert!(world.try_in("kim", BETTER).await.is_some());
    }
}

#[tokio::test]
async fn sessions_end_with_what_they_rest_on() {
    for world in worlds().await {
        let id = world.account(json!({})).await;
        let path = format!("/ConsoleAccounts/{id}");
        let off = patch(json!([{ "op": "replace", "path": "active", "value": false }]));
        let on = patch(json!([{ "op": "replace", "path": "active", "value": true }]));
        let named = patch(json!([{ "op": "replace", "path": "displayName", "value": "K" }]));
        let anew = patch(json!([{ "op": "replace", "path": "password", "value": BETTER }]));
        let person = world.try_in("kim", GOOD).await.unwrap();
        for (line, body, stays) in [
            (format!("PATCH {path}"), named, true),
            (format!("PATCH {path}"), off, false),
            (format!("PATCH {path}"), on, true),
            (format!("PATCH {path}"), anew, false),
            (
                format!("POST {path}/actions/endSessions"),
                json!({ "reason": "lost laptop" }),
                false,
            ),
            (format!("DELETE {path}"), Value::Null, false),
        ] {
            let session = world.session(person.clone()).await;
            let (status, answer) = world.desk(&line, body).await;
            assert!(status < 300, "{line}: {status} {answer}");
            assert_eq!(world.is_open(&session).await, stays, "{line}");
        }
        assert_eq!(world.try_in("kim", BETTER).await, None);
    }
}

#[tokio::test]
async fn what_the_person_behind_an_account_may() {
    for world in worlds().await {
        let kim = json!({ "schemas": [USER_URN], "userName": "kim", "active": true });
        let (_, kim) = world.ask(&world.entra, "POST /Users", &kim).await;
        let user = kim["id"].as_str().unwrap();
        let alone = world.account(json!({ "userName": "alone" })).await;
        let linked = world
            .account(json!({ "userName": "linked", "user": { "value": user } }))
            .await;
        let nobody = account(json!({ "userName": "x", "user": { "value": alone } }));
        assert_eq!(world.desk("POST /ConsoleAccounts", nobody).await.0, 400);
        let caller = async |name: &str| {
            let person = world.try_in(name, GOOD).await.unwrap();
            let session = world.session(person).await;
            let caller = world.server.sessions().caller(&main(), &session).await;
            caller.unwrap().unwrap()
        };
        let (one, two) = (caller("alone").await, caller("linked").await);
        assert_eq!(two.person, Some(user.parse::<ResourceId>().unwrap()));
        for caller in [&one, &two] {
            assert_eq!(world.as_caller(caller, "/Hosts").await.0, 403);
        }
        world.give_role(&alone, "tenantAdmin").await;
        world.give_role(&linked, "auditor").await;
        for (path, expected) in [
            ("/Hosts", [200, 200]),
            ("/AuditEvents", [200, 200]),
            ("/ConsoleAccounts", [200, 403]),
            ("/ApiTokens", [200, 403]),
            ("/Me", [404, 200]),
        ] {
            let asked = [
                world.as_caller(&one, path).await,
                world.as_caller(&two, path).await,
            ];
            assert_eq!(asked.map(|(status, _)| status), expected, "{path}");
        }
        let (_, me) = world.as_caller(&one, "/Me").await;
        assert_eq!(
            me["detail"],
            "no User stands behind whoever asks, so there is no /Me"
        );
        // The log says who it was.
        let site = json!({
            "schemas": ["urn:visitor-hosts:scim:schemas:1.0:Location"],
            "name": "Zurich", "timezone": "Europe/Zurich"
        });
        let site = Body::from(site.to_string());
        let mut made = Request::post("/t/main/scim/v2/Locations")
            .body(site)
            .unwrap();
        made.extensions_mut().insert(one.clone());
        assert_eq!(world.send(made).await.0, 201);
        let line = "GET /AuditEvents?count=1&sortBy=at&sortOrder=descending";
        let (_, newest) = world.desk(line, Value::Null).await;
        let actor = &newest["Resources"][0]["actor"];
        assert_eq!(actor["display"], "alone", "{newest}");
        assert_eq!(actor["value"], alone.as_str());
        // The directory lets the person go: the account leads nowhere any more, at once.
        let off = patch(json!([{ "op": "replace", "path": "active", "value": false }]));
        world
            .ask(&world.entra, &format!("PATCH /Users/{user}"), &off)
            .await;
        assert_eq!(world.as_caller(&two, "/Hosts").await.0, 403);
        // An account that is switched off gives nothing, to whoever still holds what it gave.
        let line = format!("PATCH /ConsoleAccounts/{alone}");
        assert_eq!(world.desk(&line, off).await.0, 200);
        assert_eq!(world.as_caller(&one, "/Hosts").await.0, 403);
    }
}

/// Whoever keeps accounts could become any of them.
#[tokio::test]
async fn accounts_are_kept_by_those_who_may_do_everything() {
    let world = World::new(Fresh::sqlite().await).await;
    let id = world.account(json!({})).await;
    let token = json!({
        "schemas": ["urn:visitor-hosts:scim:schemas:1.0:ApiToken"], "name": "desk", "kind": "app",
        "scopes": ["consoleAccounts.*"]
    });
    let (status, token) = world.desk("POST /ApiTokens", token).await;
    assert_eq!(status, 201, "{token}");
    let secret = token["secret"].as_str().unwrap();
    let anew = patch(json!([{ "op": "replace", "path": "password", "value": BETTER }]));
    for (line, body, expected) in [
        (format!("GET /ConsoleAccounts/{id}"), Value::Null, 200),
        (format!("PATCH /ConsoleAccounts/{id}"), anew, 403),
        (
            "POST /ConsoleAccounts".to_owned(),
            account(json!({ "userName": "x" })),
            403,
        ),
        (
            format!("POST /ConsoleAccounts/{id}/actions/endSessions"),
            json!({}),
            403,
        ),
        (format!("DELETE /ConsoleAccounts/{id}"), Value::Null, 403),
    ] {
        let (status, answer) = world.ask(secret, &line, &body).await;
        assert_eq!(status, expected, "{line}: {answer}");
    }
    assert!(world.try_in("kim", GOOD).await.is_some());
}
