//! A list: rows under heads, with its next page, its file, and what to do where it is empty.

use askama::Template;

use super::{Cell, Empty, Html};

/// A row; the first cell names it.
pub(crate) struct Row(pub(crate) Vec<Cell>);

impl Row {
    /// What the row is of: the last part of the address that its name leads to.
    fn id(&self) -> String {
        let href = self.0.iter().find_map(|cell| match cell {
            Cell::Link(link) => Some(link.href.as_str()),
            _ => None,
        });
        let last = href.and_then(|href| href.rsplit('/').next());
        last.unwrap_or_default().to_owned()
    }
}

/// A list.
#[derive(Template)]
#[template(path = "part/table.html")]
pub(crate) struct Table {
    /// What it is, for those who do not see where it stands.
    caption: String,
    id: &'static str,
    heads: Vec<String>,
    rows: Vec<Row>,
    /// A sentence about how many there are.
    said: String,
    next: Option<String>,
    csv: Option<String>,
    empty: Html,
    /// Which cell names the row: the second where the first one is a box.
    named_by: usize,
}

impl Table {
    pub(crate) fn new(id: &'static str, caption: &str, heads: &[&str]) -> Table {
        Table {
            caption: caption.to_owned(),
            id,
            heads: heads.iter().map(|head| (*head).to_owned()).collect(),
            rows: Vec::new(),
            said: String::new(),
            next: None,
            csv: None,
            empty: Html::default(),
            named_by: 0,
        }
    }

    #[must_use]
    pub(crate) fn rows(mut self, rows: impl IntoIterator<Item = Row>) -> Table {
        self.rows.extend(rows);
        self
    }

    /// Begins each row with a box by which it is chosen.
    #[must_use]
    pub(crate) fn choosable(mut self, name: &'static str, head: &str) -> Table {
        self.heads.insert(0, head.to_owned());
        for row in &mut self.rows {
            let named = row.0.first().map(Cell::plain).unwrap_or_default();
            let check = Cell::Check {
                name,
                value: row.id(),
                label: format!("{head} {named}"),
            };
            row.0.insert(0, check);
        }
        self.named_by = 1;
        self
    }

    /// How many there are, in words.
    #[must_use]
    pub(crate) fn said(mut self, said: impl Into<String>) -> Table {
        self.said = said.into();
        self
    }

    /// Where the next rows are.
    #[must_use]
    pub(crate) fn next(mut self, next: Option<String>) -> Table {
        self.next = next;
        self
    }

    /// Where all of it is a file.
    #[must_use]
    pub(crate) fn csv(mut self, address: String) -> Table {
        self.csv = Some(address);
        self
    }

    /// What stands in its place where there is nothing.
    #[must_use]
    pub(crate) fn or_else(mut self, empty: Empty) -> Table {
        self.empty = empty.into();
        self
    }
}
