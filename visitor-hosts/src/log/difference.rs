//! What differs between two documents, attribute by attribute, in words. Pure.

use std::collections::BTreeMap;

use scim_core::{ResourceId, ResourceType};
use scim_server::service::Caller;
use serde_json::{Map, Value, json};

/// Attributes that differ: as they were, and as they are.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Difference(BTreeMap<String, (Option<String>, Option<String>)>);

impl Difference {
    /// What the change feed says of a change.
    pub(super) fn recorded(before: Option<&str>, after: Option<&str>) -> Difference {
        let map = |text: Option<&str>| -> Map<String, Value> {
            let map = text.map(serde_json::from_str).and_then(Result::ok);
            map.unwrap_or_default()
        };
        Difference::between(&map(before), &map(after))
    }

    /// Between two documents. An extension is compared attribute by attribute.
    pub(super) fn between(before: &Map<String, Value>, after: &Map<String, Value>) -> Difference {
        let (before, after) = (flat(before), flat(after));
        let mut difference = Difference::default();
        for name in before.keys().chain(after.keys()) {
            let (was, is) = (before.get(name), after.get(name));
            if was != is {
                let change = (was.map(words), is.map(words));
                difference.0.insert(name.clone(), change);
            }
        }
        difference
    }

    /// The same with members that come and go.
    pub(super) fn with_members(
        mut self,
        removed: &[ResourceId],
        added: &[ResourceId],
    ) -> Difference {
        let ids = |ids: &[ResourceId]| {
            let mut ids: Vec<String> = ids.iter().map(ResourceId::to_string).collect();
            ids.sort();
            (!ids.is_empty()).then(|| json!(ids).to_string())
        };
        let (removed, added) = (ids(removed), ids(added));
        if removed.is_some() || added.is_some() {
            self.0.insert("members".to_owned(), (removed, added));
        }
        self
    }

    /// The same without attributes of this type that are not for the caller.
    pub(super) fn seen_by(mut self, caller: &Caller, resource_type: &ResourceType) -> Difference {
        self.0
            .retain(|name, _| caller.sees_attribute(resource_type, name));
        self
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What an attribute became.
    pub(super) fn after(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.1.as_deref()
    }

    /// The attributes.
    pub(super) fn names(&self) -> Vec<&str> {
        self.0.keys().map(String::as_str).collect()
    }

    /// As resources and answers show it.
    pub(super) fn to_value(&self) -> Value {
        let lines = self.0.iter().map(|(name, (was, is))| {
            let mut line = Map::new();
            line.insert("attribute".to_owned(), json!(name));
            if let Some(was) = was {
                line.insert("before".to_owned(), json!(was));
            }
            if let Some(is) = is {
                line.insert("after".to_owned(), json!(is));
            }
            Value::Object(line)
        });
        lines.collect()
    }
}

/// Attributes by name; those of an extension by its URN and their name. Members are in no order.
fn flat(document: &Map<String, Value>) -> BTreeMap<String, Value> {
    let mut flat = BTreeMap::new();
    for (name, value) in document {
        match value {
            Value::Object(extension) if name.starts_with("urn:") => {
                for (inner, value) in extension {
                    flat.insert(format!("{name}:{inner}"), value.clone());
                }
            }
            Value::Array(values) if name == "members" => {
                let mut values = values.clone();
                values.sort_by_key(Value::to_string);
                flat.insert(name.clone(), Value::Array(values));
            }
            _ => {
                flat.insert(name.clone(), value.clone());
            }
        }
    }
    flat
}

/// A text as it is, everything else as JSON.
fn words(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    macro_rules! check {
        ($before:tt, $after:tt, @$shown:literal) => {
            let (before, after) = (json!($before).to_string(), json!($after).to_string());
            let difference = Difference::recorded(Some(&before), Some(&after));
            insta::assert_snapshot!(difference.to_value(), @$shown)
        };
    }

    #[test]
    fn attribute_by_attribute() {
        check!({ "title": "a", "active": true }, { "title": "b", "active": true }, @r#"[{"attribute":"title","before":"a","after":"b"}]"#);
        check!({ "urn:x:User": { "department": "a", "costCenter": "1" } }, { "urn:x:User": { "costCenter": "1" } }, @r#"[{"attribute":"urn:x:User:department","before":"a"}]"#);
        check!({ "members": ["2", "1"] }, { "members": ["1", "2"] }, @"[]");
        check!({}, { "emails": [{ "value": "a" }] }, @r#"[{"attribute":"emails","after":"[{\"value\":\"a\"}]"}]"#);
    }
}
