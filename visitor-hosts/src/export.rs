//! Hosts and host groups as CSV, in the columns of an import.

use std::collections::HashMap;

use async_trait::async_trait;
use scim_core::ResourceId;
use scim_core::text::fold;
use scim_server::Error;
use scim_server::service::Export;
use scim_server::store::{Lock, Stored, Transaction};
use serde_json::{Map, Value};

use crate::csv::{FileKind, group, list, person, write};
use crate::reference;
use crate::reference::manager_of;

/// The media type of CSV (RFC 7111).
const CSV: &str = "text/csv";
const HOSTS_AT_ONCE: usize = 200;
const MEMBERS_AT_ONCE: usize = 1_000;

/// Hosts that have a User, each as the row of that User.
pub(crate) struct HostsCsv;

#[async_trait]
impl Export for HostsCsv {
    fn kind(&self) -> &'static str {
        "Host"
    }

    fn media_type(&self) -> &'static str {
        CSV
    }

    fn file_name(&self) -> &'static str {
        "hosts.csv"
    }

    fn sort_by(&self) -> &'static str {
        "userName"
    }

    fn at_once(&self) -> usize {
        HOSTS_AT_ONCE
    }

    fn head(&self) -> Result<String, Error> {
        write::header(FileKind::Hosts)
    }

    async fn rows(&self, tx: &mut Transaction<'_>, page: &[Stored]) -> Result<String, Error> {
        let mut users_of = Vec::new();
        for host in page {
            // Whom the directory has deleted is nobody's any more.
            if let Some(user) = reference::target(host.parse()?.get("user")) {
                users_of.push((host.id, user));
            }
        }
        let ids: Vec<ResourceId> = users_of.iter().map(|(_, user)| *user).collect();
        let users = documents(tx, &ids).await?;
        let mut managers: Vec<ResourceId> = users.values().filter_map(manager_of).collect();
        managers.sort_unstable();
        managers.dedup();
        let managers = documents(tx, &managers).await?;
        let hosts: Vec<ResourceId> = users_of.iter().map(|(host, _)| *host).collect();
        let mut groups: HashMap<ResourceId, Vec<String>> = HashMap::new();
        for (host, group) in tx.owners("members", &hosts).await? {
            groups.entry(host).or_default().extend(group.display);
        }
        let mut rows = Vec::with_capacity(users_of.len());
        for (host, user) in users_of {
            let Some(user) = users.get(&user) else {
                continue;
            };
            let manager = manager_of(user).and_then(|id| managers.get(&id));
            let columns = FileKind::Hosts.columns().iter();
            let cells = columns.map(|column| match *column {
                "managerUserName" => {
                    manager.map_or_else(String::new, |manager| person::cell("userName", manager))
                }
                "groups" => names(groups.remove(&host).unwrap_or_default()),
                column => person::cell(column, user),
            });
            rows.push(cells.collect());
        }
        write::rows(FileKind::Hosts, &rows)
    }
}

/// Host groups, each with the names of its hosts in one cell.
pub(crate) struct GroupsCsv;

#[async_trait]
impl Export for GroupsCsv {
    fn kind(&self) -> &'static str {
        "HostGroup"
    }

    fn media_type(&self) -> &'static str {
        CSV
    }

    fn file_name(&self) -> &'static str {
        "groups.csv"
    }

    fn sort_by(&self) -> &'static str {
        "displayName"
    }

    /// The members of a group are in one cell, so the largest one decides how much is held in memory.
    fn at_once(&self) -> usize {
        1
    }

    fn head(&self) -> Result<String, Error> {
        write::header(FileKind::Groups)
    }

    async fn rows(&self, tx: &mut Transaction<'_>, page: &[Stored]) -> Result<String, Error> {
        let mut rows = Vec::new();
        for host_group in page {
            let document = host_group.parse()?;
            let source = reference::target(document.get("group"));
            let source: Vec<ResourceId> = source.into_iter().collect();
            let source = documents(tx, &source).await?.into_values().next();
            let members = names(members_of(tx, host_group.id).await?);
            let columns = FileKind::Groups.columns().iter();
            let cells = columns.map(|column| match *column {
                "displayName" => group::cell("displayName", document.as_map()),
                "members" => members.clone(),
                column => source
                    .as_ref()
                    .map_or_else(String::new, |source| group::cell(column, source)),
            });
            rows.push(cells.collect());
        }
        write::rows(FileKind::Groups, &rows)
    }
}

async fn members_of(
    tx: &mut Transaction<'_>,
    host_group: ResourceId,
) -> Result<Vec<String>, Error> {
    let mut names = Vec::new();
    let mut after = None;
    loop {
        let members = tx.members_after("members", host_group, after, MEMBERS_AT_ONCE);
        let ids: Vec<ResourceId> = members.await?.into_iter().map(|member| member.id).collect();
        for host in documents(tx, &ids).await?.into_values() {
            if host.contains_key("user") {
                names.push(person::cell("userName", &host));
            }
        }
        match ids.last() {
            Some(last) if ids.len() == MEMBERS_AT_ONCE => after = Some(*last),
            _ => return Ok(names),
        }
    }
}

/// A cell with names, in an order that does not depend on when they came.
fn names(mut names: Vec<String>) -> String {
    names.sort_unstable_by_key(|name| (fold(name), name.clone()));
    names.dedup();
    list::join(names.iter().map(String::as_str))
}

async fn documents(
    tx: &mut Transaction<'_>,
    ids: &[ResourceId],
) -> Result<HashMap<ResourceId, Map<String, Value>>, Error> {
    let mut documents = HashMap::new();
    for stored in tx.get_many(ids, Lock::None).await? {
        documents.insert(stored.id, stored.parse()?.into_map());
    }
    Ok(documents)
}
