//! Deciding on one conflict: what it will do first, then the doing.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::conflict;
use crate::api::Refused;
use crate::page::{Done, Page};
use crate::part::form::Submitted;
use crate::part::{Ask, Choice, Field, Form, Link};
use crate::read::Read;
use crate::reader::Reader;
use crate::text as t;

type Asked = Path<(String, String, String)>;

/// What can be decided, and of conflicts in which states.
pub(super) const VERBS: [(&str, &[&str]); 3] = [
    ("link", &["open", "rejected"]),
    ("keepSeparate", &["open", "rejected"]),
    ("reject", &["open"]),
];

/// What is said when it is done.
fn done(verb: &str) -> &'static str {
    match verb {
        "link" => "linked",
        "keepSeparate" => "keptSeparate",
        _ => "rejected",
    }
}

/// The verb by its name, if there is one.
pub(super) fn known(reader: &Reader, verb: &str) -> Result<&'static str, Refused> {
    let found = VERBS.into_iter().find(|(known, _)| *known == verb);
    found.map(|(verb, _)| verb).ok_or_else(|| reader.nowhere())
}

pub(super) async fn ask(reader: Reader, Path((_, id, verb)): Asked) -> Result<Page, Refused> {
    let verb = known(&reader, &verb)?;
    let conflict = reader.api().get("ProvisioningConflicts", &id).await?;
    let form = form(&reader, &conflict, verb);
    Ok(page(&reader, &conflict, verb, form))
}

pub(super) async fn decide(
    reader: Reader,
    Path((_, id, verb)): Asked,
    sent: Submitted,
) -> Result<Response, Refused> {
    let verb = known(&reader, &verb)?;
    let (reason, existing) = (sent.value("reason").trim(), sent.value("existing"));
    if verb != "link" && reason.is_empty() {
        let conflict = reader.api().get("ProvisioningConflicts", &id).await?;
        let form = form(&reader, &conflict, verb).typed(&sent);
        let form = form.refused_at("reason", t::conflicts::REASON_NEEDED);
        let page = page(&reader, &conflict, verb, form);
        return Ok(page
            .status(StatusCode::UNPROCESSABLE_ENTITY)
            .into_response());
    }
    if let Err(refused) = act(&reader, &id, verb, (reason, existing)).await {
        let conflict = reader.api().get("ProvisioningConflicts", &id).await?;
        let form = form(&reader, &conflict, verb)
            .typed(&sent)
            .refused(&refused);
        let page = page(&reader, &conflict, verb, form).status(refused.status);
        return Ok(page.into_response());
    }
    Ok(Done::at(reader.path(&["conflicts", &id]), done(verb)).into_response())
}

/// Decides.
pub(super) async fn act(
    reader: &Reader,
    id: &str,
    verb: &str,
    (reason, existing): (&str, &str),
) -> Result<Value, Refused> {
    let mut body = json!({});
    if !reason.is_empty() {
        body["reason"] = json!(reason);
    }
    if verb == "link" && !existing.is_empty() {
        body["existing"] = json!(existing);
    }
    let asked = ("ProvisioningConflicts", id, verb);
    reader.api().act(asked, &body).await
}

fn form(reader: &Reader, conflict: &Value, verb: &'static str) -> Form {
    let id = conflict.text("id");
    let mut form = Form::new(
        reader.path(&["conflicts", id, verb]),
        t::conflicts::verb(verb),
    );
    let hosts = conflict.items("existing");
    if verb == "link" && hosts.len() > 1 {
        let hosts = hosts.iter();
        let hosts = hosts.map(|host| Choice::new(host.text("value"), host.text("display")));
        form = form.field(Field::one("existing", t::conflicts::WHICH, hosts.collect()).required());
    }
    let reason = Field::text("reason", t::REASON).hint(t::REASON_HINT);
    let form = match verb {
        "link" => form.field(reason),
        _ => form.field(reason.required()),
    };
    let form = form.cancel(Link::new(reader.path(&["conflicts", id]), t::CANCEL));
    match verb {
        "reject" => form.dangerous(),
        _ => form,
    }
}

fn page(reader: &Reader, conflict: &Value, verb: &str, form: Form) -> Page {
    let id = conflict.text("id");
    let follows = t::conflicts::follows(verb).iter().copied();
    let ask = follows.fold(Ask::new(t::conflicts::ask(verb), form), Ask::follows);
    conflict::page(reader, conflict)
        .crumb(reader.path(&["conflicts", id]), t::conflicts::CONFLICT)
        .part(ask)
}
