//! `/Me` (RFC 7644 §3.11): the User that a credential stands for, and nothing else.

use scim_core::ResourceId;

use crate::support::{Answer, BASE, Scim};

/// A server with the users ann and bob, of whom ann has a credential.
struct Ann {
    scim: Scim,
    secret: String,
    ann: String,
    bob: String,
}

impl Ann {
    async fn new() -> Ann {
        let scim = Scim::with_users(&["ann", "bob"]).await;
        let users = scim.send("GET /Users").await.json();
        let id = |at: usize| users["Resources"][at]["id"].as_str().unwrap().to_owned();
        let (ann, bob) = (id(0), id(1));
        let person: ResourceId = ann.parse().unwrap();
        let main = "main".parse().unwrap();
        let tokens = scim.server.tokens();
        let made = tokens.create_for_person(&main, "Ann", person, None);
        let secret = made.await.unwrap().unwrap().1.to_string();
        Ann {
            scim,
            secret,
            ann,
            bob,
        }
    }

    async fn send(&self, line: &str, body: &str) -> Answer {
        let (method, path) = line.split_once(' ').unwrap();
        let bearer = format!("Bearer {}", self.secret);
        let headers = [("authorization", bearer.as_str())];
        let path = format!("{BASE}{path}");
        self.scim
            .raw(method, &path, &headers, body.to_owned())
            .await
    }

    /// An answer with names in place of ids.
    async fn shown(&self, line: &str, body: &str) -> String {
        let answer = self.send(line, body).await.to_string();
        answer.replace(&self.ann, "ANN").replace(&self.bob, "BOB")
    }
}

#[tokio::test]
async fn me_is_the_user_behind_the_credential() {
    let ann = Ann::new().await;
    insta::assert_snapshot!(ann.shown("GET /Me", "").await, @r#"
    200
    content-type: application/scim+json
    location: https://scim.example/t/main/scim/v2/Users/ANN
    etag: W/"1"
    {"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":"ANN","userName":"ann","meta":{"resourceType":"User","created":"2026-01-01T00:00:00.000Z","lastModified":"2026-01-01T00:00:00.000Z","version":"W/\"1\"","location":"https://scim.example/t/main/scim/v2/Users/ANN"}}
    "#);
    insta::assert_snapshot!(ann.shown("GET /Me?attributes=userName", "").await, @r#"
    200
    content-type: application/scim+json
    location: https://scim.example/t/main/scim/v2/Users/ANN
    etag: W/"1"
    {"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":"ANN","userName":"ann"}
    "#);
    let put = r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"anne"}"#;
    let patch = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"add","path":"nickName","value":"A"}]}"#;
    // What the directory says of a person is the directory's, for the person too.
    for (line, body) in [("PUT /Me", put), ("PATCH /Me", patch), ("DELETE /Me", "")] {
        let refused = ann.send(line, body).await.refusal();
        let refused = refused.replace(&ann.ann, "ANN");
        let expected = r#"400 mutability: every attribute of User ANN is kept by the connection "Entra": change it there [readonly.owned]"#;
        assert_eq!(refused, expected, "{line}");
    }
    insta::assert_snapshot!(ann.shown("POST /Me", put).await, @r#"
    405
    content-type: application/scim+json
    allow: GET, HEAD, PUT, PATCH, DELETE
    {"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"405","detail":"POST is not possible here; allowed: GET, HEAD, PUT, PATCH, DELETE"}
    "#);
    let path = format!("DELETE /Users/{}", ann.ann);
    assert_eq!(ann.scim.send(&path).await.status, 204);
    insta::assert_snapshot!(ann.shown("GET /Me", "").await, @r#"
    404
    content-type: application/scim+json
    {"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"404","detail":"no User stands behind whoever asks, so there is no /Me"}
    "#);
}

#[tokio::test]
async fn a_person_reaches_nothing_else() {
    let ann = Ann::new().await;
    let forbidden = "this credential stands for a person, who reaches /Me and nothing else";
    for (line, expected) in [
        ("GET /Users/ANN", 200),
        ("GET /ServiceProviderConfig", 200),
        ("GET /ResourceTypes", 200),
        ("GET /ResourceTypes/User", 200),
        ("GET /Schemas", 200),
        (
            "GET /Schemas/urn:ietf:params:scim:schemas:core:2.0:User",
            200,
        ),
        ("GET /Groups/ANN", 404),
        ("GET /Users/BOB", 403),
        ("PATCH /Users/BOB", 403),
        ("PUT /Users/BOB", 403),
        ("DELETE /Users/BOB", 403),
        ("GET /Users", 403),
        ("POST /Users", 403),
        ("GET /Users/", 403),
        ("POST /Users/.search", 403),
        ("POST /.search", 403),
        ("GET /Groups", 403),
        ("POST /Bulk", 403),
        ("GET /", 403),
        ("GET /Badges", 403),
        ("GET /Nothing", 403),
        ("GET /Me/x", 403),
        ("GET /Users/ANN/x", 403),
    ] {
        let line = line.replace("ANN", &ann.ann).replace("BOB", &ann.bob);
        let answer = ann.send(&line, "{}").await;
        assert_eq!(answer.status.as_u16(), expected, "{line}: {answer}");
        if expected == 403 {
            assert_eq!(answer.json()["detail"], forbidden, "{line}");
        }
    }
}

#[tokio::test]
async fn a_program_is_nobody() {
    let scim = Scim::start().await;
    for method in ["GET", "PUT", "PATCH", "DELETE", "POST"] {
        let answer = scim.send(&format!("{method} /Me")).await;
        insta::allow_duplicates! {
            insta::assert_snapshot!(answer.refusal(), @"404 -: this credential stands for no person, so there is no /Me: use /Users/ID, or a token made with `token create --person ID`");
        }
    }
}

#[tokio::test]
async fn a_person_is_a_user_of_the_tenant() {
    let ann = Ann::new().await;
    let tokens = ann.scim.server.tokens();
    let person: ResourceId = ann.ann.parse().unwrap();
    for (tenant, person, expected) in [
        ("main", person, true),
        ("other", person, false),
        ("main", ResourceId::new(uuid::Uuid::from_u128(99)), false),
    ] {
        let tenant = tenant.parse().unwrap();
        let made = tokens.create_for_person(&tenant, "x", person, None).await;
        assert_eq!(made.unwrap().is_some(), expected, "{tenant} {person}");
    }
}
