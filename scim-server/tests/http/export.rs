//! Lists in another media type, which a hook writes.

use std::sync::Arc;

use async_trait::async_trait;
use scim_server::Error;
use scim_server::service::{Changed, Export, Hook};
use scim_server::store::{Stored, TokenKind, Transaction};
use serde_json::{Value, json};

use super::support::{BASE, Scim};

/// A line for each user.
struct Lines;

#[async_trait]
impl Export for Lines {
    fn kind(&self) -> &'static str {
        "User"
    }

    fn media_type(&self) -> &'static str {
        "text/csv"
    }

    fn file_name(&self) -> &'static str {
        "users.csv"
    }

    fn sort_by(&self) -> &'static str {
        "userName"
    }

    fn at_once(&self) -> usize {
        2
    }

    fn head(&self) -> Result<String, Error> {
        Ok("userName\n".to_owned())
    }

    async fn rows(&self, _: &mut Transaction<'_>, page: &[Stored]) -> Result<String, Error> {
        let mut rows = String::new();
        for user in page {
            let user = user.parse()?;
            let name = user.get("userName").and_then(Value::as_str);
            rows.push_str(name.unwrap_or_default());
            rows.push('\n');
        }
        Ok(rows)
    }
}

#[async_trait]
impl Hook for Lines {
    async fn after_change(&self, _: &mut Transaction<'_>, _: &Changed<'_>) -> Result<(), Error> {
        Ok(())
    }

    fn exports(&self) -> Vec<Arc<dyn Export>> {
        vec![Arc::new(Lines)]
    }
}

const CSV: (&str, &str) = ("accept", "text/csv");

async fn scim() -> Scim {
    let scim = Scim::with(|builder| builder.hook(Arc::new(Lines))).await;
    for name in ["eve", "Dan", "cy", "bob", "ann"] {
        let schemas = ["urn:ietf:params:scim:schemas:core:2.0:User"];
        let body = json!({ "schemas": schemas, "userName": name }).to_string();
        assert_eq!(scim.send_with("POST /Users", &[], body).await.status, 201);
    }
    scim
}

#[tokio::test]
async fn all_pages_are_one_answer_in_order() {
    let scim = scim().await;
    let answer = scim.send_with("GET /Users", &[CSV], "").await;
    assert_eq!(answer.body, "userName\nann\nbob\ncy\nDan\neve\n");
    assert_eq!(answer.headers["content-type"], "text/csv; charset=utf-8");
    assert_eq!(answer.headers["vary"], "accept");
    let file = &answer.headers["content-disposition"];
    assert_eq!(file, "attachment; filename=\"users.csv\"");
    let some = scim.send_with("GET /Users?filter=userName%20gt%20%22bob%22", &[CSV], "");
    assert_eq!(some.await.body, "userName\ncy\nDan\neve\n");
    let none = scim.send_with("GET /Users?filter=userName%20eq%20%22x%22", &[CSV], "");
    assert_eq!(none.await.body, "userName\n");
    let head = scim.send_with("HEAD /Users", &[CSV], "").await;
    assert_eq!((head.status.as_u16(), head.body.as_str()), (200, ""));
}

#[tokio::test]
async fn only_whoever_asks_for_nothing_else_gets_it() {
    let scim = scim().await;
    for accept in [
        "*/*",
        "application/scim+json, text/csv",
        "text/csv;q=0",
        "text/html",
    ] {
        let answer = scim
            .send_with("GET /Users", &[("accept", accept)], "")
            .await;
        assert_eq!(answer.json()["totalResults"], 5, "{accept}");
    }
    // Another type has no such list.
    let groups = scim.send_with("GET /Groups", &[CSV], "").await;
    assert_eq!(groups.json()["totalResults"], 0);
}

#[tokio::test]
async fn what_would_cut_it_is_refused() {
    let scim = scim().await;
    for name in [
        "count=1",
        "startIndex=2",
        "cursor",
        "sortBy=title",
        "attributes=title",
    ] {
        let answer = scim
            .send_with(&format!("GET /Users?{name}"), &[CSV], "")
            .await;
        assert_eq!(answer.status, 400, "{name}");
    }
    let refused = scim
        .send_with("GET /Users?filter=foo%20eq%201", &[CSV], "")
        .await;
    assert_eq!(refused.status, 400);
    // A search that is sent as a body is answered as a body of SCIM.
    let schemas = ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"];
    let search = json!({ "schemas": schemas }).to_string();
    let search = scim.send_with("POST /Users/.search", &[CSV], search).await;
    assert_eq!(search.json()["totalResults"], 5);
}

#[tokio::test]
async fn everybody_gets_what_they_see() {
    let scim = scim().await;
    let other = format!("Bearer {}", scim.token("main", TokenKind::Idp, None).await);
    let headers = [("authorization", other.as_str()), CSV];
    let path = format!("{BASE}/Users");
    let nothing = scim.raw("GET", &path, &headers, "").await;
    assert_eq!(nothing.body, "userName\n");
    assert_eq!(scim.raw("GET", &path, &[CSV], "").await.status, 401);
}

#[tokio::test]
async fn nobody_asks_in_the_name_of_files() {
    let scim = scim().await;
    let (main, policy) = ("main".parse().unwrap(), "strict".parse().unwrap());
    let tokens = scim.server.tokens();
    let made = tokens.create(&main, "Files", TokenKind::Csv, policy, None);
    let (token, secret) = made.await.unwrap();
    let bearer = format!("Bearer {secret}");
    let headers = [("authorization", bearer.as_str())];
    let path = format!("{BASE}/Users");
    assert_eq!(scim.raw("GET", &path, &headers, "").await.status, 401);
    let rotated = tokens.rotate(&main, token.id, jiff::SignedDuration::ZERO, None);
    assert!(rotated.await.unwrap().is_none());
}
