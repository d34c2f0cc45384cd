//! A report as people read it: the verdict first, then what is wrong, then what was fine.

use std::fmt;

use super::report::{Examined, Mode, Problem, Report, StepReport, Verdict};

/// Columns of a terminal, less what stands before a text.
const WIDTH: usize = 88;
/// Steps with one reason that are named.
const SKIPPED_SHOWN: usize = 5;

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for provider in &self.providers {
            writeln!(
                f,
                "{} {}: {}",
                provider.name,
                provider.in_words(),
                counts(provider)
            )?;
        }
        for provider in &self.providers {
            write!(f, "\n{provider}")?;
        }
        writeln!(f)?;
        match self.mode {
            Mode::ReadOnly => writeln!(f, "Nothing was written, so only reading was tried.")?,
            Mode::Full if self.made == 0 && self.left_behind.is_empty() => {
                writeln!(f, "Nothing was written.")?;
            }
            Mode::Full if self.left_behind.is_empty() => {
                let made = self.made;
                writeln!(
                    f,
                    "All {made} users and groups that were made are deleted again."
                )?;
            }
            Mode::Full => {
                writeln!(
                    f,
                    "These, whose names begin with scim-doctor, could NOT be deleted; please do it:"
                )?;
                for left in &self.left_behind {
                    writeln!(f, "  {left}")?;
                }
            }
        }
        Ok(())
    }
}

fn counts(provider: &Examined) -> String {
    let all = [
        (Verdict::Broken, "broken"),
        (Verdict::Attention, "with a remark"),
        (Verdict::Skipped, "not tried"),
        (Verdict::Good, "fine"),
    ];
    let counted = all.map(|(verdict, word)| (provider.count(verdict), word));
    let told: Vec<String> = counted
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    format!("{} of {} steps", told.join(", "), provider.steps.len())
}

/// What is broken comes first, then what has a remark, and the rest in a line each.
impl fmt::Display for Examined {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.name)?;
        writeln!(f, "{}", "-".repeat(self.name.chars().count()))?;
        for verdict in [
            Verdict::Broken,
            Verdict::Attention,
            Verdict::Skipped,
            Verdict::Good,
        ] {
            let steps = self.steps.iter().filter(|step| step.verdict == verdict);
            if verdict == Verdict::Skipped {
                write_skipped(f, steps)?;
                continue;
            }
            for step in steps {
                write!(f, "{step}")?;
            }
        }
        Ok(())
    }
}

/// Many that were skipped for one reason are a line.
fn write_skipped<'s>(
    f: &mut fmt::Formatter<'_>,
    steps: impl Iterator<Item = &'s StepReport>,
) -> fmt::Result {
    let mut reasons: Vec<(&str, Vec<&StepReport>)> = Vec::new();
    for step in steps {
        let why = step.skipped.as_deref().unwrap_or_default();
        match reasons.iter_mut().find(|(known, _)| *known == why) {
            Some((_, skipped)) => skipped.push(step),
            None => reasons.push((why, vec![step])),
        }
    }
    for (why, skipped) in reasons {
        if skipped.len() > SKIPPED_SHOWN {
            writeln!(f, "skipped {} steps ({why})", skipped.len())?;
            continue;
        }
        for step in skipped {
            write!(f, "{step}")?;
        }
    }
    Ok(())
}

impl fmt::Display for StepReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self.verdict {
            Verdict::Good => "ok",
            Verdict::Skipped => "skipped",
            Verdict::Attention => "REMARK",
            Verdict::Broken => "BROKEN",
        };
        write!(f, "{word:<8}{}", self.title)?;
        match &self.skipped {
            Some(why) => writeln!(f, " ({why})")?,
            None => writeln!(f)?,
        }
        // Several things that are seen may mean the same.
        let mut problems = self.problems.iter().peekable();
        while let Some(problem) = problems.next() {
            wrapped(f, "seen: ", &problem.found)?;
            let same =
                |next: &&Problem| next.means == problem.means && next.change == problem.change;
            if !problems.peek().is_some_and(same) {
                wrapped(f, "means: ", &problem.means)?;
                wrapped(f, "do: ", &problem.change)?;
            }
        }
        if !self.problems.is_empty() {
            for (label, text) in [("sent", &self.sent), ("came", &self.came)] {
                if let Some(text) = text {
                    writeln!(f, "        {label}: {text}")?;
                }
            }
        }
        Ok(())
    }
}

fn wrapped(f: &mut fmt::Formatter<'_>, label: &str, text: &str) -> fmt::Result {
    let mut width = label.len();
    write!(f, "        {label}")?;
    for (at, word) in text.split_whitespace().enumerate() {
        let length = word.chars().count();
        if width + length + 1 > WIDTH {
            write!(f, "\n          ")?;
            width = 2;
        } else if at > 0 {
            write!(f, " ")?;
            width += 1;
        }
        write!(f, "{word}")?;
        width += length;
    }
    writeln!(f)
}
