//! One line of the audit log, and where it stands in the chain.

use axum::extract::Path;
use serde_json::Value;

use super::list::about;
use crate::api::{Query, Refused};
use crate::frame::Place;
use crate::page::{Page, log};
use crate::part::{Block, Cell, Facts, Paragraph};
use crate::read::Read;
use crate::reader::Reader;
use crate::state;
use crate::text as t;

const SHOWN: &str = "sequence,at,actor,action,target,outcome,reason,changes,requestId,hash";

pub(super) async fn show(
    reader: Reader,
    Path((_, id)): Path<(String, String)>,
) -> Result<Page, Refused> {
    let query = Query::new().with("attributes", SHOWN);
    let line = reader.api().get_with("AuditEvents", &id, &query).await?;
    let changes = line.items("changes");
    let changes = match changes {
        [] => {
            Block::new("changes", t::audit::CHANGES).part(Paragraph::new(t::audit::CHANGES_CLOSED))
        }
        changes => Block::new("changes", t::audit::CHANGES).part(log::changes(
            "changed",
            t::audit::CHANGES,
            changes,
        )),
    };
    Ok(Page::new(&reader, Place::Audit, line.text("action"))
        .crumb(reader.place(Place::Audit), t::audit::TITLE)
        .badge(state::outcome(line.text("outcome")))
        .part(Block::new("line", t::audit::LINE).part(facts(&reader, &line)))
        .part(changes))
}

fn facts(reader: &Reader, line: &Value) -> Facts {
    let number = match line.shown("sequence") {
        number if number.is_empty() => Cell::text(t::audit::NOT_SEALED),
        number => Cell::text(number),
    };
    let actor = match line.text("actor.display") {
        "" => t::audit::THE_SERVER,
        name => name,
    };
    Facts::new()
        .fact(t::audit::AT, reader.time(line.text("at")))
        .fact(t::audit::ACTOR, Cell::text(actor))
        .fact(t::audit::WHAT, Cell::code(line.text("action")))
        .fact(
            t::audit::ABOUT,
            Cell::several(vec![about(line), Cell::code(line.text("target.value"))]),
        )
        .if_any(t::audit::REASON, Cell::text(line.text("reason")))
        .fact(t::audit::SEQUENCE, number)
        .fact(t::audit::HASH, Cell::code(line.text("hash")))
        .fact(t::audit::REQUEST, Cell::code(line.text("requestId")))
}
