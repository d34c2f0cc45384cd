//! Paging by cursor (RFC 9865).

use serde_json::{Value, json};

use super::support::{BASE, Scim, at};

const NAMES: [&str; 5] = ["dan", "ann", "cid", "bob", "eve"];

/// The names on a page, and its cursors.
struct Page {
    shown: String,
    previous: Option<String>,
    next: Option<String>,
}

impl Page {
    fn of(list: &Value) -> Page {
        let names = list["Resources"].as_array().unwrap().iter();
        let names: Vec<&str> = names
            .filter_map(|resource| resource["userName"].as_str())
            .collect();
        let cursor = |name: &str| list[name].as_str().map(str::to_owned);
        assert!(list["startIndex"].is_null(), "{list}");
        Page {
            shown: format!(
                "{} of {}: {}",
                list["itemsPerPage"],
                list["totalResults"],
                names.join(" ")
            ),
            previous: cursor("previousCursor"),
            next: cursor("nextCursor"),
        }
    }
}

async fn page(scim: &Scim, query: &str, cursor: &str) -> Page {
    let answer = scim
        .send(&format!("GET /Users?{query}&count=2&cursor={cursor}"))
        .await;
    assert_eq!(answer.status, 200, "{answer}");
    Page::of(&answer.json())
}

/// All pages from the first one on, and then back again.
async fn walk(scim: &Scim, query: &str) -> String {
    let mut walked = Vec::new();
    let mut now = page(scim, query, "").await;
    assert_eq!(now.previous, None, "never on the first page");
    while let Some(next) = now.next {
        walked.push(now.shown);
        now = page(scim, query, &next).await;
    }
    walked.push(now.shown);
    while let Some(previous) = now.previous {
        now = page(scim, query, &previous).await;
        walked.push(format!("back {}", now.shown));
    }
    walked.join("\n")
}

#[tokio::test]
async fn cursors_lead_to_the_end_and_back() {
    let scim = Scim::with_users(&NAMES).await;
    insta::assert_snapshot!(walk(&scim, "").await, @"
    2 of 5: dan ann
    2 of 5: cid bob
    1 of 5: eve
    back 2 of 5: cid bob
    back 2 of 5: dan ann
    ");
    insta::assert_snapshot!(walk(&scim, "sortBy=userName").await, @"
    2 of 5: ann bob
    2 of 5: cid dan
    1 of 5: eve
    back 2 of 5: cid dan
    back 2 of 5: ann bob
    ");
    insta::assert_snapshot!(walk(&scim, "sortBy=userName&sortOrder=descending").await, @"
    2 of 5: eve dan
    2 of 5: cid bob
    1 of 5: ann
    back 2 of 5: cid bob
    back 2 of 5: eve dan
    ");
    insta::assert_snapshot!(walk(&scim, "filter=userName+ne+%22cid%22&sortBy=title").await, @"
    2 of 4: dan ann
    2 of 4: bob eve
    back 2 of 4: dan ann
    ");
    insta::assert_snapshot!(walk(&scim, "filter=userName+eq+%22nobody%22").await, @"0 of 0:");
}

#[tokio::test]
async fn what_comes_and_goes_shifts_no_page() {
    let scim = Scim::with_users(&NAMES).await;
    let by_name = "sortBy=userName";
    let first = page(&scim, by_name, "").await;
    assert_eq!(first.shown, "2 of 5: ann bob");
    let list = scim.send("GET /Users?filter=userName+eq+%22bob%22").await;
    let bob = list.json()["Resources"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let gone = scim.send(&format!("DELETE /Users/{bob}")).await;
    assert_eq!(gone.status, 204);
    let new = r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"abe"}"#;
    assert_eq!(scim.send_with("POST /Users", &[], new).await.status, 201);
    // The total is the one that the paging began with.
    let second = page(&scim, by_name, &first.next.unwrap()).await;
    assert_eq!(second.shown, "2 of 5: cid dan");
    let back = page(&scim, by_name, &second.previous.unwrap()).await;
    assert_eq!(back.shown, "2 of 5: abe ann");
}

#[tokio::test]
async fn a_search_pages_by_cursor_too() {
    let scim = Scim::with_users(&NAMES).await;
    let search = async |path: &str, cursor: &str| {
        let body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
            "count": 3,
            "cursor": cursor,
        });
        let answer = scim.send_with(path, &[], body.to_string()).await;
        assert_eq!(answer.status, 200, "{answer}");
        Page::of(&answer.json())
    };
    for path in ["POST /Users/.search", "POST /.search"] {
        let first = search(path, "").await;
        assert_eq!(first.shown, "3 of 5: dan ann cid", "{path}");
        let second = search(path, &first.next.unwrap()).await;
        assert_eq!(second.shown, "2 of 5: bob eve", "{path}");
        assert_eq!(second.next, None, "{path}");
    }
}

#[tokio::test]
async fn a_cursor_is_good_for_its_query_and_caller() {
    let scim = Scim::with_users(&NAMES).await;
    let cursor = page(&scim, "sortBy=userName", "").await.next.unwrap();
    let refusal = async |query: &str| scim.send(&format!("GET {query}")).await.refusal();
    let invalid = "400 invalidCursor: this cursor is not one of this query: send the query unchanged with the last nextCursor, or an empty cursor for the first page";
    for query in [
        format!("/Users?cursor={cursor}"),
        format!("/Users?sortBy=userName&sortOrder=descending&cursor={cursor}"),
        format!("/Users?sortBy=title&cursor={cursor}"),
        format!("/Users?sortBy=userName&filter=userName+pr&cursor={cursor}"),
        format!("/Groups?sortBy=displayName&cursor={cursor}"),
        format!("/?sortBy=userName&cursor={cursor}"),
        format!("/Users?sortBy=userName&cursor={cursor}A"),
        "/Users?sortBy=userName&cursor=abc".to_owned(),
    ] {
        assert_eq!(refusal(&query).await, invalid, "{query}");
    }
    // The same query by another connection, and in another tenant.
    for (tenant, base) in [("main", BASE), ("other", "/t/other/scim/v2")] {
        let token = scim
            .token(tenant, scim_server::store::TokenKind::Idp, None)
            .await;
        let bearer = format!("Bearer {token}");
        let path = format!("{base}/Users?sortBy=userName&cursor={cursor}");
        let headers = [("authorization", bearer.as_str())];
        let refused = scim.raw("GET", &path, &headers, "").await;
        assert_eq!(refused.refusal(), invalid, "{tenant}");
    }
    // What the pages show may change, and how long they are.
    let wider = format!("GET /Users?sortBy=userName&count=9&attributes=userName&cursor={cursor}");
    assert_eq!(
        Page::of(&scim.send(&wider).await.json()).shown,
        "3 of 5: cid dan eve"
    );
    scim.clock.set(at("2026-01-01T01:00:01Z"));
    let late = refusal(&format!("/Users?sortBy=userName&cursor={cursor}")).await;
    assert_eq!(
        late,
        "400 expiredCursor: this cursor is too old; begin again with an empty cursor"
    );
    let none = refusal("/Users?cursor=&count=0").await;
    assert_eq!(
        none,
        "400 invalidCount: a page by cursor has a count of 1 or more"
    );
}
