//! What came of a run, for people and for programs.

mod json;
mod junit;
mod text;

use std::time::Duration;

use super::{Chapter, Check, Exchange, Level, Outcome};

/// What came of a run.
#[derive(Debug)]
pub struct Report {
    /// The SCIM base address.
    pub server: String,
    /// One for each check that ran.
    pub findings: Vec<Finding>,
    /// What this run made and could not delete: paths below the base.
    pub left_behind: Vec<String>,
    /// Whether somebody ended it before its end.
    pub interrupted: bool,
    /// How many requests were sent.
    pub requests: u64,
    /// How long it took.
    pub elapsed: Duration,
}

/// What came of a check.
#[derive(Debug)]
pub struct Finding {
    /// Where the check stands.
    pub chapter: &'static Chapter,
    /// The check.
    pub check: &'static Check,
    /// What came of it.
    pub outcome: Outcome,
    /// All that was sent and came back, in order.
    pub exchanges: Vec<Exchange>,
    /// How long it took.
    pub elapsed: Duration,
}

impl Finding {
    /// Whether the server broke the rule.
    pub fn failed(&self) -> bool {
        matches!(self.outcome, Outcome::Failed(_))
    }

    /// What shows why it did not pass: the last of what was sent and came back.
    fn evidence(&self) -> &[Exchange] {
        const SHOWN: usize = 3;
        let from = match self.outcome {
            Outcome::Failed(_) | Outcome::CouldNotRun(_) => {
                self.exchanges.len().saturating_sub(SHOWN)
            }
            Outcome::Passed | Outcome::NotApplicable(_) => self.exchanges.len(),
        };
        self.exchanges.get(from..).unwrap_or_default()
    }
}

impl Report {
    /// The rules that the server breaks.
    pub fn failures(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.failed())
    }

    /// What a program should exit with: 0 if no rule is broken, 1 if one of an RFC's MUSTs is, 2 if
    /// only others are, 130 if the run was ended before its end.
    pub fn exit_code(&self) -> u8 {
        if self.interrupted {
            return 130;
        }
        let worst = self.failures().map(|finding| finding.check.level).min();
        match worst {
            Some(Level::Must) => 1,
            Some(Level::Should | Level::Idp) => 2,
            None => 0,
        }
    }

    fn count(&self, outcome: &str) -> usize {
        let findings = self.findings.iter();
        findings
            .filter(|finding| finding.outcome.name() == outcome)
            .count()
    }

    /// The findings by chapter, in their order.
    fn by_chapter(&self) -> impl Iterator<Item = (&'static Chapter, &[Finding])> {
        let chunks = self
            .findings
            .chunk_by(|a, b| a.chapter.name == b.chapter.name);
        chunks.filter_map(|findings| Some((findings.first()?.chapter, findings)))
    }
}

/// A body or header can be long; its beginning says what it is.
fn shortened(text: &str, chars_max: usize) -> String {
    match text.char_indices().nth(chars_max) {
        Some((end, _)) => {
            let (shown, rest) = text.split_at(end);
            format!("{shown}… ({} bytes more)", rest.len())
        }
        None => text.to_owned(),
    }
}
