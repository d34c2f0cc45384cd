//! What the change feed says of a unit's writes: no use case can forget to say it.

use indexmap::IndexSet;
use scim_core::{Document, ResourceId, Version};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{PendingMembers, Transaction};
use crate::store::{Change, ChangeBody, What};

impl Transaction<'_> {
    /// The id of a change of this resource, what it follows from, and what was asked for.
    pub(super) fn place_of(
        &mut self,
        resource: ResourceId,
        cause: Option<Uuid>,
    ) -> (Uuid, Option<Uuid>, Option<String>) {
        match self.requests.remove(&resource) {
            Some((id, request)) => (id, None, Some(request)),
            None => (self.new_id(), cause, None),
        }
    }

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
            lines.push((
                What::version(what, shown.stored.version),
                shown.stored.clone(),
                what,
                (old, new),
                pending.cause,
            ));
        }
        for (version, stored, what, (before, after), cause) in lines {
            let (id, cause, request) = self.place_of(stored.id, cause);
            let change = Change {
                id,
                at: self.now(),
                actor: self.actor.connection,
                owner: stored.owner,
                kind: stored.kind,
                resource: Some(stored.id),
                version,
                what,
                cause,
            };
            let body = ChangeBody {
                before,
                after,
                request,
            };
            self.record(change, body);
        }
    }
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
