//! What the directory says of a person. It is locked here, and who keeps it is told.

use axum::extract::Path;
use serde_json::Value;

use super::person::{self, Tab};
use crate::api::{Query, Refused, quoted};
use crate::page::Page;
use crate::part::{Block, Cell, Facts};
use crate::read::Read;
use crate::reader::Reader;
use crate::text as t;

/// What directories send, by attribute.
const SENT: [(&str, &str); 10] = [
    ("userName", t::hosts::USER_NAME),
    ("displayName", t::hosts::NAME),
    ("name.givenName", t::hosts::GIVEN_NAME),
    ("name.familyName", t::hosts::FAMILY_NAME),
    ("email", t::hosts::EMAIL),
    ("title", t::hosts::JOB),
    ("department", t::hosts::DEPARTMENT),
    ("employeeNumber", t::hosts::EMPLOYEE_NUMBER),
    ("preferredLanguage", t::hosts::LANGUAGE),
    ("officeLocation", t::hosts::OFFICE),
];

pub(super) async fn show(
    reader: Reader,
    Path((_, id)): Path<(String, String)>,
) -> Result<Page, Refused> {
    let host = reader.api().get("Hosts", &id).await?;
    let owner = owner(&reader, &host).await?;
    let sent = sent(&reader, &host).await?;
    Ok(person::page(&reader, &host, Tab::Directory)
        .part(owner)
        .part(sent))
}

/// Who keeps the record, and when they last wrote it.
async fn owner(reader: &Reader, host: &Value) -> Result<Block, Refused> {
    let manager = host.text("managedBy.display");
    let manager = match reader.may("apiTokens", "read") && host.maybe("managedBy.value").is_some() {
        true => {
            let connection = host.text("managedBy.value");
            let href = reader.path(&["provisioning", "connections", connection]);
            Cell::link(href, manager, t::hosts::CONNECTION)
        }
        false => Cell::text(manager),
    };
    let mut facts = Facts::new().fact(t::hosts::OWNER, manager).fact(
        t::hosts::SOURCE,
        Cell::text(t::hosts::source(host.text("source"))),
    );
    if let Some(last) = last_sent(reader, host).await? {
        let said = vec![
            reader.time(last.text("at")),
            Cell::link(
                reader.path(&["log", last.text("id")]),
                &format!(
                    "{} {}",
                    last.text("method"),
                    t::log::result(last.text("result"))
                ),
                "",
            ),
        ];
        facts = facts.fact(t::hosts::LAST_SENT, Cell::several(said));
    }
    let further = host.items("furtherSources").iter().map(|source| {
        let name = source.text("managedByName");
        t::hosts::further(source.text("display"), name)
    });
    facts = facts.if_any(t::hosts::FURTHER, Cell::texts(further));
    let intro = match host.maybe("user.value") {
        Some(_) => t::hosts::LOCKED,
        None => t::hosts::LEFT,
    };
    Ok(Block::new("owner", t::hosts::OWNER_TITLE)
        .intro(intro)
        .part(facts))
}

/// The last request about the person that the reader may see.
async fn last_sent(reader: &Reader, host: &Value) -> Result<Option<Value>, Refused> {
    let (Some(user), true) = (
        host.maybe("user.value"),
        reader.may("provisioningEvents", "read"),
    ) else {
        return Ok(None);
    };
    let query = Query::new()
        .filter(format!("resource.value eq {}", quoted(user)))
        .newest_first()
        .count(1)
        .cursor(None);
    let listed = reader.api().list("ProvisioningEvents", &query).await?;
    Ok(listed.resources.into_iter().next())
}

async fn sent(reader: &Reader, host: &Value) -> Result<Block, Refused> {
    let mut facts = Facts::new();
    for (path, name) in SENT {
        facts = facts.fact(name, Cell::text(host.text(path)));
    }
    let phones = host.items("phoneNumbers").iter();
    let phones = phones.map(|phone| t::hosts::phone(phone.text("value"), phone.text("type")));
    facts = facts.fact(t::hosts::PHONES, Cell::texts(phones));
    if let Some(manager) = host.maybe("manager.value") {
        let href = reader.path(&["hosts", manager]);
        let manager = Cell::link(href, host.text("manager.display"), t::hosts::NO_NAME);
        facts = facts.fact(t::hosts::MANAGER, manager);
    }
    if let Some(location) = host.maybe("location.value") {
        let name = match reader.may("locations", "read") {
            true => reader.api().get("Locations", location).await.ok(),
            false => None,
        };
        let name = name.as_ref().map_or("", |location| location.text("name"));
        let href = reader.path(&["locations", location]);
        facts = facts.fact(
            t::hosts::LOCATION,
            Cell::link(href, name, t::hosts::LOCATION),
        );
    }
    let may = reader.may("hostGroups", "read");
    let groups = host.items("groups").iter().map(|group| match may {
        true => {
            let href = reader.path(&["host-groups", group.text("value")]);
            Cell::link(href, group.text("display"), t::hosts::NO_NAME)
        }
        false => Cell::text(group.text("display")),
    });
    facts = facts.fact(t::hosts::GROUPS, Cell::several(groups.collect()));
    Ok(Block::new("sent", t::hosts::SENT).part(facts))
}
