//! Does the server take what identity providers beside Entra and Okta send?

use serde_json::{Value, json};

use crate::client::Call;
use crate::suite::{
    Chapter, ENTERPRISE, Profile, USER, add, at, ensure, idp, merged, not_applicable, pathless,
    refs, remove, replace,
};

pub(super) static CHAPTER: Chapter = Chapter {
    name: "others",
    title: "OneLogin, JumpCloud, Rippling, SailPoint, Ping, Keycloak, rauthy and others",
    profile: Profile::All,
    checks: &[
        idp!(
            "ONELOGIN-connection-test",
            "a filter that matches nobody is answered 200 and an empty list, or 404",
            "answer 200 with totalResults 0",
            async |t| { t.find("User", &format!(r#"userName eq "{}""#, t.name())).await?.status(&[200, 404]) }
        ),
        idp!(
            "ONELOGIN-json",
            "a client that accepts application/json alone is answered application/json",
            "negotiate the media type",
            async |t| {
                let made = t.user().await?;
                let said = t.send(Call::new("GET", made.path()).with_header("Accept", "application/json")).await?.status(&[200])?;
                let right = said.header("content-type").is_some_and(|it| it.starts_with("application/json"));
                said.ensure(right, "expected Content-Type application/json")
            }
        )
        .finds(&[21]),
        idp!(
            "ONELOGIN-create",
            "a user is created from OneLogin's template: active as text, id null, an extension \
             that schemas does not name",
            "accept the shapes of templates that administrators write",
            async |t| {
                let department = format!("{ENTERPRISE}:department");
                t.needs("User", &["active", &department])?;
                let name = t.name();
                let body = json!({
                    "schemas": [USER],
                    "id": null,
                    "externalId": name,
                    "userName": format!("{name}@example.com"),
                    "active": "true",
                    "name": {"givenName": "One", "familyName": "Login"},
                    "emails": [{"value": format!("{name}@work.example"), "type": "work", "primary": true}],
                    ENTERPRISE: {"department": "Tools", "manager": {"managerId": "7", "displayName": "Boss"}},
                });
                t.create("User", body).await?.status(&[201])?.has("active", true)?.has(&department, "Tools")
            }
        )
        .finds(&[8, 25]),
        idp!(
            "ONELOGIN-update",
            "a PUT with active as text is applied",
            "read \"false\" as false in a PUT",
            async |t| {
                t.needs("User", &["active"])?;
                let made = t.user().await?;
                t.put_over(&made, json!({"active": "false"})).await?.has("active", false)
            }
        )
        .finds(&[8]),
        idp!(
            "ONELOGIN-patch-group",
            "a PATCH of a group adds a member",
            "serve PATCH of groups",
            async |t| {
                t.needs("Group", &["members"])?;
                let user = t.user().await?;
                let group = t.group(&[]).await?;
                t.patched(&group, [add("members", refs(&[&user]))]).await?.has("members", refs(&[&user]))
            }
        ),
        idp!(
            "JUMPCLOUD-activation",
            "a user and a group are created, joined and deleted again",
            "serve POST, PATCH and DELETE of users and groups",
            async |t| {
                t.needs("Group", &["members"])?;
                let user = t.user().await?;
                let group = t.group(&[]).await?;
                t.patched(&group, [add("members", refs(&[&user]))]).await?.has("members", refs(&[&user]))?;
                t.delete(&group).await?.status(&[204])?;
                t.delete(&user).await?.status(&[204])
            }
        ),
        idp!(
            "JUMPCLOUD-remove-member",
            "remove members with [{\"value\": …}] removes that member and no other",
            "read the value of a remove as the members to take away",
            async |t| {
                t.needs("Group", &["members"])?;
                let (one, two) = (t.user().await?, t.user().await?);
                let group = t.group(&[&one, &two]).await?;
                let operation = json!({"op": "remove", "path": "members", "value": refs(&[&one])});
                t.patched(&group, [operation]).await?.has("members", refs(&[&two]))
            }
        )
        .finds(&[1]),
        idp!(
            "JUMPCLOUD-deactivate",
            "a PUT with active false deactivates",
            "apply active in a PUT",
            async |t| {
                t.needs("User", &["active"])?;
                let made = t.user().await?;
                t.put_over(&made, json!({"active": false})).await?.has("active", false)
            }
        ),
        idp!(
            "PING-remove-member",
            "remove members with {\"members\": [{\"value\": …}]} removes that member and no other",
            "read members inside the value of a remove",
            async |t| {
                t.needs("Group", &["members"])?;
                let (one, two) = (t.user().await?, t.user().await?);
                let group = t.group(&[&one, &two]).await?;
                let operation = json!({"op": "remove", "path": "members", "value": {"members": refs(&[&one])}});
                t.patched(&group, [operation]).await?.has("members", refs(&[&two]))
            }
        )
        .finds(&[1]),
        idp!(
            "PING-put-group",
            "a PUT of a group replaces its members",
            "apply members in a PUT",
            async |t| {
                t.needs("Group", &["members"])?;
                let (one, two) = (t.user().await?, t.user().await?);
                let group = t.group(&[&one]).await?;
                t.put_over(&group, json!({"members": refs(&[&two])})).await?.has("members", refs(&[&two]))
            }
        ),
        idp!(
            "KEYCLOAK-active-as-text",
            "{\"op\":\"replace\",\"value\":{\"active\":\"false\"}} deactivates",
            "read \"false\" as false in values without a path",
            async |t| {
                t.needs("User", &["active"])?;
                let made = t.user().await?;
                t.patched(&made, [pathless("replace", json!({"active": "false"}))]).await?.has("active", false)
            }
        )
        .finds(&[8]),
        idp!(
            "RIPPLING-probe",
            "GET /ServiceProviderConfig answers 200",
            "serve /ServiceProviderConfig",
            async |t| { t.get("/ServiceProviderConfig").await?.status(&[200])?.has_some("patch") }
        ),
        idp!(
            "RIPPLING-external-id",
            "whether an externalId exists is answered 200, found or not",
            "make externalId filterable",
            async |t| {
                t.selects(&["externalId"], r#"externalId eq "{mark}-X-emil""#, &["emil"]).await?;
                t.find("User", &format!(r#"externalId eq "{}""#, t.name())).await?.list()?.has_none()
            }
        )
        .finds(&[13]),
        idp!(
            "RIPPLING-retry",
            "a POST that is sent again makes no second user",
            "answer 409, or the user that is there",
            async |t| {
                let body = merged(t.new_user(), json!({"externalId": t.name()}));
                t.create("User", body.clone()).await?.status(&[201])?;
                t.create("User", body.clone()).await?.status(&[409, 200])?;
                let filter = format!(r#"userName eq "{}""#, body["userName"].as_str().unwrap_or_default());
                let listed = t.find("User", &filter).await?.list()?;
                listed.said.has("totalResults", 1)
            }
        )
        .finds(&[13]),
        idp!(
            "SAILPOINT-resource-types",
            "/ResourceTypes/User and /ResourceTypes/Group answer 200",
            "serve each resource type by name",
            async |t| {
                t.get("/ResourceTypes/User").await?.status(&[200])?.has("name", "User")?;
                t.get("/ResourceTypes/Group").await?.status(&[200])?.has("name", "Group")
            }
        ),
        idp!(
            "SAILPOINT-replace-merges",
            "replace of name with one sub-attribute keeps the others",
            "merge the value into the complex attribute",
            async |t| {
                t.needs("User", &["name.givenName", "name.familyName"])?;
                let made = t.user().await?;
                let said = t.patched(&made, [replace("name", json!({"givenName": "Merged"}))]).await?;
                said.has("name.givenName", "Merged")?.has("name.familyName", made.body["name"]["familyName"].clone())
            }
        )
        .finds(&[26]),
        idp!(
            "SAILPOINT-rate-limit-headers",
            "the headers of a rate limit, where the server sends them, are numbers",
            "send x-rate-limit-limit, -remaining and -reset as numbers",
            async |t| {
                let said = t.get("/ServiceProviderConfig").await?;
                let mut seen = false;
                for name in ["x-rate-limit-limit", "x-rate-limit-remaining", "x-rate-limit-reset"] {
                    if let Some(text) = said.header(name) {
                        seen = true;
                        ensure(text.parse::<f64>().is_ok(), format!("{name} is {text:?}"))?;
                    }
                }
                if seen { Ok(()) } else { not_applicable("the server sends no x-rate-limit headers") }
            }
        ),
        idp!(
            "RAUTHY-look-ups",
            "users are found by userName and externalId, groups by displayName and externalId",
            "make these attributes filterable",
            async |t| {
                t.selects(&["externalId"], r#"externalId eq "{mark}-X-ada""#, &["ada"]).await?;
                t.selects(&[], r#"userName eq "{mark}-ada@example.com""#, &["ada"]).await?;
                t.endpoint("Group")?;
                let name = t.name();
                let group = t.group_with(&[], json!({"externalId": name})).await?;
                t.find("Group", &format!(r#"externalId eq "{name}""#)).await?.list()?.has_only(&group.id)
            }
        )
        .finds(&[13]),
        idp!(
            "RAUTHY-put-user",
            "a PUT of a user applies every attribute",
            "store what the PUT says",
            async |t| {
                t.needs("User", &["displayName", "preferredLanguage"])?;
                let made = t.user().await?;
                let said = t.put_over(&made, json!({"displayName": "Rauthy", "preferredLanguage": "de"})).await?;
                said.has("displayName", "Rauthy")?.has("preferredLanguage", "de")
            }
        ),
        idp!(
            "AWS-hundred-members",
            "one PATCH may bring 100 changes of members",
            "accept 100 operations in one PATCH",
            async |t| {
                t.needs("Group", &["members"])?;
                let user = t.user().await?;
                let group = t.group(&[]).await?;
                let path = format!(r#"members[value eq "{}"]"#, user.id);
                let operations = (0..100).map(|at| if at % 2 == 0 { add("members", refs(&[&user])) } else { remove(&path) });
                t.patched(&group, operations).await?.lacks("members")
            }
        )
        .finds(&[16]),
        idp!(
            "SNOWFLAKE-unsupported-filter",
            "a filter that the server cannot apply is refused with 400 and invalidFilter",
            "answer 400 with scimType invalidFilter, never everybody",
            async |t| { t.find("User", r#"userName is "x""#).await?.refused(400, &["invalidFilter"]) }
        ),
        idp!(
            "SCIMGATEWAY-add-many-values",
            "add of several e-mail addresses keeps those that are there",
            "append to lists",
            async |t| {
                t.needs("User", &["emails", "emails.type"])?;
                let made = t.user().await?;
                let name = t.name();
                let more = json!([{"value": format!("{name}@home.example"), "type": "home"}, {"value": format!("{name}@other.example"), "type": "other"}]);
                t.patched(&made, [add("emails", more)]).await?.counts("emails", 3)
            }
        )
        .finds(&[32]),
        idp!(
            "OTHERS-remove-members-null",
            "remove members with the value null or [] is no error",
            "read a missing value as none",
            async |t| {
                t.needs("Group", &["members"])?;
                let group = t.group(&[]).await?;
                for value in [Value::Null, json!([])] {
                    t.patch(&group, [json!({"op": "remove", "path": "members", "value": value})]).await?.status(&[200, 204])?;
                }
                Ok(())
            }
        )
        .finds(&[2]),
        idp!(
            "OTHERS-member-is-not-lost",
            "members that are added one by one are all there",
            "append to members, one by one as well as together",
            async |t| {
                t.needs("Group", &["members"])?;
                let people = t.people().await?;
                let group = t.group(&[]).await?;
                for user in &people.users {
                    t.patched(&group, [add("members", refs(&[user]))]).await?;
                }
                let said = t.read(&group).await?.counts("members", people.users.len())?;
                let all = at(said.body(), "members").is_array();
                said.ensure(all, "expected a list of members")
            }
        )
        .finds(&[32]),
    ],
};
