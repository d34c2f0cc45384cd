//! The JSON object that a store keeps for a resource.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::schema::ResourceType;

/// A resource without what the server says about it (`id`, `meta`) and without
/// what lives in rows of its own (`members`).
///
/// Names are spelled as in the schema, an extension's attributes are under its
/// URN, and nothing is `null` or empty: an attribute without a value is absent
/// (RFC 7643 §2.5).
///
/// ```
/// use scim_core::Document;
/// use serde_json::json;
///
/// let stored = json!({"userName": "kim", "active": true});
/// let mut document = Document::from_stored(stored.as_object().unwrap().clone());
/// document.set(None, "active", json!(false));
/// document.set(Some("urn:example:Badge"), "color", json!("red"));
/// assert_eq!(
///     document.to_string(),
///     r#"{"userName":"kim","active":false,"urn:example:Badge":{"color":"red"}}"#,
/// );
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Document(Map<String, Value>);

impl Document {
    /// A document read back from where it was stored. The body of a request
    /// becomes one in [`validate`](super::validate).
    pub const fn from_stored(map: Map<String, Value>) -> Self {
        Self(map)
    }

    /// The value of a core attribute, or all of an extension by its URN.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// The JSON object.
    pub const fn as_map(&self) -> &Map<String, Value> {
        &self.0
    }

    /// The JSON object.
    pub fn into_map(self) -> Map<String, Value> {
        self.0
    }

    /// Sets a value that the server decides, such as a `readOnly` attribute of
    /// a derived resource; `null` takes it away.
    pub fn set(&mut self, extension: Option<&str>, attribute: &str, value: Value) {
        if value.is_null() {
            self.remove(extension, attribute);
        } else {
            self.insert(extension, attribute, value);
        }
    }

    /// The attributes of the resource itself or of one of its extensions.
    pub(crate) fn attributes(&self, extension: Option<&str>) -> Option<&Map<String, Value>> {
        match extension {
            None => Some(&self.0),
            Some(urn) => self.0.get(urn).and_then(Value::as_object),
        }
    }

    pub(crate) fn value(&self, extension: Option<&str>, attribute: &str) -> Option<&Value> {
        self.attributes(extension)?.get(attribute)
    }

    pub(crate) fn value_mut(
        &mut self,
        extension: Option<&str>,
        attribute: &str,
    ) -> Option<&mut Value> {
        match extension {
            None => self.0.get_mut(attribute),
            Some(urn) => self.0.get_mut(urn)?.get_mut(attribute),
        }
    }

    pub(crate) fn insert(&mut self, extension: Option<&str>, attribute: &str, value: Value) {
        let Some(urn) = extension else {
            self.0.insert(attribute.to_owned(), value);
            return;
        };
        if let Some(Value::Object(attributes)) = self.0.get_mut(urn) {
            attributes.insert(attribute.to_owned(), value);
        } else {
            let attributes = Map::from_iter([(attribute.to_owned(), value)]);
            self.0.insert(urn.to_owned(), Value::Object(attributes));
        }
    }

    pub(crate) fn remove(&mut self, extension: Option<&str>, attribute: &str) -> Option<Value> {
        let removed = match extension {
            None => return self.0.shift_remove(attribute),
            Some(urn) => self
                .0
                .get_mut(urn)?
                .as_object_mut()?
                .shift_remove(attribute),
        };
        if let Some(urn) = extension
            && self.attributes(extension).is_some_and(Map::is_empty)
        {
            self.0.shift_remove(urn);
        }
        removed
    }

    /// The values of a multi-valued attribute, to be given back with
    /// [`put_list`](Self::put_list).
    pub(crate) fn take_list(&mut self, extension: Option<&str>, attribute: &str) -> Vec<Value> {
        let attributes = match extension {
            None => Some(&mut self.0),
            Some(urn) => self.0.get_mut(urn).and_then(Value::as_object_mut),
        };
        match attributes.and_then(|attributes| attributes.get_mut(attribute)) {
            Some(Value::Array(values)) => std::mem::take(values),
            _ => Vec::new(),
        }
    }

    /// Sets the values of a multi-valued attribute, which goes if it has none.
    pub(crate) fn put_list(
        &mut self,
        extension: Option<&str>,
        attribute: &str,
        values: Vec<Value>,
    ) {
        if values.is_empty() {
            self.remove(extension, attribute);
        } else {
            self.insert(extension, attribute, Value::Array(values));
        }
    }

    /// Writes `schemas` after extensions came or went: the resource type's own URN and those of the
    /// extensions that are there.
    pub fn declare_schemas(&mut self, resource_type: &ResourceType) {
        let mut urns = vec![Value::from(resource_type.schema().id.as_str())];
        for extension in resource_type.extensions() {
            if self.0.contains_key(extension.schema.id.as_str()) {
                urns.push(Value::from(extension.schema.id.as_str()));
            }
        }
        // First, where people look for it.
        self.0.shift_remove("schemas");
        self.0
            .shift_insert(0, "schemas".to_owned(), Value::Array(urns));
    }
}

impl fmt::Display for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = serde_json::to_string(&self.0).map_err(|_| fmt::Error)?;
        f.write_str(&text)
    }
}
