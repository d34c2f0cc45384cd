//! `audit erase`: what was named, and what else may be about the same person.

use std::collections::BTreeMap;
use std::io::Write;

use async_trait::async_trait;
use scim_core::{ResourceId, TenantId};

use super::{Counter, Erasing, tenants};
use crate::Error;
use crate::audit::{Audited, Facts, Kept, Walk};
use crate::store::{ChangeBody, Lock, Store, Transaction, Unit};

/// Other resources that are told of.
const MENTIONED_MAX: usize = 100;

/// Erases all that was named, or nothing.
pub(super) async fn erase(
    store: &dyn Store,
    erasing: &Erasing,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let Erasing {
        ids,
        tenant,
        reason,
    } = erasing;
    tenants(store, Some(tenant)).await?;
    let unit = Erase {
        ids: ids.clone(),
        reason: reason.clone(),
    };
    let done = store.write(tenant, unit).await?;
    for (id, erased, exists) in done {
        match erased {
            0 => writeln!(out, "{id}: nothing personal was left in its changes")?,
            1 => writeln!(out, "{id}: erased the personal part of 1 change")?,
            erased => writeln!(out, "{id}: erased the personal part of {erased} changes")?,
        }
        if exists {
            writeln!(
                out,
                "{id}: it still exists, and what is stored in it was not touched"
            )?;
        }
    }
    for (id, (kind, changes)) in mentioning(store, tenant, ids).await? {
        let mention = match changes {
            1 => "1 change mentions".to_owned(),
            changes => format!("{changes} changes mention"),
        };
        writeln!(
            out,
            "{id}: a {kind}, of which {mention} what was erased; erase it too if it is about the same person"
        )?;
    }
    Ok(())
}

/// Other resources whose changes still mention one of these ids: their type, and how many changes.
async fn mentioning(
    store: &dyn Store,
    tenant: &TenantId,
    ids: &[ResourceId],
) -> Result<BTreeMap<ResourceId, (String, usize)>, Error> {
    let texts: Vec<String> = ids.iter().map(ToString::to_string).collect();
    let mut found: BTreeMap<ResourceId, (String, usize)> = BTreeMap::new();
    let (mut counter, mut seen) = (Counter::new(), 0);
    let mut walk = Walk::begin(tenant, 0);
    while let Some((entries, _)) = walk.next(store).await? {
        seen += entries.len() as u64;
        counter.show(seen);
        for entry in entries {
            let Some((id, kind)) = about(&entry).filter(|(id, _)| !ids.contains(id)) else {
                continue;
            };
            let is_known = found.contains_key(&id);
            if mentions(&entry, &texts) && (is_known || found.len() < MENTIONED_MAX) {
                found.entry(id).or_insert_with(|| (kind.to_owned(), 0)).1 += 1;
            }
        }
    }
    counter.clear();
    Ok(found)
}

/// The resource that a change is about, and its type.
fn about(entry: &Audited) -> Option<(ResourceId, &str)> {
    match &entry.facts {
        Facts::Read { change, .. } => Some((change.resource?, &change.kind)),
        Facts::Unreadable(_) | Facts::Gone => None,
    }
}

fn mentions(entry: &Audited, texts: &[String]) -> bool {
    let Kept::Whole(salted) = &entry.body else {
        return false;
    };
    let ChangeBody {
        before,
        after,
        request,
    } = &salted.body;
    let mut parts = [before, after, request].into_iter().flatten();
    parts.any(|part| texts.iter().any(|text| part.contains(text)))
}

struct Erase {
    ids: Vec<ResourceId>,
    reason: String,
}

#[async_trait]
impl Unit for Erase {
    /// For each, how many changes were freed, and whether the resource exists.
    type Output = Vec<(ResourceId, usize, bool)>;

    async fn run(&self, tx: &mut Transaction<'_>) -> Result<Self::Output, Error> {
        let existing = tx.get_many(&self.ids, Lock::None).await?;
        let mut done = Vec::new();
        for id in &self.ids {
            let Some(erased) = tx.erase(*id, &self.reason).await? else {
                return Err(Error::NotFound {
                    kind: "resource or change of the audit log".to_owned(),
                    id: id.to_string(),
                });
            };
            let exists = existing.iter().any(|stored| stored.id == *id);
            done.push((*id, erased, exists));
        }
        Ok(done)
    }
}
