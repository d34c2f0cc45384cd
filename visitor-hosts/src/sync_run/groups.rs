//! What a piece of groups changes.

use std::collections::{BTreeMap, HashMap};

use scim_core::ResourceId;
use scim_core::text::fold;
use scim_server::Error;
use scim_server::store::{Lock, Stored, Transaction};
use serde_json::{Map, Value};

use super::people::{change_members, groups_called, user_name, users_called, values, writer};
use super::pieces::{self, Rows};
use super::report::Item;
use super::work::Doing;
use crate::csv::{FileKind, group, list};

/// Makes and changes groups.
pub(super) async fn groups(
    tx: &mut Transaction<'_>,
    doing: &mut Doing<'_>,
    rows: &Rows,
) -> Result<(), Error> {
    let owner = doing.caller.as_ref().map(|caller| caller.connection);
    let all: Vec<_> = rows.rows.iter().collect();
    let mut names = Vec::new();
    let mut members = Vec::new();
    for row in &all {
        for (column, cell) in rows.cells(FileKind::Groups, row) {
            match column {
                "displayName" => names.push(fold(cell)),
                "members" => members.extend(pieces::folded(cell).into_iter().map(|(key, _)| key)),
                _ => {}
            }
        }
    }
    members.sort_unstable();
    members.dedup();
    let known = groups_called(tx, owner, names).await?;
    let users = users_called(tx, owner, members).await?;
    for row in all {
        let cells: Vec<_> = rows.cells(FileKind::Groups, row).collect();
        one(tx, doing, (row.line, &cells), &known, &users).await?;
    }
    Ok(())
}

async fn one(
    tx: &mut Transaction<'_>,
    doing: &mut Doing<'_>,
    (line, cells): (u64, &[(&'static str, &str)]),
    known: &HashMap<String, Stored>,
    users: &HashMap<String, Stored>,
) -> Result<(), Error> {
    let mut named = cells.iter().filter(|(column, _)| *column == "displayName");
    let name = named.next().map(|(_, cell)| *cell).unwrap_or_default();
    let before = known.get(&fold(name));
    let document = before.map(Stored::parse).transpose()?;
    let mut body = document.map_or_else(Map::new, scim_core::Document::into_map);
    group::declare_schemas(&mut body);
    let mut items = Vec::new();
    let item = |action, attribute, before: String, after: String| Item {
        action,
        line: Some(line),
        person: name.to_owned(),
        attribute: Some(attribute),
        before,
        after,
    };
    let mut members = Members::default();
    for (column, cell) in cells.iter().copied() {
        if column == "members" {
            members = Members::of(tx, before, cell, users).await?;
            for unknown in &members.unknown {
                let reason = format!("no person of this import is called {unknown}");
                let skipped = item("skip", column, String::new(), reason);
                doing.found.items.push(skipped);
                doing.found.skipped += 1;
            }
            if !members.is_same() {
                let before = list::join(members.before.values().map(String::as_str));
                items.push(item("update", column, before, cell.to_owned()));
            }
            continue;
        }
        let was = group::cell(column, &body);
        if was != cell {
            group::set(column, cell, &mut body);
            items.push(item("update", column, was, cell.to_owned()));
        }
    }
    let writer = writer(doing, "Group")?;
    let Some(before) = before else {
        doing.found.created += 1;
        doing.found.items.push(Item {
            action: "create",
            line: Some(line),
            person: name.to_owned(),
            ..Item::default()
        });
        if let Some(writer) = writer {
            body.insert("members".to_owned(), values(&members.added));
            writer.create(tx, Value::Object(body)).await?;
        }
        return Ok(());
    };
    if items.is_empty() {
        doing.found.unchanged += 1;
        return Ok(());
    }
    doing.found.updated += 1;
    if let Some(writer) = writer {
        if items.iter().any(|item| item.attribute != Some("members")) {
            writer.replace(tx, before.id, Value::Object(body)).await?;
        }
        let (added, removed) = (&members.added, &members.removed);
        change_members(tx, &writer, before.id, added, removed).await?;
    }
    doing.found.items.extend(items);
    Ok(())
}

/// Who is in a group, and who is to be.
#[derive(Default)]
struct Members {
    /// Names of those who are in it now, in order.
    before: BTreeMap<String, String>,
    added: Vec<ResourceId>,
    removed: Vec<ResourceId>,
    /// Names of whom nobody knows.
    unknown: Vec<String>,
}

impl Members {
    async fn of(
        tx: &mut Transaction<'_>,
        group: Option<&Stored>,
        cell: &str,
        users: &HashMap<String, Stored>,
    ) -> Result<Members, Error> {
        let mut members = Members::default();
        let mut current = HashMap::new();
        if let Some(group) = group {
            let ids = tx.member_ids(group.id, "members").await?;
            for stored in tx.get_many(&ids, Lock::None).await? {
                let name = user_name(tx, &stored)?;
                current.insert(stored.id, fold(&name));
                members.before.insert(fold(&name), name);
            }
        }
        let mut wanted = Vec::new();
        for (key, name) in pieces::folded(cell) {
            match users.get(&key) {
                Some(user) if !wanted.contains(&key) => {
                    if !current.contains_key(&user.id) {
                        members.added.push(user.id);
                    }
                    wanted.push(key);
                }
                Some(_) => {}
                None => members.unknown.push(name),
            }
        }
        let wanted: std::collections::HashSet<String> = wanted.into_iter().collect();
        let left = current.into_iter().filter(|(_, key)| !wanted.contains(key));
        members.removed = left.map(|(id, _)| id).collect();
        members.removed.sort_unstable();
        Ok(members)
    }

    fn is_same(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty()
    }
}
