//! A Host follows its User, in the User's own unit of work.

use std::collections::BTreeMap;

use async_trait::async_trait;
use scim_core::{Document, ResourceId, ResourceType, SchemaError};
use scim_server::Error;
use scim_server::service::{Acting, Changed, Hook, Verb, connection_in_words};
use scim_server::store::{ConnectionId, Lock, Stored, Transaction};
use serde_json::{Map, Value};

use super::mapping::Directory;
use super::status::{self, Facts};
use super::{explain, matching, verbs};
use crate::change_set::{ChangeSets, Connection, How};
use crate::derived::date_time;
use crate::location::offices;
use crate::{mirror, reference, schemas};

/// Derives Hosts.
pub struct HostHook {
    hosts: ResourceType,
    groups: ResourceType,
    offices: ResourceType,
    change_sets: ChangeSets,
}

impl HostHook {
    /// A hook with the product's schemas.
    pub fn new() -> Result<HostHook, SchemaError> {
        Ok(HostHook {
            hosts: schemas::host_type()?,
            groups: schemas::host_group_type()?,
            offices: schemas::unknown_office_type()?,
            change_sets: ChangeSets::new()?,
        })
    }

    async fn user_changed(
        &self,
        tx: &mut Transaction<'_>,
        change: &Changed<'_>,
        user: &Stored,
    ) -> Result<(), Error> {
        let document = user.parse()?;
        let connection = change.caller.connection;
        let existing = match change.before {
            Some(_) => mirror::of(tx, "Host", "user", user.id).await?,
            None => None,
        };
        let mut directory = Directory {
            user_id: user.id.to_string(),
            user: document.as_map(),
            source: mirror::channel(change.caller.kind),
            connection: (connection.to_string(), &change.caller.name),
            manager: manager(tx, document.as_map(), connection).await?,
        };
        let existing = match existing {
            Some(existing) => Some(existing),
            None => matching::former_host(tx, &directory.host(None), connection).await?,
        };
        let before = existing.as_ref().map(Stored::parse).transpose()?;
        if directory.manager.is_none() && manager_stays(change, document.as_map())? {
            let manager = before.as_ref().and_then(|host| host.get("manager"));
            directory.manager = reference::target(manager);
        }
        let before = before.as_ref().map(Document::as_map);
        let mut host = directory.host(before);
        let id = match &existing {
            Some(existing) => existing.id,
            None => ResourceId::new(tx.new_id()),
        };
        self.place(tx, before, (id, &mut host)).await?;
        let source = directory.connection.0.as_str();
        self.decide(tx, before, (id, &mut host), directory.facts(), source)
            .await?;
        self.guard(tx, change, before, (id, &mut host), How::Deactivated)
            .await?;
        // Somebody who comes back begins without groups, also one whose going was held.
        if before.is_some_and(|before| !before.contains_key("user")) {
            leave_groups(tx, &self.groups, &[id]).await?;
        }
        match existing {
            Some(existing) => self.write(tx, &existing, host),
            None => {
                tx.insert(&self.hosts, None, id, &Document::from_stored(host))?;
                Ok(())
            }
        }
    }

    /// Finds the location of an office that is new to the Host; one that nobody knows is asked for.
    async fn place(
        &self,
        tx: &mut Transaction<'_>,
        before: Option<&Map<String, Value>>,
        (id, host): (ResourceId, &mut Map<String, Value>),
    ) -> Result<(), Error> {
        let was = before.and_then(offices::of);
        let is = offices::of(host).map(str::to_owned);
        let is_placed = is.is_none() || host.contains_key("location");
        if was == is.as_deref() && is_placed {
            return Ok(());
        }
        host.shift_remove("location");
        if let Some(office) = &is {
            match offices::location(tx, office).await? {
                Some(location) => {
                    let location = reference::to(&location, None);
                    host.insert("location".to_owned(), location);
                }
                None => offices::ask(tx, &self.offices, office).await?,
            }
        }
        let unknown = before.filter(|before| !before.contains_key("location"));
        match unknown.and_then(offices::of) {
            Some(office) if is.as_deref() != Some(office) => {
                offices::left(tx, &self.offices, &self.hosts, (office, id)).await
            }
            _ => Ok(()),
        }
    }

