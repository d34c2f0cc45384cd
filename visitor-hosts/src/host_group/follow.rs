//! In which HostGroups is a Host? In those of the Groups that list any of its Users.

use std::collections::BTreeSet;

use scim_core::{ResourceId, ResourceType};
use scim_server::Error;
use scim_server::store::{Lock, Transaction};

use super::hook::MEMBERS_DIFFER;

/// Brings a Host into the groups that its Users are in, and takes it out of all others.
pub(crate) async fn follow(
    tx: &mut Transaction<'_>,
    host_groups: &ResourceType,
    host: ResourceId,
    users: &[ResourceId],
) -> Result<(), Error> {
    let groups = tx.owners("members", users).await?;
    let groups: BTreeSet<ResourceId> = groups
        .into_iter()
        .filter(|(_, group)| group.kind == "Group")
        .map(|(_, group)| group.id)
        .collect();
    let keys: Vec<(String, String)> = groups
        .into_iter()
        .map(|group| ("group.value".to_owned(), group.to_string()))
        .collect();
    let wanted = match keys.as_slice() {
        [] => Vec::new(),
        keys => tx.find("HostGroup", keys, Lock::ForUpdate).await?,
    };
    let is_in = tx.owners("members", &[host]).await?;
    let is_in: BTreeSet<ResourceId> = is_in
        .into_iter()
        .filter(|(_, group)| group.kind == "HostGroup")
        .map(|(_, group)| group.id)
        .collect();
    for group in wanted.iter().filter(|group| !is_in.contains(&group.id)) {
        tx.touch(host_groups, group)?;
        tx.add_members(group.id, "members", [host]);
    }
    let leaves: Vec<ResourceId> = is_in
        .into_iter()
        .filter(|id| wanted.iter().all(|group| group.id != *id))
        .collect();
    for group in tx.get_many(&leaves, Lock::ForUpdate).await? {
        // What was undone stays.
        if group.parse()?.get(MEMBERS_DIFFER).is_some() {
            continue;
        }
        tx.touch(host_groups, &group)?;
        tx.remove_members(group.id, "members", [host]);
    }
    Ok(())
}
