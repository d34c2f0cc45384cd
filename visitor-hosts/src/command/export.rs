//! How a file goes out.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use clap::ArgMatches;
use scim_core::{Policy, TenantId};
use scim_server::command::Running;
use scim_server::service::{Caller, Exporting};
use scim_server::store::{ConnectionId, TokenKind};

use super::define::{FILTER, OUT, TENANT};
use crate::csv::FileKind;

pub(super) async fn export(
    running: &mut Running<'_>,
    matches: &ArgMatches,
    kind: FileKind,
) -> anyhow::Result<ExitCode> {
    let tenant = running.tenant(matches.get_one(TENANT)).await?;
    let (endpoint, resource_type) = match kind {
        FileKind::Hosts => ("Hosts", "Host"),
        FileKind::Groups => ("HostGroups", "HostGroup"),
    };
    let caller = operator(tenant);
    let engine = Arc::clone(&running.engine);
    let served = engine.catalog().by_endpoint(caller.kind, endpoint).cloned();
    let served = served.with_context(|| format!("{endpoint} are not served"))?;
    let export = engine.export(resource_type).cloned();
    let export = export.with_context(|| format!("{endpoint} cannot be exported"))?;
    let filter = matches.get_one::<String>(FILTER).cloned();
    let mut exporting = Exporting::new(engine, caller, served, export, filter);
    // Before the file is made, so that a filter that is refused makes none.
    let mut next = exporting.next().await?;
    let path = matches.get_one::<PathBuf>(OUT);
    let cannot = || match path {
        Some(path) => format!("cannot write {}", path.display()),
        None => "cannot write".to_owned(),
    };
    let mut out: Box<dyn Write + Send + '_> = match path {
        Some(path) => Box::new(BufWriter::new(File::create(path).with_context(cannot)?)),
        None => Box::new(&mut *running.out),
    };
    while let Some(text) = next {
        out.write_all(text.as_bytes()).with_context(cannot)?;
        next = exporting.next().await?;
    }
    out.flush().with_context(cannot)?;
    Ok(ExitCode::SUCCESS)
}

/// Whoever sits at the database sees all of a tenant, as an application does.
fn operator(tenant: TenantId) -> Caller {
    Caller {
        tenant,
        connection: ConnectionId(uuid::Uuid::nil()),
        name: "command line".into(),
        kind: TokenKind::App,
        policy: Policy::strict(),
        person: None,
        grants: Arc::default(),
        origin: None,
    }
}
