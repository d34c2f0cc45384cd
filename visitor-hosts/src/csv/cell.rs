//! Cells that a spreadsheet would run as a formula: marked on the way out, and refused on the way in unless
//! they are marked.

use std::borrow::Cow;

/// What a spreadsheet takes for the beginning of a formula.
const BEGINS: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];
/// Spreadsheets take a cell with this before it for text.
const MARK: char = '\'';

/// A value as it is exported.
pub(super) fn marked<'v>(column: &str, value: &'v str) -> Cow<'v, str> {
    if needs_mark(column, value) {
        Cow::Owned(format!("{MARK}{value}"))
    } else {
        Cow::Borrowed(value)
    }
}

/// A cell as it is imported, or why not.
pub(super) fn unmarked<'c>(column: &str, cell: &'c str) -> Result<&'c str, String> {
    match cell.strip_prefix(MARK) {
        Some(value) if needs_mark("", value) => Ok(value),
        _ if needs_mark(column, cell) && !cell.starts_with(MARK) => {
            let shown = scim_core::error::echo(cell);
            Err(format!(
                "a spreadsheet would run {shown} as a formula; put {MARK} before it if it is meant as text"
            ))
        }
        _ => Ok(cell),
    }
}

/// So do values that begin with the mark and would lose it.
fn needs_mark(column: &str, value: &str) -> bool {
    let formula = value.trim_start_matches(MARK).starts_with(BEGINS);
    formula && !(column == "phone" && is_number(value))
}

/// `+41 44 000 00 00`: nothing in it can be run.
fn is_number(value: &str) -> bool {
    let Some(number) = value.strip_prefix('+') else {
        return false;
    };
    let may_follow = |sign: char| sign.is_ascii_digit() || " ()./-".contains(sign);
    number.starts_with(|first: char| first.is_ascii_digit()) && number.chars().all(may_follow)
}
