//! What happened to a person, and because of whom.

use axum::extract::Path;
use serde_json::Value;

use super::person::{self, Tab};
use crate::api::{Query, Refused};
use crate::page::Page;
use crate::part::{Block, Cell, Empty, Row, Table};
use crate::plain::plain;
use crate::read::Read;
use crate::reader::Reader;
use crate::text as t;

/// Attributes that only the server itself uses.
const INNER: [&str; 1] = ["arrivedAs"];

pub(super) async fn show(
    reader: Reader,
    Path((_, id)): Path<(String, String)>,
) -> Result<Page, Refused> {
    let query = Query::new().with("attributes", "displayName,effectiveStatus");
    let host = reader.api().get_with("Hosts", &id, &query).await?;
    let told = reader.api().tell(("Hosts", &id, "history")).await?;
    let changes = told.items("changes").iter();
    let table = Table::new("history", t::hosts::HISTORY, &t::hosts::HISTORY_HEADS)
        .rows(changes.map(|change| row(&reader, change)))
        .said(t::hosts::HISTORY_SAID)
        .or_else(Empty::new(t::hosts::NO_HISTORY, t::hosts::NO_HISTORY_TEXT));
    Ok(person::page(&reader, &host, Tab::History)
        .part(Block::new("history-block", t::hosts::HISTORY_TITLE).part(table)))
}

fn row(reader: &Reader, change: &Value) -> Row {
    let by = change.text("by.display");
    let by = match change.maybe("event.value") {
        Some(event) if reader.may("provisioningEvents", "read") => {
            Cell::link(reader.path(&["log", event]), by, t::hosts::THE_SERVER)
        }
        _ if by.is_empty() => Cell::text(t::hosts::THE_SERVER),
        _ => Cell::text(by),
    };
    let changes = change.items("changes").iter();
    let changes = changes.filter(|it| !INNER.contains(&it.text("attribute")));
    Row(vec![
        reader.time(change.text("at")),
        Cell::text(t::log::what(change.text("what"))),
        Cell::texts(changes.map(said)),
        by,
    ])
}

/// An attribute that changed, in a line.
pub(crate) fn said(change: &Value) -> String {
    let (before, after) = (plain(change.text("before")), plain(change.text("after")));
    t::hosts::changed(change.text("attribute"), &before, &after)
}
