//! Undo: what the product acts on becomes as it was before a set; what the directory said stays as it is.
//!
//! A set is a time of a connection, so what it did stands in the change feed. An attribute goes back where it
//! still is as the set left it; a host that the set hid, or brought, is kept in effect, or out of it, by a hold.
//! All of that lasts until the directory next says anything else of the person: it is written into the Host,
//! which follows its User again from then on.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use scim_core::{Document, ResourceId, ResourceType};
use scim_server::Error;
use scim_server::store::{ConnectionId, Lock, Recorded, Span, Stored, Transaction, What, id_at};
use serde_json::{Map, Value, json};

use crate::derived::date_time;
use crate::host::{self, MIRRORED};
use crate::host_group;

/// Hosts and groups that one undo changes.
const CHANGED_MAX: usize = 10_000;
/// Changes that are read at once.
const PIECE: usize = 1_000;
/// For how long a set can be undone.
pub(super) const WITHIN: SignedDuration = SignedDuration::from_hours(30 * 24);

/// A set as a part of the change feed.
pub(super) struct Part {
    pub(super) set: ResourceId,
    pub(super) by: ConnectionId,
    pub(super) from: Timestamp,
    pub(super) to: Timestamp,
}

/// What an undo did.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Undone {
    pub(super) hosts: usize,
    pub(super) groups: usize,
}

/// What a set did to one resource.
#[derive(Debug, Default, Clone, PartialEq)]
struct Trace {
    kind: String,
    created: bool,
    deleted: bool,
    /// The attributes it changed, as they were before the first change …
    first: Map<String, Value>,
    /// … and as they are after the last one.
    last: Map<String, Value>,
    /// Members that it took out and put in, in all.
    removed: BTreeSet<ResourceId>,
    added: BTreeSet<ResourceId>,
}

/// Undoes a part of the change feed, or what it did to these hosts alone.
pub(super) async fn undo(
    tx: &mut Transaction<'_>,
    (hosts, groups): (&ResourceType, &ResourceType),
    part: &Part,
    only: Option<&BTreeSet<ResourceId>>,
) -> Result<Undone, Error> {
    let traces = traces(tx, part, only).await?;
    let mut undone = Undone::default();
    let ids: Vec<ResourceId> = traces.keys().copied().collect();
    for piece in ids.chunks(PIECE) {
        for stored in tx.get_many(piece, Lock::ForUpdate).await? {
            let Some(trace) = traces.get(&stored.id) else {
                continue;
            };
            let changed = match stored.kind.as_str() {
                "Host" => undo_host(tx, hosts, part, &stored, trace)?,
                _ => undo_group(tx, groups, &stored, trace, only).await?,
            };
            match (changed, stored.kind.as_str()) {
                (true, "Host") => undone.hosts += 1,
                (true, _) => undone.groups += 1,
                (false, _) => {}
            }
        }
    }
    Ok(undone)
}

/// What a set did to each host and host group.
async fn traces(
    tx: &mut Transaction<'_>,
    part: &Part,
    only: Option<&BTreeSet<ResourceId>>,
) -> Result<BTreeMap<ResourceId, Trace>, Error> {
    let mut traces: BTreeMap<ResourceId, Trace> = BTreeMap::new();
    let mut after = id_at(part.from);
    let before = part.to.checked_add(SignedDuration::from_millis(1));
    let before = before.ok().map(id_at);
    loop {
        let span = Span {
            after: Some(after),
            before,
            newest_first: false,
            limit: PIECE,
        };
        let read = tx.changes(&span).await?;
        let is_last = read.len() < PIECE;
        for recorded in &read {
            after = recorded.change.id;
            let Some(id) = concerned(recorded, part.by) else {
                continue;
            };
            let is_group = recorded.change.kind == "HostGroup";
            if !is_group && only.is_some_and(|only| !only.contains(&id)) {
                continue;
            }
            traces.entry(id).or_default().follow(recorded);
            if traces.len() > CHANGED_MAX {
                return Err(scim_core::Error::TooMany {
                    what: "hosts and groups in one undo; name some of them as items",
                    limit: CHANGED_MAX,
                }
                .into());
            }
        }
        if is_last {
            return Ok(traces);
        }
    }
}

