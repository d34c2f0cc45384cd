//! `/Bulk` (RFC 7644 §3.7).

use std::fmt::Write as _;

use scim_server::Limits;
use serde_json::{Value, json};

use super::support::{Answer, BASE, Scim};

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

fn body(fail_on_errors: Value, operations: &[Value]) -> String {
    let schemas = ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"];
    let mut body = json!({ "schemas": schemas, "Operations": operations });
    body["failOnErrors"] = fail_on_errors;
    body.to_string()
}

async fn bulk(scim: &Scim, operations: Vec<Value>) -> Answer {
    let body = body(Value::Null, &operations);
    scim.send_with("POST /Bulk", &[], body).await
}

fn user(name: &str) -> Value {
    let data = json!({ "schemas": [USER], "userName": name });
    json!({ "method": "POST", "path": "/Users", "bulkId": name, "data": data })
}

fn group(name: &str, members: &[&str]) -> Value {
    let members: Vec<Value> = members.iter().map(|id| json!({ "value": id })).collect();
    let data = json!({ "schemas": [GROUP], "displayName": name, "members": members });
    json!({ "method": "POST", "path": "/Groups", "bulkId": name, "data": data })
}

/// A line for each result: method, bulkId, status, version, and what was refused.
fn results(answer: &Answer) -> String {
    assert_eq!(answer.status, 200, "{answer}");
    let body = answer.json();
    let mut shown = String::new();
    for result in body["Operations"].as_array().unwrap() {
        let text = |name: &str| result[name].as_str().unwrap_or("-").to_owned();
        let (method, id, status) = (text("method"), text("bulkId"), text("status"));
        write!(shown, "{method} {id} {status} {}", text("version")).unwrap();
        let response = &result["response"];
        if !response.is_null() {
            assert_eq!(response["status"], status.as_str());
            let scim_type = response["scimType"].as_str().unwrap_or("-");
            write!(
                shown,
                " {scim_type}: {}",
                response["detail"].as_str().unwrap()
            )
            .unwrap();
        }
        if result["location"].is_null() {
            shown.push_str(" (no location)");
        }
        shown.push('\n');
    }
    shown
}

fn location(answer: &Answer, place: usize) -> String {
    let location = answer.json()["Operations"][place]["location"].clone();
    let location = location.as_str().unwrap();
    let base = "https://scim.example/t/main/scim/v2";
    location.strip_prefix(base).unwrap().to_owned()
}

#[tokio::test]
async fn every_method_is_answered_as_alone() {
    let scim = Scim::start().await;
    let made = bulk(&scim, vec![user("ann"), user("bob"), user("ann2")]).await;
    insta::assert_snapshot!(results(&made), @r#"
    POST ann 201 W/"1"
    POST bob 201 W/"1"
    POST ann2 201 W/"1"
    "#);
    let (ann, bob) = (location(&made, 0), location(&made, 1));
    let patch = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{ "op": "replace", "path": "title", "value": "Boss" }],
    });
    let put = json!({ "schemas": [USER], "userName": "bob", "title": "Boss" });
    let changed = vec![
        json!({ "method": "PATCH", "path": ann, "version": "W/\"1\"", "data": patch }),
        json!({ "method": "PATCH", "path": ann, "version": "W/\"1\"", "data": patch }),
        json!({ "method": "PUT", "path": bob, "bulkId": "mine", "data": put }),
        json!({ "method": "DELETE", "path": bob, "version": "nonsense" }),
        json!({ "method": "DELETE", "path": bob }),
        json!({ "method": "DELETE", "path": bob }),
        json!({ "method": "DELETE", "path": "/Users/1" }),
        json!({ "method": "DELETE", "path": "/Users" }),
        json!({ "method": "POST", "path": ann, "bulkId": "x", "data": {} }),
        json!({ "method": "PUT", "path": "/Bulk/1", "data": {} }),
        json!({ "method": "PUT", "path": "/Badges/1", "data": {} }),
        json!({ "method": "PUT", "path": "/t/other/scim/v2/Users", "data": {} }),
        user("ann"),
    ];
    let answer = bulk(&scim, changed).await;
    insta::assert_snapshot!(results(&answer), @r#"
    PATCH - 200 W/"2"
    PATCH - 412 - -: User 00000000-0000-0000-0000-000000000005 is at version W/"2" now; read it again before changing it [version]
    PUT mine 200 W/"2"
    DELETE - 412 - -: User 00000000-0000-0000-0000-000000000007 is at version W/"2" now; read it again before changing it [version]
    DELETE - 204 -
    DELETE - 404 - -: no User has the id 00000000-0000-0000-0000-000000000007
    DELETE - 404 - -: no User has the id "1" (no location)
    DELETE - 405 - -: DELETE is not possible here; allowed: GET, HEAD, POST (no location)
    POST x 405 - -: POST is not possible here; allowed: GET, HEAD, PUT, PATCH, DELETE
    PUT - 404 - -: nothing is served at this path; resource types are listed under /ResourceTypes (no location)
    PUT - 404 - -: nothing is served at this path; resource types are listed under /ResourceTypes (no location)
    PUT - 404 - -: nothing is served at this path; resource types are listed under /ResourceTypes (no location)
    POST ann 409 - uniqueness: another User already uses userName "ann" [exists.own] (no location)
    "#);
}

