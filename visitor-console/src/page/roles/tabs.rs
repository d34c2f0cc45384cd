//! The pages of access, as far as they are open.

use crate::frame::Place;
use crate::part::{Link, Links};
use crate::reader::Reader;
use crate::text as t;

/// A page of access.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Tab {
    Roles,
    Accounts,
    SignOn,
}

/// The ways to them, where there is more than one.
pub(super) fn of(reader: &Reader, tab: Tab) -> Option<Links> {
    let accounts = reader.may("consoleAccounts", "read");
    let sign_on = reader.may("singleSignOns", "read");
    if !accounts && !sign_on {
        return None;
    }
    let roles = Link::new(reader.place(Place::Roles), t::roles::ROLES_TAB);
    let mut links = Links::tabs(t::roles::TABS).link(roles, tab == Tab::Roles);
    if accounts {
        let link = Link::new(reader.path(&["accounts"]), t::roles::ACCOUNTS);
        links = links.link(link, tab == Tab::Accounts);
    }
    if sign_on {
        let link = Link::new(reader.path(&["sign-on"]), t::roles::SIGN_ON);
        links = links.link(link, tab == Tab::SignOn);
    }
    Some(links)
}
