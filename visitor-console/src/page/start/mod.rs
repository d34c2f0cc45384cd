//! Start: what needs somebody, and how things go.
//!
//! | file | question |
//! |---|---|
//! | `needs.rs` | what waits for the reader? |
//! | `numbers.rs` | how many are there of what? |
//! | `charts.rs` | what happened in the last days? |

mod charts;
mod needs;
mod numbers;

use axum::Router;
use axum::routing::get;

use crate::api::Refused;
use crate::frame::Place;
use crate::page::Page;
use crate::part::Block;
use crate::reader::Reader;
use crate::site::Site;
use crate::text as t;

pub(crate) fn routes() -> Router<Site> {
    Router::new().route("/console/{tenant}", get(show))
}

async fn show(reader: Reader) -> Result<Page, Refused> {
    let needs = needs::of(&reader).await?;
    let numbers = numbers::of(&reader).await?;
    let charts = charts::of(&reader).await?;
    let needs = Block::new("needs", t::start::NEEDS).part(needs);
    let page = Page::new(&reader, Place::Start, t::start::TITLE)
        .lead(t::start::lead(&reader.caller.name))
        .part(needs)
        .part(Block::new("numbers", t::start::NUMBERS).part(numbers));
    Ok(charts.into_iter().fold(page, Page::part))
}