    /// The Host stays, so that visits and invites keep their host; it leaves its groups.
    async fn user_deleted(
        &self,
        tx: &mut Transaction<'_>,
        change: &Changed<'_>,
        user: &Stored,
    ) -> Result<(), Error> {
        let Some(existing) = mirror::of(tx, "Host", "user", user.id).await? else {
            return Ok(());
        };
        let before = existing.parse()?.into_map();
        let mut host = before.clone();
        host.shift_remove("user");
        let id = existing.id;
        let source = change.caller.connection.to_string();
        self.decide(tx, Some(&before), (id, &mut host), Facts::GONE, &source)
            .await?;
        self.guard(tx, change, Some(&before), (id, &mut host), How::Deleted)
            .await?;
        if status::held_by(&host).is_none() {
            leave_groups(tx, &self.groups, &[id]).await?;
        }
        self.write(tx, &existing, host)
    }

    /// Decides the status by what the directory says. A hold on which somebody has decided ends with the
    /// next thing that the directory says; every hold ends when the directory shows the host again.
    async fn decide(
        &self,
        tx: &mut Transaction<'_>,
        before: Option<&Map<String, Value>>,
        (_, host): (ResourceId, &mut Map<String, Value>),
        facts: Facts,
        source: &str,
    ) -> Result<(), Error> {
        if let Some(set) = status::held_by(host) {
            let says_more = before.is_some_and(|before| Facts::of(before) != facts);
            let ends =
                facts.is_shown() || (says_more && !self.change_sets.is_held(tx, set).await?);
            if ends {
                host.shift_remove("hold");
            }
        }
        let now = date_time(tx);
        status::decide_for_directory(host, facts, &now, Some(source));
        Ok(())
    }

    /// Counts a Host that goes or comes back, for the guard.
    async fn guard(
        &self,
        tx: &mut Transaction<'_>,
        change: &Changed<'_>,
        before: Option<&Map<String, Value>>,
        (id, host): (ResourceId, &mut Map<String, Value>),
        how: How,
    ) -> Result<(), Error> {
        let Some(before) = before else {
            return Ok(());
        };
        let was_said = Facts::of(before).is_shown();
        let is_said = Facts::of(host).is_shown();
        let by = Connection {
            id: change.caller.connection,
            name: &change.caller.name,
            channel: mirror::channel(change.caller.kind),
        };
        if status::is_in_effect(before) && !status::is_in_effect(host) && !is_said {
            return self.change_sets.hidden(tx, by, (id, host), how).await;
        }
        if !was_said && is_said {
            return self.change_sets.shown(tx, by.id, id).await;
        }
        Ok(())
    }

    /// Somebody wrote a product attribute: warnings may come or go, delegates must exist.
    async fn host_changed(&self, tx: &mut Transaction<'_>, host: &Stored) -> Result<(), Error> {
        let mut document = host.parse()?.into_map();
        delegates_exist(tx, &document).await?;
        status::decide_again(&mut document, &date_time(tx));
        self.write(tx, host, document)
    }

    /// Writes a Host that differs from what is stored.
    fn write(
        &self,
        tx: &mut Transaction<'_>,
        before: &Stored,
        host: Map<String, Value>,
    ) -> Result<(), Error> {
        if *before.parse()?.as_map() != host {
            tx.update(&self.hosts, before, &Document::from_stored(host))?;
        }
        Ok(())
    }
}

#[async_trait]
impl Hook for HostHook {
    async fn after_change(
        &self,
        tx: &mut Transaction<'_>,
        change: &Changed<'_>,
    ) -> Result<(), Error> {
        match (change.resource_type.name(), change.before, change.after) {
            ("User", _, Some(user)) => self.user_changed(tx, change, user).await,
            ("User", Some(user), None) => self.user_deleted(tx, change, user).await,
            ("Host", _, Some(host)) => self.host_changed(tx, host).await,
            _ => Ok(()),
        }
    }

