//! Does `add` add as RFC 7644 §3.5.2.1 says?

use serde_json::json;

use crate::suite::{
    Chapter, ENTERPRISE, Profile, add, at, contains, must, not_applicable, pathless, refs, should,
};

pub(super) static CHAPTER: Chapter = Chapter {
    name: "patch-add",
    title: "PATCH with add, RFC 7644 §3.5.2.1",
    profile: Profile::Rfc,
    checks: &[
        must!(
            "RFC7644-3.5.2.1-a",
            "add of an attribute without a value gives it the value",
            "set the attribute",
            async |t| {
                t.needs("User", &["title"])?;
                let made = t.user().await?;
                t.patched(&made, [add("title", "Engineer")])
                    .await?
                    .has("title", "Engineer")
            }
        ),
        must!(
            "RFC7644-3.5.2.1-b",
            "add of a single-valued attribute with a value replaces the value",
            "replace the value of single-valued attributes",
            async |t| {
                t.needs("User", &["displayName"])?;
                let made = t.user().await?;
                t.patched(&made, [add("displayName", "Added")])
                    .await?
                    .has("displayName", "Added")
            }
        ),
        must!(
            "RFC7644-3.5.2.1-c",
            "add without a path adds the attributes that the value names",
            "read the value as a part of the resource",
            async |t| {
                t.needs("User", &["displayName", "title"])?;
                let made = t.user().await?;
                let value = json!({"displayName": "Two", "title": "At once"});
                t.patched(&made, [pathless("add", value)])
                    .await?
                    .has("displayName", "Two")?
                    .has("title", "At once")
            }
        ),
        must!(
            "RFC7644-3.5.2.1-d",
            "add to a list keeps the values that are there",
            "append to multi-valued attributes",
            async |t| {
                t.needs("User", &["emails", "emails.type"])?;
                let made = t.user().await?;
                let address = format!("{}@home.example", t.name());
                let said = t
                    .patched(
                        &made,
                        [add("emails", json!([{"value": address, "type": "home"}]))],
                    )
                    .await?;
                said.counts("emails", 2)
            }
        )
        .finds(&[32]),
        must!(
            "RFC7644-3.5.2.1-e",
            "add of a value that a list has already adds nothing",
            "compare with the values that are there before appending",
            async |t| {
                t.needs("User", &["emails"])?;
                let made = t.user().await?;
                t.patched(&made, [add("emails", made.body["emails"].clone())])
                    .await?
                    .counts("emails", 1)
            }
        )
        .finds(&[4]),
        should!(
            "RFC7644-3.5.2.1-f",
            "add of what is there already does not change meta.lastModified",
            "recognise requests without effect",
            async |t| {
                t.needs("User", &["displayName"])?;
                let made = t.user().await?;
                let before = t.read(&made).await?.string("meta.lastModified");
                t.tick(&before).await;
                let again = add("displayName", made.body["displayName"].clone());
                t.patched(&made, [again])
                    .await?
                    .has("meta.lastModified", before)
            }
        ),
        must!(
            "RFC7644-3.5.2.1-g",
            "add of a complex attribute sets the sub-attributes it names and keeps the others",
            "merge the value into the complex attribute",
            async |t| {
                t.needs("User", &["name.givenName", "name.familyName"])?;
                let made = t.user().await?;
                let family = made.body["name"]["familyName"].clone();
                let said = t
                    .patched(&made, [add("name", json!({"givenName": "Merged"}))])
                    .await?;
                said.has("name.givenName", "Merged")?
                    .has("name.familyName", family)
            }
        ),
        must!(
            "RFC7644-3.5.2.1-h",
            "add with the path of a sub-attribute sets it",
            "read name.givenName as a path",
            async |t| {
                t.needs("User", &["name.givenName"])?;
                let made = t.user().await?;
                t.patched(&made, [add("name.givenName", "Sub")])
                    .await?
                    .has("name.givenName", "Sub")
            }
        ),
        must!(
            "RFC7644-3.5.2.1-i",
            "add of members adds them and keeps the others",
            "append to members",
            async |t| {
                t.needs("Group", &["members"])?;
                let (one, two, three) = (t.user().await?, t.user().await?, t.user().await?);
                let group = t.group(&[&one]).await?;
                let said = t
                    .patched(&group, [add("members", refs(&[&two, &three]))])
                    .await?;
                said.has("members", refs(&[&one, &two, &three]))
            }
        )
        .finds(&[32]),
        must!(
            "RFC7644-3.5.2.1-j",
            "add of a member that a group has already is no error and changes nothing",
            "pass over members that are there",
            async |t| {
                t.needs("Group", &["members"])?;
                let user = t.user().await?;
                let group = t.group(&[&user]).await?;
                t.patched(&group, [add("members", refs(&[&user]))])
                    .await?
                    .has("members", refs(&[&user]))
            }
        )
        .finds(&[4]),
        must!(
            "RFC7644-3.5.2.1-k",
            "add without a path adds members, too",
            "append the members of a value without path",
            async |t| {
                t.needs("Group", &["members"])?;
                let (one, two) = (t.user().await?, t.user().await?);
                let group = t.group(&[&one]).await?;
                let value = json!({"members": refs(&[&two])});
                t.patched(&group, [pathless("add", value)])
                    .await?
                    .has("members", refs(&[&one, &two]))
            }
        ),
        should!(
            "RFC7644-3.5.2.1-l",
            "add of a member that does not exist is refused with 400 or 404, and nobody is lost",
            "look up every member before changing anything",
            async |t| {
                t.needs("Group", &["members"])?;
                let user = t.user().await?;
                let group = t.group(&[&user]).await?;
                let stranger = json!([{"value": "00000000-0000-4000-8000-000000000000"}]);
                t.patch(&group, [add("members", stranger)])
                    .await?
                    .status(&[400, 404])?;
                t.read(&group).await?.has("members", refs(&[&user]))
            }
        )
        .finds(&[5]),
        must!(
            "RFC7644-3.5.2.1-m",
            "a value path selects the values that get the sub-attribute",
            "apply emails[type eq \"work\"].display to the values that fulfil the filter",
            async |t| {
                t.needs("User", &["emails.display", "emails.type"])?;
                let made = t.user().await?;
                let address = format!("{}@home.example", t.name());
                t.patched(
                    &made,
                    [add("emails", json!([{"value": address, "type": "home"}]))],
                )
                .await?;
                let said = t
                    .patched(&made, [add(r#"emails[type eq "home"].display"#, "At home")])
                    .await?;
                let list = at(said.body(), "emails");
                let right = contains(list, &json!({"type": "home", "display": "At home"}))
                    && !contains(list, &json!({"type": "work", "display": "At home"}));
                said.ensure(
                    right,
                    "expected display on the address of type home, and on no other",
                )
            }
        )
        .finds(&[32]),
        must!(
            "RFC7644-3.5.2.1-n",
            "add of an extension's object without a path stores its attributes",
            "read the URN of an extension as a key of the value",
            async |t| {
                let department = format!("{ENTERPRISE}:department");
                t.needs("User", &[&department])?;
                let made = t.user().await?;
                let value = json!({ENTERPRISE: {"department": "Tools"}});
                t.patched(&made, [pathless("add", value)])
                    .await?
                    .has(&department, "Tools")
            }
        ),
        must!(
            "RFC7644-3.5.2.1-o",
            "add without a value is refused with 400",
            "answer 400 with invalidValue or invalidSyntax",
            async |t| {
                t.needs("User", &["title"])?;
                let made = t.user().await?;
                t.patch(&made, [json!({"op": "add", "path": "title"})])
                    .await?
                    .refused(400, &["invalidValue", "invalidSyntax"])
            }
        ),
        should!(
            "RFC7644-3.5.2.1-p",
            "a member that was added is told in the user's groups",
            "derive groups at once",
            async |t| {
                t.needs("Group", &["members"])?;
                if t.discovered().attribute("User", "groups").is_none() {
                    return not_applicable("the schema of users has no groups");
                }
                let user = t.user().await?;
                let group = t.group(&[]).await?;
                t.patched(&group, [add("members", refs(&[&user]))]).await?;
                t.read(&user)
                    .await?
                    .has("groups", json!([{"value": group.id}]))
                    .map(drop)
            }
        ),
    ],
};
