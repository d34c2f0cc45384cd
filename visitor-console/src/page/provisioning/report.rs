//! The compatibility report: how the identity provider behind a connection gets on.

use axum::extract::Path;
use serde_json::Value;

use super::connection::{head, path};
use crate::api::Refused;
use crate::page::Page;
use crate::part::{Block, Cell, Chip, Empty, Row, Table, Tone};
use crate::read::Read;
use crate::reader::Reader;
use crate::text as t;

pub(super) async fn show(
    reader: Reader,
    Path((_, id)): Path<(String, String)>,
) -> Result<Page, Refused> {
    let token = reader.api().get("ApiTokens", &id).await?;
    let report = reader
        .api()
        .tell(("ApiTokens", &id, "compatibility"))
        .await?;
    let lead = t::provisioning::report_lead(
        t::log::client(report.text("client")),
        report.number("days"),
        report.number("requests"),
        report.number("refused"),
    );
    let grade = report.text("grade");
    let page = head(&reader, &token, t::provisioning::REPORT)
        .crumb(path(&reader, &id, ""), token.text("name"))
        .badge(Chip::new(tone(grade), t::provisioning::grade(grade)))
        .lead(lead);
    if report.number("requests") == 0 {
        let empty = Empty::new(
            t::provisioning::NO_REQUESTS,
            t::provisioning::NO_REQUESTS_TEXT,
        );
        return Ok(page.part(empty));
    }
    Ok(page
        .part(findings(&report))
        .part(attributes(&reader, &report))
        .part(quirks(&reader, &report))
        .part(requests(&report)))
}

fn tone(level: &str) -> Tone {
    match level {
        "good" => Tone::Good,
        "attention" => Tone::Waiting,
        "broken" => Tone::Bad,
        _ => Tone::Plain,
    }
}

fn findings(report: &Value) -> Block {
    let rows = report.items("findings").iter().map(|finding| {
        let level = finding.text("level");
        let chip = Chip::new(tone(level), t::provisioning::level(level));
        Row(vec![
            chip.into(),
            Cell::text(finding.text("text")),
            Cell::text(finding.text("remedy")),
        ])
    });
    let table = Table::new(
        "findings",
        t::provisioning::REPORT_FINDINGS,
        &t::provisioning::FINDING_HEADS,
    )
    .rows(rows)
    .or_else(Empty::new(
        t::provisioning::NO_FINDINGS,
        t::provisioning::NO_FINDINGS_TEXT,
    ));
    Block::new("findings-block", t::provisioning::REPORT_FINDINGS).part(table)
}

fn attributes(reader: &Reader, report: &Value) -> Block {
    let rows = report.items("attributes").iter().map(|attribute| {
        Row(vec![
            Cell::code(attribute.text("target")),
            Cell::text(t::provisioning::need(attribute.text("need"))),
            attribute.number("count").into(),
            match attribute.maybe("last") {
                Some(last) => reader.time(last),
                None => Cell::text(t::provisioning::NEVER),
            },
        ])
    });
    let caption = t::provisioning::REPORT_ATTRIBUTES;
    let table = Table::new("attributes", caption, &t::provisioning::ATTRIBUTE_HEADS).rows(rows);
    Block::new("attributes-block", caption).part(table)
}

fn quirks(reader: &Reader, report: &Value) -> Block {
    let rows = report.items("quirks").iter().map(|quirk| {
        Row(vec![
            Cell::code(quirk.text("quirk")),
            quirk.number("count").into(),
            quirk.number("repaired").into(),
            reader.time(quirk.text("last")),
        ])
    });
    let caption = t::provisioning::QUIRKS;
    let table = Table::new("quirks", caption, &t::provisioning::QUIRK_HEADS)
        .rows(rows)
        .or_else(Empty::new(
            t::provisioning::NO_FINDINGS,
            t::provisioning::NO_FINDINGS_TEXT,
        ));
    Block::new("quirks-block", caption).part(table)
}

fn requests(report: &Value) -> Block {
    let rows = report.items("operations").iter().map(|operation| {
        Row(vec![
            Cell::text(operation.text("method")),
            Cell::text(operation.text("kind")),
            operation.number("count").into(),
            operation.number("refused").into(),
        ])
    });
    let caption = t::provisioning::REPORT_REQUESTS;
    let table = Table::new("requests", caption, &t::provisioning::REQUEST_HEADS).rows(rows);
    Block::new("requests-block", caption).part(table)
}
