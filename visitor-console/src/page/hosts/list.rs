//! All hosts, by state or as they are looked for.

use axum::response::Response;
use serde_json::Value;

use super::search;
use crate::api::{Query, Refused, quoted};
use crate::frame::Place;
use crate::page::Page;
use crate::part::rows::List;
use crate::part::{Cell, Empty, Link, Links, Table, csv};
use crate::read::Read;
use crate::reader::Reader;
use crate::state;
use crate::text as t;
use crate::url;

/// What it shows of each.
pub(crate) const SHOWN: &str =
    "displayName,userName,email,effectiveStatus,department,officeLocation";
const STATES: [&str; 4] = ["visible", "heldVisible", "hidden", "suspended"];

/// The list, as table and as file.
pub(crate) static HOSTS: List = List {
    endpoint: "Hosts",
    file: "hosts.csv",
    caption: t::hosts::TITLE,
    heads: &[
        t::hosts::NAME,
        t::hosts::STATUS,
        t::hosts::KNOWN_AS,
        t::hosts::DEPARTMENT,
        t::hosts::OFFICE,
    ],
    row,
};

fn row(reader: &Reader, host: &Value) -> Vec<Cell> {
    let id = host.text("id");
    vec![
        Cell::link(
            reader.path(&["hosts", id]),
            host.text("displayName"),
            t::hosts::NO_NAME,
        ),
        state::host(host.text("effectiveStatus")).into(),
        known_as(host),
        Cell::text(host.text("department")),
        Cell::text(host.text("officeLocation")),
    ]
}

/// The user name, and the address where it is another one.
fn known_as(host: &Value) -> Cell {
    let (name, email) = (host.text("userName"), host.text("email"));
    let names = [name, email].into_iter().filter(|it| !it.is_empty());
    match name.eq_ignore_ascii_case(email) {
        true => Cell::text(name),
        false => Cell::texts(names),
    }
}

pub(super) async fn show(reader: Reader) -> Result<Page, Refused> {
    let page = Page::new(&reader, Place::Hosts, t::hosts::TITLE).lead(t::hosts::LEAD);
    let sought = reader.param("q").map(str::to_owned);
    let (chips, total) = chips(&reader, sought.is_none()).await?;
    let page = page.part(search::form(&reader)).part(chips);
    let table = match &sought {
        Some(sought) => search::found(&reader, sought, SHOWN).await?,
        None => all(&reader, total).await?,
    };
    Ok(page.part(table))
}

pub(super) async fn file(reader: Reader) -> Result<Response, Refused> {
    let query = query(&reader);
    csv::file(reader, &HOSTS, query).await
}

/// Those in the state that is asked for, or all in the order of their names.
fn query(reader: &Reader) -> Query {
    let query = Query::new().with("attributes", SHOWN);
    match chosen(reader) {
        Some(status) => query.filter(format!("effectiveStatus eq {}", quoted(status))),
        None => query.sorted("displayName"),
    }
}

fn chosen(reader: &Reader) -> Option<&str> {
    reader
        .param("status")
        .filter(|status| STATES.contains(status))
}

async fn all(reader: &Reader, total: u64) -> Result<Table, Refused> {
    let listed = HOSTS.page(reader, query(reader)).await?;
    let empty = match (total, chosen(reader)) {
        (0, _) if reader.may("apiTokens", "write") => {
            let connect = Link::new(reader.place(Place::Provisioning), t::hosts::CONNECT);
            Empty::new(t::hosts::NONE, t::hosts::NONE_NEXT).link(connect)
        }
        (0, _) => Empty::new(t::hosts::NONE, t::hosts::NONE_ASK),
        (_, status) => Empty::new(
            t::hosts::NONE_IN_STATE,
            &t::hosts::none_in_state(status.unwrap_or_default()),
        )
        .link(Link::new(reader.place(Place::Hosts), t::hosts::SHOW_ALL)),
    };
    Ok(HOSTS
        .table(reader, "hosts", &listed)
        .csv(List::file_address(reader, &["hosts.csv"]))
        .or_else(empty))
}

/// The states with how many are in each.
async fn chips(reader: &Reader, is_list: bool) -> Result<(Links, u64), Refused> {
    let api = reader.api();
    let here = reader.place(Place::Hosts);
    let chosen = chosen(reader);
    let total = api.count("Hosts", None).await?;
    let all = Link::new(here.clone(), t::hosts::ALL);
    let mut links =
        Links::chips(t::hosts::BY_STATE).counted(all, Some(total), is_list && chosen.is_none());
    for status in STATES {
        let filter = format!("effectiveStatus eq {}", quoted(status));
        let count = api.count("Hosts", Some(&filter)).await?;
        let href = url::with_query(&here, &[("status", status)]);
        let link = Link::new(href, t::hosts::status(status));
        links = links.counted(link, Some(count), is_list && chosen == Some(status));
    }
    Ok((links, total))
}
