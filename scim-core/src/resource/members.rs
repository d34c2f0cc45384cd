//! Which resources the values of a rows attribute (`members`) refer to.

use indexmap::IndexSet;
use serde_json::Value;

use super::Repair;
use super::value::Reader;
use crate::error::{Error, echo};
use crate::id::ResourceId;
use crate::patch::MEMBER_CHANGES_MAX;
use crate::schema::RowsAttribute;

/// The members that a request names, each once. Text that is no id cannot be
/// the id of anything and is refused before anything changes.
pub(crate) fn ids(
    reader: &mut Reader<'_>,
    rows: &RowsAttribute,
    value: Value,
) -> Result<IndexSet<ResourceId>, Error> {
    list(reader, rows, value)?
        .iter()
        .map(|member| {
            let text = id_text(member).ok_or_else(|| not_a_member(rows))?;
            text.parse().map_err(|_| no_such_member(rows, text))
        })
        .collect()
}

/// The members that a request wants removed. Text that is no id is no member,
/// and removing what is not there has already succeeded.
pub(crate) fn ids_to_remove(
    reader: &mut Reader<'_>,
    rows: &RowsAttribute,
    value: Value,
) -> Result<IndexSet<ResourceId>, Error> {
    let mut ids = IndexSet::new();
    for member in list(reader, rows, value)? {
        let text = id_text(&member).ok_or_else(|| not_a_member(rows))?;
        ids.extend(text.parse::<ResourceId>());
    }
    Ok(ids)
}

fn list(reader: &mut Reader<'_>, rows: &RowsAttribute, value: Value) -> Result<Vec<Value>, Error> {
    match value {
        Value::Null => Ok(Vec::new()),
        Value::Array(values) if values.len() > MEMBER_CHANGES_MAX => Err(Error::TooMany {
            what: "members",
            limit: MEMBER_CHANGES_MAX,
        }),
        Value::Array(values) => Ok(values),
        single @ Value::Object(_) if reader.policy.single_or_array => {
            reader.repairs.note(Repair::SingleOrArray);
            Ok(vec![single])
        }
        _ => Err(Error::invalid_value(
            &rows.attribute,
            "expected an array of objects with a value",
        )),
    }
}

fn id_text(member: &Value) -> Option<&str> {
    let (_, id) = member
        .as_object()?
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("value"))?;
    id.as_str()
}

fn not_a_member(rows: &RowsAttribute) -> Error {
    Error::invalid_value(
        &rows.attribute,
        "a member is an object whose value is the id of a resource",
    )
}

fn no_such_member(rows: &RowsAttribute, text: &str) -> Error {
    Error::invalid_value(
        &rows.attribute,
        format!(
            "no {} has the id {}",
            rows.member_types.join(" or "),
            echo(text)
        ),
    )
}
