//! Who has which role, where, and until when; and what each role opens.

use axum::response::Response;
use serde_json::{Value, json};

use super::tabs::{self, Tab};
use crate::api::{Query, Refused};
use crate::frame::Place;
use crate::page::{Page, who};
use crate::part::rows::List;
use crate::part::{Block, Cell, Empty, Link, Row, Table, csv};
use crate::read::Read;
use crate::reader::Reader;
use crate::text as t;

/// The list, as table and as file.
static ROLES: List = List {
    endpoint: "RoleAssignments",
    file: "roles.csv",
    caption: t::roles::TITLE,
    heads: &t::roles::HEADS,
    row,
};

fn row(reader: &Reader, assignment: &Value) -> Vec<Cell> {
    let places = assignment.items("locations").iter();
    let places: Vec<&str> = places.map(called).collect();
    let places = match places.is_empty() {
        true => Cell::text(t::roles::EVERYWHERE),
        false => Cell::texts(places),
    };
    let end = match assignment.text("expiresAt") {
        "" => Cell::text(t::roles::FOR_EVER),
        end => reader.time(end),
    };
    let mut cells = vec![
        principal(reader, assignment),
        Cell::text(t::roles::role(assignment.text("role"))),
        places,
        end,
        Cell::text(assignment.text("reason")),
    ];
    cells.push(match reader.may("roleAssignments", "write") {
        true => {
            let href = reader.path(&["roles", assignment.text("id"), "take"]);
            Cell::link(href, t::roles::TAKE, "")
        }
        false => Cell::Nothing,
    });
    cells
}

/// What something that is named is called.
fn called(named: &Value) -> &str {
    match named.text("display") {
        "" => named.text("value"),
        name => name,
    }
}

fn principal(reader: &Reader, assignment: &Value) -> Cell {
    let principal = assignment.at("principal").unwrap_or(&Value::Null);
    let (segment, area) = match principal.text("type") {
        "ConsoleAccount" => ("accounts", "consoleAccounts"),
        "HostGroup" => ("host-groups", "hostGroups"),
        _ => ("hosts", "hosts"),
    };
    match reader.may(area, "read") {
        true => {
            let href = reader.path(&[segment, principal.text("value")]);
            Cell::link(href, called(principal), "")
        }
        false => Cell::text(called(principal)),
    }
}

/// Puts the names of hosts and groups where nobody said them when the role was given.
async fn name_all(reader: &Reader, assignments: &mut [Value]) -> Result<(), Refused> {
    for (kind, endpoint, area) in [
        ("Host", "Hosts", "hosts"),
        ("HostGroup", "HostGroups", "hostGroups"),
    ] {
        let ids: Vec<String> = assignments
            .iter()
            .filter(|it| {
                it.text("principal.type") == kind && it.text("principal.display").is_empty()
            })
            .map(|it| it.text("principal.value").to_owned())
            .collect();
        if ids.is_empty() || !reader.may(area, "read") {
            continue;
        }
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let found = who::named(reader, endpoint, "displayName", &ids).await?;
        for assignment in assignments.iter_mut() {
            let id = assignment.text("principal.value").to_owned();
            if ids.contains(&id.as_str()) {
                let name = who::name_of(&found, &id, "displayName").to_owned();
                assignment["principal"]["display"] = json!(name);
            }
        }
    }
    Ok(())
}

pub(super) async fn show(reader: Reader) -> Result<Page, Refused> {
    let mut listed = ROLES.page(&reader, Query::new()).await?;
    name_all(&reader, &mut listed.resources).await?;
    let mut page = Page::new(&reader, Place::Roles, t::roles::TITLE)
        .lead(t::roles::LEAD)
        .part_if(tabs::of(&reader, Tab::Roles));
    let mut empty = Empty::new(t::roles::NONE, t::roles::NONE_TEXT);
    if reader.may("roleAssignments", "write") {
        let new = reader.path(&["roles", "new"]);
        page = page.tool(new.clone(), t::roles::GIVE);
        empty = empty.link(Link::new(new, t::roles::GIVE));
    }
    let table = ROLES
        .table(&reader, "roles", &listed)
        .csv(List::file_address(&reader, &["roles.csv"]))
        .or_else(empty);
    let meanings = t::roles::ROLES
        .iter()
        .map(|(_, name, meaning)| Row(vec![Cell::text(*name), Cell::text(*meaning)]));
    let meanings =
        Table::new("meanings", t::roles::MEANINGS, &t::roles::MEANING_HEADS).rows(meanings);
    Ok(page.part(table).part(
        Block::new("meanings-block", t::roles::MEANINGS)
            .intro(t::roles::MEANINGS_INTRO)
            .part(meanings),
    ))
}

pub(super) async fn file(reader: Reader) -> Result<Response, Refused> {
    csv::file(reader, &ROLES, Query::new()).await
}
