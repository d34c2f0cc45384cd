//! Which schema or attribute a name means that is not quite right.

use std::sync::Arc;

use super::value::Reader;
use super::{At, Repair, Repairs};
use crate::schema::{Attribute, Extension, ResourceType, Schema};

/// Where an attribute is: in the resource itself or in an extension.
pub(crate) struct Found<'a> {
    pub(crate) extension: Option<&'a Arc<Schema>>,
    pub(crate) attribute: &'a Attribute,
}

impl<'a> Found<'a> {
    pub(crate) fn urn(&self) -> Option<&'a str> {
        self.extension.map(|schema| schema.id.as_str())
    }

    /// The name for errors: `urn:…:User:manager` in an extension.
    pub(crate) fn at(&self) -> At<'a> {
        At::of(self.urn(), &self.attribute.name)
    }
}

/// The attribute with this name. Clients that do not know about extensions
/// write `manager` for the one attribute of that name in an extension.
pub(crate) fn attribute_of<'a>(reader: &mut Reader<'a>, name: &str) -> Option<Found<'a>> {
    let resource_type = reader.resource_type;
    if let Some(attribute) = resource_type.attribute(name) {
        return Some(Found {
            extension: None,
            attribute,
        });
    }
    if !reader.policy.short_extension_paths {
        return None;
    }
    let (schema, attribute) = resource_type.extension_with(name)?;
    reader.repairs.note(Repair::ShortExtensionPath);
    Some(Found {
        extension: Some(schema),
        attribute,
    })
}

/// The attribute whose name stands in one key with the URN of its extension:
/// `urn:…:User:department`.
pub(crate) fn flattened<'a>(reader: &mut Reader<'a>, key: &str) -> Option<Found<'a>> {
    let (extension, name) = split_urn(reader, key)?;
    let attribute = extension.schema.attribute(name)?;
    reader.repairs.note(Repair::UrnFlattening);
    Some(Found {
        extension: Some(&extension.schema),
        attribute,
    })
}

/// The path with a colon behind the URN of its extension, where it has a dot:
/// `urn:…:User.department`.
pub(crate) fn with_colon(reader: &mut Reader<'_>, path: &str) -> Option<String> {
    let (extension, rest) = split_urn(reader, path)?;
    let urn = &extension.schema.id;
    if !path.get(urn.len()..)?.starts_with('.') {
        return None;
    }
    reader.repairs.note(Repair::UrnFlattening);
    Some(format!("{urn}:{rest}"))
}

/// The extension that a key begins with, and what follows.
fn split_urn<'a, 'k>(reader: &Reader<'a>, key: &'k str) -> Option<(&'a Extension, &'k str)> {
    if !reader.policy.dotted_keys {
        return None;
    }
    let resource_type = reader.resource_type;
    resource_type.extensions().iter().find_map(|extension| {
        let urn = extension.schema.id.as_str();
        let (head, rest) = key.split_at_checked(urn.len())?;
        let rest = rest.strip_prefix([':', '.'])?;
        head.eq_ignore_ascii_case(urn).then_some((extension, rest))
    })
}

/// The extension with this URN.
pub(crate) fn extension_of<'a>(reader: &mut Reader<'a>, urn: &str) -> Option<&'a Extension> {
    let resource_type = reader.resource_type;
    if let Some(extension) = resource_type.extension(urn) {
        return Some(extension);
    }
    if !reader.policy.misspelled_urns {
        return None;
    }
    misspelled_extension(resource_type, urn, &mut reader.repairs)
}

/// Entra's documentation shows `…:enterprise:2.0User`: a URN that lacks a
/// colon still names one schema only.
fn misspelled_extension<'a>(
    resource_type: &'a ResourceType,
    urn: &str,
    repairs: &mut Repairs,
) -> Option<&'a Extension> {
    let found = resource_type
        .extensions()
        .iter()
        .find(|extension| same_without_colons(&extension.schema.id, urn))?;
    repairs.note(Repair::SchemaMisspelled);
    Some(found)
}

fn same_without_colons(left: &str, right: &str) -> bool {
    let letters = |text: &str| -> String {
        text.chars()
            .filter(|char| *char != ':')
            .map(|char| char.to_ascii_lowercase())
            .collect()
    };
    // An attribute name is never mistaken for a URN.
    right.len() > 4 && right.contains(':') && letters(left) == letters(right)
}
