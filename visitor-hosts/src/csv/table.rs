//! The rows of a file, or all that is wrong with it.

use std::collections::HashMap;

use scim_core::SchemaError;
use scim_core::text::fold;
use serde::{Deserialize, Serialize};

use super::group::Groups;
use super::person::People;
use super::{FileKind, Refusal, Refusals, cell, columns, encoding, separator};

/// More than that is no file for one run.
const ROWS_MAX: usize = 100_000;
/// Signs of a cell; lists of names may be longer.
const CELL_CHARS_MAX: usize = 1_000;
const LIST_BYTES_MAX: usize = 512 * 1024;

/// A file that can be imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Table {
    pub(crate) kind: FileKind,
    pub(crate) columns: Vec<&'static str>,
    pub(crate) rows: Vec<Row>,
}

/// A row, its cells in the order of the columns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Row {
    pub(crate) line: u64,
    pub(crate) cells: Vec<String>,
}

impl Table {
    /// Where the cells of a column are.
    pub(crate) fn place(&self, column: &str) -> Option<usize> {
        self.columns.iter().position(|known| *known == column)
    }
}

/// Reads a file; what is wrong with it, with the first lines where it is.
pub(crate) fn read(kind: FileKind, bytes: &[u8]) -> Result<Table, Refusals> {
    let text = encoding::text(bytes)?;
    let separator = separator::separator(text, |name| kind.column(name).is_some());
    separator::quotes(text, separator)?;
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator)
        .from_reader(text.as_bytes());
    let mut records = reader.records();
    let Some(header) = records.next() else {
        return Err(Refusal::of_file("the file is empty").into());
    };
    let header = header.map_err(|error| Refusal::of_file(error.to_string()))?;
    let mut reading = Reading {
        table: Table {
            kind,
            columns: columns::header(kind, line_of(&header), &header)?,
            rows: Vec::new(),
        },
        check: Check::new(kind).map_err(|error| Refusal::of_file(error.to_string()))?,
        known: HashMap::new(),
        refusals: Refusals::default(),
    };
    let ends_with_line = text.ends_with(['\n', '\r']);
    let mut records = records.peekable();
    while let Some(record) = records.next() {
        let record = record.map_err(|error| Refusal::of_file(error.to_string()))?;
        let is_cut = records.peek().is_none() && !ends_with_line;
        reading.take(&record, is_cut);
        if reading.table.rows.len() > ROWS_MAX {
            let reason = format!("the file has more than {ROWS_MAX} rows: send it in parts");
            return Err(Refusal::of_file(reason).into());
        }
    }
    if reading.table.rows.is_empty() && reading.refusals.total == 0 {
        let reason = "the file has a header and no rows";
        reading.refusals.add(Refusal::of_file(reason));
    }
    reading.refusals.unless(reading.table)
}

fn line_of(record: &csv::StringRecord) -> u64 {
    record.position().map_or(1, csv::Position::line)
}

struct Reading {
    table: Table,
    check: Check,
    /// The key of each row, folded, with its line.
    known: HashMap<String, u64>,
    refusals: Refusals,
}

impl Reading {
    fn take(&mut self, record: &csv::StringRecord, is_cut: bool) {
        let line = line_of(record);
        let (has, needs) = (record.len(), self.table.columns.len());
        if has != needs {
            let mut reason = format!("the row has {has} cells, and the header has {needs}");
            if is_cut && has < needs {
                reason.push_str("; the file seems cut off");
            }
            self.refusals.add(Refusal::at(line, reason));
            return;
        }
        let mut cells = Vec::with_capacity(needs);
        let mut fits = true;
        for (column, cell) in self.table.columns.iter().zip(record) {
            match read_cell(column, cell) {
                Ok(cell) => cells.push(cell),
                Err(reason) => {
                    self.refusals.add(Refusal::in_cell(line, column, reason));
                    fits = false;
                }
            }
        }
        if fits && self.check_row(line, &cells) {
            self.table.rows.push(Row { line, cells });
        }
    }

    /// Does the schema take what the row says, and says no other row the same?
    fn check_row(&mut self, line: u64, cells: &[String]) -> bool {
        let key = self.table.kind.key();
        let place = self.table.place(key);
        let name = place.and_then(|place| cells.get(place));
        let name = name.map(String::as_str).unwrap_or_default();
        if name.is_empty() {
            let reason = "a value is required";
            self.refusals.add(Refusal::in_cell(line, key, reason));
            return false;
        }
        if let Some(other) = self.known.insert(fold(name), line) {
            let name = scim_core::error::echo(name);
            let reason = format!("{name} is in line {other} already");
            self.refusals.add(Refusal::in_cell(line, key, reason));
            return false;
        }
        match self.check.row(&self.table.columns, cells) {
            Ok(()) => true,
            Err((column, reason)) => {
                self.refusals.add(Refusal::in_cell(line, column, reason));
                false
            }
        }
    }
}

fn read_cell(column: &str, raw: &str) -> Result<String, String> {
    let cell = cell::unmarked(column, raw)?;
    let is_list = matches!(column, "groups" | "members");
    if is_list && cell.len() > LIST_BYTES_MAX {
        return Err(format!("the cell has more than {LIST_BYTES_MAX} bytes"));
    }
    if !is_list && cell.chars().count() > CELL_CHARS_MAX {
        return Err(format!(
            "the cell has more than {CELL_CHARS_MAX} characters"
        ));
    }
    if matches!(column, "active" | "hostVisible") {
        let word = cell.trim().to_ascii_lowercase();
        return match word.as_str() {
            "true" | "false" | "" => Ok(word),
            _ => Err(format!(
                "{} is neither true nor false",
                scim_core::error::echo(cell)
            )),
        };
    }
    Ok(cell.to_owned())
}

enum Check {
    People(People),
    Groups(Groups),
}

impl Check {
    fn new(kind: FileKind) -> Result<Check, SchemaError> {
        Ok(match kind {
            FileKind::Hosts => Check::People(People::new()?),
            FileKind::Groups => Check::Groups(Groups::new()?),
        })
    }

    fn row<'c>(&self, columns: &[&'c str], cells: &[String]) -> Result<(), (&'c str, String)> {
        match self {
            Check::People(people) => people.check(columns, cells),
            Check::Groups(groups) => groups.check(columns, cells),
        }
    }
}
