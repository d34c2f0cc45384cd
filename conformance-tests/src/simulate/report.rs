//! What a run is reported with, as text or as JSON.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use super::cycle::Tally;
use super::send::Counts;
use crate::faults::Injected;

/// Differences that are told one by one.
const SHOWN: usize = 20;

/// How a run went.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Which provider was simulated, and how.
    pub provider: String,
    /// What the directory was made from.
    pub seed: u64,
    /// What every name of the run holds.
    pub tag: String,
    /// One after the other.
    pub cycles: Vec<Cycle>,
    /// Habits that the provider was given, and how many requests showed each.
    pub quirks: BTreeMap<String, u64>,
    /// Faults that were put between client and server.
    pub faults: Option<Injected>,
    /// Resources that were deleted at the end, where that was asked for.
    pub cleaned_up: Option<usize>,
}

/// How a cycle went.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Cycle {
    /// The first is 1.
    pub number: u32,
    /// Why it took place.
    pub kind: Kind,
    /// How long the exports took.
    pub seconds: f64,
    /// What was sent, without the comparison.
    pub sent: Counts,
    /// What was done.
    #[serde(flatten)]
    pub tally: Tally,
    /// What the server tells otherwise than the directory afterwards.
    pub differences: Differences,
}

/// Why a cycle takes place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Kind {
    /// Everything is new.
    Initial,
    /// The directory has changed.
    Incremental,
    /// Nothing has changed; what failed before is tried again.
    Retry,
}

/// Differences, told up to a bound.
#[derive(Debug, Serialize)]
pub struct Differences {
    /// How many there are.
    pub count: usize,
    /// The first of them.
    pub first: Vec<String>,
}

impl Differences {
    pub(super) fn new(mut all: Vec<String>) -> Self {
        let count = all.len();
        all.truncate(SHOWN);
        Self { count, first: all }
    }
}

impl Report {
    /// Whether directory and server agreed after the last cycle.
    pub fn agrees(&self) -> bool {
        let last = self.cycles.last();
        last.is_some_and(|cycle| cycle.differences.count == 0 && cycle.tally.quarantine.is_none())
    }

    /// Requests of all cycles.
    pub fn sent(&self) -> Counts {
        let mut all = Counts::default();
        for Cycle { sent, .. } in &self.cycles {
            all.requests += sent.requests;
            all.retries += sent.retries;
            all.throttled += sent.throttled;
        }
        all
    }
}

/// A line for each cycle, then what went wrong in it.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}, seed {}, tag {}", self.provider, self.seed, self.tag)?;
        writeln!(
            f,
            "cycle          seconds requests retries    429 created matched updated deleted failed escrow differences"
        )?;
        for cycle in &self.cycles {
            write!(f, "{cycle}")?;
        }
        if !self.quirks.is_empty() {
            let shown = self
                .quirks
                .iter()
                .map(|(name, count)| format!("{name} {count}"));
            writeln!(
                f,
                "requests that showed a quirk: {}",
                shown.collect::<Vec<_>>().join(", ")
            )?;
        }
        if let Some(faults) = &self.faults {
            writeln!(f, "faults: {faults}")?;
        }
        if let Some(deleted) = self.cleaned_up {
            writeln!(f, "cleaned up: {deleted} resources deleted")?;
        }
        let Counts { requests, .. } = self.sent();
        let seconds: f64 = self.cycles.iter().map(|cycle| cycle.seconds).sum();
        let verdict = if self.agrees() {
            "directory and server agree"
        } else {
            "directory and server do NOT agree"
        };
        writeln!(f, "{verdict} after {requests} requests in {seconds:.1} s")
    }
}

impl fmt::Display for Cycle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            number,
            sent,
            tally,
            differences,
            ..
        } = self;
        let kind = match self.kind {
            Kind::Initial => "initial",
            Kind::Incremental => "incremental",
            Kind::Retry => "retry",
        };
        writeln!(
            f,
            "{number:>2} {kind:<11}{:>8.1} {:>8} {:>7} {:>6} {:>7} {:>7} {:>7} {:>7} {:>6} {:>6} {:>11}",
            self.seconds,
            sent.requests,
            sent.retries,
            sent.throttled,
            tally.created,
            tally.matched,
            tally.updated,
            tally.deleted,
            tally.failed,
            tally.escrow,
            differences.count
        )?;
        if let Some(reason) = &tally.quarantine {
            writeln!(f, "   quarantine: {reason}")?;
        }
        for reason in &tally.reasons {
            writeln!(f, "   failed: {}", reason.trim_end())?;
        }
        for difference in &differences.first {
            writeln!(f, "   different: {difference}")?;
        }
        Ok(())
    }
}
