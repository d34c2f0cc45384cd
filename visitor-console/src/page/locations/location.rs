//! One site: made, read, changed.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::fields;
use crate::api::Refused;
use crate::frame::Place;
use crate::page::{Done, Page, who};
use crate::part::form::Submitted;
use crate::part::{Block, Cell, Facts, Form, Link};
use crate::read::Read;
use crate::reader::Reader;
use crate::text as t;

const URN: &str = "urn:visitor-hosts:scim:schemas:1.0:Location";

pub(super) async fn ask(reader: Reader) -> Result<Page, Refused> {
    if !reader.may("locations", "write") {
        return Err(reader.closed());
    }
    let zone = reader.frame.zone.iana_name().unwrap_or("UTC");
    let usual = json!({ "active": true, "timezone": zone });
    Ok(new_page(&reader, new_form(&reader).from(&usual)))
}

fn new_form(reader: &Reader) -> Form {
    let form = Form::new(reader.path(&["locations", "new"]), t::locations::NEW)
        .cancel(Link::new(reader.place(Place::Locations), t::CANCEL));
    fields::all(form)
}

fn new_page(reader: &Reader, form: Form) -> Page {
    Page::new(reader, Place::Locations, t::locations::NEW)
        .crumb(reader.place(Place::Locations), t::locations::TITLE)
        .part(Block::new("preferences", t::locations::PREFERENCES).part(form))
}

pub(super) async fn create(reader: Reader, sent: Submitted) -> Result<Response, Refused> {
    let form = new_form(&reader).typed(&sent);
    let mut document = form.document(URN, &sent);
    if let Some(approvals) = document.get_mut("approvals")
        && approvals.at("policy").is_none()
        && approvals
            .as_object()
            .is_some_and(|it| it.values().all(|value| *value == json!(false)))
    {
        // Boxes that nobody ticked say nothing where there are no approvals.
        document["approvals"] = Value::Null;
    }
    match default_host(&reader, &sent).await? {
        Ok(host) => document["defaultHost"] = host,
        Err(name) => {
            let form = form.refused_at("defaultHost.value", &t::locations::nobody(&name));
            let page = new_page(&reader, form).status(StatusCode::UNPROCESSABLE_ENTITY);
            return Ok(page.into_response());
        }
    }
    if let Some(map) = document.as_object_mut() {
        map.retain(|_, value| !value.is_null());
    }
    match reader.api().create("Locations", &document).await {
        Ok(location) => {
            let address = reader.path(&["locations", location.text("id")]);
            Ok(Done::at(address, "created").into_response())
        }
        Err(refused) => {
            let page = new_page(&reader, form.refused(&refused)).status(refused.status);
            Ok(page.into_response())
        }
    }
}

/// The default host that is meant, null for none, or the name that nobody has.
async fn default_host(reader: &Reader, sent: &Submitted) -> Result<Result<Value, String>, Refused> {
    let (kind, typed) = (
        sent.value("defaultHost.type"),
        sent.value("defaultHost.value").trim(),
    );
    if kind.is_empty() || typed.is_empty() {
        return Ok(Ok(Value::Null));
    }
    Ok(match who::meant(reader, kind, typed).await? {
        Some(found) => Ok(json!({ "value": found.text("id"), "type": kind })),
        None => Err(typed.to_owned()),
    })
}

/// The site as the form has it.
async fn location(reader: &Reader, id: &str) -> Result<Value, Refused> {
    let mut location = reader.api().get("Locations", id).await?;
    if location.at("active").is_none() {
        location["active"] = json!(true);
    }
    Ok(location)
}

fn form(reader: &Reader, id: &str) -> Form {
    fields::all(Form::new(reader.path(&["locations", id]), t::SAVE))
}

pub(super) async fn show(
    reader: Reader,
    Path((_, id)): Path<(String, String)>,
) -> Result<Page, Refused> {
    let location = location(&reader, &id).await?;
    match reader.may("locations", "write") {
        true => Ok(page(&reader, &location, form(&reader, &id).from(&location))),
        false => Ok(read_only(&reader, &location)),
    }
}

pub(super) async fn save(
    reader: Reader,
    Path((_, id)): Path<(String, String)>,
    sent: Submitted,
) -> Result<Response, Refused> {
    let was = location(&reader, &id).await?;
    let form = form(&reader, &id);
    let mut differing = form.differing(&was, &sent);
    differing.retain(|(path, _)| !path.starts_with("defaultHost."));
    let again = |form: Form, status| {
        let page = page(&reader, &was, form).status(status);
        page.into_response()
    };
    match default_host(&reader, &sent).await? {
        Ok(host) => {
            let is_same = was.text("defaultHost.value") == host.text("value");
            if !is_same {
                differing.push(("defaultHost".to_owned(), host));
            }
        }
        Err(name) => {
            let form = form.typed(&sent);
            let form = form.refused_at("defaultHost.value", &t::locations::nobody(&name));
            return Ok(again(form, StatusCode::UNPROCESSABLE_ENTITY));
        }
    }
    if !differing.is_empty()
        && let Err(refused) = reader.api().set("Locations", &id, differing).await
    {
        return Ok(again(form.typed(&sent).refused(&refused), refused.status));
    }
    Ok(Done::at(reader.path(&["locations", &id]), "saved").into_response())
}

fn head(reader: &Reader, location: &Value) -> Page {
    Page::new(reader, Place::Locations, location.text("name"))
        .crumb(reader.place(Place::Locations), t::locations::TITLE)
}

fn page(reader: &Reader, location: &Value, form: Form) -> Page {
    let id = location.text("id");
    head(reader, location)
        .tool(
            reader.path(&["locations", id, "delete"]),
            t::locations::DELETE,
        )
        .part(Block::new("preferences", t::locations::PREFERENCES).part(form))
}

fn read_only(reader: &Reader, location: &Value) -> Page {
    let mut facts = Facts::new();
    for (path, name) in t::locations::SHOWN {
        let value = match location.at(path) {
            Some(Value::Array(_)) => Cell::texts(location.texts(path)),
            _ => Cell::text(location.shown(path)),
        };
        facts = facts.if_any(name, value);
    }
    let block = Block::new("preferences", t::locations::PREFERENCES)
        .intro(t::locations::CLOSED)
        .part(facts);
    head(reader, location).part(block)
}
