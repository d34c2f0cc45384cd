//! One host group: what it is for, who uses it, and who is in it.

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use crate::api::{Query, Refused, quoted};
use crate::frame::Place;
use crate::page::{Done, Page, hosts, locations};
use crate::part::form::Submitted;
use crate::part::{Block, Cell, Choice, Empty, Facts, Field, Form, Notice};
use crate::read::Read;
use crate::reader::Reader;
use crate::text as t;

const SHOWN: &str = "displayName,group,source,purpose,location,usedBy,membersDiffer,meta";

async fn group(reader: &Reader, id: &str) -> Result<Value, Refused> {
    let query = Query::new().with("attributes", SHOWN);
    reader.api().get_with("HostGroups", id, &query).await
}

async fn form(reader: &Reader, id: &str) -> Result<Form, Refused> {
    let form = Form::new(reader.path(&["host-groups", id]), t::SAVE).field(Field::several(
        "purpose",
        t::host_groups::PURPOSE,
        Choice::all(&t::host_groups::PURPOSES),
    ));
    match reader.may("locations", "read") {
        true => {
            let choices = locations::choices(reader, t::NOT_SAID).await?;
            Ok(form.field(Field::one("location.value", t::hosts::LOCATION, choices)))
        }
        false => Ok(form),
    }
}

pub(super) async fn show(
    reader: Reader,
    Path((_, id)): Path<(String, String)>,
) -> Result<Page, Refused> {
    let group = group(&reader, &id).await?;
    let form = match reader.may("hostGroups", "write") {
        true => Some(form(&reader, &id).await?.from(&group)),
        false => None,
    };
    page(&reader, &group, form).await
}

pub(super) async fn save(
    reader: Reader,
    Path((_, id)): Path<(String, String)>,
    sent: Submitted,
) -> Result<Response, Refused> {
    let was = group(&reader, &id).await?;
    let form = form(&reader, &id).await?;
    let differing = form.differing(&was, &sent).into_iter();
    // A place is one value; nothing of it is left when it goes.
    let differing = differing.map(|(path, value)| match (path.as_str(), value) {
        ("location.value", Value::Null) => ("location".to_owned(), Value::Null),
        (_, value) => (path, value),
    });
    let differing: Vec<(String, Value)> = differing.collect();
    if !differing.is_empty()
        && let Err(refused) = reader.api().set("HostGroups", &id, differing).await
    {
        let form = form.typed(&sent).refused(&refused);
        let page = page(&reader, &was, Some(form))
            .await?
            .status(refused.status);
        return Ok(page.into_response());
    }
    Ok(Done::at(reader.path(&["host-groups", &id]), "saved").into_response())
}

async fn page(reader: &Reader, group: &Value, form: Option<Form>) -> Result<Page, Refused> {
    let name = match group.text("displayName") {
        "" => t::hosts::NO_NAME,
        name => name,
    };
    let page = Page::new(reader, Place::HostGroups, name)
        .crumb(reader.place(Place::HostGroups), t::host_groups::TITLE);
    let page = match group.flag("membersDiffer") {
        true => page.notice(Notice::done(t::host_groups::DIFFER)),
        false => page,
    };
    let page = page.part(Block::new("group", t::host_groups::GROUP).part(facts(reader, group)));
    let page = page.part_if(form.map(|form| {
        Block::new("product", t::host_groups::PURPOSE_TITLE)
            .intro(t::host_groups::PURPOSE_INTRO)
            .part(form)
    }));
    Ok(page.part(members(reader, group.text("id")).await?))
}

fn facts(reader: &Reader, group: &Value) -> Facts {
    let used = group
        .items("usedBy")
        .iter()
        .map(|use_| match use_.text("display") {
            "" => use_.text("type"),
            name => name,
        });
    let used: Vec<&str> = used.collect();
    let purposes = group.texts("purpose").into_iter();
    Facts::new()
        .fact(
            t::hosts::SOURCE,
            Cell::text(t::hosts::source(group.text("source"))),
        )
        .fact(
            t::host_groups::MIRRORS,
            match group.text("group.display") {
                "" => Cell::text(t::host_groups::GONE),
                name => Cell::text(name),
            },
        )
        .fact(
            t::host_groups::PURPOSE,
            Cell::texts(purposes.map(t::host_groups::purpose)),
        )
        .fact(
            t::host_groups::USED_BY,
            match used.is_empty() {
                true => Cell::text(t::host_groups::UNUSED),
                false => Cell::texts(used),
            },
        )
        .fact(
            t::host_groups::CHANGED,
            reader.time(group.text("meta.lastModified")),
        )
}

/// The hosts of the group, page by page: there may be many.
async fn members(reader: &Reader, id: &str) -> Result<Block, Refused> {
    let block = Block::new("members", t::host_groups::MEMBERS);
    let query = Query::new()
        .filter(format!("groups.value eq {}", quoted(id)))
        .with("attributes", hosts::SHOWN);
    let listed = hosts::HOSTS.page(reader, query).await?;
    let empty = Empty::new(t::host_groups::NOBODY, t::host_groups::NOBODY_TEXT);
    Ok(block.part(hosts::HOSTS.table(reader, "hosts", &listed).or_else(empty)))
}
