//! Paths to the plain values in a document: what is compared, indexed and
//! unique.

use std::fmt;

use serde_json::{Map, Value};

use crate::schema::{Attribute, ResourceType, Schema, Type};

/// A path in the schema's spelling that ends at a simple attribute.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct KeyPath {
    key: String,
    extension: Option<String>,
    attribute: String,
    sub: Option<String>,
    kind: Type,
    case_exact: bool,
}

impl KeyPath {
    pub(crate) fn new(
        extension: Option<&Schema>,
        attribute: &Attribute,
        sub: Option<&Attribute>,
    ) -> Self {
        let last = sub.unwrap_or(attribute);
        Self {
            key: canonical(extension, attribute, sub),
            extension: extension.map(|schema| schema.id.clone()),
            attribute: attribute.name.clone(),
            sub: sub.map(|sub| sub.name.clone()),
            kind: last.kind,
            case_exact: last.case_exact,
        }
    }

    /// The path of a sub-attribute as seen from inside the brackets of
    /// `parent[…]`: its key is still the one from outside.
    pub(crate) fn within(parent: &str, sub: &Attribute) -> Self {
        Self {
            key: format!("{parent}.{}", sub.name),
            ..Self::new(None, sub, None)
        }
    }

    /// The path of the values of a simple attribute as seen from inside its
    /// brackets, where they are called `value`.
    pub(crate) fn element(parent: &str, attribute: &Attribute) -> Self {
        Self {
            key: parent.to_owned(),
            extension: None,
            attribute: "value".to_owned(),
            sub: None,
            kind: attribute.kind,
            case_exact: attribute.case_exact,
        }
    }

    /// The path as text, which names the key in the store: `emails.value`.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The name of the attribute, without schema and sub-attribute.
    pub fn attribute(&self) -> &str {
        &self.attribute
    }

    /// The type of the values.
    pub fn kind(&self) -> Type {
        self.kind
    }

    /// Whether case distinguishes the values.
    pub fn case_exact(&self) -> bool {
        self.case_exact
    }

    /// Whether the attribute or the sub-attribute is multi-valued.
    pub(crate) fn is_list(&self, resource_type: &ResourceType) -> bool {
        let attribute = match &self.extension {
            None => resource_type.attribute(&self.attribute),
            Some(urn) => resource_type
                .extension(urn)
                .and_then(|extension| extension.schema.attribute(&self.attribute)),
        };
        let sub = |attribute: &Attribute| {
            let sub = self.sub.as_deref().and_then(|sub| attribute.sub(sub));
            sub.is_some_and(|sub| sub.multi_valued)
        };
        attribute.is_some_and(|attribute| attribute.multi_valued || sub(attribute))
    }

    /// All values that a document has at the path.
    ///
    /// ```
    /// # use scim_core::{AttributePath, ResourceType, schema};
    /// let user = ResourceType::new("User", "/Users", schema::user()).indexed(["emails.value"]).build()?;
    /// let document = serde_json::json!({"emails": [{"value": "a@b.c"}, {"value": "d@e.f"}]});
    /// assert_eq!(user.indexed()[0].values(document.as_object().unwrap()).len(), 2);
    /// # Ok::<(), scim_core::SchemaError>(())
    /// ```
    pub fn values<'d>(&self, document: &'d Map<String, Value>) -> Vec<&'d Value> {
        let whole = self.attribute_values(document);
        match &self.sub {
            None => whole,
            Some(sub) => whole
                .into_iter()
                .filter_map(|value| value.get(sub))
                .flat_map(elements)
                .collect(),
        }
    }

    /// The values of the attribute itself, before the sub-attribute is taken.
    pub(crate) fn attribute_values<'d>(&self, document: &'d Map<String, Value>) -> Vec<&'d Value> {
        let object = match &self.extension {
            None => Some(document),
            Some(urn) => document.get(urn).and_then(Value::as_object),
        };
        match object.and_then(|object| object.get(&self.attribute)) {
            None => Vec::new(),
            Some(value) => elements(value).collect(),
        }
    }

    /// The values of the sub-attribute in one value of the attribute.
    pub(crate) fn sub_values<'d>(&self, value: &'d Value) -> Vec<&'d Value> {
        match &self.sub {
            None => vec![value],
            Some(sub) => value.get(sub).into_iter().flat_map(elements).collect(),
        }
    }
}

impl fmt::Display for KeyPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.key)
    }
}

/// The canonical text of a path: the core schema's URN is left away.
pub(crate) fn canonical(
    extension: Option<&Schema>,
    attribute: &Attribute,
    sub: Option<&Attribute>,
) -> String {
    let mut key = String::new();
    if let Some(schema) = extension {
        key.push_str(&schema.id);
        key.push(':');
    }
    key.push_str(&attribute.name);
    if let Some(sub) = sub {
        key.push('.');
        key.push_str(&sub.name);
    }
    key
}

/// The elements of a list, or the one value.
fn elements(value: &Value) -> impl Iterator<Item = &Value> {
    match value {
        Value::Array(elements) => elements.as_slice(),
        single => std::slice::from_ref(single),
    }
    .iter()
}
