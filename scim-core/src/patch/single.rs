//! PATCH of an attribute that has one value.

use serde_json::{Map, Value};

use super::request::Op;
use super::target::Place;
use crate::error::Error;
use crate::filter::matches_value;
use crate::resource::value::{Field, Reader};
use crate::resource::{At, Document, Repair, append_missing};
use crate::schema::{Attribute, Mutability};

/// Does one operation. `add` and `replace` mean the same here, except for a
/// multi-valued part of the value.
pub(super) fn change(
    reader: &mut Reader<'_>,
    document: &mut Document,
    place: &Place<'_>,
    op: Op,
    value: Value,
) -> Result<(), Error> {
    let (urn, name) = (place.urn(), place.attribute.name.as_str());
    let current = document.value(urn, name);
    place.ends_at_a_part(reader, op)?;
    if let Some(selection) = &place.selection
        && !current.is_some_and(|current| matches_value(&selection.typed, current))
    {
        if op == Op::Remove {
            return Ok(());
        }
        if !reader.policy.create_on_no_match {
            return Err(Error::no_target(&place.path));
        }
        reader.repairs.note(Repair::CreatedOnNoMatch);
    }
    let changed = match (place.sub, op) {
        (None, Op::Remove) => None,
        (None, Op::Add | Op::Replace) if place.attribute.is_complex() => {
            // RFC 7644 §3.5.2.3: of a complex value, the sub-attributes that
            // are named are replaced and the others stay.
            match reader.object(place.attribute, place.at(), value)? {
                None => None,
                Some(named) => {
                    let mut fields = reader.fields(place.attribute, place.at(), named)?;
                    if op == Op::Replace && !reader.policy.merge_on_replace {
                        clear_others(place.attribute, &mut fields);
                    }
                    merged(place.attribute, current, fields, op, place.at())?
                }
            }
        }
        (None, Op::Add | Op::Replace) => reader.attribute(place.attribute, place.at(), value)?,
        (Some(sub), Op::Remove) => {
            merged(place.attribute, current, vec![(sub, None)], op, place.at())?
        }
        (Some(sub), Op::Add | Op::Replace) => {
            let value = reader.attribute(sub, place.at().sub(&sub.name), value)?;
            merged(place.attribute, current, vec![(sub, value)], op, place.at())?
        }
    };
    match changed {
        Some(value) => document.insert(urn, name, value),
        None => {
            document.remove(urn, name);
        }
    }
    Ok(())
}

/// Lets a value be replaced as a whole: what is not named goes.
fn clear_others<'a>(attribute: &'a Attribute, fields: &mut Vec<Field<'a>>) {
    for sub in &attribute.sub_attributes {
        if !sub.is_read_only() && !fields.iter().any(|(named, _)| named.name == sub.name) {
            fields.push((sub, None));
        }
    }
}

fn merged(
    attribute: &Attribute,
    current: Option<&Value>,
    fields: Vec<Field<'_>>,
    op: Op,
    at: At<'_>,
) -> Result<Option<Value>, Error> {
    let mut object = current
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default();
    merge(attribute, &mut object, fields, op, at)?;
    Ok((!object.is_empty()).then_some(Value::Object(object)))
}

/// Sets the fields of a complex value and leaves the others.
pub(super) fn merge(
    attribute: &Attribute,
    object: &mut Map<String, Value>,
    fields: Vec<Field<'_>>,
    op: Op,
    at: At<'_>,
) -> Result<(), Error> {
    let names_ref = fields.iter().any(|(sub, _)| sub.name == "$ref");
    for (sub, value) in fields {
        let before = object.get(&sub.name);
        if before == value.as_ref() {
            continue;
        }
        if before.is_some() && sub.mutability == Mutability::Immutable {
            return Err(Error::mutability(&at.sub(&sub.name).to_string()));
        }
        // The address and the name of the old value are not those of the new.
        if sub.name == "value" {
            for known in &attribute.sub_attributes {
                if known.is_read_only() || (known.name == "$ref" && !names_ref) {
                    object.shift_remove(&known.name);
                }
            }
        }
        set(object, sub, value, op);
    }
    Ok(())
}

fn set(object: &mut Map<String, Value>, sub: &Attribute, value: Option<Value>, op: Op) {
    match (value, object.get_mut(&sub.name)) {
        (Some(Value::Array(new)), Some(Value::Array(values))) if op == Op::Add => {
            append_missing(values, new);
        }
        (Some(value), _) => {
            object.insert(sub.name.clone(), value);
        }
        (None, _) => {
            object.shift_remove(&sub.name);
        }
    }
}
