//! Does the server do what the IPSIE SCIM profile (OpenID, draft 00) and the interoperability
//! profile (draft-zollner-scim-interop-profile) ask?
//!
//! What the interoperability profile asks against the habits of identity providers is asked only
//! of a server whose configuration says `interopProfileConformant`.

use std::time::Duration;

use serde_json::json;

use crate::client::{Call, Credential};
use crate::suite::{
    Chapter, Made, Probe, Profile, Said, Stop, USER, add, at, ensure, fail, idp, merged,
    not_applicable, pathless, refs, replace, values,
};

pub(super) static CHAPTER: Chapter = Chapter {
    name: "ipsie",
    title: "IPSIE and the interoperability profile",
    profile: Profile::Ipsie,
    checks: &[
        idp!(
            "IPSIE-filter-user-name",
            "users are found by userName",
            "make userName filterable",
            async |t| {
                t.selects(&[], r#"userName eq "{mark}-ada@example.com""#, &["ada"])
                    .await
            }
        ),
        idp!(
            "IPSIE-filter-external-id",
            "users are found by externalId",
            "make externalId filterable",
            async |t| {
                t.selects(&["externalId"], r#"externalId eq "{mark}-X-ada""#, &["ada"])
                    .await
            }
        )
        .finds(&[13]),
        idp!(
            "IPSIE-filter-email",
            "users are found by emails[value eq \"…\"]",
            "read brackets in filters",
            async |t| {
                t.selects(
                    &["emails"],
                    r#"emails[value eq "{mark}-ada@home.example"]"#,
                    &["ada"],
                )
                .await
            }
        ),
        idp!(
            "IPSIE-filter-work-email",
            "users are found by emails[type eq \"work\" and value eq \"…\"]",
            "read and inside brackets",
            async |t| {
                t.selects(
                    &["emails", "emails.type"],
                    r#"emails[type eq "work" and value eq "{mark}-ada@work.example"]"#,
                    &["ada"],
                )
                .await
            }
        ),
        idp!(
            "IPSIE-filter-group-name",
            "groups are found by displayName",
            "make displayName of groups filterable",
            async |t| {
                t.endpoint("Group")?;
                let people = t.people().await?;
                t.find("Group", &format!(r#"displayName eq "{} staff""#, t.mark()))
                    .await?
                    .list()?
                    .has_only(&people.staff.id)
            }
        ),
        idp!(
            "IPSIE-filter-group-external-id",
            "groups are found by externalId",
            "make externalId of groups filterable",
            async |t| {
                t.endpoint("Group")?;
                let name = t.name();
                let group = t.group_with(&[], json!({"externalId": name})).await?;
                t.find("Group", &format!(r#"externalId eq "{name}""#))
                    .await?
                    .list()?
                    .has_only(&group.id)
            }
        ),
        idp!(
            "IPSIE-filter-member",
            "the groups of a user are found by members[value eq \"…\"]",
            "make members filterable by value",
            async |t| {
                t.needs("Group", &["members"])?;
                let people = t.people().await?;
                t.find(
                    "Group",
                    &format!(r#"members[value eq "{}"]"#, people.id("ada")?),
                )
                .await?
                .list()?
                .has_only(&people.staff.id)
            }
        ),
        idp!(
            "IPSIE-fifty-member-operations",
            "one PATCH may hold 50 operations on members",
            "accept 50 operations in one PATCH",
            async |t| {
                t.needs("Group", &["members"])?;
                let people = t.people().await?;
                let group = t.group(&[]).await?;
                let users = people.users.iter().cycle().take(50);
                t.patched(&group, users.map(|user| add("members", refs(&[user]))))
                    .await?
                    .counts("members", people.users.len())
            }
        )
        .finds(&[16]),
        idp!(
            "IPSIE-bulk",
            "the server supports bulk operations",
            "serve /Bulk and say so in ServiceProviderConfig",
            async |t| {
                ensure(
                    t.discovered().supports("bulk") == Some(true),
                    "bulk.supported is not true",
                )
            }
        )
        .finds(&[22]),
        idp!(
            "IPSIE-thousand-per-page",
            "no page holds more than 1,000 users",
            "bound the size of pages",
            async |t| {
                let listed = t
                    .query(
                        &t.endpoint("User")?,
                        &[("count", "5000"), ("attributes", "id")],
                    )
                    .await?
                    .list()?;
                ensure(
                    listed.resources.len() <= 1_000,
                    format!("found {} users", listed.resources.len()),
                )
            }
        ),
        idp!(
            "IPSIE-25-requests-a-second",
            "50 requests within two seconds are not refused with 429",
            "allow at least 25 requests a second from one tenant",
            async |t| {
                let made = t.user().await?;
                let before = t.times_refused();
                for _round in 0..5 {
                    let path = made.path();
                    let get = || t.get(&path);
                    tokio::try_join!(
                        get(),
                        get(),
                        get(),
                        get(),
                        get(),
                        get(),
                        get(),
                        get(),
                        get(),
                        get()
                    )?;
                    tokio::time::sleep(Duration::from_millis(300)).await;
                }
                ensure(t.times_refused() == before, "the server answered 429")
            }
        ),
        idp!(
            "IPSIE-retry-after",
            "a 429 tells in Retry-After when to come back",
            "send Retry-After with 429",
            async |t| {
                match t.last_refusal() {
                    Some(told) => ensure(told, "expected Retry-After with 429"),
                    None => not_applicable("the server never answered 429"),
                }
            }
        ),
        idp!(
            "IPSIE-no-password",
            "a user needs no password",
            "do not require password",
            async |t| {
                let body = merged(t.new_user(), json!({"password": null}));
                t.create("User", body)
                    .await?
                    .status(&[201])?
                    .lacks("password")
            }
        ),
        idp!(
            "IPSIE-deactivation-is-seen",
            "a deactivated user is inactive in the next answer, alone and in lists",
            "do not answer from a cache",
            async |t| {
                t.needs("User", &["active"])?;
                let made = t.user().await?;
                t.patched(&made, [replace("active", false)])
                    .await?
                    .has("active", false)?;
                t.find("User", &format!(r#"id eq "{}""#, made.id))
                    .await?
                    .list()?
                    .has_only(&made.id)?
                    .said
                    .has("Resources.active", false)
            }
        )
        .finds(&[30]),
        idp!(
            "IPSIE-tls",
            "the server is reached over TLS",
            "serve https only",
            async |t| {
                let (base, _path) = t.origin_and_path();
                let local = ["http://127.", "http://localhost", "http://[::1]"]
                    .iter()
                    .any(|beginning| base.starts_with(beginning));
                if local {
                    not_applicable("the server is on this machine")
                } else {
                    ensure(
                        base.starts_with("https://"),
                        format!("the address is {base}"),
                    )
                }
            }
        ),
        idp!(
            "IPSIE-oauth-metadata",
            "the authorization server publishes its metadata (RFC 8414) with client_credentials \
             among its grant types",
            "serve /.well-known/oauth-authorization-server, or point to the authorization server",
            async |t| {
                let said = t
                    .metadata()
                    .await?
                    .status(&[200])?
                    .has_some("issuer")?
                    .has_some("token_endpoint")?;
                let grants = at(said.body(), "grant_types_supported").clone();
                said.ensure(
                    values(&grants).iter().any(|it| it == "client_credentials"),
                    format!("grant_types_supported is {grants}"),
                )
            }
        ),
        idp!(
            "IPSIE-scheme-oauth",
            "the configuration lists oauth2 or oauthbearertoken among the authentication schemes",
            "list the scheme under authenticationSchemes",
            async |t| {
                let schemes = at(&t.discovered().config, "authenticationSchemes");
                let listed = values(schemes)
                    .iter()
                    .any(|it| at(it, "type") == "oauth2" || at(it, "type") == "oauthbearertoken");
                ensure(listed, format!("authenticationSchemes is {schemes}"))
            }
        ),
        idp!(
            "INTEROP-resource-type-ids",
            "the id of each resource type is its name",
            "give resource types the ids User and Group",
            async |t| {
                for declared in &t.discovered().types {
                    ensure(
                        at(declared, "id") == at(declared, "name"),
                        format!("{} has the id {}", at(declared, "name"), at(declared, "id")),
                    )?;
                }
                ensure(
                    !t.discovered().types.is_empty(),
                    "/ResourceTypes lists nothing",
                )
            }
        ),
        idp!(
            "INTEROP-user-name-case",
            "userName is declared caseExact: false",
            "declare userName as caseExact: false",
            async |t| {
                let declared = t
                    .discovered()
                    .schema(USER)
                    .and_then(|_| t.discovered().attribute("User", "userName"));
                let Some(declared) = declared else {
                    return fail("/Schemas has no userName");
                };
                ensure(
                    at(&declared, "caseExact") == false,
                    "expected caseExact: false",
                )
            }
        ),
        idp!(
            "INTEROP-canonical-types",
            "type of emails and phoneNumbers lists its canonicalValues",
            "list work, home and so on as canonicalValues",
            async |t| {
                for path in ["emails.type", "phoneNumbers.type"] {
                    t.needs("User", &[path])?;
                    let declared = t.discovered().attribute("User", path).unwrap_or_default();
                    ensure(
                        !values(at(&declared, "canonicalValues")).is_empty(),
                        format!("{path} has no canonicalValues"),
                    )?;
                }
                Ok(())
            }
        ),
        idp!(
            "INTEROP-and-filter",
            "eq and and are supported in filters",
            "apply both",
            async |t| {
                t.selects(
                    &["externalId"],
                    r#"userName eq "{mark}-ada@example.com" and externalId eq "{mark}-X-ada""#,
                    &["ada"],
                )
                .await
            }
        ),
        idp!(
            "INTEROP-unknown-filter-attribute",
            "a filter on an attribute that no schema has is refused with invalidFilter",
            "answer 400 with invalidFilter",
            async |t| {
                t.find("User", r#"scimconfUnknown eq "x""#)
                    .await?
                    .refused(400, &["invalidFilter"])
            }
        ),
        idp!(
            "INTEROP-page-of-hundred",
            "a page holds 100 resources unless fewer are asked for",
            "make the default page at least 100",
            async |t| {
                let listed = t
                    .query(&t.endpoint("User")?, &[("attributes", "id")])
                    .await?
                    .list()?;
                let found = u64::try_from(listed.resources.len()).unwrap_or(u64::MAX);
                ensure(
                    found >= listed.total.min(100),
                    format!("found {found} of {}", listed.total),
                )
            }
        ),
        idp!(
            "INTEROP-delete-frees-name",
            "DELETE frees the userName",
            "leave deleted users out when looking for duplicates",
            async |t| {
                let made = t.user().await?;
                t.delete(&made).await?.status(&[204])?;
                t.create(
                    "User",
                    merged(t.new_user(), json!({"userName": made.body["userName"]})),
                )
                .await?
                .status(&[201])
            }
        ),
        idp!(
            "INTEROP-no-etags-needed",
            "a change needs no If-Match",
            "accept changes without a version",
            async |t| {
                t.needs("User", &["displayName"])?;
                let made = t.user().await?;
                t.put_over(&made, json!({"displayName": "No version"}))
                    .await?
                    .has("displayName", "No version")
            }
        ),
        idp!(
            "INTEROP-undefined-attribute",
            "an attribute that no schema has is refused with invalidSyntax",
            "answer 400 with invalidSyntax",
            async |t| {
                claimed(t)?;
                t.create(
                    "User",
                    merged(t.new_user(), json!({"scimconfUnknown": "x"})),
                )
                .await?
                .refused(400, &["invalidSyntax"])
            }
        ),
        idp!(
            "INTEROP-path-is-needed",
            "a PATCH operation without a path is refused",
            "answer 400 with invalidPath or invalidSyntax",
            async |t| {
                let made = profiled(t).await?;
                t.patch(&made, [pathless("replace", json!({"displayName": "x"}))])
                    .await?
                    .status(&[400])
            }
        ),
        idp!(
            "INTEROP-replace-is-whole",
            "replace of a complex attribute replaces it as a whole",
            "drop the sub-attributes that the value does not name",
            async |t| {
                let made = profiled(t).await?;
                t.needs("User", &["name.familyName"])?;
                t.patched(&made, [replace("name", json!({"givenName": "Whole"}))])
                    .await?
                    .lacks("name.familyName")
            }
        ),
        idp!(
            "INTEROP-brackets-need-sub-attribute",
            "a path that ends at its brackets is refused for add and replace",
            "answer 400 with invalidPath",
            async |t| {
                let made = profiled(t).await?;
                t.needs("User", &["emails.type"])?;
                t.patch(
                    &made,
                    [replace(
                        r#"emails[type eq "work"]"#,
                        json!({"value": "x@example.com"}),
                    )],
                )
                .await?
                .status(&[400])
            }
        ),
        idp!(
            "INTEROP-one-match",
            "a path that selects more than one value is refused with invalidFilter",
            "answer 400 with invalidFilter",
            async |t| {
                claimed(t)?;
                t.needs("User", &["emails.type"])?;
                let name = t.name();
                let made = t.user_with(json!({"emails": [
                    {"value": format!("{name}@a.example"), "type": "work"}, {"value": format!("{name}@b.example"), "type": "work"},
                ]})).await?;
                t.patch(&made, [replace(r#"emails[type eq "work"].display"#, "x")])
                    .await?
                    .refused(400, &["invalidFilter"])
            }
        ),
    ],
};

fn claimed(t: &Probe) -> Result<(), Stop> {
    if at(&t.discovered().config, "interopProfileConformant") == true {
        return Ok(());
    }
    not_applicable("ServiceProviderConfig does not say interopProfileConformant")
}

async fn profiled(t: &Probe) -> Result<Made, Stop> {
    claimed(t)?;
    t.user().await
}

impl Probe {
    /// Where RFC 8414 §3.1 puts the metadata: between host and path of the issuer, or at the root.
    async fn metadata(&self) -> Result<Said, Stop> {
        const WELL_KNOWN: &str = "/.well-known/oauth-authorization-server";
        let (origin, path) = self.origin_and_path();
        let mut said = self
            .get_absolute(&format!("{origin}{WELL_KNOWN}{path}"))
            .await?;
        let mut issuer = path.as_str();
        while said.code() != 200 && !issuer.is_empty() {
            issuer = issuer.rsplit_once('/').map_or("", |(issuer, _)| issuer);
            said = self
                .get_absolute(&format!("{origin}{WELL_KNOWN}{issuer}"))
                .await?;
        }
        Ok(said)
    }

    async fn get_absolute(&self, url: &str) -> Result<Said, Stop> {
        self.send(Call::new("GET", url).with_credential(Credential::None))
            .await
    }
}
