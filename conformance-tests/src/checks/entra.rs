//! Are users found, created and deleted as Microsoft Entra ID needs it?
//!
//! The shapes are those of Microsoft's documentation of provisioning: the defaults, and those with
//! the flag `aadOptscim062020`.

use serde_json::{Value, json};

use crate::client::Call;
use crate::suite::{Chapter, ENTERPRISE, Profile, USER, ensure, fail, idp, merged};

pub(super) static CHAPTER: Chapter = Chapter {
    name: "entra",
    title: "Microsoft Entra ID: looking up, creating and deleting",
    profile: Profile::Entra,
    checks: &[
        idp!(
            "ENTRA-connection-test",
            "the connection test, a filter that matches nobody, is answered 200 and an empty list",
            "answer 200 with totalResults 0; a 404 leads to quarantine",
            async |t| { t.find("User", r#"userName eq "7f9c24e5-5c5b-4d2f-8d2c-1d0a9f1c3b7e""#).await?.list()?.has_none() }
        ),
        idp!(
            "ENTRA-match-external-id",
            "users are found by externalId",
            "make externalId filterable, or every cycle creates duplicates",
            async |t| { t.selects(&["externalId"], r#"externalId eq "{mark}-X-dora""#, &["dora"]).await }
        )
        .finds(&[13]),
        idp!(
            "ENTRA-match-work-email",
            "users are found by emails[type eq \"work\"].value eq \"…\"",
            "read a sub-attribute behind brackets in filters",
            async |t| {
                let filter = r#"emails[type eq "work"].value eq "{mark}-dora@work.example""#;
                t.selects(&["emails", "emails.type"], filter, &["dora"]).await
            }
        )
        .finds(&[9]),
        idp!(
            "ENTRA-match-unquoted",
            "a filter whose value has no quotes finds the user",
            "accept externalId eq jyoung as the documentation shows it",
            async |t| { t.selects(&["externalId"], "externalId eq {mark}-X-dora", &["dora"]).await }
        )
        .finds(&[13]),
        idp!(
            "ENTRA-match-any-case",
            "a userName is found in another case",
            "compare userName without regard to case",
            async |t| { t.selects(&[], &format!(r#"userName eq "{}-DORA@EXAMPLE.COM""#, t.mark()), &["dora"]).await }
        )
        .finds(&[14]),
        idp!(
            "ENTRA-match-apostrophe",
            "a value with an apostrophe is found",
            "take values literally",
            async |t| { t.selects(&["title"], r#"title eq "O'Neil \"Ace\" {mark}""#, &["cem"]).await }
        )
        .finds(&[15]),
        idp!(
            "ENTRA-manager-check",
            "the check of a manager, id eq … and manager eq …, is answered 200",
            "read manager as manager.value in filters",
            async |t| {
                let manager = format!("{ENTERPRISE}:manager");
                t.needs("User", &[&manager])?;
                let boss = t.user().await?;
                let made = t.user_with(json!({ENTERPRISE: {"manager": {"value": boss.id}}})).await?;
                let filter = format!(r#"id eq "{}" and manager eq "{}""#, made.id, boss.id);
                let query = [("filter", filter.as_str()), ("attributes", "id")];
                t.query(&t.endpoint("User")?, &query).await?.list()?.has_only(&made.id)
            }
        )
        .finds(&[11]),
        idp!(
            "ENTRA-flag-in-the-query",
            "the flag aadOptscim062020 in the query is passed over",
            "pass over unknown query parameters, also without a value",
            async |t| {
                let filter = format!("aadOptscim062020&filter=userName%20eq%20%22{}%22", t.name());
                t.send(Call::new("GET", t.endpoint("User")?).with_query(filter)).await?.list()?.has_none()
            }
        ),
        idp!(
            "ENTRA-create-user",
            "a user is created from the documented body, with roles: [] and meta",
            "accept empty lists and pass over meta.resourceType",
            async |t| {
                let name = t.name();
                let body = json!({
                    "schemas": [USER, ENTERPRISE],
                    "externalId": name,
                    "userName": format!("{name}@example.com"),
                    "active": true,
                    "emails": [{"primary": true, "type": "work", "value": format!("{name}@work.example")}],
                    "meta": {"resourceType": "User"},
                    "name": {"formatted": "givenName familyName", "familyName": "familyName", "givenName": "givenName"},
                    "roles": [],
                });
                t.create("User", body).await?.status(&[201])?.has("externalId", name)?.has("active", true)?.lacks("roles")
            }
        ),
        idp!(
            "ENTRA-create-with-nulls",
            "nulls in a new user are no values",
            "treat null as absent",
            async |t| {
                t.needs("User", &["displayName"])?;
                let mut body = t.new_user();
                for name in ["title", "preferredLanguage", "displayName", "phoneNumbers"] {
                    body[name] = Value::Null;
                }
                t.create("User", body).await?.status(&[201])?.lacks("displayName")?.lacks("title")
            }
        ),
        idp!(
            "ENTRA-create-misspelled-urn",
            "the enterprise URN without its last colon, which one documented body has, is no \
             reason to refuse a user",
            "accept urn:…:enterprise:2.0User as the extension, or pass over it",
            async |t| {
                let misspelled = ENTERPRISE.replace("2.0:User", "2.0User");
                let body = merged(t.new_user(), json!({"schemas": [USER, misspelled]}));
                t.create("User", body).await?.status(&[201])
            }
        ),
        idp!(
            "ENTRA-create-undeclared-extension",
            "an extension in a body counts although schemas does not name it",
            "read extensions by their keys",
            async |t| {
                let department = format!("{ENTERPRISE}:department");
                t.needs("User", &[&department])?;
                let body = merged(t.new_user(), json!({ENTERPRISE: {"department": "Tools"}}));
                t.create("User", body).await?.status(&[201])?.has(&department, "Tools")
            }
        ),
        idp!(
            "ENTRA-create-roles-as-text",
            "a role with \"primary\": \"True\" is accepted",
            "read \"True\" as true in sub-attributes, too",
            async |t| {
                t.needs("User", &["roles"])?;
                let roles = json!([{"primary": "True", "type": "WindowsAzureActiveDirectoryRole", "value": "Admin"}]);
                let body = merged(t.new_user(), json!({"roles": roles}));
                t.create("User", body).await?.status(&[201])?.has("roles.value", "Admin")
            }
        )
        .finds(&[8]),
        idp!(
            "ENTRA-values-unmodified",
            "values come back as they were sent",
            "store texts without trimming, folding or formatting",
            async |t| {
                t.needs("User", &["displayName", "phoneNumbers"])?;
                let name = t.name();
                let user_name = format!("{name}.MiXed@Example.COM");
                let made = t.user_with(json!({"userName": user_name, "displayName": "MiXed  Case", "phoneNumbers": [{"type": "work", "value": "+41 (0)44 000-00 00"}]})).await?;
                let said = t.read(&made).await?.has("userName", user_name)?.has("displayName", "MiXed  Case")?;
                said.has("phoneNumbers.value", "+41 (0)44 000-00 00")
            }
        ),
        idp!(
            "ENTRA-hard-delete",
            "DELETE answers 204, and a filter finds the user no more",
            "delete on DELETE",
            async |t| {
                let made = t.user().await?;
                t.delete(&made).await?.status(&[204])?;
                let filter = format!(r#"userName eq "{}""#, made.body["userName"].as_str().unwrap_or_default());
                t.find("User", &filter).await?.list()?.has_none()
            }
        ),
        idp!(
            "ENTRA-delete-twice",
            "DELETE of a user that is gone answers 404 or 204",
            "answer 404",
            async |t| {
                let made = t.user().await?;
                t.delete(&made).await?.status(&[204])?;
                t.delete(&made).await?.status(&[404, 204])
            }
        ),
        idp!(
            "ENTRA-schemas-without-nulls",
            "GET /Schemas answers a ListResponse without nulls",
            "leave out members without a value",
            async |t| {
                let listed = t.get("/Schemas").await?.list()?;
                ensure(!listed.resources.iter().any(has_null), "expected no nulls")
            }
        ),
        idp!(
            "ENTRA-account-discovery",
            "users are listed in pages by startIndex and count, in a stable order",
            "keep one order from page to page",
            async |t| {
                let people = t.crowd().await?;
                let mut found = Vec::new();
                for start in ["1", "4"] {
                    let query = [("filter", people.filter.as_str()), ("startIndex", start), ("count", "3")];
                    found.extend(t.query(&t.endpoint("User")?, &query).await?.list()?.ids());
                }
                let all = found.len();
                found.sort_unstable();
                found.dedup();
                if (all, found.len()) == (5, 5) { Ok(()) } else { fail(format!("expected 5 users once each, found {all}")) }
            }
        )
        .finds(&[17]),
    ],
};

fn has_null(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(values) => values.iter().any(has_null),
        Value::Object(members) => members.values().any(has_null),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

/// An operation as Entra writes it.
pub(super) fn op(name: &str, path: &str, value: impl Into<Value>) -> Value {
    json!({"op": name, "path": path, "value": value.into()})
}
