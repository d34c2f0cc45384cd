//! Which roles a person has now. A person whom the directory lets go has none at once, also while a guard or an
//! undo keeps their Host in effect.

use jiff::Timestamp;
use scim_core::ResourceId;
use scim_server::Error;
use scim_server::service::{Places, Rights, Scopes};
use scim_server::store::{Lock, Stored, Transaction};
use serde_json::{Map, Value};
use visitor_console::account;

use super::table::ROLES;
use crate::ownership::users_of;
use crate::{host_group, mirror, reference};

/// The role whose places count.
const OF_PLACES: &str = "locationAdmin";
/// What whoever has it for some places may do there besides: the log holds what is no place's too.
const OF_OWN_PLACES: &str = "auditEvents.read";

const GONE: Error = Error::Forbidden("the directory says that this person is not active any more");
const OFF: Error = Error::Forbidden("this account of the console is switched off or gone");

/// What a person may do: the one behind a User, or behind an account of the console without one.
pub(super) async fn rights(tx: &mut Transaction<'_>, person: ResourceId) -> Result<Rights, Error> {
    let Some(found) = tx.get_many(&[person], Lock::None).await?.pop() else {
        return Err(GONE);
    };
    let document = found.parse()?;
    let principals = match found.kind.as_str() {
        "User" if document.get("active") != Some(&Value::Bool(false)) => {
            of_user(tx, person).await?
        }
        account::KIND if account::is_active(&document) && account::user_of(&document).is_none() => {
            vec![person]
        }
        account::KIND => return Err(OFF),
        _ => return Err(GONE),
    };
    if principals.is_empty() {
        return Ok(Rights::default());
    }
    let keys: Vec<(String, String)> = principals
        .iter()
        .map(|id| ("principal.value".to_owned(), id.to_string()))
        .collect();
    let now = tx.now();
    let assignments = tx.find("RoleAssignment", &keys, Lock::None).await?;
    of_assignments(&assignments, now)
}

/// To whom roles may be given that the person behind a User has: their Host, its groups, and the accounts that
/// stand for the User.
async fn of_user(tx: &mut Transaction<'_>, person: ResourceId) -> Result<Vec<ResourceId>, Error> {
    let hosts = mirror::keys_of_user(person);
    let accounts = [("user.value".to_owned(), person.to_string())];
    let asked = [("Host", &hosts[..]), (account::KIND, &accounts[..])];
    let mut principals = Vec::new();
    for found in tx.find_any(&asked, Lock::None).await? {
        let document = found.parse()?;
        if found.kind == account::KIND {
            principals.extend(account::is_active(&document).then_some(found.id));
            continue;
        }
        // The members of a HostGroup may be kept by a guard or an undo; those of the Group are what the
        // directory says.
        let users = users_of(document.as_map());
        let users: Vec<ResourceId> = users.iter().map(|user| user.id).collect();
        let groups = host_group::of_users(tx, &users, Lock::None).await?;
        principals.extend(groups.iter().map(|group| group.id));
        principals.push(found.id);
    }
    Ok(principals)
}

/// All that these assignments give together. Places bind what no other role gives for all of them.
fn of_assignments(assignments: &[Stored], now: Timestamp) -> Result<Rights, Error> {
    let (mut local, mut everywhere): (Vec<&str>, Vec<&str>) = (Vec::new(), Vec::new());
    let mut locations = Vec::new();
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
        let places = assignment.get("locations").and_then(Value::as_array);
        match places.filter(|places| !places.is_empty() && role.name == OF_PLACES) {
            Some(places) => {
                let places = places
                    .iter()
                    .filter_map(|place| reference::target(Some(place)));
                locations.extend(places);
                local.extend([role.scopes, OF_OWN_PLACES]);
            }
            None => everywhere.push(role.scopes),
        }
    }
    let elsewhere = everywhere.join(" ");
    let is_bound = !local.is_empty();
    local.extend(everywhere);
    Ok(Rights {
        scopes: scopes_of(&local.join(" ")),
        locations: is_bound.then(|| Places {
            locations,
            elsewhere: scopes_of(&elsewhere),
        }),
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
