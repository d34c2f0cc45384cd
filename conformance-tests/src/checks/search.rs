//! Does POST /.search answer as a GET with a query would (RFC 7644 §3.4.3)?

use serde_json::{Value, json};

use crate::suite::{
    Chapter, Probe, Profile, Said, Stop, at, ensure, merged, must, not_applicable, values,
};

pub(super) static CHAPTER: Chapter = Chapter {
    name: "search",
    title: "querying with POST, RFC 7644 §3.4.3",
    profile: Profile::Rfc,
    checks: &[
        must!(
            "RFC7644-3.4.3-a",
            "POST /Users/.search answers 200 and a ListResponse",
            "serve .search below each endpoint as a query of that endpoint",
            async |t| {
                let listed = search(t, json!({"filter": ada(t)})).await?.list()?;
                listed.has_only(t.people().await?.id("ada")?)
            }
        ),
        must!(
            "RFC7644-3.4.3-b",
            "a search pages by startIndex and count",
            "apply startIndex and count of a SearchRequest",
            async |t| {
                let filter = t.crowd().await?.filter.clone();
                let listed = search(t, json!({"filter": filter, "startIndex": 2, "count": 2}))
                    .await?
                    .list()?;
                ensure(
                    listed.total == 5,
                    format!("expected totalResults 5, found {}", listed.total),
                )?;
                listed
                    .said
                    .counts("Resources", 2)?
                    .has("startIndex", 2)?
                    .has("itemsPerPage", 2)
            }
        ),
        must!(
            "RFC7644-3.4.3-c",
            "a search returns the attributes that were asked for",
            "apply attributes of a SearchRequest, which is a list",
            async |t| {
                let listed = search(t, json!({"filter": ada(t), "attributes": ["userName"]}))
                    .await?
                    .list()?;
                listed
                    .said
                    .has_some("Resources.userName")?
                    .has_some("Resources.id")?
                    .lacks("Resources.emails")?
                    .lacks("Resources.name")
            }
        ),
        must!(
            "RFC7644-3.4.3-d",
            "a search leaves excludedAttributes out",
            "apply excludedAttributes of a SearchRequest",
            async |t| {
                let listed = search(
                    t,
                    json!({"filter": ada(t), "excludedAttributes": ["userName"]}),
                )
                .await?
                .list()?;
                listed
                    .said
                    .lacks("Resources.userName")?
                    .has_some("Resources.id")
            }
        ),
        must!(
            "RFC7644-3.4.3-e",
            "a search without a match answers 200 and an empty list",
            "answer an empty list where nothing matches",
            async |t| {
                let filter = format!(r#"userName eq "{}""#, t.name());
                search(t, json!({"filter": filter}))
                    .await?
                    .list()?
                    .has_none()
            }
        ),
        must!(
            "RFC7644-3.4.3-f",
            "a search with a wrong filter is refused with invalidFilter",
            "answer 400 with scimType invalidFilter",
            async |t| {
                search(t, json!({"filter": "userName eq"}))
                    .await?
                    .refused(400, &["invalidFilter"])
            }
        ),
        must!(
            "RFC7644-3.4.3-g",
            "POST /.search at the root looks among all resource types",
            "serve /.search over users and groups",
            async |t| {
                t.offers("filter")?;
                let people = t.people().await?;
                let filter = format!(r#"displayName eq "{} staff" or {}"#, t.mark(), ada(t));
                let said = served(
                    t.post("/.search", request(json!({"filter": filter})))
                        .await?,
                )?;
                let listed = said.list()?;
                let ids = listed.ids();
                ensure(
                    ids.contains(&people.staff.id) && people.among(&listed) == ["ada"],
                    format!("expected a group and a user, found {ids:?}"),
                )
            }
        ),
        must!(
            "RFC7644-3.4.3-h",
            "what is found at the root tells its type in meta.resourceType",
            "return meta.resourceType with every resource",
            async |t| {
                t.offers("filter")?;
                t.people().await?;
                let said = served(
                    t.post("/.search", request(json!({"filter": ada(t)})))
                        .await?,
                )?
                .status(&[200])?;
                for found in values(at(said.body(), "Resources")) {
                    let kind = at(found, "meta.resourceType");
                    ensure(kind == "User", format!("expected a User, found {kind}"))?;
                }
                Ok(())
            }
        ),
    ],
};

/// A server need not serve /.search, and has no way to say so but its answer.
pub(super) fn served(said: Said) -> Result<Said, Stop> {
    if [404, 405, 501].contains(&said.code()) {
        return not_applicable(format!("the server answers .search with {}", said.code()));
    }
    Ok(said)
}

async fn search(t: &Probe, body: Value) -> Result<Said, Stop> {
    t.offers("filter")?;
    t.people().await?;
    served(
        t.post(&format!("{}/.search", t.endpoint("User")?), request(body))
            .await?,
    )
}

fn request(body: Value) -> Value {
    merged(
        json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"]}),
        body,
    )
}

fn ada(t: &Probe) -> String {
    format!(r#"userName eq "{}-ada@example.com""#, t.mark())
}
