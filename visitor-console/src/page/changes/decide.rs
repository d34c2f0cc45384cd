//! Releasing, discarding, undoing and closing a set: what it will do first, then the doing.

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::set;
use crate::api::Refused;
use crate::page::{Done, Page};
use crate::part::form::Submitted;
use crate::part::{Ask, Field, Form, Link};
use crate::read::Read;
use crate::reader::Reader;
use crate::text as t;

type Asked = Path<(String, String, String)>;

/// What can be done, what it is called, and what is said when it is done.
const VERBS: [(&str, &str, &str); 4] = [
    ("release", t::changes::RELEASE, "released"),
    ("discard", t::changes::DISCARD, "discarded"),
    ("undo", t::changes::UNDO, "undone"),
    ("close", t::changes::CLOSE, "closed"),
];

fn known(
    reader: &Reader,
    verb: &str,
) -> Result<(&'static str, &'static str, &'static str), Refused> {
    let found = VERBS.into_iter().find(|(known, ..)| *known == verb);
    found.ok_or_else(|| reader.nowhere())
}

pub(super) async fn ask(reader: Reader, Path((_, id, verb)): Asked) -> Result<Page, Refused> {
    let (verb, text, _) = known(&reader, &verb)?;
    let form = form(&reader, &id, verb, text);
    page(&reader, &id, verb, form).await
}

pub(super) async fn decide(
    reader: Reader,
    Path((_, id, verb)): Asked,
    sent: Submitted,
) -> Result<Response, Refused> {
    let (verb, text, done) = known(&reader, &verb)?;
    let mut body = json!({});
    let reason = sent.value("reason").trim();
    if !reason.is_empty() {
        body["reason"] = json!(reason);
    }
    let items = sent.value("items").split_whitespace();
    let items: Vec<&str> = items.collect();
    if verb == "undo" && !items.is_empty() {
        body["items"] = json!(items);
    }
    if let Err(refused) = reader.api().act(("ChangeSets", &id, verb), &body).await {
        let form = form(&reader, &id, verb, text)
            .typed(&sent)
            .refused(&refused);
        let page = page(&reader, &id, verb, form).await?.status(refused.status);
        return Ok(page.into_response());
    }
    Ok(Done::at(reader.path(&["changes", &id]), done).into_response())
}

fn form(reader: &Reader, id: &str, verb: &'static str, text: &str) -> Form {
    let form = Form::new(reader.path(&["changes", id, verb]), text)
        .field(Field::text("reason", t::REASON).hint(t::REASON_HINT));
    let form = match verb {
        "undo" => form.field(
            Field::lines("items", t::changes::UNDO_CHOSEN).hint(t::changes::UNDO_CHOSEN_HINT),
        ),
        _ => form,
    };
    let form = form.cancel(Link::new(reader.path(&["changes", id]), t::CANCEL));
    match verb {
        "release" | "undo" => form.dangerous(),
        _ => form,
    }
}

async fn page(reader: &Reader, id: &str, verb: &str, form: Form) -> Result<Page, Refused> {
    let set = reader.api().get("ChangeSets", id).await?;
    let impact = reader.api().tell(("ChangeSets", id, "impact")).await?;
    let hidden = impact.items("impact").iter();
    let hidden = hidden.filter(|entry| entry.text("code") == "hostsHidden");
    let hidden = hidden.map(|entry| entry.number("count")).sum();
    let follows = t::changes::follows(verb, hidden);
    let ask = follows
        .into_iter()
        .fold(Ask::new(t::changes::ask(verb), form), Ask::follows);
    let ask = match verb {
        "close" => ask,
        _ => ask.part(set::impact(&impact)),
    };
    Ok(page_of(reader, &set).part(ask))
}

fn page_of(reader: &Reader, set: &Value) -> Page {
    let id = set.text("id");
    set::page(reader, set).crumb(reader.path(&["changes", id]), t::changes::SET)
}
