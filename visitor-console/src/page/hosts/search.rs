//! Looking for a person by the beginning of what they are known by. Beginnings are what an index answers, so a
//! search costs the same however many hosts there are.

use std::collections::BTreeSet;

use askama::Template;

use super::list::HOSTS;
use crate::api::{Listed, Query, Refused, quoted};
use crate::frame::Place;
use crate::part::rows::COUNT;
use crate::part::{Empty, Link, Table};
use crate::read::Read;
use crate::reader::Reader;
use crate::text as t;

const SOUGHT: [&str; 3] = ["displayName", "userName", "email"];

/// A box for what is looked for; the list follows while somebody types.
#[derive(Template)]
#[template(path = "page/search.html")]
pub(super) struct Search {
    action: String,
    sought: String,
}

pub(super) fn form(reader: &Reader) -> Search {
    Search {
        action: reader.place(Place::Hosts),
        sought: reader.param("q").unwrap_or_default().to_owned(),
    }
}

/// Those whose name, user name or address begins with it; each once. Of each of the three, the first page is looked
/// at: whoever wants more types more.
pub(super) async fn found(reader: &Reader, sought: &str, shown: &str) -> Result<Table, Refused> {
    let mut all = Listed::default();
    let mut seen = BTreeSet::new();
    let mut is_cut = false;
    for attribute in SOUGHT {
        let query = Query::new()
            .with("attributes", shown)
            .filter(format!("{attribute} sw {}", quoted(sought)))
            .sorted(attribute)
            .count(COUNT)
            .cursor(None);
        let listed = reader.api().list("Hosts", &query).await?;
        is_cut |= listed.next.is_some();
        for host in listed.resources {
            if seen.insert(host.text("id").to_owned()) {
                all.resources.push(host);
            }
        }
    }
    all.resources
        .sort_by_cached_key(|host| host.text("displayName").to_lowercase());
    let said = match is_cut {
        true => t::hosts::found_first(all.resources.len()),
        false => t::counted(all.resources.len() as u64),
    };
    let empty = Empty::new(t::hosts::NOBODY, &t::hosts::nobody(sought))
        .link(Link::new(reader.place(Place::Hosts), t::hosts::SHOW_ALL));
    Ok(HOSTS.table(reader, "hosts", &all).said(said).or_else(empty))
}
