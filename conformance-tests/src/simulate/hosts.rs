//! Whether the product's hosts and host groups agree with the directory.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use serde_json::Value;

use super::agreement::{Expectation, members_differ};
use super::list::list;
use super::send::Sender;
use super::values::{Attribute, Group, User};
use crate::client::{Call, Credential};

/// Everything that is different, one line each: who is active is a visible host, who is not is a
/// hidden one, and host groups have the hosts of the members.
pub(super) async fn differences(
    sender: &Sender<'_>,
    expected: &Expectation,
    tag: &str,
) -> Result<Vec<String>> {
    let read = |path| Call::new("GET", path).with_credential(Credential::App);
    let hosts = list(sender, &read("/Hosts")).await?;
    let mut differences = Vec::new();
    let mut by_user: BTreeMap<&str, &Value> = BTreeMap::new();
    for host in &hosts {
        if let Some(user) = host["user"]["value"].as_str() {
            if by_user.insert(user, host).is_some() {
                differences.push(format!("user {user} has two hosts"));
            }
        } else if ours(host, tag) && host["effectiveStatus"] != "hidden" {
            differences.push(format!("a host without a user is not hidden: {host}"));
        }
    }
    for (id, user) in &expected.users {
        match by_user.get(id.as_str()) {
            Some(host) => differences.extend(host_differs(user, host)),
            None => differences.push(format!("user {id} has no host")),
        }
    }
    let mut host_groups: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let found = list(sender, &read("/HostGroups")).await?;
    let one = |host_group: &Value| {
        let id = host_group["id"].as_str()?;
        Some(Call::new("GET", format!("/HostGroups/{id}")).with_credential(Credential::App))
    };
    for answer in sender
        .send_all(found.iter().filter_map(one).collect())
        .await?
    {
        let host_group = answer.json()?;
        if let Some(group) = host_group["group"]["value"].as_str() {
            host_groups.insert(group.to_owned(), Group::read(&host_group).members);
        }
    }
    for (id, group) in &expected.groups {
        let hosts = group
            .members
            .iter()
            .filter_map(|user| by_user.get(user.as_str()));
        let hosts = hosts.filter_map(|host| Some(host["id"].as_str()?.to_owned()));
        let line = match host_groups.get(id) {
            Some(found) => members_differ(&hosts.collect(), found),
            None => Some("there is none".to_owned()),
        };
        differences.extend(line.map(|line| format!("the host group of {id}: {line}")));
    }
    Ok(differences)
}

fn ours(host: &Value, tag: &str) -> bool {
    host["userName"]
        .as_str()
        .is_some_and(|name| name.contains(tag))
}

fn host_differs(user: &User, host: &Value) -> Vec<String> {
    let wanted = if user.active { "visible" } else { "hidden" };
    let name = user.text(Attribute::DisplayName);
    let mut lines = Vec::new();
    for (attribute, wanted) in [("effectiveStatus", wanted), ("displayName", name)] {
        if host[attribute] != wanted {
            lines.push(format!("{attribute} is not {wanted:?}: {host}"));
        }
    }
    lines
}
