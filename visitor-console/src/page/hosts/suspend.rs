//! Keeping a person out of every choice, and ending that: first what it will do, then the doing.

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::person;
use crate::api::{Query, Refused, quoted};
use crate::frame::Place;
use crate::page::{Done, Page};
use crate::part::form::Submitted;
use crate::part::{Ask, Field, Form, Link};
use crate::read::Read;
use crate::reader::Reader;
use crate::text as t;

type Asked = Path<(String, String)>;

pub(super) async fn ask_suspend(reader: Reader, Path((_, id)): Asked) -> Result<Page, Refused> {
    let form = form(&reader, &id, "suspend", t::hosts::SUSPEND).dangerous();
    suspending(&reader, &id, form).await
}

pub(super) async fn suspend(
    reader: Reader,
    Path((_, id)): Asked,
    sent: Submitted,
) -> Result<Response, Refused> {
    if let Err(refused) = act(&reader, &id, "suspend", &sent).await {
        let form = form(&reader, &id, "suspend", t::hosts::SUSPEND).dangerous();
        let form = form.typed(&sent).refused(&refused);
        let page = suspending(&reader, &id, form).await?.status(refused.status);
        return Ok(page.into_response());
    }
    Ok(Done::at(reader.path(&["hosts", &id]), "suspended").into_response())
}

pub(super) async fn ask_resume(reader: Reader, Path((_, id)): Asked) -> Result<Page, Refused> {
    let form = form(&reader, &id, "resume", t::hosts::RESUME);
    resuming(&reader, &id, form).await
}

pub(super) async fn resume(
    reader: Reader,
    Path((_, id)): Asked,
    sent: Submitted,
) -> Result<Response, Refused> {
    if let Err(refused) = act(&reader, &id, "resume", &sent).await {
        let form = form(&reader, &id, "resume", t::hosts::RESUME);
        let form = form.typed(&sent).refused(&refused);
        let page = resuming(&reader, &id, form).await?.status(refused.status);
        return Ok(page.into_response());
    }
    Ok(Done::at(reader.path(&["hosts", &id]), "resumed").into_response())
}

fn form(reader: &Reader, id: &str, verb: &'static str, text: &str) -> Form {
    Form::new(reader.path(&["hosts", id, verb]), text)
        .field(Field::text("reason", t::REASON).hint(t::REASON_HINT))
        .cancel(Link::new(reader.path(&["hosts", id]), t::CANCEL))
}

async fn act(reader: &Reader, id: &str, verb: &str, sent: &Submitted) -> Result<Value, Refused> {
    let body = match sent.value("reason").trim() {
        "" => json!({}),
        reason => json!({ "reason": reason }),
    };
    reader.api().act(("Hosts", id, verb), &body).await
}

async fn suspending(reader: &Reader, id: &str, form: Form) -> Result<Page, Refused> {
    let host = host(reader, id).await?;
    let filter = format!("delegates.value eq {}", quoted(id));
    let named = reader.api().count("Hosts", Some(&filter)).await?;
    let groups = host.items("groups").len() as u64;
    let mut ask = Ask::new(t::hosts::suspend_ask(person::name(&host)), form)
        .follows(t::hosts::suspend_status(host.text("effectiveStatus")))
        .follows(t::hosts::SUSPEND_STAYS);
    if groups > 0 {
        ask = ask.follows(t::hosts::suspend_groups(groups));
    }
    if named > 0 {
        ask = ask.follows(t::hosts::suspend_delegates(named));
    }
    Ok(page(reader, &host, t::hosts::SUSPEND).part(ask))
}

async fn resuming(reader: &Reader, id: &str, form: Form) -> Result<Page, Refused> {
    let host = host(reader, id).await?;
    let told = reader.api().tell(("Hosts", id, "explain")).await?;
    // What decides when the suspension does not any more.
    let next = told.items("rules").iter().find(|rule| {
        let code = rule.text("code");
        rule.flag("holds") && code != "manualSuspension" && !t::hosts::is_warning(code)
    });
    let follows = match next {
        Some(rule) => t::hosts::resume_then(rule.text("code")),
        None => t::hosts::RESUME_VISIBLE.to_owned(),
    };
    let ask = Ask::new(t::hosts::resume_ask(person::name(&host)), form).follows(follows);
    Ok(page(reader, &host, t::hosts::RESUME).part(ask))
}

async fn host(reader: &Reader, id: &str) -> Result<Value, Refused> {
    let query = Query::new().with("attributes", "displayName,effectiveStatus,groups");
    reader.api().get_with("Hosts", id, &query).await
}

fn page(reader: &Reader, host: &Value, title: &str) -> Page {
    let id = host.text("id");
    Page::new(reader, Place::Hosts, title)
        .crumb(reader.place(Place::Hosts), t::hosts::TITLE)
        .crumb(reader.path(&["hosts", id]), person::name(host))
}
