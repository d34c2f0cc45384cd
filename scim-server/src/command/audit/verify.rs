//! `audit verify`: a line for each finding, and one for each log.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use scim_core::TenantId;

use super::Counter;
use crate::audit::{self, Checkpoint, Line, Origin, PublicKey, Report, Verifier};
use crate::store::Store;

/// Checkpoints that were kept elsewhere, by tenant.
type Elsewhere = BTreeMap<TenantId, Vec<Checkpoint>>;

/// The log of one tenant, or of all.
pub(super) async fn database(
    store: &dyn Store,
    tenant: Option<&TenantId>,
    keys: &[PublicKey],
    checkpoints: &[PathBuf],
    out: &mut impl Write,
) -> anyhow::Result<ExitCode> {
    let mut elsewhere = kept_elsewhere(checkpoints)?;
    let mut is_whole = true;
    for id in super::tenants(store, tenant).await? {
        let kept = elsewhere.remove(&id).unwrap_or_default();
        let mut counter = Counter::new();
        let mut progress = |seen| counter.show(seen);
        let report = audit::verify(store, &id, keys, &kept, &mut progress).await;
        counter.clear();
        let report = report.context("the log could not be read to its end")?;
        is_whole &= report.is_whole();
        tell(&id, &report, out)?;
    }
    let foreign = elsewhere
        .into_keys()
        .filter(|id| tenant.is_none_or(|it| it == id));
    for id in foreign {
        is_whole = false;
        writeln!(
            out,
            "{id}: a checkpoint was kept elsewhere, and there is no such tenant"
        )?;
    }
    Ok(code(is_whole))
}

/// An export.
pub(super) fn file(
    path: &Path,
    keys: &[PublicKey],
    checkpoints: &[PathBuf],
    out: &mut impl Write,
) -> anyhow::Result<ExitCode> {
    let mut lines = Lines::open(path)?;
    let first = lines.next()?;
    let Some((tenant, after, hash)) = first.as_ref().and_then(Line::beginning) else {
        bail!(
            "{} is no export: its first line says whose log it is",
            path.display()
        );
    };
    let mut verifier = Verifier::new(tenant.clone(), keys.to_vec()).after(after, hash);
    let kept = kept_elsewhere(checkpoints)?.remove(&tenant);
    let mut kept = kept.unwrap_or_default();
    // An export need not hold the whole log. Its own checkpoint comes last and is looked for first.
    let own = Lines::open(path)?.checkpoints()?;
    let mut last = after;
    let mut counter = Counter::new();
    for (_, checkpoint) in own.into_iter().filter(|(of, _)| *of == tenant) {
        kept.retain(|other| *other != checkpoint);
        verifier.checkpoint(checkpoint, Origin::Log);
    }
    let mut seen = 0;
    while let Some(line) = lines.next()? {
        let Some(entry) = line.entry() else {
            continue;
        };
        let number = entry.sealed.sequence;
        let here = |it: &Checkpoint| it.sequence > last && it.sequence <= number;
        for checkpoint in kept.extract_if(.., |it| here(it)) {
            verifier.checkpoint(checkpoint, Origin::Log);
        }
        verifier.entry(&entry);
        (last, seen) = (number, seen + 1);
        counter.show(seen);
    }
    counter.clear();
    let report = verifier.finish(Vec::new());
    tell(&tenant, &report, out)?;
    for checkpoint in kept {
        let number = checkpoint.sequence;
        writeln!(
            out,
            "{tenant}: the checkpoint of number {number} is not about this export"
        )?;
    }
    Ok(code(report.is_whole()))
}

fn tell(tenant: &TenantId, report: &Report, out: &mut impl Write) -> anyhow::Result<()> {
    for finding in &report.findings {
        writeln!(out, "{tenant}: {finding}")?;
    }
    if report.more > 0 {
        writeln!(out, "{tenant}: and {} more", report.more)?;
    }
    writeln!(out, "{tenant}: {report}")?;
    Ok(())
}

fn code(is_whole: bool) -> ExitCode {
    if is_whole {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn kept_elsewhere(paths: &[PathBuf]) -> anyhow::Result<Elsewhere> {
    let mut found = Elsewhere::new();
    for path in paths {
        let checkpoints = Lines::open(path)?.checkpoints()?;
        if checkpoints.is_empty() {
            bail!("{} holds no checkpoint", path.display());
        }
        for (tenant, checkpoint) in checkpoints {
            found.entry(tenant).or_default().push(checkpoint);
        }
    }
    Ok(found)
}

/// The lines of a file.
struct Lines {
    shown: String,
    number: usize,
    lines: std::io::Lines<BufReader<File>>,
}

impl Lines {
    fn open(path: &Path) -> anyhow::Result<Lines> {
        let shown = path.display().to_string();
        let file = File::open(path).with_context(|| format!("cannot read {shown}"))?;
        Ok(Lines {
            shown,
            number: 0,
            lines: BufReader::new(file).lines(),
        })
    }

    fn next(&mut self) -> anyhow::Result<Option<Line>> {
        let Some(text) = self.text()? else {
            return Ok(None);
        };
        Ok(Some(self.parse(&text)?))
    }

    /// All checkpoints; other lines are passed over without a look into them.
    fn checkpoints(mut self) -> anyhow::Result<Vec<(TenantId, Checkpoint)>> {
        let mut found = Vec::new();
        while let Some(text) = self.text()? {
            if text.starts_with(r#"{"line":"change""#) {
                continue;
            }
            found.extend(self.parse(&text)?.checkpoint());
        }
        Ok(found)
    }

    fn text(&mut self) -> anyhow::Result<Option<String>> {
        loop {
            let Some(line) = self.lines.next() else {
                return Ok(None);
            };
            self.number += 1;
            let line = line.with_context(|| format!("cannot read {}", self.shown))?;
            if !line.trim().is_empty() {
                return Ok(Some(line));
            }
        }
    }

    fn parse(&self, text: &str) -> anyhow::Result<Line> {
        let place = || {
            format!(
                "line {} of {} is none of an export",
                self.number, self.shown
            )
        };
        serde_json::from_str(text).with_context(place)
    }
}
