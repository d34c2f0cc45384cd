//! Test Connection: what the identity provider behind a connection would find.

use axum::extract::Path;
use serde_json::{Value, json};

use super::connection::{head, path};
use crate::api::Refused;
use crate::page::Page;
use crate::part::{Ask, Block, Cell, Chip, Form, Link, Notice, Row, Table, Tone};
use crate::read::Read;
use crate::reader::Reader;
use crate::text as t;

type Asked = Path<(String, String)>;

fn form(reader: &Reader, id: &str, text: &str) -> Form {
    Form::new(path(reader, id, "test"), text).cancel(Link::new(path(reader, id, ""), t::CANCEL))
}

pub(super) async fn ask(reader: Reader, Path((_, id)): Asked) -> Result<Page, Refused> {
    let token = reader.api().get("ApiTokens", &id).await?;
    let ask = Ask::new(
        t::provisioning::TEST_ASK,
        form(&reader, &id, t::provisioning::TEST),
    );
    let ask = t::provisioning::TEST_FOLLOWS
        .into_iter()
        .fold(ask, Ask::follows);
    Ok(page(&reader, &token).part(ask))
}

pub(super) async fn test(reader: Reader, Path((_, id)): Asked) -> Result<Page, Refused> {
    let asked = ("ApiTokens", id.as_str(), "test");
    let found = match reader.api().act(asked, &json!({})).await {
        Ok(found) => found,
        Err(refused) => {
            let token = reader.api().get("ApiTokens", &id).await?;
            let page = page(&reader, &token).notice(Notice::refused(refused.said()));
            return Ok(page.status(refused.status));
        }
    };
    let token = reader.api().get("ApiTokens", &id).await?;
    let notice = match found.text("result") {
        "ok" => Notice::done(t::provisioning::TEST_GOOD),
        _ => Notice::refused(t::provisioning::TEST_FAILED),
    };
    let page = page(&reader, &token).notice(notice);
    let blocks = found.items("providers").iter().map(|provider| {
        let id = format!("provider-{}", provider.text("provider"));
        let rows = provider.items("steps").iter().map(step);
        let table =
            Table::new("steps", provider.text("name"), &t::provisioning::TEST_HEADS).rows(rows);
        Block::new(&id, provider.text("name")).part(table)
    });
    let page = blocks.fold(page, Page::part);
    Ok(page.part(form(&reader, &id, t::provisioning::TEST_AGAIN)))
}

fn page(reader: &Reader, token: &Value) -> Page {
    head(reader, token, t::provisioning::TEST)
        .crumb(path(reader, token.text("id"), ""), token.text("name"))
}

fn step(step: &Value) -> Row {
    let tone = match step.text("verdict") {
        "good" => Tone::Good,
        "attention" => Tone::Waiting,
        "broken" => Tone::Bad,
        _ => Tone::Quiet,
    };
    let problems = step.items("problems").iter();
    let mut said: Vec<Cell> = problems
        .map(|it| {
            let sentences = ["found", "means", "change"].map(|name| t::sentence(it.text(name)));
            Cell::text(sentences.join(" "))
        })
        .collect();
    if let Some(skipped) = step.maybe("skipped") {
        said.push(Cell::text(t::sentence(skipped)));
    }
    Row(vec![
        Cell::text(step.text("title")),
        Chip::new(tone, t::provisioning::verdict(step.text("verdict"))).into(),
        Cell::several(said),
    ])
}
