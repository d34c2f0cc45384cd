//! What a row says of a group.

use scim_core::resource::{Policy, keys, validate};
use scim_core::schema::GROUP_URN;
use scim_core::{ResourceType, SchemaError};
use serde_json::{Map, Value, json};

use super::list;
use super::person::reason;
use crate::schemas;

/// Members that a file may give to one group: all are written in one unit of work.
const MEMBERS_MAX: usize = 10_000;

/// What a Group says in a column that is in its document; empty where it says nothing.
pub(crate) fn cell(column: &str, group: &Map<String, Value>) -> String {
    let value = match column {
        "displayName" | "externalId" => group.get(column).and_then(Value::as_str),
        _ => None,
    };
    value.unwrap_or_default().to_owned()
}

/// Lets a Group say this in a column; an empty text clears it.
pub(crate) fn set(column: &str, text: &str, group: &mut Map<String, Value>) {
    if matches!(column, "displayName" | "externalId") {
        let value = match text {
            "" => Value::Null,
            text => json!(text),
        };
        group.insert(column.to_owned(), value);
    }
}

/// Says which schema a Group has that is to be sent.
pub(crate) fn declare_schemas(group: &mut Map<String, Value>) {
    group.insert("schemas".to_owned(), json!([GROUP_URN]));
}

/// Checks rows of groups.
pub(super) struct Groups(ResourceType);

impl Groups {
    pub(super) fn new() -> Result<Groups, SchemaError> {
        Ok(Groups(schemas::group()?.resource_type))
    }

    /// Does the schema take it? Otherwise the column that it does not take, and why.
    pub(super) fn check<'c>(
        &self,
        columns: &[&'c str],
        cells: &[String],
    ) -> Result<(), (&'c str, String)> {
        for (column, cell) in columns.iter().copied().zip(cells) {
            if column == "members" && list::split(cell).len() > MEMBERS_MAX {
                let reason = format!("a file gives a group {MEMBERS_MAX} members at most");
                return Err((column, reason));
            }
            let mut group = Map::new();
            declare_schemas(&mut group);
            set("displayName", "any", &mut group);
            set(column, cell, &mut group);
            let new = validate::parse_new(&self.0, Value::Object(group), &Policy::strict());
            let checked = new.and_then(|new| keys::keys(&self.0, &new.document));
            checked.map_err(|error| (column, reason(&error)))?;
        }
        Ok(())
    }
}
