//! What people would notice if a set were in effect, as things stand now.

use std::collections::BTreeMap;

use scim_core::ResourceId;
use scim_server::Error;
use scim_server::store::{Lock, Stored, Transaction};
use serde_json::{Value, json};

use super::collect::{HOSTS, text};
use crate::host;

/// URN of the answer to `impact`.
const IMPACT_URN: &str = "urn:visitor-hosts:scim:api:messages:1.0:Impact";
/// Names shown of each kind.
const EXAMPLES: usize = 5;
/// Hosts whose groups and delegates are looked at; all of them are counted.
const EXAMINED_MAX: usize = 1_000;

pub(super) async fn of(tx: &mut Transaction<'_>, set: ResourceId) -> Result<Value, Error> {
    let ids = tx.member_ids(set, HOSTS).await?;
    let examined = ids.get(..EXAMINED_MAX).unwrap_or(&ids);
    let all = tx.get_many(examined, Lock::None).await?;
    let mut hosts = Vec::with_capacity(all.len());
    for stored in all {
        if host::is_hidden_by_directory(stored.parse()?.as_map()) {
            hosts.push(stored);
        }
    }
    // Those that came back are no loss; of what was not looked at, all are counted.
    let count = hosts.len() + (ids.len() - examined.len());
    let examined: Vec<ResourceId> = hosts.iter().map(|host| host.id).collect();
    let groups = tx.owners("members", &examined).await?;
    let groups: BTreeMap<ResourceId, Option<String>> = groups
        .into_iter()
        .filter(|(_, group)| group.kind == "HostGroup")
        .map(|(_, group)| (group.id, group.display))
        .collect();
    let keys: Vec<(String, String)> = examined
        .iter()
        .map(|id| ("delegates.value".to_owned(), id.to_string()))
        .collect();
    let without = tx.find("Host", &keys, Lock::None).await?;
    Ok(json!({
        "schemas": [IMPACT_URN],
        "changeSet": { "value": set.to_string() },
        "impact": [
            told("hostsHidden", count, names(&hosts)?),
            told("groupsLosingHosts", groups.len(), groups.into_values().flatten().collect()),
            told("hostsLosingDelegates", without.len(), names(&without)?),
        ],
    }))
}

fn told(code: &str, count: usize, mut examples: Vec<String>) -> Value {
    examples.truncate(EXAMPLES);
    json!({ "code": code, "count": count, "examples": examples })
}

fn names(hosts: &[Stored]) -> Result<Vec<String>, Error> {
    let mut names = Vec::new();
    for host in hosts.iter().take(EXAMPLES) {
        let document = host.parse()?;
        names.extend(text(document.as_map(), "displayName").map(str::to_owned));
    }
    Ok(names)
}
