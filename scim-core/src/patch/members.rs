//! What a PATCH does to a rows attribute (`members`).

use indexmap::IndexSet;
use serde_json::Value;

use super::request::Op;
use crate::error::Error;
use crate::filter::{Filter, Literal, Operator};
use crate::id::ResourceId;
use crate::resource::value::Reader;
use crate::resource::{Repair, members};
use crate::schema::RowsAttribute;

/// How many members one request may name.
pub const MEMBER_CHANGES_MAX: usize = 10_000;

/// The net effect of all operations, in any order of execution: first clear,
/// then remove, then add.
///
/// Adding a member that is there, or removing one that is not, is no change;
/// only the store can tell.
///
/// ```
/// use scim_core::{Document, Policy, ResourceId, ResourceType, patch::{Operation, PatchRequest, apply}, schema};
/// use serde_json::json;
///
/// let groups = ResourceType::new("Group", "/Groups", schema::group())
///     .rows("members", ["User"])
///     .build()?;
/// let ann = "0190f3c2-1111-7000-8000-000000000001";
/// let request = PatchRequest::new(vec![
///     Operation::remove("members"),
///     Operation::add("members", json!([{"value": ann}])),
/// ]);
/// let stored = json!({"schemas": [schema::GROUP_URN], "displayName": "Sales"});
/// let sales = Document::from_stored(stored.as_object().unwrap().clone());
/// let members = apply(&groups, sales, &request, &Policy::strict())?.members;
/// assert!(members.cleared && members.removed.is_empty());
/// assert!(members.added.contains(&ann.parse::<ResourceId>()?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MemberChanges {
    /// All members go, except those in `added`.
    pub cleared: bool,
    /// Members afterwards, whether they were before or not.
    pub added: IndexSet<ResourceId>,
    /// No members afterwards; empty if `cleared`.
    pub removed: IndexSet<ResourceId>,
}

impl MemberChanges {
    /// Whether the request does not concern members.
    pub fn is_empty(&self) -> bool {
        !self.cleared && self.added.is_empty() && self.removed.is_empty()
    }

    fn add(&mut self, id: ResourceId) {
        self.removed.swap_remove(&id);
        self.added.insert(id);
    }

    fn remove(&mut self, id: ResourceId) {
        self.added.swap_remove(&id);
        if !self.cleared {
            self.removed.insert(id);
        }
    }

    fn clear(&mut self) {
        self.cleared = true;
        self.added.clear();
        self.removed.clear();
    }
}

/// Gathers the changes of one request.
#[derive(Default)]
pub(super) struct Gathering {
    pub(super) changes: MemberChanges,
    named: usize,
}

impl Gathering {
    /// Takes one operation on all members, or on those that `filter` names.
    pub(super) fn change(
        &mut self,
        reader: &mut Reader<'_>,
        rows: &RowsAttribute,
        filter: Option<&Filter>,
        op: Op,
        value: Option<Value>,
    ) -> Result<(), Error> {
        if let Some(filter) = filter {
            return self.remove_selected(rows, filter, op);
        }
        match (op, value.unwrap_or(Value::Null)) {
            (Op::Add, value) => {
                let ids = members::ids(reader, rows, value)?;
                self.count(ids.len())?;
                ids.into_iter().for_each(|id| self.changes.add(id));
            }
            (Op::Replace, value) => {
                let ids = members::ids(reader, rows, value)?;
                self.count(ids.len())?;
                self.changes.clear();
                ids.into_iter().for_each(|id| self.changes.add(id));
            }
            (Op::Remove, Value::Null) => self.changes.clear(),
            (Op::Remove, value) => {
                if !reader.policy.remove_with_value {
                    return Err(remove_has_value(&rows.attribute));
                }
                reader.repairs.note(Repair::MemberRemoveByValue);
                let value = if reader.policy.nested_remove_value {
                    unwrapped(rows, value)
                } else {
                    value
                };
                let ids = members::ids_to_remove(reader, rows, value)?;
                self.count(ids.len())?;
                ids.into_iter().for_each(|id| self.changes.remove(id));
            }
        }
        Ok(())
    }

    fn remove_selected(
        &mut self,
        rows: &RowsAttribute,
        filter: &Filter,
        op: Op,
    ) -> Result<(), Error> {
        let path = || format!("{}[{filter}]", rows.attribute);
        let mut ids = Vec::new();
        if op != Op::Remove || !named_by(filter, &mut ids) {
            return Err(Error::invalid_path(
                &path(),
                format!(
                    "{0} can be removed by {0}[value eq \"…\"], and added without a filter",
                    rows.attribute
                ),
            ));
        }
        self.count(ids.len())?;
        // Text that is no id is nobody's, and removing nobody succeeds.
        for id in ids.into_iter().filter_map(|text| text.parse().ok()) {
            self.changes.remove(id);
        }
        Ok(())
    }

    fn count(&mut self, named: usize) -> Result<(), Error> {
        self.named = self.named.saturating_add(named);
        if self.named > MEMBER_CHANGES_MAX {
            return Err(Error::TooMany {
                what: "member changes",
                limit: MEMBER_CHANGES_MAX,
            });
        }
        Ok(())
    }
}

/// The refusal of a `remove` that names values outside its path.
pub(super) fn remove_has_value(attribute: &str) -> Error {
    Error::invalid_syntax(format!(
        "remove has no value: name what is to go in the path, as {attribute}[value eq \"…\"]"
    ))
}

/// The ids in `value eq "…"`, or in several of them joined by `or`.
fn named_by<'f>(filter: &'f Filter, ids: &mut Vec<&'f str>) -> bool {
    match filter {
        Filter::Compare {
            path,
            operator: Operator::Eq,
            value: Literal::String(id),
        } if path.attribute.eq_ignore_ascii_case("value")
            && path.sub.is_none()
            && path.filter.is_none() =>
        {
            ids.push(id);
            true
        }
        Filter::Or(filters) => filters.iter().all(|filter| named_by(filter, ids)),
        _ => false,
    }
}

/// `PingFederate` repeats the name of the attribute inside the value.
fn unwrapped(rows: &RowsAttribute, value: Value) -> Value {
    match value {
        Value::Object(mut map) if map.len() == 1 => {
            let inner = map
                .iter_mut()
                .find(|(name, _)| name.eq_ignore_ascii_case(&rows.attribute))
                .map(|(_, inner)| inner.take());
            inner.unwrap_or(Value::Object(map))
        }
        other => other,
    }
}
