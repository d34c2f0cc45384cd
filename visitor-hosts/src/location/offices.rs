//! Offices: which Location is meant by a name, and which names nobody knows yet.

use scim_core::text::fold;
use scim_core::{Document, ResourceId, ResourceType};
use scim_server::Error;
use scim_server::store::{Lock, Stored, Transaction};
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
    if unknown(tx, office).await?.is_some() {
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
    match unknown(tx, office).await? {
        Some(unknown) => tx.delete(offices, &unknown),
        None => Ok(()),
    }
}

/// Takes an office away that nobody has any more but this Host, which leaves it.
pub(crate) async fn left(
    tx: &mut Transaction<'_>,
    offices: &ResourceType,
    office: &str,
    leaves: ResourceId,
) -> Result<(), Error> {
    let others = hosts(tx, office, Lock::None).await?;
    if others.iter().any(|host| host.id != leaves) {
        return Ok(());
    }
    answered(tx, offices, office).await
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

async fn unknown(tx: &mut Transaction<'_>, office: &str) -> Result<Option<Stored>, Error> {
    let key = ("name".to_owned(), fold(office));
    let found = tx.find("UnknownOffice", &[key], Lock::ForUpdate).await?;
    Ok(found.into_iter().next())
}

/// The office that a Host's directory names.
pub(crate) fn of(host: &Map<String, Value>) -> Option<&str> {
    host.get("officeLocation").and_then(Value::as_str)
}
