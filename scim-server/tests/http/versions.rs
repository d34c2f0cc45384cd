//! Entity tags, and answers without a body.

use super::support::{Answer, Scim};

const PATCH: &str = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","path":"displayName","value":"VALUE"}]}"#;

/// Where the only user is.
async fn only_user(scim: &Scim) -> String {
    let list = scim.send("GET /Users").await.json();
    format!("/Users/{}", list["Resources"][0]["id"].as_str().unwrap())
}

async fn rename(scim: &Scim, path: &str, if_match: &str, name: &str) -> Answer {
    let headers = [("if-match", if_match)];
    let body = PATCH.replace("VALUE", name);
    scim.send_with(&format!("PATCH {path}"), &headers, body)
        .await
}

#[tokio::test]
async fn a_change_may_depend_on_a_version() {
    let scim = Scim::with_users(&["ann"]).await;
    let ann = only_user(&scim).await;
    for (if_match, expected) in [
        (r#"W/"2""#, 412),
        (r#"W/"1""#, 200),
        (r#"W/"1""#, 412),
        (r#""2""#, 200),
        ("*", 200),
        (r#"W/"1", W/"4""#, 200),
        ("5", 412),
        ("nonsense", 412),
    ] {
        let name = format!("{if_match:?} {expected}").replace(['"', '\\'], "");
        let answer = rename(&scim, &ann, if_match, &name).await;
        assert_eq!(answer.status.as_u16(), expected, "{if_match}: {answer}");
    }
    insta::assert_snapshot!(rename(&scim, &ann, "W/\"1\"", "x").await, @r#"
    412
    content-type: application/scim+json
    scim-error-code: version
    {"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"412","detail":"User 00000000-0000-0000-0000-000000000005 is at version W/\"5\" now; read it again before changing it [version]"}
    "#);
    let delete = format!("DELETE {ann}");
    let stale = scim
        .send_with(&delete, &[("if-match", "W/\"1\"")], "")
        .await;
    assert_eq!(stale.status, 412);
    let deleted = scim
        .send_with(&delete, &[("if-match", "W/\"5\"")], "")
        .await;
    insta::assert_snapshot!(deleted, @"204");
}

#[tokio::test]
async fn what_the_client_has_is_not_sent_again() {
    let scim = Scim::with_users(&["ann"]).await;
    let whole = format!("GET {}", only_user(&scim).await);
    let get = format!("{whole}?excludedAttributes=groups");
    let known = scim
        .send_with(&get, &[("if-none-match", "W/\"1\"")], "")
        .await;
    insta::assert_snapshot!(known, @r#"
    304
    etag: W/"1"
    "#);
    let other = scim
        .send_with(&get, &[("if-none-match", "W/\"2\"")], "")
        .await;
    assert_eq!(other.status, 200);
    // Groups change without their members: what shows them is sent again.
    let with_groups = scim
        .send_with(&whole, &[("if-none-match", "W/\"1\"")], "")
        .await;
    assert_eq!(with_groups.status, 200);
    let head = scim.send(&get.replace("GET", "HEAD")).await;
    assert_eq!((head.status.as_u16(), head.body.as_str()), (200, ""));
    assert_eq!(head.headers["etag"], "W/\"1\"");
}

#[tokio::test]
async fn a_change_of_members_alone_answers_nothing_unless_asked() {
    let scim = Scim::with_users(&["ann"]).await;
    let ann = only_user(&scim).await;
    let ann = ann.rsplit('/').next().unwrap();
    let group = r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"g"}"#;
    let group = scim.send_with("POST /Groups", &[], group).await.json();
    let patch = format!("PATCH /Groups/{}", group["id"].as_str().unwrap());
    let add = format!(
        r#"{{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{{"op":"add","path":"members","value":[{{"value":"{ann}"}}]}}]}}"#
    );
    let silent = scim.send_with(&patch, &[], add.clone()).await;
    insta::assert_snapshot!(silent, @r#"
    204
    etag: W/"2"
    "#);
    let prefer = [("prefer", "return=representation")];
    let whole = scim.send_with(&patch, &prefer, add.clone()).await;
    insta::assert_snapshot!(whole.body, @r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"id":"00000000-0000-0000-0000-000000000007","displayName":"g","members":[{"value":"00000000-0000-0000-0000-000000000005","$ref":"https://scim.example/t/main/scim/v2/Users/00000000-0000-0000-0000-000000000005","type":"User"}],"meta":{"resourceType":"Group","created":"2026-01-01T00:00:00.000Z","lastModified":"2026-01-01T00:00:00.000Z","version":"W/\"2\"","location":"https://scim.example/t/main/scim/v2/Groups/00000000-0000-0000-0000-000000000007"}}"#);
    let asked = format!("{patch}?attributes=displayName");
    let part = scim.send_with(&asked, &[], add).await;
    insta::assert_snapshot!(part.body, @r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"id":"00000000-0000-0000-0000-000000000007","displayName":"g"}"#);
}