/// The host or host group that a change of this connection is about.
fn concerned(recorded: &Recorded, by: ConnectionId) -> Option<ResourceId> {
    let change = &recorded.change;
    let is_of = change.actor == Some(by) && ["Host", "HostGroup"].contains(&change.kind.as_str());
    let changed = matches!(change.what, What::Created | What::Updated | What::Deleted);
    change.resource.filter(|_| is_of && changed)
}

impl Trace {
    fn follow(&mut self, recorded: &Recorded) {
        let change = &recorded.change;
        self.kind.clone_from(&change.kind);
        let mut before = object(recorded.body.before.as_deref());
        let mut after = object(recorded.body.after.as_deref());
        let members = |map: &mut Map<String, Value>| -> Vec<ResourceId> {
            let ids = map.shift_remove("members");
            let ids = ids.as_ref().and_then(Value::as_array).into_iter().flatten();
            ids.filter_map(|id| id.as_str()?.parse().ok()).collect()
        };
        for id in members(&mut before) {
            if !self.added.remove(&id) {
                self.removed.insert(id);
            }
        }
        for id in members(&mut after) {
            if !self.removed.remove(&id) {
                self.added.insert(id);
            }
        }
        match change.what {
            What::Created => self.created = true,
            What::Deleted => self.deleted = true,
            _ => {}
        }
        let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
        for name in names {
            if !self.first.contains_key(name) {
                let was = before.get(name).cloned().unwrap_or(Value::Null);
                self.first.insert(name.clone(), was);
            }
            let is = after.get(name).cloned().unwrap_or(Value::Null);
            self.last.insert(name.clone(), is);
        }
    }
}

fn object(text: Option<&str>) -> Map<String, Value> {
    let parsed = text.map(serde_json::from_str).and_then(Result::ok);
    parsed.unwrap_or_default()
}

/// The host as it was, as far as nobody has changed it since; whether anything changed.
fn undo_host(
    tx: &mut Transaction<'_>,
    hosts: &ResourceType,
    part: &Part,
    stored: &Stored,
    trace: &Trace,
) -> Result<bool, Error> {
    let before = stored.parse()?.into_map();
    let mut host = before.clone();
    let now = date_time(tx);
    if !trace.created {
        for name in MIRRORED {
            let (Some(was), Some(left)) = (trace.first.get(name), trace.last.get(name)) else {
                continue;
            };
            let is = host.get(name).unwrap_or(&Value::Null);
            if is != left {
                continue;
            }
            if was.is_null() {
                host.shift_remove(name);
            } else {
                host.insert(name.to_owned(), was.clone());
            }
        }
    }
    let is_hidden = !host::is_in_effect(&host);
    if was_in_effect(trace) && is_hidden && host::is_hidden_by_directory(&host) {
        host::undo(&mut host, part.set, true, &now);
    } else if !was_in_effect(trace) && came_into_effect(trace) && !is_hidden {
        host::undo(&mut host, part.set, false, &now);
    } else if host != before {
        host::decide_again(&mut host, &now);
    }
    if host == before {
        return Ok(false);
    }
    tx.update(hosts, stored, &Document::from_stored(host))?;
    Ok(true)
}

/// Was the host in effect before the set?
fn was_in_effect(trace: &Trace) -> bool {
    is_effective(trace.first.get("effectiveStatus")) && !trace.created
}

/// Is it in effect because of the set?
fn came_into_effect(trace: &Trace) -> bool {
    is_effective(trace.last.get("effectiveStatus"))
}

fn is_effective(status: Option<&Value>) -> bool {
    let status = status.and_then(Value::as_str);
    matches!(status, Some("visible" | "heldVisible"))
}

