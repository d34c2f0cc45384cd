//! What a run is, and how it is begun.

use async_trait::async_trait;
use scim_core::{Document, ResourceId, ResourceType};
use scim_server::Error;
use scim_server::store::{Stored, Transaction, Unit};
use serde_json::{Map, Value, json};

use super::pieces::Missing;
use super::report::Item;
use super::{pieces, states, work};
use crate::csv::FileKind;
use crate::schemas::{self, SYNC_RUN_URN};

/// Differences that stand in the run itself.
const ITEMS_MAX: usize = 100;

/// What is counted besides how far a run is, in the order of the schema.
const COUNTED: [&str; 6] = [
    "created",
    "updated",
    "unchanged",
    "deactivated",
    "skipped",
    "errors",
];

/// A run that is being worked on.
pub(super) struct Run {
    stored: Stored,
    map: Map<String, Value>,
}

impl Run {
    /// The run, locked; `None` when somebody has deleted it.
    pub(super) async fn of(tx: &mut Transaction<'_>, id: ResourceId) -> Result<Option<Run>, Error> {
        let Some(stored) = tx.get_for_update("SyncRun", id).await? else {
            return Ok(None);
        };
        let map = stored.parse()?.into_map();
        Ok(Some(Run { stored, map }))
    }

    pub(super) fn id(&self) -> ResourceId {
        self.stored.id
    }

    pub(super) fn status(&self) -> &str {
        text(&self.map, "status")
    }

    pub(super) fn is_over(&self) -> bool {
        states::is_over(self.status())
    }

    pub(super) fn is_dry(&self) -> bool {
        self.map.get("dryRun") == Some(&Value::Bool(true))
    }

    pub(super) fn missing(&self) -> Missing {
        match self.map.get("deactivateMissing") {
            Some(Value::Bool(true)) => Missing::AreDeactivated,
            _ => Missing::Stay,
        }
    }

    pub(super) fn file_kind(&self) -> FileKind {
        FileKind::named(self.map.get("fileKind").and_then(Value::as_str))
    }

    /// Lets something happen that the table allows.
    pub(super) fn happens(&mut self, event: &'static str, now: &str) -> Result<(), Error> {
        let becomes = states::EVENTS.after(self.status(), event)?;
        self.map.insert("status".to_owned(), json!(becomes));
        if becomes == "fetching" {
            self.map.insert("startedAt".to_owned(), json!(now));
        }
        if states::is_over(becomes) {
            self.map.insert("finishedAt".to_owned(), json!(now));
        }
        Ok(())
    }

    pub(super) fn count(&mut self, name: &str, more: usize) {
        let counts = self.map.entry("counts").or_insert_with(|| json!({}));
        let was = counts.get(name).and_then(Value::as_u64).unwrap_or(0);
        let more = u64::try_from(more).unwrap_or(u64::MAX);
        if let Some(counts) = counts.as_object_mut() {
            counts.insert(name.to_owned(), json!(was.saturating_add(more)));
        }
    }

    pub(super) fn counted(&self, name: &str) -> u64 {
        let counts = self.map.get("counts");
        let number = counts.and_then(|counts| counts.get(name)?.as_u64());
        number.unwrap_or(0)
    }

    /// Keeps the first differences in the run.
    pub(super) fn show(&mut self, items: &[Item]) {
        let shown = self.map.entry("items").or_insert_with(|| json!([]));
        if let Some(shown) = shown.as_array_mut() {
            let room = ITEMS_MAX.saturating_sub(shown.len());
            shown.extend(items.iter().take(room).map(Item::to_json));
        }
    }

    pub(super) fn set(&mut self, name: &str, value: Value) {
        self.map.insert(name.to_owned(), value);
    }

    /// Says why it failed.
    pub(super) fn fails(&mut self, code: &str, message: &str, retryable: bool) {
        let error = json!({ "code": code, "message": message, "retryable": retryable });
        self.map.insert("error".to_owned(), error);
    }

