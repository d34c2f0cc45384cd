//! All host groups, by name.

use axum::response::Response;
use serde_json::Value;

use crate::api::{Query, Refused};
use crate::frame::Place;
use crate::page::Page;
use crate::part::rows::List;
use crate::part::{Cell, Empty, Link, csv};
use crate::read::Read;
use crate::reader::Reader;
use crate::text as t;

/// The list, as table and as file.
static GROUPS: List = List {
    endpoint: "HostGroups",
    file: "host-groups.csv",
    caption: t::host_groups::TITLE,
    heads: &t::host_groups::HEADS,
    row,
};

fn row(reader: &Reader, group: &Value) -> Vec<Cell> {
    let purposes = group.texts("purpose").into_iter();
    vec![
        Cell::link(
            reader.path(&["host-groups", group.text("id")]),
            group.text("displayName"),
            t::hosts::NO_NAME,
        ),
        Cell::texts(purposes.map(t::host_groups::purpose)),
        Cell::text(t::hosts::source(group.text("source"))),
        reader.time(group.text("meta.lastModified")),
    ]
}

fn query() -> Query {
    Query::new()
        .with("excludedAttributes", "members")
        .sorted("displayName")
}

pub(super) async fn show(reader: Reader) -> Result<Page, Refused> {
    let listed = GROUPS.page(&reader, query()).await?;
    let empty = Empty::new(t::host_groups::NONE, t::host_groups::NONE_TEXT);
    let empty = match reader.may("apiTokens", "read") {
        true => empty.link(Link::new(
            reader.place(Place::Provisioning),
            t::hosts::CONNECT,
        )),
        false => empty,
    };
    let table = GROUPS
        .table(&reader, "groups", &listed)
        .csv(List::file_address(&reader, &["host-groups.csv"]))
        .or_else(empty);
    Ok(Page::new(&reader, Place::HostGroups, t::host_groups::TITLE)
        .lead(t::host_groups::LEAD)
        .part(table))
}

pub(super) async fn file(reader: Reader) -> Result<Response, Refused> {
    csv::file(reader, &GROUPS, query()).await
}
