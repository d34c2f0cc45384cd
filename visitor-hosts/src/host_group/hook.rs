//! A HostGroup follows its Group, in the Group's own unit of work.

use std::collections::BTreeSet;

use async_trait::async_trait;
use scim_core::{Document, ResourceId, ResourceType, SchemaError};
use scim_server::Error;
use scim_server::service::{Changed, Hook};
use scim_server::store::{Lock, Stored, Transaction};
use serde_json::{Map, Value, json};

use crate::change_set::{self, ChangeSets, Connection};
use crate::ownership::users_of;
use crate::{mirror, reference, schemas};

/// Derives HostGroups.
pub struct HostGroupHook {
    host_groups: ResourceType,
    change_sets: ChangeSets,
}

impl HostGroupHook {
    /// A hook with the product's schemas.
    pub fn new() -> Result<HostGroupHook, SchemaError> {
        Ok(HostGroupHook {
            host_groups: schemas::host_group_type()?,
            change_sets: ChangeSets::new()?,
        })
    }

    async fn group_changed(
        &self,
        tx: &mut Transaction<'_>,
        change: &Changed<'_>,
        group: &Stored,
    ) -> Result<(), Error> {
        let existing = match change.before {
            Some(_) => mirror::of(tx, "HostGroup", "group", group.id).await?,
            None => None,
        };
        let (id, stored) = match existing {
            Some(existing) => {
                let mut document = existing.parse()?.into_map();
                mirror(&mut document, group)?;
                let differs = *existing.parse()?.as_map() != document;
                if !differs && change.members.is_empty() {
                    return Ok(());
                }
                let document = Document::from_stored(document);
                (existing.id, Some((existing, document)))
            }
            None => {
                let source = mirror::channel(change.caller.kind);
                let id = ResourceId::new(tx.new_id());
                let document = Document::from_stored(new(group, source)?);
                tx.insert(&self.host_groups, None, id, &document)?;
                (id, None)
            }
        };
        let is_new = stored.is_none();
        let added = hosts_of(tx, &change.members.added).await?;
        let added = without_members(tx, (!is_new).then_some(id), added).await?;
        let removed = hosts_of(tx, &change.members.removed).await?;
        let removed = without_other_members(tx, group.id, removed).await?;
        let differ = |(_, document): &(Stored, Document)| document.get(MEMBERS_DIFFER).is_some();
        let (added, removed) = if stored.as_ref().is_some_and(differ) {
            effective(tx, id, added, removed).await?
        } else {
            (added, removed)
        };
        let (removed, stored) = self.kept(tx, change, removed, stored).await?;
        tx.remove_members(id, "members", removed);
        tx.add_members(id, "members", added);
        if let Some((existing, document)) = stored {
            tx.update(&self.host_groups, &existing, &document)?;
        }
        Ok(())
    }

    /// Approvers may stay until somebody decides: those who leave now, and the group as it is then.
    async fn kept(
        &self,
        tx: &mut Transaction<'_>,
        change: &Changed<'_>,
        removed: Vec<ResourceId>,
        stored: Option<(Stored, Document)>,
    ) -> Result<(Vec<ResourceId>, Option<(Stored, Document)>), Error> {
        let Some((existing, document)) = stored else {
            return Ok((removed, None));
        };
        if removed.is_empty() || !change_set::decide(document.as_map()) {
            return Ok((removed, Some((existing, document))));
        }
        let by = Connection::of(change.caller);
        let name = document.get("displayName").and_then(Value::as_str);
        let group = (existing.id, name);
        if !self.change_sets.keeps(tx, by, group, removed.len()).await? {
            return Ok((removed, Some((existing, document))));
        }
        let mut document = document.into_map();
        document.insert(MEMBERS_DIFFER.to_owned(), json!(true));
        Ok((
            Vec::new(),
            Some((existing, Document::from_stored(document))),
        ))
    }

    async fn group_deleted(
        &self,
        tx: &mut Transaction<'_>,
        change: &Changed<'_>,
        group: &Stored,
    ) -> Result<(), Error> {
        let Some(existing) = mirror::of(tx, "HostGroup", "group", group.id).await? else {
            return Ok(());
        };
        let mut document = existing.parse()?.into_map();
        if self.stays(tx, change, &existing, &document).await? {
            document.shift_remove("group");
            document.insert(MEMBERS_DIFFER.to_owned(), json!(true));
            let document = Document::from_stored(document);
            tx.update(&self.host_groups, &existing, &document)?;
            return Ok(());
        }
        tx.clear_members(existing.id, "members").await?;
        tx.delete(&self.host_groups, &existing)
    }

    /// Do the approvers of a group that is deleted stay until somebody decides?
    async fn stays(
        &self,
        tx: &mut Transaction<'_>,
        change: &Changed<'_>,
        existing: &Stored,
        document: &Map<String, Value>,
    ) -> Result<bool, Error> {
        if !change_set::decide(document) {
            return Ok(false);
        }
        let members = tx.member_ids(existing.id, "members").await?.len();
        if members == 0 {
            return Ok(false);
        }
        let by = Connection::of(change.caller);
        let name = document.get("displayName").and_then(Value::as_str);
        let group = (existing.id, name);
        self.change_sets.keeps(tx, by, group, members).await
    }
}

