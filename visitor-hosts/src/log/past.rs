//! What a resource was like before a change: the feed says how it came, and what each change made of it.

use std::collections::BTreeSet;

use scim_core::{Document, ResourceId};
use scim_server::Error;
use scim_server::store::{Recorded, Span, Transaction, What};
use serde_json::{Map, Value};
use uuid::Uuid;

/// Changes of one resource that are followed.
const FOLLOWED_MAX: usize = 10_000;

/// A resource at some time.
#[derive(Debug, Default, Clone, PartialEq)]
pub(super) struct Past {
    pub(super) document: Map<String, Value>,
    pub(super) members: BTreeSet<ResourceId>,
}

impl Past {
    pub(super) fn to_document(&self) -> Document {
        Document::from_stored(self.document.clone())
    }

    fn follow(&mut self, recorded: &Recorded) {
        let mut before = object(recorded.body.before.as_deref());
        let mut after = object(recorded.body.after.as_deref());
        for id in members(&mut before) {
            self.members.remove(&id);
        }
        self.members.extend(members(&mut after));
        if recorded.change.what == What::Created {
            self.document = after;
            return;
        }
        for name in before.keys().filter(|name| !after.contains_key(*name)) {
            self.document.shift_remove(name);
        }
        self.document.extend(after);
    }
}

/// The resource before the change with this id; `None` when it was not there, or when its past was erased.
pub(super) async fn before(
    tx: &mut Transaction<'_>,
    resource: ResourceId,
    change: Uuid,
) -> Result<Option<Past>, Error> {
    let span = Span {
        limit: FOLLOWED_MAX + 1,
        ..Span::default()
    };
    let all = tx.changes_of(resource, &span).await?;
    if all.len() > FOLLOWED_MAX {
        return Err(scim_core::Error::TooMany {
            what: "changes of one resource to be followed",
            limit: FOLLOWED_MAX,
        }
        .into());
    }
    let mut past: Option<Past> = None;
    for recorded in all.iter().filter(|recorded| recorded.change.id < change) {
        match recorded.change.what {
            What::Created if recorded.body.after.is_some() => {
                past.get_or_insert_default().follow(recorded);
            }
            What::Updated => {
                if let Some(past) = &mut past {
                    past.follow(recorded);
                }
            }
            What::Deleted => past = None,
            What::Created | What::Refused | What::Unchanged | What::Erased => {}
        }
    }
    Ok(past)
}

fn object(text: Option<&str>) -> Map<String, Value> {
    let parsed = text.map(serde_json::from_str).and_then(Result::ok);
    parsed.unwrap_or_default()
}

fn members(map: &mut Map<String, Value>) -> Vec<ResourceId> {
    let ids = map.shift_remove("members");
    let ids = ids.as_ref().and_then(Value::as_array).into_iter().flatten();
    ids.filter_map(|id| id.as_str()?.parse().ok()).collect()
}
