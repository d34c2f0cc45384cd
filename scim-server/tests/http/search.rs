//! Queries by POST, and over all resource types.

use serde_json::{Value, json};

use super::support::{BASE, Scim};

/// Users and groups with names that overlap.
async fn scim() -> Scim {
    let scim = Scim::with_users(&["ann", "bob"]).await;
    for name in ["Bees", "ann"] {
        let body = json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
            "displayName": name
        });
        let made = scim.send_with("POST /Groups", &[], body.to_string()).await;
        assert_eq!(made.status, 201, "{made}");
    }
    scim
}

/// Asks as the identity provider, or as the application.
async fn asked(scim: &Scim, token: &str, line: &str, mut search: Value) -> String {
    let body = if line.starts_with("POST") {
        let urn = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";
        search["schemas"] = json!([urn]);
        search.to_string()
    } else {
        String::new()
    };
    let (method, path) = line.split_once(' ').unwrap();
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str())];
    let path = format!("{BASE}{path}");
    let answer = scim.raw(method, &path, &headers, body).await;
    if answer.status != 200 {
        return answer.refusal();
    }
    let list = answer.json();
    let resources = list["Resources"].as_array().unwrap();
    assert_eq!(list["itemsPerPage"], resources.len());
    let shown = resources.iter().map(|resource| {
        let name = ["userName", "displayName", "color"].into_iter();
        let mut name = name.filter_map(|name| resource[name].as_str());
        let kind = resource["meta"]["resourceType"].as_str().unwrap_or("-");
        format!("{kind} {}", name.next().unwrap_or("-"))
    });
    let shown: Vec<_> = shown.collect();
    let (total, start) = (&list["totalResults"], &list["startIndex"]);
    format!("{total} from {start}: {}", shown.join(", "))
}

