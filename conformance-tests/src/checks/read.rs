//! Is a resource read as RFC 7644 §3.4.1 says, with the attributes that were asked for (§3.9)?

use serde_json::json;

use crate::suite::{Chapter, ENTERPRISE, Profile, USER, must, not_applicable, should};

pub(super) static CHAPTER: Chapter = Chapter {
    name: "read",
    title: "reading a resource, RFC 7644 §3.4.1 and §3.9",
    profile: Profile::Rfc,
    checks: &[
        must!(
            "RFC7644-3.4.1-a",
            "GET of a resource answers 200 with the resource that was created",
            "serve each resource at its URI",
            async |t| {
                let made = t.user().await?;
                let said = t.get(&made.path()).await?.status(&[200])?;
                said.has("id", made.id)?
                    .has("userName", made.body["userName"].clone())
            }
        ),
        must!(
            "RFC7644-3.4.1-b",
            "GET of an unknown id answers 404",
            "answer 404 with a SCIM error",
            async |t| {
                t.get(&format!("{}/{}", t.endpoint("User")?, t.name()))
                    .await?
                    .status(&[404])
            }
        ),
        must!(
            "RFC7644-3.4.1-c",
            "a user's id is none of a group's",
            "look ids up among resources of the type that the path names",
            async |t| {
                let made = t.user().await?;
                t.get(&format!("{}/{}", t.endpoint("Group")?, made.id))
                    .await?
                    .status(&[404])
            }
        ),
        must!(
            "RFC7644-3.4.1-d",
            "meta.location is the URI under which a resource is read",
            "return the same absolute URI everywhere",
            async |t| {
                let made = t.user().await?;
                t.read(&made)
                    .await?
                    .has("meta.location", format!("{}{}", t.base(), made.path()))
            }
        ),
        should!(
            "RFC7644-3.4.1-e",
            "reading does not change meta.lastModified",
            "change lastModified only when the resource changes",
            async |t| {
                let made = t.user().await?;
                let before = t.read(&made).await?.string("meta.lastModified");
                t.read(&made).await?.has("meta.lastModified", before)
            }
        ),
        must!(
            "RFC7644-3.9-b",
            "attributes chooses what is returned, beside what is always returned",
            "apply the parameter attributes",
            async |t| {
                let made = t.user().await?;
                let said = t
                    .query(&made.path(), &[("attributes", "userName")])
                    .await?
                    .status(&[200])?;
                said.has_some("id")?
                    .has_some("userName")?
                    .lacks("name")?
                    .lacks("emails")
            }
        ),
        must!(
            "RFC7644-3.9-c",
            "excludedAttributes leaves out what it names",
            "apply the parameter excludedAttributes",
            async |t| {
                t.needs("User", &["emails", "name"])?;
                let made = t.user().await?;
                let said = t
                    .query(&made.path(), &[("excludedAttributes", "emails,name")])
                    .await?
                    .status(&[200])?;
                said.lacks("emails")?.lacks("name")?.has_some("userName")
            }
        )
        .finds(&[32]),
        must!(
            "RFC7644-3.9-d",
            "id and schemas are returned even where excludedAttributes names them",
            "never leave out an attribute whose returned is always",
            async |t| {
                let made = t.user().await?;
                let said = t
                    .query(&made.path(), &[("excludedAttributes", "id,schemas")])
                    .await?
                    .status(&[200])?;
                said.has("id", made.id)?.has_some("schemas")
            }
        ),
        must!(
            "RFC7644-3.9-e",
            "attributes may name a sub-attribute",
            "apply attributes to sub-attributes: name.familyName",
            async |t| {
                t.needs("User", &["name.familyName", "name.givenName"])?;
                let made = t.user().await?;
                let said = t
                    .query(&made.path(), &[("attributes", "name.familyName")])
                    .await?
                    .status(&[200])?;
                said.has_some("name.familyName")?
                    .lacks("name.givenName")?
                    .lacks("userName")
            }
        ),
        must!(
            "RFC7644-3.9-f",
            "excludedAttributes may name a sub-attribute",
            "apply excludedAttributes to sub-attributes: name.familyName",
            async |t| {
                t.needs("User", &["name.familyName", "name.givenName"])?;
                let made = t.user().await?;
                let said = t
                    .query(&made.path(), &[("excludedAttributes", "name.familyName")])
                    .await?
                    .status(&[200])?;
                said.has_some("name.givenName")?.lacks("name.familyName")
            }
        ),
        must!(
            "RFC7644-3.10-a",
            "attributes may be named with the URN of their schema, and without regard to case",
            "read urn:…:User:userName and USERNAME as userName",
            async |t| {
                let made = t.user().await?;
                for name in [format!("{USER}:userName"), "USERNAME".to_owned()] {
                    let said = t
                        .query(&made.path(), &[("attributes", &name)])
                        .await?
                        .status(&[200])?;
                    said.has_some("userName")?.lacks("emails")?;
                }
                Ok(())
            }
        ),
        must!(
            "RFC7644-3.10-b",
            "attributes may name an attribute of an extension with its URN",
            "read urn:…:enterprise:2.0:User:department in attributes",
            async |t| {
                let department = format!("{ENTERPRISE}:department");
                t.needs("User", &[&department])?;
                let made = t
                    .user_with(json!({ENTERPRISE: {"department": "Tools"}}))
                    .await?;
                let said = t
                    .query(&made.path(), &[("attributes", &department)])
                    .await?
                    .status(&[200])?;
                said.has(&department, "Tools")?.lacks("userName")
            }
        ),
        should!(
            "RFC7643-4.1.2-a",
            "groups of a user tells the groups that the user is in",
            "derive groups from the members of groups",
            async |t| {
                t.needs("Group", &["members"])?;
                if t.discovered().attribute("User", "groups").is_none() {
                    return not_applicable("the schema of users has no groups");
                }
                let user = t.user().await?;
                let group = t.group(&[&user]).await?;
                t.read(&user)
                    .await?
                    .has("groups", json!([{"value": group.id}]))
            }
        ),
        should!(
            "RFC7643-4.2-c",
            "a member tells its $ref and type",
            "add $ref with the URI of the member, and type",
            async |t| {
                t.needs("Group", &["members"])?;
                let user = t.user().await?;
                let group = t.group(&[&user]).await?;
                t.read(&group)
                    .await?
                    .has("members", json!([{"value": user.id, "type": "User"}]))?
                    .has_some("members.$ref")
            }
        ),
        must!(
            "RFC7644-3.9-g",
            "excludedAttributes leaves the members of a group out",
            "apply excludedAttributes=members, or large groups cannot be read",
            async |t| {
                t.needs("Group", &["members"])?;
                let user = t.user().await?;
                let group = t.group(&[&user]).await?;
                let said = t
                    .query(&group.path(), &[("excludedAttributes", "members")])
                    .await?
                    .status(&[200])?;
                said.lacks("members")?.has_some("displayName")
            }
        )
        .finds(&[16]),
    ],
};
