//! How the body of a PUT becomes the new document (RFC 7644 §3.5.1).

use serde_json::{Map, Value};

use super::carry::carry_into;
use super::{At, Document, Policy, Repairs, body, validate};
use crate::error::Error;
use crate::id::ResourceId;
use crate::schema::{Attribute, Mutability, ResourceType};

/// A resource that is to be replaced.
#[derive(Clone, Debug, PartialEq)]
pub struct Replacement {
    /// What to store.
    pub document: Document,
    /// The members from now on; `None` where the body does not name the
    /// attribute, which leaves them as they are.
    pub members: Option<Vec<ResourceId>>,
    /// What the body says of attributes that stay out of the document.
    pub withheld: Map<String, Value>,
    /// What was put right.
    pub repairs: Repairs,
    /// Whether the document differs from the one it replaces.
    pub changed: bool,
}

/// Reads the body of a PUT for a resource that is `current` now.
///
/// An attribute that the body leaves out is cleared, with these exceptions:
/// what is `readOnly`, `immutable` or `writeOnly` stays, and so does an
/// extension that the body does not name at all, because clients exist that
/// know only the core schema. An `immutable` attribute that is set may be
/// repeated but not changed.
///
/// ```
/// use scim_core::{Policy, ResourceType, resource::{parse_replacement, validate}, schema};
/// use serde_json::json;
///
/// let users = ResourceType::new("User", "/Users", schema::user()).build()?;
/// let body = json!({"schemas": [schema::USER_URN], "userName": "kim", "title": "Dr."});
/// let kim = validate::parse_new(&users, body, &Policy::strict())?.document;
///
/// let body = json!({"schemas": [schema::USER_URN], "userName": "kim"});
/// let put = parse_replacement(&users, &kim, body, &Policy::strict())?;
/// assert!(put.changed && put.document.get("title").is_none());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn parse_replacement(
    resource_type: &ResourceType,
    current: &Document,
    body: Value,
    policy: &Policy,
) -> Result<Replacement, Error> {
    let body = body::read(resource_type, body, policy)?;
    let mut document = body.document;
    for attribute in resource_type.attributes() {
        carry(current, &mut document, None, attribute, stays(attribute));
    }
    for extension in resource_type.extensions() {
        let urn = extension.schema.id.as_str();
        let named = body.extensions.contains(urn);
        for attribute in &extension.schema.attributes {
            let stays = !named || stays(attribute);
            carry(current, &mut document, Some(urn), attribute, stays);
        }
    }
    document.declare_schemas(resource_type);
    immutable_kept(resource_type, current, &document)?;
    validate::check(resource_type, &document)?;
    Ok(Replacement {
        changed: document != *current,
        document,
        members: body.members.map(|members| members.into_iter().collect()),
        withheld: body.withheld,
        repairs: body.repairs,
    })
}

/// What the body of a PUT says of attributes that stay out of the document, before it is known what it replaces;
/// nothing, where the body cannot be read.
pub fn withheld(resource_type: &ResourceType, body: Value, policy: &Policy) -> Map<String, Value> {
    let body = body::read(resource_type, body, policy);
    body.map(|body| body.withheld).unwrap_or_default()
}

fn stays(attribute: &Attribute) -> bool {
    attribute.mutability != Mutability::ReadWrite
}

/// Takes over from the current value what the server wrote in it, and all of
/// it if the new document lacks a value that stays.
fn carry(
    current: &Document,
    document: &mut Document,
    extension: Option<&str>,
    attribute: &Attribute,
    stays: bool,
) {
    let Some(before) = current.value(extension, &attribute.name) else {
        return;
    };
    match document.value_mut(extension, &attribute.name) {
        Some(after) => carry_into(attribute, before, after),
        None if stays => document.insert(extension, &attribute.name, before.clone()),
        None => {}
    }
}

/// Refuses a change of an `immutable` attribute that had a value.
pub(crate) fn immutable_kept(
    resource_type: &ResourceType,
    before: &Document,
    after: &Document,
) -> Result<(), Error> {
    for attribute in resource_type.attributes() {
        let (before, after) = (before.get(&attribute.name), after.get(&attribute.name));
        kept(attribute, At::of(None, &attribute.name), before, after)?;
    }
    for extension in resource_type.extensions() {
        let urn = extension.schema.id.as_str();
        for attribute in &extension.schema.attributes {
            kept(
                attribute,
                At::of(Some(urn), &attribute.name),
                before.value(Some(urn), &attribute.name),
                after.value(Some(urn), &attribute.name),
            )?;
        }
    }
    Ok(())
}

fn kept(
    attribute: &Attribute,
    at: At<'_>,
    before: Option<&Value>,
    after: Option<&Value>,
) -> Result<(), Error> {
    let Some(before) = before else {
        return Ok(());
    };
    if attribute.mutability == Mutability::Immutable && Some(before) != after {
        return Err(Error::mutability(&at.to_string()));
    }
    if attribute.multi_valued {
        return Ok(());
    }
    // A complex value may go as a whole; while it is there, its immutable
    // parts stay what they are.
    let Some(after) = after else {
        return Ok(());
    };
    for sub in &attribute.sub_attributes {
        kept(
            sub,
            at.sub(&sub.name),
            before.get(&sub.name),
            after.get(&sub.name),
        )?;
    }
    Ok(())
}
