//! Why a person is, or is not, a host: all rules, in plain words.

use axum::extract::Path;
use serde_json::Value;

use super::person::{self, Tab};
use crate::api::{Query, Refused};
use crate::page::Page;
use crate::part::{Block, Cell, Chip, Empty, Link, Paragraph, Row, Table, Tone};
use crate::read::Read;
use crate::reader::Reader;
use crate::text as t;

pub(super) async fn show(
    reader: Reader,
    Path((_, id)): Path<(String, String)>,
) -> Result<Page, Refused> {
    let query = Query::new().with("attributes", "displayName,effectiveStatus");
    let host = reader.api().get_with("Hosts", &id, &query).await?;
    let told = reader.api().tell(("Hosts", &id, "explain")).await?;
    let rules = told.items("rules");
    let holding: Vec<&Value> = rules.iter().filter(|rule| rule.flag("holds")).collect();
    let deciding = holding.iter().find(|rule| rule.flag("decides"));
    let summary = match deciding {
        Some(rule) => t::hosts::because(
            host.text("effectiveStatus"),
            t::hosts::reason(rule.text("code")),
        ),
        None => t::hosts::nothing_against(host.text("effectiveStatus")),
    };
    let reasons = Table::new("reasons", t::hosts::REASONS, &t::hosts::REASON_HEADS)
        .rows(holding.iter().map(|rule| row(&reader, rule)))
        .or_else(Empty::new(t::hosts::NO_REASONS, t::hosts::NO_REASONS_TEXT));
    let others = rules.iter().filter(|rule| !rule.flag("holds"));
    let others = Table::new("other-rules", t::hosts::OTHERS, &t::hosts::OTHER_HEADS).rows(
        others.map(|rule| {
            Row(vec![
                Cell::text(t::hosts::reason_name(rule.text("code"))),
                Cell::text(t::hosts::reason(rule.text("code"))),
            ])
        }),
    );
    Ok(person::page(&reader, &host, Tab::Explain)
        .part(Paragraph::strong(summary))
        .part(
            Block::new("holds", t::hosts::REASONS)
                .intro(t::hosts::REASONS_INTRO)
                .part(reasons),
        )
        .part_if(conflicts(&reader, &told))
        .part(
            Block::new("others", t::hosts::OTHERS)
                .intro(t::hosts::OTHERS_INTRO)
                .part(others),
        ))
}

fn row(reader: &Reader, rule: &Value) -> Row {
    let code = rule.text("code");
    let effect = match (rule.flag("decides"), t::hosts::is_warning(code)) {
        (true, _) => Chip::new(Tone::Waiting, t::hosts::DECIDES),
        (false, true) => Chip::new(Tone::Plain, t::hosts::WARNS),
        (false, false) => Chip::new(Tone::Quiet, t::hosts::ALSO_HOLDS),
    };
    Row(vec![
        Cell::text(t::hosts::reason_name(code)),
        effect.into(),
        Cell::text(t::hosts::reason(code)),
        reader.time(rule.text("since")),
        source(reader, code, rule),
    ])
}

/// Because of whom: a connection, or a change set.
fn source(reader: &Reader, code: &str, rule: &Value) -> Cell {
    let (id, name) = (rule.text("source.value"), rule.text("source.display"));
    let by_set = ["massDeactivationHold", "undo", "undoHides"].contains(&code);
    match id {
        "" => Cell::Nothing,
        id if by_set && reader.may("changeSets", "read") => {
            Cell::link(reader.path(&["changes", id]), "", t::hosts::CHANGE_SET)
        }
        _ if by_set => Cell::text(t::hosts::CHANGE_SET),
        _ => Cell::text(name),
    }
}

fn conflicts(reader: &Reader, told: &Value) -> Option<Block> {
    let open = told.items("openConflicts");
    if open.is_empty() {
        return None;
    }
    let block = Block::new("conflicts", t::conflicts::OPEN).intro(t::hosts::IN_CONFLICT);
    let may = reader.may("provisioningConflicts", "read");
    let cells = open.iter().map(|conflict| {
        let kind = t::conflicts::kind(conflict.text("kind"));
        match may {
            true => Cell::Link(Link::new(
                reader.path(&["conflicts", conflict.text("value")]),
                kind,
            )),
            false => Cell::text(kind),
        }
    });
    let table = Table::new("open-conflicts", t::conflicts::OPEN, &[t::conflicts::KIND])
        .rows(cells.map(|cell| Row(vec![cell])));
    Some(block.part(table))
}
