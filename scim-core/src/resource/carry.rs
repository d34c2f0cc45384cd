//! What the server wrote inside a value stays when a client sends the value
//! again without it.

use serde_json::{Map, Value};

use crate::schema::Attribute;

/// Takes over the `readOnly` sub-attributes of the value of `before` that
/// `after` repeats.
pub(crate) fn carry_into(attribute: &Attribute, before: &Value, after: &mut Value) {
    match (before, after) {
        (Value::Array(before), Value::Array(after)) => carry_list(attribute, before, after),
        (before, after) => carry_list(
            attribute,
            std::slice::from_ref(before),
            std::slice::from_mut(after),
        ),
    }
}

/// The same for the values of a list.
pub(crate) fn carry_list(attribute: &Attribute, before: &[Value], after: &mut [Value]) {
    if !attribute.sub_attributes.iter().any(Attribute::is_read_only) {
        return;
    }
    for after in after.iter_mut().filter_map(Value::as_object_mut) {
        let mut earlier = before.iter().filter_map(Value::as_object);
        if let Some(before) = earlier.find(|before| is_repeated(attribute, before, after)) {
            for sub in attribute
                .sub_attributes
                .iter()
                .filter(|sub| sub.is_read_only())
            {
                if let Some(value) = before.get(&sub.name) {
                    after.insert(sub.name.clone(), value.clone());
                }
            }
        }
    }
}

/// A value is known by its `value`; without one, a list knows its values by
/// all that clients write, and a single value is always the same thing.
fn is_repeated(
    attribute: &Attribute,
    before: &Map<String, Value>,
    after: &Map<String, Value>,
) -> bool {
    let same = |sub: &Attribute| before.get(&sub.name) == after.get(&sub.name);
    match attribute.sub("value").filter(|sub| !sub.is_read_only()) {
        Some(value) => same(value),
        None if !attribute.multi_valued => true,
        None => attribute
            .sub_attributes
            .iter()
            .filter(|sub| !sub.is_read_only())
            .all(same),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::carry_into;
    use crate::schema::Attribute;

    fn carried(subs: &Value, multi_valued: bool, before: &Value, mut after: Value) -> Value {
        let attribute: Attribute = serde_json::from_value(json!({
            "name": "a", "type": "complex", "multiValued": multi_valued, "subAttributes": subs,
        }))
        .unwrap();
        carry_into(&attribute, before, &mut after);
        after
    }

    fn reference() -> Value {
        json!([{"name": "value", "type": "string"},
               {"name": "display", "type": "string", "mutability": "readOnly"}])
    }

    fn comment() -> Value {
        json!([{"name": "text", "type": "string"},
               {"name": "author", "type": "string", "mutability": "readOnly"}])
    }

    #[test]
    fn a_reference_keeps_its_name_while_it_points_there() {
        let before = json!({"value": "1", "display": "Ann"});
        assert_eq!(
            carried(&reference(), false, &before, json!({"value": "1"})),
            before
        );
        assert_eq!(
            carried(&reference(), false, &before, json!({"value": "2"})),
            json!({"value": "2"})
        );
    }

    #[test]
    fn a_comment_keeps_its_author() {
        let before = json!([{"text": "a", "author": "Ann"}]);
        let after = json!([{"text": "b"}, {"text": "a"}]);
        assert_eq!(
            carried(&comment(), true, &before, after),
            json!([{"text": "b"}, {"text": "a", "author": "Ann"}])
        );
    }

    #[test]
    fn a_single_value_is_the_same_thing_when_it_changes() {
        let before = json!({"text": "a", "author": "Ann"});
        let after = json!({"text": "b"});
        assert_eq!(
            carried(&comment(), false, &before, after),
            json!({"text": "b", "author": "Ann"})
        );
    }
}
