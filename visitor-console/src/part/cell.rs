//! A value, wherever it stands: in a table, among facts, in a file.

use std::fmt;

use askama::Template;
use askama::filters::HtmlSafe;

use super::time::Time;
use super::{Chip, Html, Link};

/// A value as it is shown.
#[derive(Clone)]
pub(crate) enum Cell {
    /// Nothing is known.
    Nothing,
    Text(String),
    /// What a machine reads too.
    Code(String),
    Link(Link),
    Chip(Chip),
    Time(Time),
    /// Several, each on a line of its own.
    Several(Vec<Cell>),
    /// A box by which the row is chosen.
    Check {
        name: &'static str,
        value: String,
        label: String,
    },
}

#[derive(Template)]
#[template(path = "part/cell.html")]
struct Shown<'c> {
    cell: &'c Cell,
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Html::of(&Shown { cell: self }).fmt(f)
    }
}

impl HtmlSafe for Cell {}

impl Cell {
    /// A text, or nothing.
    pub(crate) fn text(text: impl Into<String>) -> Cell {
        match text.into() {
            text if text.is_empty() => Cell::Nothing,
            text => Cell::Text(text),
        }
    }

    pub(crate) fn code(text: impl Into<String>) -> Cell {
        match text.into() {
            text if text.is_empty() => Cell::Nothing,
            text => Cell::Code(text),
        }
    }

    /// A way to what is named; where it has no name, the address has to do.
    pub(crate) fn link(href: impl Into<String>, text: &str, otherwise: &str) -> Cell {
        let text = if text.is_empty() { otherwise } else { text };
        Cell::Link(Link::new(href, text))
    }

    pub(crate) fn several(cells: Vec<Cell>) -> Cell {
        match cells {
            cells if cells.is_empty() => Cell::Nothing,
            cells => Cell::Several(cells),
        }
    }

    pub(crate) fn texts<T: Into<String>>(texts: impl IntoIterator<Item = T>) -> Cell {
        Cell::several(texts.into_iter().map(Cell::text).collect())
    }

    /// The value without what surrounds it.
    pub(crate) fn plain(&self) -> String {
        match self {
            Cell::Nothing => String::new(),
            Cell::Text(text) | Cell::Code(text) => text.clone(),
            Cell::Link(link) => link.text.clone(),
            Cell::Chip(chip) => chip.text.clone(),
            Cell::Time(time) => time.text.clone(),
            Cell::Check { value, .. } => value.clone(),
            Cell::Several(cells) => {
                let texts: Vec<String> = cells.iter().map(Cell::plain).collect();
                texts.join("; ")
            }
        }
    }
}

impl From<Chip> for Cell {
    fn from(chip: Chip) -> Cell {
        Cell::Chip(chip)
    }
}

impl From<u64> for Cell {
    fn from(number: u64) -> Cell {
        Cell::Text(number.to_string())
    }
}
