//! Refusals: their status, their headers, and a body with exactly four keys.

use super::support::Scim;

macro_rules! check {
    ($scim:expr, $line:literal, @$shown:literal) => {
        insta::assert_snapshot!($scim.send($line).await, @$shown)
    };
}

#[tokio::test]
async fn paths_that_lead_nowhere() {
    let scim = Scim::start().await;
    check!(scim, "GET /Nothing", @r#"
    404
    content-type: application/scim+json
    {"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"404","detail":"nothing is served at this path; resource types are listed under /ResourceTypes"}
    "#);
    check!(scim, "GET /users", @r#"
    404
    content-type: application/scim+json
    {"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"404","detail":"nothing is served at this path; resource types are listed under /ResourceTypes"}
    "#);
    check!(scim, "GET /Users/1", @r#"
    404
    content-type: application/scim+json
    {"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"404","detail":"no User has the id \"1\""}
    "#);
    check!(scim, "DELETE /Users/00000000-0000-0000-0000-000000000001", @r#"
    404
    content-type: application/scim+json
    {"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"404","detail":"no User has the id 00000000-0000-0000-0000-000000000001"}
    "#);
}

#[tokio::test]
async fn methods_that_do_not_fit() {
    let scim = Scim::start().await;
    check!(scim, "DELETE /Users", @r#"
    405
    content-type: application/scim+json
    allow: GET, HEAD, POST
    {"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"405","detail":"DELETE is not possible here; allowed: GET, HEAD, POST"}
    "#);
    check!(scim, "POST /Users/00000000-0000-0000-0000-000000000001", @r#"
    405
    content-type: application/scim+json
    allow: GET, HEAD, PUT, PATCH, DELETE
    {"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"405","detail":"POST is not possible here; allowed: GET, HEAD, PUT, PATCH, DELETE"}
    "#);
    check!(scim, "PUT /Schemas", @r#"
    405
    content-type: application/scim+json
    allow: GET, HEAD
    {"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"405","detail":"PUT is not possible here; allowed: GET, HEAD"}
    "#);
    check!(scim, "BREW /ServiceProviderConfig", @r#"
    405
    content-type: application/scim+json
    allow: GET, HEAD
    {"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"405","detail":"BREW is not possible here; allowed: GET, HEAD"}
    "#);
    insta::assert_snapshot!(scim.send_as_app("POST /Badges").await, @r#"
    405
    content-type: application/scim+json
    allow: GET, HEAD
    {"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"405","detail":"POST is not possible here; allowed: GET, HEAD"}
    "#);
    insta::assert_snapshot!(scim.send_as_app("PUT /Badges/1").await, @r#"
    405
    content-type: application/scim+json
    allow: GET, HEAD, PATCH
    {"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"405","detail":"PUT is not possible here; allowed: GET, HEAD, PATCH"}
    "#);
}

#[tokio::test]
async fn a_bulk_request_has_a_body() {
    let scim = Scim::start().await;
    check!(scim, "POST /Bulk", @r#"
    400
    content-type: application/scim+json
    {"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"400","scimType":"invalidSyntax","detail":"the body is not JSON: EOF while parsing a value at line 1 column 0"}
    "#);
}

#[tokio::test]
async fn the_same_person_twice() {
    let scim = Scim::with_users(&["ann"]).await;
    let body = r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"ANN"}"#;
    insta::assert_snapshot!(scim.send_with("POST /Users", &[], body).await, @r#"
    409
    content-type: application/scim+json
    scim-error-code: exists.own
    {"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"409","scimType":"uniqueness","detail":"another User already uses userName \"ann\" [exists.own]"}
    "#);
}

#[tokio::test]
async fn a_request_keeps_its_id() {
    let scim = Scim::start().await;
    let answer = scim.send("GET /Nothing").await;
    assert_eq!(answer.headers["x-request-id"], "test");
}