#[tokio::test]
async fn one_type() {
    let scim = scim().await;
    macro_rules! check {
        ($line:literal, $search:tt, @$shown:literal) => {
            insta::assert_snapshot!(asked(&scim, &scim.idp, $line, json!($search)).await, @$shown)
        };
    }
    check!("POST /Users/.search", {}, @"2 from 1: User ann, User bob");
    check!("POST /Users/.search", {"filter": "userName eq \"BOB\""}, @"1 from 1: User bob");
    check!("POST /Users/.search", {"sortBy": "userName", "sortOrder": "descending", "startIndex": 2, "count": 1}, @"2 from 2: User ann");
    check!("POST /Users/.search", {"attributes": ["userName"], "count": 1}, @"2 from 1: - ann");
    check!("POST /Users/.search", {"excludedAttributes": ["meta", "emails"], "count": 1}, @"2 from 1: - ann");
    check!("POST /Users/.search", {"startIndex": -1, "count": -1}, @"2 from 1: ");
    check!("POST /Groups/.search", {"filter": "displayName sw \"a\""}, @"1 from 1: Group ann");
    check!("POST /Users/.search", {"attributes": ["userName"], "excludedAttributes": ["meta"]}, @"400 invalidValue: attributes: send either attributes or excludedAttributes");
    check!("POST /Users/.search", {"filter": "nick pr"}, @r#"400 invalidFilter: User has no attribute "nick""#);
    check!("POST /Users/.search", {"count": "1"}, @"400 invalidSyntax: count of a SearchRequest is a whole number");
    check!("POST /Badges/.search", {}, @"404 -: nothing is served at this path; resource types are listed under /ResourceTypes");
    check!("POST /Nothing/.search", {}, @"404 -: nothing is served at this path; resource types are listed under /ResourceTypes");
    check!("GET /Users/.search", {}, @"405 -: GET is not possible here; allowed: POST");
}

#[tokio::test]
async fn all_types() {
    let scim = scim().await;
    macro_rules! check {
        ($line:literal, $search:tt, @$shown:literal) => {
            insta::assert_snapshot!(asked(&scim, &scim.idp, $line, json!($search)).await, @$shown)
        };
    }
    check!("GET /", {}, @"4 from 1: User ann, User bob, Group Bees, Group ann");
    check!("GET ", {}, @"4 from 1: User ann, User bob, Group Bees, Group ann");
    check!("POST /.search", {}, @"4 from 1: User ann, User bob, Group Bees, Group ann");
    check!("GET /?startIndex=2&count=2", {}, @"4 from 2: User bob, Group Bees");
    check!("GET /?startIndex=4&count=2", {}, @"4 from 4: Group ann");
    check!("GET /?startIndex=5", {}, @"4 from 5: ");
    check!("GET /?count=0", {}, @"4 from 1: ");
    check!("POST /.search", {"filter": "userName pr"}, @"2 from 1: User ann, User bob");
    check!("POST /.search", {"filter": "not (userName pr)"}, @"2 from 1: Group Bees, Group ann");
    check!("POST /.search", {"filter": "userName eq \"ann\" or displayName eq \"ann\""}, @"2 from 1: User ann, Group ann");
    check!("POST /.search", {"filter": "meta.resourceType eq \"Group\"", "count": 1}, @"2 from 1: Group Bees");
    check!("POST /.search", {"sortBy": "displayName"}, @"4 from 1: Group ann, Group Bees, User ann, User bob");
    check!("POST /.search", {"sortBy": "userName", "sortOrder": "descending", "startIndex": 3}, @"4 from 3: User bob, User ann");
    check!("POST /.search", {"filter": "nick pr"}, @r#"400 invalidFilter: User has no attribute "nick""#);
    check!("POST /.search", {"filter": "color pr"}, @r#"400 invalidFilter: User has no attribute "color""#);
    check!("POST /.search", {"sortBy": "nick"}, @r#"400 invalidPath: the path "nick" cannot be used: User has no attribute "nick""#);
    check!("GET /.search", {}, @"405 -: GET is not possible here; allowed: POST");
    check!("POST /", {}, @"405 -: POST is not possible here; allowed: GET, HEAD");
}

#[tokio::test]
async fn everybody_finds_their_own() {
    let scim = scim().await;
    let other = scim
        .token("main", scim_server::store::TokenKind::Idp, None)
        .await;
    for line in ["GET /", "POST /.search", "POST /Users/.search"] {
        let found = asked(&scim, &other, line, json!({})).await;
        assert_eq!(found, "0 from 1: ", "{line}");
    }
    let app = asked(&scim, &scim.app, "GET /", json!({})).await;
    insta::assert_snapshot!(app, @"4 from 1: User ann, User bob, Group Bees, Group ann");
    let app = asked(&scim, &scim.app, "POST /Badges/.search", json!({})).await;
    insta::assert_snapshot!(app, @"0 from 1: ");
    let color = json!({ "filter": "color pr or userName eq \"ann\"" });
    let app = asked(&scim, &scim.app, "POST /.search", color).await;
    insta::assert_snapshot!(app, @"1 from 1: User ann");
}

#[tokio::test]
async fn what_is_no_search() {
    let scim = Scim::start().await;
    for (headers, body, shown) in [
        (&[][..], "", "400 invalidSyntax: "),
        (
            &[][..],
            "{}",
            "400 invalidSyntax: schemas of a SearchRequest holds",
        ),
        (&[("content-type", "text/plain")][..], "{}", "415 -: "),
    ] {
        let answer = scim.send_with("POST /.search", headers, body).await;
        assert!(answer.refusal().starts_with(shown), "{answer}");
    }
    let long = "x".repeat(70_000);
    let answer = scim.send_with("POST /Users/.search", &[], long).await;
    assert_eq!(answer.status, 413);
}

#[tokio::test]
async fn groups_are_found_by_their_members() {
    let scim = scim().await;
    let first = async |query: &str| {
        let list = scim.send(&format!("GET {query}")).await.json();
        list["Resources"][0]["id"].as_str().unwrap().to_owned()
    };
    let ann = first("/Users?filter=userName+eq+%22ann%22").await;
    let bob = first("/Users?filter=userName+eq+%22bob%22").await;
    let bees = first("/Groups?filter=displayName+eq+%22Bees%22").await;
    let add = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{ "op": "add", "path": "members", "value": [{ "value": ann }] }]
    });
    let patch = format!("PATCH /Groups/{bees}");
    let patched = scim.send_with(&patch, &[], add.to_string()).await;
    assert_eq!(patched.status, 204);
    let nobody = "0190f3c2-1111-7000-8000-000000000001";
    let other = scim
        .token("main", scim_server::store::TokenKind::Idp, None)
        .await;
    let is = |attribute: &str, id: &str| format!("{attribute}[value eq \"{id}\"]");
    for (token, endpoint, filter, expected) in [
        (
            &scim.idp,
            "Groups",
            is("members", &ann),
            "1 from 1: Group Bees",
        ),
        (
            &scim.app,
            "Groups",
            is("members", &ann),
            "1 from 1: Group Bees",
        ),
        (&other, "Groups", is("members", &ann), "0 from 1: "),
        (&scim.idp, "Groups", is("members", &bob), "0 from 1: "),
        (&scim.idp, "Groups", is("members", nobody), "0 from 1: "),
        (&scim.idp, "Groups", is("members", "no id"), "0 from 1: "),
        (
            &scim.idp,
            "Groups",
            format!("members.value eq \"{ann}\""),
            "1 from 1: Group Bees",
        ),
        (
            &scim.idp,
            "Groups",
            format!("MEMBERS eq \"{ann}\""),
            "1 from 1: Group Bees",
        ),
        (
            &scim.idp,
            "Groups",
            format!("not ({})", is("members", &ann)),
            "1 from 1: Group ann",
        ),
        (
            &scim.idp,
            "Groups",
            format!("displayName eq \"ann\" or {}", is("members", &ann)),
            "2 from 1: Group Bees, Group ann",
        ),
        (
            &scim.idp,
            "Groups",
            format!("displayName eq \"ann\" and {}", is("members", &ann)),
            "0 from 1: ",
        ),
        (
            &scim.idp,
            "Users",
            is("groups", &bees),
            "1 from 1: User ann",
        ),
        (&other, "Users", is("groups", &bees), "0 from 1: "),
        (&scim.idp, "Users", is("groups", &ann), "0 from 1: "),
    ] {
        let search = json!({ "filter": filter });
        let path = format!("POST /{endpoint}/.search");
        let found = asked(&scim, token, &path, search).await;
        assert_eq!(found, expected, "{filter}");
    }
    let same = vec![is("members", &ann); 100].join(" or ");
    let many: Vec<String> = (0..11).map(|n| is("members", &n.to_string())).collect();
    for (filter, expected) in [
        (same, "1 from 1: Group Bees"),
        (
            many.join(" or "),
            "400 invalidFilter: a filter asks for 10 members or groups at most",
        ),
    ] {
        let search = json!({ "filter": filter });
        let found = asked(&scim, &scim.idp, "POST /Groups/.search", search).await;
        assert_eq!(found, expected);
    }
}
