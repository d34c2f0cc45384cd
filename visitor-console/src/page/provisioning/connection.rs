//! One connection: its credentials, its policies, and what can be done with it.

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::condition::{Condition, condition};
use super::fields;
use crate::api::Refused;
use crate::frame::Place;
use crate::page::{Done, Page};
use crate::part::form::Submitted;
use crate::part::{Block, Cell, Facts, Form, Link};
use crate::read::Read;
use crate::reader::Reader;
use crate::text as t;

/// The address of a page of a connection.
pub(super) fn path(reader: &Reader, id: &str, page: &str) -> String {
    match page {
        "" => reader.path(&["provisioning", "connections", id]),
        page => reader.path(&["provisioning", "connections", id, page]),
    }
}

/// The connection as the form has it: what is not said has its usual value.
async fn token(reader: &Reader, id: &str) -> Result<Value, Refused> {
    let mut token = reader.api().get("ApiTokens", id).await?;
    if token.at("active").is_none() {
        token["active"] = json!(true);
    }
    Ok(token)
}

fn form(reader: &Reader, token: &Value) -> Form {
    let form = Form::new(path(reader, token.text("id"), ""), t::SAVE);
    fields::of_kind(form, token.text("kind"))
}

pub(super) async fn show(
    reader: Reader,
    Path((_, id)): Path<(String, String)>,
) -> Result<Page, Refused> {
    let token = token(&reader, &id).await?;
    let form = form(&reader, &token).from(&token);
    Ok(page(&reader, &token, Some(form)))
}

pub(super) async fn save(
    reader: Reader,
    Path((_, id)): Path<(String, String)>,
    sent: Submitted,
) -> Result<Response, Refused> {
    let was = token(&reader, &id).await?;
    let form = form(&reader, &was);
    let differing = form.differing(&was, &sent);
    if !differing.is_empty()
        && let Err(refused) = reader.api().set("ApiTokens", &id, differing).await
    {
        let form = form.typed(&sent).refused(&refused);
        let page = page(&reader, &was, Some(form)).status(refused.status);
        return Ok(page.into_response());
    }
    Ok(Done::at(path(&reader, &id, ""), "saved").into_response())
}

/// The beginning of every page about a connection.
pub(super) fn head(reader: &Reader, token: &Value, title: &str) -> Page {
    let now = reader.site.server.clock().now();
    Page::new(reader, Place::Provisioning, title)
        .crumb(reader.place(Place::Provisioning), t::provisioning::TITLE)
        .badge(condition(token, None, now).chip())
}

fn page(reader: &Reader, token: &Value, form: Option<Form>) -> Page {
    let id = token.text("id");
    let now = reader.site.server.clock().now();
    let is_over = condition(token, None, now) == Condition::Revoked;
    let is_own = ["csv", "console"].contains(&token.text("kind"));
    let mut page = head(reader, token, token.text("name"));
    if token.text("kind") == "idp" {
        if !is_over && reader.may("apiTokens", "test") {
            page = page.tool(path(reader, id, "test"), t::provisioning::TEST);
        }
        page = page.tool(path(reader, id, "report"), t::provisioning::REPORT);
    }
    if !is_over && !is_own && reader.may("apiTokens", "rotate") {
        page = page.tool(path(reader, id, "rotate"), t::provisioning::ROTATE);
    }
    if !is_over && reader.may("apiTokens", "revoke") {
        page = page.tool(path(reader, id, "revoke"), t::provisioning::REVOKE);
    }
    let page = page.part(Block::new("facts", t::provisioning::FACTS).part(facts(reader, token)));
    let form = form.filter(|_| !is_over && reader.may("apiTokens", "write"));
    page.part_if(form.map(|form| Block::new("edit", t::provisioning::EDIT).part(form)))
}

fn facts(reader: &Reader, token: &Value) -> Facts {
    let used = match token.text("lastUsedAt") {
        "" => Cell::text(t::provisioning::NEVER),
        at => reader.time(at),
    };
    let test = match t::provisioning::tested(token.text("lastTest.result")) {
        "" => Cell::Nothing,
        tested => {
            let mut said = vec![Cell::text(tested), reader.time(token.text("lastTest.at"))];
            said.extend(token.texts("lastTest.checks").into_iter().map(Cell::text));
            Cell::several(said)
        }
    };
    let owner = match (token.text("agent.owner"), reader.may("hosts", "read")) {
        ("", _) => Cell::Nothing,
        (id, true) => Cell::Link(Link::new(reader.path(&["hosts", id]), id)),
        (id, false) => Cell::code(id),
    };
    Facts::new()
        .fact(
            t::provisioning::KIND,
            Cell::text(t::provisioning::kind(token.text("kind"))),
        )
        .fact(t::provisioning::ID, Cell::code(token.text("id")))
        .if_any(t::provisioning::BASIC, Cell::code(token.text("basicUser")))
        .if_any(t::provisioning::HINT, Cell::code(token.text("hint")))
        .if_any(
            t::provisioning::PREVIOUS,
            reader.time(token.text("previousValidUntil")),
        )
        .if_any(t::provisioning::ANSWERS, owner)
        .fact(
            t::provisioning::CREATED,
            reader.time(token.text("meta.created")),
        )
        .fact(t::provisioning::LAST_USED, used)
        .if_any(t::provisioning::LAST_TEST, test)
        .fact(t::provisioning::ENDS, reader.time(token.text("expiresAt")))
        .if_any(
            t::provisioning::REVOKED_AT,
            reader.time(token.text("revokedAt")),
        )
}
