//! What holds for every page: its frame, its assets, its landmarks.

use axum::http::StatusCode;

use super::support::Console;

/// All pages that need no id.
const PAGES: [&str; 20] = [
    "",
    "/hosts",
    "/host-groups",
    "/changes",
    "/log",
    "/conflicts",
    "/provisioning",
    "/provisioning/new",
    "/provisioning/settings",
    "/provisioning/mapping",
    "/provisioning/entra",
    "/provisioning/okta",
    "/locations",
    "/locations/new",
    "/roles",
    "/accounts",
    "/accounts/new",
    "/sign-on",
    "/roles/new",
    "/audit",
];

#[tokio::test]
async fn every_page_has_landmarks_and_no_code_of_its_own() {
    let console = Console::new().await;
    console.people(0..2).await;
    for path in PAGES {
        let page = console.get(path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        let html = &page.html;
        for part in [
            "<html lang=\"en\">",
            "href=\"#main\"",
            "<main id=\"main\"",
            "<title>",
            "aria-label=\"Main\"",
        ] {
            assert!(html.contains(part), "{path} has no {part}");
        }
        assert_eq!(html.matches("<h1>").count(), 1, "{path}");
        for (tag, allowed) in [
            ("<script", " src="),
            ("<style", "nowhere"),
            (" style=", "nowhere"),
            (" onclick", "nowhere"),
        ] {
            let all = html.matches(tag).count();
            let with = html.matches(&format!("{tag}{allowed}")).count();
            assert_eq!(all, with, "{path}: {tag}");
        }
        let ids: Vec<&str> = html
            .split(" id=\"")
            .skip(1)
            .map(|rest| rest.split('"').next().unwrap())
            .collect();
        let once: std::collections::BTreeSet<&str> = ids.iter().copied().collect();
        assert_eq!(ids.len(), once.len(), "{path} has an id twice: {ids:?}");
    }
}

#[tokio::test]
async fn assets_are_kept_for_ever_under_their_own_addresses() {
    let console = Console::new().await;
    let page = console.get("/hosts").await.html;
    let addresses = page
        .split('"')
        .filter(|part| part.starts_with("/console/assets/"));
    let addresses: std::collections::BTreeSet<&str> = addresses.collect();
    assert_eq!(addresses.len(), 4);
    for address in addresses {
        let asset = console.raw(address).await;
        assert_eq!(asset.status(), StatusCode::OK, "{address}");
        let caching = asset.headers()["cache-control"].to_str().unwrap();
        assert_eq!(caching, "public, max-age=31536000, immutable");
    }
    assert_eq!(
        console.raw("/console/assets/console.css").await.status(),
        StatusCode::NOT_FOUND
    );
}
