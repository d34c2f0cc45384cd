//! A report for a person at a terminal.

use std::fmt::Write;

use super::{Finding, Report, shortened};
use crate::suite::{Level, Outcome};

const LINE_CHARS_MAX: usize = 700;

impl Report {
    /// Every rule that is broken with what was sent, what came back and what would fix it; then
    /// the chapters with their counts.
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        self.write(&mut text).unwrap_or_default();
        text
    }

    fn write(&self, out: &mut String) -> std::fmt::Result {
        for finding in &self.findings {
            match &finding.outcome {
                Outcome::Failed(why) => {
                    writeln!(out, "FAILED {}", title(finding))?;
                    writeln!(out, "  found     {why}")?;
                    details(out, finding)?;
                }
                Outcome::CouldNotRun(why) => {
                    writeln!(out, "COULD NOT RUN {}", title(finding))?;
                    writeln!(out, "  because   {why}")?;
                    details(out, finding)?;
                }
                Outcome::Passed | Outcome::NotApplicable(_) => {}
            }
        }
        self.write_not_applicable(out)?;
        self.write_summary(out)
    }

    /// One line for each reason, since one reason often stands for many checks.
    fn write_not_applicable(&self, out: &mut String) -> std::fmt::Result {
        let mut reasons: Vec<(&str, Vec<&str>)> = Vec::new();
        for finding in &self.findings {
            if let Outcome::NotApplicable(why) = &finding.outcome {
                match reasons.iter_mut().find(|(reason, _)| reason == why) {
                    Some((_, ids)) => ids.push(finding.check.id),
                    None => reasons.push((why, vec![finding.check.id])),
                }
            }
        }
        if !reasons.is_empty() {
            writeln!(out, "Not applicable:")?;
        }
        for (reason, ids) in reasons {
            writeln!(out, "  {reason}:\n    {}", ids.join(", "))?;
        }
        Ok(())
    }

    fn write_summary(&self, out: &mut String) -> std::fmt::Result {
        writeln!(
            out,
            "\n{:<14}{:>7}{:>8}{:>16}{:>15}",
            "", "passed", "failed", "not applicable", "could not run"
        )?;
        for (chapter, findings) in self.by_chapter() {
            let count = |name| {
                findings
                    .iter()
                    .filter(|finding| finding.outcome.name() == name)
                    .count()
            };
            writeln!(
                out,
                "{:<14}{:>7}{:>8}{:>16}{:>15}  {}",
                chapter.name,
                count("passed"),
                count("failed"),
                count("notApplicable"),
                count("couldNotRun"),
                chapter.title
            )?;
        }
        writeln!(
            out,
            "{:<14}{:>7}{:>8}{:>16}{:>15}  {}",
            "together",
            self.count("passed"),
            self.count("failed"),
            self.count("notApplicable"),
            self.count("couldNotRun"),
            self.server
        )?;
        for level in [Level::Must, Level::Should, Level::Idp] {
            let of = |failed: bool| {
                self.findings
                    .iter()
                    .filter(|it| it.check.level == level && (it.failed() || !failed))
                    .count()
            };
            if of(false) > 0 {
                writeln!(
                    out,
                    "{:<8}{} of {} failed",
                    level.name(),
                    of(true),
                    of(false)
                )?;
            }
        }
        let tolerated: Vec<_> = self
            .failures()
            .filter_map(|it| Some((it.check.id, it.check.tolerance?)))
            .collect();
        if !tolerated.is_empty() {
            writeln!(
                out,
                "Of these, failed as a tolerance of identity providers would have it:"
            )?;
            for (id, tolerance) in tolerated {
                writeln!(out, "  {id}: {tolerance}")?;
            }
        }
        writeln!(
            out,
            "{} requests in {:.1} s",
            self.requests,
            self.elapsed.as_secs_f64()
        )?;
        if self.interrupted {
            writeln!(out, "Interrupted: not every check has run.")?;
        }
        match self.left_behind.as_slice() {
            [] => writeln!(out, "Everything that was made has been deleted."),
            left => writeln!(out, "Could not be deleted: {}", left.join(", ")),
        }
    }
}

fn title(finding: &Finding) -> String {
    let check = finding.check;
    format!("{} ({}): {}", check.id, check.level.name(), check.requires)
}

fn details(out: &mut String, finding: &Finding) -> std::fmt::Result {
    for exchange in finding.evidence() {
        for line in exchange.sent.lines().chain(exchange.came_back.lines()) {
            writeln!(out, "    {}", shortened(line, LINE_CHARS_MAX))?;
        }
    }
    writeln!(out, "  to fix it {}", finding.check.fix)?;
    if let Some(tolerance) = finding.check.tolerance {
        writeln!(
            out,
            "  tolerance {tolerance}: some identity providers need the opposite; docs/conformance.md tells which"
        )?;
    }
    writeln!(out)
}
