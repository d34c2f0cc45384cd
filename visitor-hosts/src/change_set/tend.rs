//! What time does to a set: it is over when its connection rests, and a hold on which nobody decides ends.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use scim_core::{Document, ResourceId};
use scim_server::store::{ErasedUnit, Span, Transaction, What, id_at, unit};
use scim_server::{Error, Taken, Work};
use serde_json::{Map, Value, json};

use super::approvers;
use super::collect::{self, QUEUE, close, is_held, tend_later, text};
use super::guard;
use super::hook::ChangeSetHook;
use crate::derived::date_time;
use crate::reference;

/// Changes that are read at once.
const PIECE: usize = 1_000;
/// Changes that are counted; a set with more says that there were at least so many.
const COUNTED_MAX: usize = 50_000;
/// What is counted, as the summary calls it.
const COUNTED: [&str; 3] = [CREATED, UPDATED, GROUPS_DELETED];
const CREATED: &str = "created";
const UPDATED: &str = "updated";
const GROUPS_DELETED: &str = "groupsDeleted";

/// Looks after sets when their time has come.
pub(super) struct Tending(pub(super) Arc<ChangeSetHook>);

#[async_trait]
impl Work for Tending {
    fn queue(&self) -> &'static str {
        QUEUE
    }

    async fn unit(&self, taken: &Taken) -> Result<Arc<dyn ErasedUnit>, Error> {
        let hook = Arc::clone(&self.0);
        let set = set_of(&taken.job.payload);
        Ok(Arc::new(unit(move |tx| {
            let hook = Arc::clone(&hook);
            Box::pin(async move {
                match set {
                    Some(set) => hook.tend(tx, set).await,
                    None => Ok(()),
                }
            })
        })))
    }
}

impl ChangeSetHook {
    /// Looks after a set, and says with a job when it wants to be looked after again.
    pub(super) async fn tend(&self, tx: &mut Transaction<'_>, id: ResourceId) -> Result<(), Error> {
        let Some(stored) = tx.get_for_update("ChangeSet", id).await? else {
            return Ok(());
        };
        let mut set = stored.parse()?.into_map();
        let now = tx.now();
        let is_open = set.contains_key("openFor");
        if is_open && guard::collects(stored.created, stored.modified, now) {
            let due = stored.modified.checked_add(guard::IDLE);
            tend_later(tx, id, due.unwrap_or(Timestamp::MAX));
            return Ok(());
        }
        let expires = set.get("expiresAt").and_then(Value::as_str);
        let expires: Option<Timestamp> = expires.and_then(|at| at.parse().ok());
        let is_held = is_held(&set);
        if is_open {
            close(&mut set, &date_time(tx));
            if !is_held {
                set.insert("status".to_owned(), json!("applied"));
                set.insert("revertible".to_owned(), json!(true));
            }
        }
        self.count(tx, &mut set, stored.created).await?;
        if is_held && expires.is_some_and(|expires| expires <= now) {
            self.release(tx, id).await?;
            approvers::release(tx, &self.groups, &set).await?;
            set.insert("status".to_owned(), json!("released"));
        } else if is_held && let Some(expires) = expires {
            tend_later(tx, id, expires);
        }
        let document = Document::from_stored(set);
        if *stored.parse()?.as_map() != *document.as_map() {
            tx.update(&self.sets, &stored, &document)?;
        }
        Ok(())
    }

    /// Says how many people came and changed, which the guard does not count, once the set is closed: by time,
    /// by the next request of its connection, or by a person.
    async fn count(
        &self,
        tx: &mut Transaction<'_>,
        set: &mut Map<String, Value>,
        from: Timestamp,
    ) -> Result<(), Error> {
        let closed: Option<Timestamp> = text(set, "closedAt").and_then(|at| at.parse().ok());
        let is_counted = |summary: &Value| COUNTED.iter().any(|name| summary.get(name).is_some());
        let (Some(to), false) = (closed, set.get("summary").is_some_and(is_counted)) else {
            return Ok(());
        };
        for (name, count) in self.counts(tx, set, from, to).await? {
            collect::add(set, "summary", name, count);
        }
        Ok(())
    }

    async fn counts(
        &self,
        tx: &mut Transaction<'_>,
        set: &Map<String, Value>,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<BTreeMap<&'static str, i64>, Error> {
        let mut counts = BTreeMap::new();
        let Some(by) = reference::connection(set.get("token")) else {
            return Ok(counts);
        };
        let mut after = id_at(from);
        let mut read_in_all = 0;
        loop {
            let span = Span {
                after: Some(after),
                before: Some(id_at(to)),
                newest_first: false,
                limit: PIECE,
            };
            let read = tx.changes(&span).await?;
            read_in_all += read.len();
            for recorded in &read {
                let change = &recorded.change;
                after = change.id;
                if change.actor != Some(by) {
                    continue;
                }
                let name = match (change.kind.as_str(), change.what) {
                    ("User", What::Created) => CREATED,
                    ("User", What::Updated) => UPDATED,
                    ("Group", What::Deleted) => GROUPS_DELETED,
                    _ => continue,
                };
                *counts.entry(name).or_insert(0) += 1;
            }
            if read.len() < PIECE || read_in_all >= COUNTED_MAX {
                return Ok(counts);
            }
        }
    }
}

/// The id of the set that a job is about.
fn set_of(payload: &str) -> Option<ResourceId> {
    let payload: Value = serde_json::from_str(payload).ok()?;
    reference::id(payload.get("changeSet"))
}
