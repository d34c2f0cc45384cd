//! What a piece of people changes. A dry run finds the same differences and writes none.

use std::collections::{BTreeMap, HashMap};

use scim_core::ResourceId;
use scim_core::text::fold;
use scim_server::Error;
use scim_server::service::Within;
use scim_server::store::{ConnectionId, Lock, Stored, Transaction};
use serde_json::{Map, Value, json};

use super::connection::not_served;
use super::pieces::{self, LATER, Rows};
use super::report::Item;
use super::work::Doing;
use crate::csv::{FileKind, Row, list, person};
use crate::reference;
use crate::reference::manager_of;

/// Users that are looked for with one question.
const LOOKED_FOR: usize = 500;

/// Makes and changes people, and puts them into their groups.
pub(super) async fn people(
    tx: &mut Transaction<'_>,
    doing: &mut Doing<'_>,
    rows: &Rows,
) -> Result<(), Error> {
    let mut known = Known::of(tx, doing, rows).await?;
    let users = writer(doing, "User")?;
    let mut memberships = Memberships::default();
    for (row, managed) in rows.rows.iter().zip(&rows.managed) {
        let cells: Vec<_> = rows.cells(FileKind::Hosts, row).collect();
        let name = value(&cells, "userName");
        let key = fold(name);
        let before = known.users.get(&key).cloned();
        let mut differences =
            known.differences(doing, (row, name), &cells, *managed, before.as_ref());
        differences.extend(known.returns(rows, before.as_ref()));
        match &before {
            None => {
                doing.found.created += 1;
                doing.found.items.push(Item {
                    action: "create",
                    line: Some(row.line),
                    person: name.to_owned(),
                    ..Item::default()
                });
            }
            Some(_) if differences.is_empty() => doing.found.unchanged += 1,
            Some(_) => {
                doing.found.updated += 1;
                tell(doing, (row, name), &differences);
            }
        }
        if let Some(users) = &users {
            let after = known.write(tx, users, before, &differences).await?;
            memberships.add(after.id, &differences);
            known.users.insert(key, after);
        }
    }
    memberships.write(tx, doing).await
}

/// Gives managers to people who were written before their managers were. It was told and counted with them.
pub(super) async fn managers(
    tx: &mut Transaction<'_>,
    doing: &mut Doing<'_>,
    rows: &Rows,
) -> Result<(), Error> {
    let Some(users) = writer(doing, "User")? else {
        return Ok(());
    };
    let mut known = Known::of(tx, doing, rows).await?;
    for (row, managed) in rows.rows.iter().zip(&rows.managed) {
        let cells: Vec<_> = rows.cells(FileKind::Hosts, row).collect();
        let name = value(&cells, "userName");
        // One whose row was refused.
        let Some(before) = known.users.get(&fold(name)).cloned() else {
            continue;
        };
        let mut differences =
            known.differences(doing, (row, name), &cells, *managed, Some(&before));
        differences.retain(|difference| difference.column == "managerUserName");
        let after = known.write(tx, &users, Some(before), &differences);
        let after = after.await?;
        known.users.insert(fold(name), after);
    }
    Ok(())
}

fn tell(doing: &mut Doing<'_>, (row, name): (&Row, &str), differences: &[Difference]) {
    let items = differences.iter().map(|difference| Item {
        action: "update",
        line: Some(row.line),
        person: name.to_owned(),
        attribute: Some(difference.column),
        before: difference.before.clone(),
        after: difference.after.clone(),
    });
    doing.found.items.extend(items);
}

/// Writes in the name of the connection; `None` in a dry run.
pub(super) fn writer(doing: &Doing<'_>, kind: &str) -> Result<Option<Within>, Error> {
    let Some(caller) = doing.caller.as_ref().filter(|_| !doing.is_dry) else {
        return Ok(None);
    };
    let writer = doing.engine.within(caller, kind);
    writer.map(Some).ok_or_else(|| not_served(kind))
}

