//! One request: what was sent, what came of it, and what followed.

use axum::extract::Path;
use serde_json::Value;

use crate::api::{Query, Refused};
use crate::frame::Place;
use crate::page::Page;
use crate::part::{Block, Cell, Empty, Facts, Paragraph, Pre, Row, Table};
use crate::plain::plain;
use crate::read::Read;
use crate::reader::Reader;
use crate::state;
use crate::text as t;

const SHOWN: &str = "at,token,client,method,path,resource,result,httpStatus,detail,quirks,diff,\
    effects,requestBody,durationMs,correlationId";

pub(super) async fn show(
    reader: Reader,
    Path((_, id)): Path<(String, String)>,
) -> Result<Page, Refused> {
    let query = Query::new().with("attributes", SHOWN);
    let event = reader
        .api()
        .get_with("ProvisioningEvents", &id, &query)
        .await?;
    let title = format!("{} {}", event.text("method"), event.text("path"));
    let mut page = Page::new(&reader, Place::Log, title)
        .badge(state::result(event.text("result")))
        .crumb(reader.place(Place::Log), t::log::TITLE);
    if reader.may("provisioningEvents", "sensitive") {
        page = page.tool(reader.path(&["log", &id, "replay"]), t::log::REPLAY);
    }
    let changed = changes("changed", t::log::CHANGED, event.items("diff"));
    let effects = event.items("effects").iter();
    let effects = Table::new("effects", t::log::EFFECTS, &t::log::EFFECT_HEADS)
        .rows(effects.map(|effect| self::effect(&reader, effect)))
        .or_else(Empty::new(t::log::CHANGED_NONE, t::log::CHANGED_NONE_TEXT));
    Ok(page
        .part(Block::new("request", t::log::EVENT).part(facts(&reader, &event)))
        .part(Block::new("changes", t::log::CHANGED).part(changed))
        .part(Block::new("follows", t::log::EFFECTS).part(effects))
        .part(sent(&reader, &event)))
}

fn facts(reader: &Reader, event: &Value) -> Facts {
    let quirks = event.texts("quirks");
    Facts::new()
        .fact(t::log::AT, reader.time(event.text("at")))
        .fact(t::log::CONNECTION, connection(reader, event))
        .fact(
            t::log::CLIENT,
            Cell::text(t::log::client(event.text("client"))),
        )
        .fact(t::log::ABOUT, about(event))
        .fact(t::log::HTTP_STATUS, Cell::text(event.shown("httpStatus")))
        .if_any(t::log::DETAIL, Cell::text(event.text("detail")))
        .if_any(t::log::QUIRKS, Cell::texts(quirks))
        .fact(
            t::log::TOOK,
            Cell::text(t::log::took(&event.shown("durationMs"))),
        )
        .fact(t::log::CORRELATION, Cell::code(event.text("correlationId")))
}

fn about(event: &Value) -> Cell {
    match event.text("resource.value") {
        "" => Cell::text(event.text("resource.type")),
        id => Cell::several(vec![
            Cell::text(event.text("resource.type")),
            Cell::code(id),
        ]),
    }
}

fn connection(reader: &Reader, event: &Value) -> Cell {
    let (id, name) = (event.text("token.value"), event.text("token.display"));
    match reader.may("apiTokens", "read") && !id.is_empty() {
        true => {
            let href = reader.path(&["provisioning", "connections", id]);
            Cell::link(href, name, t::log::CONNECTION)
        }
        false => Cell::text(name),
    }
}

/// Attributes with what they were and are; values only where the reader may see them.
pub(crate) fn changes(id: &'static str, caption: &str, diff: &[Value]) -> Table {
    let rows = diff.iter().filter(|it| it.text("attribute") != "schemas");
    Table::new(id, caption, &t::log::CHANGED_HEADS)
        .rows(rows.map(|it| {
            Row(vec![
                Cell::code(it.text("attribute")),
                Cell::text(plain(it.text("before"))),
                Cell::text(plain(it.text("after"))),
            ])
        }))
        .or_else(Empty::new(t::log::CHANGED_NONE, t::log::CHANGED_NONE_TEXT))
}

fn effect(reader: &Reader, effect: &Value) -> Row {
    let (kind, id) = (effect.text("type"), effect.text("value"));
    let (segment, area, name) = match kind {
        "Host" => ("hosts", "hosts", t::log::HOST),
        "HostGroup" => ("host-groups", "hostGroups", t::log::HOST_GROUP),
        "ChangeSet" => ("changes", "changeSets", t::changes::SET),
        _ => ("conflicts", "provisioningConflicts", t::conflicts::CONFLICT),
    };
    let link = match reader.may(area, "read") {
        true => Cell::link(reader.path(&[segment, id]), name, name),
        false => Cell::text(name),
    };
    Row(vec![
        link,
        Cell::text(t::log::what(effect.text("what"))),
        Cell::text(effect.texts("attributes").join(", ")),
    ])
}

fn sent(reader: &Reader, event: &Value) -> Block {
    let block = Block::new("sent", t::log::SENT);
    if !reader.may("provisioningEvents", "sensitive") {
        return block.part(Paragraph::new(t::log::BODY_CLOSED));
    }
    match event.maybe("requestBody") {
        Some(body) => block.part(Pre::new(t::log::BODY, pretty(body))),
        None => block.part(Paragraph::new(t::log::NO_BODY)),
    }
}

/// JSON as people read it, or the text as it is.
fn pretty(text: &str) -> String {
    match serde_json::from_str::<Value>(text) {
        Ok(value) => format!("{value:#}"),
        Err(_) => text.to_owned(),
    }
}
