//! Where the differences are kept: the first in the run, all of them beside it, in parts that can be stored.

use scim_core::{Document, ResourceId, ResourceType};
use scim_server::Error;
use scim_server::store::{Lock, Transaction};
use serde_json::{Map, Value, json};

use crate::schemas::SYNC_RUN_PART_URN;

/// Differences of one part. Each is two kilobytes at most, and a resource may have a mebibyte.
const PART: usize = 300;
/// Signs of a value that are shown.
const SHOWN: usize = 200;

/// One difference.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Item {
    pub(crate) action: &'static str,
    pub(crate) line: Option<u64>,
    pub(crate) person: String,
    pub(crate) attribute: Option<&'static str>,
    pub(crate) before: String,
    pub(crate) after: String,
}

impl Item {
    pub(super) fn to_json(&self) -> Value {
        let mut item = Map::new();
        let text = |text: &str| (!text.is_empty()).then(|| json!(shortened(text)));
        for (name, value) in [
            ("action", Some(json!(self.action))),
            ("line", self.line.map(|line| json!(line))),
            ("person", text(&self.person)),
            ("attribute", self.attribute.map(|name| json!(name))),
            ("before", text(&self.before)),
            ("after", text(&self.after)),
        ] {
            if let Some(value) = value {
                item.insert(name.to_owned(), value);
            }
        }
        Value::Object(item)
    }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// Keeps differences.
pub(super) fn keep(
    tx: &mut Transaction<'_>,
    parts: &ResourceType,
    run: ResourceId,
    items: &[Item],
) -> Result<(), Error> {
    for items in items.chunks(PART) {
        let mut part = Map::new();
        part.insert("schemas".to_owned(), json!([SYNC_RUN_PART_URN]));
        part.insert("run".to_owned(), json!(run.to_string()));
        let items = items.iter().map(Item::to_json).collect();
        part.insert("items".to_owned(), Value::Array(items));
        let id = ResourceId::new(tx.new_id());
        tx.insert(parts, None, id, &Document::from_stored(part))?;
    }
    Ok(())
}

/// Reads the differences of a run, a part at a time.
pub(crate) struct Report {
    run: ResourceId,
    ids: Option<std::vec::IntoIter<ResourceId>>,
}

impl Report {
    pub(crate) fn of(run: ResourceId) -> Report {
        Report { run, ids: None }
    }

    /// The next ones; never none of them.
    pub(crate) async fn next(
        &mut self,
        tx: &mut Transaction<'_>,
    ) -> Result<Option<Vec<Value>>, Error> {
        let ids = match &mut self.ids {
            Some(ids) => ids,
            none => none.insert(ids_of(tx, self.run).await?.into_iter()),
        };
        let Some(id) = ids.next() else {
            return Ok(None);
        };
        let Some(stored) = tx.get("SyncRunPart", id).await? else {
            return Ok(None);
        };
        let mut part = stored.parse()?.into_map();
        match part.shift_remove("items") {
            Some(Value::Array(items)) => Ok(Some(items)),
            _ => Ok(Some(Vec::new())),
        }
    }
}

async fn ids_of(tx: &mut Transaction<'_>, run: ResourceId) -> Result<Vec<ResourceId>, Error> {
    let key = ("run".to_owned(), run.to_string());
    let parts = tx.find("SyncRunPart", &[key], Lock::None).await?;
    Ok(parts.into_iter().map(|part| part.id).collect())
}

/// Forgets the differences of a run.
pub(super) async fn delete(
    tx: &mut Transaction<'_>,
    parts: &ResourceType,
    run: ResourceId,
) -> Result<(), Error> {
    let key = ("run".to_owned(), run.to_string());
    for part in tx.find("SyncRunPart", &[key], Lock::ForUpdate).await? {
        tx.delete(parts, &part)?;
    }
    Ok(())
}
