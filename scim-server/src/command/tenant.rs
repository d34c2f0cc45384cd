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

/// `tenant list`
pub(super) async fn list(store: &Arc<dyn Store>, out: &mut impl Write) -> anyhow::Result<()> {
    for tenant in store.tenants().await? {
        writeln!(out, "{}\tcreated {:.0}", tenant.id, tenant.created)?;
    }
    Ok(())
}
