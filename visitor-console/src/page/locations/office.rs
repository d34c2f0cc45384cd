//! An office that no site has: it becomes an alias of one, and its hosts are there.

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::list::choices;
use crate::api::{Refused, quoted};
use crate::frame::Place;
use crate::page::{Done, Page};
use crate::part::form::Submitted;
use crate::part::{Ask, Field, Form, Link};
use crate::read::Read;
use crate::reader::Reader;
use crate::text as t;

type Asked = Path<(String, String)>;

async fn form(reader: &Reader, id: &str) -> Result<Form, Refused> {
    let sites = choices(reader, "").await?;
    let form = Form::new(reader.path(&["offices", id]), t::locations::MAKE_ALIAS);
    Ok(form
        .field(Field::one("location", t::locations::OF_WHICH, sites).required())
        .cancel(Link::new(reader.place(Place::Locations), t::CANCEL)))
}

async fn page(reader: &Reader, office: &Value, form: Form) -> Result<Page, Refused> {
    let name = office.text("name");
    let filter = format!("officeLocation eq {}", quoted(name));
    let hosts = reader.api().count("Hosts", Some(&filter)).await?;
    let ask = Ask::new(t::locations::alias_ask(name), form)
        .follows(t::locations::alias_hosts(hosts))
        .follows(t::locations::ALIAS_LATER);
    Ok(Page::new(reader, Place::Locations, name)
        .crumb(reader.place(Place::Locations), t::locations::TITLE)
        .part(ask))
}

pub(super) async fn ask(reader: Reader, Path((_, id)): Asked) -> Result<Page, Refused> {
    let office = reader.api().get("UnknownOffices", &id).await?;
    let form = form(&reader, &id).await?;
    page(&reader, &office, form).await
}

pub(super) async fn alias(
    reader: Reader,
    Path((_, id)): Asked,
    sent: Submitted,
) -> Result<Response, Refused> {
    let office = reader.api().get("UnknownOffices", &id).await?;
    let alias = json!({ "op": "add", "path": "aliases", "value": [office.text("name")] });
    let site = sent.value("location");
    if let Err(refused) = reader.api().patch("Locations", site, vec![alias]).await {
        let form = form(&reader, &id).await?.typed(&sent).refused(&refused);
        let page = page(&reader, &office, form).await?.status(refused.status);
        return Ok(page.into_response());
    }
    Ok(Done::at(reader.path(&["locations", site]), "aliased").into_response())
}
