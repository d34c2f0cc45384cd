//! The sites, and below them the offices that are none.

use axum::response::Response;
use serde_json::Value;

use crate::api::{Query, Refused};
use crate::frame::Place;
use crate::page::Page;
use crate::part::rows::List;
use crate::part::{Block, Cell, Choice, Empty, Link, Row, Table, csv};
use crate::read::Read;
use crate::reader::Reader;
use crate::state;
use crate::text as t;

/// Sites that can be chosen among.
const CHOICES_MAX: usize = 1_000;
/// Unknown offices that are shown at once.
const OFFICES: usize = 20;

/// The list, as table and as file.
static LOCATIONS: List = List {
    endpoint: "Locations",
    file: "locations.csv",
    caption: t::locations::TITLE,
    heads: &t::locations::HEADS,
    row,
};

fn row(reader: &Reader, location: &Value) -> Vec<Cell> {
    let active = location.at("active") != Some(&Value::Bool(false));
    vec![
        Cell::link(
            reader.path(&["locations", location.text("id")]),
            location.text("name"),
            t::hosts::NO_NAME,
        ),
        Cell::text(location.text("code")),
        Cell::texts(location.texts("aliases")),
        Cell::text(location.text("timezone")),
        Cell::text(t::locations::policy(location.text("approvals.policy"))),
        state::yes_no(active),
    ]
}

/// The sites, to choose one of; and none.
pub(crate) async fn choices(reader: &Reader, none: &str) -> Result<Vec<Choice>, Refused> {
    let query = query().with("attributes", "name").count(CHOICES_MAX);
    let listed = reader.api().list("Locations", &query).await?;
    let sites = listed.resources.iter();
    let sites = sites.map(|site| Choice::new(site.text("id"), site.text("name")));
    let none = (!none.is_empty()).then(|| Choice::new("", none));
    Ok(none.into_iter().chain(sites).collect())
}

fn query() -> Query {
    Query::new().sorted("name")
}

pub(super) async fn show(reader: Reader) -> Result<Page, Refused> {
    let listed = LOCATIONS.page(&reader, query()).await?;
    let empty = Empty::new(t::locations::NONE, t::locations::NONE_TEXT);
    let (page, empty) = {
        let page =
            Page::new(&reader, Place::Locations, t::locations::TITLE).lead(t::locations::LEAD);
        let new = reader.path(&["locations", "new"]);
        match reader.may("locations", "write") {
            true => (
                page.tool(new.clone(), t::locations::NEW),
                empty.link(Link::new(new, t::locations::NEW)),
            ),
            false => (page, empty),
        }
    };
    let table = LOCATIONS
        .table(&reader, "locations", &listed)
        .csv(List::file_address(&reader, &["locations.csv"]))
        .or_else(empty);
    Ok(page.part(table).part_if(offices(&reader).await?))
}

async fn offices(reader: &Reader) -> Result<Option<Block>, Refused> {
    if !reader.may("unknownOffices", "read") {
        return Ok(None);
    }
    let query = Query::new().count(OFFICES).cursor(reader.param("offices"));
    let listed = reader.api().list("UnknownOffices", &query).await?;
    let may = reader.may("locations", "write");
    let rows = listed.resources.iter().map(|office| {
        let name = office.text("name");
        Row(vec![match may {
            true => Cell::link(reader.path(&["offices", office.text("id")]), name, name),
            false => Cell::text(name),
        }])
    });
    let next = listed.next.as_deref();
    let table = Table::new(
        "offices-rows",
        t::locations::OFFICES,
        &[t::locations::OFFICE],
    )
    .rows(rows)
    .said(t::counted(listed.total))
    .next(next.map(|cursor| reader.here_with("offices", cursor)))
    .or_else(Empty::new(
        t::locations::NO_OFFICES,
        t::locations::NO_OFFICES_TEXT,
    ));
    Ok(Some(
        Block::new("offices", t::locations::OFFICES)
            .intro(t::locations::OFFICES_INTRO)
            .part(table),
    ))
}

pub(super) async fn file(reader: Reader) -> Result<Response, Refused> {
    csv::file(reader, &LOCATIONS, query()).await
}
