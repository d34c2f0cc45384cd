//! What becomes of a Host when one of its Users says something, comes or goes.

use std::collections::BTreeMap;

use scim_core::schema::ENTERPRISE_USER_URN;
use scim_core::{Document, ResourceId, ResourceType, SchemaError};
use scim_server::Error;
use scim_server::service::Caller;
use scim_server::store::{ConnectionId, Lock, Stored, Transaction};
use serde_json::{Map, Value, json};

use super::mapping::{self, Directory};
use super::status::{self, Facts};
use crate::change_set::{self, ChangeSets, Connection, How};
use crate::derived::date_time;
use crate::host_group;
use crate::location::offices;
use crate::ownership::users_of;
use crate::source::{Incoming, rank};
use crate::{mirror, reference, schemas};

/// Writes Hosts.
pub(crate) struct Hosts {
    hosts: ResourceType,
    groups: ResourceType,
    offices: ResourceType,
    change_sets: ChangeSets,
}

impl Hosts {
    pub(crate) fn new() -> Result<Hosts, SchemaError> {
        Ok(Hosts {
            hosts: schemas::host_type()?,
            groups: schemas::host_group_type()?,
            offices: schemas::unknown_office_type()?,
            change_sets: ChangeSets::new()?,
        })
    }

    pub(super) fn resource_type(&self) -> &ResourceType {
        &self.hosts
    }

    /// Notes that a connection is at work.
    pub(crate) async fn note(&self, tx: &mut Transaction<'_>, by: &Caller) -> Result<(), Error> {
        let connection = Connection::of(by);
        self.change_sets.note(tx, &by.tenant, connection).await
    }

    /// A new Host, which nobody else may be made with at this moment.
    pub(crate) async fn make(
        &self,
        tx: &mut Transaction<'_>,
        incoming: &Incoming<'_>,
        arrived_as: Vec<String>,
    ) -> Result<ResourceId, Error> {
        let mut host = self.mirrored(tx, incoming, None, None).await?;
        if !arrived_as.is_empty() {
            host.insert("arrivedAs".to_owned(), json!(arrived_as));
            tx.yield_where_taken("Host");
        }
        let id = ResourceId::new(tx.new_id());
        self.place(tx, None, (id, &mut host)).await?;
        self.decide(tx, None, (id, &mut host), incoming).await?;
        tx.insert(&self.hosts, None, id, &Document::from_stored(host))?;
        Ok(id)
    }

    /// The Host mirrors the User from now on, or still does; `was` is what the User said before.
    pub(crate) async fn take(
        &self,
        tx: &mut Transaction<'_>,
        incoming: &Incoming<'_>,
        existing: &Stored,
        was: Option<&Stored>,
    ) -> Result<Map<String, Value>, Error> {
        let before = existing.parse()?.into_map();
        let adopting = adopting(&before, incoming.id());
        let mut host = self.mirrored(tx, incoming, Some(&adopting), was).await?;
        let id = existing.id;
        self.place(tx, Some(&before), (id, &mut host)).await?;
        self.decide(tx, Some(&before), (id, &mut host), incoming)
            .await?;
        let by = incoming.source.connection();
        self.guard(tx, by, &before, (id, &mut host), How::Deactivated)
            .await?;
        // Somebody who comes back begins without groups, also one whose going was held.
        if !before.contains_key("user") {
            leave_groups(tx, &self.groups, &[id]).await?;
        }
        self.write(tx, existing, host.clone())?;
        Ok(host)
    }

    /// The Host is the User's too. It mirrors the one that comes first by its channel, of two of the same the new
    /// one; the other one is a further source.
    pub(crate) async fn link(
        &self,
        tx: &mut Transaction<'_>,
        incoming: &Incoming<'_>,
        existing: &Stored,
    ) -> Result<(), Error> {
        let mut host = existing.parse()?.into_map();
        let channel = host.get("source").and_then(Value::as_str).unwrap_or("idp");
        let is_first = rank(incoming.source.channel) >= rank(channel);
        if is_first || !host.contains_key("user") {
            self.take(tx, incoming, existing, None).await?;
            return Ok(());
        }
        let display = incoming.document.get("displayName").and_then(Value::as_str);
        let source = further_source(
            &incoming.id(),
            display,
            incoming.source.channel,
            Some((&incoming.source.id.to_string(), Some(incoming.source.name))),
        );
        add_further_source(&mut host, source);
        self.write(tx, existing, host)
    }

