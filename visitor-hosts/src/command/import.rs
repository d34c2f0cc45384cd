//! How a file comes in, and what is told meanwhile.
//!
//! The command leaves the run in the database, as an application does. Where a server runs beside it, the server
//! does it and the command watches, so that the two do not wait for each other's transactions; a run on which
//! nobody works, the command takes up itself.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use clap::ArgMatches;
use data_encoding::BASE64;
use indicatif::{ProgressBar, ProgressStyle};
use scim_core::{ResourceId, TenantId};
use scim_server::command::Running;
use scim_server::service::Engine;
use scim_server::store::unit;
use scim_server::{Error, StoreError, Worker};
use serde_json::Value;

use super::define::{DEACTIVATE_MISSING, DRY_RUN, FILE, REPORT, TENANT};
use crate::csv::{self, FileKind, write};
use crate::sync_run::{Begin, Progress, QUEUE, Report, progress};

/// As large as a request may be.
const FILE_BYTES_MAX: usize = 7 * 1024 * 1024;
/// Differences that are printed.
const PRINTED_MAX: usize = 100;
/// Records between two lines that tell how far it is: a piece, where all goes well.
const LINE_EVERY: u64 = 100;
/// How soon the command looks again at a run that somebody else works on.
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// A run that does not change for so long, nobody works on: a server looks for work twice in a second.
const PATIENCE: Duration = Duration::from_millis(1_200);
/// How long the database may be busy with somebody else's transactions.
const BUSY_MAX: Duration = Duration::from_secs(60);

pub(super) async fn import(
    running: &mut Running<'_>,
    matches: &ArgMatches,
    kind: FileKind,
) -> anyhow::Result<ExitCode> {
    let path: &PathBuf = matches.get_one(FILE).context("which file?")?;
    let shown = path.display();
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {shown}"))?;
    if bytes.len() > FILE_BYTES_MAX {
        bail!("{shown} has more than {FILE_BYTES_MAX} bytes: import it in parts");
    }
    // Here too, so that what is wrong with it is told before anything is written.
    if let Err(refusals) = csv::read(kind, &bytes) {
        bail!("{shown} is refused, and nothing was changed:\n{refusals}");
    }
    let tenant = running.tenant(matches.get_one(TENANT)).await?;
    let is_dry = matches.get_flag(DRY_RUN);
    let deactivates = matches.try_get_one::<bool>(DEACTIVATE_MISSING);
    let begin = Begin {
        kind,
        dry_run: is_dry,
        deactivate_missing: deactivates.ok().flatten().copied().unwrap_or(false),
        file: BASE64.encode(&bytes),
    };
    let engine = Arc::clone(&running.engine);
    let run = begun(&engine, &tenant, begin).await?;
    let done = work(&engine, &tenant, run).await?;
    tell_items(running, (&tenant, run), matches.get_one::<PathBuf>(REPORT)).await?;
    tell_end(running.out, &done, is_dry)
}

/// Begins a run, as soon as the database takes it.
async fn begun(engine: &Arc<Engine>, tenant: &TenantId, begin: Begin) -> Result<ResourceId, Error> {
    let began = Instant::now();
    loop {
        match engine.store().write(tenant, begin.clone()).await {
            Err(error) if is_busy(&error) && began.elapsed() < BUSY_MAX => {
                tokio::time::sleep(LOOK_EVERY).await;
            }
            outcome => return outcome,
        }
    }
}

/// Waits until the run is over, and works on it where nobody else does.
async fn work(
    engine: &Arc<Engine>,
    tenant: &TenantId,
    run: ResourceId,
) -> anyhow::Result<Progress> {
    let worker = Worker::on(Arc::clone(engine), QUEUE);
    let mut shown = Shown::new();
    let mut changed = Instant::now();
    let mut before = None;
    let mut busy_since = None;
    loop {
        let now = look(engine, tenant, run).await?;
        let now = now.context("the run was deleted meanwhile")?;
        shown.show(&now);
        if now.is_over {
            return Ok(now);
        }
        if before.as_ref() != Some(&now) {
            changed = Instant::now();
            before = Some(now);
        }
        let mut worked = false;
        if shown.works || changed.elapsed() > PATIENCE {
            match worker.once(tenant).await {
                Ok(done) => {
                    worked = done;
                    busy_since = None;
                }
                Err(error) if is_busy(&error) => {
                    let since = *busy_since.get_or_insert_with(Instant::now);
                    if since.elapsed() > BUSY_MAX {
                        return Err(error.into());
                    }
                }
                Err(error) => return Err(error.into()),
            }
            shown.works = worked;
        }
        if !worked {
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
}

/// Another process writes, and this one found no moment in between.
fn is_busy(error: &Error) -> bool {
    matches!(
        error,
        Error::Store(StoreError::Unavailable(_) | StoreError::Conflict(_))
    )
}

async fn look(
    engine: &Arc<Engine>,
    tenant: &TenantId,
    run: ResourceId,
) -> Result<Option<Progress>, Error> {
    let look = unit(move |tx| {
        Box::pin(async move {
            let stored = tx.get("SyncRun", run).await?;
            stored.as_ref().map(progress).transpose()
        })
    });
    engine.store().read(tenant, look).await
}

/// What is told while the run goes on: a bar on a terminal, and a line for each piece elsewhere.
struct Shown {
    bar: Option<ProgressBar>,
    seen: u64,
    /// Does the command itself do the work?
    works: bool,
    began: Instant,
    waits: bool,
}

const WAITING: &str = "waiting for another import to end";

impl Shown {
    fn new() -> Shown {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::new(0);
            if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos} of {len}") {
                bar.set_style(style);
            }
            bar
        });
        Shown {
            bar,
            seen: 0,
            works: false,
            began: Instant::now(),
            waits: false,
        }
    }

    fn show(&mut self, now: &Progress) {
        // Somebody else's import is under way.
        if now.began.is_none() && !now.is_over {
            if !self.waits && self.began.elapsed() > 2 * PATIENCE {
                self.waits = true;
                let _ = writeln!(std::io::stderr(), "{WAITING}");
            }
            return;
        }
        match &self.bar {
            Some(bar) => {
                bar.set_length(now.total);
                bar.set_position(now.seen);
                if now.is_over {
                    bar.finish_and_clear();
                }
            }
            None if now.seen >= self.seen + LINE_EVERY || (now.is_over && now.seen > self.seen) => {
                // Nobody needs to see it.
                let _ = writeln!(std::io::stderr(), "{} of {}", now.seen, now.total);
                self.seen = now.seen;
            }
            None => {}
        }
    }
}

