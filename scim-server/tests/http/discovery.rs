//! What the server says about itself, and to whom.

use super::support::Scim;

#[tokio::test]
async fn the_configuration_promises_what_is_served() {
    let scim = Scim::start().await;
    let answer = scim.send("GET /ServiceProviderConfig").await;
    insta::assert_snapshot!(answer, @r#"
    200
    content-type: application/scim+json
    {"schemas":["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],"patch":{"supported":true},"bulk":{"supported":true,"maxOperations":1000,"maxPayloadSize":10485760},"filter":{"supported":true,"maxResults":1000},"changePassword":{"supported":false},"sort":{"supported":true},"etag":{"supported":true},"authenticationSchemes":[{"type":"oauthbearertoken","name":"Bearer token","description":"A token in the Authorization header","specUri":"https://www.rfc-editor.org/info/rfc6750","primary":true},{"type":"oauth2","name":"OAuth 2.0 client credentials","description":"An access token in exchange for a secret or a JWT","specUri":"https://www.rfc-editor.org/info/rfc6749","primary":false},{"type":"httpbasic","name":"HTTP Basic","description":"A user name and a secret in the Authorization header","specUri":"https://www.rfc-editor.org/info/rfc7617","primary":false}],"meta":{"resourceType":"ServiceProviderConfig","location":"https://scim.example/t/main/scim/v2/ServiceProviderConfig"},"pagination":{"cursor":true,"index":true,"defaultPaginationMethod":"index","defaultPageSize":100,"maxPageSize":1000,"cursorTimeout":3600}}
    "#);
}

#[tokio::test]
async fn types_are_cut_to_the_caller() {
    let scim = Scim::start().await;
    let ids = |list: serde_json::Value| {
        let ids = list["Resources"].as_array().unwrap().iter();
        let ids: Vec<_> = ids
            .map(|one| one["id"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(list["totalResults"], ids.len());
        ids.join(" ")
    };
    insta::assert_snapshot!(ids(scim.send("GET /ResourceTypes").await.json()), @"User Group");
    insta::assert_snapshot!(ids(scim.send_as_app("GET /ResourceTypes").await.json()), @"User Group Badge");
    insta::assert_snapshot!(ids(scim.send("GET /Schemas").await.json()), @"urn:ietf:params:scim:schemas:core:2.0:User urn:ietf:params:scim:schemas:extension:enterprise:2.0:User urn:ietf:params:scim:schemas:core:2.0:Group");
    insta::assert_snapshot!(ids(scim.send_as_app("GET /Schemas").await.json()), @"urn:ietf:params:scim:schemas:core:2.0:User urn:ietf:params:scim:schemas:extension:enterprise:2.0:User urn:ietf:params:scim:schemas:core:2.0:Group urn:example:Badge");
    assert_eq!(scim.send("GET /Badges").await.status, 404);
    assert_eq!(scim.send_as_app("GET /Badges").await.status, 200);
}

#[tokio::test]
async fn one_type_and_one_schema() {
    let scim = Scim::start().await;
    insta::assert_snapshot!(scim.send("GET /ResourceTypes/Group").await, @r#"
    200
    content-type: application/scim+json
    {"schemas":["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],"id":"Group","name":"Group","endpoint":"/Groups","description":"A set of users and groups","schema":"urn:ietf:params:scim:schemas:core:2.0:Group","schemaExtensions":[],"meta":{"resourceType":"ResourceType","location":"https://scim.example/t/main/scim/v2/ResourceTypes/Group"}}
    "#);
    insta::assert_snapshot!(scim.send_as_app("GET /Schemas/urn:example:badge").await, @r#"
    200
    content-type: application/scim+json
    {"schemas":["urn:ietf:params:scim:schemas:core:2.0:Schema"],"id":"urn:example:Badge","name":"Badge","description":"","attributes":[{"name":"color","type":"string","multiValued":false,"description":"","required":false,"caseExact":false,"mutability":"readWrite","returned":"default","uniqueness":"none"}],"meta":{"resourceType":"Schema","location":"https://scim.example/t/main/scim/v2/Schemas/urn:example:Badge"}}
    "#);
    insta::assert_snapshot!(scim.send("GET /Schemas/urn:example:Badge").await.refusal(), @r#"404 -: no Schema has the id "urn:example:Badge""#);
    insta::assert_snapshot!(scim.send("GET /ResourceTypes/Badge").await.refusal(), @r#"404 -: no ResourceType has the id "Badge""#);
}

#[tokio::test]
async fn filters_are_refused() {
    let scim = Scim::start().await;
    for path in ["ServiceProviderConfig", "ResourceTypes", "Schemas"] {
        let answer = scim.send(&format!("GET /{path}?filter=id+pr")).await;
        insta::allow_duplicates! {
            insta::assert_snapshot!(answer.refusal(), @"403 -: discovery cannot be filtered; read the whole list");
        }
    }
}
