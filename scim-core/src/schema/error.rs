//! What can be wrong with a schema or a resource type: mistakes of the
//! program that defines them, found when it starts.

use std::sync::Arc;

use thiserror::Error;

/// Why a schema or a resource type cannot be used.
#[derive(Debug, Clone, Error)]
#[non_exhaustive]
pub enum SchemaError {
    /// The JSON document is malformed.
    #[error("the schema is not readable")]
    Json(#[source] Arc<serde_json::Error>),
    /// Schemas are named by URNs.
    #[error("the id of a schema must be a URN, not {0:?}")]
    NotAUrn(String),
    /// The name does not follow the grammar.
    #[error("{schema}: {name:?} is no attribute name (RFC 7643 §2.1)")]
    Name {
        /// The schema.
        schema: String,
        /// The name.
        name: String,
    },
    /// Two attributes differ at most in case.
    #[error("{schema}: the attribute {name} is there twice")]
    Twice {
        /// The schema.
        schema: String,
        /// The second of the names.
        name: String,
    },
    /// A complex attribute without sub-attributes, a simple one with them, or
    /// a complex one inside a complex one.
    #[error(
        "{schema}: the complex attribute {name} needs subAttributes, and only complex ones have them"
    )]
    SubAttributes {
        /// The schema.
        schema: String,
        /// The attribute.
        name: String,
    },
    /// A resource type names an attribute that its schemas do not have.
    #[error("the resource type {resource_type} has no attribute for {path:?}: {reason}")]
    UnknownPath {
        /// The resource type.
        resource_type: String,
        /// The path that leads nowhere.
        path: String,
        /// Why it does.
        reason: String,
    },
    /// Two schemas of a resource type have the same URN.
    #[error("the resource type {resource_type} has the schema {urn} twice")]
    SchemaTwice {
        /// The resource type.
        resource_type: String,
        /// The URN.
        urn: String,
    },
}
