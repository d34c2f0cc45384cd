//! Which roles a person has now. A person whom the directory lets go has none at once, also while a guard or an
//! undo keeps their Host in effect.

use jiff::Timestamp;
use scim_core::ResourceId;
use scim_server::Error;
use scim_server::service::{Rights, Scopes};
use scim_server::store::{Lock, Stored, Transaction};
use serde_json::{Map, Value};

use super::table::ROLES;
use crate::{mirror, reference};

/// Roles whose places count.
const OF_PLACES: [&str; 2] = ["locationAdmin", "frontDesk"];

/// What the person behind a User may do.
pub(super) async fn rights(tx: &mut Transaction<'_>, person: ResourceId) -> Result<Rights, Error> {
    const GONE: Error =
        Error::Forbidden("the directory says that this person is not active any more");
    let Some(user) = tx.get("User", person).await? else {
        return Err(GONE);
    };
    if user.parse()?.get("active") == Some(&Value::Bool(false)) {
        return Err(GONE);
    }
    let Some(host) = mirror::of(tx, "Host", "user", person).await? else {
        return Ok(Rights::default());
    };
    let groups = tx.owners("members", &[host.id]).await?;
    let groups = groups.iter().filter(|(_, group)| group.kind == "HostGroup");
    let principals = groups.map(|(_, group)| group.id).chain([host.id]);
    let keys: Vec<(String, String)> = principals
        .map(|id| ("principal.value".to_owned(), id.to_string()))
        .collect();
    let now = tx.now();
    let assignments = tx.find("RoleAssignment", &keys, Lock::None).await?;
    of_assignments(&assignments, now)
}

/// All that these assignments give together. Places count as long as no role reaches further.
fn of_assignments(assignments: &[Stored], now: Timestamp) -> Result<Rights, Error> {
    let mut scopes: Vec<&str> = Vec::new();
    let mut locations = Vec::new();
    let mut is_bound = true;
    for stored in assignments {
        let document = stored.parse()?;
        let assignment = document.as_map();
        if is_over(assignment, now) {
            continue;
        }
        let name = assignment.get("role").and_then(Value::as_str);
        let Some(role) = ROLES.iter().find(|role| Some(role.name) == name) else {
            continue;
        };
        scopes.push(role.scopes);
        let places = assignment.get("locations").and_then(Value::as_array);
        match places.filter(|places| !places.is_empty() && OF_PLACES.contains(&role.name)) {
            Some(places) => {
                let places = places.iter();
                locations.extend(places.filter_map(|place| reference::target(Some(place))));
            }
            // A role without places that writes locations reaches all of them.
            None if scopes_of(role.scopes).allow("locations", "write") => is_bound = false,
            None => {}
        }
    }
    let scopes = scopes.join(" ");
    Ok(Rights {
        scopes: scopes_of(&scopes),
        locations: (is_bound && !locations.is_empty()).then_some(locations),
    })
}

fn scopes_of(text: &str) -> Scopes {
    text.parse().unwrap_or_else(|_| Scopes::none())
}

fn is_over(assignment: &Map<String, Value>, now: Timestamp) -> bool {
    let end = assignment.get("expiresAt").and_then(Value::as_str);
    let end: Option<Timestamp> = end.and_then(|end| end.parse().ok());
    end.is_some_and(|end| end <= now)
}
