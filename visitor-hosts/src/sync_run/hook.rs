//! What applications may do with a run: begin it, cancel it while nothing was changed, ask for its differences,
//! and delete it when it is over.

use std::sync::Arc;

use async_trait::async_trait;
use scim_core::{Document, ResourceType, SchemaError};
use scim_server::service::{Acting, Changed, Coming, Export, Hook, Verb};
use scim_server::store::{Stored, Transaction};
use scim_server::{Error, Work};
use serde_json::{Value, json};

use super::work::Import;
use super::{report, run, states};
use crate::export::{GroupsCsv, HostsCsv};
use crate::{schemas, verb};

const CANCEL: &str = "cancel";
const VERBS: &[Verb] = &[
    Verb {
        kind: "SyncRun",
        name: CANCEL,
        tells: false,
    },
    Verb {
        kind: "SyncRun",
        name: "items",
        tells: true,
    },
];
/// Differences in one answer; the command line writes all of them to a file.
const ITEMS_ANSWERED_MAX: usize = 10_000;

/// Imports files.
pub struct SyncRunHook {
    runs: ResourceType,
    parts: ResourceType,
}

impl SyncRunHook {
    /// A hook with the product's schemas.
    pub fn new() -> Result<SyncRunHook, SchemaError> {
        Ok(SyncRunHook {
            runs: schemas::sync_run_type()?,
            parts: schemas::sync_run_part_type()?,
        })
    }
}

#[async_trait]
impl Hook for SyncRunHook {
    fn before_create(
        &self,
        tx: &mut Transaction<'_>,
        coming: &Coming<'_>,
    ) -> Result<Option<Document>, Error> {
        if coming.resource_type.name() != "SyncRun" {
            return Ok(None);
        }
        let asked = coming.document.as_map();
        let Some(file) = asked.get("file").and_then(Value::as_str) else {
            let reason = "send the CSV file, in base64";
            return Err(scim_core::Error::invalid_value("file", reason).into());
        };
        let of_groups = asked.get("fileKind") == Some(&json!("groups"));
        if of_groups && asked.get("deactivateMissing") == Some(&Value::Bool(true)) {
            let reason = "only people are deactivated, with a file of hosts";
            return Err(scim_core::Error::invalid_value("deactivateMissing", reason).into());
        }
        let run = run::begin(tx, coming.id, asked, file);
        Ok(Some(Document::from_stored(run)))
    }

    async fn after_change(
        &self,
        tx: &mut Transaction<'_>,
        change: &Changed<'_>,
    ) -> Result<(), Error> {
        if change.resource_type.name() != "SyncRun" {
            return Ok(());
        }
        match (change.before, change.after) {
            // A file that comes later would be kept and never read.
            (Some(_), Some(after)) if after.parse()?.get("file").is_some() => {
                Err(scim_core::Error::mutability("file").into())
            }
            (Some(before), None) => {
                let run = before.parse()?;
                let status = run.get("status").and_then(Value::as_str);
                states::DECISIONS.after(status.unwrap_or_default(), "delete")?;
                report::delete(tx, &self.parts, before.id).await
            }
            _ => Ok(()),
        }
    }

    fn works(&self) -> Vec<Arc<dyn Work>> {
        match Import::new() {
            Ok(import) => vec![Arc::new(import)],
            // The same schemas have made this hook.
            Err(_) => Vec::new(),
        }
    }

    fn exports(&self) -> Vec<Arc<dyn Export>> {
        vec![Arc::new(HostsCsv), Arc::new(GroupsCsv)]
    }

    fn verbs(&self) -> &'static [Verb] {
        VERBS
    }

    async fn act(&self, tx: &mut Transaction<'_>, acting: &Acting<'_>) -> Result<(), Error> {
        verb::only_a_reason(acting.body)?;
        let mut run = acting.stored.parse()?.into_map();
        let status = run.get("status").and_then(Value::as_str);
        let becomes = states::DECISIONS.after(status.unwrap_or_default(), CANCEL)?;
        run.insert("status".to_owned(), json!(becomes));
        let now = crate::derived::date_time(tx);
        run.insert("finishedAt".to_owned(), json!(now));
        tx.update(&self.runs, acting.stored, &Document::from_stored(run))?;
        Ok(())
    }

    async fn tell(&self, tx: &mut Transaction<'_>, acting: &Acting<'_>) -> Result<Value, Error> {
        acting.caller.permit_sensitive(&self.runs)?;
        let mut reading = report::Report::of(acting.stored.id);
        let mut items = Vec::new();
        let mut all = true;
        while let Some(part) = reading.next(tx).await? {
            if items.len() + part.len() > ITEMS_ANSWERED_MAX {
                all = false;
                break;
            }
            items.extend(part);
        }
        Ok(json!({ "items": items, "complete": all }))
    }

    async fn keeper(
        &self,
        _: &mut Transaction<'_>,
        stored: &Stored,
    ) -> Result<Option<String>, Error> {
        Ok((stored.kind == "SyncRun").then(|| "the run itself".to_owned()))
    }
}
