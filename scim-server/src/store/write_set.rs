//! What a unit of work wants written, collected until its end.

use scim_core::{ResourceId, Version};
use uuid::Uuid;

use super::{Change, ChangeBody, DoneOnce, Job, KeptSecret, Secret, Session, Stored, Token, Trust};
use crate::audit::Checkpoint;

/// Everything that one flush writes. Foreign keys allow the order of the fields.
///
/// ```
/// use scim_server::store::WriteSet;
///
/// assert!(WriteSet::default().is_empty());
/// ```
#[derive(Debug, Default, Clone)]
pub struct WriteSet {
    /// New resources.
    pub inserted: Vec<Stored>,
    /// Changed resources, with the version they had.
    pub updated: Vec<(Version, Stored)>,
    /// Resources that go, with their member rows; their keys are among those that are removed.
    pub deleted: Vec<(ResourceId, Version)>,
    /// Keys whose values are unique.
    pub unique: KeyChanges,
    /// Keys that filters look up.
    pub lookup: KeyChanges,
    /// Member rows to add: owner, attribute, member.
    pub members_added: Vec<(ResourceId, String, ResourceId)>,
    /// Member rows to remove.
    pub members_removed: Vec<(ResourceId, String, ResourceId)>,
    /// Owners whose rows of an attribute all go, before others are added.
    pub members_cleared: Vec<(ResourceId, String)>,
    /// The change feed.
    pub changes: Vec<(Change, ChangeBody)>,
    /// Checkpoints of the sequence; those of numbers that have one already are left out.
    pub checkpoints: Vec<Checkpoint>,
    /// Work for later.
    pub jobs: Vec<Job>,
    /// Work for later that is done once, however often it is asked for; what waits already stays.
    pub jobs_once: Vec<Job>,
    /// Secret keys of the tenant, by name; those that exist already stay.
    pub tenant_keys: Vec<(String, [u8; 32])>,
    /// Keys under which something was done. With them go those that were kept long enough.
    pub done_once: Vec<DoneOnce>,
    /// Tokens, new or changed.
    pub tokens: Vec<Token>,
    /// Secrets, new or changed.
    pub secrets: Vec<Secret>,
    /// Secrets that go, by their hashes.
    pub secrets_removed: Vec<[u8; 32]>,
    /// Sessions that begin. With them go those that have ended by themselves.
    pub sessions: Vec<Session>,
    /// Sessions that end, by their hashes.
    pub sessions_removed: Vec<[u8; 32]>,
    /// People whose sessions all end, but those that begin here.
    pub sessions_ended: Vec<ResourceId>,
    /// Secrets of resources, new or changed, or without a value where they go.
    pub kept_secrets: Vec<KeptSecret>,
    /// Trusts, new or changed: a token has one at most.
    pub trusts: Vec<Trust>,
    /// Tokens whose trust goes.
    pub trusts_removed: Vec<Uuid>,
}

/// Rows of a key table that come, change and go.
///
/// ```
/// # use scim_core::ResourceId;
/// # use uuid::Uuid;
/// use scim_server::store::{KeyChanges, KeyRow};
///
/// let key = |value: &str| KeyRow {
///     kind: "User".into(),
///     attribute: "userName".into(),
///     value: value.into(),
///     scope: Uuid::nil(),
///     id: ResourceId::new(Uuid::nil()),
/// };
/// let mut changes = KeyChanges::default();
/// changes.add_difference(&[key("kim")], &[key("kimmy")]);
/// assert_eq!(changes.changed, [(key("kim"), "kimmy".to_owned())]);
/// ```
#[derive(Debug, Default, Clone)]
pub struct KeyChanges {
    /// Rows to add.
    pub added: Vec<KeyRow>,
    /// Rows whose value changes: the row as it was, and its new value.
    pub changed: Vec<(KeyRow, String)>,
    /// Rows to remove.
    pub removed: Vec<KeyRow>,
}

/// One row of a key table.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeyRow {
    /// Resource type.
    pub kind: String,
    /// Canonical path of the attribute.
    pub attribute: String,
    /// Folded unless the attribute is caseExact.
    pub value: String,
    /// Within what a unique value is unique: the owner, or nil for the tenant.
    pub scope: Uuid,
    /// The resource.
    pub id: ResourceId,
}

impl WriteSet {
    /// Is there nothing to write?
    pub fn is_empty(&self) -> bool {
        self.inserted.is_empty()
            && self.updated.is_empty()
            && self.deleted.is_empty()
            && self.members_added.is_empty()
            && self.members_removed.is_empty()
            && self.members_cleared.is_empty()
            && self.changes.is_empty()
            && self.checkpoints.is_empty()
            && self.jobs.is_empty()
            && self.jobs_once.is_empty()
            && self.tenant_keys.is_empty()
            && self.done_once.is_empty()
            && self.tokens.is_empty()
            && self.secrets.is_empty()
            && self.secrets_removed.is_empty()
            && self.sessions.is_empty()
            && self.sessions_removed.is_empty()
            && self.sessions_ended.is_empty()
            && self.kept_secrets.is_empty()
            && self.trusts.is_empty()
            && self.trusts_removed.is_empty()
    }
}

impl KeyChanges {
    /// Adds the difference between the keys of one resource before and after.
    ///
    /// A value that goes and one that comes for the same attribute become one change, so that a
    /// rename is one statement.
    pub fn add_difference(&mut self, before: &[KeyRow], after: &[KeyRow]) {
        let mut gone: Vec<&KeyRow> = before.iter().filter(|row| !after.contains(row)).collect();
        for row in after.iter().filter(|row| !before.contains(row)) {
            let same_place = |old: &&KeyRow| {
                old.attribute == row.attribute && old.scope == row.scope && old.id == row.id
            };
            match gone.iter().position(same_place) {
                Some(place) => {
                    let old = gone.remove(place).clone();
                    self.changed.push((old, row.value.clone()));
                }
                None => self.added.push(row.clone()),
            }
        }
        self.removed.extend(gone.into_iter().cloned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(pairs: &[(&str, &str)]) -> Vec<KeyRow> {
        let row = |(attribute, value): &(&str, &str)| KeyRow {
            kind: "User".to_owned(),
            attribute: (*attribute).to_owned(),
            value: (*value).to_owned(),
            scope: Uuid::nil(),
            id: ResourceId::new(Uuid::from_u128(1)),
        };
        pairs.iter().map(row).collect()
    }

    fn difference(before: &[(&str, &str)], after: &[(&str, &str)]) -> [usize; 3] {
        let mut changes = KeyChanges::default();
        changes.add_difference(&rows(before), &rows(after));
        [
            changes.added.len(),
            changes.changed.len(),
            changes.removed.len(),
        ]
    }

    #[test]
    fn a_rename_is_one_change() {
        assert_eq!(difference(&[("a", "1")], &[("a", "2")]), [0, 1, 0]);
        assert_eq!(difference(&[("a", "1")], &[("a", "1")]), [0, 0, 0]);
        assert_eq!(difference(&[("a", "1")], &[]), [0, 0, 1]);
        assert_eq!(difference(&[], &[("a", "1")]), [1, 0, 0]);
        assert_eq!(
            difference(&[("a", "1"), ("a", "2")], &[("a", "3"), ("b", "1")]),
            [1, 1, 1]
        );
    }
}
