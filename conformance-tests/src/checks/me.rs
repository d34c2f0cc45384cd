//! Is /Me an alias of the user who asks, or said not to be served (RFC 7644 §3.11)?

use serde_json::json;

use crate::client::Call;
use crate::suite::{Chapter, Probe, Profile, Said, Stop, must, not_applicable};

pub(super) static CHAPTER: Chapter = Chapter {
    name: "me",
    title: "the user who asks, RFC 7644 §3.11",
    profile: Profile::Rfc,
    checks: &[
        must!(
            "RFC7644-3.11-a",
            "GET /Me answers with the resource, a redirection to it, 501 if it is not served, or \
             404 if nobody stands behind the credentials",
            "answer 200, 308, 404 or 501",
            async |t| { t.get("/Me").await?.status(&[200, 308, 403, 404, 501]) }
        ),
        must!(
            "RFC7644-3.11-b",
            "the resource at /Me tells its own URI in meta.location",
            "return the permanent URI, not that of /Me",
            async |t| {
                let said = me(t).await?.has_some("id")?.has_some("meta.location")?;
                let location = said.string("meta.location");
                said.ensure(!location.ends_with("/Me"), "expected the URI below /Users")
            }
        ),
        must!(
            "RFC7644-3.11-c",
            "/Me is the resource at its meta.location",
            "serve one resource under both",
            async |t| {
                let said = me(t).await?;
                let location = said.string("meta.location");
                let Some(path) = location.strip_prefix(t.base()) else {
                    return Err(Stop::CouldNotRun(format!(
                        "{location} does not begin with {}",
                        t.base()
                    )));
                };
                t.get(path)
                    .await?
                    .status(&[200])?
                    .has("id", said.string("id"))
                    .map(drop)
            }
        ),
        must!(
            "RFC7644-3.11-d",
            "what is refused at /Me is a SCIM error",
            "answer 404 and 501 with a SCIM error",
            async |t| {
                let said = t.get("/Me").await?;
                if said.succeeded() {
                    return not_applicable("/Me is served");
                }
                said.has(
                    "schemas",
                    json!(["urn:ietf:params:scim:api:messages:2.0:Error"]),
                )
                .map(drop)
            }
        ),
        must!(
            "RFC7644-3.11-e",
            "/Me applies attributes as any resource does",
            "apply attributes to /Me",
            async |t| {
                me(t).await?;
                let call = Call::new("GET", "/Me").with_query("attributes=userName");
                t.send(call)
                    .await?
                    .status(&[200])?
                    .has_some("id")?
                    .lacks("name")
            }
        ),
    ],
};

async fn me(t: &Probe) -> Result<Said, Stop> {
    let said = t.get("/Me").await?;
    if said.code() == 200 {
        return Ok(said);
    }
    not_applicable(format!("the server answers /Me with {}", said.code()))
}
