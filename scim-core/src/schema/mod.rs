//! What resources consist of: attributes, schemas and resource types, and
//! the documents that describe them to clients (RFC 7643 §5 to §7).

mod attribute;
mod builder;
mod built_in;
pub mod discovery;
mod error;
mod registry;
mod resource_type;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub use self::{
    attribute::{Attribute, Mutability, Returned, Type, Uniqueness},
    builder::ResourceTypeBuilder,
    built_in::{ENTERPRISE_USER_URN, GROUP_URN, USER_URN, common, enterprise_user, group, user},
    error::SchemaError,
    registry::Registry,
    resource_type::{Extension, ResourceType, ReverseAttribute, RowsAttribute},
};

/// A named set of attributes (RFC 7643 §7).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schema {
    /// The URN.
    pub id: String,
    /// The name for people.
    #[serde(default)]
    pub name: String,
    /// What the schema is for.
    #[serde(default)]
    pub description: String,
    /// The attributes, in the order in which they are shown.
    pub attributes: Vec<Attribute>,
}

impl Schema {
    /// Reads a schema in its JSON form.
    ///
    /// ```
    /// let schema = scim_core::Schema::from_json(
    ///     r#"{"id": "urn:example:Badge", "attributes": [{"name": "color", "type": "string"}]}"#,
    /// )?;
    /// assert_eq!(schema.attribute("COLOR").map(|found| found.name.as_str()), Some("color"));
    /// # Ok::<(), scim_core::SchemaError>(())
    /// ```
    pub fn from_json(json: &str) -> Result<Self, SchemaError> {
        let schema: Self =
            serde_json::from_str(json).map_err(|source| SchemaError::Json(Arc::new(source)))?;
        schema.check()?;
        Ok(schema)
    }

    /// The attribute with this name in any case.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        attribute::find(&self.attributes, name)
    }

    fn check(&self) -> Result<(), SchemaError> {
        if !self.id.to_ascii_lowercase().starts_with("urn:") {
            return Err(SchemaError::NotAUrn(self.id.clone()));
        }
        attribute::check_all(&self.id, &self.attributes)
    }
}

#[cfg(test)]
mod tests {
    use super::Schema;

    fn refused(json: &str) -> String {
        Schema::from_json(json).unwrap_err().to_string()
    }

    #[test]
    fn broken_schemas_are_refused() {
        assert_eq!(refused("{"), "the schema is not readable");
        assert_eq!(
            refused(r#"{"id": "Badge", "attributes": []}"#),
            "the id of a schema must be a URN, not \"Badge\""
        );
        assert_eq!(
            refused(
                r#"{"id": "urn:x:Badge", "attributes": [
                    {"name": "color", "type": "string"}, {"name": "Color", "type": "string"}]}"#
            ),
            "urn:x:Badge: the attribute Color is there twice"
        );
        assert_eq!(
            refused(r#"{"id": "urn:x:Badge", "attributes": [{"name": "9", "type": "string"}]}"#),
            "urn:x:Badge: \"9\" is no attribute name (RFC 7643 §2.1)"
        );
        assert_eq!(
            refused(r#"{"id": "urn:x:Badge", "attributes": [{"name": "a", "type": "complex"}]}"#),
            "urn:x:Badge: the complex attribute a needs subAttributes, and only complex ones have them"
        );
    }
}