    /// A User that the Host does not mirror says something. It is heard where there is no other.
    pub(crate) async fn further_source_says(
        &self,
        tx: &mut Transaction<'_>,
        incoming: &Incoming<'_>,
        existing: &Stored,
    ) -> Result<(), Error> {
        let host = existing.parse()?.into_map();
        if host.contains_key("user") {
            return Ok(());
        }
        self.take(tx, incoming, existing, None).await?;
        self.follow_groups(tx, existing.id).await
    }

    /// The Host is in the groups that its Users are in.
    pub(crate) async fn follow_groups(
        &self,
        tx: &mut Transaction<'_>,
        host: ResourceId,
    ) -> Result<(), Error> {
        let Some(stored) = tx.get("Host", host).await? else {
            return Ok(());
        };
        let document = stored.parse()?;
        let users = users_of(document.as_map());
        let users: Vec<ResourceId> = users.iter().map(|user| user.id).collect();
        host_group::follow(tx, &self.groups, host, &users).await
    }

    /// The User that the Host mirrors is gone. The Host stays, so that visits and invites keep their host; it
    /// leaves its groups. What its further sources say is not in effect: whoever the directory lets go must not
    /// be shown again by an older record, unless whoever keeps that writes it.
    pub(crate) async fn user_gone(
        &self,
        tx: &mut Transaction<'_>,
        by: Connection<'_>,
        existing: &Stored,
    ) -> Result<(), Error> {
        let before = existing.parse()?.into_map();
        let mut host = before.clone();
        host.shift_remove("user");
        let id = existing.id;
        let source = by.id.to_string();
        self.decide_by(tx, Some(&before), &mut host, (Facts::GONE, &source))
            .await?;
        // Where nobody would be left to decide, the set is held, and the host with it.
        if status::is_in_effect(&before) && !status::is_in_effect(&host) {
            change_set::goes(&self.change_sets, tx, by, id).await?;
        }
        self.guard(tx, by, &before, (id, &mut host), How::Deleted)
            .await?;
        if status::held_by(&host).is_none() {
            leave_groups(tx, &self.groups, &[id]).await?;
        }
        self.write(tx, existing, host)
    }

    /// A User that the Host does not mirror is gone.
    pub(crate) async fn further_source_gone(
        &self,
        tx: &mut Transaction<'_>,
        existing: &Stored,
        user: ResourceId,
    ) -> Result<(), Error> {
        let mut host = existing.parse()?.into_map();
        remove_further_source(&mut host, user);
        let has_user = host.contains_key("user");
        self.write(tx, existing, host)?;
        if has_user {
            self.follow_groups(tx, existing.id).await?;
        }
        Ok(())
    }

