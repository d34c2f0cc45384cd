//! The end of a connection.

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::connection::{head, path};
use crate::api::Refused;
use crate::page::{Done, Page};
use crate::part::form::Submitted;
use crate::part::{Ask, Field, Form, Link};
use crate::read::Read;
use crate::reader::Reader;
use crate::text as t;

type Asked = Path<(String, String)>;

fn form(reader: &Reader, id: &str) -> Form {
    Form::new(path(reader, id, "revoke"), t::provisioning::REVOKE)
        .field(Field::text("reason", t::REASON).hint(t::REASON_HINT))
        .cancel(Link::new(path(reader, id, ""), t::CANCEL))
        .dangerous()
}

fn page(reader: &Reader, token: &Value, form: Form) -> Page {
    let ask = Ask::new(t::provisioning::REVOKE_ASK, form);
    let ask = t::provisioning::REVOKE_FOLLOWS
        .into_iter()
        .fold(ask, Ask::follows);
    head(reader, token, t::provisioning::REVOKE)
        .crumb(path(reader, token.text("id"), ""), token.text("name"))
        .part(ask)
}

pub(super) async fn ask(reader: Reader, Path((_, id)): Asked) -> Result<Page, Refused> {
    let token = reader.api().get("ApiTokens", &id).await?;
    Ok(page(&reader, &token, form(&reader, &id)))
}

pub(super) async fn revoke(
    reader: Reader,
    Path((_, id)): Asked,
    sent: Submitted,
) -> Result<Response, Refused> {
    let body = match sent.value("reason").trim() {
        "" => json!({}),
        reason => json!({ "reason": reason }),
    };
    if let Err(refused) = reader.api().act(("ApiTokens", &id, "revoke"), &body).await {
        let token = reader.api().get("ApiTokens", &id).await?;
        let form = form(&reader, &id).typed(&sent).refused(&refused);
        let page = page(&reader, &token, form).status(refused.status);
        return Ok(page.into_response());
    }
    Ok(Done::at(path(&reader, &id, ""), "revoked").into_response())
}
