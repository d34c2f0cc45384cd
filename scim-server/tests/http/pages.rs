//! Lists: where a page begins and ends, and what its resources show.

use super::support::Scim;

async fn page(scim: &Scim, query: &str) -> String {
    let answer = scim
        .send(&format!("GET /Users?attributes=userName&{query}"))
        .await;
    if answer.status != 200 {
        return answer.refusal();
    }
    let list = answer.json();
    let names = list["Resources"].as_array().unwrap().iter();
    let names: Vec<_> = names
        .map(|user| user["userName"].as_str().unwrap())
        .collect();
    format!(
        "{} of {} from {}: {}",
        list["itemsPerPage"],
        list["totalResults"],
        list["startIndex"],
        names.join(" ")
    )
}

#[tokio::test]
async fn pages_follow_one_another() {
    let scim = Scim::with_users(&["ann", "bob", "cid"]).await;
    macro_rules! check {
        ($query:literal, @$shown:literal) => {
            insta::assert_snapshot!(page(&scim, $query).await, @$shown)
        };
    }
    check!("", @"3 of 3 from 1: ann bob cid");
    check!("startIndex=1&count=2", @"2 of 3 from 1: ann bob");
    check!("startIndex=3&count=2", @"1 of 3 from 3: cid");
    check!("startIndex=4", @"0 of 3 from 4: ");
    check!("startIndex=9223372036854775807", @"0 of 3 from 9223372036854775807: ");
    check!("startIndex=-5&count=1", @"1 of 3 from 1: ann");
    check!("count=0", @"0 of 3 from 1: ");
    check!("count=-1", @"0 of 3 from 1: ");
    check!("count=100000", @"3 of 3 from 1: ann bob cid");
    check!("filter=userName+eq+%22BOB%22", @"1 of 1 from 1: bob");
    check!("filter=userName+eq+%22nobody%22", @"0 of 0 from 1: ");
    check!("startIndex=0", @"3 of 3 from 1: ann bob cid");
    check!("startIndex=0&count=0", @"0 of 3 from 1: ");
    check!("startIndex=4&count=0", @"0 of 3 from 4: ");
    check!("filter=userName+sw+%22b%22&startIndex=2", @"0 of 1 from 2: ");
    check!("filter=userName+gt+%22a%22&startIndex=2&count=1", @"1 of 3 from 2: bob");
    check!("filter=userName+pr&startIndex=9223372036854775807&count=9223372036854775807", @"0 of 3 from 9223372036854775807: ");
}

#[tokio::test]
async fn sorted_pages_follow_one_another() {
    let scim = Scim::with_users(&["cid", "ann", "bob"]).await;
    macro_rules! check {
        ($query:literal, @$shown:literal) => {
            insta::assert_snapshot!(page(&scim, $query).await, @$shown)
        };
    }
    check!("", @"3 of 3 from 1: cid ann bob");
    check!("sortBy=userName", @"3 of 3 from 1: ann bob cid");
    check!("sortBy=USERNAME&sortOrder=descending", @"3 of 3 from 1: cid bob ann");
    check!("sortBy=userName&startIndex=2&count=1", @"1 of 3 from 2: bob");
    check!("sortBy=userName&sortOrder=descending&startIndex=3", @"1 of 3 from 3: ann");
    check!("sortBy=userName&startIndex=4", @"0 of 3 from 4: ");
    check!("sortBy=userName&startIndex=9223372036854775807", @"0 of 3 from 9223372036854775807: ");
    check!("sortBy=userName&count=0", @"0 of 3 from 1: ");
    check!("sortBy=userName&filter=userName+gt+%22b%22", @"2 of 2 from 1: bob cid");
    check!("sortBy=meta.created&sortOrder=descending", @"3 of 3 from 1: cid ann bob");
    check!("sortBy=id", @"3 of 3 from 1: cid ann bob");
    check!("sortBy=title", @"3 of 3 from 1: cid ann bob");
}

#[tokio::test]
async fn what_cannot_be_asked() {
    let scim = Scim::start().await;
    macro_rules! check {
        ($query:literal, @$shown:literal) => {
            insta::assert_snapshot!(page(&scim, $query).await, @$shown)
        };
    }
    check!("startIndex=first", @r#"400 invalidValue: startIndex: "first" is no integer"#);
    check!("count=1&count=2", @"400 invalidValue: count: send it once");
    check!("filter=userName", @"400 invalidFilter: expected an operator such as eq or pr at 8");
    check!("excludedAttributes=emails", @"400 invalidValue: attributes: send either attributes or excludedAttributes");
    check!("sortBy=nick", @r#"400 invalidPath: the path "nick" cannot be used: User has no attribute "nick""#);
    check!("sortBy=password", @r#"400 invalidPath: the path "password" cannot be used: it is never returned, so nothing is sorted by it"#);
    check!("sortBy=userName&sortOrder=up", @"400 invalidValue: sortOrder: expected ascending or descending");
    check!("filter=", @"400 invalidFilter: the filter is empty");
}

#[tokio::test]
async fn chosen_attributes() {
    let scim = Scim::with_users(&["ann"]).await;
    macro_rules! check {
        ($query:literal, @$shown:literal) => {
            insta::assert_snapshot!(scim.send(concat!("GET /Users", $query)).await.body, @$shown)
        };
    }
    check!("?attributes=userName", @r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":1,"startIndex":1,"itemsPerPage":1,"Resources":[{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":"00000000-0000-0000-0000-000000000005","userName":"ann"}]}"#);
    check!("?excludedAttributes=meta,schemas", @r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":1,"startIndex":1,"itemsPerPage":1,"Resources":[{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":"00000000-0000-0000-0000-000000000005","userName":"ann"}]}"#);
}
