//! Are lists sorted as RFC 7644 §3.4.2.3 says?

use serde_json::json;

use crate::suite::{Chapter, NAMES, Probe, Profile, Stop, fail, must};

pub(super) static CHAPTER: Chapter = Chapter {
    name: "sort",
    title: "sorting, RFC 7644 §3.4.2.3",
    profile: Profile::Rfc,
    checks: &[
        must!(
            "RFC7644-3.4.2.3-a",
            "sortBy sorts, ascending unless something else is said",
            "apply sortBy, or say that sort is not supported",
            async |t| {
                sorted(
                    t,
                    &["userName"],
                    &[("sortBy", "userName")],
                    &["ada", "ben", "cem", "dora", "emil"],
                )
                .await
            }
        ),
        must!(
            "RFC7644-3.4.2.3-b",
            "sortOrder descending turns the order round",
            "apply sortOrder",
            async |t| {
                let query = [("sortBy", "userName"), ("sortOrder", "descending")];
                sorted(
                    t,
                    &["userName"],
                    &query,
                    &["emil", "dora", "cem", "ben", "ada"],
                )
                .await
            }
        ),
        must!(
            "RFC7644-3.4.2.3-c",
            "sortOrder ascending may be said",
            "apply sortOrder",
            async |t| {
                let query = [("sortBy", "userName"), ("sortOrder", "ascending")];
                sorted(
                    t,
                    &["userName"],
                    &query,
                    &["ada", "ben", "cem", "dora", "emil"],
                )
                .await
            }
        ),
        must!(
            "RFC7644-3.4.2.3-d",
            "texts that are not caseExact are sorted without regard to case",
            "fold case before comparing",
            async |t| {
                sorted(
                    t,
                    &["displayName"],
                    &[("sortBy", "displayName")],
                    &["ada", "ben", "cem", "dora", "emil"],
                )
                .await
            }
        ),
        must!(
            "RFC7644-3.4.2.3-e",
            "resources without a value come last in ascending and first in descending order",
            "place a missing value after all others",
            async |t| {
                // Whose title is which: Architect, engineer lead, Engineer scimconf…, O'Neil; Ben has none.
                let query = [("sortBy", "title")];
                sorted(
                    t,
                    &["title"],
                    &query,
                    &["emil", "dora", "ada", "cem", "ben"],
                )
                .await?;
                let query = [("sortBy", "title"), ("sortOrder", "descending")];
                sorted(
                    t,
                    &["title"],
                    &query,
                    &["ben", "cem", "ada", "dora", "emil"],
                )
                .await
            }
        ),
        must!(
            "RFC7644-3.4.2.3-f",
            "a sub-attribute may be sorted by",
            "apply sortBy to name.givenName",
            async |t| {
                t.needs("User", &["name.givenName"])?;
                let first = sorted_ids(t, &[("sortBy", "name.givenName")]).await?;
                // How Ç sorts is a matter of collation.
                let latin: Vec<_> = first.into_iter().filter(|name| *name != "cem").collect();
                if latin == ["ada", "ben", "dora", "emil"] {
                    Ok(())
                } else {
                    fail(format!("the order is {latin:?}"))
                }
            }
        ),
        must!(
            "RFC7644-3.4.2.3-g",
            "a list is sorted by its primary value, else by its first",
            "sort emails by the value that is primary",
            async |t| {
                let query = [("sortBy", "emails.value"), ("sortOrder", "descending")];
                sorted(
                    t,
                    &["emails", "emails.primary"],
                    &query,
                    &["emil", "dora", "cem", "ben", "ada"],
                )
                .await
            }
        ),
        must!(
            "RFC7644-3.4.2.3-h",
            "pages of a sorted list follow each other",
            "sort before cutting pages",
            async |t| {
                t.offers("sort")?;
                let people = t.crowd().await?;
                let mut found = Vec::new();
                for start in ["1", "3", "5"] {
                    let query = [
                        ("filter", people.filter.as_str()),
                        ("sortBy", "userName"),
                        ("startIndex", start),
                        ("count", "2"),
                    ];
                    let listed = t.query(&t.endpoint("User")?, &query).await?.list()?;
                    found.extend(people.in_order(&listed));
                }
                if found == NAMES {
                    Ok(())
                } else {
                    fail(format!("the pages hold {found:?}"))
                }
            }
        ),
        must!(
            "RFC7644-3.4.2.3-i",
            "POST /.search sorts as GET does",
            "apply sortBy and sortOrder of a SearchRequest",
            async |t| {
                t.offers("sort")?;
                let people = t.crowd().await?;
                let body = json!({
                    "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
                    "filter": people.filter, "sortBy": "userName", "sortOrder": "descending",
                });
                let said = super::search::served(
                    t.post(&format!("{}/.search", t.endpoint("User")?), body)
                        .await?,
                )?;
                let found = people.in_order(&said.list()?);
                if found == ["emil", "dora", "cem", "ben", "ada"] {
                    Ok(())
                } else {
                    fail(format!("the order is {found:?}"))
                }
            }
        ),
    ],
};

async fn sorted(
    t: &Probe,
    attributes: &[&str],
    query: &[(&str, &str)],
    expected: &[&str],
) -> Result<(), Stop> {
    t.needs("User", attributes)?;
    let found = sorted_ids(t, query).await?;
    if found == expected {
        return Ok(());
    }
    fail(format!("expected the order {expected:?}, found {found:?}"))
}

/// The people in the order that a query has them.
async fn sorted_ids(t: &Probe, query: &[(&str, &str)]) -> Result<Vec<&'static str>, Stop> {
    t.offers("sort")?;
    let people = t.crowd().await?;
    let filter = [("filter", people.filter.as_str())];
    let query: Vec<_> = filter.iter().chain(query).copied().collect();
    let listed = t.query(&t.endpoint("User")?, &query).await?.list()?;
    Ok(people.in_order(&listed))
}
