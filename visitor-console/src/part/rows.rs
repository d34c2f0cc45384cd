//! A list of resources: which columns it has, and what stands in them. A table and a file show the same.

use serde_json::Value;

use super::{Cell, Row, Table};
use crate::api::{Listed, Query, Refused};
use crate::reader::Reader;
use crate::text as t;
use crate::url;

/// Rows of a page.
pub(crate) const COUNT: usize = 50;

/// A list of the resources of a type.
pub(crate) struct List {
    pub(crate) endpoint: &'static str,
    /// What the file is called.
    pub(crate) file: &'static str,
    pub(crate) caption: &'static str,
    pub(crate) heads: &'static [&'static str],
    pub(crate) row: fn(&Reader, &Value) -> Vec<Cell>,
}

impl List {
    /// The page that the reader asks for, by the cursor in its address.
    pub(crate) async fn page(&self, reader: &Reader, query: Query) -> Result<Listed, Refused> {
        let query = query.count(COUNT).cursor(reader.param("cursor"));
        reader.api().list(self.endpoint, &query).await
    }

    /// The newest resources first, of a type to which new ones are only added: places in the list stay what they
    /// are, so a page is found by them from the end. Gives back the table, and how many there are.
    pub(crate) async fn newest(
        &self,
        reader: &Reader,
        query: Query,
    ) -> Result<(Table, u64), Refused> {
        let api = reader.api();
        let total = api
            .list(self.endpoint, &query.clone().count(0))
            .await?
            .total;
        let before = reader.param("before").and_then(|place| place.parse().ok());
        let end = before.unwrap_or(total).min(total);
        let start = end.saturating_sub(COUNT as u64);
        let mut listed = Listed::default();
        if end > 0 {
            let query = query
                .with("startIndex", (start + 1).to_string())
                .with("count", (end - start).to_string());
            listed = api.list(self.endpoint, &query).await?;
            listed.resources.reverse();
        }
        listed.total = total;
        let next = (start > 0).then(|| reader.here_with("before", &start.to_string()));
        Ok((self.table(reader, "rows", &listed).next(next), total))
    }

    /// The table of what was found.
    pub(crate) fn table(&self, reader: &Reader, id: &'static str, listed: &Listed) -> Table {
        let next = listed.next.as_deref();
        let rows = listed.resources.iter();
        Table::new(id, self.caption, self.heads)
            .rows(rows.map(|resource| Row((self.row)(reader, resource))))
            .said(t::counted(listed.total))
            .next(next.map(|cursor| reader.here_with("cursor", cursor)))
    }

    /// Where all of it is a file: the same address, with the same question, and another ending.
    pub(crate) fn file_address(reader: &Reader, parts: &[&str]) -> String {
        let pairs: Vec<(&str, &str)> = reader
            .params()
            .filter(|(name, _)| *name != "cursor")
            .collect();
        url::with_query(&reader.path(parts), &pairs)
    }
}
