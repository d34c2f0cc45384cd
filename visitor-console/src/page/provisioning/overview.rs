//! Where a directory sends, and who is connected.

use axum::response::Response;
use serde_json::Value;

use super::condition;
use crate::api::{Query, Refused};
use crate::frame::Place;
use crate::page::Page;
use crate::part::rows::List;
use crate::part::{Block, Cell, Copyable, Empty, Link, Links, csv};
use crate::read::Read;
use crate::reader::Reader;
use crate::text as t;

/// The connections, as table and as file.
static CONNECTIONS: List = List {
    endpoint: "ApiTokens",
    file: "connections.csv",
    caption: t::provisioning::CONNECTIONS,
    heads: &t::provisioning::HEADS,
    row,
};

fn row(reader: &Reader, token: &Value) -> Vec<Cell> {
    let now = reader.site.server.clock().now();
    let test = match t::provisioning::tested(token.text("lastTest.result")) {
        "" => Cell::Nothing,
        tested => Cell::several(vec![
            Cell::text(tested),
            reader.time(token.text("lastTest.at")),
        ]),
    };
    vec![
        Cell::link(path(reader, token), token.text("name"), token.text("id")),
        condition(token, None, now).chip().into(),
        Cell::text(t::provisioning::kind(token.text("kind"))),
        reader.time(token.text("lastUsedAt")),
        test,
        reader.time(token.text("expiresAt")),
    ]
}

fn path(reader: &Reader, token: &Value) -> String {
    reader.path(&["provisioning", "connections", token.text("id")])
}

/// A page of provisioning.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Tab {
    Connections,
    Policies,
    Mapping,
    Entra,
    Okta,
}

/// The page with what is the same on all of them.
pub(super) fn page(reader: &Reader, tab: Tab) -> Page {
    let mut tabs = Links::tabs(t::provisioning::TABS);
    for (it, segment, text) in [
        (Tab::Connections, "", t::provisioning::CONNECTIONS),
        (Tab::Policies, "settings", t::provisioning::POLICIES),
        (Tab::Mapping, "mapping", t::provisioning::MAPPING),
        (Tab::Entra, "entra", t::provisioning::ENTRA),
        (Tab::Okta, "okta", t::provisioning::OKTA),
    ] {
        if it == Tab::Policies && !reader.may("tenantSettings", "read") {
            continue;
        }
        let href = match segment {
            "" => reader.place(Place::Provisioning),
            segment => reader.path(&["provisioning", segment]),
        };
        tabs = tabs.link(Link::new(href, text), it == tab);
    }
    let page =
        Page::new(reader, Place::Provisioning, t::provisioning::TITLE).lead(t::provisioning::LEAD);
    let page = match reader.may("apiTokens", "write") {
        true => page.tool(reader.path(&["provisioning", "new"]), t::provisioning::NEW),
        false => page,
    };
    page.part(tabs)
}

/// The address that an identity provider is given.
pub(super) fn tenant_url(reader: &Reader) -> Copyable {
    Copyable {
        id: "tenant-url",
        label: t::provisioning::TENANT_URL.to_owned(),
        text: reader.site.tenant_url(&reader.caller.tenant),
        hint: t::provisioning::TENANT_URL_HINT.to_owned(),
    }
}

pub(super) async fn show(reader: Reader) -> Result<Page, Refused> {
    let listed = CONNECTIONS.page(&reader, query()).await?;
    let empty = Empty::new(t::provisioning::NONE, t::provisioning::NONE_TEXT);
    let empty = match reader.may("apiTokens", "write") {
        true => empty.link(Link::new(
            reader.path(&["provisioning", "new"]),
            t::provisioning::NEW,
        )),
        false => empty,
    };
    let table = CONNECTIONS
        .table(&reader, "connections-rows", &listed)
        .csv(List::file_address(&reader, &["provisioning.csv"]))
        .or_else(empty);
    let tenant_url = tenant_url(&reader);
    let token_url = tenant_url.text.replace("/scim/v2", "/oauth/token");
    let address = Block::new("address", t::provisioning::ADDRESS)
        .part(tenant_url)
        .part(Copyable {
            id: "token-url",
            label: t::provisioning::TOKEN_URL.to_owned(),
            text: token_url,
            hint: t::provisioning::TOKEN_URL_HINT.to_owned(),
        });
    Ok(page(&reader, Tab::Connections).part(address).part(
        Block::new("connections", t::provisioning::CONNECTIONS)
            .intro(t::provisioning::CONNECTIONS_INTRO)
            .part(table),
    ))
}

pub(super) async fn file(reader: Reader) -> Result<Response, Refused> {
    csv::file(reader, &CONNECTIONS, query()).await
}

fn query() -> Query {
    Query::new().sorted("name")
}
