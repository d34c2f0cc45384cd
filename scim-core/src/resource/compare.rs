//! When two values of an attribute are the same.

use std::collections::HashSet;

use serde_json::Value;

use crate::schema::Attribute;
use crate::text::fold;

/// How many values are compared one by one before a set is made of them.
const SCAN_MAX: usize = 8;

/// Whether two texts name the same value of `attribute`.
pub(crate) fn same_text(attribute: &Attribute, left: &str, right: &str) -> bool {
    left == right || (!attribute.case_exact && fold(left) == fold(right))
}

/// Whether `element`, a value of a multi-valued attribute, is the one that
/// `wanted` describes: every sub-attribute that both know is the same, and
/// they have at least one in common.
///
/// What `wanted` says and `element` does not have decides against it, so a
/// client never takes away more than it named.
pub(crate) fn covers(attribute: &Attribute, element: &Value, wanted: &Value) -> bool {
    match (element, wanted) {
        (Value::Object(element), Value::Object(wanted)) => {
            !wanted.is_empty()
                && wanted.iter().all(|(name, wanted)| {
                    element.get(name).is_some_and(|value| {
                        let sub = attribute.sub(name).unwrap_or(attribute);
                        same_value(sub, value, wanted)
                    })
                })
        }
        (element, wanted) => same_value(attribute, element, wanted),
    }
}

fn same_value(attribute: &Attribute, left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::String(left), Value::String(right)) => same_text(attribute, left, right),
        (left, right) => left == right,
    }
}

/// Adds those of `new` to `values` that are not among them, and answers where
/// each of `new` is then found.
pub(crate) fn append_missing(values: &mut Vec<Value>, new: Vec<Value>) -> Vec<usize> {
    if new.len() <= SCAN_MAX {
        return new
            .into_iter()
            .map(|value| {
                values
                    .iter()
                    .position(|it| *it == value)
                    .unwrap_or_else(|| {
                        values.push(value);
                        values.len() - 1
                    })
            })
            .collect();
    }
    let mut known: std::collections::HashMap<String, usize> = values
        .iter()
        .enumerate()
        .map(|(at, value)| (fingerprint(value), at))
        .collect();
    new.into_iter()
        .map(|value| {
            *known.entry(fingerprint(&value)).or_insert_with(|| {
                values.push(value);
                values.len() - 1
            })
        })
        .collect()
}

/// Keeps the first of equal values.
pub(crate) fn collapse_equal(values: &mut Vec<Value>) {
    if values.len() <= SCAN_MAX {
        let mut at = 1;
        while let Some(value) = values.get(at) {
            if values.iter().take(at).any(|before| before == value) {
                values.remove(at);
            } else {
                at += 1;
            }
        }
        return;
    }
    let mut seen = HashSet::with_capacity(values.len());
    values.retain(|value| seen.insert(fingerprint(value)));
}

/// Text that two values share exactly when they are equal. Objects are equal
/// whatever the order of their members.
fn fingerprint(value: &Value) -> String {
    match value {
        Value::Object(map) => {
            let mut members: Vec<_> = map
                .iter()
                .map(|(name, value)| {
                    format!("{}:{}", Value::from(name.as_str()), fingerprint(value))
                })
                .collect();
            members.sort_unstable();
            format!("{{{}}}", members.join(","))
        }
        Value::Array(values) => {
            let values: Vec<_> = values.iter().map(fingerprint).collect();
            format!("[{}]", values.join(","))
        }
        simple => simple.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{append_missing, collapse_equal};

    #[test]
    fn equal_values_collapse_whatever_their_order() {
        let mut values = vec![
            json!({"value": "a", "type": "work"}),
            json!({"type": "work", "value": "a"}),
            json!({"value": "A", "type": "work"}),
        ];
        collapse_equal(&mut values);
        assert_eq!(values.len(), 2);
    }

    #[test]
    fn few_and_many_are_appended_alike() {
        for count in [3_usize, 30] {
            let mut values = vec![json!(0), json!(1)];
            let new: Vec<Value> = (0..count).map(|it| json!(it)).chain([json!(2)]).collect();
            let found = append_missing(&mut values, new);
            assert_eq!(values.len(), count);
            assert_eq!(found.last(), Some(&2));
        }
    }
}
