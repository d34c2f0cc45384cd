//! A secret, this once.

use crate::frame::Place;
use crate::page::Page;
use crate::part::{Block, Copyable, Link, Notice, Steps};
use crate::read::Read;
use crate::reader::Reader;
use crate::text as t;
use serde_json::Value;

/// The page that shows what the API shows once.
pub(super) fn page(reader: &Reader, token: &Value) -> Page {
    let here = reader.path(&["provisioning", "connections", token.text("id")]);
    let secret = Block::new("secret", t::provisioning::SECRET_TITLE)
        .part(Notice::done(t::provisioning::SECRET_ONCE))
        .part(super::overview::tenant_url(reader))
        .part(Copyable {
            id: "secret-token",
            label: t::provisioning::SECRET.to_owned(),
            text: token.text("secret").to_owned(),
            hint: String::new(),
        })
        .tool(Link::new(here.clone(), t::provisioning::SECRET_DONE));
    let steps = t::provisioning::SECRET_STEPS;
    Page::new(reader, Place::Provisioning, token.text("name"))
        .crumb(reader.place(Place::Provisioning), t::provisioning::TITLE)
        .crumb(here, t::provisioning::CONNECTION)
        .part(secret)
        .part(
            Block::new("after", t::provisioning::SECRET_AFTER).part(Steps {
                steps: steps.map(str::to_owned).to_vec(),
            }),
        )
}
