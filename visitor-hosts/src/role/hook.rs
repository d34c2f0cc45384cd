//! Roles are given to somebody who exists, and never by somebody who has less.

use async_trait::async_trait;
use scim_core::ResourceId;
use scim_server::Error;
use scim_server::service::{Caller, Changed, Hook, Place, Rights, Scopes};
use scim_server::store::{Lock, Transaction};
use serde_json::{Map, Value};
use visitor_console::account;

use super::rights;
use super::table::ROLES;
use crate::reference;

/// Where resources are, for those who administer some locations alone.
const PLACES: [(&str, Place); 5] = [
    ("Location", Place::Itself),
    ("Host", Place::At("location.value")),
    ("HostGroup", Place::AtOrEverywhere("location.value")),
    // An office is unknown as long as it has no location.
    ("UnknownOffice", Place::Nowhere),
    ("AuditEvent", Place::At("target.value")),
];

/// To what a role can be given.
const PRINCIPALS: [&str; 3] = ["Host", "HostGroup", account::KIND];

/// Gives people what their roles let them do.
pub struct RoleHook;

#[async_trait]
impl Hook for RoleHook {
    async fn after_change(
        &self,
        tx: &mut Transaction<'_>,
        change: &Changed<'_>,
    ) -> Result<(), Error> {
        match change.resource_type.name() {
            "RoleAssignment" => {
                for stored in change.before.into_iter().chain(change.after) {
                    covered(change.caller, stored.parse()?.as_map())?;
                }
                match change.after {
                    Some(after) => exist(tx, after.parse()?.as_map()).await,
                    None => Ok(()),
                }
            }
            "Location" => {
                let place = change.after.or(change.before).map(|stored| stored.id);
                own_place(change.caller, place)
            }
            _ => Ok(()),
        }
    }

    fn place(&self, kind: &str) -> Option<Place> {
        PLACES
            .iter()
            .find(|(name, _)| *name == kind)
            .map(|(_, place)| *place)
    }

    async fn rights(
        &self,
        tx: &mut Transaction<'_>,
        person: ResourceId,
    ) -> Result<Option<Rights>, Error> {
        rights::rights(tx, person).await.map(Some)
    }
}

/// Nobody gives, or takes, a role that may more than they may themselves.
fn covered(caller: &Caller, assignment: &Map<String, Value>) -> Result<(), Error> {
    let name = assignment.get("role").and_then(Value::as_str);
    let role = ROLES.iter().find(|role| Some(role.name) == name);
    let Some(role) = role else {
        return Ok(());
    };
    let scopes: Scopes = role.scopes.parse().unwrap_or_default();
    if caller.grants.scopes.cover(&scopes) {
        return Ok(());
    }
    Err(Error::Scope(format!(
        "{scopes} itself, to give the role {}",
        role.name
    )))
}

/// Whoever administers some places makes no other one.
fn own_place(caller: &Caller, place: Option<ResourceId>) -> Result<(), Error> {
    let Some(own) = caller.grants.places_for("locations", "write") else {
        return Ok(());
    };
    match place {
        Some(place) if !own.contains(&place) => Err(Error::Forbidden(
            "the role locationAdmin was given for other locations [scope.location]",
        )),
        _ => Ok(()),
    }
}

/// The principal and the places are there.
async fn exist(tx: &mut Transaction<'_>, assignment: &Map<String, Value>) -> Result<(), Error> {
    let principal = assignment.get("principal");
    let kind = principal.and_then(|it| it.get("type")?.as_str());
    check(tx, "principal", principal, |found| {
        PRINCIPALS.contains(&found) && kind.is_none_or(|kind| kind == found)
    })
    .await?;
    let places = assignment.get("locations").and_then(Value::as_array);
    for place in places.into_iter().flatten() {
        check(tx, "locations", Some(place), |found| found == "Location").await?;
    }
    Ok(())
}

async fn check(
    tx: &mut Transaction<'_>,
    attribute: &str,
    named: Option<&Value>,
    fits: impl Fn(&str) -> bool,
) -> Result<(), Error> {
    let id = reference::target(named);
    let found = match id {
        Some(id) => tx.get_many(&[id], Lock::None).await?,
        None => Vec::new(),
    };
    if found.iter().any(|stored| fits(&stored.kind)) {
        return Ok(());
    }
    let what = if attribute == "principal" {
        "Host, HostGroup or ConsoleAccount"
    } else {
        "Location"
    };
    let value = named.and_then(|named| named.get("value")?.as_str());
    let value = scim_core::error::echo(value.unwrap_or_default());
    let refusal = format!("no {what} has the id {value}");
    Err(scim_core::Error::invalid_value(attribute, refusal).into())
}
