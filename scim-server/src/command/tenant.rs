//! `tenant create` and `tenant list`.

use std::io::Write;
use std::sync::Arc;

use anyhow::bail;
use scim_core::TenantId;

use crate::clock::{Clock, SystemClock};
use crate::store::Store;

/// `tenant create SLUG`
pub(super) async fn create(
    store: &Arc<dyn Store>,
    slug: &TenantId,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    if !store.create_tenant(slug, SystemClock.now()).await? {
        bail!("there is a tenant {slug} already");
    }
    writeln!(out, "created the tenant {slug}")?;
    Ok(())
}

/// Is there this tenant?
pub(super) async fn must_exist(store: &dyn Store, tenant: &TenantId) -> anyhow::Result<()> {
    let all = store.tenants().await?;
    if all.iter().any(|known| known.id == *tenant) {
        return Ok(());
    }
    bail!("there is no tenant {tenant}; make it with `tenant create {tenant}`")
}

/// The tenant that was named; where none was, the only one that there is.
pub(super) async fn one(store: &dyn Store, named: Option<&TenantId>) -> anyhow::Result<TenantId> {
    if let Some(named) = named {
        must_exist(store, named).await?;
        return Ok(named.clone());
    }
    let mut all = store.tenants().await?;
    match (all.pop(), all.is_empty()) {
        (Some(only), true) => Ok(only.id),
        (Some(_), false) => bail!("there are several tenants; say which with --tenant"),
        (None, _) => bail!("there is no tenant; make one with `tenant create main`"),
    }
}

/// `tenant list`
pub(super) async fn list(store: &Arc<dyn Store>, out: &mut impl Write) -> anyhow::Result<()> {
    for tenant in store.tenants().await? {
        writeln!(out, "{}\tcreated {:.0}", tenant.id, tenant.created)?;
    }
    Ok(())
}
