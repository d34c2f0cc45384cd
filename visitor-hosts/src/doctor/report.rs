//! What is told.

use serde::Serialize;

use super::script::Provider;

/// How well something went; what is further down is worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Verdict {
    /// As the identity provider needs it.
    Good,
    /// Not tried, because something before it failed.
    Skipped,
    /// It works, but something will be missing or go wrong in some cases.
    Attention,
    /// Provisioning will not work, or not do what it says.
    Broken,
}

/// Whether anything was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Mode {
    /// Only what is read when a connection is tested.
    ReadOnly,
    /// People and groups were made, changed and deleted.
    Full,
}

/// What an examination came to.
///
/// ```
/// use visitor_hosts::doctor::{Mode, Report, Verdict};
///
/// let report = Report::new(Mode::ReadOnly, Vec::new());
/// assert!(report.passed());
/// assert_eq!(report.verdict, Verdict::Good);
/// ```
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Whether anything was written.
    pub mode: Mode,
    /// The worst of all.
    pub verdict: Verdict,
    /// For each identity provider how it would fare.
    pub providers: Vec<Examined>,
    /// How many users and groups were made; all but those left behind are deleted again.
    pub made: usize,
    /// What was made and could not be deleted: somebody has to do it.
    pub left_behind: Vec<String>,
}

impl Report {
    /// A report of these.
    pub fn new(mode: Mode, providers: Vec<Examined>) -> Report {
        let verdicts = providers.iter().map(|provider| provider.verdict);
        Report {
            mode,
            verdict: verdicts.max().unwrap_or(Verdict::Good),
            providers,
            made: 0,
            left_behind: Vec::new(),
        }
    }

    /// Whether provisioning will work; something may still need attention.
    pub fn passed(&self) -> bool {
        self.verdict < Verdict::Broken
    }

    /// A line for each provider, then one for each problem: what a token keeps of its last test.
    pub fn checks(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for provider in &self.providers {
            lines.push(format!("{}: {}", provider.name, provider.in_words()));
            for step in &provider.steps {
                let problems = step.problems.iter();
                lines.extend(problems.map(|problem| {
                    let Problem { found, change, .. } = problem;
                    format!("{}: {found} {change}", step.title)
                }));
            }
        }
        lines
    }
}

/// How one identity provider would fare.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Examined {
    /// Which.
    pub provider: Provider,
    /// Its name.
    pub name: String,
    /// The worst of the steps.
    pub verdict: Verdict,
    /// In their order.
    pub steps: Vec<StepReport>,
}

impl Examined {
    pub(super) fn new(provider: Provider, name: &str, steps: Vec<StepReport>) -> Examined {
        let verdicts = steps.iter().map(|step| step.verdict);
        Examined {
            provider,
            name: name.to_owned(),
            verdict: verdicts.max().unwrap_or(Verdict::Good),
            steps,
        }
    }

    pub(super) fn count(&self, verdict: Verdict) -> usize {
        let steps = self.steps.iter();
        steps.filter(|step| step.verdict == verdict).count()
    }

    /// What the verdict means for whoever sets the connection up.
    pub(super) fn in_words(&self) -> &'static str {
        match self.verdict {
            Verdict::Good => "will work",
            Verdict::Skipped => "could not be tried",
            Verdict::Attention => "will work, but look at the remarks",
            Verdict::Broken => "will NOT work as it is",
        }
    }
}

/// How one step went.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StepReport {
    /// What does not change when texts do.
    pub id: String,
    /// What the identity provider does.
    pub title: String,
    /// How it went.
    pub verdict: Verdict,
    /// The request.
    pub sent: Option<String>,
    /// The status, and the beginning of the body.
    pub came: Option<String>,
    /// What is wrong.
    pub problems: Vec<Problem>,
    /// Why it was not tried.
    pub skipped: Option<String>,
}

/// Something that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Problem {
    /// How bad it is.
    pub verdict: Verdict,
    /// What was seen, a sentence.
    pub found: String,
    /// What that means for the identity provider.
    pub means: String,
    /// What to change, and where.
    pub change: String,
}
