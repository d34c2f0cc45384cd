//! `audit erase`

use std::io::Write;

use async_trait::async_trait;
use scim_core::ResourceId;

use super::{Erasing, tenants};
use crate::Error;
use crate::store::{Lock, Store, Transaction, Unit};

/// All that was named, or nothing.
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
                "{id}: it still exists, with everything that is stored in it; delete it and erase again"
            )?;
        }
    }
    Ok(())
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
                    kind: "resource of the audit log".to_owned(),
                    id: id.to_string(),
                });
            };
            let exists = existing.iter().any(|stored| stored.id == *id);
            done.push((*id, erased, exists));
        }
        Ok(done)
    }
}