    /// Writes a Host that differs from what is stored.
    pub(crate) fn write(
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

    /// The directory's attributes from the User, the product's own from `before`.
    async fn mirrored(
        &self,
        tx: &mut Transaction<'_>,
        incoming: &Incoming<'_>,
        before: Option<&Map<String, Value>>,
        was: Option<&Stored>,
    ) -> Result<Map<String, Value>, Error> {
        let Incoming {
            document, source, ..
        } = incoming;
        let mut manager = manager(tx, document, source.id).await?;
        if manager.is_none() && manager_stays(was, document)? {
            manager = reference::target(before.and_then(|host| host.get("manager")));
        }
        let directory = Directory {
            user_id: incoming.id().to_string(),
            user: document,
            source: source.channel,
            connection: (source.id.to_string(), source.name),
            manager,
        };
        Ok(directory.host(before))
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

    async fn decide(
        &self,
        tx: &mut Transaction<'_>,
        before: Option<&Map<String, Value>>,
        (_, host): (ResourceId, &mut Map<String, Value>),
        incoming: &Incoming<'_>,
    ) -> Result<(), Error> {
        let source = incoming.source.id.to_string();
        let facts = mapping::facts(incoming.document);
        self.decide_by(tx, before, host, (facts, &source)).await
    }

    /// Decides the status by what the directory says. A hold on which somebody has decided ends with the
    /// next thing that the directory says; every hold ends when the directory shows the host again.
    async fn decide_by(
        &self,
        tx: &mut Transaction<'_>,
        before: Option<&Map<String, Value>>,
        host: &mut Map<String, Value>,
        (facts, source): (Facts, &str),
    ) -> Result<(), Error> {
        if let Some(set) = status::held_by(host) {
            let says_more = before.is_some_and(|before| Facts::of(before) != facts);
            // What was undone stays so until the directory says anything else of the person.
            let ends = status::is_undone(host)
                || facts.is_shown()
                || (says_more && !self.change_sets.is_held(tx, set).await?);
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
        by: Connection<'_>,
        before: &Map<String, Value>,
        (id, host): (ResourceId, &mut Map<String, Value>),
        how: How,
    ) -> Result<(), Error> {
        let was_said = Facts::of(before).is_shown();
        let is_said = Facts::of(host).is_shown();
        if status::is_in_effect(before) && !status::is_in_effect(host) && !is_said {
            return self.change_sets.hidden(tx, by, (id, host), how).await;
        }
        if !was_said && is_said {
            return self.change_sets.shown(tx, by.id, id).await;
        }
        Ok(())
    }
}

/// The Host as the User takes it over: whom it mirrored is a further source.
fn adopting(before: &Map<String, Value>, user: ResourceId) -> Map<String, Value> {
    let mut host = before.clone();
    remove_further_source(&mut host, user);
    let mirrored = reference::target(before.get("user"));
    if let Some(other) = mirrored.filter(|other| *other != user) {
        let part = |of: &str, name: &str| before.get(of)?.get(name)?.as_str();
        let managed_by = part("managedBy", "value");
        let source = further_source(
            &other,
            part("user", "display"),
            before
                .get("source")
                .and_then(Value::as_str)
                .unwrap_or("idp"),
            managed_by.map(|id| (id, part("managedBy", "display"))),
        );
        add_further_source(&mut host, source);
    }
    host
}

fn further_source(
    user: &ResourceId,
    display: Option<&str>,
    channel: &str,
    connection: Option<(&str, Option<&str>)>,
) -> Value {
    let mut source = reference::to(user, display);
    if let Some(map) = source.as_object_mut() {
        map.insert("source".to_owned(), json!(channel));
        if let Some((id, name)) = connection {
            map.insert("managedBy".to_owned(), json!(id));
            if let Some(name) = name {
                map.insert("managedByName".to_owned(), json!(name));
            }
        }
    }
    source
}

fn add_further_source(host: &mut Map<String, Value>, source: Value) {
    let further = host.entry("furtherSources").or_insert_with(|| json!([]));
    if let Some(further) = further.as_array_mut() {
        further.push(source);
    }
}

fn remove_further_source(host: &mut Map<String, Value>, user: ResourceId) {
    let Some(further) = host.get_mut("furtherSources").and_then(Value::as_array_mut) else {
        return;
    };
    further.retain(|source| reference::target(Some(source)) != Some(user));
    if further.is_empty() {
        host.shift_remove("furtherSources");
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
fn manager_stays(before: Option<&Stored>, user: &Map<String, Value>) -> Result<bool, Error> {
    let Some(before) = before else {
        return Ok(false);
    };
    let before = managing_user(before.parse()?.as_map());
    Ok(before.is_some() && before == managing_user(user))
}

/// The Host of the User that the directory names as manager, if the same connection brought it.
async fn manager(
    tx: &mut Transaction<'_>,
    user: &Map<String, Value>,
    connection: ConnectionId,
) -> Result<Option<ResourceId>, Error> {
    let Some(user) = managing_user(user) else {
        return Ok(None);
    };
    let keys = mirror::keys_of_user(user);
    let Some(host) = tx.find("Host", &keys, Lock::None).await?.pop() else {
        return Ok(None);
    };
    let document = host.parse()?;
    let is_theirs = users_of(document.as_map())
        .iter()
        .any(|one| one.id == user && one.connection == Some(connection));
    Ok(is_theirs.then_some(host.id))
}

fn managing_user(user: &Map<String, Value>) -> Option<ResourceId> {
    reference::target(user.get(ENTERPRISE_USER_URN)?.get("manager"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whom_a_host_mirrored_is_a_further_source() {
        let id = |number: u128| ResourceId::new(uuid::Uuid::from_u128(number));
        let before = json!({
            "user": { "value": id(1).to_string(), "display": "Ann" }, "source": "manual",
            "managedBy": { "value": "reception", "display": "Reception" },
            "furtherSources": [{ "value": id(2).to_string(), "source": "csv" }],
        });
        let before = before.as_object().unwrap();
        let told = |host: &Map<String, Value>| {
            let sources = host["furtherSources"].as_array().unwrap().iter();
            let told = sources.map(|one| {
                let id = one["value"].as_str().unwrap();
                format!(
                    "{} {}",
                    &id[id.len() - 1..],
                    one["source"].as_str().unwrap()
                )
            });
            told.collect::<Vec<_>>().join(", ")
        };
        assert_eq!(told(&adopting(before, id(3))), "2 csv, 1 manual");
        assert_eq!(told(&adopting(before, id(2))), "1 manual");
        assert_eq!(told(&adopting(before, id(1))), "2 csv");
    }
}