fn value<'c>(cells: &[(&'static str, &'c str)], column: &str) -> &'c str {
    let mut cells = cells.iter();
    let cell = cells.find(|(name, _)| *name == column);
    cell.map(|(_, cell)| *cell).unwrap_or_default()
}

/// A column in which a row says something else than what is stored.
struct Difference {
    column: &'static str,
    before: String,
    after: String,
    /// It is written when all people are there.
    later: bool,
}

/// Users of the connection by their folded userNames.
pub(super) async fn users_called(
    tx: &mut Transaction<'_>,
    owner: Option<ConnectionId>,
    names: Vec<String>,
) -> Result<HashMap<String, Stored>, Error> {
    called(tx, owner, ("User", "userName"), names).await
}

/// What a connection keeps under these folded names, by them.
async fn called(
    tx: &mut Transaction<'_>,
    owner: Option<ConnectionId>,
    (kind, attribute): (&str, &str),
    names: Vec<String>,
) -> Result<HashMap<String, Stored>, Error> {
    let mut found = HashMap::new();
    let Some(owner) = owner else {
        return Ok(found);
    };
    let names = names.into_iter().filter(|name| !name.is_empty());
    let keys: Vec<(String, String)> = names.map(|name| (attribute.to_owned(), name)).collect();
    for keys in keys.chunks(LOOKED_FOR) {
        for stored in tx.find(kind, keys, Lock::ForUpdate).await? {
            if stored.owner == Some(owner) {
                let document = tx.document(&stored)?;
                let name = document.get(attribute).and_then(Value::as_str);
                // Of two that were once called the same, the older one.
                let key = fold(name.unwrap_or_default());
                found.entry(key).or_insert(stored);
            }
        }
    }
    Ok(found)
}

pub(super) fn user_name(tx: &mut Transaction<'_>, stored: &Stored) -> Result<String, Error> {
    let document = tx.document(stored)?;
    let name = document.get("userName").and_then(Value::as_str);
    Ok(name.unwrap_or_default().to_owned())
}

/// What is stored of the people of a piece, and of their managers.
struct Known {
    users: HashMap<String, Stored>,
    documents: HashMap<ResourceId, Map<String, Value>>,
    /// Names of managers, by their Users.
    managers: HashMap<ResourceId, String>,
    /// Names of groups, by their members.
    groups: HashMap<ResourceId, Vec<String>>,
}

impl Known {
    async fn of(tx: &mut Transaction<'_>, doing: &Doing<'_>, rows: &Rows) -> Result<Known, Error> {
        let owner = doing.caller.as_ref().map(|caller| caller.connection);
        let cells = rows.rows.iter();
        let cells = cells.flat_map(|row| rows.cells(FileKind::Hosts, row));
        let names = cells.filter(|(column, _)| matches!(*column, "userName" | "managerUserName"));
        let mut names: Vec<String> = names
            .map(|(_, cell)| fold(cell.trim_start_matches(LATER)))
            .collect();
        names.sort_unstable();
        names.dedup();
        let users = users_called(tx, owner, names).await?;
        let mut documents = HashMap::new();
        for stored in users.values() {
            documents.insert(stored.id, stored.parse()?.into_map());
        }
        let has = |column: &str| rows.columns.iter().any(|known| known == column);
        let mut known = Known {
            users,
            documents,
            managers: HashMap::new(),
            groups: HashMap::new(),
        };
        if has("managerUserName") {
            let ids = known.documents.values();
            let mut ids: Vec<ResourceId> = ids.filter_map(manager_of).collect();
            ids.sort_unstable();
            ids.dedup();
            for stored in tx.get_many(&ids, Lock::None).await? {
                let name = user_name(tx, &stored)?;
                known.managers.insert(stored.id, name);
            }
        }
        if has("groups") {
            let ids: Vec<ResourceId> = known.users.values().map(|stored| stored.id).collect();
            for (member, group) in tx.owners("members", &ids).await? {
                if group.kind == "Group" && group.owner == owner {
                    let names = known.groups.entry(member).or_default();
                    names.extend(group.display);
                }
            }
        }
        Ok(known)
    }

