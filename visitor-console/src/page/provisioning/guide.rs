//! What is set up on the other side: mappings, and steps.

use super::overview::{self, Tab};
use crate::api::Refused;
use crate::page::Page;
use crate::part::{Block, Cell, Row, Steps, Table};
use crate::reader::Reader;
use crate::text as t;

pub(super) async fn mapping(reader: Reader) -> Result<Page, Refused> {
    open(&reader)?;
    let rows =
        t::provisioning::MAPPING_ROWS
            .into_iter()
            .map(|[target, entra, okta, need, becomes]| {
                Row(vec![
                    Cell::code(target),
                    Cell::text(entra),
                    Cell::text(okta),
                    Cell::text(need),
                    Cell::text(becomes),
                ])
            });
    let caption = t::provisioning::MAPPING;
    let table = Table::new("mapping", caption, &t::provisioning::MAPPING_HEADS).rows(rows);
    let block = Block::new("mapping-block", caption)
        .intro(t::provisioning::MAPPING_LEAD)
        .part(table);
    Ok(overview::page(&reader, Tab::Mapping).part(block))
}

pub(super) async fn entra(reader: Reader) -> Result<Page, Refused> {
    let lead = t::provisioning::ENTRA_LEAD;
    steps(
        &reader,
        Tab::Entra,
        t::provisioning::ENTRA,
        lead,
        &t::provisioning::ENTRA_STEPS,
    )
}

pub(super) async fn okta(reader: Reader) -> Result<Page, Refused> {
    let lead = t::provisioning::OKTA_LEAD;
    steps(
        &reader,
        Tab::Okta,
        t::provisioning::OKTA,
        lead,
        &t::provisioning::OKTA_STEPS,
    )
}

fn steps(
    reader: &Reader,
    tab: Tab,
    title: &str,
    lead: &str,
    steps: &[&str],
) -> Result<Page, Refused> {
    open(reader)?;
    let steps = steps.iter().map(|step| (*step).to_owned()).collect();
    let block = Block::new("steps", title)
        .intro(lead)
        .part(overview::tenant_url(reader))
        .part(Steps { steps });
    Ok(overview::page(reader, tab).part(block))
}

/// These pages ask the API for nothing, and are for those who look after connections all the same.
fn open(reader: &Reader) -> Result<(), Refused> {
    match reader.may("apiTokens", "read") {
        true => Ok(()),
        false => Err(reader.closed()),
    }
}
