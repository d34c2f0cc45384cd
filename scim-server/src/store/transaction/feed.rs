//! What the change feed says of a unit's writes: no use case can forget to say it.

use indexmap::IndexSet;
use scim_core::{Document, ResourceId, Version};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{PendingMembers, Transaction};
use crate::store::{Change, ChangeBody, ConnectionId, What};

impl Transaction<'_> {
    /// One line of the change feed for every resource that comes, changes or goes.
    pub(super) fn record_changes(&mut self) {
        let mut lines = Vec::new();
        for (id, pending) in &self.resources {
            let (before, after) = (pending.before.as_ref(), pending.after.as_ref());
            let what = match (before, after) {
                (None, Some(_)) => What::Created,
                (Some(before), Some(after)) if before.stored != after.stored => What::Updated,
                (Some(_), None) => What::Deleted,
                (Some(_), Some(_)) | (None, None) => continue,
            };
            let Some(shown) = after.or(before) else {
                continue;
            };
            let (mut old, mut new) = match &pending.difference {
                Difference::Whole => {
                    let document = |keyed: &super::Keyed| keyed.stored.document.clone();
                    (before.map(document), after.map(document))
                }
                Difference::Parts { old, new } => (text(old), text(new)),
            };
            for ((owner, attribute), members) in &self.members {
                if owner == id {
                    members.describe(attribute, &mut old, &mut new);
                }
            }
            lines.push(Line {
                kind: shown.stored.kind.clone(),
                resource: *id,
                version: What::version(what, shown.stored.version),
                owner: shown.stored.owner,
                what,
                differs: (old, new),
                cause: pending.cause,
            });
        }
        for line in lines {
            self.record_line(line);
        }
    }

    /// Appends to the change feed what happened to something that is not kept among the resources: its type,
    /// id and version since, and what differs, as JSON.
    pub fn record_kept(
        &mut self,
        (kind, resource, version): (&str, ResourceId, Version),
        what: What,
        differs: (Option<String>, Option<String>),
    ) {
        self.record_line(Line {
            kind: kind.to_owned(),
            resource,
            version,
            owner: None,
            what,
            differs,
            cause: self.cause,
        });
    }

    /// What was asked for is said with the resource that it was asked of; the rest follows from it.
    fn record_line(&mut self, line: Line) {
        let (id, cause, request) = match self.requests.remove(&line.resource) {
            Some((id, request)) => (id, None, Some(request)),
            None => (self.new_id(), line.cause, None),
        };
        let change = Change {
            id,
            at: self.now(),
            actor: self.actor.connection,
            owner: line.owner,
            kind: line.kind,
            resource: Some(line.resource),
            version: line.version,
            what: line.what,
            cause,
        };
        let (before, after) = line.differs;
        let body = ChangeBody {
            before,
            after,
            request,
        };
        self.record(change, body);
    }
}

/// What a line of the change feed says of one thing, before it has an id and a time.
struct Line {
    kind: String,
    resource: ResourceId,
    version: Version,
    owner: Option<ConnectionId>,
    what: What,
    differs: (Option<String>, Option<String>),
    cause: Option<Uuid>,
}

impl What {
    /// The version that a change leads to; a deletion counts as one more.
    fn version(self, version: Version) -> Version {
        match self {
            What::Deleted => version.next(),
            What::Created | What::Updated | What::Refused | What::Unchanged | What::Erased => {
                version
            }
        }
    }
}

impl PendingMembers {
    fn describe(&self, attribute: &str, old: &mut Option<String>, new: &mut Option<String>) {
        with_ids(old, attribute, &self.removed);
        with_ids(new, attribute, &self.added);
    }
}

/// An object, none of which is yet there perhaps, with one more member: these ids.
fn with_ids(object: &mut Option<String>, attribute: &str, ids: &IndexSet<ResourceId>) {
    if ids.is_empty() {
        return;
    }
    let ids: Value = ids.iter().map(|id| Value::String(id.to_string())).collect();
    let member = format!("{}:{ids}}}", Value::from(attribute));
    match object {
        None => *object = Some(format!("{{{member}")),
        Some(text) => {
            // The closing brace comes after the member.
            text.pop();
            text.push_str(if text == "{" { "" } else { "," });
            text.push_str(&member);
        }
    }
}

/// What a change of a resource changes.
pub(super) enum Difference {
    /// All of it: it comes, or goes.
    Whole,
    /// The attributes that differ, as they were and as they are.
    Parts {
        old: Map<String, Value>,
        new: Map<String, Value>,
    },
}

impl Difference {
    pub(super) fn between(before: &Document, after: &Document) -> Difference {
        let only = |one: &Document, other: &Document| {
            let differing = one.as_map().iter();
            let differing = differing.filter(|(name, value)| other.get(name) != Some(value));
            differing
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect()
        };
        Difference::Parts {
            old: only(before, after),
            new: only(after, before),
        }
    }
}

fn text(map: &Map<String, Value>) -> Option<String> {
    (!map.is_empty()).then(|| serde_json::to_string(map).unwrap_or_default())
}