    fn verbs(&self) -> &'static [Verb] {
        verbs::ALL
    }

    async fn act(&self, tx: &mut Transaction<'_>, acting: &Acting<'_>) -> Result<(), Error> {
        let host = verbs::acted(acting, &date_time(tx))?;
        self.write(tx, acting.stored, host)
    }

    async fn tell(&self, tx: &mut Transaction<'_>, acting: &Acting<'_>) -> Result<Value, Error> {
        let host = acting.stored.parse()?;
        let names = explain::sources(tx, host.as_map()).await?;
        let id = acting.stored.id;
        Ok(explain::explanation(id, host.as_map(), &names))
    }

    async fn keeper(
        &self,
        _tx: &mut Transaction<'_>,
        stored: &Stored,
    ) -> Result<Option<String>, Error> {
        if stored.kind != "Host" {
            return Ok(None);
        }
        let document = stored.parse()?;
        let managed_by = document.get("managedBy");
        let name = managed_by.and_then(|managed_by| managed_by.get("display"));
        Ok(Some(connection_in_words(name.and_then(Value::as_str))))
    }
}

/// Hosts whose Users are gone are in no group any more.
pub(crate) async fn leave_groups(
    tx: &mut Transaction<'_>,
    host_groups: &ResourceType,
    hosts: &[ResourceId],
) -> Result<(), Error> {
    let owners = tx.owners("members", hosts).await?;
    let mut leaving: BTreeMap<ResourceId, Vec<ResourceId>> = BTreeMap::new();
    for (host, group) in owners {
        leaving.entry(group.id).or_default().push(host);
    }
    let ids: Vec<ResourceId> = leaving.keys().copied().collect();
    for group in tx.get_many(&ids, Lock::ForUpdate).await? {
        tx.touch(host_groups, &group)?;
        let hosts = leaving.remove(&group.id).unwrap_or_default();
        tx.remove_members(group.id, "members", hosts);
    }
    Ok(())
}

/// Does the directory name the same manager as before? The Host it led to may be without a User
/// now; who manages whom changes only when the directory says so.
fn manager_stays(change: &Changed<'_>, user: &Map<String, Value>) -> Result<bool, Error> {
    let Some(before) = change.before else {
        return Ok(false);
    };
    let before = reference::manager_of(before.parse()?.as_map());
    Ok(before.is_some() && before == reference::manager_of(user))
}

/// The Host of the User that the directory names as manager, if the same connection brought it.
async fn manager(
    tx: &mut Transaction<'_>,
    user: &Map<String, Value>,
    connection: ConnectionId,
) -> Result<Option<ResourceId>, Error> {
    let Some(user) = reference::manager_of(user) else {
        return Ok(None);
    };
    let key = ("user.value".to_owned(), user.to_string());
    let Some(host) = tx.find("Host", &[key], Lock::None).await?.pop() else {
        return Ok(None);
    };
    let managed_by = reference::connection(host.parse()?.get("managedBy"));
    Ok((managed_by == Some(connection)).then_some(host.id))
}

async fn delegates_exist(tx: &mut Transaction<'_>, host: &Map<String, Value>) -> Result<(), Error> {
    let delegates = host.get("delegates").and_then(Value::as_array);
    let Some(delegates) = delegates.filter(|delegates| !delegates.is_empty()) else {
        return Ok(());
    };
    let targets = delegates.iter().map(|one| reference::target(Some(one)));
    let ids: Vec<ResourceId> = targets.flatten().collect();
    let hosts = tx.get_many(&ids, Lock::None).await?;
    for delegate in delegates {
        let target = reference::target(Some(delegate));
        let is_target = |host: &Stored| Some(host.id) == target && host.kind == "Host";
        if !hosts.iter().any(is_target) {
            let value = delegate
                .get("value")
                .and_then(Value::as_str)
                .unwrap_or_default();
            let reason = format!("no Host has the id {}", scim_core::error::echo(value));
            return Err(scim_core::Error::invalid_value("delegates", reason).into());
        }
    }
    Ok(())
}
