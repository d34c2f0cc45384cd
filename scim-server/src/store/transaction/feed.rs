//! What the change feed says of a unit's writes: no use case can forget to say it.

use indexmap::IndexSet;
use scim_core::{ResourceId, Version};
use serde_json::{Map, Value, json};

use super::{PendingMembers, Transaction};
use crate::store::{Change, ChangeBody, What};

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
            let (mut old, mut new) = difference(
                before.map(|keyed| keyed.document.as_map()),
                after.map(|keyed| keyed.document.as_map()),
            );
            for ((owner, attribute), members) in &self.members {
                if owner == id {
                    members.describe(attribute, &mut old, &mut new);
                }
            }
            lines.push((
                What::version(what, shown.stored.version),
                shown.stored.clone(),
                what,
                text(old),
                text(new),
            ));
        }
        for (version, stored, what, before, after) in lines {
            let change = Change {
                id: self.new_id(),
                at: self.now(),
                actor: self.actor.connection,
                owner: stored.owner,
                kind: stored.kind,
                resource: Some(stored.id),
                version,
                what,
            };
            let asked = |(id, _): &(ResourceId, String)| *id == stored.id;
            let request = self.actor.request.take_if(|request| asked(request));
            let body = ChangeBody {
                before,
                after,
                request: request.map(|(_, text)| text),
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
            What::Created | What::Updated | What::Refused => version,
        }
    }
}

impl PendingMembers {
    fn describe(
        &self,
        attribute: &str,
        old: &mut Map<String, Value>,
        new: &mut Map<String, Value>,
    ) {
        let ids = |ids: &IndexSet<ResourceId>| ids.iter().map(|id| json!(id.to_string())).collect();
        if !self.removed.is_empty() {
            old.insert(attribute.to_owned(), ids(&self.removed));
        }
        if !self.added.is_empty() {
            new.insert(attribute.to_owned(), ids(&self.added));
        }
    }
}

/// The attributes that differ, as they were and as they are.
fn difference(
    before: Option<&Map<String, Value>>,
    after: Option<&Map<String, Value>>,
) -> (Map<String, Value>, Map<String, Value>) {
    let only = |one: Option<&Map<String, Value>>, other: Option<&Map<String, Value>>| {
        let mut differing = Map::new();
        for (name, value) in one.into_iter().flatten() {
            if other.and_then(|other| other.get(name)) != Some(value) {
                differing.insert(name.clone(), value.clone());
            }
        }
        differing
    };
    (only(before, after), only(after, before))
}

fn text(map: Map<String, Value>) -> Option<String> {
    (!map.is_empty()).then(|| Value::Object(map).to_string())
}
