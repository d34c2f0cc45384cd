//! Are lists paged by index as RFC 7644 §3.4.2.4 says?

use crate::suite::{
    Chapter, Listed, Probe, Profile, Stop, at, ensure, fail, must, not_applicable, should,
};

pub(super) static CHAPTER: Chapter = Chapter {
    name: "paging",
    title: "paging by index, RFC 7644 §3.4.2.4",
    profile: Profile::Rfc,
    checks: &[
        must!(
            "RFC7644-3.4.2.4-a",
            "count bounds the number of resources of a page",
            "never return more resources than count",
            async |t| {
                let listed = page(t, &[("count", "2")]).await?;
                here(&listed, 2)
            }
        )
        .finds(&[17, 32]),
        must!(
            "RFC7644-3.4.2.4-b",
            "totalResults is the number of all matches, whatever the page holds",
            "count all matches for totalResults",
            async |t| {
                let listed = page(t, &[("count", "2")]).await?;
                ensure(
                    listed.total == 5,
                    format!("expected totalResults 5, found {}", listed.total),
                )
            }
        ),
        must!(
            "RFC7644-3.4.2.4-c",
            "itemsPerPage is the number of resources that the page holds",
            "return the number of Resources, not the count that was asked for",
            async |t| {
                page(t, &[("count", "3")])
                    .await?
                    .said
                    .has("itemsPerPage", 3)?;
                page(t, &[("startIndex", "4"), ("count", "3")])
                    .await?
                    .said
                    .has("itemsPerPage", 2)
            }
        )
        .finds(&[17]),
        must!(
            "RFC7644-3.4.2.4-d",
            "startIndex tells the first resource of the page, counted from 1",
            "apply startIndex and return it",
            async |t| {
                let all = page(t, &[("startIndex", "1"), ("count", "5")]).await?.ids();
                let listed = page(t, &[("startIndex", "3"), ("count", "2")]).await?;
                let found = listed.ids();
                listed.said.has("startIndex", 3)?;
                ensure(
                    all.get(2..4) == Some(&found),
                    format!("expected the third and fourth of {all:?}, found {found:?}"),
                )
            }
        )
        .finds(&[17, 32]),
        must!(
            "RFC7644-3.4.2.4-e",
            "count=0 returns totalResults and no resources",
            "answer count=0 with an empty page",
            async |t| {
                let listed = page(t, &[("count", "0")]).await?;
                ensure(
                    listed.total == 5,
                    format!("expected totalResults 5, found {}", listed.total),
                )?;
                here(&listed, 0)
            }
        ),
        must!(
            "RFC7644-3.4.2.4-f",
            "a negative count is taken as 0",
            "read a negative count as 0",
            async |t| { here(&page(t, &[("count", "-1")]).await?, 0) }
        ),
        must!(
            "RFC7644-3.4.2.4-g",
            "a startIndex below 1 is taken as 1",
            "read a startIndex below 1 as 1",
            async |t| {
                for start in ["0", "-3"] {
                    let listed = page(t, &[("startIndex", start), ("count", "2")]).await?;
                    here(&listed, 2)?;
                    listed.said.has("startIndex", 1)?;
                }
                Ok(())
            }
        ),
        must!(
            "RFC7644-3.4.2.4-h",
            "a page behind the last match is empty and no error",
            "answer 200 with no resources where startIndex is too large",
            async |t| {
                let listed = page(t, &[("startIndex", "100"), ("count", "2")]).await?;
                ensure(
                    listed.total == 5,
                    format!("expected totalResults 5, found {}", listed.total),
                )?;
                here(&listed, 0)
            }
        )
        .finds(&[17]),
        must!(
            "RFC7644-3.4.2.4-i",
            "totalResults, itemsPerPage and startIndex are integers",
            "return numbers, not texts",
            async |t| {
                let said = page(t, &[("startIndex", "1"), ("count", "2")]).await?.said;
                for member in ["totalResults", "itemsPerPage", "startIndex"] {
                    ensure(
                        at(said.body(), member).is_u64(),
                        format!("expected {member} to be an integer"),
                    )?;
                }
                Ok(())
            }
        ),
        should!(
            "RFC7644-3.4.2.4-j",
            "pages that follow each other hold each match once",
            "keep one order from page to page, also without sortBy",
            async |t| {
                let mut found = Vec::new();
                for start in ["1", "3", "5"] {
                    found.extend(
                        page(t, &[("startIndex", start), ("count", "2")])
                            .await?
                            .ids(),
                    );
                }
                let mut all = page(t, &[("count", "5")]).await?.ids();
                found.sort_unstable();
                all.sort_unstable();
                ensure(found == all, format!("expected {all:?}, found {found:?}"))
            }
        )
        .finds(&[17]),
        should!(
            "RFC7644-3.4.2.4-k",
            "without startIndex and count, a list begins with its first match",
            "take a missing startIndex as 1",
            async |t| {
                let listed = page(t, &[]).await?;
                here(&listed, 5)?;
                if let Some(start) = listed.said.body().get("startIndex") {
                    ensure(start == 1, format!("expected startIndex 1, found {start}"))?;
                }
                Ok(())
            }
        ),
        should!(
            "RFC7644-3.4.2.4-l",
            "a count that is no number is refused with 400, not with a server error",
            "answer 400 where a parameter cannot be read",
            async |t| {
                t.query(&t.endpoint("User")?, &[("count", "ten")])
                    .await?
                    .status(&[400])
            }
        ),
        should!(
            "RFC7644-3.4.2.4-m",
            "groups are paged as users are",
            "apply startIndex and count to every resource type",
            async |t| {
                let path = t.endpoint("Group")?;
                t.people().await?;
                let listed = t
                    .query(&path, &[("startIndex", "1"), ("count", "1")])
                    .await?
                    .list()?;
                here(&listed, 1)?;
                listed.said.has("itemsPerPage", 1)
            }
        ),
    ],
};

/// A page of the people.
async fn page(t: &Probe, query: &[(&str, &str)]) -> Result<Listed, Stop> {
    if at(&t.discovered().config, "pagination.index") == false {
        return not_applicable("ServiceProviderConfig says that paging by index is not supported");
    }
    let people = t.crowd().await?;
    let filter = [("filter", people.filter.as_str())];
    let query: Vec<_> = filter.iter().chain(query).copied().collect();
    t.query(&t.endpoint("User")?, &query).await?.list()
}

fn here(listed: &Listed, expected: usize) -> Result<(), Stop> {
    let found = listed.resources.len();
    if found == expected {
        return Ok(());
    }
    fail(format!("expected {expected} resources, found {found}"))
}