    fn differences(
        &self,
        doing: &mut Doing<'_>,
        (row, name): (&Row, &str),
        cells: &[(&'static str, &str)],
        managed: bool,
        before: Option<&Stored>,
    ) -> Vec<Difference> {
        let id = before.map(|stored| stored.id);
        let document = id.and_then(|id| self.documents.get(&id));
        let mut differences = Vec::new();
        for (column, cell) in cells.iter().copied() {
            let (cell, later) = match cell.strip_prefix(LATER) {
                Some(cell) => (cell, true),
                None => (cell, false),
            };
            let was = match column {
                "managerUserName" => {
                    let manager = document.and_then(manager_of);
                    let name = manager.and_then(|id| self.managers.get(&id));
                    name.cloned().unwrap_or_default()
                }
                "groups" => {
                    let mut names: Vec<&str> = Vec::new();
                    if let Some(groups) = id.and_then(|id| self.groups.get(&id)) {
                        names.extend(groups.iter().map(String::as_str));
                    }
                    names.sort_unstable_by_key(|name| fold(name));
                    list::join(names)
                }
                _ => document.map_or_else(String::new, |user| person::cell(column, user)),
            };
            let is_same = match column {
                "managerUserName" => fold(&was) == fold(cell),
                "groups" => same_names(&was, cell),
                _ => was == cell,
            };
            if is_same {
                continue;
            }
            if column == "managerUserName" && !cell.is_empty() {
                let will_be = managed && (doing.is_dry || later);
                if !will_be && !self.users.contains_key(&fold(cell)) {
                    doing.found.skipped += 1;
                    doing.found.items.push(Item {
                        action: "skip",
                        line: Some(row.line),
                        person: name.to_owned(),
                        attribute: Some(column),
                        before: was,
                        after: format!("no person of this import is called {cell}"),
                    });
                    continue;
                }
            }
            differences.push(Difference {
                column,
                before: was,
                after: cell.to_owned(),
                later,
            });
        }
        differences
    }

    /// Somebody who was missing, and is in the file again.
    fn returns(&self, rows: &Rows, before: Option<&Stored>) -> Option<Difference> {
        let document = self.documents.get(&before?.id)?;
        let was = person::cell("active", document);
        (rows.reactivates && was == "false").then(|| Difference {
            column: "active",
            before: was,
            after: "true".to_owned(),
            later: false,
        })
    }

    async fn write(
        &mut self,
        tx: &mut Transaction<'_>,
        users: &Within,
        before: Option<Stored>,
        differences: &[Difference],
    ) -> Result<Stored, Error> {
        let document = before.as_ref().and_then(|it| self.documents.get(&it.id));
        let mut user = document.cloned().unwrap_or_default();
        person::declare_schemas(&mut user);
        let mut changes = before.is_none();
        let differences = differences.iter().filter(|difference| !difference.later);
        for Difference { column, after, .. } in differences {
            match *column {
                "groups" => continue,
                "managerUserName" => {
                    let manager = self.users.get(&fold(after));
                    let id = manager.map(|manager| manager.id.to_string());
                    person::set_manager(id.as_deref(), &mut user);
                    if let Some(manager) = manager {
                        self.managers.insert(manager.id, after.clone());
                    }
                }
                column => person::set(column, after, &mut user),
            }
            changes = true;
        }
        let user = Value::Object(user);
        let after = match before {
            Some(before) if !changes => return Ok(before),
            Some(before) => users.replace(tx, before.id, user).await?,
            None => users.create(tx, user).await?,
        };
        self.documents.insert(after.id, after.parse()?.into_map());
        Ok(after)
    }
}

fn same_names(one: &str, other: &str) -> bool {
    let sorted = |cell: &str| {
        let mut names = pieces::folded(cell);
        names.sort_unstable();
        names.dedup_by(|one, other| one.0 == other.0);
        names.into_iter().map(|(name, _)| name).collect::<Vec<_>>()
    };
    sorted(one) == sorted(other)
}

/// Who comes into which group and who leaves which, by the folded name of the group.
#[derive(Default)]
struct Memberships(BTreeMap<String, Changes>);

#[derive(Default)]
struct Changes {
    name: String,
    added: Vec<ResourceId>,
    removed: Vec<ResourceId>,
}

impl Memberships {
    fn add(&mut self, user: ResourceId, differences: &[Difference]) {
        let mut differences = differences.iter();
        let Some(groups) = differences.find(|difference| difference.column == "groups") else {
            return;
        };
        let before = pieces::folded(&groups.before);
        let after = pieces::folded(&groups.after);
        let is_in = |all: &[(String, String)], key: &str| all.iter().any(|(one, _)| one == key);
        for (key, name) in &after {
            if !is_in(&before, key) {
                let changes = self.0.entry(key.clone()).or_default();
                name.clone_into(&mut changes.name);
                if !changes.added.contains(&user) {
                    changes.added.push(user);
                }
            }
        }
        for (key, _) in &before {
            if !is_in(&after, key) {
                self.0.entry(key.clone()).or_default().removed.push(user);
            }
        }
    }

    async fn write(self, tx: &mut Transaction<'_>, doing: &Doing<'_>) -> Result<(), Error> {
        let Some(writer) = writer(doing, "Group")?.filter(|_| !self.0.is_empty()) else {
            return Ok(());
        };
        // Members are looked for in the database.
        tx.flush().await?;
        let owner = doing.caller.as_ref().map(|caller| caller.connection);
        let names = self.0.keys().cloned().collect();
        let known = groups_called(tx, owner, names).await?;
        for (key, changes) in self.0 {
            match known.get(&key) {
                Some(group) => {
                    change_members(tx, &writer, group.id, &changes.added, &changes.removed).await?;
                }
                None => {
                    let mut group = Map::new();
                    crate::csv::group::declare_schemas(&mut group);
                    group.insert("displayName".to_owned(), json!(changes.name));
                    group.insert("members".to_owned(), values(&changes.added));
                    writer.create(tx, Value::Object(group)).await?;
                }
            }
        }
        Ok(())
    }
}

/// Groups of the connection by their folded names.
pub(super) async fn groups_called(
    tx: &mut Transaction<'_>,
    owner: Option<ConnectionId>,
    names: Vec<String>,
) -> Result<HashMap<String, Stored>, Error> {
    called(tx, owner, ("Group", "displayName"), names).await
}

/// Members of one operation of a PATCH.
const MEMBERS_AT_ONCE: usize = 1_000;

pub(super) async fn change_members(
    tx: &mut Transaction<'_>,
    groups: &Within,
    group: ResourceId,
    added: &[ResourceId],
    removed: &[ResourceId],
) -> Result<(), Error> {
    let added = added.chunks(MEMBERS_AT_ONCE);
    let added = added.map(|ids| json!({ "op": "add", "path": "members", "value": values(ids) }));
    let removed = removed.iter().map(|id| {
        let path = format!("members[value eq \"{id}\"]");
        json!({ "op": "remove", "path": path })
    });
    let operations: Vec<Value> = added.chain(removed).collect();
    for operations in operations.chunks(MEMBERS_AT_ONCE) {
        let body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": operations,
        });
        groups.patch(tx, group, body).await?;
    }
    Ok(())
}

pub(super) fn values(ids: &[ResourceId]) -> Value {
    let values = ids.iter().map(|id| reference::to(id, None));
    values.collect()
}
