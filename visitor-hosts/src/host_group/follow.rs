//! In which HostGroups is a Host? In those of the Groups that list any of its Users.

use std::collections::BTreeSet;

use scim_core::{ResourceId, ResourceType};
use scim_server::Error;
use scim_server::store::{Lock, Stored, Transaction};

use super::hook::MEMBERS_DIFFER;

/// The HostGroups of the Groups that any of these Users is in.
pub(crate) async fn of_users(
    tx: &mut Transaction<'_>,
    users: &[ResourceId],
    lock: Lock,
) -> Result<Vec<Stored>, Error> {
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
    match keys.as_slice() {
        [] => Ok(Vec::new()),
        keys => Ok(tx.find("HostGroup", keys, lock).await?),
    }
}

/// Brings a Host into the groups that its Users are in, and takes it out of all others.
pub(crate) async fn follow(
    tx: &mut Transaction<'_>,
    host_groups: &ResourceType,
    host: ResourceId,
    users: &[ResourceId],
) -> Result<(), Error> {
    let wanted = of_users(tx, users, Lock::ForUpdate).await?;
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
