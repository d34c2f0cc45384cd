//! The same request today: read anew, written nowhere.

use axum::extract::Path;
use serde_json::Value;

use super::event::changes;
use crate::api::Refused;
use crate::frame::Place;
use crate::page::Page;
use crate::part::{Block, Cell, Chip, Facts, Notice, Tone};
use crate::read::Read;
use crate::reader::Reader;
use crate::text as t;

pub(super) async fn show(
    reader: Reader,
    Path((_, id)): Path<(String, String)>,
) -> Result<Page, Refused> {
    let asked = ("ProvisioningEvents", id.as_str(), "replay");
    let told = reader.api().tell(asked).await?;
    let chip = match told.flag("same") {
        true => Chip::new(Tone::Good, t::log::REPLAY_SAME),
        false => Chip::new(Tone::Waiting, t::log::REPLAY_OTHER),
    };
    let page = Page::new(&reader, Place::Log, t::log::REPLAY)
        .crumb(reader.place(Place::Log), t::log::TITLE)
        .crumb(reader.path(&["log", &id]), t::log::EVENT)
        .lead(t::log::REPLAY_LEAD)
        .badge(chip)
        .part(side(&told, "was", t::log::REPLAY_WAS))
        .part(side(&told, "would", t::log::REPLAY_WOULD));
    let host = told.items("host");
    Ok(match host {
        [] => page,
        host => page.part(Block::new("host", t::log::REPLAY_HOST).part(changes(
            "host-changes",
            t::log::REPLAY_HOST,
            host,
        ))),
    })
}

fn side(told: &Value, name: &'static str, title: &str) -> Block {
    let result = told.text(&format!("{name}.result"));
    let detail = told.text(&format!("{name}.detail"));
    let facts = Facts::new().fact(t::log::RESULT, Cell::text(t::log::what(result)));
    let id = match name {
        "was" => "was-changes",
        _ => "would-changes",
    };
    let block = Block::new(name, title).part(facts);
    let block = match detail {
        "" => block,
        detail => block.part(Notice::refused(t::sentence(detail))),
    };
    block.part(changes(id, title, told.items(&format!("{name}.diff"))))
}