    pub(super) fn write(
        mut self,
        tx: &mut Transaction<'_>,
        runs: &ResourceType,
    ) -> Result<(), Error> {
        if self.map.get("items") == Some(&json!([])) {
            self.map.shift_remove("items");
        }
        tx.update(runs, &self.stored, &Document::from_stored(self.map))?;
        Ok(())
    }
}

fn text<'m>(map: &'m Map<String, Value>, name: &str) -> &'m str {
    map.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// The document of a run that begins, and the work that it leaves. What was asked for stays as it is said here,
/// so everything that can be said is.
pub(super) fn begin(
    tx: &mut Transaction<'_>,
    id: ResourceId,
    asked: &Map<String, Value>,
    file: &str,
) -> Map<String, Value> {
    let flag = |name: &str| asked.get(name) == Some(&Value::Bool(true));
    let kind = FileKind::named(asked.get("fileKind").and_then(Value::as_str));
    let counts = ["total", "seen"].into_iter().chain(COUNTED);
    let counts: Map<String, Value> = counts.map(|name| (name.to_owned(), json!(0))).collect();
    let run = json!({
        "schemas": [SYNC_RUN_URN],
        "kind": "csvImport",
        "fileKind": kind.as_str(),
        "dryRun": flag("dryRun"),
        "deactivateMissing": flag("deactivateMissing"),
        "trigger": "manual",
        "status": "queued",
        "counts": counts,
    });
    pieces::wait(tx, id, file.to_owned());
    work::lead_on(tx, id, work::Step::Start);
    match run {
        Value::Object(run) => run,
        _ => Map::new(),
    }
}

/// Begins a run without a request: the command line does.
#[derive(Clone)]
pub(crate) struct Begin {
    pub(crate) kind: FileKind,
    pub(crate) dry_run: bool,
    pub(crate) deactivate_missing: bool,
    /// In base64.
    pub(crate) file: String,
}

#[async_trait]
impl Unit for Begin {
    type Output = ResourceId;

    async fn run(&self, tx: &mut Transaction<'_>) -> Result<ResourceId, Error> {
        let runs = schemas::sync_run_type().map_err(schemas::unusable)?;
        let id = ResourceId::new(tx.new_id());
        let mut asked = Map::new();
        asked.insert("fileKind".to_owned(), json!(self.kind.as_str()));
        asked.insert("dryRun".to_owned(), json!(self.dry_run));
        let missing = json!(self.deactivate_missing);
        asked.insert("deactivateMissing".to_owned(), missing);
        let run = begin(tx, id, &asked, &self.file);
        tx.insert(&runs, None, id, &Document::from_stored(run))?;
        Ok(id)
    }
}

/// How far a run is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Progress {
    pub(crate) status: String,
    pub(crate) is_over: bool,
    pub(crate) total: u64,
    pub(crate) seen: u64,
    /// What was counted, in the order of the schema.
    pub(crate) counts: Vec<(&'static str, u64)>,
    pub(crate) error: Option<String>,
    /// Was the guard of a change set in the way?
    pub(crate) held: bool,
    pub(crate) began: Option<String>,
}

/// How far the run is that has this document.
pub(crate) fn progress(stored: &Stored) -> Result<Progress, Error> {
    let map = stored.parse()?.into_map();
    let number = |name: &str| {
        let counts = map.get("counts");
        let number = counts.and_then(|counts| counts.get(name)?.as_u64());
        number.unwrap_or(0)
    };
    let error = map.get("error").and_then(|error| error.get("message"));
    let status = text(&map, "status").to_owned();
    Ok(Progress {
        is_over: states::is_over(&status),
        total: number("total"),
        seen: number("seen"),
        counts: COUNTED.map(|name| (name, number(name))).to_vec(),
        error: error.and_then(Value::as_str).map(str::to_owned),
        held: map.contains_key("guardsTripped"),
        began: map
            .get("startedAt")
            .and_then(Value::as_str)
            .map(str::to_owned),
        status,
    })
}
