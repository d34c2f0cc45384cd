//! The end of a site.

use axum::extract::Path;
use axum::response::{IntoResponse, Response};

use crate::api::Refused;
use crate::frame::Place;
use crate::page::{Done, Page};
use crate::part::{Ask, Form, Link};
use crate::read::Read;
use crate::reader::Reader;
use crate::text as t;

type Asked = Path<(String, String)>;

async fn page(reader: &Reader, id: &str, form: Form) -> Result<Page, Refused> {
    let location = reader.api().get("Locations", id).await?;
    let ask = Ask::new(t::locations::delete_ask(location.text("name")), form);
    let ask = t::locations::DELETE_FOLLOWS
        .into_iter()
        .fold(ask, Ask::follows);
    Ok(Page::new(reader, Place::Locations, t::locations::DELETE)
        .crumb(reader.place(Place::Locations), t::locations::TITLE)
        .crumb(reader.path(&["locations", id]), location.text("name"))
        .part(ask))
}

fn form(reader: &Reader, id: &str) -> Form {
    Form::new(
        reader.path(&["locations", id, "delete"]),
        t::locations::DELETE,
    )
    .dangerous()
    .cancel(Link::new(reader.path(&["locations", id]), t::CANCEL))
}

pub(super) async fn ask(reader: Reader, Path((_, id)): Asked) -> Result<Page, Refused> {
    page(&reader, &id, form(&reader, &id)).await
}

pub(super) async fn remove(reader: Reader, Path((_, id)): Asked) -> Result<Response, Refused> {
    if let Err(refused) = reader.api().delete("Locations", &id).await {
        let form = form(&reader, &id).refused(&refused);
        let page = page(&reader, &id, form).await?.status(refused.status);
        return Ok(page.into_response());
    }
    Ok(Done::at(reader.place(Place::Locations), "deleted").into_response())
}
