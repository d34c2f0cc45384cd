//! `audit export` and `audit checkpoint`.

use std::fs::OpenOptions;
use std::io::{BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use anyhow::{Context, bail};
use scim_core::TenantId;

use super::super::tenant;
use super::{Exporting, tenants};
use crate::audit::{Checkpoint, Line, Walk};
use crate::store::{Sealed, Store, unit};

/// `audit checkpoint`: a line for each tenant.
pub(super) async fn checkpoints(
    store: &dyn Store,
    tenant: Option<&TenantId>,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let mut found = 0;
    for id in tenants(store, tenant).await? {
        let newest = unit(|tx| Box::pin(async move { tx.newest_checkpoint().await }));
        if let Some(checkpoint) = store.read(&id, newest).await? {
            found += 1;
            write_line(out, &Line::of_checkpoint(&id, &checkpoint))?;
        }
    }
    if found == 0 {
        bail!(
            "there is no checkpoint yet; `serve` signs one within a minute of a change, with an audit key"
        );
    }
    Ok(())
}

/// `audit export`
pub(super) async fn export(
    store: &dyn Store,
    exporting: &Exporting,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let Exporting {
        tenant,
        from,
        to,
        out: file,
    } = exporting;
    let tenant = tenant::one(store, tenant.as_ref()).await?;
    let to = to.unwrap_or(i64::MAX);
    if to < *from {
        bail!("--to comes before --from");
    }
    let before = before(store, &tenant, *from).await?;
    match file {
        None => write(store, &tenant, before, to, out).await.map(drop),
        Some(path) => {
            let mut file = new_file(path)?;
            let count = write(store, &tenant, before, to, &mut file).await?;
            let shown = path.display();
            let file = file
                .into_inner()
                .with_context(|| format!("cannot write {shown}"))?;
            file.sync_all()
                .with_context(|| format!("cannot write {shown}"))?;
            let entries = if count == 1 { "entry" } else { "entries" };
            writeln!(out, "wrote {count} {entries} of {tenant} to {shown}")?;
            Ok(())
        }
    }
}

/// The number before the first one.
async fn before(store: &dyn Store, tenant: &TenantId, from: i64) -> anyhow::Result<Option<Sealed>> {
    if from == 1 {
        return Ok(None);
    }
    let before = unit(move |tx| Box::pin(async move { tx.audited_after(from - 2, 1).await }));
    let before = store
        .read(tenant, before)
        .await?
        .pop()
        .map(|entry| entry.sealed);
    match before.filter(|sealed| sealed.sequence == from - 1) {
        Some(sealed) => Ok(Some(sealed)),
        None => bail!(
            "number {} of {tenant} is not there, so nothing follows from it",
            from - 1
        ),
    }
}

/// How many entries were written.
async fn write(
    store: &dyn Store,
    tenant: &TenantId,
    before: Option<Sealed>,
    to: i64,
    out: &mut impl Write,
) -> anyhow::Result<u64> {
    write_line(out, &Line::export(tenant, before.as_ref()))?;
    let mut walk = Walk::begin(tenant, before.map_or(i64::MIN, |before| before.sequence));
    let mut newest: Option<Checkpoint> = None;
    let (mut count, mut last) = (0, 0);
    'pieces: while let Some((entries, checkpoints)) = walk.next(store).await? {
        newest = checkpoints
            .into_iter()
            .rfind(|it| it.sequence <= to)
            .or(newest);
        for entry in entries {
            if entry.sealed.sequence > to {
                break 'pieces;
            }
            (count, last) = (count + 1, entry.sealed.sequence);
            write_line(out, &Line::change(&entry))?;
        }
    }
    match newest {
        Some(checkpoint) => write_line(out, &Line::of_checkpoint(tenant, &checkpoint))?,
        None => tracing::warn!(
            "no checkpoint signs any of the numbers up to {last}, so this export proves nothing; write a longer one"
        ),
    }
    out.flush()?;
    Ok(count)
}

fn write_line(out: &mut impl Write, line: &Line) -> anyhow::Result<()> {
    let text = serde_json::to_string(line)?;
    Ok(writeln!(out, "{text}")?)
}

fn new_file(path: &Path) -> anyhow::Result<BufWriter<std::fs::File>> {
    let shown = path.display();
    let mut options = OpenOptions::new();
    let file = options.write(true).create_new(true).mode(0o600).open(path);
    let file = file.with_context(|| format!("cannot make the file {shown}"))?;
    Ok(BufWriter::new(file))
}
