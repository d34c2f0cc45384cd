//! Does the server take what Okta sends, and answer what it needs?

use serde_json::{Value, json};

use crate::client::Call;
use crate::suite::{
    Chapter, Made, Probe, Profile, Said, Stop, USER, add, at, ensure, idp, merged, pathless, refs,
    remove, replace,
};

pub(super) static CHAPTER: Chapter = Chapter {
    name: "okta",
    title: "Okta",
    profile: Profile::Okta,
    checks: &[
        idp!(
            "OKTA-connector-test",
            "the connector test, GET /Users?startIndex=1&count=2, is answered 200 with a \
             ListResponse",
            "answer lists with totalResults, startIndex and itemsPerPage",
            async |t| {
                t.people().await?;
                let said = okta(t, Call::new("GET", t.endpoint("User")?).with_query("startIndex=1&count=2")).await?;
                said.list()?.said.has("startIndex", 1)?.has("itemsPerPage", 2)?.counts("Resources", 2)
            }
        ),
        idp!(
            "OKTA-import-test",
            "the test of imports, GET /Groups?startIndex=1&count=100, is answered 200 with a \
             ListResponse",
            "serve lists of groups",
            async |t| {
                okta(t, Call::new("GET", t.endpoint("Group")?).with_query("startIndex=1&count=100")).await?.list()
            }
        ),
        idp!(
            "OKTA-look-up",
            "looking a new user up by userName answers 200 and an empty list, or 404 with a SCIM \
             error",
            "answer 200 with totalResults 0",
            async |t| {
                let query = format!("filter=userName%20eq%20%22{}%22&startIndex=1&count=100", t.name());
                let said = okta(t, Call::new("GET", t.endpoint("User")?).with_query(query)).await?.status(&[200, 404])?;
                if said.code() == 404 {
                    return said.has_some("schemas").map(drop);
                }
                said.list()?.has_none().map(drop)
            }
        ),
        idp!(
            "OKTA-create-user",
            "a user is created from the body that Okta sends, and the answer holds the user with \
             its id",
            "accept password, groups: [] and locale, and answer with the resource",
            async |t| {
                let body = new_user(t);
                let call = Call::new("POST", t.endpoint("User")?).with_body(body.clone());
                okta(t, call).await?.status(&[201])?.has_some("id")?.has("userName", body["userName"].clone())?.lacks("password")
            }
        ),
        idp!(
            "OKTA-any-password",
            "a password that follows no rule of complexity is no reason to refuse a user",
            "accept and discard the random password that Okta sends",
            async |t| {
                let body = merged(new_user(t), json!({"password": "qqqqqqqq"}));
                t.create("User", body).await?.status(&[201])?.lacks("password")
            }
        )
        .finds(&[27]),
        idp!(
            "OKTA-duplicate",
            "creating a user twice is answered 409",
            "answer 409: Okta then links the user that is there",
            async |t| {
                let body = new_user(t);
                t.create("User", body.clone()).await?.status(&[201])?;
                t.create("User", body).await?.status(&[409])
            }
        ),
        idp!(
            "OKTA-update-by-put",
            "a PUT of what GET answered with changes is accepted, id, meta and groups included",
            "pass over readOnly attributes in a PUT",
            async |t| {
                t.needs("User", &["displayName"])?;
                let made = t.user().await?;
                t.group_if(&made).await?;
                let mut body = t.read(&made).await?.body().clone();
                body["displayName"] = json!("Updated by PUT");
                t.put(&made, body).await?.status(&[200])?.has("displayName", "Updated by PUT")
            }
        )
        .finds(&[29]),
        idp!(
            "OKTA-deactivate-by-put",
            "a PUT with active false deactivates a user",
            "apply active in a PUT",
            async |t| {
                t.needs("User", &["active"])?;
                let made = t.user().await?;
                let mut body = t.read(&made).await?.body().clone();
                body["active"] = json!(false);
                t.put(&made, body).await?.status(&[200])?.has("active", false)
            }
        )
        .finds(&[30]),
        idp!(
            "OKTA-deactivate-by-patch",
            "{\"op\":\"replace\",\"value\":{\"active\":false}} deactivates a user",
            "read a value without a path as a part of the resource",
            async |t| {
                t.needs("User", &["active"])?;
                let made = t.user().await?;
                t.patched(&made, [pathless("replace", json!({"active": false}))]).await?.has("active", false)
            }
        )
        .finds(&[30]),
        idp!(
            "OKTA-reactivate",
            "a deactivated user is found by userName and activated again",
            "keep deactivated users",
            async |t| {
                t.needs("User", &["active"])?;
                let made = t.user().await?;
                t.patched(&made, [pathless("replace", json!({"active": false}))]).await?;
                let filter = format!(r#"userName eq "{}""#, made.body["userName"].as_str().unwrap_or_default());
                t.find("User", &filter).await?.list()?.has_only(&made.id)?;
                t.patched(&made, [pathless("replace", json!({"active": true}))]).await?.has("active", true)
            }
        )
        .finds(&[20]),
        idp!(
            "OKTA-set-password",
            "{\"op\":\"replace\",\"value\":{\"password\":\"…\"}} is accepted, and the password \
             is not returned",
            "accept and discard passwords",
            async |t| {
                t.needs("User", &["password"])?;
                let made = t.user().await?;
                t.patched(&made, [pathless("replace", json!({"password": "aB3dE6gH"}))]).await?.lacks("password")
            }
        ),
        idp!(
            "OKTA-create-group",
            "a group is pushed with members: []",
            "accept an empty list of members",
            async |t| {
                t.needs("Group", &["members"])?;
                let mut body = t.new_group(&[]);
                body["members"] = json!([]);
                t.create("Group", body).await?.status(&[201])?.has_some("id")?.lacks("members")
            }
        ),
        idp!(
            "OKTA-group-look-up",
            "a group is found by displayName",
            "make displayName of groups filterable",
            async |t| {
                let group = t.group(&[]).await?;
                let filter = format!(r#"displayName eq "{}""#, group.body["displayName"].as_str().unwrap_or_default());
                t.find("Group", &filter).await?.list()?.has_only(&group.id)
            }
        ),
        idp!(
            "OKTA-group-by-put",
            "a PUT of a whole group sets its name and its members",
            "apply displayName and members in a PUT",
            async |t| {
                t.needs("Group", &["members"])?;
                let (one, two) = (t.user().await?, t.user().await?);
                let group = t.group(&[&one]).await?;
                let mut body = t.read(&group).await?.body().clone();
                let name = format!("{} by PUT", t.name());
                body["displayName"] = json!(name);
                body["members"] = json!([{"value": one.id, "display": "one"}, {"value": two.id, "display": "two"}]);
                t.put(&group, body).await?.status(&[200])?;
                t.read(&group).await?.has("displayName", name)?.has("members", refs(&[&one, &two]))
            }
        )
        .finds(&[24]),
        idp!(
            "OKTA-rename-keeps-members",
            "{\"op\":\"replace\",\"value\":{\"id\":\"…\",\"displayName\":\"…\"}} renames a group \
             and keeps its members",
            "change only what the value names, and pass over id",
            async |t| {
                t.needs("Group", &["members"])?;
                let (one, two) = (t.user().await?, t.user().await?);
                let group = t.group(&[&one, &two]).await?;
                let name = format!("{} renamed", t.name());
                let value = json!({"id": group.id, "displayName": name});
                t.patched(&group, [pathless("replace", value)]).await?.has("displayName", name)?.has("members", refs(&[&one, &two]))
            }
        )
        .finds(&[6]),
        idp!(
            "OKTA-rename-to-the-same",
            "the same name again is no error",
            "do not take a group for its own duplicate",
            async |t| {
                t.endpoint("Group")?;
                let group = t.group(&[]).await?;
                let value = json!({"id": group.id, "displayName": group.body["displayName"]});
                t.patched(&group, [pathless("replace", value)]).await?.has("displayName", group.body["displayName"].clone())
            }
        ),
        idp!(
            "OKTA-add-member",
            "add members adds and keeps the others",
            "append to members",
            async |t| {
                t.needs("Group", &["members"])?;
                let (one, two) = (t.user().await?, t.user().await?);
                let group = t.group(&[&one]).await?;
                let value = json!([{"value": two.id, "display": two.body["userName"]}]);
                t.patched(&group, [add("members", value)]).await?.has("members", refs(&[&one, &two]))
            }
        ),
        idp!(
            "OKTA-rename-and-add",
            "a rename and a new member in one PATCH are both applied",
            "apply all operations in their order",
            async |t| {
                t.needs("Group", &["members"])?;
                let (one, two) = (t.user().await?, t.user().await?);
                let group = t.group(&[&one]).await?;
                let name = format!("{} renamed", t.name());
                let operations = [pathless("replace", json!({"id": group.id, "displayName": name})), add("members", refs(&[&two]))];
                t.patched(&group, operations).await?.has("displayName", name)?.has("members", refs(&[&one, &two]))
            }
        )
        .finds(&[6]),
        idp!(
            "OKTA-remove-member",
            "remove members[value eq \"…\"] removes that member and no other",
            "apply the filter to the members",
            async |t| {
                t.needs("Group", &["members"])?;
                let (one, two) = (t.user().await?, t.user().await?);
                let group = t.group(&[&one, &two]).await?;
                t.patched(&group, [remove(&format!(r#"members[value eq "{}"]"#, two.id))]).await?.has("members", refs(&[&one]))
            }
        )
        .finds(&[3]),
        idp!(
            "OKTA-replace-members",
            "replace members sets exactly the list",
            "store the new list",
            async |t| {
                t.needs("Group", &["members"])?;
                let (one, two) = (t.user().await?, t.user().await?);
                let group = t.group(&[&one]).await?;
                t.patched(&group, [replace("members", refs(&[&two]))]).await?.has("members", refs(&[&two]))
            }
        ),
        idp!(
            "OKTA-replace-members-without-path",
            "{\"op\":\"replace\",\"value\":{\"members\":[…]}} sets exactly the list",
            "replace the list that the value names",
            async |t| {
                t.needs("Group", &["members"])?;
                let (one, two) = (t.user().await?, t.user().await?);
                let group = t.group(&[&one]).await?;
                t.patched(&group, [pathless("replace", json!({"members": refs(&[&two])}))]).await?.has("members", refs(&[&two]))
            }
        ),
        idp!(
            "OKTA-empty-group",
            "replace members with [] empties a group, also one without members",
            "accept an empty list",
            async |t| {
                t.needs("Group", &["members"])?;
                let user = t.user().await?;
                let group = t.group(&[&user]).await?;
                t.patched(&group, [replace("members", json!([]))]).await?.lacks("members")?;
                t.patched(&group, [replace("members", json!([]))]).await?.lacks("members")
            }
        )
        .finds(&[2]),
        idp!(
            "OKTA-import-pages",
            "pages of users are stable, and their numbers are integers",
            "keep one order, and return integers",
            async |t| {
                let people = t.crowd().await?;
                let mut found = Vec::new();
                for start in ["1", "3", "5"] {
                    let query = [("filter", people.filter.as_str()), ("startIndex", start), ("count", "2")];
                    let listed = t.query(&t.endpoint("User")?, &query).await?.list()?;
                    ensure(at(listed.said.body(), "itemsPerPage").is_u64(), "expected itemsPerPage to be an integer")?;
                    found.extend(listed.ids());
                }
                let all = found.len();
                found.sort_unstable();
                found.dedup();
                ensure((all, found.len()) == (5, 5), format!("expected 5 users once each, found {all}"))
            }
        )
        .finds(&[17]),
        idp!(
            "OKTA-default-page",
            "itemsPerPage is the number of resources of the page",
            "count what you return",
            async |t| {
                let people = t.crowd().await?;
                let query = [("filter", people.filter.as_str()), ("startIndex", "4"), ("count", "100")];
                t.query(&t.endpoint("User")?, &query).await?.list()?.said.has("itemsPerPage", 2)?.has("totalResults", 5)
            }
        )
        .finds(&[17]),
        idp!(
            "OKTA-errors-are-json",
            "errors are JSON, also for a path that does not exist",
            "answer SCIM errors everywhere below the base",
            async |t| {
                okta(t, Call::new("GET", "/ScimconfNowhere")).await?.status(&[404])?.has_some("schemas")
            }
        )
        .finds(&[21]),
        idp!(
            "OKTA-profile-attributes",
            "locale, nickName, timezone and phone numbers of a profile are stored",
            "store the attributes of the core schema",
            async |t| {
                t.needs("User", &["locale", "nickName", "timezone", "phoneNumbers"])?;
                let phones = json!([{"value": "+1 555 0100", "type": "work", "primary": true}]);
                let over = json!({"locale": "en-US", "nickName": "Nick", "timezone": "America/Los_Angeles", "phoneNumbers": phones});
                let made = t.user_with(over).await?;
                let said = t.read(&made).await?.has("locale", "en-US")?.has("nickName", "Nick")?.has("timezone", "America/Los_Angeles")?;
                said.has("phoneNumbers", phones)
            }
        ),
        idp!(
            "OKTA-delete-group",
            "a pushed group is deleted with 204",
            "serve DELETE of groups",
            async |t| {
                let group = t.group(&[]).await?;
                t.delete(&group).await?.status(&[204])
            }
        ),
    ],
};

/// With the headers of Okta's client.
async fn okta(t: &Probe, call: Call) -> Result<Said, Stop> {
    let call = call
        .with_header("User-Agent", "Okta SCIM Client 1.0.0")
        .with_header("Accept", "application/scim+json");
    let call = if call.body.is_some() {
        call.with_header("Content-Type", "application/scim+json; charset=utf-8")
    } else {
        call
    };
    t.send(call).await
}

fn new_user(t: &Probe) -> Value {
    let name = t.name();
    json!({
        "schemas": [USER],
        "userName": format!("{name}@example.com"),
        "name": {"givenName": "Test", "familyName": "User"},
        "emails": [{"primary": true, "value": format!("{name}@work.example"), "type": "work"}],
        "displayName": "Test User",
        "locale": "en-US",
        "externalId": name,
        "groups": [],
        "password": "1mz050nq",
        "active": true,
    })
}

impl Probe {
    /// Puts a user into a group, where the server has groups.
    async fn group_if(&self, user: &Made) -> Result<(), Stop> {
        match self.group(&[user]).await {
            Ok(_) | Err(Stop::NotApplicable(_)) => Ok(()),
            Err(other) => Err(other),
        }
    }
}
