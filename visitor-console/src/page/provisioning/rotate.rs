//! Another secret, beside the one in use for a while.

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use serde_json::{Number, Value, json};

use super::connection::{head, path};
use super::secret;
use crate::api::Refused;
use crate::page::Page;
use crate::part::form::Submitted;
use crate::part::{Ask, Field, Form, Link};
use crate::read::Read;
use crate::reader::Reader;
use crate::text as t;

type Asked = Path<(String, String)>;

fn form(reader: &Reader, id: &str) -> Form {
    Form::new(path(reader, id, "rotate"), t::provisioning::ROTATE)
        .field(
            Field::number("overlapHours", t::provisioning::OVERLAP)
                .hint(t::provisioning::OVERLAP_HINT)
                .value("1"),
        )
        .cancel(Link::new(path(reader, id, ""), t::CANCEL))
}

fn page(reader: &Reader, token: &Value, form: Form) -> Page {
    let ask = Ask::new(t::provisioning::ROTATE_ASK, form);
    let ask = t::provisioning::ROTATE_FOLLOWS
        .into_iter()
        .fold(ask, Ask::follows);
    head(reader, token, t::provisioning::ROTATE)
        .crumb(path(reader, token.text("id"), ""), token.text("name"))
        .part(ask)
}

pub(super) async fn ask(reader: Reader, Path((_, id)): Asked) -> Result<Page, Refused> {
    let token = reader.api().get("ApiTokens", &id).await?;
    Ok(page(&reader, &token, form(&reader, &id)))
}

pub(super) async fn rotate(
    reader: Reader,
    Path((_, id)): Asked,
    sent: Submitted,
) -> Result<Response, Refused> {
    let mut body = json!({});
    let hours = sent.value("overlapHours").trim();
    if !hours.is_empty() {
        body["overlapHours"] = match hours.parse::<Number>() {
            Ok(number) => json!(number),
            Err(_) => json!(hours),
        };
    }
    match reader.api().act(("ApiTokens", &id, "rotate"), &body).await {
        Ok(token) => Ok(secret::page(&reader, &token).into_response()),
        Err(refused) => {
            let token = reader.api().get("ApiTokens", &id).await?;
            let form = form(&reader, &id).typed(&sent).refused(&refused);
            let page = page(&reader, &token, form).status(refused.status);
            Ok(page.into_response())
        }
    }
}
