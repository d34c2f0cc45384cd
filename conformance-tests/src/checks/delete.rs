//! Is a resource gone after DELETE, as RFC 7644 §3.6 says?

use crate::client::Call;
use crate::suite::{Chapter, Profile, merged, must, patch_body, refs, replace, should};

pub(super) static CHAPTER: Chapter = Chapter {
    name: "delete",
    title: "deleting, RFC 7644 §3.6",
    profile: Profile::Rfc,
    checks: &[
        must!(
            "RFC7644-3.6-a",
            "a DELETE that succeeds answers 204 without a body",
            "answer 204 No Content",
            async |t| {
                let made = t.user().await?;
                let said = t.delete(&made).await?.status(&[204])?;
                let empty = said.text().is_empty();
                said.ensure(empty, "expected no body")
            }
        ),
        must!(
            "RFC7644-3.6-b",
            "after DELETE, GET answers 404",
            "answer 404 for what was deleted",
            async |t| {
                let made = t.user().await?;
                t.delete(&made).await?.accepted()?;
                t.get(&made.path()).await?.status(&[404])
            }
        ),
        must!(
            "RFC7644-3.6-c",
            "after DELETE, PUT, PATCH and DELETE answer 404",
            "answer 404 for every operation on what was deleted",
            async |t| {
                let made = t.user().await?;
                t.delete(&made).await?.accepted()?;
                t.put(&made, made.body.clone()).await?.status(&[404])?;
                if t.discovered().supports("patch") != Some(false) {
                    let body = patch_body([replace("displayName", "x")]);
                    t.send(Call::new("PATCH", made.path()).with_body(body))
                        .await?
                        .status(&[404])?;
                }
                t.delete(&made).await?.status(&[404])
            }
        ),
        must!(
            "RFC7644-3.6-d",
            "DELETE of an unknown id answers 404",
            "answer 404 with a SCIM error",
            async |t| {
                let path = format!("{}/{}", t.endpoint("User")?, t.name());
                t.send(Call::new("DELETE", path)).await?.status(&[404])
            }
        ),
        should!(
            "RFC7644-3.6-e",
            "the userName of a deleted user is free again",
            "leave deleted resources out when looking for duplicates",
            async |t| {
                let made = t.user().await?;
                t.delete(&made).await?.accepted()?;
                let body = merged(
                    t.new_user(),
                    serde_json::json!({"userName": made.body["userName"]}),
                );
                t.create("User", body).await?.status(&[201])
            }
        )
        .finds(&[20]),
        should!(
            "RFC7644-3.6-f",
            "a deleted user is a member of no group",
            "remove members with the user",
            async |t| {
                t.needs("Group", &["members"])?;
                let (one, two) = (t.user().await?, t.user().await?);
                let group = t.group(&[&one, &two]).await?;
                t.delete(&one).await?.accepted()?;
                t.read(&group).await?.has("members", refs(&[&two]))
            }
        ),
        should!(
            "RFC7644-3.6-g",
            "a deleted group is told no more in its members' groups",
            "derive groups from the groups that there are",
            async |t| {
                t.needs("Group", &["members"])?;
                let user = t.user().await?;
                let group = t.group(&[&user]).await?;
                t.delete(&group).await?.accepted()?;
                t.read(&user).await?.lacks("groups")
            }
        ),
        must!(
            "RFC7644-3.6-h",
            "deleting a group deletes no user",
            "delete the group alone",
            async |t| {
                t.needs("Group", &["members"])?;
                let user = t.user().await?;
                let group = t.group(&[&user]).await?;
                t.delete(&group).await?.accepted()?;
                t.read(&user).await
            }
        ),
    ],
};
