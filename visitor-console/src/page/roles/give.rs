//! Giving a role to a host, or to all hosts of a group.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::api::Refused;
use crate::frame::Place;
use crate::page::{Done, Page, locations, who};
use crate::part::form::Submitted;
use crate::part::{Block, Choice, Field, Form, Link, Paragraph};
use crate::read::Read;
use crate::reader::Reader;
use crate::text as t;

const URN: &str = "urn:visitor-hosts:scim:schemas:1.0:RoleAssignment";

async fn form(reader: &Reader) -> Result<Form, Refused> {
    let roles = t::roles::ROLES.iter();
    let roles = roles.map(|(role, name, _)| Choice::new(*role, *name));
    let form = Form::new(reader.path(&["roles", "new"]), t::roles::GIVE)
        .field(Field::one("role", t::roles::ROLE, roles.collect()))
        .field(Field::one(
            "principal.type",
            t::roles::TO_WHAT,
            Choice::all(&t::roles::PRINCIPALS),
        ))
        .field(
            Field::text("principal.value", t::roles::TO_WHOM)
                .hint(t::roles::TO_WHOM_HINT)
                .required(),
        );
    let form = match reader.may("locations", "read") {
        true => {
            let sites = locations::choices(reader, "").await?;
            let field = Field::several("locations", t::roles::WHERE, sites);
            form.field(field.hint(t::roles::WHERE_HINT))
        }
        false => form,
    };
    Ok(form
        .field(Field::date("expiresAt", t::roles::UNTIL).hint(t::roles::UNTIL_HINT))
        .field(Field::text("reason", t::REASON).hint(t::REASON_HINT))
        .cancel(Link::new(reader.place(Place::Roles), t::CANCEL)))
}

fn page(reader: &Reader, form: Form) -> Page {
    let block = Block::new("give", t::roles::GIVE)
        .part(Paragraph::new(t::roles::GIVE_INTRO))
        .part(form);
    Page::new(reader, Place::Roles, t::roles::GIVE)
        .crumb(reader.place(Place::Roles), t::roles::TITLE)
        .part(block)
}

pub(super) async fn ask(reader: Reader) -> Result<Page, Refused> {
    if !reader.may("roleAssignments", "write") {
        return Err(reader.closed());
    }
    let form = form(&reader).await?;
    Ok(page(&reader, form))
}

pub(super) async fn give(reader: Reader, sent: Submitted) -> Result<Response, Refused> {
    let form = form(&reader).await?.typed(&sent);
    let (kind, typed) = (
        sent.value("principal.type"),
        sent.value("principal.value").trim(),
    );
    let found = match typed {
        "" => None,
        typed => who::meant(&reader, kind, typed).await?,
    };
    let Some(found) = found else {
        let form = form.refused_at("principal.value", &t::roles::nobody(typed));
        let page = page(&reader, form).status(StatusCode::UNPROCESSABLE_ENTITY);
        return Ok(page.into_response());
    };
    let mut document = form.document(URN, &sent);
    document["principal"] = json!({
        "type": kind,
        "value": found.text("id"),
        "display": found.text("displayName"),
    });
    let ids: Vec<&str> = sent.values("locations").collect();
    if !ids.is_empty() {
        let sites = who::named(&reader, "Locations", "name", &ids).await?;
        let places = ids
            .iter()
            .map(|id| json!({ "value": id, "display": who::name_of(&sites, id, "name") }));
        document["locations"] = Value::Array(places.collect());
    }
    match reader.api().create("RoleAssignments", &document).await {
        Ok(_) => Ok(Done::at(reader.place(Place::Roles), "given").into_response()),
        Err(refused) => {
            let page = page(&reader, form.refused(&refused)).status(refused.status);
            Ok(page.into_response())
        }
    }
}
