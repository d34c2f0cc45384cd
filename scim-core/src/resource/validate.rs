//! How the body of a POST becomes a document, and what every document holds.

use serde_json::{Map, Value};

use super::{At, Document, Policy, Repairs, body};
use crate::error::Error;
use crate::id::ResourceId;
use crate::schema::{Attribute, Mutability, ResourceType};

/// A resource that is to be created.
#[derive(Clone, Debug, PartialEq)]
pub struct New {
    /// What to store.
    pub document: Document,
    /// The members, each once; whether they exist is for the store to say.
    pub members: Vec<ResourceId>,
    /// What the body says of attributes that stay out of the document.
    pub withheld: Map<String, Value>,
    /// What was put right.
    pub repairs: Repairs,
}

/// Reads the body of a POST.
///
/// ```
/// use scim_core::{ResourceType, resource::{Policy, validate}, schema};
/// use serde_json::json;
///
/// let user = ResourceType::new("User", "/Users", schema::user()).build()?;
/// let body = json!({"schemas": [schema::USER_URN], "USERNAME": "ann", "active": "True"});
/// let new = validate::parse_new(&user, body, &Policy::compatible())?;
/// assert_eq!(new.document.get("userName"), Some(&json!("ann")));
/// assert_eq!(new.document.get("active"), Some(&json!(true)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn parse_new(resource_type: &ResourceType, body: Value, policy: &Policy) -> Result<New, Error> {
    let body = body::read(resource_type, body, policy)?;
    check(resource_type, &body.document)?;
    Ok(New {
        document: body.document,
        members: body.members.unwrap_or_default().into_iter().collect(),
        withheld: body.withheld,
        repairs: body.repairs,
    })
}

/// Whether a document has all that is required and at most one primary value
/// in each list. Values that only the server sets are not asked for.
pub fn check(resource_type: &ResourceType, document: &Document) -> Result<(), Error> {
    for attribute in resource_type.attributes() {
        // `schemas` is written by the server, `members` is elsewhere.
        if attribute.name != "schemas" && !resource_type.is_outside_document(&attribute.name) {
            let at = At::of(None, &attribute.name);
            check_attribute(attribute, at, document.get(&attribute.name))?;
        }
    }
    for extension in resource_type.extensions() {
        let urn = &extension.schema.id;
        let Some(attributes) = document.attributes(Some(urn)) else {
            if extension.required {
                return Err(Error::invalid_value(urn, "the extension is required"));
            }
            continue;
        };
        for attribute in &extension.schema.attributes {
            let at = At::of(Some(urn), &attribute.name);
            check_attribute(attribute, at, attributes.get(&attribute.name))?;
        }
    }
    Ok(())
}

fn check_attribute(attribute: &Attribute, at: At<'_>, value: Option<&Value>) -> Result<(), Error> {
    let Some(value) = value else {
        if attribute.required && attribute.mutability != Mutability::ReadOnly {
            return Err(at.refuse("a value is required"));
        }
        return Ok(());
    };
    match value {
        Value::Object(object) => check_object(attribute, at, object),
        Value::Array(values) => {
            for object in values.iter().filter_map(Value::as_object) {
                check_object(attribute, at, object)?;
            }
            // RFC 7643 §2.4
            if values.iter().filter(|value| is_primary(value)).count() > 1 {
                return Err(at.refuse("only one value may be primary"));
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

fn check_object(
    attribute: &Attribute,
    at: At<'_>,
    object: &Map<String, Value>,
) -> Result<(), Error> {
    let missing = attribute.sub_attributes.iter().find(|sub| {
        sub.required && sub.mutability != Mutability::ReadOnly && !object.contains_key(&sub.name)
    });
    match missing {
        Some(sub) => Err(at.sub(&sub.name).refuse("a value is required")),
        None => Ok(()),
    }
}

/// Whether a value of a list says that it is the primary one.
pub(crate) fn is_primary(value: &Value) -> bool {
    value.get("primary") == Some(&Value::Bool(true))
}