#[tokio::test]
async fn references_lead_forward_and_back() {
    let scim = Scim::start().await;
    let manager = |of: &str, is: &str| {
        let mut user = user(of);
        user["data"][ENTERPRISE] = json!({ "manager": { "value": format!("bulkId:{is}") } });
        user
    };
    let add = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{ "op": "add", "path": "members", "value": [{ "value": "bulkId:bob" }] }],
    });
    let answer = bulk(
        &scim,
        vec![
            json!({ "method": "PATCH", "path": "/Groups/bulkId:team", "data": add }),
            group("team", &["bulkId:ann"]),
            manager("ann", "bob"),
            user("bob"),
            group("lost", &["bulkId:nobody"]),
            group("later", &["bulkId:lost"]),
        ],
    )
    .await;
    insta::assert_snapshot!(results(&answer), @r#"
    PATCH - 204 W/"2"
    POST team 201 W/"1"
    POST ann 201 W/"1"
    POST bob 201 W/"1"
    POST lost 400 - invalidValue: bulkId: no operation of this request has made "nobody" (no location)
    POST later 400 - invalidValue: bulkId: no operation of this request has made "lost" (no location)
    "#);
    let team = scim
        .send(&format!("GET {}", location(&answer, 1)))
        .await
        .json();
    assert_eq!(team["members"].as_array().unwrap().len(), 2, "{team}");
    let ann = scim
        .send(&format!("GET {}", location(&answer, 2)))
        .await
        .json();
    let bob = scim
        .send(&format!("GET {}", location(&answer, 3)))
        .await
        .json();
    assert_eq!(ann[ENTERPRISE]["manager"]["value"], bob["id"]);
}

/// People of whom each is the manager of the one before, and the last one's the first.
fn circle(size: usize) -> Vec<Value> {
    let person = |number: usize| {
        let mut user = user(&format!("user{number}"));
        let manager = format!("bulkId:user{}", (number + 1) % size);
        user["data"][ENTERPRISE] = json!({ "manager": { "value": manager } });
        user
    };
    (0..size).map(person).collect()
}

#[tokio::test]
async fn a_circle_of_100_is_closed() {
    let scim = Scim::start().await;
    let answer = bulk(&scim, circle(100)).await;
    let shown = results(&answer);
    let made = shown.lines().filter(|line| line.contains(" 201 ")).count();
    assert_eq!(made, 100, "{shown}");
    let read = async |place: usize| {
        scim.send(&format!("GET {}", location(&answer, place)))
            .await
            .json()
    };
    for place in 0..100 {
        let (user, manager) = (read(place).await, read((place + 1) % 100).await);
        assert_eq!(user[ENTERPRISE]["manager"]["value"], manager["id"]);
    }
}

