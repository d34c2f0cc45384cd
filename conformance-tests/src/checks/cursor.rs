//! Are lists paged by cursor as RFC 9865 says?

use serde_json::{Value, json};

use crate::suite::{
    Chapter, Listed, Probe, Profile, Said, Stop, at, ensure, fail, must, not_applicable, should,
};

pub(super) static CHAPTER: Chapter = Chapter {
    name: "cursor",
    title: "paging by cursor, RFC 9865",
    profile: Profile::Rfc,
    checks: &[
        must!(
            "RFC9865-4-a",
            "pagination in the configuration says of cursor and index whether they are supported",
            "add cursor and index to pagination, both true or false",
            async |t| {
                offered(t)?;
                for method in ["pagination.cursor", "pagination.index"] {
                    ensure(
                        at(&t.discovered().config, method).is_boolean(),
                        format!("expected {method} to be true or false"),
                    )?;
                }
                Ok(())
            }
        ),
        must!(
            "RFC9865-4-b",
            "what else pagination tells has the values of the RFC",
            "tell defaultPaginationMethod as cursor or index, and sizes and times as positive \
             integers",
            async |t| {
                offered(t)?;
                let told = at(&t.discovered().config, "pagination");
                if let Some(method) = told.get("defaultPaginationMethod") {
                    ensure(
                        method == "cursor" || method == "index",
                        format!("defaultPaginationMethod is {method}"),
                    )?;
                }
                for member in ["defaultPageSize", "maxPageSize", "cursorTimeout"] {
                    if let Some(found) = told.get(member) {
                        ensure(
                            found.as_u64().is_some_and(|found| found > 0),
                            format!("{member} is {found}"),
                        )?;
                    }
                }
                Ok(())
            }
        ),
        must!(
            "RFC9865-2-a",
            "an empty cursor asks for the first page, which tells nextCursor while there is more",
            "start a cursor where the parameter is there and empty",
            async |t| {
                let first = page(t, "", "2", &[]).await?;
                ensure(first.resources.len() <= 2, "expected at most two resources")?;
                first.said.has_some("nextCursor")
            }
        ),
        must!(
            "RFC9865-2-b",
            "nextCursor leads through all pages, and each match comes once",
            "continue behind the last resource of the page before",
            async |t| {
                let mut found = Vec::new();
                let mut cursor = String::new();
                for _page in 0..6 {
                    let listed = page(t, &cursor, "2", &[]).await?;
                    found.extend(listed.ids());
                    cursor = listed.said.string("nextCursor");
                    if cursor.is_empty() {
                        break;
                    }
                }
                let people = t.crowd().await?;
                let mut all: Vec<_> = people.users.iter().map(|user| user.id.clone()).collect();
                found.sort_unstable();
                all.sort_unstable();
                ensure(found == all, format!("expected {all:?}, found {found:?}"))
            }
        ),
        must!(
            "RFC9865-2-c",
            "the last page has no nextCursor",
            "leave nextCursor out on the last page, and only there",
            async |t| { page(t, "", "5", &[]).await?.said.lacks("nextCursor") }
        ),
        must!(
            "RFC9865-2-d",
            "the first page has no previousCursor",
            "leave previousCursor out on the first page",
            async |t| { page(t, "", "2", &[]).await?.said.lacks("previousCursor") }
        ),
        must!(
            "RFC9865-2-e",
            "previousCursor, where it is told, leads to the page before",
            "go back to the page before, or leave previousCursor out",
            async |t| {
                let first = page(t, "", "2", &[]).await?;
                let second = page(t, &first.said.string("nextCursor"), "2", &[]).await?;
                let previous = second.said.string("previousCursor");
                if previous.is_empty() {
                    return not_applicable("the server tells no previousCursor");
                }
                let back = page(t, &previous, "2", &[]).await?;
                ensure(
                    back.ids() == first.ids(),
                    format!("expected {:?}, found {:?}", first.ids(), back.ids()),
                )
            }
        ),
        must!(
            "RFC9865-2-f",
            "cursors hold unreserved characters only",
            "spell cursors with letters, digits and - . _ ~",
            async |t| {
                let cursor = page(t, "", "2", &[]).await?.said.string("nextCursor");
                let unreserved = |sign: char| sign.is_ascii_alphanumeric() || "-._~".contains(sign);
                ensure(
                    !cursor.is_empty() && cursor.chars().all(unreserved),
                    format!("the cursor is {cursor:?}"),
                )
            }
        ),
        must!(
            "RFC9865-2-g",
            "count bounds the number of resources of a page",
            "never return more than count",
            async |t| {
                let listed = page(t, "", "1", &[]).await?;
                ensure(
                    listed.resources.len() <= 1,
                    format!("expected one resource, found {}", listed.resources.len()),
                )
            }
        ),
        must!(
            "RFC9865-2-h",
            "a cursor can be used again and answers the same page",
            "keep no state that a first use ends, or clients cannot repeat a request that broke \
             off",
            async |t| {
                let next = page(t, "", "2", &[]).await?.said.string("nextCursor");
                let (once, twice) = (
                    page(t, &next, "2", &[]).await?,
                    page(t, &next, "2", &[]).await?,
                );
                ensure(
                    once.ids() == twice.ids(),
                    format!("expected {:?}, found {:?}", once.ids(), twice.ids()),
                )
            }
        ),
        should!(
            "RFC9865-2-i",
            "totalResults, where it is told, is the number of all matches",
            "count all matches, or leave totalResults out",
            async |t| {
                let said = raw(t, "", "2", &[]).await?.status(&[200])?;
                match said.body().get("totalResults") {
                    Some(total) => ensure(total == 5, format!("expected 5, found {total}")),
                    None => Ok(()),
                }
            }
        ),
        should!(
            "RFC9865-2.1-a",
            "a cursor that the server did not make is refused with invalidCursor",
            "answer 400 with scimType invalidCursor",
            async |t| {
                raw(t, "scimconf", "2", &[])
                    .await?
                    .refused(400, &["invalidCursor"])
            }
        ),
        should!(
            "RFC9865-2.1-b",
            "a cursor with a changed letter is refused with invalidCursor",
            "seal cursors, so that nobody can make one",
            async |t| {
                let mut cursor = page(t, "", "2", &[]).await?.said.string("nextCursor");
                let last = cursor.pop();
                cursor.push(if last == Some('A') { 'B' } else { 'A' });
                let middle = cursor.len() / 2;
                let forged: String = cursor
                    .char_indices()
                    .map(|(at, sign)| {
                        if at == middle {
                            if sign == 'x' { 'y' } else { 'x' }
                        } else {
                            sign
                        }
                    })
                    .collect();
                raw(t, &forged, "2", &[])
                    .await?
                    .refused(400, &["invalidCursor"])
            }
        )
        .finds(&[31]),
        should!(
            "RFC9865-2.1-c",
            "a cursor that is used with another filter is refused with invalidCursor",
            "bind cursors to the query they were made for",
            async |t| {
                let next = page(t, "", "2", &[]).await?.said.string("nextCursor");
                let other = format!(r#"userName eq "{}-ada@example.com""#, t.mark());
                let query = [
                    ("filter", other.as_str()),
                    ("cursor", next.as_str()),
                    ("count", "2"),
                ];
                t.query(&t.endpoint("User")?, &query)
                    .await?
                    .refused(400, &["invalidCursor"])
            }
        ),
        should!(
            "RFC9865-2.1-d",
            "a cursor of users is refused for groups",
            "bind cursors to the endpoint they were made for",
            async |t| {
                let next = page(t, "", "2", &[]).await?.said.string("nextCursor");
                t.query(&t.endpoint("Group")?, &[("cursor", &next), ("count", "2")])
                    .await?
                    .refused(400, &["invalidCursor"])
            }
        ),
        should!(
            "RFC9865-2.1-e",
            "a count that is no number is refused with invalidCount or invalidValue",
            "answer 400 with scimType invalidCount",
            async |t| {
                raw(t, "", "two", &[])
                    .await?
                    .refused(400, &["invalidCount", "invalidValue"])
            }
        ),
        should!(
            "RFC9865-2.2-a",
            "pages by cursor are sorted where sorting is supported",
            "apply sortBy and sortOrder to pages by cursor",
            async |t| {
                t.offers("sort")?;
                let sort = [("sortBy", "userName"), ("sortOrder", "descending")];
                let people = t.crowd().await?;
                let first = page(t, "", "2", &sort).await?;
                let second = page(t, &first.said.string("nextCursor"), "2", &sort).await?;
                let found: Vec<_> = [people.in_order(&first), people.in_order(&second)].concat();
                ensure(
                    found == ["emil", "dora", "cem", "ben"],
                    format!("the order is {found:?}"),
                )
            }
        ),
        must!(
            "RFC9865-2.3-a",
            "a list without cursor and startIndex is no error",
            "choose a method of paging where the client names none",
            async |t| {
                offered(t)?;
                t.query(&t.endpoint("User")?, &[("count", "1")])
                    .await?
                    .status(&[200])
            }
        ),
        must!(
            "RFC9865-2.3-b",
            "without a parameter, the method is the one that defaultPaginationMethod tells",
            "page by the method that the configuration tells",
            async |t| {
                offered(t)?;
                t.people().await?;
                let said = t
                    .query(&t.endpoint("User")?, &[("count", "1")])
                    .await?
                    .status(&[200])?;
                match at(&t.discovered().config, "pagination.defaultPaginationMethod").as_str() {
                    Some("index") => said.lacks("nextCursor").map(drop),
                    Some("cursor") => said.has_some("nextCursor").map(drop),
                    _ => not_applicable("the configuration tells no defaultPaginationMethod"),
                }
            }
        ),
        must!(
            "RFC9865-3-a",
            "POST /.search takes a cursor in its body and answers nextCursor",
            "read cursor of a SearchRequest",
            async |t| {
                offered(t)?;
                let people = t.crowd().await?;
                let body = |cursor: &str| {
                    json!({
                        "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
                        "filter": people.filter, "cursor": cursor, "count": 2,
                    })
                };
                let path = format!("{}/.search", t.endpoint("User")?);
                let first = super::search::served(t.post(&path, body("")).await?)?
                    .status(&[200])?
                    .has_some("nextCursor")?;
                let second = t
                    .post(&path, body(&first.string("nextCursor")))
                    .await?
                    .status(&[200])?;
                let ids = |said: &Said| {
                    at(said.body(), "Resources")
                        .as_array()
                        .map(|found| {
                            found
                                .iter()
                                .map(|it| at(it, "id").clone())
                                .collect::<Vec<Value>>()
                        })
                        .unwrap_or_default()
                };
                let (first, second) = (ids(&first), ids(&second));
                ensure(
                    !second.is_empty() && second.iter().all(|id| !first.contains(id)),
                    format!("{first:?} is followed by {second:?}"),
                )
            }
        ),
    ],
};

fn offered(t: &Probe) -> Result<(), Stop> {
    if at(&t.discovered().config, "pagination.cursor") == true {
        return Ok(());
    }
    not_applicable("ServiceProviderConfig does not say that paging by cursor is supported")
}

async fn raw(t: &Probe, cursor: &str, count: &str, more: &[(&str, &str)]) -> Result<Said, Stop> {
    offered(t)?;
    let people = t.crowd().await?;
    let paging = [
        ("filter", people.filter.as_str()),
        ("cursor", cursor),
        ("count", count),
    ];
    let query: Vec<_> = paging.iter().chain(more).copied().collect();
    t.query(&t.endpoint("User")?, &query).await
}

/// A page of the people.
async fn page(t: &Probe, cursor: &str, count: &str, more: &[(&str, &str)]) -> Result<Listed, Stop> {
    let said = raw(t, cursor, count, more).await?.status(&[200])?;
    let Some(resources) = at(said.body(), "Resources").as_array().cloned() else {
        return fail("expected Resources");
    };
    // A server that pages by cursor need not know the total.
    let total = at(said.body(), "totalResults").as_u64().unwrap_or_default();
    Ok(Listed {
        said,
        total,
        resources,
    })
}
