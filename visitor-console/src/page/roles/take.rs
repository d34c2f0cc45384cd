//! Taking a role away.

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

fn form(reader: &Reader, id: &str) -> Form {
    Form::new(reader.path(&["roles", id, "take"]), t::roles::TAKE)
        .dangerous()
        .cancel(Link::new(reader.place(Place::Roles), t::CANCEL))
}

async fn page(reader: &Reader, id: &str, form: Form) -> Result<Page, Refused> {
    let assignment = reader.api().get("RoleAssignments", id).await?;
    let who = match assignment.text("principal.display") {
        "" => assignment.text("principal.value"),
        name => name,
    };
    let ask = Ask::new(
        t::roles::take_ask(t::roles::role(assignment.text("role")), who),
        form,
    );
    let ask = ask
        .follows(t::roles::meaning(assignment.text("role")))
        .follows(t::roles::TAKE_FOLLOWS);
    let ask = match assignment.text("principal.type") {
        "HostGroup" => ask.follows(t::roles::TAKE_GROUP),
        _ => ask,
    };
    Ok(Page::new(reader, Place::Roles, t::roles::TAKE)
        .crumb(reader.place(Place::Roles), t::roles::TITLE)
        .part(ask))
}

pub(super) async fn ask(reader: Reader, Path((_, id)): Asked) -> Result<Page, Refused> {
    page(&reader, &id, form(&reader, &id)).await
}

pub(super) async fn take(reader: Reader, Path((_, id)): Asked) -> Result<Response, Refused> {
    if let Err(refused) = reader.api().delete("RoleAssignments", &id).await {
        let form = form(&reader, &id).refused(&refused);
        let page = page(&reader, &id, form).await?.status(refused.status);
        return Ok(page.into_response());
    }
    Ok(Done::at(reader.place(Place::Roles), "taken").into_response())
}
