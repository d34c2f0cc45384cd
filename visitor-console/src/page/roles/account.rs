//! One account: made, changed, given a new password, deleted.

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::accounts::state;
use crate::api::Refused;
use crate::frame::Place;
use crate::page::{Done, Page};
use crate::part::form::Submitted;
use crate::part::{Ask, Block, Cell, Facts, Field, Form, Link};
use crate::read::Read;
use crate::reader::Reader;
use crate::text as t;

type Asked = Path<(String, String)>;

const URN: &str = "urn:visitor-hosts:scim:schemas:1.0:ConsoleAccount";

fn fields(form: Form, password_hint: &str) -> Form {
    form.field(Field::text("userName", t::roles::USER_NAME).required())
        .field(Field::text("displayName", t::roles::DISPLAY_NAME))
        .field(Field::secret("password", t::roles::PASSWORD).hint(password_hint))
        .field(Field::text("user.value", t::roles::IS_USER).hint(t::roles::IS_USER_HINT))
        .field(Field::yes("active", t::roles::MAY_SIGN_IN))
}

fn crumbs(reader: &Reader, title: &str) -> Page {
    Page::new(reader, Place::Roles, title)
        .crumb(reader.place(Place::Roles), t::roles::TITLE)
        .crumb(reader.path(&["accounts"]), t::roles::ACCOUNTS)
}

fn new_form(reader: &Reader) -> Form {
    let form = Form::new(reader.path(&["accounts", "new"]), t::roles::NEW_ACCOUNT)
        .cancel(Link::new(reader.path(&["accounts"]), t::CANCEL));
    fields(form, t::roles::PASSWORD_NEW_HINT)
}

fn new_page(reader: &Reader, form: Form) -> Page {
    crumbs(reader, t::roles::NEW_ACCOUNT).part(Block::new("account", t::roles::ACCOUNT).part(form))
}

pub(super) async fn ask(reader: Reader) -> Result<Page, Refused> {
    if !reader.may("consoleAccounts", "write") {
        return Err(reader.closed());
    }
    let usual = json!({ "active": true });
    Ok(new_page(&reader, new_form(&reader).from(&usual)))
}

pub(super) async fn create(reader: Reader, sent: Submitted) -> Result<Response, Refused> {
    let form = new_form(&reader);
    let document = form.document(URN, &sent);
    match reader.api().create("ConsoleAccounts", &document).await {
        Ok(account) => {
            let address = reader.path(&["accounts", account.text("id")]);
            Ok(Done::at(address, "created").into_response())
        }
        Err(refused) => {
            let form = form.typed(&sent).refused(&refused);
            let page = new_page(&reader, form).status(refused.status);
            Ok(page.into_response())
        }
    }
}

async fn account(reader: &Reader, id: &str) -> Result<Value, Refused> {
    let mut account = reader.api().get("ConsoleAccounts", id).await?;
    if account.at("active").is_none() {
        account["active"] = json!(true);
    }
    Ok(account)
}

fn form(reader: &Reader, id: &str) -> Form {
    let form = Form::new(reader.path(&["accounts", id]), t::SAVE);
    fields(form, t::roles::PASSWORD_HINT)
}

fn page(reader: &Reader, account: &Value, form: Option<Form>) -> Page {
    let facts = Facts::new()
        .fact(
            t::roles::LAST_SIGN_IN,
            reader.time(account.text("lastSignIn")),
        )
        .fact(
            t::roles::PASSWORD_CHANGED,
            reader.time(account.text("passwordChangedAt")),
        )
        .if_any(
            t::roles::LOCKED_UNTIL,
            reader.time(account.text("lockedUntil")),
        )
        .if_any(t::roles::IS_USER, Cell::code(account.text("user.value")));
    let id = account.text("id");
    let mut page = crumbs(reader, account.text("userName")).badge(state(reader, account));
    if form.is_some() {
        page = page.tool(reader.path(&["accounts", id, "delete"]), t::roles::DELETE);
    }
    let block = Block::new("account", t::roles::ACCOUNT).part(facts);
    page.part(match form {
        Some(form) => block.part(form),
        None => block,
    })
}

pub(super) async fn show(reader: Reader, Path((_, id)): Asked) -> Result<Page, Refused> {
    let account = account(&reader, &id).await?;
    let form = reader
        .may("consoleAccounts", "write")
        .then(|| form(&reader, &id).from(&account));
    Ok(page(&reader, &account, form))
}

pub(super) async fn save(
    reader: Reader,
    Path((_, id)): Asked,
    sent: Submitted,
) -> Result<Response, Refused> {
    let was = account(&reader, &id).await?;
    let form = form(&reader, &id);
    let differing = form.differing(&was, &sent).into_iter();
    // A User is one value; nothing of it is left when it goes.
    let differing = differing.map(|(path, value)| match (path.as_str(), value) {
        ("user.value", Value::Null) => ("user".to_owned(), Value::Null),
        (_, value) => (path, value),
    });
    let differing: Vec<(String, Value)> = differing.collect();
    if !differing.is_empty()
        && let Err(refused) = reader.api().set("ConsoleAccounts", &id, differing).await
    {
        let form = form.typed(&sent).refused(&refused);
        let page = page(&reader, &was, Some(form)).status(refused.status);
        return Ok(page.into_response());
    }
    Ok(Done::at(reader.path(&["accounts", &id]), "saved").into_response())
}

fn delete_form(reader: &Reader, id: &str) -> Form {
    Form::new(reader.path(&["accounts", id, "delete"]), t::roles::DELETE)
        .dangerous()
        .cancel(Link::new(reader.path(&["accounts", id]), t::CANCEL))
}

async fn delete_page(reader: &Reader, id: &str, form: Form) -> Result<Page, Refused> {
    let account = account(reader, id).await?;
    let name = account.text("userName");
    let ask = Ask::new(t::roles::delete_ask(name), form);
    let ask = t::roles::DELETE_FOLLOWS.into_iter().fold(ask, Ask::follows);
    Ok(crumbs(reader, t::roles::DELETE)
        .crumb(reader.path(&["accounts", id]), name)
        .part(ask))
}

pub(super) async fn ask_delete(reader: Reader, Path((_, id)): Asked) -> Result<Page, Refused> {
    delete_page(&reader, &id, delete_form(&reader, &id)).await
}

pub(super) async fn delete(reader: Reader, Path((_, id)): Asked) -> Result<Response, Refused> {
    if let Err(refused) = reader.api().delete("ConsoleAccounts", &id).await {
        let form = delete_form(&reader, &id).refused(&refused);
        let page = delete_page(&reader, &id, form).await?;
        return Ok(page.status(refused.status).into_response());
    }
    Ok(Done::at(reader.path(&["accounts"]), "deleted").into_response())
}
