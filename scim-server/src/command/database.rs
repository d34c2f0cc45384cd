//! Opening the database, `migrate` and `check`.

use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, bail};
use scim_core::ResourceType;

use super::settings::Settings;
use super::{Product, schemas};
use crate::clock::{SystemClock, TimeOrderedIds};
use crate::store::sql::Purpose;
use crate::store::{SqlStore, Store};

/// The database for a command that finds it in the right version or does nothing.
pub(super) async fn open(product: Product, settings: &Settings) -> anyhow::Result<Arc<dyn Store>> {
    Ok(Arc::new(open_migrated(product, settings).await?))
}

/// `migrate`
pub(super) async fn migrate(settings: &Settings, out: &mut impl Write) -> anyhow::Result<()> {
    let store = open_any(settings, Purpose::Migrate).await?;
    let migrated = store.migrate().await?;
    store.close().await;
    if migrated.from == migrated.to {
        writeln!(
            out,
            "the database has schema version {} already",
            migrated.to
        )?;
    } else {
        writeln!(
            out,
            "migrated the database from schema version {} to {}",
            migrated.from, migrated.to
        )?;
    }
    Ok(())
}

/// `check`: a line per problem.
pub(super) async fn check(
    product: Product,
    settings: &Settings,
    out: &mut impl Write,
) -> anyhow::Result<ExitCode> {
    let store = open_migrated(product, settings).await?;
    let (served, _) = schemas::parts(product, settings)?;
    let types: Vec<&ResourceType> = served.iter().map(|served| &served.resource_type).collect();
    let problems = store.check(&types).await;
    let problems = problems.context("the check did not finish")?;
    store.close().await;
    if problems.is_empty() {
        writeln!(out, "ok")?;
        return Ok(ExitCode::SUCCESS);
    }
    for problem in problems {
        writeln!(out, "{problem}")?;
    }
    Ok(ExitCode::FAILURE)
}

/// The database in whatever version it is.
pub(super) async fn open_any(settings: &Settings, purpose: Purpose) -> anyhow::Result<SqlStore> {
    let clock = Arc::new(SystemClock);
    let ids = Arc::new(TimeOrderedIds::default());
    Ok(SqlStore::open(&settings.database, purpose, clock, ids).await?)
}

async fn open_migrated(product: Product, settings: &Settings) -> anyhow::Result<SqlStore> {
    let store = open_any(settings, Purpose::Command).await?;
    if store.ready().await.is_err() {
        let name = product.name;
        bail!(
            "the schema of the database is not that of this program; run `{name} migrate` or `{name} serve` first"
        );
    }
    Ok(store)
}
