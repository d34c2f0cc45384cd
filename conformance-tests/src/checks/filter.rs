//! Does a filter select what RFC 7644 §3.4.2.2 says it selects?

use serde_json::{Value, json};

use crate::suite::{
    Chapter, ENTERPRISE, Profile, Said, Stop, ensure, fail, must, not_applicable, should,
};

pub(super) static CHAPTER: Chapter = Chapter {
    name: "filter",
    title: "queries and filters, RFC 7644 §3.4.2 and §3.4.2.2",
    profile: Profile::Rfc,
    checks: &[
        must!(
            "RFC7644-3.4.2-a",
            "a query answers 200 with schemas, totalResults and Resources",
            "answer queries with a ListResponse",
            async |t| {
                t.people().await?;
                let listed = t.query(&t.endpoint("User")?, &[("count", "2")]).await?.list()?;
                let urn = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
                let said = listed.said.has("schemas", vec![urn])?;
                said.ensure(!listed.resources.is_empty(), "expected some Resources")
            }
        ),
        must!(
            "RFC7644-3.4.2-b",
            "a query without a match answers 200 with totalResults 0",
            "answer 200 and an empty list, not 404, where nothing matches",
            async |t| {
                t.offers("filter")?;
                t.find("User", &format!(r#"userName eq "{}""#, t.name())).await?.list()?.has_none()
            }
        ),
        must!(
            "RFC7644-3.4.2.2-a",
            "eq selects the resource with that value",
            "apply filters with eq",
            async |t| { t.selects(&[], r#"userName eq "{mark}-ada@example.com""#, &["ada"]).await }
        ),
        must!(
            "RFC7644-3.4.2.2-b",
            "eq on an attribute that is not caseExact passes over case",
            "compare userName without regard to case",
            async |t| {
                let filter = r#"userName eq "{mark}-ada@example.com""#.replace("{mark}", t.mark()).to_uppercase();
                t.selects(&[], &filter.replace("USERNAME EQ", "userName eq"), &["ada"]).await
            }
        )
        .finds(&[14, 32]),
        must!(
            "RFC7644-3.4.2.2-c",
            "eq on externalId, which is caseExact, regards case",
            "compare externalId exactly",
            async |t| {
                t.selects(&["externalId"], r#"externalId eq "{mark}-X-ada""#, &["ada"]).await?;
                t.selects(&["externalId"], r#"externalId eq "{mark}-x-ADA""#, &[]).await
            }
        )
        .finds(&[13]),
        must!(
            "RFC7644-3.4.2.2-d",
            "id can be filtered by",
            "apply filters on id",
            async |t| {
                let id = t.people().await?.id("cem")?;
                t.selects(&[], &format!(r#"id eq "{id}""#), &["cem"]).await
            }
        ),
        must!(
            "RFC7644-3.4.2.2-e",
            "ne selects those with another value",
            "apply filters with ne",
            async |t| {
                let filter = r#"{crowd} and userName ne "{mark}-ada@example.com""#;
                t.selects(&[], filter, &["ben", "cem", "dora", "emil"]).await
            }
        ),
        must!(
            "RFC7644-3.4.2.2-f",
            "co selects those whose value contains the text",
            "apply filters with co",
            async |t| { t.selects(&["displayName"], r#"displayName co "a {mark}""#, &["ada", "dora"]).await }
        ),
        must!(
            "RFC7644-3.4.2.2-g",
            "sw selects those whose value begins with the text",
            "apply filters with sw",
            async |t| { t.selects(&[], r#"userName sw "{mark}-ad""#, &["ada"]).await }
        ),
        must!(
            "RFC7644-3.4.2.2-h",
            "ew selects those whose value ends with the text",
            "apply filters with ew",
            async |t| { t.selects(&["displayName"], r#"displayName ew "emil {mark}""#, &["emil"]).await }
        ),
        must!(
            "RFC7644-3.4.2.2-i",
            "pr selects those that have a value",
            "apply filters with pr",
            async |t| {
                t.selects(&["title"], r#"{crowd} and title pr"#, &["ada", "cem", "dora", "emil"]).await
            }
        ),
        must!(
            "RFC7644-3.4.2.2-j",
            "gt, ge, lt and le compare texts in order",
            "apply filters with gt, ge, lt and le",
            async |t| {
                let attributes = ["displayName"];
                t.selects(&attributes, r#"{crowd} and displayName gt "cem {mark}""#, &["dora", "emil"]).await?;
                t.selects(&attributes, r#"{crowd} and displayName ge "cem {mark}""#, &["cem", "dora", "emil"]).await?;
                t.selects(&attributes, r#"{crowd} and displayName lt "cem {mark}""#, &["ada", "ben"]).await?;
                t.selects(&attributes, r#"{crowd} and displayName le "cem {mark}""#, &["ada", "ben", "cem"]).await
            }
        ),
        must!(
            "RFC7644-3.4.2.2-k",
            "and selects those that fulfil both sides",
            "apply filters with and",
            async |t| {
                t.selects(&["displayName"], r#"displayName co "{mark}" and userName eq "{mark}-ben@example.com""#, &["ben"]).await
            }
        ),
        must!(
            "RFC7644-3.4.2.2-l",
            "or selects those that fulfil one side",
            "apply filters with or",
            async |t| {
                t.selects(&[], r#"userName eq "{mark}-ben@example.com" or userName eq "{mark}-ada@example.com""#, &["ada", "ben"]).await
            }
        ),
        must!(
            "RFC7644-3.4.2.2-m",
            "not selects those that do not fulfil what stands in parentheses",
            "apply filters with not (…)",
            async |t| {
                t.selects(&["displayName"], r#"{crowd} and not (displayName co "a {mark}")"#, &["ben", "cem", "emil"]).await
            }
        ),
        must!(
            "RFC7644-3.4.2.2-n",
            "and binds more tightly than or",
            "give and precedence over or",
            async |t| {
                let filter = r#"userName eq "{mark}-ada@example.com" or userName eq "{mark}-ben@example.com" and displayName sw "nobody""#;
                t.selects(&["displayName"], filter, &["ada"]).await
            }
        ),
        must!(
            "RFC7644-3.4.2.2-o",
            "parentheses group",
            "apply parentheses before and and or",
            async |t| {
                let filter = r#"(userName eq "{mark}-ada@example.com" or userName eq "{mark}-ben@example.com") and displayName sw "ben""#;
                t.selects(&["displayName"], filter, &["ben"]).await
            }
        ),
        must!(
            "RFC7644-3.4.2.2-p",
            "operators and the names of attributes pass over case",
            "read EQ as eq and USERNAME as userName",
            async |t| { t.selects(&[], r#"USERNAME EQ "{mark}-ada@example.com""#, &["ada"]).await }
        ),
        must!(
            "RFC7644-3.4.2.2-q",
            "a sub-attribute can be filtered by",
            "apply filters on name.givenName",
            async |t| {
                t.selects(&["name.givenName"], r#"{crowd} and name.givenName eq "Dora""#, &["dora"]).await
            }
        ),
        must!(
            "RFC7644-3.4.2.2-r",
            "a sub-attribute of a list matches if one of the values does",
            "apply filters on emails.value to every value",
            async |t| { t.selects(&["emails"], r#"emails.value eq "{mark}-ada@home.example""#, &["ada"]).await }
        )
        .finds(&[19]),
        must!(
            "RFC7644-3.4.2.2-s",
            "brackets select by one value that fulfils the whole filter",
            "apply emails[type eq \"work\" and value co \"…\"] to each value as a whole",
            async |t| {
                let attributes = ["emails", "emails.type"];
                t.selects(&attributes, r#"emails[type eq "home" and value sw "{mark}-ada"]"#, &["ada"]).await?;
                t.selects(&attributes, r#"emails[type eq "work" and value eq "{mark}-ada@home.example"]"#, &[]).await
            }
        ),
        must!(
            "RFC7644-3.4.2.2-t",
            "emails without a sub-attribute is compared by value",
            "read emails as emails.value in filters",
            async |t| { t.selects(&["emails"], r#"emails co "{mark}-dora@work""#, &["dora"]).await }
        )
        .finds(&[32]),
        must!(
            "RFC7644-3.4.2.2-u",
            "a boolean is compared with true and false",
            "apply active eq false",
            async |t| {
                t.selects(&["active"], r#"{crowd} and active eq false"#, &["ben"]).await
            }
        ),
        must!(
            "RFC7644-3.4.2.2-v",
            "gt on a boolean is refused with invalidFilter",
            "refuse gt, ge, lt and le on booleans with 400 and invalidFilter",
            async |t| {
                t.offers("filter")?;
                t.needs("User", &["active"])?;
                t.find("User", "active gt true").await?.refused(400, &["invalidFilter"])
            }
        ),
        must!(
            "RFC7644-3.4.2.2-w",
            "meta.lastModified is compared as a time",
            "compare dateTime attributes as moments",
            async |t| {
                let filter = |rest| format!(r#"userName eq "{{mark}}-ada@example.com" and meta.lastModified {rest}"#);
                t.selects(&[], &filter(r#"gt "2001-01-01T00:00:00Z""#), &["ada"]).await?;
                t.selects(&[], &filter(r#"lt "2001-01-01T01:00:00+01:00""#), &[]).await
            }
        ),
        must!(
            "RFC7644-3.10-c",
            "an attribute of an extension is named with its URN",
            "read urn:…:enterprise:2.0:User:employeeNumber in filters",
            async |t| {
                let number = format!("{ENTERPRISE}:employeeNumber");
                t.selects(&[&number], &format!(r#"{number} eq "{{mark}}-dora""#), &["dora"]).await
            }
        )
        .finds(&[15]),
        must!(
            "RFC7644-3.10-d",
            "a core attribute may be named with its URN",
            "read urn:…:core:2.0:User:userName in filters",
            async |t| {
                t.selects(&[], r#"urn:ietf:params:scim:schemas:core:2.0:User:userName eq "{mark}-ada@example.com""#, &["ada"]).await
            }
        )
        .finds(&[15]),
        must!(
            "RFC7644-3.4.2.2-x",
            "quotes inside a value are escaped with a backslash, as in JSON",
            "unescape values as JSON strings",
            async |t| { t.selects(&["title"], r#"title eq "O'Neil \"Ace\" {mark}""#, &["cem"]).await }
        )
        .finds(&[15]),
        must!(
            "RFC7644-3.4.2.2-y",
            "a plus sign in a value is one, when it is sent percent-encoded",
            "decode the query once, and take the value literally",
            async |t| { t.selects(&[], r#"userName eq "{mark}-cem+1@example.com""#, &["cem"]).await }
        )
        .finds(&[15, 32]),
        must!(
            "RFC7644-3.4.2.2-z",
            "a value is text, not a pattern",
            "escape values before they reach a regular expression or LIKE",
            async |t| {
                t.selects(&[], r#"userName eq "{mark}-.*""#, &[]).await?;
                t.selects(&[], r#"userName sw "{mark}-%""#, &[]).await?;
                t.selects(&[], r#"userName sw "{mark}-_da""#, &[]).await
            }
        )
        .finds(&[32]),
        must!(
            "RFC7644-3.4.2.2-aa",
            "values are compared in any script",
            "compare texts as Unicode",
            async |t| {
                t.selects(&["name.givenName"], r#"{crowd} and name.givenName eq "Çem""#, &["cem"]).await
            }
        )
        .finds(&[15]),
        must!(
            "RFC7644-3.4.2.2-ab",
            "a filter that does not follow the grammar is refused with 400 and invalidFilter",
            "answer 400 with scimType invalidFilter, never all resources",
            async |t| {
                t.offers("filter")?;
                for wrong in ["userName eq", r#"userName is "x""#, r#"(userName eq "x""#, r#"userName eq "x" and"#] {
                    t.find("User", wrong).await?.refused(400, &["invalidFilter"])?;
                }
                Ok(())
            }
        ),
        must!(
            "RFC7644-3.4.2.2-ac",
            "a value without quotes is refused with invalidFilter",
            "follow the grammar, or accept the missing quotes for identity providers that forget \
             them",
            async |t| {
                t.offers("filter")?;
                t.find("User", &format!("externalId eq {}", t.mark())).await?.refused(400, &["invalidFilter"])
            }
        )
        .unless("unquotedFilterValues"),
        should!(
            "RFC7644-3.4.2.2-ad",
            "a filter on an attribute that no schema defines is refused, or selects nothing",
            "answer 400 with invalidFilter, or an empty list",
            async |t| {
                t.offers("filter")?;
                t.people().await?;
                let said = t.find("User", r#"scimconfUnknown eq "x""#).await?;
                if said.succeeded() { said.list()?.has_none().map(drop) } else { said.refused(400, &["invalidFilter"]).map(drop) }
            }
        ),
        must!(
            "RFC7644-3.4.2.2-ae",
            "the members of groups can be filtered by value",
            "apply members[value eq \"…\"] to groups",
            async |t| {
                t.offers("filter")?;
                t.needs("Group", &["members"])?;
                let people = t.people().await?;
                for filter in [r#"members[value eq "{id}"]"#, r#"members.value eq "{id}""#] {
                    let filter = filter.replace("{id}", people.id("ada")?);
                    possible(t.find("Group", &filter).await?)?.list()?.has_only(&people.staff.id)?;
                }
                Ok(())
            }
        ),
        must!(
            "RFC7644-3.4.2.2-af",
            "groups can be filtered by displayName",
            "apply filters on groups",
            async |t| {
                t.offers("filter")?;
                let (people, _) = (t.people().await?, t.endpoint("Group")?);
                let filter = format!(r#"displayName eq "{} staff""#, t.mark());
                t.find("Group", &filter).await?.list()?.has_only(&people.staff.id)
            }
        ),
        must!(
            "RFC7644-3.4.2.2-ag",
            "filters on a list see every value, not the first alone",
            "look at all values of a multi-valued attribute",
            async |t| {
                t.offers("filter")?;
                t.needs("Group", &["members"])?;
                let people = t.people().await?;
                let filter = format!(r#"members[value eq "{}"]"#, people.id("ben")?);
                possible(t.find("Group", &filter).await?)?.list()?.has_only(&people.staff.id)
            }
        )
        .finds(&[19]),
        must!(
            "RFC7644-3.9-h",
            "attributes and excludedAttributes apply to lists",
            "apply them to each resource of a list",
            async |t| {
                t.offers("filter")?;
                t.people().await?;
                let filter = format!(r#"userName eq "{}-ada@example.com""#, t.mark());
                let path = t.endpoint("User")?;
                let listed = t.query(&path, &[("filter", &filter), ("attributes", "userName")]).await?.list()?;
                listed.said.has_some("Resources.userName")?.has_some("Resources.id")?.lacks("Resources.emails")?.lacks("Resources.name")?;
                let listed = t.query(&path, &[("filter", &filter), ("excludedAttributes", "userName")]).await?.list()?;
                listed.said.lacks("Resources.userName")?.has_some("Resources.id")
            }
        ),
        must!(
            "RFC7644-3.4.2.2-ah",
            "what was deleted is found no more",
            "leave deleted resources out of all lists",
            async |t| {
                t.offers("filter")?;
                let made = t.user().await?;
                let filter = format!(r#"userName eq "{}""#, made.body["userName"].as_str().unwrap_or_default());
                t.find("User", &filter).await?.list()?.has_only(&made.id)?;
                t.delete(&made).await?.status(&[204])?;
                t.find("User", &filter).await?.list()?.has_none()
            }
        ),
        should!(
            "RFC7643-4.1.1-d",
            "a password is no subject of a filter",
            "refuse filters on attributes that are never returned, or select nothing by them",
            async |t| {
                t.offers("filter")?;
                t.needs("User", &["password"])?;
                let password = format!("T4!{}", t.name());
                t.user_with(json!({"password": password})).await?;
                let said = t.find("User", &format!(r#"password eq "{password}""#)).await?;
                if said.succeeded() { said.list()?.has_none().map(drop) } else { said.status(&[400, 403]).map(drop) }
            }
        ),
        must!(
            "RFC7644-3.4.2-c",
            "more results than filter.maxResults are not returned",
            "cut lists at the limit that ServiceProviderConfig tells, or tell another",
            async |t| {
                let Some(limit) = t.discovered().config.pointer("/filter/maxResults").and_then(Value::as_u64) else {
                    return not_applicable("ServiceProviderConfig tells no filter.maxResults");
                };
                let listed = t.query(&t.endpoint("User")?, &[("count", "100000"), ("attributes", "id")]).await;
                // Refusing the count is another way.
                let Ok(listed) = listed?.list() else {
                    return Ok(());
                };
                let found = u64::try_from(listed.resources.len()).unwrap_or(u64::MAX);
                ensure(found <= limit, format!("expected at most {limit} resources, found {found}"))
            }
        ),
        must!(
            "RFC7644-3.4.2-d",
            "a resource in a list is the one that GET answers",
            "show resources alike in lists and alone",
            async |t| {
                t.offers("filter")?;
                let made = t.user().await?;
                let alone = t.read(&made).await?.body().clone();
                let listed = t.find("User", &format!(r#"id eq "{}""#, made.id)).await?.list()?.has_only(&made.id)?;
                if listed.resources != [alone.clone()] {
                    return fail(format!("expected {alone}, found {:?}", listed.resources));
                }
                Ok(())
            }
        ),
    ],
};

/// A server may refuse to compare an attribute (RFC 7644 §3.12, `invalidFilter`).
fn possible(said: Said) -> Result<Said, Stop> {
    if said.code() == 400 && said.string("scimType") == "invalidFilter" {
        return not_applicable("the server does not filter groups by members");
    }
    Ok(said)
}
