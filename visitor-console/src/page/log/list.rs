//! What directories sent, the latest first; the list grows while somebody looks.

use askama::Template;
use axum::response::Response;
use serde_json::Value;

use crate::api::{Query, Refused, quoted};
use crate::frame::Place;
use crate::page::Page;
use crate::part::rows::List;
use crate::part::{Cell, Empty, Html, Link, Links, csv};
use crate::read::Read;
use crate::reader::Reader;
use crate::state;
use crate::text as t;
use crate::url;

const SHOWN: &str = "at,token,method,path,resource,result,durationMs";
const RESULTS: [&str; 7] = [
    "created",
    "updated",
    "deactivated",
    "deleted",
    "unchanged",
    "conflict",
    "rejected",
];

/// The list, as table and as file.
pub(crate) static EVENTS: List = List {
    endpoint: "ProvisioningEvents",
    file: "event-log.csv",
    caption: t::log::TITLE,
    heads: &t::log::HEADS,
    row,
};

fn row(reader: &Reader, event: &Value) -> Vec<Cell> {
    let path = format!("{} {}", event.text("method"), event.text("path"));
    vec![
        reader.time(event.text("at")),
        Cell::text(event.text("token.display")),
        Cell::link(
            reader.path(&["log", event.text("id")]),
            &path,
            t::log::EVENT,
        ),
        Cell::text(event.text("resource.type")),
        state::result(event.text("result")).into(),
        Cell::text(t::log::took(&event.shown("durationMs"))),
    ]
}

/// What is asked anew when there are news.
#[derive(Template)]
#[template(path = "page/live.html")]
pub(crate) struct LivePart {
    id: &'static str,
    address: String,
    part: Html,
}

/// A list that follows what happens, as long as its first page is shown.
pub(crate) fn live(reader: &Reader, id: &'static str, part: impl Into<Html>) -> LivePart {
    LivePart {
        id,
        address: reader.here_with("cursor", ""),
        part: part.into(),
    }
}

pub(super) async fn show(reader: Reader) -> Result<Page, Refused> {
    let listed = EVENTS.page(&reader, query(&reader)).await?;
    let here = reader.place(Place::Log);
    let empty = match chosen(&reader) {
        Some(_) => Empty::new(t::log::NONE_SUCH, t::log::NONE_SUCH_TEXT)
            .link(Link::new(here.clone(), t::log::SHOW_ALL)),
        None => Empty::new(t::log::NONE, t::log::NONE_TEXT),
    };
    let table = EVENTS
        .table(&reader, "events", &listed)
        .said(t::log::NEWEST)
        .csv(List::file_address(&reader, &["log.csv"]))
        .or_else(empty);
    let mut chips = Links::chips(t::log::BY_RESULT).link(
        Link::new(here.clone(), t::log::ALL),
        chosen(&reader).is_none(),
    );
    for result in RESULTS {
        let href = url::with_query(&here, &[("result", result)]);
        let link = Link::new(href, t::log::result(result));
        chips = chips.link(link, chosen(&reader) == Some(result));
    }
    Ok(Page::new(&reader, Place::Log, t::log::TITLE)
        .lead(t::log::LEAD)
        .live(reader.path(&["news"]))
        .part(chips)
        .part(live(&reader, "events", table)))
}

pub(super) async fn file(reader: Reader) -> Result<Response, Refused> {
    let query = query(&reader);
    csv::file(reader, &EVENTS, query).await
}

fn chosen(reader: &Reader) -> Option<&str> {
    reader
        .param("result")
        .filter(|result| RESULTS.contains(result))
}

fn query(reader: &Reader) -> Query {
    let query = Query::new().with("attributes", SHOWN).newest_first();
    match chosen(reader) {
        Some(result) => query.filter(format!("result eq {}", quoted(result))),
        None => query,
    }
}
