//! One change set: what it did, what people would notice, and what can be decided.

use axum::extract::Path;
use serde_json::Value;

use super::list::did;
use crate::api::{Query, Refused};
use crate::frame::Place;
use crate::page::Page;
use crate::part::{Block, Cell, Empty, Facts, Row, Table};
use crate::read::Read;
use crate::reader::Reader;
use crate::state;
use crate::text as t;

/// Hosts of a set that a page shows.
const HOSTS_MAX: usize = 1_000;

pub(super) async fn show(
    reader: Reader,
    Path((_, id)): Path<(String, String)>,
) -> Result<Page, Refused> {
    let set = reader.api().get("ChangeSets", &id).await?;
    let impact = reader.api().tell(("ChangeSets", &id, "impact")).await?;
    let query = Query::new().with("attributes", "hosts");
    let hosts = reader.api().get_with("ChangeSets", &id, &query).await?;
    let mut page = page(&reader, &set);
    for (verb, text) in possible(&reader, &set) {
        page = page.tool(reader.path(&["changes", &id, verb]), text);
    }
    Ok(page
        .part(Block::new("summary", t::changes::SUMMARY).part(facts(&reader, &set)))
        .part(
            Block::new("impact", t::changes::IMPACT)
                .intro(t::changes::IMPACT_INTRO)
                .part(self::impact(&impact)),
        )
        .part(Block::new("hosts-block", t::changes::HOSTS).part(self::hosts(&reader, &hosts))))
}

/// The beginning of every page about a set.
pub(super) fn page(reader: &Reader, set: &Value) -> Page {
    let status = set.text("status");
    Page::new(reader, Place::Changes, t::changes::SET)
        .crumb(reader.place(Place::Changes), t::changes::TITLE)
        .badge(state::change_set(status))
        .lead(t::changes::explained(status))
}

/// What can be done with a set in its state, by this reader.
pub(super) fn possible(reader: &Reader, set: &Value) -> Vec<(&'static str, &'static str)> {
    let verbs: &[(&str, &str)] = match set.text("status") {
        "held" => &[
            ("release", t::changes::RELEASE),
            ("discard", t::changes::DISCARD),
        ],
        "discarded" => &[("release", t::changes::RELEASE)],
        "collecting" => &[("close", t::changes::CLOSE)],
        "applied" | "released" | "partlyReverted" if set.flag("revertible") => {
            &[("undo", t::changes::UNDO)]
        }
        _ => &[],
    };
    let verbs = verbs.iter().copied();
    verbs
        .filter(|(verb, _)| reader.may("changeSets", verb))
        .collect()
}

fn facts(reader: &Reader, set: &Value) -> Facts {
    let connection = match (set.text("token.value"), reader.may("apiTokens", "read")) {
        ("", _) | (_, false) => Cell::text(set.text("token.display")),
        (id, true) => Cell::link(
            reader.path(&["provisioning", "connections", id]),
            set.text("token.display"),
            t::changes::CONNECTION,
        ),
    };
    let guard = match set.maybe("guard.actual") {
        Some(actual) => Cell::text(t::changes::guard(set.text("guard.limit"), actual)),
        None => Cell::Nothing,
    };
    let reverted = match set.maybe("revertedBy.value") {
        Some(id) => Cell::link(reader.path(&["changes", id]), "", t::changes::SET),
        None => Cell::Nothing,
    };
    let groups = set.items("heldGroups").iter().map(|group| {
        let href = reader.path(&["host-groups", group.text("value")]);
        Cell::link(href, group.text("display"), t::changes::GROUPS)
    });
    let expires = match set.text("status") {
        "held" => reader.time(set.text("expiresAt")),
        _ => Cell::Nothing,
    };
    Facts::new()
        .fact(t::changes::SUMMARY, Cell::texts(did(set)))
        .fact(t::changes::CONNECTION, connection)
        .fact(
            t::changes::ORIGIN,
            Cell::text(t::changes::origin(set.text("origin"))),
        )
        .fact(t::changes::OPENED, reader.time(set.text("openedAt")))
        .if_any(t::changes::CLOSED, reader.time(set.text("closedAt")))
        .if_any(t::changes::GUARD, guard)
        .if_any(t::changes::EXPIRES, expires)
        .if_any(t::changes::GROUPS, Cell::several(groups.collect()))
        .if_any(t::changes::REVERTED_BY, reverted)
}

/// What people would notice.
pub(super) fn impact(told: &Value) -> Table {
    let rows = told.items("impact").iter().map(|entry| {
        Row(vec![
            Cell::text(t::changes::impact(entry.text("code"))),
            entry.number("count").into(),
            Cell::text(entry.texts("examples").join(", ")),
        ])
    });
    Table::new("impact-rows", t::changes::IMPACT, &t::changes::IMPACT_HEADS).rows(rows)
}

fn hosts(reader: &Reader, set: &Value) -> Table {
    let all = set.items("hosts");
    let shown = all.iter().take(HOSTS_MAX);
    let said = match all.len() > HOSTS_MAX {
        true => format!(
            "{}. {}",
            t::changes::HOSTS_SAID,
            t::changes::more_hosts(all.len() as u64)
        ),
        false => t::counted(all.len() as u64),
    };
    Table::new("hosts", t::changes::HOSTS, &t::changes::HOSTS_HEADS)
        .rows(shown.map(|host| {
            let id = host.text("value");
            let name = Cell::link(reader.path(&["hosts", id]), host.text("display"), id);
            Row(vec![name, Cell::code(id)])
        }))
        .said(said)
        .or_else(Empty::new(
            t::changes::HOSTS_NONE,
            t::changes::HOSTS_NONE_TEXT,
        ))
}
