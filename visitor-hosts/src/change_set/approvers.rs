//! Approvers whom a directory takes out of their group: that nobody is left to decide is noticed before it is so.
//!
//! A group of approvers that would be empty, or lose more members in one set than hosts may be hidden, keeps them
//! until somebody decides. The rights of whoever the directory lets go end at once all the same: they are asked
//! from the User. It is the same whether the directory takes them out, deletes them, or deletes their group: a group
//! that is kept so is one without a Group, and goes when the set is released.

use scim_core::{Document, ResourceId, ResourceType};
use scim_server::Error;
use scim_server::store::{Lock, Stored, Transaction};
use serde_json::{Map, Value, json};

use super::collect::{self, ChangeSets, Connection, TooMuch, is_held};
use crate::connection::Mode;
use crate::host_group::MEMBERS_DIFFER;
use crate::ownership::users_of;
use crate::reference;

/// The purpose of a `HostGroup` whose members decide.
const APPROVERS: &str = "approvers";
/// The attribute of a set that names the groups that it keeps.
const GROUPS: &str = "heldGroups";
/// How the impact of a set calls them.
const GROUPS_CHANGED: &str = "approverGroupsChanged";

/// Are the members of a group approvers?
pub(crate) fn decide(group: &Map<String, Value>) -> bool {
    let purposes = group.get("purpose").and_then(Value::as_array);
    purposes
        .into_iter()
        .flatten()
        .any(|purpose| purpose == APPROVERS)
}

impl ChangeSets {
    /// Counts approvers who leave; whether they stay until somebody decides.
    pub(crate) async fn keeps(
        &self,
        tx: &mut Transaction<'_>,
        by: Connection<'_>,
        (group, name): (ResourceId, Option<&str>),
        leaving: usize,
    ) -> Result<bool, Error> {
        let stored = self.open(tx, by).await?;
        let mut set = stored.parse()?.into_map();
        let more = i64::try_from(leaving).unwrap_or(i64::MAX);
        let removed = collect::add(&mut set, "summary", "membersRemoved", more);
        let members = tx.member_ids(group, "members").await?.len();
        let wanted = collect::wanted(tx, by).await?;
        let mut is_told = false;
        if !is_held(&set) && (members <= leaving || removed.unsigned_abs() > wanted.hosts()) {
            let called = name.unwrap_or("a group of approvers");
            let what = format!(
                "{} takes approvers out of {called}, too many or the last.",
                by.name
            );
            let much = TooMuch {
                code: GROUPS_CHANGED,
                what: &what,
                but: None,
                wanted,
            };
            is_told = self.too_much(tx, by, (&stored, &mut set), &much).await?;
        }
        let keeps = is_held(&set) && by.guard().mode.unwrap_or_default() == Mode::Hold;
        if keeps {
            tell_kept(&mut set, group, name);
        } else if is_told {
            let mut groups = collect::names_told(&set, GROUPS_CHANGED);
            groups.extend(name.map(Value::from).filter(|name| !groups.contains(name)));
            collect::tell_impact(&mut set, GROUPS_CHANGED, groups.len(), groups);
        }
        tx.update(&self.sets, &stored, &Document::from_stored(set))?;
        Ok(keeps)
    }
}

/// A Host whose User was deleted is about to leave its groups: counts it in those of approvers, before it does.
pub(crate) async fn goes(
    change_sets: &ChangeSets,
    tx: &mut Transaction<'_>,
    by: Connection<'_>,
    host: ResourceId,
) -> Result<(), Error> {
    let owners = tx.owners("members", &[host]).await?;
    let groups = owners.iter().filter(|(_, group)| group.kind == "HostGroup");
    let groups: Vec<ResourceId> = groups.map(|(_, group)| group.id).collect();
    for stored in tx.get_many(&groups, Lock::ForUpdate).await? {
        let document = stored.parse()?;
        if decide(document.as_map()) {
            let name = document.get("displayName").and_then(Value::as_str);
            change_sets.keeps(tx, by, (stored.id, name), 1).await?;
        }
    }
    Ok(())
}

/// The groups that a set keeps become what their directories say now.
pub(super) async fn release(
    tx: &mut Transaction<'_>,
    host_groups: &ResourceType,
    set: &Map<String, Value>,
) -> Result<(), Error> {
    let groups = set.get(GROUPS).unwrap_or(&Value::Null);
    let groups: Vec<ResourceId> = targets(groups).collect();
    for stored in tx.get_many(&groups, Lock::ForUpdate).await? {
        let mut document = stored.parse()?.into_map();
        let Some(group) = reference::target(document.get("group")) else {
            // The directory has deleted it.
            tx.clear_members(stored.id, "members").await?;
            tx.delete(host_groups, &stored)?;
            continue;
        };
        let leaving = leaving(tx, &stored, group).await?;
        tx.remove_members(stored.id, "members", leaving);
        document.shift_remove(MEMBERS_DIFFER);
        tx.update(host_groups, &stored, &Document::from_stored(document))?;
    }
    Ok(())
}

/// Members none of whose Users is in the group any more.
async fn leaving(
    tx: &mut Transaction<'_>,
    host_group: &Stored,
    group: ResourceId,
) -> Result<Vec<ResourceId>, Error> {
    let members = tx.member_ids(host_group.id, "members").await?;
    let mut leaving = Vec::new();
    for host in tx.get_many(&members, Lock::None).await? {
        let document = host.parse()?;
        let users = users_of(document.as_map());
        let users: Vec<ResourceId> = users.iter().map(|user| user.id).collect();
        let found = tx.member_candidates(group, "members", &users).await?;
        if !found.iter().any(|user| user.is_member) {
            leaving.push(host.id);
        }
    }
    Ok(leaving)
}

/// Names a group among those that the set keeps.
fn tell_kept(set: &mut Map<String, Value>, group: ResourceId, name: Option<&str>) {
    let groups = set.entry(GROUPS).or_insert_with(|| json!([]));
    let is_new = targets(groups).all(|known| known != group);
    if let Some(groups) = groups.as_array_mut().filter(|_| is_new) {
        groups.push(reference::to(&group, name));
    }
    let count = targets(groups).count();
    collect::tell_impact(set, GROUPS_CHANGED, count, name.map(Value::from));
}

fn targets(groups: &Value) -> impl Iterator<Item = ResourceId> {
    let groups = groups.as_array().into_iter().flatten();
    groups.filter_map(|group| reference::target(Some(group)))
}
