//! What holds for all connections: the settings of the tenant.

use axum::response::{IntoResponse, Response};
use serde_json::Value;

use super::overview::{self, Tab};
use crate::api::{Query, Refused};
use crate::page::{Done, Page};
use crate::part::form::Submitted;
use crate::part::{Block, Cell, Choice, Facts, Field, Form};
use crate::read::Read;
use crate::reader::Reader;
use crate::text as t;

async fn settings(reader: &Reader) -> Result<Value, Refused> {
    let listed = reader.api().list("TenantSettings", &Query::new()).await?;
    Ok(listed.resources.into_iter().next().unwrap_or_default())
}

fn form(reader: &Reader) -> Form {
    Form::new(reader.path(&["provisioning", "settings"]), t::SAVE)
        .field(Field::text("name", t::provisioning::TENANT_NAME).required())
        .field(Field::text("locale", t::provisioning::LOCALE).hint(t::provisioning::LOCALE_HINT))
        .field(Field::one(
            "policy",
            t::provisioning::NEW_POLICY,
            with_none(&t::provisioning::POLICIES_OF_READING),
        ))
        .field(
            Field::lines("hostMatchOrder", t::provisioning::MATCH_ORDER)
                .hint(t::provisioning::MATCH_ORDER_HINT),
        )
        .field(
            Field::number("silentAfterHours", t::provisioning::SILENT)
                .hint(t::provisioning::SILENT_HINT),
        )
        .group(t::provisioning::GUARD)
        .field(
            Field::number("guardDefaults.maxDeactivations", t::provisioning::GUARD_MAX)
                .hint(t::provisioning::GUARD_HINT),
        )
        .field(Field::number(
            "guardDefaults.maxDeactivationPercent",
            t::provisioning::GUARD_PERCENT,
        ))
        .field(Field::number(
            "guardDefaults.holdHours",
            t::provisioning::GUARD_HOURS,
        ))
}

fn with_none(choices: &[(&str, &str)]) -> Vec<Choice> {
    let mut all = vec![Choice::new("", t::NOT_SAID)];
    all.extend(Choice::all(choices));
    all
}

fn page(reader: &Reader, form: Form) -> Page {
    let block = Block::new("settings", t::provisioning::POLICIES)
        .intro(t::provisioning::SETTINGS_LEAD)
        .part(form);
    overview::page(reader, Tab::Policies).part(block)
}

pub(super) async fn show(reader: Reader) -> Result<Page, Refused> {
    let settings = settings(&reader).await?;
    if reader.may("tenantSettings", "write") {
        return Ok(page(&reader, form(&reader).from(&settings)));
    }
    let shown = |path: &str| Cell::text(settings.shown(path));
    let facts = Facts::new()
        .fact(t::provisioning::TENANT_NAME, shown("name"))
        .fact(t::provisioning::LOCALE, shown("locale"))
        .fact(t::provisioning::NEW_POLICY, shown("policy"))
        .fact(
            t::provisioning::MATCH_ORDER,
            Cell::texts(settings.texts("hostMatchOrder")),
        )
        .fact(t::provisioning::SILENT, shown("silentAfterHours"))
        .fact(
            t::provisioning::GUARD_MAX,
            shown("guardDefaults.maxDeactivations"),
        )
        .fact(
            t::provisioning::GUARD_PERCENT,
            shown("guardDefaults.maxDeactivationPercent"),
        )
        .fact(
            t::provisioning::GUARD_HOURS,
            shown("guardDefaults.holdHours"),
        );
    let block = Block::new("settings", t::provisioning::POLICIES)
        .intro(t::provisioning::SETTINGS_CLOSED)
        .part(facts);
    Ok(overview::page(&reader, Tab::Policies).part(block))
}

pub(super) async fn save(reader: Reader, sent: Submitted) -> Result<Response, Refused> {
    let was = settings(&reader).await?;
    let form = form(&reader);
    let differing = form.differing(&was, &sent);
    if !differing.is_empty()
        && let Err(refused) = reader
            .api()
            .set("TenantSettings", was.text("id"), differing)
            .await
    {
        let page = page(&reader, form.typed(&sent).refused(&refused)).status(refused.status);
        return Ok(page.into_response());
    }
    let address = reader.path(&["provisioning", "settings"]);
    Ok(Done::at(address, "saved").into_response())
}
