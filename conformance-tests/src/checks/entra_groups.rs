//! Does the server take what Microsoft Entra ID sends about groups?

use serde_json::{Value, json};

use super::entra::op;
use crate::suite::{Chapter, GROUP, Made, Profile, add, idp, not_applicable, refs, remove};

pub(super) static CHAPTER: Chapter = Chapter {
    name: "entra-groups",
    title: "Microsoft Entra ID: groups",
    profile: Profile::Entra,
    checks: &[
        idp!(
            "ENTRA-match-group",
            "groups are found by displayName, without their members",
            "apply filter and excludedAttributes=members together",
            async |t| {
                t.needs("Group", &["members"])?;
                let people = t.people().await?;
                let filter = format!(r#"displayName eq "{} staff""#, t.mark());
                let query = [
                    ("excludedAttributes", "members"),
                    ("filter", filter.as_str()),
                ];
                let listed = t
                    .query(&t.endpoint("Group")?, &query)
                    .await?
                    .list()?
                    .has_only(&people.staff.id)?;
                listed.said.lacks("Resources.members")
            }
        )
        .finds(&[16]),
        idp!(
            "ENTRA-match-unknown-group",
            "a filter for a group that does not exist is answered 200 and an empty list",
            "answer 200 with totalResults 0",
            async |t| {
                t.endpoint("Group")?;
                t.find("Group", &format!(r#"displayName eq "{}""#, t.name()))
                    .await?
                    .list()?
                    .has_none()
            }
        ),
        idp!(
            "ENTRA-create-group",
            "a group is created without members, and with Microsoft's own URN in schemas",
            "pass over schemas that are not known",
            async |t| {
                t.endpoint("Group")?;
                let name = t.name();
                let body = json!({
                    "schemas": [GROUP, "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"],
                    "externalId": name, "displayName": format!("{name} group"), "meta": {"resourceType": "Group"},
                });
                t.create("Group", body)
                    .await?
                    .status(&[201])?
                    .has("displayName", format!("{name} group"))
            }
        ),
        idp!(
            "ENTRA-patch-group-answer",
            "a PATCH of members is answered 204, or 200 with the group",
            "answer 204",
            async |t| {
                t.needs("Group", &["members"])?;
                let (user, group) = (t.user().await?, t.group(&[]).await?);
                t.patch(&group, [op("Add", "members", member(&user))])
                    .await?
                    .status(&[200, 204])
            }
        ),
        idp!(
            "ENTRA-add-member",
            "Add members with \"$ref\": null adds the member and keeps the others",
            "pass over $ref",
            async |t| {
                t.needs("Group", &["members"])?;
                let (one, two) = (t.user().await?, t.user().await?);
                let group = t.group(&[&one]).await?;
                t.patched(&group, [op("Add", "members", member(&two))])
                    .await?
                    .has("members", refs(&[&one, &two]))
            }
        )
        .finds(&[32]),
        idp!(
            "ENTRA-add-several-members",
            "one Add may bring several members",
            "add every element of the list",
            async |t| {
                t.needs("Group", &["members"])?;
                let (one, two, three) = (t.user().await?, t.user().await?, t.user().await?);
                let group = t.group(&[&one]).await?;
                t.patched(&group, [op("Add", "members", refs(&[&two, &three]))])
                    .await?
                    .has("members", refs(&[&one, &two, &three]))
            }
        ),
        idp!(
            "ENTRA-add-member-again",
            "a member that is there already is added once",
            "make Add of members idempotent",
            async |t| {
                t.needs("Group", &["members"])?;
                let user = t.user().await?;
                let group = t.group(&[]).await?;
                t.patched(&group, [op("Add", "members", member(&user))])
                    .await?;
                t.patched(&group, [op("Add", "members", member(&user))])
                    .await?
                    .has("members", refs(&[&user]))
            }
        )
        .finds(&[4]),
        idp!(
            "ENTRA-remove-member-by-value",
            "Remove members with the member in value removes that member and no other",
            "read the value of a Remove as the members to take away",
            async |t| {
                t.needs("Group", &["members"])?;
                let (one, two) = (t.user().await?, t.user().await?);
                let group = t.group(&[&one, &two]).await?;
                let operation = json!({"op": "Remove", "path": "members", "value": member(&one)});
                t.patched(&group, [operation])
                    .await?
                    .has("members", refs(&[&two]))
            }
        )
        .finds(&[1, 32]),
        idp!(
            "ENTRA-remove-member-by-path",
            "remove members[value eq \"…\"] removes that member and no other",
            "apply the filter to the members",
            async |t| {
                t.needs("Group", &["members"])?;
                let (one, two) = (t.user().await?, t.user().await?);
                let group = t.group(&[&one, &two]).await?;
                t.patched(
                    &group,
                    [remove(&format!(r#"members[value eq "{}"]"#, one.id))],
                )
                .await?
                .has("members", refs(&[&two]))
            }
        )
        .finds(&[3]),
        idp!(
            "ENTRA-remove-missing-member",
            "Remove of somebody who is no member is no error and removes nobody",
            "succeed where there is nothing to remove",
            async |t| {
                t.needs("Group", &["members"])?;
                let (one, two) = (t.user().await?, t.user().await?);
                let group = t.group(&[&two]).await?;
                let operation = json!({"op": "Remove", "path": "members", "value": member(&one)});
                t.patched(&group, [operation])
                    .await?
                    .has("members", refs(&[&two]))
            }
        )
        .finds(&[1]),
        idp!(
            "ENTRA-rename-group",
            "Replace displayName renames a group and keeps its members",
            "change only what the path names",
            async |t| {
                t.needs("Group", &["members"])?;
                let user = t.user().await?;
                let group = t.group(&[&user]).await?;
                let name = format!("{} renamed", t.name());
                t.patched(&group, [op("Replace", "displayName", name.as_str())])
                    .await?
                    .has("displayName", name)?
                    .has("members", refs(&[&user]))
            }
        ),
        idp!(
            "ENTRA-group-external-id",
            "externalId of a group can be set by PATCH and is found",
            "store externalId of groups and make it filterable",
            async |t| {
                t.endpoint("Group")?;
                let group = t.group(&[]).await?;
                let name = t.name();
                t.patched(&group, [op("Add", "externalId", name.as_str())])
                    .await?
                    .has("externalId", name.clone())?;
                t.find("Group", &format!(r#"externalId eq "{name}""#))
                    .await?
                    .list()?
                    .has_only(&group.id)
            }
        )
        .finds(&[13]),
        idp!(
            "ENTRA-read-group-without-members",
            "GET of a group with excludedAttributes=members has no members",
            "leave members out: Entra reads a group before each change",
            async |t| {
                t.needs("Group", &["members"])?;
                let user = t.user().await?;
                let group = t.group(&[&user]).await?;
                t.query(&group.path(), &[("excludedAttributes", "members")])
                    .await?
                    .status(&[200])?
                    .lacks("members")
            }
        )
        .finds(&[16]),
        idp!(
            "ENTRA-many-members",
            "one PATCH may add 50 members",
            "add members in one statement: large groups are synchronised in such pieces",
            async |t| {
                t.needs("Group", &["members"])?;
                if t.discovered().supports("patch") == Some(false) {
                    return not_applicable(
                        "ServiceProviderConfig says that patch is not supported",
                    );
                }
                let mut users = Vec::new();
                for _user in 0..50 {
                    users.push(t.user().await?);
                }
                let all: Vec<&Made> = users.iter().collect();
                let group = t.group(&[]).await?;
                t.patched(&group, [add("members", refs(&all))])
                    .await?
                    .counts("members", 50)
                    .map(drop)
            }
        )
        .finds(&[16, 32]),
    ],
};

fn member(made: &Made) -> Value {
    json!([{"$ref": null, "value": made.id}])
}
