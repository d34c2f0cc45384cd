//! No spelling of a request target gets past authentication, and none reaches what another names.

use super::support::Scim;

/// What stands in for `/Users` below the base.
const BELOW: [&str; 43] = [
    "/Users",
    "/%55sers",
    "/Us%65rs",
    "/%55%73%65%72%73",
    "/%2555sers",
    "/USERS",
    "/Users/",
    "/Users%2f",
    "/Users%252f",
    "/Users%5c",
    "/Users%00",
    "/Users%20",
    "/Users%09",
    "/Users%3f",
    "/Users%23",
    "/Users;",
    "/Users%3b",
    "/Users;v=1",
    "/Users.",
    "/Users..",
    "/Users.json",
    "/Users/..",
    "/Users/%2e%2e",
    "/Users/..%2fUsers",
    "/Users/..%252fUsers",
    "//Users",
    "/./Users",
    "/%2e/Users",
    "/x/../Users",
    "/x/%2e%2e/Users",
    "/x/%252e%252e/Users",
    "/..;/Users",
    "/.%2e/Users",
    "/%2e./Users",
    "/Schemas/../Users",
    "/Schemas/%2e%2e/Users",
    "/ServiceProviderConfig%2f..%2fUsers",
    "/ResourceTypes/..%2fUsers",
    "/Badges/../Users",
    "/%2esearch",
    "/%4de",
    "/Users?access_token=x",
    "/Users?startIndex=18446744073709551616",
];

/// Whole targets.
const WHOLE: [&str; 22] = [
    "http://scim.example/t/main/scim/v2/Users",
    "http://evil.example/t/main/scim/v2/Users",
    "http://evil.example/t/other/scim/v2/Users",
    "/%74/main/scim/v2/Users",
    "/t/%6dain/scim/v2/Users",
    "/t/main/%73cim/v2/Users",
    "/t/main/scim/%76%32/Users",
    "/t/main/scim%2fv2/Users",
    "/t/main%2fscim/v2/Users",
    "/t//main/scim/v2/Users",
    "/t/main//scim/v2/Users",
    "//t/main/scim/v2/Users",
    "/T/main/scim/v2/Users",
    "/t/MAIN/scim/v2/Users",
    "/t/main/SCIM/v2/Users",
    "/t/main%00/scim/v2/Users",
    "/t/main%20/scim/v2/Users",
    "/t/main./scim/v2/Users",
    "/t/./main/scim/v2/Users",
    "/t/other/../main/scim/v2/Users",
    "/healthz/../t/main/scim/v2/Users",
    "/healthz%2f..%2ft/main/scim/v2/Users",
];

#[tokio::test]
async fn every_spelling_with_and_without_a_token() {
    let scim = Scim::with_users(&["ann"]).await;
    let bearer = format!("Bearer {}", scim.idp);
    let with = [("authorization", bearer.as_str())];
    let below = BELOW.iter().map(|path| format!("/t/main/scim/v2{path}"));
    let whole = WHOLE.iter().map(|path| (*path).to_owned());
    let mut served = String::new();
    for target in below.chain(whole) {
        let unknown = scim.raw("GET", &target, &[], "").await.status.as_u16();
        // What is not below `/t/` is nobody's.
        assert!([401, 404].contains(&unknown), "{target}: {unknown}");
        let known = scim.raw("GET", &target, &with, "").await;
        match known.status.as_u16() {
            200 => served.push_str(&format!("{target}\n")),
            status => assert!([400, 401, 404, 501].contains(&status), "{target}: {known}"),
        }
    }
    insta::assert_snapshot!(served, @r"
    /t/main/scim/v2/Users
    /t/main/scim/v2/%55sers
    /t/main/scim/v2/Us%65rs
    /t/main/scim/v2/%55%73%65%72%73
    /t/main/scim/v2/Users?access_token=x
    http://scim.example/t/main/scim/v2/Users
    http://evil.example/t/main/scim/v2/Users
    /t/%6dain/scim/v2/Users
    ");
}

/// Headers by which other servers were told to act on another target, method or person.
#[tokio::test]
async fn headers_change_neither_target_nor_method() {
    let scim = Scim::with_users(&["ann"]).await;
    let bearer = format!("Bearer {}", scim.idp);
    for (name, value) in [
        ("x-http-method-override", "DELETE"),
        ("x-http-method", "DELETE"),
        ("x-method-override", "DELETE"),
        ("x-original-url", "/t/other/scim/v2/Users"),
        ("x-rewrite-url", "/t/other/scim/v2/Users"),
        ("x-forwarded-prefix", "/t/other"),
        ("x-forwarded-user", "admin"),
        ("x-remote-user", "admin"),
        ("proxy-authorization", &bearer),
        ("cookie", &bearer),
    ] {
        let line = format!("/t/main/scim/v2/Users?count=1&attributes=userName&{name}");
        let without = scim.raw("GET", &line, &[(name, value)], "").await;
        assert_eq!(without.status, 401, "{name}");
        let with = [("authorization", bearer.as_str()), (name, value)];
        let with = scim.raw("GET", &line, &with, "").await;
        assert_eq!(
            with.json()["Resources"][0]["userName"],
            "ann",
            "{name}: {with}"
        );
    }
}
