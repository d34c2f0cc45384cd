//! PATCH of an attribute that has a list of values.

use serde_json::{Map, Value};

use super::members::remove_has_value;
use super::request::Op;
use super::single::merge;
use super::target::Place;
use crate::error::{Error, echo};
use crate::filter::{Filter, Literal, Operator, matches_value};
use crate::resource::value::{Field, Reader, values_in_bounds};
use crate::resource::{Document, Repair, append_missing, carry_list, collapse_equal, covers};
use crate::schema::Attribute;

/// Does one operation.
pub(super) fn change(
    reader: &mut Reader<'_>,
    document: &mut Document,
    place: &Place<'_>,
    op: Op,
    value: Option<Value>,
) -> Result<(), Error> {
    let (urn, name) = (place.urn(), place.attribute.name.as_str());
    let values = document.take_list(urn, name);
    let conditions = place
        .selection
        .as_ref()
        .map_or(1, |selection| selection.typed.conditions());
    let named = value.as_ref().and_then(Value::as_array).map_or(1, Vec::len);
    reader.spend(values.len().saturating_mul(conditions.max(named)))?;
    let mut list = List {
        reader,
        place,
        values,
        touched: Vec::new(),
    };
    match (op, value) {
        (Op::Remove, value) if place.sub.is_none() && place.selection.is_none() => {
            list.remove_all(value)?;
        }
        (Op::Remove, _) => list.remove_selected()?,
        (Op::Add | Op::Replace, value) => list.put(op, value.unwrap_or(Value::Null))?,
    }
    list.one_primary();
    let values = list.values;
    values_in_bounds(values.len())?;
    document.put_list(urn, name, values);
    Ok(())
}

struct List<'l, 'r, 'p> {
    reader: &'l mut Reader<'r>,
    place: &'l Place<'p>,
    values: Vec<Value>,
    /// Where the values are that the operation names.
    touched: Vec<usize>,
}

