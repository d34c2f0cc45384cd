//! A new connection, whose secret is shown once.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::{fields, secret};
use crate::api::Refused;
use crate::frame::Place;
use crate::page::Page;
use crate::part::form::Submitted;
use crate::part::{Block, Form, Link};
use crate::reader::Reader;
use crate::text as t;

fn form(reader: &Reader) -> Form {
    let form = Form::new(reader.path(&["provisioning", "new"]), t::provisioning::NEW)
        .cancel(Link::new(reader.place(Place::Provisioning), t::CANCEL));
    fields::of_new(form)
}

fn page(reader: &Reader, form: Form) -> Page {
    Page::new(reader, Place::Provisioning, t::provisioning::NEW)
        .crumb(reader.place(Place::Provisioning), t::provisioning::TITLE)
        .part(Block::new("new", t::provisioning::CONNECTION).part(form))
}

pub(super) async fn ask(reader: Reader) -> Result<Page, Refused> {
    if !reader.may("apiTokens", "write") {
        return Err(reader.closed());
    }
    let usual = json!({ "kind": "idp", "policy": "compatible" });
    Ok(page(&reader, form(&reader).from(&usual)))
}

pub(super) async fn create(reader: Reader, sent: Submitted) -> Result<Response, Refused> {
    let form = form(&reader).typed(&sent);
    let document = match fields::document(&reader, &form, &sent).await? {
        Ok(document) => document,
        Err(name) => {
            let form = form.refused_at("answers", &t::provisioning::no_such_host(&name));
            let page = page(&reader, form).status(StatusCode::UNPROCESSABLE_ENTITY);
            return Ok(page.into_response());
        }
    };
    match reader.api().create("ApiTokens", &document).await {
        Ok(token) => Ok(secret::page(&reader, &token).into_response()),
        Err(refused) => {
            let page = page(&reader, form.refused(&refused)).status(refused.status);
            Ok(page.into_response())
        }
    }
}
