//! Who did what, the latest first, as far as somebody asks.

use axum::response::Response;
use jiff::civil::Date;
use serde_json::Value;

use crate::api::{Query, Refused, quoted};
use crate::frame::Place;
use crate::page::Page;
use crate::part::rows::List;
use crate::part::{
    Block, Cell, Choice, Copyable, Empty, Field, Form, Link, Notice, Paragraph, csv,
};
use crate::read::Read;
use crate::reader::Reader;
use crate::state;
use crate::text as t;

const SHOWN: &str = "at,actor,action,target,outcome,reason";

/// The list, as table and as file.
static LINES: List = List {
    endpoint: "AuditEvents",
    file: "audit-log.csv",
    caption: t::audit::TITLE,
    heads: &t::audit::HEADS,
    row,
};

fn row(reader: &Reader, line: &Value) -> Vec<Cell> {
    let actor = match line.text("actor.display") {
        "" => t::audit::THE_SERVER,
        name => name,
    };
    let at = reader.time(line.text("at")).plain();
    vec![
        Cell::link(
            reader.path(&["audit", line.text("id")]),
            &at,
            t::audit::LINE,
        ),
        Cell::text(actor),
        Cell::code(line.text("action")),
        about(line),
        state::outcome(line.text("outcome")).into(),
        Cell::text(line.text("reason")),
    ]
}

/// What a line is about: its name, or else what it is.
pub(super) fn about(line: &Value) -> Cell {
    match line.text("target.display") {
        "" => Cell::text(line.text("target.type")),
        name => Cell::text(name),
    }
}

fn form(reader: &Reader) -> Form {
    let form = Form::asking(reader.place(Place::Audit), t::audit::LOOK)
        .labelled(t::audit::FILTER)
        .field(Field::date("from", t::audit::FROM))
        .field(Field::date("to", t::audit::TO))
        .field(Field::text("action", t::audit::ACTION).hint(t::audit::ACTION_HINT))
        .field(Field::text("target", t::audit::TARGET))
        .field(Field::one(
            "outcome",
            t::audit::OUTCOME,
            Choice::all(&t::audit::OUTCOMES),
        ));
    form.asked(reader)
}

pub(super) async fn show(reader: Reader) -> Result<Page, Refused> {
    let page = Page::new(&reader, Place::Audit, t::audit::TITLE)
        .lead(t::audit::LEAD)
        .part(form(&reader));
    let listed = match LINES.page(&reader, query(&reader)).await {
        Ok(listed) => listed,
        // Too much to look through: the question stays, and says so.
        Err(refused) if refused.status == axum::http::StatusCode::BAD_REQUEST => {
            let page = page
                .notice(Notice::refused(refused.said()))
                .status(refused.status);
            return Ok(page);
        }
        Err(refused) => return Err(refused),
    };
    let table = LINES
        .table(&reader, "lines", &listed)
        .said(t::log::NEWEST)
        .csv(List::file_address(&reader, &["audit.csv"]))
        .or_else(
            Empty::new(t::audit::NONE, t::audit::NONE_TEXT)
                .link(Link::new(reader.place(Place::Audit), t::audit::SHOW_ALL)),
        );
    let verify = Block::new("verify", t::audit::VERIFY)
        .part(Paragraph::new(t::audit::VERIFY_TEXT))
        .part(Copyable {
            id: "verify-command",
            label: t::audit::VERIFY_LABEL.to_owned(),
            text: t::audit::VERIFY_COMMAND.to_owned(),
            hint: String::new(),
        });
    Ok(page.part(table).part(verify))
}

pub(super) async fn file(reader: Reader) -> Result<Response, Refused> {
    let query = query(&reader);
    csv::file(reader, &LINES, query).await
}

fn query(reader: &Reader) -> Query {
    let mut conditions = Vec::new();
    let zone = &reader.frame.zone;
    let day = |name: &str| reader.param(name)?.parse::<Date>().ok();
    if let Some(from) = day("from").and_then(|day| day.to_zoned(zone.clone()).ok()) {
        conditions.push(format!("at ge {}", quoted(&from.timestamp().to_string())));
    }
    let after = day("to").and_then(|day| day.tomorrow().ok());
    if let Some(to) = after.and_then(|day| day.to_zoned(zone.clone()).ok()) {
        conditions.push(format!("at lt {}", quoted(&to.timestamp().to_string())));
    }
    for (name, attribute) in [
        ("target", "target.value"),
        ("action", "action"),
        ("outcome", "outcome"),
    ] {
        if let Some(value) = reader.param(name) {
            conditions.push(format!("{attribute} eq {}", quoted(value)));
        }
    }
    let query = Query::new().with("attributes", SHOWN).newest_first();
    match conditions.is_empty() {
        true => query,
        false => query.filter(conditions.join(" and ")),
    }
}