#[async_trait]
impl Hook for HostGroupHook {
    async fn after_change(
        &self,
        tx: &mut Transaction<'_>,
        change: &Changed<'_>,
    ) -> Result<(), Error> {
        match (change.resource_type.name(), change.before, change.after) {
            ("Group", _, Some(group)) => self.group_changed(tx, change, group).await,
            ("Group", Some(group), None) => self.group_deleted(tx, change, group).await,
            _ => Ok(()),
        }
    }

    async fn keeper(
        &self,
        tx: &mut Transaction<'_>,
        stored: &Stored,
    ) -> Result<Option<String>, Error> {
        if stored.kind != "HostGroup" {
            return Ok(None);
        }
        let document = stored.parse()?;
        let Some(group) = reference::target(document.get("group")) else {
            return Ok(None);
        };
        let owner = tx.get("Group", group).await?.and_then(|group| group.owner);
        let token = match owner {
            Some(owner) => tx.token(owner.0).await?,
            None => None,
        };
        let name = token.map(|token| token.name);
        Ok(Some(scim_server::service::connection_in_words(
            name.as_deref(),
        )))
    }
}

/// An attribute that says: since an undo, the members need not be those of the group.
pub(crate) const MEMBERS_DIFFER: &str = "membersDiffer";

/// Of those that come and go, those that are not there, and those that are.
async fn effective(
    tx: &mut Transaction<'_>,
    group: ResourceId,
    mut added: Vec<ResourceId>,
    mut removed: Vec<ResourceId>,
) -> Result<(Vec<ResourceId>, Vec<ResourceId>), Error> {
    let all: Vec<ResourceId> = added.iter().chain(&removed).copied().collect();
    let found = tx.member_candidates(group, "members", &all).await?;
    let members = found.iter().filter(|one| one.is_member).map(|one| one.id);
    let members: BTreeSet<ResourceId> = members.collect();
    added.retain(|id| !members.contains(id));
    removed.retain(|id| members.contains(id));
    Ok((added, removed))
}

/// What a HostGroup takes over from its Group.
fn mirror(host_group: &mut Map<String, Value>, group: &Stored) -> Result<(), Error> {
    let document = group.parse()?;
    let display = document.get("displayName").and_then(Value::as_str);
    host_group.insert("group".to_owned(), reference::to(&group.id, display));
    match display {
        Some(display) => {
            host_group.insert("displayName".to_owned(), json!(display));
        }
        None => {
            host_group.shift_remove("displayName");
        }
    }
    Ok(())
}

fn new(group: &Stored, source: &str) -> Result<Map<String, Value>, Error> {
    let mut host_group = Map::new();
    host_group.insert("schemas".to_owned(), json!([schemas::HOST_GROUP_URN]));
    mirror(&mut host_group, group)?;
    host_group.insert("source".to_owned(), json!(source));
    host_group.insert("purpose".to_owned(), json!(["hostGroup"]));
    Ok(host_group)
}

/// The Hosts of those members that are Users and have one.
async fn hosts_of(tx: &mut Transaction<'_>, users: &[ResourceId]) -> Result<Vec<Host>, Error> {
    if users.is_empty() {
        return Ok(Vec::new());
    }
    let keys: Vec<(String, String)> = users
        .iter()
        .flat_map(|user| mirror::keys_of_user(*user))
        .collect();
    let mut hosts = Vec::new();
    for stored in tx.find("Host", &keys, Lock::None).await? {
        let document = stored.parse()?;
        let users = users_of(document.as_map());
        hosts.push(Host {
            id: stored.id,
            users: users.iter().map(|user| user.id).collect(),
        });
    }
    Ok(hosts)
}

/// A Host with all of its Users.
struct Host {
    id: ResourceId,
    users: Vec<ResourceId>,
}

/// Leaves out those who are in the group already, by another of their Users.
async fn without_members(
    tx: &mut Transaction<'_>,
    host_group: Option<ResourceId>,
    hosts: Vec<Host>,
) -> Result<Vec<ResourceId>, Error> {
    let several = hosts.iter().filter(|host| host.users.len() > 1);
    let several: Vec<ResourceId> = several.map(|host| host.id).collect();
    let mut ids: Vec<ResourceId> = hosts.into_iter().map(|host| host.id).collect();
    if let Some(host_group) = host_group.filter(|_| !several.is_empty()) {
        let candidates = tx.member_candidates(host_group, "members", &several);
        let candidates = candidates.await?;
        let is_member = |id: &ResourceId| {
            let mut candidates = candidates.iter();
            candidates.any(|candidate| candidate.id == *id && candidate.is_member)
        };
        ids.retain(|id| !is_member(id));
    }
    Ok(ids)
}

/// Leaves out those who stay in the group by another of their Users.
async fn without_other_members(
    tx: &mut Transaction<'_>,
    group: ResourceId,
    hosts: Vec<Host>,
) -> Result<Vec<ResourceId>, Error> {
    let several = hosts.iter().filter(|host| host.users.len() > 1);
    let users = several.flat_map(|host| host.users.iter().copied());
    let users: BTreeSet<ResourceId> = users.collect();
    if users.is_empty() {
        return Ok(hosts.into_iter().map(|host| host.id).collect());
    }
    // The group has lost those that it loses.
    let users: Vec<ResourceId> = users.into_iter().collect();
    let candidates = tx.member_candidates(group, "members", &users).await?;
    let stays = |host: &Host| {
        let mut candidates = candidates.iter();
        candidates.any(|one| one.is_member && host.users.contains(&one.id))
    };
    let leaving = hosts.into_iter().filter(|host| !stays(host));
    Ok(leaving.map(|host| host.id).collect())
}
