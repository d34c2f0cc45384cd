//! What a body may be, and in which media type the answer comes.

use axum::body::{Body, Bytes};
use futures::stream;

use super::support::Scim;

const ANN: &str = r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"ann"}"#;

#[tokio::test]
async fn a_created_resource() {
    let scim = Scim::start().await;
    insta::assert_snapshot!(scim.send_with("POST /Users", &[], ANN).await, @r#"
    201
    content-type: application/scim+json
    location: https://scim.example/t/main/scim/v2/Users/00000000-0000-0000-0000-000000000005
    etag: W/"1"
    {"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":"00000000-0000-0000-0000-000000000005","userName":"ann","meta":{"resourceType":"User","created":"2026-01-01T00:00:00.000Z","lastModified":"2026-01-01T00:00:00.000Z","version":"W/\"1\"","location":"https://scim.example/t/main/scim/v2/Users/00000000-0000-0000-0000-000000000005"}}
    "#);
}

#[tokio::test]
async fn media_types_of_requests() {
    let scim = Scim::start().await;
    for (content_type, expected) in [
        ("application/scim+json", 201),
        ("application/json", 409),
        ("Application/SCIM+JSON; charset=utf-8", 409),
        ("text/plain", 415),
        ("application/jsonp", 415),
        ("", 415),
    ] {
        let headers = [("content-type", content_type)];
        let answer = scim.send_with("POST /Users", &headers, ANN).await;
        assert_eq!(answer.status.as_u16(), expected, "{content_type}: {answer}");
    }
}

#[tokio::test]
async fn media_types_of_answers() {
    let scim = Scim::with_users(&["ann"]).await;
    for (accept, expected) in [
        ("application/json", "application/json"),
        ("application/scim+json", "application/scim+json"),
        ("*/*", "application/scim+json"),
        ("text/html", "application/scim+json"),
    ] {
        for path in ["GET /Users", "GET /Nothing", "GET /Schemas"] {
            let answer = scim.send_with(path, &[("accept", accept)], "").await;
            assert_eq!(answer.headers["content-type"], expected, "{accept} {path}");
        }
    }
}

#[tokio::test]
async fn what_is_not_json() {
    let scim = Scim::start().await;
    let deep = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    macro_rules! check {
        ($body:expr, @$shown:literal) => {
            insta::assert_snapshot!(scim.send_with("POST /Users", &[], $body).await.refusal(), @$shown)
        };
    }
    check!("", @"400 invalidSyntax: the body is not JSON: EOF while parsing a value at line 1 column 0");
    check!("{", @"400 invalidSyntax: the body is not JSON: EOF while parsing an object at line 1 column 1");
    check!("null", @"400 invalidSyntax: a User is a JSON object");
    check!("[1]", @"400 invalidSyntax: a User is a JSON object");
    check!(r#"{"userName":"a"} {}"#, @"400 invalidSyntax: the body is not JSON: trailing characters at line 1 column 18");
    check!(r#"{"userName":"\ud800"}"#, @"400 invalidSyntax: the body is not JSON: unexpected end of hex escape at line 1 column 20");
    check!(&b"{\"userName\":\"\xff\"}"[..], @"400 invalidSyntax: the body is not JSON: invalid unicode code point at line 1 column 14");
    check!(deep(64), @"400 invalidSyntax: a User is a JSON object");
    check!(deep(65), @"400 invalidSyntax: the JSON is nested too deeply: at most 64 levels are accepted");
    check!(deep(100_000), @"400 invalidSyntax: the JSON is nested too deeply: at most 64 levels are accepted");
}

#[tokio::test]
async fn bodies_have_an_end() {
    let scim = Scim::start().await;
    let mib = 1024 * 1024;
    // White space counts as bytes of the body, not of the resource.
    let padded = |bytes: usize| {
        let (start, end) = (
            r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"#,
            r#""displayName":"g"}"#,
        );
        format!(
            "{start}{}{end}",
            " ".repeat(bytes - start.len() - end.len())
        )
    };
    for (path, bytes, expected) in [
        ("/Users", mib, 400),
        ("/Users", mib + 1, 413),
        ("/Groups", mib + 1, 201),
        ("/Groups", 10 * mib + 1, 413),
    ] {
        let answer = scim
            .send_with(&format!("POST {path}"), &[], padded(bytes))
            .await;
        assert_eq!(
            answer.status.as_u16(),
            expected,
            "{path} {bytes}: {}",
            answer.refusal()
        );
        // Without a length in front, it is counted.
        let text = padded(bytes);
        let chunks: Vec<_> = text
            .as_bytes()
            .chunks(64 * 1024)
            .map(|chunk| Ok::<_, std::io::Error>(Bytes::copy_from_slice(chunk)))
            .collect();
        let body = Body::from_stream(stream::iter(chunks));
        let answer = scim.send_with(&format!("POST {path}"), &[], body).await;
        assert_eq!(answer.status.as_u16(), expected, "{path} {bytes} in chunks");
    }
    let announced = [("content-length", "1048577")];
    let answer = scim.send_with("POST /Users", &announced, "").await;
    insta::assert_snapshot!(answer, @r#"
    413
    content-type: application/scim+json
    scim-error-code: limits
    {"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"413","detail":"the body is larger than 1048576 bytes [limits]"}
    "#);
}
