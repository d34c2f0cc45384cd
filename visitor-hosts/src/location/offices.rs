//! Offices: which Location is meant by a name, and which names nobody knows yet.

use scim_core::sort::SortKey;
use scim_core::text::fold;
use scim_core::{Document, Filter, ResourceId, ResourceType};
use scim_server::Error;
use scim_server::store::{ListPart, ListQuery, Lock, Place, Seek, Start, Stored, Transaction, Way};
use serde_json::{Map, Value, json};

use super::names;
use crate::derived;
use crate::schemas::UNKNOWN_OFFICE_URN;

/// The Location that an office is.
pub(crate) async fn location(
    tx: &mut Transaction<'_>,
    office: &str,
) -> Result<Option<ResourceId>, Error> {
    let found = tx
        .find("Location", &names::keys(office), Lock::None)
        .await?;
    Ok(found.first().map(|location| location.id))
}

/// Puts an office among those that nobody knows.
pub(crate) async fn ask(
    tx: &mut Transaction<'_>,
    offices: &ResourceType,
    office: &str,
) -> Result<(), Error> {
    // Looked at without a lock: all who have the office would wait for each other.
    if unknown(tx, office, Lock::None).await?.is_some() {
        return Ok(());
    }
    let mut document = Map::new();
    document.insert("schemas".to_owned(), json!([UNKNOWN_OFFICE_URN]));
    document.insert("name".to_owned(), json!(office));
    let id = ResourceId::new(tx.new_id());
    tx.insert(offices, None, id, &Document::from_stored(document))?;
    derived::settle(tx, "UnknownOffice").await
}

/// Takes an office away from those that nobody knows.
pub(crate) async fn answered(
    tx: &mut Transaction<'_>,
    offices: &ResourceType,
    office: &str,
) -> Result<(), Error> {
    match unknown(tx, office, Lock::ForUpdate).await? {
        Some(unknown) => tx.delete(offices, &unknown),
        None => Ok(()),
    }
}

/// Takes an office away that nobody has any more but this Host, which leaves it.
pub(crate) async fn left(
    tx: &mut Transaction<'_>,
    offices: &ResourceType,
    hosts: &ResourceType,
    (office, leaves): (&str, ResourceId),
) -> Result<(), Error> {
    let Some(unknown) = unknown(tx, office, Lock::ForUpdate).await? else {
        return Ok(());
    };
    // Two are looked for and no more: one of them may be the Host that leaves.
    let filter = format!("officeLocation eq {}", json!(office));
    let filter = Filter::parse(&filter).map_err(scim_core::Error::from)?;
    let filter = filter.resolve(hosts)?;
    let part = ListPart {
        resource_type: hosts,
        filter: Some(&filter),
        sort: None,
    };
    let before_all = Place {
        kind: "Host".to_owned(),
        key: SortKey::Missing,
        id: ResourceId::new(uuid::Uuid::nil()),
    };
    let query = ListQuery {
        parts: &[part],
        owner: None,
        start: Start::At(Seek {
            place: &before_all,
            way: Way::Forward,
            total: 0,
        }),
        count: 2,
    };
    let found = tx.list(&query).await?.resources;
    if found.iter().any(|host| host.id != leaves) {
        return Ok(());
    }
    tx.delete(offices, &unknown)
}

/// The Hosts whose directory names this office.
pub(super) async fn hosts(
    tx: &mut Transaction<'_>,
    office: &str,
    lock: Lock,
) -> Result<Vec<Stored>, Error> {
    let key = ("officeLocation".to_owned(), fold(office));
    tx.find("Host", &[key], lock).await
}

async fn unknown(
    tx: &mut Transaction<'_>,
    office: &str,
    lock: Lock,
) -> Result<Option<Stored>, Error> {
    let key = ("name".to_owned(), fold(office));
    let found = tx.find("UnknownOffice", &[key], lock).await?;
    Ok(found.into_iter().next())
}

/// The office that a Host's directory names.
pub(crate) fn of(host: &Map<String, Value>) -> Option<&str> {
    host.get("officeLocation").and_then(Value::as_str)
}
