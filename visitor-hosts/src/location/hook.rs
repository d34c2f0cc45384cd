//! A Location brings its offices' Hosts along when its names change.

use std::collections::BTreeMap;

use async_trait::async_trait;
use scim_core::{Document, ResourceId, ResourceType, SchemaError};
use scim_server::Error;
use scim_server::service::{Changed, Hook};
use scim_server::store::{Lock, Stored, Transaction};
use serde_json::Value;

use super::{names, offices, rules};
use crate::derived::date_time;
use crate::{host, reference, schemas};

/// Hosts that a new name may bring along.
const HOSTS_MAX: usize = 10_000;

/// Keeps Hosts where their offices are.
pub struct LocationHook {
    hosts: ResourceType,
    offices: ResourceType,
}

impl LocationHook {
    /// A hook with the product's schemas.
    pub fn new() -> Result<LocationHook, SchemaError> {
        Ok(LocationHook {
            hosts: schemas::host_type()?,
            offices: schemas::unknown_office_type()?,
        })
    }

    async fn changed(
        &self,
        tx: &mut Transaction<'_>,
        before: Option<&Stored>,
        after: Option<&Stored>,
    ) -> Result<(), Error> {
        let document = |stored: Option<&Stored>| stored.map(Stored::parse).transpose();
        let (old, new) = (document(before)?, document(after)?);
        let had = old.as_ref().map(|old| names::of(old.as_map()));
        let has = new.as_ref().map(|new| names::of(new.as_map()));
        let (had, has) = (had.unwrap_or_default(), has.unwrap_or_default());
        if let (Some(after), Some(new)) = (after, &new) {
            rules::check(new.as_map())?;
            workflow_exists(tx, new).await?;
            nobody_else_has(tx, after.id, &has).await?;
        }
        let location = after.or(before).map(|stored| stored.id);
        let Some(location) = location else {
            return Ok(());
        };
        for (name, (_, text)) in has.iter().filter(|(name, _)| !had.contains_key(*name)) {
            self.move_in(tx, name, location).await?;
            offices::answered(tx, &self.offices, text).await?;
        }
        for (name, (_, text)) in had.iter().filter(|(name, _)| !has.contains_key(*name)) {
            if self.move_out(tx, name, location).await? {
                offices::ask(tx, &self.offices, text).await?;
            }
        }
        Ok(())
    }

    /// The Hosts of an office are at a location now.
    async fn move_in(
        &self,
        tx: &mut Transaction<'_>,
        office: &str,
        location: ResourceId,
    ) -> Result<(), Error> {
        let hosts = offices::hosts(tx, office, Lock::ForUpdate).await?;
        if hosts.len() > HOSTS_MAX {
            let what = "hosts of one office";
            let limit = HOSTS_MAX;
            return Err(scim_core::Error::TooMany { what, limit }.into());
        }
        let now = date_time(tx);
        for stored in &hosts {
            let mut host = stored.parse()?.into_map();
            host.insert("location".to_owned(), reference::to(&location, None));
            host::decide_again(&mut host, &now);
            tx.update(&self.hosts, stored, &Document::from_stored(host))?;
        }
        Ok(())
    }

    /// The Hosts of an office are at this location no more. Was there any?
    async fn move_out(
        &self,
        tx: &mut Transaction<'_>,
        office: &str,
        location: ResourceId,
    ) -> Result<bool, Error> {
        let hosts = offices::hosts(tx, office, Lock::ForUpdate).await?;
        let now = date_time(tx);
        let mut any = false;
        for stored in &hosts {
            let mut host = stored.parse()?.into_map();
            if reference::target(host.get("location")) != Some(location) {
                continue;
            }
            any = true;
            host.shift_remove("location");
            host::decide_again(&mut host, &now);
            tx.update(&self.hosts, stored, &Document::from_stored(host))?;
        }
        Ok(any)
    }
}

#[async_trait]
impl Hook for LocationHook {
    async fn after_change(
        &self,
        tx: &mut Transaction<'_>,
        change: &Changed<'_>,
    ) -> Result<(), Error> {
        match change.resource_type.name() {
            "Location" => self.changed(tx, change.before, change.after).await,
            _ => Ok(()),
        }
    }
}

/// An office must not be two locations.
async fn nobody_else_has(
    tx: &mut Transaction<'_>,
    location: ResourceId,
    names: &BTreeMap<String, (&'static str, String)>,
) -> Result<(), Error> {
    for (attribute, name) in names.values() {
        let found = tx.find("Location", &names::keys(name), Lock::None).await?;
        if found.iter().any(|other| other.id != location) {
            return Err(Error::Uniqueness {
                kind: "Location".to_owned(),
                attribute: (*attribute).to_owned(),
                value: name.clone(),
            });
        }
    }
    Ok(())
}

async fn workflow_exists(tx: &mut Transaction<'_>, location: &Document) -> Result<(), Error> {
    let workflow = location.get("approvals").and_then(|it| it.get("workflow"));
    let Some(workflow) = workflow.and_then(Value::as_str) else {
        return Ok(());
    };
    if let Ok(id) = workflow.parse()
        && tx.get("Workflow", id).await?.is_some()
    {
        return Ok(());
    }
    Err(scim_core::Error::invalid_value("approvals.workflow", "there is no such workflow").into())
}
