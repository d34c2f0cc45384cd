//! A report for a program: its shape is described in `docs/conformance.md` and stays.

use serde_json::{Value, json};

use super::{Finding, Report, shortened};

/// Rises when a member goes or means something else; new members do not count.
const VERSION: u32 = 1;
const TEXT_CHARS_MAX: usize = 8_000;

impl Report {
    /// One object with all findings.
    pub fn to_json(&self) -> Value {
        let findings: Vec<Value> = self.findings.iter().map(finding).collect();
        json!({
            "version": VERSION,
            "server": self.server,
            "exitCode": self.exit_code(),
            "interrupted": self.interrupted,
            "requests": self.requests,
            "elapsedMs": u64::try_from(self.elapsed.as_millis()).unwrap_or(u64::MAX),
            "summary": {
                "passed": self.count("passed"),
                "failed": self.count("failed"),
                "notApplicable": self.count("notApplicable"),
                "couldNotRun": self.count("couldNotRun"),
            },
            "leftBehind": self.left_behind,
            "checks": findings,
        })
    }
}

fn finding(finding: &Finding) -> Value {
    let check = finding.check;
    let exchanges: Vec<Value> = finding
        .evidence()
        .iter()
        .map(|exchange| {
            json!({
                "sent": shortened(&exchange.sent, TEXT_CHARS_MAX),
                "cameBack": shortened(&exchange.came_back, TEXT_CHARS_MAX),
            })
        })
        .collect();
    json!({
        "id": check.id,
        "chapter": finding.chapter.name,
        "level": check.level.name(),
        "requires": check.requires,
        "outcome": finding.outcome.name(),
        "reason": finding.outcome.reason(),
        "tolerance": check.tolerance,
        "fix": check.fix,
        "exchanges": exchanges,
        "elapsedMs": u64::try_from(finding.elapsed.as_millis()).unwrap_or(u64::MAX),
    })
}
