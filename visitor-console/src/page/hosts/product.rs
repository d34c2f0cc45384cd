//! What belongs to the product, which no directory says: it is written here.

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::notices;
use super::person::{self, Tab};
use crate::api::{Query, Refused};
use crate::page::{Done, Page, who};
use crate::part::form::Submitted;
use crate::part::{Block, Cell, Facts, Field, Form};
use crate::read::Read;
use crate::reader::Reader;
use crate::text as t;

const SHOWN: &str = "displayName,effectiveStatus,deskOrFloor,extension,delegates,notify,absentUntil,\
    kioskVisible,visitorTypes,notes";

async fn host(reader: &Reader, id: &str) -> Result<Value, Refused> {
    let query = Query::new().with("attributes", SHOWN);
    let mut host = reader.api().get_with("Hosts", id, &query).await?;
    // Whoever is not hidden from the kiosk is shown there.
    if host.at("kioskVisible").is_none() {
        host["kioskVisible"] = json!(true);
    }
    Ok(host)
}

fn form(reader: &Reader, id: &str) -> Form {
    let form = Form::new(reader.path(&["hosts", id, "product"]), t::SAVE)
        .field(Field::text("deskOrFloor", t::hosts::DESK))
        .field(Field::text("extension", t::hosts::EXTENSION))
        .field(Field::date("absentUntil", t::hosts::ABSENT).hint(t::hosts::ABSENT_HINT))
        .field(Field::yes("kioskVisible", t::hosts::KIOSK))
        .field(Field::lines("visitorTypes", t::hosts::VISITOR_TYPES).hint(t::ONE_A_LINE));
    match reader.may("hosts", "sensitive") {
        true => form.field(Field::long("notes", t::hosts::NOTES).hint(t::hosts::NOTES_HINT)),
        false => form,
    }
}

/// The form with what has rows of its own: delegates by user name, and ways of notice.
fn whole(reader: &Reader, id: &str) -> Form {
    let form = form(reader, id)
        .field(Field::lines("delegates", t::hosts::DELEGATES).hint(t::hosts::DELEGATES_HINT));
    notices::fields(form)
}

pub(super) async fn show(
    reader: Reader,
    Path((_, id)): Path<(String, String)>,
) -> Result<Page, Refused> {
    let host = host(&reader, &id).await?;
    let page = person::page(&reader, &host, Tab::Product);
    if !reader.may("hosts", "write") {
        return Ok(page.part(read_only(&reader, &host).await?));
    }
    let mut shown = host.clone();
    shown["delegates"] = json!(delegate_names(&reader, &host).await?);
    notices::spread(&mut shown);
    let block = Block::new("product", t::hosts::PRODUCT_TITLE)
        .intro(t::hosts::PRODUCT_INTRO)
        .part(whole(&reader, &id).from(&shown));
    Ok(page.part(block))
}

pub(super) async fn save(
    reader: Reader,
    Path((_, id)): Path<(String, String)>,
    sent: Submitted,
) -> Result<Response, Refused> {
    let was = host(&reader, &id).await?;
    let again = |form: Form| {
        let block = Block::new("product", t::hosts::PRODUCT_TITLE).part(form);
        let page = person::page(&reader, &was, Tab::Product);
        page.part(block)
    };
    let form = whole(&reader, &id).typed(&sent);
    let mut differing = self::form(&reader, &id).differing(&was, &sent);
    match delegates(&reader, &sent).await? {
        Ok(delegates) => {
            let ids = was.items("delegates").iter().map(|it| it.text("value"));
            let now: Vec<&str> = delegates.iter().map(String::as_str).collect();
            if ids.collect::<Vec<_>>() != now {
                let values = now.iter().map(|id| json!({ "value": id }));
                differing.push(("delegates".to_owned(), some(values.collect())));
            }
        }
        Err(unknown) => {
            let form = form.refused_at("delegates", &t::hosts::no_such_host(&unknown));
            let page = again(form).status(axum::http::StatusCode::UNPROCESSABLE_ENTITY);
            return Ok(page.into_response());
        }
    }
    let notify = notices::gathered(&sent);
    if was.items("notify") != notify.as_slice() {
        differing.push(("notify".to_owned(), some(notify)));
    }
    if !differing.is_empty()
        && let Err(refused) = reader.api().set("Hosts", &id, differing).await
    {
        let page = again(form.refused(&refused)).status(refused.status);
        return Ok(page.into_response());
    }
    let address = reader.path(&["hosts", &id, "product"]);
    Ok(Done::at(address, "saved").into_response())
}

fn some(values: Vec<Value>) -> Value {
    match values {
        values if values.is_empty() => Value::Null,
        values => Value::Array(values),
    }
}

/// The user names of those who stand in.
async fn delegate_names(reader: &Reader, host: &Value) -> Result<Vec<String>, Refused> {
    let ids: Vec<&str> = host
        .items("delegates")
        .iter()
        .map(|it| it.text("value"))
        .collect();
    let found = who::named(reader, "Hosts", "userName", &ids).await?;
    let names = ids
        .into_iter()
        .map(|id| who::name_of(&found, id, "userName"));
    Ok(names.map(str::to_owned).collect())
}

/// The hosts that are meant, or the name that nobody has.
async fn delegates(
    reader: &Reader,
    sent: &Submitted,
) -> Result<Result<Vec<String>, String>, Refused> {
    let mut ids = Vec::new();
    let names = sent.value("delegates").lines().map(str::trim);
    for name in names.filter(|name| !name.is_empty()) {
        match who::meant(reader, "Host", name).await? {
            Some(host) => ids.push(host.text("id").to_owned()),
            None => return Ok(Err(name.to_owned())),
        }
    }
    Ok(Ok(ids))
}

async fn read_only(reader: &Reader, host: &Value) -> Result<Block, Refused> {
    let delegates = delegate_names(reader, host).await?;
    let facts = Facts::new()
        .fact(t::hosts::DESK, Cell::text(host.text("deskOrFloor")))
        .fact(t::hosts::EXTENSION, Cell::text(host.text("extension")))
        .fact(t::hosts::ABSENT, reader.time(host.text("absentUntil")))
        .fact(
            t::hosts::KIOSK,
            crate::state::yes_no(host.flag("kioskVisible")),
        )
        .fact(
            t::hosts::VISITOR_TYPES,
            Cell::texts(host.texts("visitorTypes")),
        )
        .fact(t::hosts::DELEGATES, Cell::texts(delegates));
    Ok(Block::new("product", t::hosts::PRODUCT_TITLE)
        .intro(t::hosts::PRODUCT_CLOSED)
        .part(facts))
}