/// The members as they were; whether any came or went.
async fn undo_group(
    tx: &mut Transaction<'_>,
    groups: &ResourceType,
    stored: &Stored,
    trace: &Trace,
    only: Option<&BTreeSet<ResourceId>>,
) -> Result<bool, Error> {
    let concerned = |id: &&ResourceId| only.is_none_or(|only| only.contains(id));
    let back: Vec<ResourceId> = trace.removed.iter().filter(concerned).copied().collect();
    let out: Vec<ResourceId> = trace.added.iter().filter(concerned).copied().collect();
    let all: Vec<ResourceId> = back.iter().chain(&out).copied().collect();
    if all.is_empty() || trace.created {
        return Ok(false);
    }
    let found = tx.member_candidates(stored.id, "members", &all).await?;
    let those = |ids: &[ResourceId], are_members: bool| -> Vec<ResourceId> {
        let found = found.iter();
        let found = found.filter(|one| ids.contains(&one.id) && one.is_member == are_members);
        found.map(|one| one.id).collect()
    };
    let (back, out) = (those(&back, false), those(&out, true));
    if back.is_empty() && out.is_empty() {
        return Ok(false);
    }
    tx.add_members(stored.id, "members", back);
    tx.remove_members(stored.id, "members", out);
    let mut group = stored.parse()?.into_map();
    group.insert(host_group::MEMBERS_DIFFER.to_owned(), json!(true));
    tx.update(groups, stored, &Document::from_stored(group))?;
    Ok(true)
}

/// What happened to one host, which its set need not be looked through for.
pub(super) async fn hosts_named(
    tx: &mut Transaction<'_>,
    ids: &[ResourceId],
) -> Result<BTreeSet<ResourceId>, Error> {
    let found = tx.get_many(ids, Lock::None).await?;
    let hosts = found.iter().filter(|stored| stored.kind == "Host");
    let hosts: BTreeSet<ResourceId> = hosts.map(|stored| stored.id).collect();
    if let Some(missing) = ids.iter().find(|id| !hosts.contains(id)) {
        let refusal = format!("no Host has the id {missing}");
        return Err(scim_core::Error::invalid_value("items", refusal).into());
    }
    Ok(hosts)
}

#[cfg(test)]
mod tests {
    use scim_core::Version;
    use scim_server::store::{Change, ChangeBody};
    use uuid::Uuid;

    use super::*;

    fn recorded(what: What, before: &Value, after: &Value) -> Recorded {
        let text = |value: &Value| (!value.is_null()).then(|| value.to_string());
        Recorded {
            change: Change {
                id: Uuid::nil(),
                at: Timestamp::UNIX_EPOCH,
                actor: None,
                owner: None,
                kind: "Host".to_owned(),
                resource: None,
                version: Version(1),
                what,
                cause: None,
            },
            body: ChangeBody {
                before: text(before),
                after: text(after),
                request: None,
            },
            sealed: None,
        }
    }

    #[test]
    fn a_trace_knows_the_first_and_the_last() {
        let mut trace = Trace::default();
        let (one, two) = (
            Uuid::from_u128(1).to_string(),
            Uuid::from_u128(2).to_string(),
        );
        trace.follow(&recorded(
            What::Updated,
            &json!({ "title": "a", "members": [one] }),
            &json!({ "title": "b", "department": "x" }),
        ));
        trace.follow(&recorded(
            What::Updated,
            &json!({ "title": "b" }),
            &json!({ "members": [one, two] }),
        ));
        let shown = |map: &Map<String, Value>| Value::Object(map.clone()).to_string();
        insta::assert_snapshot!(shown(&trace.first), @r#"{"department":null,"title":"a"}"#);
        insta::assert_snapshot!(shown(&trace.last), @r#"{"department":"x","title":null}"#);
        assert!(trace.removed.is_empty());
        assert_eq!(trace.added.len(), 1);
    }
}