/// The differences: the first to the screen, all of them to a file where one was named.
async fn tell_items(
    running: &mut Running<'_>,
    (tenant, run): (&TenantId, ResourceId),
    path: Option<&PathBuf>,
) -> anyhow::Result<()> {
    let mut file = match path {
        Some(path) => Some(ReportFile::create(path)?),
        None => None,
    };
    let all = unit(move |tx| {
        Box::pin(async move {
            let mut report = Report::of(run);
            let mut all = Vec::new();
            while let Some(items) = report.next(tx).await? {
                all.push(items);
            }
            Ok(all)
        })
    });
    let parts = running.engine.store().read(tenant, all).await?;
    let mut told = 0;
    for items in &parts {
        for item in items {
            if told < PRINTED_MAX {
                writeln!(running.out, "{}", line(item))?;
            }
            told += 1;
        }
        if let Some(file) = &mut file {
            file.add(items)?;
        }
    }
    if told > PRINTED_MAX {
        let more = told - PRINTED_MAX;
        writeln!(running.out, "… and {more} more; --report FILE has them all")?;
    }
    match file {
        Some(file) => file.end(),
        None => Ok(()),
    }
}

/// A difference, as people read it.
fn line(item: &Value) -> String {
    let text = |name: &str| item.get(name).and_then(Value::as_str).unwrap_or_default();
    let mut line = format!("{:<10} {}", text("action"), text("person"));
    let attribute = text("attribute");
    let (before, after) = (text("before"), text("after"));
    match (text("action"), attribute) {
        ("create", _) => {}
        ("update" | "deactivate", _) => {
            line.push_str(&format!(
                "  {attribute}: {} → {}",
                or_nothing(before),
                or_nothing(after)
            ));
        }
        (_, "") => line.push_str(&format!("  {after}")),
        _ => line.push_str(&format!("  {attribute}: {after}")),
    }
    if let Some(number) = item.get("line").and_then(Value::as_u64) {
        line.push_str(&format!("  (line {number})"));
    }
    line
}

fn or_nothing(value: &str) -> &str {
    if value.is_empty() { "nothing" } else { value }
}

/// All differences, as CSV.
struct ReportFile<'p> {
    path: &'p Path,
    file: std::io::BufWriter<std::fs::File>,
}

const REPORT_COLUMNS: [&str; 6] = ["action", "line", "person", "attribute", "before", "after"];

impl<'p> ReportFile<'p> {
    fn create(path: &'p Path) -> anyhow::Result<ReportFile<'p>> {
        let file = std::fs::File::create(path);
        let file = file.with_context(|| format!("cannot write {}", path.display()))?;
        let mut report = ReportFile {
            path,
            file: std::io::BufWriter::new(file),
        };
        let header = REPORT_COLUMNS.map(str::to_owned).to_vec();
        report.write(&[header])?;
        Ok(report)
    }

    fn add(&mut self, items: &[Value]) -> anyhow::Result<()> {
        let cell = |item: &Value, name: &str| match item.get(name) {
            Some(Value::String(text)) => text.clone(),
            Some(value) => value.to_string(),
            None => String::new(),
        };
        let rows = items.iter();
        let rows: Vec<Vec<String>> = rows
            .map(|item| REPORT_COLUMNS.map(|name| cell(item, name)).to_vec())
            .collect();
        self.write(&rows)
    }

    fn write(&mut self, rows: &[Vec<String>]) -> anyhow::Result<()> {
        let text = write::report(rows)?;
        let written = self.file.write_all(text.as_bytes());
        written.with_context(|| format!("cannot write {}", self.path.display()))
    }

    fn end(mut self) -> anyhow::Result<()> {
        let written = self.file.flush();
        written.with_context(|| format!("cannot write {}", self.path.display()))
    }
}

fn tell_end(
    out: &mut (dyn Write + Send),
    done: &Progress,
    is_dry: bool,
) -> anyhow::Result<ExitCode> {
    if let Some(error) = &done.error {
        bail!("the import failed: {error}");
    }
    let counts = done.counts.iter();
    let counts = counts.filter(|(name, number)| *number > 0 || *name == "created");
    let counts: Vec<String> = counts
        .map(|(name, number)| format!("{number} {name}"))
        .collect();
    let counts = counts.join(", ");
    if is_dry {
        writeln!(out, "dry run, nothing was changed: {counts}")?;
    } else {
        writeln!(out, "{}: {counts}", done.status)?;
    }
    if done.held {
        let sentence = "so many are deactivated that their hosts stay visible until somebody decides: see /ChangeSets";
        writeln!(out, "{sentence}")?;
    }
    match done.status.as_str() {
        "succeeded" => Ok(ExitCode::SUCCESS),
        _ => Ok(ExitCode::FAILURE),
    }
}
