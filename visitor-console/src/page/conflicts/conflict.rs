//! One conflict: who was brought and who is here, side by side, and why they look alike.

use askama::Template;
use axum::extract::Path;
use serde_json::Value;

use super::decide::VERBS;
use super::list::incoming;
use crate::api::Refused;
use crate::frame::Place;
use crate::page::Page;
use crate::part::{Block, Cell, Facts, Notice};
use crate::read::Read;
use crate::reader::Reader;
use crate::state;
use crate::text as t;

/// Hosts that are shown beside the incoming record.
const HOSTS_MAX: usize = 5;
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// Attributes of a host, and how the record of a directory has them.
const COMPARED: [(&str, &str); 8] = [
    ("displayName", t::hosts::NAME),
    ("userName", t::hosts::USER_NAME),
    ("email", t::hosts::EMAIL),
    ("employeeNumber", t::hosts::EMPLOYEE_NUMBER),
    ("name.givenName", t::hosts::GIVEN_NAME),
    ("name.familyName", t::hosts::FAMILY_NAME),
    ("title", t::hosts::JOB),
    ("department", t::hosts::DEPARTMENT),
];

/// Records beside each other.
#[derive(Template)]
#[template(path = "page/pair.html")]
struct Pair {
    heads: Vec<Cell>,
    rows: Vec<Compared>,
}

struct Compared {
    name: &'static str,
    values: Vec<Cell>,
    differs: bool,
}

pub(super) async fn show(
    reader: Reader,
    Path((_, id)): Path<(String, String)>,
) -> Result<Page, Refused> {
    let conflict = reader.api().get("ProvisioningConflicts", &id).await?;
    let mut page = page(&reader, &conflict);
    if ["open", "rejected"].contains(&conflict.text("status")) {
        let verbs = VERBS
            .into_iter()
            .filter(|(_, from)| from.contains(&conflict.text("status")));
        for (verb, _) in verbs {
            if reader.may("provisioningConflicts", verb) {
                let href = reader.path(&["conflicts", &id, verb]);
                page = page.tool(href, t::conflicts::verb(verb));
            }
        }
    }
    let page =
        page.part(Block::new("conflict", t::conflicts::CONFLICT).part(facts(&reader, &conflict)));
    Ok(page.part(side_by_side(&reader, &conflict).await?))
}

/// The beginning of every page about a conflict.
pub(super) fn page(reader: &Reader, conflict: &Value) -> Page {
    Page::new(reader, Place::Conflicts, incoming(conflict))
        .crumb(reader.place(Place::Conflicts), t::conflicts::TITLE)
        .badge(state::conflict(conflict.text("status")))
        .lead(t::conflicts::kind(conflict.text("kind")))
}

fn facts(reader: &Reader, conflict: &Value) -> Facts {
    let resolution = match conflict.text("resolution.action") {
        "" => Cell::Nothing,
        action => Cell::several(vec![
            Cell::text(t::conflicts::verb(action)),
            reader.time(conflict.text("resolution.at")),
        ]),
    };
    let evidence = conflict.texts("evidence");
    let evidence = evidence.into_iter().map(t::conflicts::evidence);
    Facts::new()
        .fact(t::conflicts::EVIDENCE, Cell::texts(evidence))
        .fact(
            t::conflicts::CONNECTION,
            Cell::text(conflict.text("connection.display")),
        )
        .fact(
            t::conflicts::POLICY,
            Cell::text(t::conflicts::policy(conflict.text("policy"))),
        )
        .fact(
            t::conflicts::OPENED,
            reader.time(conflict.text("meta.created")),
        )
        .if_any(t::conflicts::RESOLUTION, resolution)
        .if_any(
            t::conflicts::REASON,
            Cell::text(conflict.text("resolution.reason")),
        )
}

async fn side_by_side(reader: &Reader, conflict: &Value) -> Result<Block, Refused> {
    let block = Block::new("beside", t::conflicts::SIDE_BY_SIDE).intro(t::conflicts::SIDE_INTRO);
    let user = match (
        conflict.maybe("incoming.value"),
        reader.may("users", "read"),
    ) {
        (Some(id), true) => reader.api().get("Users", id).await.ok(),
        _ => None,
    };
    let block = match (&user, reader.may("users", "read")) {
        (None, true) => block.part(Notice::done(t::conflicts::INCOMING_GONE)),
        (None, false) => block.part(Notice::done(t::conflicts::INCOMING_CLOSED)),
        (Some(_), _) => block,
    };
    let mut hosts = Vec::new();
    if reader.may("hosts", "read") {
        for existing in conflict.items("existing").iter().take(HOSTS_MAX) {
            hosts.extend(reader.api().get("Hosts", existing.text("value")).await.ok());
        }
    }
    let mut heads = vec![Cell::text(t::conflicts::INCOMING)];
    heads.extend(hosts.iter().map(|host| {
        let href = reader.path(&["hosts", host.text("id")]);
        Cell::link(href, &t::conflicts::existing(host.text("displayName")), "")
    }));
    let rows = COMPARED.into_iter().map(|(path, name)| {
        let incoming = user
            .as_ref()
            .map(|user| of_user(user, path))
            .unwrap_or_default();
        let here = hosts.iter().map(|host| host.text(path).to_owned());
        let values: Vec<String> = std::iter::once(incoming).chain(here).collect();
        let first = values.first().map(|value| value.to_lowercase());
        let differs = user.is_some()
            && values
                .iter()
                .any(|value| Some(value.to_lowercase()) != first);
        Compared {
            name,
            values: values.into_iter().map(Cell::text).collect(),
            differs,
        }
    });
    Ok(block.part(Pair {
        heads,
        rows: rows.collect(),
    }))
}

/// An attribute of a host as the record of a directory has it.
fn of_user(user: &Value, path: &str) -> String {
    match path {
        "email" => {
            let mails = user.items("emails");
            let work = mails.iter().find(|mail| mail.text("type") == "work");
            work.or(mails.first())
                .map(|mail| mail.text("value").to_owned())
                .unwrap_or_default()
        }
        "employeeNumber" | "department" => {
            let extension = user.get(ENTERPRISE);
            extension
                .map(|it| it.text(path).to_owned())
                .unwrap_or_default()
        }
        path => user.text(path).to_owned(),
    }
}
