//! Deciding on several conflicts that were chosen: shown first, then done one after the other, as each is a request
//! of its own.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::decide::{act, known};
use super::list;
use crate::api::{Query, Refused, quoted};
use crate::frame::Place;
use crate::page::{Done, Page};
use crate::part::form::Submitted;
use crate::part::{Ask, Cell, Field, Form, Link, Notice, Row, Table};
use crate::read::Read;
use crate::reader::Reader;
use crate::text as t;

/// Conflicts that are decided at once.
const MANY_MAX: usize = 100;

pub(super) async fn ask(reader: Reader, sent: Submitted) -> Result<Response, Refused> {
    let verb = known(&reader, sent.value("verb"))?;
    let ids: Vec<&str> = sent.values("id").take(MANY_MAX).collect();
    if ids.is_empty() {
        let message = Notice::refused(t::conflicts::BULK_NONE);
        return Ok(list::page(&reader, Some(message)).await?.into_response());
    }
    Ok(page(&reader, verb, &ids, None).await?.into_response())
}

pub(super) async fn decide(reader: Reader, sent: Submitted) -> Result<Response, Refused> {
    let verb = known(&reader, sent.value("verb"))?;
    let reason = sent.value("reason").trim();
    let ids: Vec<&str> = sent.values("id").take(MANY_MAX).collect();
    if verb != "link" && reason.is_empty() {
        let page = page(&reader, verb, &ids, Some(&sent)).await?;
        return Ok(page
            .status(StatusCode::UNPROCESSABLE_ENTITY)
            .into_response());
    }
    for (done, id) in ids.iter().enumerate() {
        if let Err(refused) = act(&reader, id, verb, (reason, "")).await {
            let stopped = t::conflicts::bulk_stopped(id, &refused.said(), done);
            let page = list::page(&reader, Some(Notice::refused(stopped))).await?;
            return Ok(page.status(refused.status).into_response());
        }
    }
    Ok(Done::at(reader.place(Place::Conflicts), "decided").into_response())
}

async fn page(
    reader: &Reader,
    verb: &'static str,
    ids: &[&str],
    sent: Option<&Submitted>,
) -> Result<Page, Refused> {
    let reason = Field::text("reason", t::REASON).hint(t::REASON_HINT);
    let mut form = Form::new(
        reader.path(&["conflicts", "decided"]),
        t::conflicts::BULK_CONFIRM,
    )
    .field(match verb {
        "link" => reason,
        _ => reason.required(),
    })
    .field(Field::hidden("verb", verb))
    .cancel(Link::new(reader.place(Place::Conflicts), t::CANCEL));
    for id in ids {
        form = form.field(Field::hidden("id", id));
    }
    if sent.is_some() {
        form = form.refused_at("reason", t::conflicts::REASON_NEEDED);
    }
    let wanted: Vec<String> = ids
        .iter()
        .map(|id| format!("id eq {}", quoted(id)))
        .collect();
    let query = Query::new().filter(wanted.join(" or ")).count(MANY_MAX);
    let listed = reader.api().list("ProvisioningConflicts", &query).await?;
    let rows = listed.resources.iter().map(|conflict| {
        let existing = conflict.items("existing").iter();
        let existing: Vec<&str> = existing.map(|host| host.text("display")).collect();
        Row(vec![
            Cell::text(list::incoming(conflict)),
            Cell::texts(existing),
            Cell::text(t::conflicts::kind(conflict.text("kind"))),
        ])
    });
    let heads = [
        t::conflicts::INCOMING,
        t::conflicts::EXISTING,
        t::conflicts::KIND,
    ];
    let table = Table::new("chosen", t::conflicts::BULK, &heads)
        .rows(rows)
        .said(t::counted(listed.resources.len() as u64));
    let ask = Ask::new(t::conflicts::BULK_ASK, form).follows(t::conflicts::bulk(ids.len(), verb));
    let follows = t::conflicts::follows(verb).iter().copied();
    let ask = follows.fold(ask, Ask::follows).part(table);
    Ok(Page::new(reader, Place::Conflicts, t::conflicts::TITLE)
        .crumb(reader.place(Place::Conflicts), t::conflicts::TITLE)
        .part(ask))
}