#[tokio::test]
async fn a_circle_is_done_together_or_not_at_all() {
    let scim = Scim::with_users(&["user2"]).await;
    let answer = bulk(&scim, circle(4)).await;
    insta::assert_snapshot!(results(&answer), @r#"
    POST user0 409 - uniqueness: operations that refer to each other are done together, and one of them is refused: another User already uses userName "user2" [exists.own] (no location)
    POST user1 409 - uniqueness: operations that refer to each other are done together, and one of them is refused: another User already uses userName "user2" [exists.own] (no location)
    POST user2 409 - uniqueness: operations that refer to each other are done together, and one of them is refused: another User already uses userName "user2" [exists.own] (no location)
    POST user3 409 - uniqueness: operations that refer to each other are done together, and one of them is refused: another User already uses userName "user2" [exists.own] (no location)
    "#);
    let users = scim.send("GET /Users").await.json();
    assert_eq!(users["totalResults"], 1);
    // A self-reference is the smallest circle.
    let scim = Scim::start().await;
    let answer = bulk(&scim, circle(1)).await;
    insta::assert_snapshot!(results(&answer), @r#"POST user0 201 W/"2""#);
}

#[tokio::test]
async fn failures_are_counted() {
    let operations = || {
        let mut operations: Vec<Value> = (0..100).map(|n| user(&format!("user{n}"))).collect();
        // The 37th fails.
        operations[36]["data"]["userName"] = json!("user0");
        operations
    };
    for (fail_on_errors, reached, made) in [
        (json!(1), 37, 36),
        (json!(2), 100, 99),
        (json!(0), 100, 99),
        (Value::Null, 100, 99),
    ] {
        let scim = Scim::start().await;
        let body = body(fail_on_errors.clone(), &operations());
        let answer = scim.send_with("POST /Bulk", &[], body).await;
        let shown = results(&answer);
        assert_eq!(shown.lines().count(), reached, "{fail_on_errors}");
        let users = scim.send("GET /Users?count=0").await.json();
        assert_eq!(users["totalResults"], made, "{fail_on_errors}");
        let failed = shown.lines().nth(36).unwrap();
        assert_eq!(
            failed,
            r#"POST user36 409 - uniqueness: another User already uses userName "user0" [exists.own] (no location)"#
        );
    }
}

#[tokio::test]
async fn what_is_no_bulk_request() {
    let scim = Scim::start().await;
    insta::assert_snapshot!(scim.send("GET /Bulk").await, @r#"
    405
    content-type: application/scim+json
    allow: POST
    {"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"405","detail":"GET is not possible here; allowed: POST"}
    "#);
    let many: Vec<Value> = (0..1_001).map(|n| user(&format!("user{n}"))).collect();
    insta::assert_snapshot!(bulk(&scim, many).await.refusal(), @"413 -: too many operations: at most 1000 in one request [limits]");
    let large = body(json!("x".repeat(10 * 1024 * 1024)), &[]);
    let refused = scim.send_with("POST /Bulk", &[], large).await;
    insta::assert_snapshot!(refused.refusal(), @"413 -: the body is larger than 10485760 bytes [limits]");
    let twice = bulk(&scim, vec![user("a"), user("a")]).await;
    insta::assert_snapshot!(twice.refusal(), @r#"400 invalidSyntax: the bulkId "a" is given to two resources"#);
    let users = scim.send("GET /Users?count=0").await.json();
    assert_eq!(users["totalResults"], 0);
    assert_eq!(results(&bulk(&scim, Vec::new()).await), "");
}

#[tokio::test]
async fn operations_are_charged_like_requests() {
    let limits = Limits {
        rate: 10,
        rate_burst: 20,
        ..Limits::default()
    };
    let scim = Scim::with_limits(limits).await;
    let many = (0..50).map(|n| user(&format!("user{n}"))).collect();
    let answer = bulk(&scim, many).await;
    assert_eq!(results(&answer).lines().count(), 50);
    let refused = scim.send("GET /Users").await;
    assert_eq!(refused.status, 429);
    // 50 were taken of 20: the next one comes when 31 have come back.
    assert_eq!(refused.headers["retry-after"], "4");
}

#[tokio::test]
async fn a_bulk_request_may_be_repeated_under_its_key() {
    let scim = Scim::start().await;
    let send = async |operations: Vec<Value>| keyed(&scim, "k", &operations).await;
    let operations = || {
        let mut operations = circle(3);
        operations.push(user("alone"));
        operations
    };
    let first = send(operations()).await;
    let again = send(operations()).await;
    assert_eq!(results(&first), results(&again));
    assert_eq!(location(&first, 0), location(&again, 0));
    let other = send(circle(2)).await;
    insta::assert_snapshot!(results(&other), @"
    POST user0 422 - -: operations that refer to each other are done together, and one of them is refused: this Idempotency-Key was sent with another request; use a new key for a new request [idempotency] (no location)
    POST user1 422 - -: operations that refer to each other are done together, and one of them is refused: this Idempotency-Key was sent with another request; use a new key for a new request [idempotency] (no location)
    ");
}

/// The shape of Entra's inbound provisioning: POSTs only, `failOnErrors` null, extensions.
#[tokio::test]
async fn inbound_provisioning_posts_people() {
    let scim = Scim::start().await;
    let people = (0..50).map(|number| {
        let manager = json!({ "value": "701984" });
        json!({
            "method": "POST",
            "bulkId": format!("897401c2-2de4-4b87-a97f-{number:012}"),
            "path": "/Users",
            "data": {
                "schemas": [USER, ENTERPRISE],
                "externalId": format!("70198{number}"),
                "userName": format!("bjensen{number}@example.com"),
                "name": { "familyName": "Jensen", "givenName": "Barbara" },
                "active": true,
                ENTERPRISE: { "employeeNumber": format!("{number}"), "manager": manager },
            },
        })
    });
    let answer = bulk(&scim, people.collect()).await;
    let shown = results(&answer);
    assert!(shown.lines().all(|line| line.contains(" 201 ")), "{shown}");
}

/// Sends a bulk request as the application, under a key.
async fn keyed(scim: &Scim, key: &str, operations: &[Value]) -> Answer {
    let bearer = format!("Bearer {}", scim.app);
    let headers = [("authorization", bearer.as_str()), ("idempotency-key", key)];
    let path = format!("{BASE}/Bulk");
    let body = body(Value::Null, operations);
    scim.raw("POST", &path, &headers, body).await
}

#[tokio::test]
async fn a_circle_makes_nothing_that_is_derived() {
    let scim = Scim::start().await;
    let badge = json!({
        "method": "POST", "path": "/Badges", "bulkId": "b",
        "data": { "schemas": ["urn:example:Badge"], "color": "bulkId:b" }
    });
    let answer = keyed(&scim, "k", &[badge]).await;
    insta::assert_snapshot!(results(&answer), @"POST b 405 - -: operations that refer to each other are done together, and one of them is refused: POST is not possible here; allowed: GET, HEAD (no location)");
    let badges = scim.send_as_app("GET /Badges").await.json();
    assert_eq!(badges["totalResults"], 0);
}

#[tokio::test]
async fn a_circle_has_its_bounds() {
    let scim = Scim::start().await;
    let shown = results(&bulk(&scim, circle(251)).await);
    assert_eq!(shown.lines().count(), 251);
    insta::assert_snapshot!(shown.lines().next().unwrap(), @"POST user0 413 - -: operations that refer to each other are done together, and one of them is refused: too many operations that refer to each other: at most 250 in one request [limits] (no location)");
    let members: Vec<String> = (0..120).map(|n| format!("bulkId:g{n}")).collect();
    let members: Vec<&str> = members.iter().map(String::as_str).collect();
    let groups = (0..120).map(|n| group(&format!("g{n}"), &members));
    let shown = results(&bulk(&scim, groups.collect()).await);
    insta::assert_snapshot!(shown.lines().next().unwrap(), @"POST g0 413 - -: operations that refer to each other are done together, and one of them is refused: too many values in operations that refer to each other: at most 10000 in one request [limits] (no location)");
    let all = scim.send("GET /?count=0").await.json();
    assert_eq!(all["totalResults"], 0);
}

#[tokio::test]
async fn a_circle_whose_keys_were_used_for_something_else() {
    let scim = Scim::start().await;
    // The first operation fails, so only the second one's key is used.
    let mut wrong = user("wrong");
    wrong["data"]["userName"] = json!("");
    let first = keyed(&scim, "k", &[wrong, user("alone")]).await;
    assert!(results(&first).contains("POST alone 201"), "{first}");
    let answer = keyed(&scim, "k", &circle(2)).await;
    let shown = results(&answer);
    assert!(shown.lines().all(|line| line.contains(" 422 ")), "{shown}");
    // A key of a single request is never one of an operation.
    let bearer = format!("Bearer {}", scim.app);
    let headers = [
        ("authorization", bearer.as_str()),
        ("idempotency-key", "x/0"),
    ];
    let single = user("single")["data"].to_string();
    let path = format!("{BASE}/Users");
    let made = scim.raw("POST", &path, &headers, single).await;
    assert_eq!(made.status, 201);
    let shown = results(&keyed(&scim, "x", &circle(2)).await);
    assert!(shown.lines().all(|line| line.contains(" 201 ")), "{shown}");
}

#[tokio::test]
async fn whoever_owes_gets_no_more() {
    let limits = Limits {
        rate: 10,
        rate_burst: 100,
        ..Limits::default()
    };
    let scim = Scim::with_limits(limits).await;
    let many = || (0..200).map(|n| user(&format!("user{n}"))).collect();
    // Both were let in before either was charged.
    let (one, other) = tokio::join!(bulk(&scim, many()), bulk(&scim, many()));
    let statuses = [one.status.as_u16(), other.status.as_u16()];
    assert!(
        statuses == [200, 429] || statuses == [429, 200],
        "{statuses:?}"
    );
}
