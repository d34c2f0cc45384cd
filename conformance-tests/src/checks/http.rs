//! Are media types, headers and texts as RFC 7644 §3.1 and §3.8 say?

use serde_json::json;

use crate::client::Call;
use crate::suite::{Chapter, Profile, merged, must, should};

pub(super) static CHAPTER: Chapter = Chapter {
    name: "http",
    title: "media types and HTTP, RFC 7644 §3.1, §3.2, §3.8 and §8.1",
    profile: Profile::Rfc,
    checks: &[
        must!(
            "RFC7644-3.8-a",
            "application/scim+json is answered to a client that accepts it",
            "answer with Content-Type: application/scim+json",
            async |t| {
                let made = t.user().await?;
                let said = t
                    .send(
                        Call::new("GET", made.path())
                            .with_header("Accept", "application/scim+json"),
                    )
                    .await?
                    .status(&[200])?;
                let right = said
                    .header("content-type")
                    .is_some_and(|it| it.starts_with("application/scim+json"));
                said.ensure(right, "expected Content-Type application/scim+json")
            }
        ),
        must!(
            "RFC7644-3.8-b",
            "a client that accepts nothing in particular gets application/scim+json",
            "make application/scim+json the default",
            async |t| {
                let made = t.user().await?;
                let said = t.read(&made).await?;
                let right = said
                    .header("content-type")
                    .is_some_and(|it| it.starts_with("application/scim+json"));
                said.ensure(right, "expected Content-Type application/scim+json")
            }
        ),
        must!(
            "RFC7644-3.8-c",
            "errors are application/scim+json, too",
            "answer errors with the media type of SCIM",
            async |t| {
                let said = t
                    .get(&format!("{}/{}", t.endpoint("User")?, t.name()))
                    .await?
                    .status(&[404])?;
                let right = said
                    .header("content-type")
                    .is_some_and(|it| it.starts_with("application/scim+json"));
                said.ensure(right, "expected Content-Type application/scim+json")
            }
        )
        .finds(&[21]),
        must!(
            "RFC7644-3.1-a",
            "a body of type application/scim+json is accepted",
            "accept application/scim+json",
            async |t| {
                let call = Call::new("POST", t.endpoint("User")?)
                    .with_header("Content-Type", "application/scim+json")
                    .with_body(t.new_user());
                t.send(call).await?.status(&[201])
            }
        )
        .finds(&[21]),
        must!(
            "RFC7644-3.1-b",
            "a media type may have a charset",
            "read parameters of media types",
            async |t| {
                let call = Call::new("POST", t.endpoint("User")?)
                    .with_header("Content-Type", "application/scim+json; charset=utf-8")
                    .with_body(t.new_user());
                t.send(call).await?.status(&[201])
            }
        )
        .finds(&[21]),
        should!(
            "RFC7644-3.8-d",
            "a body of type application/json is accepted",
            "accept application/json as well",
            async |t| {
                let call = Call::new("POST", t.endpoint("User")?)
                    .with_header("Content-Type", "application/json")
                    .with_body(t.new_user());
                t.send(call).await?.status(&[201])
            }
        )
        .finds(&[21]),
        should!(
            "RFC7644-3.8-e",
            "a client that accepts application/json gets an answer",
            "answer clients that ask for application/json",
            async |t| {
                let made = t.user().await?;
                t.send(Call::new("GET", made.path()).with_header("Accept", "application/json"))
                    .await?
                    .status(&[200])?
                    .has("id", made.id)
            }
        ),
        should!(
            "RFC7644-3.1-c",
            "a body of another type is refused with 415 or 400",
            "refuse text/plain and the like",
            async |t| {
                let call = Call::new("POST", t.endpoint("User")?)
                    .with_header("Content-Type", "text/plain")
                    .with_body(t.new_user());
                t.send(call).await?.status(&[415, 400])
            }
        ),
        must!(
            "RFC7644-3.8-f",
            "texts are UTF-8",
            "read and write UTF-8",
            async |t| {
                t.needs("User", &["displayName"])?;
                let text = "Ünïcödé 名前 🙂";
                let said = t
                    .create("User", merged(t.new_user(), json!({"displayName": text})))
                    .await?
                    .status(&[201])?;
                said.has("displayName", text)
            }
        ),
        must!(
            "RFC7644-3.1-d",
            "what a client does not know of the query is passed over",
            "pass over unknown query parameters: identity providers add their own",
            async |t| {
                let made = t.user().await?;
                t.query(&made.path(), &[("scimconfUnknown", "1")])
                    .await?
                    .status(&[200])
            }
        ),
        must!(
            "RFC7643-2.3-c",
            "escapes in JSON are read as the signs they stand for",
            "use a JSON parser that follows RFC 8259",
            async |t| {
                t.needs("User", &["displayName"])?;
                let mut body = t.new_user();
                body["displayName"] = json!("MARK");
                let text = body
                    .to_string()
                    .replace("MARK", "\\u00c4\\u0022\\uD83D\\uDE42\\/");
                let call = Call::new("POST", t.endpoint("User")?).with_text(&text);
                t.send(call)
                    .await?
                    .status(&[201])?
                    .has("displayName", "Ä\"🙂/")
            }
        ),
    ],
};
