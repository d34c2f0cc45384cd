//! Are refusals SCIM errors, as RFC 7644 §3.12 has them?

use serde_json::json;

use crate::client::Call;
use crate::suite::{Chapter, Profile, Said, Stop, at, ensure, merged, must, should};

pub(super) static CHAPTER: Chapter = Chapter {
    name: "errors",
    title: "errors, RFC 7644 §3.12",
    profile: Profile::Rfc,
    checks: &[
        must!(
            "RFC7644-3.12-b",
            "an unknown resource is answered with a SCIM error",
            "answer 404 with schemas, status and detail",
            async |t| {
                is_error(
                    t.get(&format!("{}/{}", t.endpoint("User")?, t.name()))
                        .await?
                        .status(&[404])?,
                )
            }
        )
        .finds(&[21]),
        must!(
            "RFC7644-3.12-c",
            "an unknown path is answered 404 with a SCIM error",
            "answer every path below the base with a SCIM error, not with a page",
            async |t| { is_error(t.get("/ScimconfNowhere").await?.status(&[404])?) }
        )
        .finds(&[21]),
        must!(
            "RFC7644-3.12-d",
            "a body that cannot be read is answered with a SCIM error",
            "answer 400 with schemas, status and scimType",
            async |t| {
                is_error(
                    t.send(Call::new("POST", t.endpoint("User")?).with_text("{"))
                        .await?
                        .status(&[400])?,
                )
            }
        )
        .finds(&[21]),
        must!(
            "RFC7644-3.12-e",
            "a duplicate is answered with a SCIM error",
            "answer 409 with schemas, status and scimType",
            async |t| {
                let made = t.user().await?;
                let body = merged(t.new_user(), json!({"userName": made.body["userName"]}));
                is_error(t.create("User", body).await?.status(&[409])?)
            }
        )
        .finds(&[21]),
        must!(
            "RFC7644-3.12-f",
            "a wrong filter is answered with a SCIM error",
            "answer 400 with schemas, status and scimType",
            async |t| {
                t.offers("filter")?;
                is_error(t.find("User", "userName eq").await?.status(&[400])?)
            }
        ),
        must!(
            "RFC7644-3.12-g",
            "status in a SCIM error is a text and the status of the answer",
            "return status as \"404\", not as 404",
            async |t| {
                let said = t
                    .get(&format!("{}/{}", t.endpoint("User")?, t.name()))
                    .await?
                    .refused_somehow()?;
                let status = said.code().to_string();
                said.has("status", status)
            }
        ),
        must!(
            "RFC7644-3.12-h",
            "scimType is a keyword of the RFC, or absent",
            "use invalidFilter, tooMany, uniqueness, mutability, invalidSyntax, invalidPath, \
             noTarget, invalidValue, invalidVers or sensitive",
            async |t| {
                let known = [
                    "",
                    "invalidFilter",
                    "tooMany",
                    "uniqueness",
                    "mutability",
                    "invalidSyntax",
                    "invalidPath",
                    "noTarget",
                    "invalidValue",
                    "invalidVers",
                    "sensitive",
                    "invalidCursor",
                    "expiredCursor",
                    "invalidCount",
                ];
                let made = t.user().await?;
                let wrong = [
                    Call::new("POST", t.endpoint("User")?).with_text("{"),
                    Call::new("POST", t.endpoint("User")?)
                        .with_body(merged(t.new_user(), json!({"userName": null}))),
                    Call::new("GET", format!("{}/{}", t.endpoint("User")?, t.name())),
                    Call::new("PUT", made.path())
                        .with_body(merged(made.body.clone(), json!({"userName": null}))),
                ];
                for call in wrong {
                    let scim_type = t.send(call).await?.refused_somehow()?.string("scimType");
                    ensure(
                        known.contains(&scim_type.as_str()),
                        format!("scimType is {scim_type:?}"),
                    )?;
                }
                Ok(())
            }
        ),
        should!(
            "RFC7644-3.12-i",
            "a SCIM error tells in detail what is wrong",
            "fill detail with a sentence for the person who reads it",
            async |t| {
                t.get(&format!("{}/{}", t.endpoint("User")?, t.name()))
                    .await?
                    .status(&[404])?
                    .has_some("detail")
            }
        ),
        should!(
            "RFC7644-3.12-j",
            "a SCIM error has no members beside schemas, status, scimType and detail",
            "put nothing else into the body of an error: strict clients refuse it",
            async |t| {
                let said = t
                    .get(&format!("{}/{}", t.endpoint("User")?, t.name()))
                    .await?
                    .status(&[404])?;
                let members = said.body().as_object().cloned().unwrap_or_default();
                let others: Vec<_> = members
                    .keys()
                    .filter(|it| {
                        !["schemas", "status", "scimType", "detail"].contains(&it.as_str())
                    })
                    .collect();
                ensure(others.is_empty(), format!("found {others:?}"))
            }
        ),
        must!(
            "RFC7644-3.12-k",
            "no request that a client can send is answered with a server error",
            "answer 4xx to what you cannot read",
            async |t| {
                let users = t.endpoint("User")?;
                let odd = [
                    Call::new("GET", users.clone()).with_query(
                        "filter=%00%ff%5B%5D((((&startIndex=99999999999999999999&count=x",
                    ),
                    Call::new("GET", users.clone())
                        .with_query("sortBy=%5B&sortOrder=sideways&attributes=,,,"),
                    Call::new("GET", format!("{users}/%00%2e%2e%2f")),
                    Call::new("POST", users.clone()).with_body(
                        json!({"schemas": 7, "userName": [], "emails": {"a": {"b": []}}}),
                    ),
                    Call::new("POST", users).with_text(&"[".repeat(5_000)),
                ];
                for call in odd {
                    let said = t.send(call).await?;
                    ensure(
                        said.code() < 500 || said.code() == 501,
                        format!("got status {}", said.code()),
                    )?;
                }
                Ok(())
            }
        )
        .finds(&[32]),
        should!(
            "RFC9110-15.5.6-a",
            "a method that a path does not have is answered 405 with Allow",
            "answer 405, and name the methods in Allow",
            async |t| {
                let made = t.user().await?;
                let said = t
                    .send(Call::new("POST", made.path()).with_body(json!({})))
                    .await?
                    .status(&[405])?;
                let told = said
                    .header("allow")
                    .is_some_and(|allow| allow.contains("GET"));
                said.ensure(told, "expected Allow with GET")
            }
        ),
    ],
};

fn is_error(said: Said) -> Result<Said, Stop> {
    let said = said.has(
        "schemas",
        json!(["urn:ietf:params:scim:api:messages:2.0:Error"]),
    )?;
    let status = at(said.body(), "status").clone();
    let same = status.as_str() == Some(&said.code().to_string())
        || status.as_u64() == Some(said.code().into());
    said.ensure(
        same,
        format!("expected the status of the answer in status, found {status}"),
    )
}
