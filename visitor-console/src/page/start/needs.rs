//! What waits for the reader: what they may read of it, the most urgent first.

use askama::Template;

use crate::api::{Query, Refused};
use crate::frame::Place;
use crate::page::provisioning::{Condition, condition};
use crate::part::{Chip, Empty, Html, Link};
use crate::read::Read;
use crate::reader::Reader;
use crate::state;
use crate::text as t;

/// Things of one kind that are told one by one.
const EACH_MAX: usize = 5;

/// Something that waits.
struct Need {
    chip: Chip,
    text: String,
    link: Link,
}

#[derive(Template)]
#[template(path = "page/needs.html")]
struct Needs {
    needs: Vec<Need>,
}

/// All that waits.
pub(super) async fn of(reader: &Reader) -> Result<Html, Refused> {
    let mut needs = held(reader).await?;
    needs.extend(conflicts(reader).await?);
    let connections = connections(reader).await?;
    let is_first = connections.is_none();
    needs.extend(connections.unwrap_or_default());
    needs.extend(offices(reader).await?);
    if !needs.is_empty() {
        return Ok(Needs { needs }.into());
    }
    let empty = match is_first && reader.may("apiTokens", "write") {
        true => Empty::new(t::start::FIRST, t::start::FIRST_TEXT).link(Link::new(
            reader.path(&["provisioning", "new"]),
            t::provisioning::NEW,
        )),
        false => Empty::new(t::start::NOTHING, t::start::NOTHING_TEXT),
    };
    Ok(empty.into())
}

async fn held(reader: &Reader) -> Result<Vec<Need>, Refused> {
    if !reader.may("changeSets", "read") {
        return Ok(Vec::new());
    }
    let query = Query::new().filter("status eq \"held\"").count(EACH_MAX);
    let sets = reader.api().list("ChangeSets", &query).await?;
    let needs = sets.resources.iter().map(|set| Need {
        chip: state::change_set("held"),
        text: t::start::held(
            set.text("token.display"),
            set.text("guard.actual"),
            &reader.time(set.text("expiresAt")).plain(),
        ),
        link: Link::new(reader.path(&["changes", set.text("id")]), t::start::DECIDE),
    });
    Ok(needs.collect())
}

async fn conflicts(reader: &Reader) -> Result<Option<Need>, Refused> {
    if !reader.may("provisioningConflicts", "read") {
        return Ok(None);
    }
    let open = reader
        .api()
        .count("ProvisioningConflicts", Some("status eq \"open\""))
        .await?;
    Ok((open > 0).then(|| Need {
        chip: state::conflict("open"),
        text: t::start::conflicts(open),
        link: Link::new(reader.place(Place::Conflicts), t::start::DECIDE),
    }))
}

/// The connections that are not well; nothing where there is no connection of a directory at all.
async fn connections(reader: &Reader) -> Result<Option<Vec<Need>>, Refused> {
    if !reader.may("apiTokens", "read") {
        return Ok(Some(Vec::new()));
    }
    let hours = match reader.may("tenantSettings", "read") {
        true => {
            let settings = reader.api().list("TenantSettings", &Query::new()).await?;
            let settings = settings.resources.first();
            settings.and_then(|it| it.at("silentAfterHours")?.as_f64())
        }
        false => None,
    };
    let now = reader.site.server.clock().now();
    let listed = reader
        .api()
        .list("ApiTokens", &Query::new().count(1_000))
        .await?;
    if !listed
        .resources
        .iter()
        .any(|token| token.text("kind") == "idp")
    {
        return Ok(None);
    }
    let mut needs = Vec::new();
    for token in &listed.resources {
        let condition = condition(token, hours, now);
        if !condition.needs_somebody() {
            continue;
        }
        let at = match condition {
            Condition::Silent => token.text("lastUsedAt"),
            Condition::BadTest => token.text("lastTest.at"),
            _ => match token.text("previousValidUntil") {
                "" => token.text("expiresAt"),
                former => former,
            },
        };
        needs.push(Need {
            chip: condition.chip(),
            text: t::start::connection(condition, token.text("name"), &reader.time(at).plain()),
            link: Link::new(
                reader.path(&["provisioning", "connections", token.text("id")]),
                t::start::LOOK,
            ),
        });
    }
    Ok(Some(needs))
}

async fn offices(reader: &Reader) -> Result<Option<Need>, Refused> {
    if !reader.may("unknownOffices", "read") {
        return Ok(None);
    }
    let unknown = reader.api().count("UnknownOffices", None).await?;
    Ok((unknown > 0).then(|| Need {
        chip: Chip::new(crate::part::Tone::Plain, t::start::OFFICES),
        text: t::start::offices(unknown),
        link: Link::new(reader.place(Place::Locations), t::start::LOOK),
    }))
}
