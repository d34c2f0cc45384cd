//! A Host follows its User, in the User's own unit of work.

use async_trait::async_trait;
use scim_core::{ResourceId, SchemaError};
use scim_server::Error;
use scim_server::service::{Acting, Changed, Hook, Verb, connection_in_words};
use scim_server::store::{Lock, Stored, Transaction};
use serde_json::{Map, Value};

use super::hosts::Hosts;
use super::{explain, status, verbs};
use crate::derived::date_time;
use crate::ownership::{self, Conflict, Ownership};
use crate::source::{Incoming, Source};
use crate::{log, mirror, reference};

/// Derives Hosts.
pub struct HostHook {
    hosts: Hosts,
    ownership: Ownership,
}

/// What a User that is written or deleted has to do with.
struct Affected {
    host: Option<Stored>,
    conflicts: Vec<Conflict>,
}

impl HostHook {
    /// A hook with the product's schemas.
    pub fn new() -> Result<HostHook, SchemaError> {
        Ok(HostHook {
            hosts: Hosts::new()?,
            ownership: Ownership::new()?,
        })
    }

    async fn user_written(
        &self,
        tx: &mut Transaction<'_>,
        change: &Changed<'_>,
        user: &Stored,
    ) -> Result<(), Error> {
        let document = user.parse()?;
        let incoming = Incoming {
            user,
            document: document.as_map(),
            source: Source::of_caller(change.caller),
        };
        if change.before.is_none() {
            let ownership = &self.ownership;
            return ownership.settle(tx, &incoming, true, Vec::new()).await;
        }
        let Affected { host, conflicts } = affected(tx, user.id).await?;
        let Some(host) = host else {
            let ownership = &self.ownership;
            return ownership.settle(tx, &incoming, false, conflicts).await;
        };
        let before = host.parse()?;
        if reference::target(before.get("user")) != Some(user.id) {
            return self.hosts.further_source_says(tx, &incoming, &host).await;
        }
        let after = self.hosts.take(tx, &incoming, &host, change.before).await?;
        if ownership::identity_differs(before.as_map(), &after) {
            return self.met(tx, user.id, &conflicts).await;
        }
        Ok(())
    }

    async fn user_deleted(
        &self,
        tx: &mut Transaction<'_>,
        change: &Changed<'_>,
        user: &Stored,
    ) -> Result<(), Error> {
        let Affected { host, conflicts } = affected(tx, user.id).await?;
        if let Some(host) = host {
            let before = host.parse()?;
            if reference::target(before.get("user")) == Some(user.id) {
                let by = Source::of_caller(change.caller).connection();
                self.hosts.user_gone(tx, by, &host).await?;
            } else {
                self.hosts.further_source_gone(tx, &host, user.id).await?;
            }
        }
        for conflict in &conflicts {
            if conflict.is_open() && conflict.incoming() == Some(user.id) {
                self.ownership.expire(tx, conflict.clone())?;
            }
        }
        self.met(tx, user.id, &conflicts).await
    }

    /// Whoever was compared with the User's Host is looked at again.
    async fn met(
        &self,
        tx: &mut Transaction<'_>,
        user: ResourceId,
        conflicts: &[Conflict],
    ) -> Result<(), Error> {
        let met = conflicts.iter();
        let met = met.filter(|conflict| conflict.is_about_user(user));
        let met = met.map(Conflict::id).collect();
        self.ownership.reconsider(tx, met).await
    }

    /// Somebody wrote a product attribute: warnings may come or go, delegates must exist.
    async fn host_changed(&self, tx: &mut Transaction<'_>, host: &Stored) -> Result<(), Error> {
        let mut document = host.parse()?.into_map();
        delegates_exist(tx, &document).await?;
        status::decide_again(&mut document, &date_time(tx));
        self.hosts.write(tx, host, document)
    }
}

/// The Host that has the User, and the conflicts that the User or its Host is in: one question.
async fn affected(tx: &mut Transaction<'_>, user: ResourceId) -> Result<Affected, Error> {
    let of_host = mirror::keys_of_user(user);
    let of_conflict =
        ["person", "existingUsers"].map(|attribute| (attribute.to_owned(), user.to_string()));
    let asked = [
        ("Host", of_host.as_slice()),
        (ownership::KIND, of_conflict.as_slice()),
    ];
    let mut affected = Affected {
        host: None,
        conflicts: Vec::new(),
    };
    for stored in tx.find_any(&asked, Lock::ForUpdate).await? {
        if stored.kind == ownership::KIND {
            affected.conflicts.push(Conflict::read(stored)?);
        } else {
            affected.host = Some(stored);
        }
    }
    Ok(affected)
}

#[async_trait]
impl Hook for HostHook {
    async fn after_change(
        &self,
        tx: &mut Transaction<'_>,
        change: &Changed<'_>,
    ) -> Result<(), Error> {
        if ["User", "Group"].contains(&change.resource_type.name()) {
            self.hosts.note(tx, change.caller).await?;
        }
        match (change.resource_type.name(), change.before, change.after) {
            ("User", _, Some(user)) => self.user_written(tx, change, user).await,
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
        self.hosts.write(tx, acting.stored, host)
    }

    async fn tell(&self, tx: &mut Transaction<'_>, acting: &Acting<'_>) -> Result<Value, Error> {
        if acting.verb.name != verbs::EXPLAIN {
            return log::history(
                tx,
                acting.stored,
                (acting.caller, self.hosts.resource_type()),
            )
            .await;
        }
        let host = acting.stored.parse()?;
        let names = explain::sources(tx, host.as_map()).await?;
        let id = acting.stored.id;
        let conflicts = ownership::about(tx, id, Lock::None).await?;
        let told = explain::explanation(id, host.as_map(), &names);
        Ok(explain::with_conflicts(told, host.as_map(), &conflicts))
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
