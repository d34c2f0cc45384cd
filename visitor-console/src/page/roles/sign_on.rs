//! The OpenID Connect provider with which people sign in.

use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::tabs::{self, Tab};
use crate::api::{Query, Refused};
use crate::frame::Place;
use crate::page::{Done, Page};
use crate::part::form::Submitted;
use crate::part::{Block, Cell, Copyable, Facts, Field, Form};
use crate::read::Read;
use crate::reader::Reader;
use crate::text as t;

const URN: &str = "urn:visitor-hosts:scim:schemas:1.0:SingleSignOn";
const ENDPOINT: &str = "SingleSignOns";

/// The provider of the tenant, if there is one.
async fn provider(reader: &Reader) -> Result<Option<Value>, Refused> {
    let listed = reader.api().list(ENDPOINT, &Query::new()).await?;
    Ok(listed.resources.into_iter().next())
}

fn form(reader: &Reader) -> Form {
    Form::new(reader.path(&["sign-on"]), t::SAVE)
        .field(Field::text("name", t::roles::PROVIDER_NAME).required())
        .field(
            Field::text("issuer", t::roles::ISSUER)
                .hint(t::roles::ISSUER_HINT)
                .required(),
        )
        .field(Field::text("clientId", t::roles::CLIENT_ID).required())
        .field(
            Field::secret("clientSecret", t::roles::CLIENT_SECRET)
                .hint(t::roles::CLIENT_SECRET_HINT),
        )
        .field(Field::text("scopes", t::roles::SCOPES).hint(t::roles::SCOPES_HINT))
        .field(Field::text("matchClaim", t::roles::CLAIM).hint(t::roles::CLAIM_HINT))
        .field(Field::yes("active", t::roles::SWITCHED_ON))
}

fn page(reader: &Reader, block: Block) -> Page {
    let callback = Copyable {
        id: "callback",
        label: t::roles::CALLBACK.to_owned(),
        text: format!(
            "{}/sign-in/openid/callback",
            reader.site.server.public_url()
        ),
        hint: t::roles::CALLBACK_HINT.to_owned(),
    };
    Page::new(reader, Place::Roles, t::roles::SIGN_ON)
        .lead(t::roles::SIGN_ON_LEAD)
        .part_if(tabs::of(reader, Tab::SignOn))
        .part(Block::new("callback-block", t::roles::CALLBACK).part(callback))
        .part(block)
}

fn block() -> Block {
    Block::new("provider", t::roles::PROVIDER)
}

pub(super) async fn show(reader: Reader) -> Result<Page, Refused> {
    let mut provider = provider(&reader).await?.unwrap_or_else(|| json!({}));
    if reader.may("singleSignOns", "write") {
        if provider.at("active").is_none() {
            provider["active"] = json!(true);
        }
        let form = form(&reader).from(&provider);
        return Ok(page(&reader, block().part(form)));
    }
    let shown = |path: &str| Cell::text(provider.shown(path));
    let facts = Facts::new()
        .fact(t::roles::PROVIDER_NAME, shown("name"))
        .fact(t::roles::ISSUER, shown("issuer"))
        .fact(t::roles::CLIENT_ID, shown("clientId"))
        .fact(t::roles::CLAIM, shown("matchClaim"));
    Ok(page(&reader, block().part(facts)))
}

pub(super) async fn save(reader: Reader, sent: Submitted) -> Result<Response, Refused> {
    let form = form(&reader);
    let saved = match provider(&reader).await? {
        Some(mut was) => {
            if was.at("active").is_none() {
                was["active"] = json!(true);
            }
            let differing = form.differing(&was, &sent);
            match differing.is_empty() {
                true => Ok(was),
                false => reader.api().set(ENDPOINT, was.text("id"), differing).await,
            }
        }
        None => {
            let document = form.document(URN, &sent);
            reader.api().create(ENDPOINT, &document).await
        }
    };
    match saved {
        Ok(_) => Ok(Done::at(reader.path(&["sign-on"]), "saved").into_response()),
        Err(refused) => {
            let form = form.typed(&sent).refused(&refused);
            let page = page(&reader, block().part(form)).status(refused.status);
            Ok(page.into_response())
        }
    }
}
