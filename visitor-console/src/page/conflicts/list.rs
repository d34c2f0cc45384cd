//! The conflicts that wait, those that have waited longest first, and all that there were.

use askama::Template;
use axum::response::Response;
use serde_json::Value;

use crate::api::{Query, Refused};
use crate::frame::Place;
use crate::page::Page;
use crate::part::rows::List;
use crate::part::{Cell, Empty, Html, Link, Links, Notice, csv};
use crate::read::Read;
use crate::reader::Reader;
use crate::state;
use crate::text as t;
use crate::url;

const OPEN: &str = "status eq \"open\"";

/// The list as a file.
static CONFLICTS: List = List {
    endpoint: "ProvisioningConflicts",
    file: "conflicts.csv",
    caption: t::conflicts::TITLE,
    heads: &t::conflicts::HEADS,
    row,
};

fn row(reader: &Reader, conflict: &Value) -> Vec<Cell> {
    vec![
        Cell::link(
            reader.path(&["conflicts", conflict.text("id")]),
            incoming(conflict),
            t::conflicts::NO_NAME,
        ),
        Cell::texts(existing(conflict)),
        Cell::text(t::conflicts::kind(conflict.text("kind"))),
        Cell::texts(conflict.texts("evidence")),
        state::conflict(conflict.text("status")).into(),
        reader.time(conflict.text("meta.created")),
    ]
}

/// What the incoming record is called.
pub(super) fn incoming(conflict: &Value) -> &str {
    match conflict.text("incoming.display") {
        "" => t::conflicts::NO_NAME,
        name => name,
    }
}

fn existing(conflict: &Value) -> Vec<&str> {
    let hosts = conflict.items("existing").iter();
    hosts.map(|host| host.text("display")).collect()
}

/// A list from which rows are chosen, with what to do with them.
#[derive(Template)]
#[template(path = "page/choosing.html")]
struct Choosing {
    action: String,
    title: &'static str,
    intro: &'static str,
    submit: &'static str,
    label: &'static str,
    choices: Vec<(&'static str, &'static str)>,
    table: Html,
}

pub(super) async fn show(reader: Reader) -> Result<Page, Refused> {
    page(&reader, None).await
}

/// The list, with a message where what was sent did not do.
pub(super) async fn page(reader: &Reader, message: Option<Notice>) -> Result<Page, Refused> {
    let here = reader.place(Place::Conflicts);
    let all = reader.param("status") == Some("all");
    let (table, open) = match all {
        true => {
            let (table, _) = CONFLICTS.newest(reader, Query::new()).await?;
            let open = reader
                .api()
                .count("ProvisioningConflicts", Some(OPEN))
                .await?;
            (table, open)
        }
        false => {
            let listed = CONFLICTS.page(reader, Query::new().filter(OPEN)).await?;
            let open = listed.total;
            (CONFLICTS.table(reader, "rows", &listed), open)
        }
    };
    let chips = Links::chips(t::conflicts::BY_STATE)
        .counted(
            Link::new(here.clone(), t::conflicts::status("open")),
            Some(open),
            !all,
        )
        .link(
            Link::new(
                url::with_query(&here, &[("status", "all")]),
                t::conflicts::ALL,
            ),
            all,
        );
    let table = table
        .csv(List::file_address(reader, &["conflicts.csv"]))
        .or_else(Empty::new(t::conflicts::NONE, t::conflicts::NONE_TEXT));
    let mut page = Page::new(reader, Place::Conflicts, t::conflicts::TITLE)
        .lead(t::conflicts::LEAD)
        .part(chips);
    if let Some(message) = message {
        page = page
            .notice(message)
            .status(axum::http::StatusCode::UNPROCESSABLE_ENTITY);
    }
    let verbs = super::decide::VERBS.into_iter();
    let verbs: Vec<(&str, &str)> = verbs
        .filter(|(verb, _)| reader.may("provisioningConflicts", verb))
        .map(|(verb, _)| (verb, t::conflicts::verb(verb)))
        .collect();
    if all || open == 0 || verbs.is_empty() {
        return Ok(page.part(table));
    }
    Ok(page.part(Choosing {
        action: reader.path(&["conflicts", "decide"]),
        title: t::conflicts::BULK,
        intro: t::conflicts::BULK_INTRO,
        submit: t::conflicts::BULK_GO,
        label: t::conflicts::BULK_DO,
        choices: verbs,
        table: table.choosable("id", t::CHOOSE).into(),
    }))
}

pub(super) async fn file(reader: Reader) -> Result<Response, Refused> {
    let query = match reader.param("status") {
        Some("all") => Query::new(),
        _ => Query::new().filter(OPEN),
    };
    csv::file(reader, &CONFLICTS, query).await
}
