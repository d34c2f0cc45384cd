//! Who may ask (RFC 7644 §2)?

use serde_json::json;

use crate::client::{Call, Credential};
use crate::suite::{Chapter, Probe, Profile, Said, Stop, must, patch_body, replace, should};

pub(super) static CHAPTER: Chapter = Chapter {
    name: "auth",
    title: "authentication, RFC 7644 §2",
    profile: Profile::Rfc,
    checks: &[
        must!(
            "RFC7644-2-a",
            "reading users without credentials is refused with 401",
            "ask for credentials on every resource endpoint",
            async |t| {
                nobody(t, Call::new("GET", t.endpoint("User")?))
                    .await?
                    .status(&[401])
            }
        ),
        must!(
            "RFC7644-2-b",
            "reading users with a wrong token is refused with 401",
            "check tokens, and answer 401",
            async |t| {
                let call = Call::new("GET", t.endpoint("User")?)
                    .with_header("Authorization", "Bearer scimconf-wrong");
                nobody(t, call).await?.status(&[401])
            }
        ),
        must!(
            "RFC7644-2-c",
            "a 401 tells in WWW-Authenticate how to log in",
            "send WWW-Authenticate with every 401 (RFC 9110 §15.5.2)",
            async |t| {
                let said = nobody(t, Call::new("GET", t.endpoint("User")?))
                    .await?
                    .status(&[401])?;
                let told = said.header("www-authenticate").is_some();
                said.ensure(told, "expected a WWW-Authenticate header")
            }
        ),
        must!(
            "RFC7644-2-d",
            "nothing is created without credentials",
            "ask for credentials before POST",
            async |t| {
                nobody(
                    t,
                    Call::new("POST", t.endpoint("User")?).with_body(t.new_user()),
                )
                .await?
                .status(&[401])
            }
        ),
        must!(
            "RFC7644-2-e",
            "nothing is changed or deleted without credentials",
            "ask for credentials before PUT, PATCH and DELETE",
            async |t| {
                let made = t.user().await?;
                nobody(
                    t,
                    Call::new("PUT", made.path()).with_body(made.body.clone()),
                )
                .await?
                .status(&[401])?;
                nobody(
                    t,
                    Call::new("PATCH", made.path())
                        .with_body(patch_body([replace("displayName", "x")])),
                )
                .await?
                .status(&[401])?;
                nobody(t, Call::new("DELETE", made.path()))
                    .await?
                    .status(&[401])?;
                t.read(&made).await
            }
        ),
        must!(
            "RFC7644-2-f",
            "a token in the query does not count",
            "take credentials from the Authorization header alone",
            async |t| {
                let call =
                    Call::new("GET", t.endpoint("User")?).with_query("access_token=scimconf-wrong");
                nobody(t, call).await?.status(&[401])
            }
        ),
        should!(
            "RFC7644-2-g",
            "a 401 is a SCIM error",
            "answer 401 with schemas, status and detail",
            async |t| {
                nobody(t, Call::new("GET", t.endpoint("User")?))
                    .await?
                    .status(&[401])?
                    .has(
                        "schemas",
                        json!(["urn:ietf:params:scim:api:messages:2.0:Error"]),
                    )
            }
        )
        .finds(&[21]),
        must!(
            "RFC7644-2-h",
            "whether a resource exists is not told without credentials",
            "ask for credentials before looking anything up",
            async |t| {
                let made = t.user().await?;
                let path = format!("{}/{}", t.endpoint("User")?, t.name());
                nobody(t, Call::new("GET", made.path()))
                    .await?
                    .status(&[401])?;
                nobody(t, Call::new("GET", path)).await?.status(&[401])
            }
        ),
    ],
};

async fn nobody(t: &Probe, call: Call) -> Result<Said, Stop> {
    t.send(call.with_credential(Credential::None)).await
}
