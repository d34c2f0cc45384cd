//! What surrounds the pages of one person: name, state, tabs, and what can be done.

use serde_json::Value;

use crate::frame::Place;
use crate::page::Page;
use crate::part::{Link, Links};
use crate::read::Read;
use crate::reader::Reader;
use crate::state;
use crate::text as t;

/// A page of one person.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Tab {
    Directory,
    Product,
    Explain,
    History,
}

const TABS: [(Tab, &str, &str); 4] = [
    (Tab::Directory, "", t::hosts::DIRECTORY),
    (Tab::Product, "product", t::hosts::PRODUCT),
    (Tab::Explain, "explain", t::hosts::EXPLAIN),
    (Tab::History, "history", t::hosts::HISTORY),
];

pub(super) fn name(host: &Value) -> &str {
    match host.text("displayName") {
        "" => t::hosts::NO_NAME,
        name => name,
    }
}

/// The page with what is the same on all of them.
pub(super) fn page(reader: &Reader, host: &Value, tab: Tab) -> Page {
    let id = host.text("id");
    let status = host.text("effectiveStatus");
    let mut page = Page::new(reader, Place::Hosts, name(host))
        .crumb(reader.place(Place::Hosts), t::hosts::TITLE);
    page = match status {
        "suspended" if reader.may("hosts", "resume") => {
            page.tool(reader.path(&["hosts", id, "resume"]), t::hosts::RESUME)
        }
        "suspended" => page,
        _ if reader.may("hosts", "suspend") => {
            page.tool(reader.path(&["hosts", id, "suspend"]), t::hosts::SUSPEND)
        }
        _ => page,
    };
    let mut tabs = Links::tabs(t::hosts::TABS);
    for (it, segment, text) in TABS {
        let href = match segment {
            "" => reader.path(&["hosts", id]),
            segment => reader.path(&["hosts", id, segment]),
        };
        tabs = tabs.link(Link::new(href, text), it == tab);
    }
    page.badge(state::host(status)).part(tabs)
}
