//! The examples do what they say, and a store of one's own keeps the contract.

#[path = "../../examples/embed.rs"]
#[expect(dead_code, reason = "its main function serves for ever")]
mod embed;
#[path = "../../examples/own_store.rs"]
#[expect(dead_code, reason = "its main function serves for ever")]
mod own_store;

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use scim_server::clock::{Clock, SystemClock};
use scim_server::store::{Store, unit};
use serde_json::Value;
use tower::ServiceExt;

const USERS: &str = "/t/main/scim/v2/Users";
const ANN: &str = r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"ann"}"#;

/// A store in memory with the tenant that the contract writes to.
struct Memory {
    store: Arc<own_store::MemoryStore>,
}

async fn memory() -> Memory {
    let store = Arc::new(own_store::MemoryStore::default());
    let (main, now) = ("main".parse().unwrap(), SystemClock.now());
    assert!(store.create_tenant(&main, now).await.unwrap());
    Memory { store }
}

scim_server::store_contract!(memory_store, crate::memory);

/// Status and body.
async fn send(app: &Router, method: &str, path: &str, bearer: &str, body: &str) -> (u16, Value) {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("authorization", format!("Bearer {bearer}"))
        .body(Body::from(body.to_owned()))
        .unwrap();
    let response = app.clone().oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    let body = axum::body::to_bytes(response.into_body(), usize::MAX)
        .await
        .unwrap();
    (status, serde_json::from_slice(&body).unwrap_or_default())
}

/// What every server does with users.
async fn users_come_change_and_go(app: &Router, bearer: &str) {
    let (status, ann) = send(app, "POST", USERS, bearer, ANN).await;
    assert_eq!(status, 201, "{ann}");
    assert_eq!(send(app, "POST", USERS, bearer, ANN).await.0, 409);
    let path = format!("{USERS}/{}", ann["id"].as_str().unwrap());
    let patch = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"add","path":"title","value":"Boss"}]}"#;
    let (status, changed) = send(app, "PATCH", &path, bearer, patch).await;
    assert_eq!((status, &changed["title"]), (200, &Value::from("Boss")));
    let found = format!("{USERS}?filter=userName+eq+%22ANN%22");
    let (_, list) = send(app, "GET", &found, bearer, "").await;
    assert_eq!(list["totalResults"], 1, "{list}");
    let group = format!(
        r#"{{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"all","members":[{{"value":{}}}]}}"#,
        ann["id"]
    );
    let groups = USERS.replace("Users", "Groups");
    assert_eq!(send(app, "POST", &groups, bearer, &group).await.0, 201);
    let (_, whole) = send(app, "GET", &path, bearer, "").await;
    assert_eq!(whole["groups"][0]["display"], "all", "{whole}");
    assert_eq!(send(app, "DELETE", &path, bearer, "").await.0, 204);
    assert_eq!(send(app, "GET", &path, bearer, "").await.0, 404);
    assert_eq!(send(app, "GET", USERS, "wrong", "").await.0, 401);
    let elsewhere = USERS.replace("main", "other");
    assert_eq!(send(app, "GET", &elsewhere, bearer, "").await.0, 401);
}

#[tokio::test]
async fn a_server_on_a_store_of_ones_own() {
    let (server, secret) = own_store::server().await.unwrap();
    users_come_change_and_go(&server.router(), &secret).await;
}

#[tokio::test]
async fn a_server_in_a_program_of_ones_own() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("embed.db").display());
    let (app, store) = embed::app(&url).await.unwrap();
    users_come_change_and_go(&app, "let-me-in").await;
    assert_eq!(send(&app, "GET", "/", "", "").await.0, 200);
    // The hook left one job, for the one user that was made.
    let jobs = unit(|tx| Box::pin(async move { tx.claim_jobs("welcome", tx.now(), 10).await }));
    let jobs = store.write(&"main".parse().unwrap(), jobs).await.unwrap();
    assert_eq!(jobs.len(), 1);
}
