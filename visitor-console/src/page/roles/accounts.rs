//! The accounts that sign in here with a password.

use axum::response::Response;
use jiff::Timestamp;
use serde_json::Value;

use super::tabs::{self, Tab};
use crate::api::{Query, Refused};
use crate::frame::Place;
use crate::page::Page;
use crate::part::rows::List;
use crate::part::{Cell, Chip, Empty, Link, Tone, csv};
use crate::read::Read;
use crate::reader::Reader;
use crate::text as t;

/// The list, as table and as file.
static ACCOUNTS: List = List {
    endpoint: "ConsoleAccounts",
    file: "accounts.csv",
    caption: t::roles::ACCOUNTS,
    heads: &t::roles::ACCOUNT_HEADS,
    row,
};

fn row(reader: &Reader, account: &Value) -> Vec<Cell> {
    let href = reader.path(&["accounts", account.text("id")]);
    vec![
        Cell::link(href, account.text("userName"), t::hosts::NO_NAME),
        Cell::text(account.text("displayName")),
        state(reader, account).into(),
        reader.time(account.text("lastSignIn")),
        reader.time(account.text("passwordChangedAt")),
    ]
}

/// May the account sign in now?
pub(super) fn state(reader: &Reader, account: &Value) -> Chip {
    let now = reader.site.server.clock().now();
    let locked = account.text("lockedUntil").parse::<Timestamp>();
    if account.at("active") == Some(&Value::Bool(false)) {
        Chip::new(Tone::Quiet, t::roles::OFF)
    } else if locked.is_ok_and(|until| until > now) {
        Chip::new(Tone::Waiting, t::roles::LOCKED)
    } else {
        Chip::new(Tone::Good, t::roles::IN_USE)
    }
}

pub(super) async fn show(reader: Reader) -> Result<Page, Refused> {
    let listed = ACCOUNTS.page(&reader, Query::new()).await?;
    let mut page = Page::new(&reader, Place::Roles, t::roles::ACCOUNTS)
        .lead(t::roles::ACCOUNTS_LEAD)
        .part_if(tabs::of(&reader, Tab::Accounts));
    let mut empty = Empty::new(t::roles::NO_ACCOUNTS, t::roles::NO_ACCOUNTS_TEXT);
    if reader.may("consoleAccounts", "write") {
        let new = reader.path(&["accounts", "new"]);
        page = page.tool(new.clone(), t::roles::NEW_ACCOUNT);
        empty = empty.link(Link::new(new, t::roles::NEW_ACCOUNT));
    }
    let table = ACCOUNTS
        .table(&reader, "accounts", &listed)
        .csv(List::file_address(&reader, &["accounts.csv"]))
        .or_else(empty);
    Ok(page.part(table))
}

pub(super) async fn file(reader: Reader) -> Result<Response, Refused> {
    csv::file(reader, &ACCOUNTS, Query::new()).await
}
