//! `Idempotency-Key`: an application that lost an answer sends its write again.

use scim_server::store::TokenKind;

use super::support::{Answer, BASE, Scim, at};

const USER: &str =
    r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"NAME"}"#;
const PATCH: &str = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","path":"title","value":"VALUE"}]}"#;

/// Sends a write as the application, under a key.
async fn write(scim: &Scim, line: &str, key: &str, body: &str) -> Answer {
    send(scim, &scim.app, line, &[("idempotency-key", key)], body).await
}

/// Sends a write under a token of an application.
async fn send(
    scim: &Scim,
    token: &str,
    line: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Answer {
    let bearer = format!("Bearer {token}");
    let mut all = vec![("authorization", bearer.as_str())];
    all.extend(headers);
    let (method, path) = line.split_once(' ').unwrap();
    let path = format!("{BASE}{path}");
    scim.raw(method, &path, &all, body.to_owned()).await
}

async fn users(scim: &Scim) -> u64 {
    let list = scim.send_as_app("GET /Users").await.json();
    list["totalResults"].as_u64().unwrap()
}

#[tokio::test]
async fn a_write_is_done_once() {
    let scim = Scim::start().await;
    let ann = USER.replace("NAME", "ann");
    let first = write(&scim, "POST /Users", "k1", &ann).await;
    let again = write(&scim, "POST /Users", r#""k1""#, &ann).await;
    assert_eq!(first.to_string(), again.to_string());
    assert_eq!((first.status.as_u16(), users(&scim).await), (201, 1));

    let path = format!("/Users/{}", first.json()["id"].as_str().unwrap());
    let (patch, put, delete) = (
        format!("PATCH {path}"),
        format!("PUT {path}"),
        format!("DELETE {path}"),
    );
    let title = PATCH.replace("VALUE", "Boss");
    let if_match = |version| [("idempotency-key", "k2"), ("if-match", version)];
    // Without the key, the second one would fail: the version has risen.
    for _ in 0..2 {
        let patched = send(&scim, &scim.app, &patch, &if_match("W/\"1\""), &title).await;
        assert_eq!(patched.status, 200, "{patched}");
        assert_eq!(patched.headers["etag"], "W/\"2\"");
    }
    for _ in 0..2 {
        let replaced = write(&scim, &put, "k3", &ann).await;
        assert_eq!(replaced.headers["etag"], "W/\"3\"", "{replaced}");
    }
    for _ in 0..2 {
        assert_eq!(write(&scim, &delete, "k4", "").await.status, 204);
    }
    assert_eq!(users(&scim).await, 0);
    // What was made under the key is gone, and is not made again.
    let late = write(&scim, "POST /Users", "k1", &ann).await;
    assert_eq!(late.status, 404, "{late}");
}

#[tokio::test]
async fn a_key_stands_for_one_request() {
    let scim = Scim::start().await;
    let (ann, bob) = (USER.replace("NAME", "ann"), USER.replace("NAME", "bob"));
    write(&scim, "POST /Users", "k", &ann).await;
    insta::assert_snapshot!(write(&scim, "POST /Users", "k", &bob).await, @r#"
    422
    content-type: application/scim+json
    scim-error-code: idempotency
    {"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"422","detail":"this Idempotency-Key was sent with another request; use a new key for a new request [idempotency]"}
    "#);
    // A refusal changes nothing, so it is no use of the key.
    let taken = write(&scim, "POST /Users", "k2", &ann).await;
    assert_eq!(taken.status, 409);
    assert_eq!(write(&scim, "POST /Users", "k2", &bob).await.status, 201);
    let third = write(&scim, "POST /Users", "k3", &USER.replace("NAME", "third")).await;
    let id = third.json()["id"].as_str().unwrap().to_owned();
    let title = |value: &str| PATCH.replace("VALUE", value);
    for (method, body, other) in [
        (
            "PUT",
            USER.replace("NAME", "new"),
            USER.replace("NAME", "newer"),
        ),
        ("PATCH", title("Boss"), title("Chief")),
    ] {
        let line = format!("{method} /Users/{id}");
        assert_eq!(write(&scim, &line, method, &body).await.status, 200);
        assert_eq!(write(&scim, &line, method, &other).await.status, 422);
    }
    let [first, last] = ["first", "last"].map(|name| USER.replace("NAME", name));
    for (body, status) in [(first, 204), (last, 422)] {
        let made = send(&scim, &scim.app, "POST /Users", &[], &body)
            .await
            .json();
        let line = format!("DELETE /Users/{}", made["id"].as_str().unwrap());
        assert_eq!(write(&scim, &line, "DELETE", "").await.status, status);
    }
    // Another application has keys of its own.
    let other = scim.token("main", TokenKind::App, None).await;
    let key = [("idempotency-key", "k")];
    let made = send(&scim, &other, "POST /Users", &key, &bob).await;
    assert_eq!(made.status, 201);
}

#[tokio::test]
async fn a_key_is_remembered_for_a_day() {
    let scim = Scim::start().await;
    let ann = USER.replace("NAME", "ann");
    write(&scim, "POST /Users", "k", &ann).await;
    scim.clock.set(at("2026-01-01T23:59:59Z"));
    assert_eq!(write(&scim, "POST /Users", "k", &ann).await.status, 201);
    scim.clock.set(at("2026-01-02T00:00:00Z"));
    assert_eq!(write(&scim, "POST /Users", "k", &ann).await.status, 409);
}

#[tokio::test]
async fn keys_are_words_and_for_applications() {
    let scim = Scim::start().await;
    let ann = USER.replace("NAME", "ann");
    for key in ["", "two words", "\"", "ä"] {
        let refused = write(&scim, "POST /Users", key, &ann).await.refusal();
        let expected =
            "400 invalidValue: Idempotency-Key: send one key of 1 to 255 visible ASCII characters";
        assert_eq!(refused, expected, "{key:?}");
    }
    let two = [("idempotency-key", "a"), ("idempotency-key", "b")];
    let refused = send(&scim, &scim.app, "POST /Users", &two, &ann).await;
    assert_eq!(refused.status, 400);
    let key = [("idempotency-key", "two words")];
    let made = scim.send_with("POST /Users", &key, ann).await;
    assert_eq!(made.status, 201);
}
