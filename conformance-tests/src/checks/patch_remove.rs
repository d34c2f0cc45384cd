//! Does `remove` remove as RFC 7644 §3.5.2.2 says?

use serde_json::{Value, json};

use crate::suite::{Chapter, ENTERPRISE, Probe, Profile, Stop, add, must, refs, remove, should};

pub(super) static CHAPTER: Chapter = Chapter {
    name: "patch-remove",
    title: "PATCH with remove, RFC 7644 §3.5.2.2",
    profile: Profile::Rfc,
    checks: &[
        must!(
            "RFC7644-3.5.2.2-a",
            "remove of a single-valued attribute leaves it without a value",
            "clear the attribute",
            async |t| {
                t.needs("User", &["title"])?;
                let made = t.user_with(json!({"title": "Engineer"})).await?;
                t.patched(&made, [remove("title")]).await?.lacks("title")
            }
        ),
        must!(
            "RFC7644-3.5.2.2-b",
            "remove without a path is refused with noTarget",
            "answer 400 with scimType noTarget",
            async |t| {
                let made = t.user().await?;
                t.patch(&made, [json!({"op": "remove"})])
                    .await?
                    .refused(400, &["noTarget"])
            }
        ),
        must!(
            "RFC7644-3.5.2.2-c",
            "remove of a list takes all values away",
            "clear the attribute",
            async |t| {
                t.needs("User", &["emails"])?;
                let made = t.user().await?;
                t.patched(&made, [remove("emails")]).await?.lacks("emails")
            }
        ),
        must!(
            "RFC7644-3.5.2.2-d",
            "remove with a filter takes away the values that fulfil it, and no other",
            "apply the filter to each value of the list",
            async |t| {
                t.needs("User", &["emails", "emails.type"])?;
                let made = t.user().await?;
                let address = format!("{}@home.example", t.name());
                t.patched(
                    &made,
                    [add("emails", json!([{"value": address, "type": "home"}]))],
                )
                .await?;
                let said = t
                    .patched(&made, [remove(r#"emails[type eq "work"]"#)])
                    .await?;
                said.has("emails", json!([{"value": address, "type": "home"}]))
            }
        )
        .finds(&[3, 32]),
        must!(
            "RFC7644-3.5.2.2-e",
            "remove with a filter and a sub-attribute takes that sub-attribute away",
            "remove emails[…].display from the values that fulfil the filter",
            async |t| {
                t.needs("User", &["emails.display", "emails.type"])?;
                let name = t.name();
                let emails = json!([{"value": format!("{name}@work.example"), "type": "work", "display": "At work"}]);
                let made = t.user_with(json!({"emails": emails})).await?;
                let said = t
                    .patched(&made, [remove(r#"emails[type eq "work"].display"#)])
                    .await?;
                said.counts("emails", 1)?.lacks("emails.display")
            }
        ),
        must!(
            "RFC7644-3.5.2.2-f",
            "remove of a member by its value leaves the others",
            "apply members[value eq \"…\"]",
            async |t| {
                t.needs("Group", &["members"])?;
                let (one, two) = (t.user().await?, t.user().await?);
                let group = t.group(&[&one, &two]).await?;
                let path = format!(r#"members[value eq "{}"]"#, one.id);
                t.patched(&group, [remove(&path)])
                    .await?
                    .has("members", refs(&[&two]))
            }
        )
        .finds(&[1, 3]),
        must!(
            "RFC7644-3.5.2.2-g",
            "remove of members takes everybody away",
            "clear members",
            async |t| {
                t.needs("Group", &["members"])?;
                let user = t.user().await?;
                let group = t.group(&[&user]).await?;
                t.patched(&group, [remove("members")])
                    .await?
                    .lacks("members")
            }
        ),
        must!(
            "RFC7644-3.5.2.2-h",
            "remove of members of an empty group is no error",
            "succeed where there is nothing to remove",
            async |t| {
                t.needs("Group", &["members"])?;
                let group = t.group(&[]).await?;
                t.patched(&group, [remove("members")])
                    .await?
                    .lacks("members")
            }
        )
        .finds(&[2]),
        must!(
            "RFC7644-3.5.2.2-i",
            "remove of a sub-attribute leaves the others",
            "clear only name.givenName",
            async |t| {
                t.needs("User", &["name.givenName", "name.familyName"])?;
                let made = t.user().await?;
                t.patched(&made, [remove("name.givenName")])
                    .await?
                    .lacks("name.givenName")?
                    .has_some("name.familyName")
            }
        ),
        must!(
            "RFC7644-3.5.2.2-j",
            "remove of an attribute of an extension clears it",
            "clear urn:…:User:department",
            async |t| {
                let department = format!("{ENTERPRISE}:department");
                t.needs("User", &[&department])?;
                let made = t
                    .user_with(json!({ENTERPRISE: {"department": "Tools"}}))
                    .await?;
                t.patched(&made, [remove(&department)])
                    .await?
                    .lacks(&department)
            }
        ),
        must!(
            "RFC7644-3.5.2.2-k",
            "remove of a readOnly attribute is refused, or passed over",
            "keep id: refuse with mutability",
            async |t| {
                let made = t.user().await?;
                t.patch(&made, [remove("id")]).await?;
                t.read(&made).await?.has("id", made.id)
            }
        ),
        should!(
            "RFC7644-3.5.2.2-l",
            "a member that was removed is told no more in the user's groups",
            "derive groups at once",
            async |t| {
                t.needs("Group", &["members"])?;
                let user = t.user().await?;
                let group = t.group(&[&user]).await?;
                let path = format!(r#"members[value eq "{}"]"#, user.id);
                t.patched(&group, [remove(&path)]).await?;
                t.read(&user).await?.lacks("groups")
            }
        ),
        must!(
            "RFC7644-3.5.2.2-m",
            "remove with a filter that several values fulfil takes all of them away",
            "remove every value that fulfils the filter, not the first alone",
            async |t| {
                t.needs("Group", &["members"])?;
                let (one, two, three) = (t.user().await?, t.user().await?, t.user().await?);
                let group = t.group(&[&one, &two, &three]).await?;
                let path = format!(r#"members[value eq "{}" or value eq "{}"]"#, one.id, two.id);
                t.patched(&group, [remove(&path)])
                    .await?
                    .has("members", refs(&[&three]))
            }
        )
        .finds(&[19]),
        must!(
            "RFC7644-3.5.2.2-n",
            "a remove whose path has no filter takes all values away, or is refused if it has a value",
            "take all values away or refuse, or remove what the value names for identity providers that \
             send it",
            async |t| { by_value(t, |member| member).await }
        )
        .unless("removeWithValue"),
        must!(
            "RFC7644-3.5.2.2-o",
            "the same where the value repeats the name of the attribute",
            "take all values away or refuse, or remove what the value names for identity providers that \
             send it",
            async |t| { by_value(t, |member| json!({"members": member})).await }
        )
        .unless("nestedRemoveValue"),
    ],
};

async fn by_value(t: &Probe, value: fn(Value) -> Value) -> Result<(), Stop> {
    t.needs("Group", &["members"])?;
    let (one, two) = (t.user().await?, t.user().await?);
    let group = t.group(&[&one, &two]).await?;
    let value = value(refs(&[&one]));
    let operation = json!({"op": "remove", "path": "members", "value": value});
    let said = t.patch(&group, [operation]).await?;
    if said.code() == 400 {
        return Ok(());
    }
    said.accepted()?;
    t.read(&group).await?.lacks("members").map(drop)
}