impl List<'_, '_, '_> {
    fn put(&mut self, op: Op, value: Value) -> Result<(), Error> {
        let attribute = self.place.attribute;
        let at = self.place.at();
        self.place.ends_at_a_part(self.reader, op)?;
        self.one_selected()?;
        match (&self.place.selection, self.place.sub) {
            (None, None) => {
                let mut new = self.reader.values(attribute, at, value)?;
                carry_list(attribute, &self.values, &mut new);
                if op == Op::Replace {
                    self.values = new;
                } else {
                    self.touched = append_missing(&mut self.values, new);
                }
                Ok(())
            }
            (Some(_), None) if op == Op::Replace || !attribute.is_complex() => {
                self.replace_selected(value)
            }
            (Some(_), None) => {
                let selected = self.selected();
                if selected.is_empty() {
                    return self.create(value);
                }
                let Some(object) = self.reader.object(attribute, at, value)? else {
                    return Ok(());
                };
                let fields = self.reader.fields(attribute, at, object)?;
                self.merge_into(&selected, &fields, op)
            }
            (selection, Some(sub)) => {
                if selection.is_none() {
                    self.reader.repairs.note(Repair::ValuePathWithoutType);
                }
                let selected = self.selected();
                if selected.is_empty() {
                    let sub_value = Map::from_iter([(sub.name.clone(), value)]);
                    return self.create(Value::Object(sub_value));
                }
                let value = self.reader.attribute(sub, at.sub(&sub.name), value)?;
                self.merge_into(&selected, &[(sub, value)], op)
            }
        }
    }

    /// RFC 7644 §3.5.2.3: all values that the filter selects are replaced.
    fn replace_selected(&mut self, value: Value) -> Result<(), Error> {
        let selected = self.selected();
        if selected.is_empty() {
            return self.create(value);
        }
        let element = self
            .reader
            .element(self.place.attribute, self.place.at(), value)?;
        let Some(element) = element else {
            self.drop_at(&selected);
            return Ok(());
        };
        // Several values that become the same are one value, in the place of
        // the first.
        if let Some((first, rest)) = selected.split_first() {
            if let Some(slot) = self.values.get_mut(*first) {
                let before = std::mem::replace(slot, element);
                carry_list(self.place.attribute, &[before], std::slice::from_mut(slot));
            }
            self.drop_at(rest);
            self.touched = vec![*first];
            self.collapse();
        }
        Ok(())
    }

    fn merge_into(
        &mut self,
        selected: &[usize],
        fields: &[Field<'_>],
        op: Op,
    ) -> Result<(), Error> {
        for at in selected {
            if let Some(Value::Object(object)) = self.values.get_mut(*at) {
                merge(
                    self.place.attribute,
                    object,
                    fields.to_vec(),
                    op,
                    self.place.at(),
                )?;
            }
        }
        self.touched = selected.to_vec();
        self.collapse();
        self.drop_spent(fields);
        Ok(())
    }

    fn remove_selected(&mut self) -> Result<(), Error> {
        let selected = self.selected();
        match self.place.sub {
            None => {
                self.drop_at(&selected);
                Ok(())
            }
            Some(sub) => self.merge_into(&selected, &[(sub, None)], Op::Remove),
        }
    }

    /// A `remove` of the attribute; clients name values of it in `value`.
    fn remove_all(&mut self, value: Option<Value>) -> Result<(), Error> {
        let wanted = match value {
            None | Some(Value::Null) => {
                self.values.clear();
                return Ok(());
            }
            Some(value) if self.reader.policy.nested_remove_value => {
                unwrapped(self.place.attribute, value)
            }
            Some(value) => value,
        };
        if !self.reader.policy.remove_with_value {
            return Err(remove_has_value(&self.place.at().to_string()));
        }
        if wanted.as_str().is_some_and(str::is_empty) {
            self.reader.repairs.note(Repair::EmptyClears);
            self.values.clear();
            return Ok(());
        }
        self.reader.repairs.note(Repair::RemoveByValue);
        let wanted = self
            .reader
            .values(self.place.attribute, self.place.at(), wanted)?;
        self.values.retain(|value| {
            !wanted
                .iter()
                .any(|wanted| covers(self.place.attribute, value, wanted))
        });
        Ok(())
    }

    /// Makes the value that a path describes but does not select.
    fn create(&mut self, value: Value) -> Result<(), Error> {
        let no_target = || Error::no_target(&self.place.path);
        if !self.reader.policy.create_on_no_match {
            return Err(no_target());
        }
        let attribute = self.place.attribute;
        // Clearing a value that is not there has already succeeded.
        let clears = match &value {
            Value::Object(map) => map.values().all(is_empty),
            other => is_empty(other),
        };
        if clears {
            return Ok(());
        }
        let value = match value {
            Value::Object(given) if attribute.is_complex() => {
                let mut object = Map::new();
                if let Some(selection) = &self.place.selection
                    && !describe(&selection.written, attribute, &mut object)
                {
                    return Err(no_target());
                }
                for (name, value) in given {
                    let name = attribute.sub(&name).map_or(name, |sub| sub.name.clone());
                    object.insert(name, value);
                }
                Value::Object(object)
            }
            other => other,
        };
        let element = self.reader.element(attribute, self.place.at(), value)?;
        if let Some(element) = element {
            self.reader.repairs.note(Repair::CreatedOnNoMatch);
            self.touched = append_missing(&mut self.values, vec![element]);
        }
        Ok(())
    }

    /// Refuses brackets that select several values where the policy does.
    fn one_selected(&self) -> Result<(), Error> {
        if self.reader.policy.several_matches
            || self.place.selection.is_none()
            || self.selected().len() < 2
        {
            return Ok(());
        }
        Err(Error::invalid_filter(format!(
            "the path {} selects several values: add conditions until it selects one",
            echo(&self.place.path)
        )))
    }

    /// Which values the path selects; without a filter, all of them.
    fn selected(&self) -> Vec<usize> {
        let selects = |value: &Value| match &self.place.selection {
            None => true,
            Some(selection) => matches_value(&selection.typed, value),
        };
        let selected = self.values.iter().enumerate();
        selected
            .filter(|(_, value)| selects(value))
            .map(|(at, _)| at)
            .collect()
    }

    fn drop_at(&mut self, places: &[usize]) {
        let mut at = 0;
        // `places` is in ascending order.
        self.values.retain(|_| {
            at += 1;
            places.binary_search(&(at - 1)).is_err()
        });
    }

    /// Drops values that became equal to others.
    fn collapse(&mut self) {
        // Before values go and places shift.
        self.one_primary();
        self.touched.clear();
        collapse_equal(&mut self.values);
    }

    /// Drops values in which nothing is left. A tolerant policy lets a value
    /// go with its `value`: what remains is a label on nothing.
    fn drop_spent(&mut self, fields: &[Field<'_>]) {
        let lost_value = self.reader.policy.empty_clears
            && fields
                .iter()
                .any(|(sub, value)| sub.name == "value" && value.is_none());
        let is_label = |name: &String| matches!(name.as_str(), "type" | "primary" | "display");
        let spent = |value: &Value| {
            value.as_object().is_some_and(|object| {
                object.is_empty() || (lost_value && object.keys().all(is_label))
            })
        };
        self.values.retain(|value| !spent(value));
    }

    /// RFC 7644 §3.5.2: a value that becomes primary takes that from the
    /// others.
    fn one_primary(&mut self) {
        let primary = Value::Bool(true);
        let is_primary = |value: &Value| value.get("primary") == Some(&primary);
        let becomes = self
            .touched
            .iter()
            .any(|at| self.values.get(*at).is_some_and(is_primary));
        if !becomes {
            return;
        }
        self.touched.sort_unstable();
        for (at, value) in self.values.iter_mut().enumerate() {
            if is_primary(value)
                && self.touched.binary_search(&at).is_err()
                && let Value::Object(object) = value
            {
                object.insert("primary".to_owned(), Value::Bool(false));
            }
        }
    }
}

/// Writes down the one value that fulfils a filter of `eq` and `and`. Its paths
/// are names of sub-attributes: no other resolves in brackets.
fn describe(filter: &Filter, attribute: &Attribute, object: &mut Map<String, Value>) -> bool {
    match filter {
        Filter::And(filters) => filters
            .iter()
            .all(|filter| describe(filter, attribute, object)),
        Filter::Compare {
            path,
            operator: Operator::Eq,
            value,
        } => {
            let Some(sub) = attribute.sub(&path.attribute) else {
                return false;
            };
            let value = match value {
                Literal::String(text) => Value::String(text.clone()),
                Literal::Number(number) => Value::Number(number.clone()),
                Literal::Boolean(boolean) => Value::Bool(*boolean),
                Literal::Null => return false,
            };
            object.insert(sub.name.clone(), value).is_none()
        }
        _ => false,
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(values) => values.is_empty(),
        _ => false,
    }
}

/// `PingFederate` repeats the name of the attribute inside the value.
fn unwrapped(attribute: &Attribute, value: Value) -> Value {
    match value {
        Value::Object(mut map) if map.len() == 1 => {
            let inner = map
                .iter_mut()
                .find(|(name, _)| {
                    name.eq_ignore_ascii_case(&attribute.name) && attribute.sub(name).is_none()
                })
                .map(|(_, inner)| inner.take());
            inner.unwrap_or(Value::Object(map))
        }
        other => other,
    }
}
