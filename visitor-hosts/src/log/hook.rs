//! The two views of the change feed, served as resource types.

use std::sync::Arc;

use async_trait::async_trait;
use scim_core::{ResourceId, ResourceType, SchemaError};
use scim_server::service::{Acting, Changed, Hook, Source, Verb};
use scim_server::store::{ListQuery, Lock, Page, Recorded, Stored, Transaction};
use scim_server::{Error, Work};
use serde_json::Value;

use super::days::Counting;
use super::replay::Replay;
use super::walk::{self, View};
use super::{audit, event};
use crate::schemas;

const VERBS: &[Verb] = &[Verb {
    kind: "ProvisioningEvent",
    name: "replay",
    tells: true,
}];

/// Serves the log of requests and the audit log.
pub struct LogHook {
    events: ResourceType,
    replay: Replay,
    days: Arc<Counting>,
}

impl LogHook {
    /// A hook with the product's schemas.
    pub fn new() -> Result<LogHook, SchemaError> {
        Ok(LogHook {
            events: schemas::provisioning_event()?.resource_type,
            replay: Replay::new()?,
            days: Arc::new(Counting::new()?),
        })
    }
}

#[async_trait]
impl Hook for LogHook {
    async fn after_change(&self, _: &mut Transaction<'_>, _: &Changed<'_>) -> Result<(), Error> {
        Ok(())
    }

    fn source(&self, kind: &str) -> Option<Arc<dyn Source>> {
        match kind {
            "ProvisioningEvent" => Some(Arc::new(Events)),
            "AuditEvent" => Some(Arc::new(Audit)),
            _ => None,
        }
    }

    fn works(&self) -> Vec<Arc<dyn Work>> {
        vec![Arc::clone(&self.days) as Arc<dyn Work>]
    }

    fn verbs(&self) -> &'static [Verb] {
        VERBS
    }

    async fn tell(&self, tx: &mut Transaction<'_>, acting: &Acting<'_>) -> Result<Value, Error> {
        if acting
            .body
            .get("dryRun")
            .is_some_and(|dry| *dry != Value::Bool(true))
        {
            let refusal = "a replay is a dry run: it writes nothing";
            return Err(scim_core::Error::invalid_value("dryRun", refusal).into());
        }
        // It tells what was sent, and what that made of somebody.
        acting.caller.permit_sensitive(&self.events)?;
        let found = tx.change(acting.stored.id.uuid()).await?;
        let recorded = found.ok_or(Error::NoSuchPath)?;
        self.replay.replay(tx, &recorded).await
    }
}

struct Events;

#[async_trait]
impl Source for Events {
    async fn get(
        &self,
        tx: &mut Transaction<'_>,
        id: ResourceId,
        _: Lock,
    ) -> Result<Option<Stored>, Error> {
        let found = tx.change(id.uuid()).await?;
        let Some(recorded) = found.filter(event::is_request) else {
            return Ok(None);
        };
        let mut names = walk::names(tx).await?;
        walk::add_people(tx, &mut names, std::slice::from_ref(&recorded)).await?;
        let effects = tx.effects(&recorded.change).await?;
        Ok(Some(event::stored(&recorded, &names, &effects)))
    }

    async fn list(&self, tx: &mut Transaction<'_>, query: &ListQuery<'_>) -> Result<Page, Error> {
        let view = View {
            shows: event::is_request,
            stored: |recorded, names| event::stored(recorded, names, &[]),
            about: "resource.value",
        };
        walk::page(tx, &view, query).await
    }
}

struct Audit;

#[async_trait]
impl Source for Audit {
    async fn get(
        &self,
        tx: &mut Transaction<'_>,
        id: ResourceId,
        _: Lock,
    ) -> Result<Option<Stored>, Error> {
        let Some(recorded) = tx.change(id.uuid()).await? else {
            return Ok(None);
        };
        let mut names = walk::names(tx).await?;
        walk::add_people(tx, &mut names, std::slice::from_ref(&recorded)).await?;
        Ok(Some(audit::stored(&recorded, &names)))
    }

    async fn list(&self, tx: &mut Transaction<'_>, query: &ListQuery<'_>) -> Result<Page, Error> {
        let view = View {
            shows: |_: &Recorded| true,
            stored: audit::stored,
            about: "target.value",
        };
        walk::page(tx, &view, query).await
    }
}
