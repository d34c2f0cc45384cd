//! Does `replace` replace as RFC 7644 §3.5.2.3 says?

use serde_json::json;

use crate::suite::{
    Chapter, ENTERPRISE, Profile, add, at, contains, must, not_applicable, pathless, refs, replace,
};

pub(super) static CHAPTER: Chapter = Chapter {
    name: "patch-replace",
    title: "PATCH with replace, RFC 7644 §3.5.2.3",
    profile: Profile::Rfc,
    checks: &[
        must!(
            "RFC7644-3.5.2.3-a",
            "replace of a single-valued attribute sets its value",
            "set the attribute",
            async |t| {
                t.needs("User", &["displayName"])?;
                let made = t.user().await?;
                t.patched(&made, [replace("displayName", "Replaced")])
                    .await?
                    .has("displayName", "Replaced")
            }
        ),
        must!(
            "RFC7644-3.5.2.3-b",
            "replace of an attribute without a value sets it, too",
            "treat replace as add where there is no value",
            async |t| {
                t.needs("User", &["title"])?;
                let made = t.user().await?;
                t.patched(&made, [replace("title", "First")])
                    .await?
                    .has("title", "First")
            }
        ),
        must!(
            "RFC7644-3.5.2.3-c",
            "replace without a path replaces the attributes that the value names",
            "read the value as a part of the resource",
            async |t| {
                t.needs("User", &["displayName", "active"])?;
                let made = t.user().await?;
                let value = json!({"displayName": "Two", "active": false});
                let said = t.patched(&made, [pathless("replace", value)]).await?;
                said.has("displayName", "Two")?
                    .has("active", false)?
                    .has("userName", made.body["userName"].clone())
            }
        ),
        must!(
            "RFC7644-3.5.2.3-d",
            "replace of a list sets exactly the new values",
            "drop the values that were there",
            async |t| {
                t.needs("User", &["emails"])?;
                let made = t.user().await?;
                let emails =
                    json!([{"value": format!("{}@new.example", t.name()), "type": "other"}]);
                t.patched(&made, [replace("emails", emails.clone())])
                    .await?
                    .has("emails", emails)
            }
        ),
        must!(
            "RFC7644-3.5.2.3-e",
            "replace with a filter and a sub-attribute changes the values that fulfil it, and no \
             other",
            "apply emails[type eq \"work\"].value",
            async |t| {
                t.needs("User", &["emails", "emails.type"])?;
                let made = t.user().await?;
                let (home, work) = (
                    format!("{}@home.example", t.name()),
                    format!("{}@new.example", t.name()),
                );
                t.patched(
                    &made,
                    [add("emails", json!([{"value": home, "type": "home"}]))],
                )
                .await?;
                let said = t
                    .patched(
                        &made,
                        [replace(r#"emails[type eq "work"].value"#, work.as_str())],
                    )
                    .await?;
                let list = at(said.body(), "emails");
                let right = contains(list, &json!({"type": "work", "value": work}))
                    && contains(list, &json!({"type": "home", "value": home}));
                said.ensure(
                    right,
                    "expected the new address of type work and the old one of type home",
                )?
                .counts("emails", 2)
            }
        )
        .finds(&[32]),
        must!(
            "RFC7644-3.5.2.3-f",
            "replace with a filter that no value fulfils is refused with noTarget",
            "answer 400 with noTarget, or create the value for identity providers that rely on it",
            async |t| {
                t.needs("User", &["phoneNumbers", "phoneNumbers.type"])?;
                let made = t.user().await?;
                let operation = replace(r#"phoneNumbers[type eq "fax"].value"#, "+41 44 000 00 00");
                t.patch(&made, [operation])
                    .await?
                    .refused(400, &["noTarget"])
            }
        )
        .unless("createOnNoMatch"),
        must!(
            "RFC7644-3.5.2.3-g",
            "replace with a filter alone replaces the whole value",
            "replace the values that emails[…] selects",
            async |t| {
                t.needs("User", &["emails", "emails.type"])?;
                let made = t.user().await?;
                let value = json!({"value": format!("{}@whole.example", t.name()), "type": "work"});
                let said = t
                    .patched(&made, [replace(r#"emails[type eq "work"]"#, value.clone())])
                    .await?;
                said.has("emails", json!([value]))
            }
        ),
        must!(
            "RFC7644-3.5.2.3-h",
            "replace of a complex attribute sets the sub-attributes that the value names",
            "apply the value to the sub-attributes",
            async |t| {
                t.needs("User", &["name.givenName"])?;
                let made = t.user().await?;
                t.patched(&made, [replace("name", json!({"givenName": "Complex"}))])
                    .await?
                    .has("name.givenName", "Complex")
            }
        ),
        must!(
            "RFC7644-3.5.2.3-i",
            "replace of a sub-attribute leaves the others",
            "change only name.familyName",
            async |t| {
                t.needs("User", &["name.givenName", "name.familyName"])?;
                let made = t.user().await?;
                let said = t
                    .patched(&made, [replace("name.familyName", "Alone")])
                    .await?;
                said.has("name.familyName", "Alone")?
                    .has("name.givenName", made.body["name"]["givenName"].clone())
            }
        ),
        must!(
            "RFC7644-3.5.2.3-j",
            "replace of members sets exactly the new members",
            "store the new list",
            async |t| {
                t.needs("Group", &["members"])?;
                let (one, two, three) = (t.user().await?, t.user().await?, t.user().await?);
                let group = t.group(&[&one, &two]).await?;
                t.patched(&group, [replace("members", refs(&[&two, &three]))])
                    .await?
                    .has("members", refs(&[&two, &three]))
            }
        ),
        must!(
            "RFC7644-3.5.2.3-k",
            "replace of members with an empty list takes everybody away",
            "accept an empty list",
            async |t| {
                t.needs("Group", &["members"])?;
                let user = t.user().await?;
                let group = t.group(&[&user]).await?;
                t.patched(&group, [replace("members", json!([]))])
                    .await?
                    .lacks("members")
            }
        )
        .finds(&[2]),
        must!(
            "RFC7644-3.5.2.3-l",
            "replace of an attribute of an extension changes only that attribute",
            "apply paths with a URN to the extension",
            async |t| {
                let (department, number) = (
                    format!("{ENTERPRISE}:department"),
                    format!("{ENTERPRISE}:employeeNumber"),
                );
                t.needs("User", &[&department, &number])?;
                let made = t
                    .user_with(json!({ENTERPRISE: {"department": "Old", "employeeNumber": "7"}}))
                    .await?;
                t.patched(&made, [replace(&department, "New")])
                    .await?
                    .has(&department, "New")?
                    .has(&number, "7")
            }
        ),
        must!(
            "RFC7644-3.5.2.3-m",
            "replace of members with one who does not exist loses nobody",
            "look up every member before changing anything",
            async |t| {
                t.needs("Group", &["members"])?;
                let user = t.user().await?;
                let group = t.group(&[&user]).await?;
                let stranger = json!([{"value": "00000000-0000-4000-8000-000000000000"}]);
                let said = t.patch(&group, [replace("members", stranger)]).await?;
                if said.succeeded() {
                    return not_applicable("the server takes members that it does not know");
                }
                t.read(&group)
                    .await?
                    .has("members", refs(&[&user]))
                    .map(drop)
            }
        )
        .finds(&[5]),
        must!(
            "RFC7644-3.5.2.3-n",
            "replace with a filter changes every value that fulfils it",
            "apply the change to all values that are selected",
            async |t| {
                t.needs("User", &["emails", "emails.type", "emails.display"])?;
                let name = t.name();
                let emails = json!([
                    {"value": format!("{name}@a.example"), "type": "other"},
                    {"value": format!("{name}@b.example"), "type": "other"},
                ]);
                let made = t.user_with(json!({"emails": emails})).await?;
                let said = t
                    .patched(
                        &made,
                        [replace(r#"emails[type eq "other"].display"#, "Both")],
                    )
                    .await?;
                said.has(
                    "emails",
                    json!([
                        {"value": format!("{name}@a.example"), "display": "Both"},
                        {"value": format!("{name}@b.example"), "display": "Both"},
                    ]),
                )
            }
        )
        .finds(&[19]),
    ],
};
