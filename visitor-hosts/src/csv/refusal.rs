//! What is wrong with a file, and where.

use std::fmt;

/// Why a file is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// Line, the first being 1; `None` where it is the file as a whole.
    pub(crate) line: Option<u64>,
    pub(crate) column: Option<String>,
    pub(crate) reason: String,
}

impl Refusal {
    pub(crate) fn of_file(reason: impl Into<String>) -> Refusal {
        Refusal {
            line: None,
            column: None,
            reason: reason.into(),
        }
    }

    pub(crate) fn at(line: u64, reason: impl Into<String>) -> Refusal {
        Refusal {
            line: Some(line),
            ..Refusal::of_file(reason)
        }
    }

    pub(crate) fn in_cell(line: u64, column: &str, reason: impl Into<String>) -> Refusal {
        Refusal {
            column: Some(column.to_owned()),
            ..Refusal::at(line, reason)
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}")?;
            if let Some(column) = &self.column {
                write!(f, ", column {column}")?;
            }
            f.write_str(": ")?;
        }
        f.write_str(&self.reason)
    }
}

/// All that is wrong with a file, as far as it is listed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Refusals {
    pub(crate) first: Vec<Refusal>,
    pub(crate) total: usize,
}

/// Whoever has more than that wrong has one thing wrong.
const LISTED: usize = 20;

impl Refusals {
    pub(crate) fn add(&mut self, refusal: Refusal) {
        if self.first.len() < LISTED {
            self.first.push(refusal);
        }
        self.total += 1;
    }

    /// What was made, unless something is wrong.
    pub(crate) fn unless<T>(self, made: T) -> Result<T, Refusals> {
        if self.total == 0 { Ok(made) } else { Err(self) }
    }
}

impl From<Refusal> for Refusals {
    fn from(refusal: Refusal) -> Refusals {
        let mut refusals = Refusals::default();
        refusals.add(refusal);
        refusals
    }
}

impl fmt::Display for Refusals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, refusal) in self.first.iter().enumerate() {
            if place > 0 {
                writeln!(f)?;
            }
            write!(f, "{refusal}")?;
        }
        match self.total.saturating_sub(self.first.len()) {
            0 => Ok(()),
            more => write!(f, "\n… and {more} more"),
        }
    }
}
