//! Who is meant by what somebody typed: a host by user name, a host group by name, either by id.

use serde_json::Value;

use crate::api::{Query, Refused, quoted};
use crate::read::Read;
use crate::reader::Reader;

/// Resources that are named at once.
const MANY_MAX: usize = 100;

/// The host or host group that is meant, if there is one.
pub(crate) async fn meant(
    reader: &Reader,
    kind: &str,
    typed: &str,
) -> Result<Option<Value>, Refused> {
    let (endpoint, name) = match kind {
        "HostGroup" => ("HostGroups", "displayName"),
        "ConsoleAccount" => ("ConsoleAccounts", "userName"),
        _ => ("Hosts", "userName"),
    };
    let by = match typed.parse::<uuid::Uuid>() {
        Ok(_) => "id",
        Err(_) => name,
    };
    let query = Query::new()
        .filter(format!("{by} eq {}", quoted(typed)))
        .with("attributes", "displayName,userName")
        .count(1);
    let listed = reader.api().list(endpoint, &query).await?;
    Ok(listed.resources.into_iter().next())
}

/// These resources of a type, as many as one page has; those that are gone are left out.
pub(crate) async fn named(
    reader: &Reader,
    endpoint: &str,
    attributes: &str,
    ids: &[&str],
) -> Result<Vec<Value>, Refused> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let wanted = ids.iter().take(MANY_MAX);
    let wanted: Vec<String> = wanted.map(|id| format!("id eq {}", quoted(id))).collect();
    let query = Query::new()
        .filter(wanted.join(" or "))
        .with("attributes", attributes)
        .count(MANY_MAX);
    Ok(reader.api().list(endpoint, &query).await?.resources)
}

/// The name of one of them, or its id.
pub(crate) fn name_of<'v>(found: &'v [Value], id: &'v str, attribute: &str) -> &'v str {
    let named = found.iter().find(|it| it.text("id") == id);
    match named.map_or("", |it| it.text(attribute)) {
        "" => id,
        name => name,
    }
}
