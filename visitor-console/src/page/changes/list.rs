//! All change sets, the latest first, and those that wait for somebody.

use axum::response::Response;
use serde_json::Value;

use crate::api::{Query, Refused};
use crate::frame::Place;
use crate::page::{Page, log};
use crate::part::rows::List;
use crate::part::{Cell, Empty, Link, Links, csv};
use crate::read::Read;
use crate::reader::Reader;
use crate::state;
use crate::text as t;
use crate::url;

const HELD: &str = "status eq \"held\"";
const COUNTS: [&str; 7] = [
    "created",
    "updated",
    "deactivated",
    "deleted",
    "reactivated",
    "groupsDeleted",
    "membersRemoved",
];

/// The list, as table and as file.
static SETS: List = List {
    endpoint: "ChangeSets",
    file: "change-sets.csv",
    caption: t::changes::TITLE,
    heads: &t::changes::HEADS,
    row,
};

fn row(reader: &Reader, set: &Value) -> Vec<Cell> {
    let opened = reader.time(set.text("openedAt")).plain();
    vec![
        Cell::link(
            reader.path(&["changes", set.text("id")]),
            &opened,
            t::changes::SET,
        ),
        state::change_set(set.text("status")).into(),
        Cell::text(set.text("token.display")),
        Cell::texts(did(set)),
        match set.text("status") {
            "held" => reader.time(set.text("expiresAt")),
            _ => reader.time(set.text("closedAt")),
        },
    ]
}

/// What a set did, in a few words each.
pub(super) fn did(set: &Value) -> Vec<String> {
    let counts = COUNTS.into_iter();
    let counts = counts.map(|name| (name, set.number(&format!("summary.{name}"))));
    let mut did: Vec<String> = counts
        .filter(|(_, count)| *count > 0)
        .map(|(name, count)| t::changes::counted(name, count))
        .collect();
    if did.is_empty() {
        did.push(t::changes::NO_EFFECT.to_owned());
    }
    did
}

pub(super) async fn show(reader: Reader) -> Result<Page, Refused> {
    let here = reader.place(Place::Changes);
    let held_only = reader.param("status") == Some("held");
    let query = match held_only {
        true => Query::new().filter(HELD),
        false => Query::new(),
    };
    let (listed, total) = SETS.newest(&reader, query).await?;
    let held = match held_only {
        true => total,
        false => reader.api().count("ChangeSets", Some(HELD)).await?,
    };
    let all = Link::new(here.clone(), t::changes::ALL);
    let waiting = Link::new(
        url::with_query(&here, &[("status", "held")]),
        t::changes::status("held"),
    );
    let chips = Links::chips(t::changes::BY_STATE)
        .link(all, !held_only)
        .counted(waiting, Some(held), held_only);
    let empty = match held_only {
        true => Empty::new(t::changes::NONE_HELD, t::changes::NONE_HELD_TEXT)
            .link(Link::new(here, t::changes::SHOW_ALL)),
        false => Empty::new(t::changes::NONE, t::changes::NONE_TEXT),
    };
    let table = listed
        .csv(List::file_address(&reader, &["changes.csv"]))
        .or_else(empty);
    Ok(Page::new(&reader, Place::Changes, t::changes::TITLE)
        .lead(t::changes::LEAD)
        .live(reader.path(&["news"]))
        .part(chips)
        .part(log::live(&reader, "rows", table)))
}

pub(super) async fn file(reader: Reader) -> Result<Response, Refused> {
    let query = match reader.param("status") {
        Some("held") => Query::new().filter(HELD),
        _ => Query::new(),
    };
    csv::file(reader, &SETS, query).await
}
