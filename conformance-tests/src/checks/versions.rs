//! Are versions kept and asked for as RFC 7644 §3.14 says?

use serde_json::json;

use crate::client::Call;
use crate::suite::{
    Chapter, Made, Probe, Profile, Said, Stop, ensure, fail, merged, must, patch_body, replace,
};

pub(super) static CHAPTER: Chapter = Chapter {
    name: "versions",
    title: "versions and entity tags, RFC 7644 §3.14",
    profile: Profile::Rfc,
    checks: &[
        must!(
            "RFC7644-3.14-a",
            "GET tells the version in the header ETag and in meta.version",
            "send both, or say that etag is not supported",
            async |t| {
                let made = made(t).await?;
                let said = t.read(&made).await?;
                let Some(tag) = said.header("etag").map(str::to_owned) else {
                    return fail("expected an ETag header");
                };
                said.has("meta.version", tag).map(drop)
            }
        ),
        must!(
            "RFC7644-3.14-b",
            "POST tells the version, too",
            "send ETag with a 201",
            async |t| {
                made(t).await?;
                let said = t.create("User", t.new_user()).await?.status(&[201])?;
                let same = said.header("etag") == Some(&said.string("meta.version"));
                said.ensure(same, "expected ETag and meta.version to be the same")
            }
        ),
        must!(
            "RFC7644-3.14-c",
            "a change changes the version",
            "give each state of a resource a version of its own",
            async |t| {
                let made = made(t).await?;
                let before = version(t, &made).await?;
                t.put_over(&made, json!({"displayName": "Another version"}))
                    .await?;
                ensure(
                    before != version(t, &made).await?,
                    format!("the version stayed {before}"),
                )
            }
        ),
        must!(
            "RFC7644-3.14-d",
            "GET with If-None-Match and the present version answers 304",
            "answer 304 without a body where the version is the same",
            async |t| {
                let made = made(t).await?;
                let tag = version(t, &made).await?;
                // groups are derived, so a version need not speak for them.
                let call = Call::new("GET", made.path())
                    .with_query("excludedAttributes=groups")
                    .with_header("If-None-Match", &tag);
                t.send(call).await?.status(&[304])
            }
        ),
        must!(
            "RFC7644-3.14-e",
            "GET with If-None-Match and another version answers 200",
            "compare the versions",
            async |t| {
                let made = made(t).await?;
                with(t, "GET", &made, "If-None-Match", "W/\"scimconf\"")
                    .await?
                    .status(&[200])?
                    .has("id", made.id)
            }
        ),
        must!(
            "RFC7644-3.14-f",
            "PUT with If-Match and another version answers 412 and changes nothing",
            "answer 412 where the version differs",
            async |t| {
                let made = made(t).await?;
                with(t, "PUT", &made, "If-Match", "W/\"scimconf\"")
                    .await?
                    .status(&[412])?;
                t.read(&made)
                    .await?
                    .has("displayName", made.body["displayName"].clone())
            }
        ),
        must!(
            "RFC7644-3.14-g",
            "PATCH with If-Match and another version answers 412 and changes nothing",
            "answer 412 where the version differs",
            async |t| {
                t.offers("patch")?;
                let made = made(t).await?;
                with(t, "PATCH", &made, "If-Match", "W/\"scimconf\"")
                    .await?
                    .status(&[412])?;
                t.read(&made)
                    .await?
                    .has("displayName", made.body["displayName"].clone())
            }
        ),
        must!(
            "RFC7644-3.14-h",
            "DELETE with If-Match and another version answers 412 and deletes nothing",
            "answer 412 where the version differs",
            async |t| {
                let made = made(t).await?;
                with(t, "DELETE", &made, "If-Match", "W/\"scimconf\"")
                    .await?
                    .status(&[412])?;
                t.read(&made).await
            }
        ),
        must!(
            "RFC7644-3.14-i",
            "PUT with If-Match and the present version succeeds",
            "compare versions weakly: W/ is part of the tag that you send",
            async |t| {
                let made = made(t).await?;
                let tag = version(t, &made).await?;
                with(t, "PUT", &made, "If-Match", &tag)
                    .await?
                    .status(&[200])?
                    .has("displayName", "Conditional")
            }
        ),
        must!(
            "RFC7644-3.14-j",
            "If-Match: * succeeds for a resource that exists",
            "read * as any version",
            async |t| {
                let made = made(t).await?;
                with(t, "PUT", &made, "If-Match", "*").await?.status(&[200])
            }
        ),
        must!(
            "RFC7644-3.14-k",
            "a list tells the version of each resource",
            "return meta.version in lists",
            async |t| {
                t.offers("filter")?;
                let made = made(t).await?;
                let tag = version(t, &made).await?;
                let listed = t
                    .find("User", &format!(r#"id eq "{}""#, made.id))
                    .await?
                    .list()?;
                listed.said.has("Resources.meta.version", tag)
            }
        ),
    ],
};

async fn made(t: &Probe) -> Result<Made, Stop> {
    t.offers("etag")?;
    t.needs("User", &["displayName"])?;
    t.user().await
}

async fn version(t: &Probe, made: &Made) -> Result<String, Stop> {
    let said = t.read(made).await?;
    match said.header("etag") {
        Some(tag) => Ok(tag.to_owned()),
        None => fail("expected an ETag header"),
    }
}

/// A request that would change `displayName`, if it is one that changes something.
async fn with(t: &Probe, method: &str, made: &Made, header: &str, tag: &str) -> Result<Said, Stop> {
    let call = Call::new(method, made.path()).with_header(header, tag);
    let call = match method {
        "PUT" => call.with_body(merged(
            made.body.clone(),
            json!({"displayName": "Conditional"}),
        )),
        "PATCH" => call.with_body(patch_body([replace("displayName", "Conditional")])),
        _ => call,
    };
    t.send(call).await
}
