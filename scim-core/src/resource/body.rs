//! How the body of a POST or PUT is read.

use indexmap::IndexSet;
use serde_json::{Map, Value};

use super::lenient::{Found, attribute_of, extension_of, flattened};
use super::value::{Reader, twice};
use super::{Document, Policy, Repair, Repairs, members};
use crate::error::{Error, echo};
use crate::id::ResourceId;
use crate::schema::{Attribute, Mutability, ResourceType, Returned, Type};

/// What a body says.
pub(super) struct Body {
    pub(super) document: Document,
    /// `None` where the body does not name the rows attribute.
    pub(super) members: Option<IndexSet<ResourceId>>,
    /// The URNs of the extensions that the body names, even if to clear them.
    pub(super) extensions: IndexSet<String>,
    /// The attributes that stay out of the document.
    pub(super) withheld: Map<String, Value>,
    pub(super) repairs: Repairs,
}

/// Reads a body; whether all that is required is there is another question.
pub(super) fn read(
    resource_type: &ResourceType,
    body: Value,
    policy: &Policy,
) -> Result<Body, Error> {
    let Value::Object(body) = body else {
        return Err(Error::invalid_syntax(format!(
            "a {} is a JSON object",
            resource_type.name()
        )));
    };
    let mut reading = Reading {
        reader: Reader::new(resource_type, policy),
        document: Document::default(),
        members: None,
        extensions: IndexSet::new(),
        seen: Vec::new(),
        schemas: None,
        withheld: Map::new(),
    };
    for (name, value) in body {
        reading.take(&name, value)?;
    }
    reading.check_schemas()?;
    reading.document.declare_schemas(resource_type);
    Ok(Body {
        document: reading.document,
        members: reading.members,
        extensions: reading.extensions,
        withheld: reading.withheld,
        repairs: reading.reader.repairs,
    })
}

struct Reading<'a> {
    reader: Reader<'a>,
    document: Document,
    members: Option<IndexSet<ResourceId>>,
    extensions: IndexSet<String>,
    /// Few enough to be looked through.
    seen: Vec<&'a Attribute>,
    schemas: Option<Value>,
    withheld: Map<String, Value>,
}

impl<'a> Reading<'a> {
    fn take(&mut self, name: &str, value: Value) -> Result<(), Error> {
        if let Some(extension) = extension_of(&mut self.reader, name) {
            let urn = extension.schema.id.clone();
            return self.take_extension(&urn, value);
        }
        let found = attribute_of(&mut self.reader, name);
        match found.or_else(|| flattened(&mut self.reader, name)) {
            Some(found) => self.take_attribute(&found, value),
            None if value.is_null() => Ok(()),
            None => self.reader.unknown(name),
        }
    }

    fn take_extension(&mut self, urn: &str, value: Value) -> Result<(), Error> {
        self.extensions.insert(urn.to_owned());
        let attributes = match value {
            Value::Object(attributes) => attributes,
            Value::Null => Map::new(),
            _ => return Err(Error::invalid_value(urn, "expected an object")),
        };
        let resource_type = self.reader.resource_type;
        let Some(extension) = resource_type.extension(urn) else {
            return Ok(());
        };
        for (name, value) in attributes {
            match extension.schema.attribute(&name) {
                Some(attribute) => {
                    let found = Found {
                        extension: Some(&extension.schema),
                        attribute,
                    };
                    self.take_attribute(&found, value)?;
                }
                None if value.is_null() => {}
                None => self.reader.unknown(&format!("{urn}:{name}"))?,
            }
        }
        Ok(())
    }

    fn take_attribute(&mut self, found: &Found<'a>, value: Value) -> Result<(), Error> {
        let attribute = found.attribute;
        let at = found.at();
        if self.seen.iter().any(|seen| std::ptr::eq(*seen, attribute)) {
            return Err(twice(&at.to_string()));
        }
        self.seen.push(attribute);
        if let Some(urn) = found.urn()
            && !self.extensions.contains(urn)
        {
            self.extensions.insert(urn.to_owned());
        }
        if at.is("schemas") {
            self.schemas = Some(value);
            return Ok(());
        }
        // "readOnly": ignored in requests (RFC 7644 §3.3).
        if attribute.mutability == Mutability::ReadOnly {
            return Ok(());
        }
        if self.reader.resource_type.withholds(attribute) {
            let value = self.reader.attribute(attribute, at, value)?;
            let value = value.unwrap_or(Value::Null);
            self.withheld.insert(attribute.name.clone(), value);
            return Ok(());
        }
        if is_password(attribute) {
            if !value.is_null() {
                self.reader.repairs.note(Repair::PasswordDiscarded);
            }
            return Ok(());
        }
        if let Some(rows) = self.reader.resource_type.rows()
            && at.is(&rows.attribute)
        {
            self.members = Some(members::ids(&mut self.reader, rows, value)?);
            return Ok(());
        }
        if let Some(value) = self.reader.attribute(attribute, at, value)? {
            self.document.insert(found.urn(), &attribute.name, value);
        }
        Ok(())
    }

    /// What the body declares; what the document declares is written anew.
    fn check_schemas(&mut self) -> Result<(), Error> {
        let resource_type = self.reader.resource_type;
        let declared = match self.schemas.take() {
            Some(Value::Array(urns)) => urns,
            Some(Value::Null) | None => Vec::new(),
            Some(single) => vec![single],
        };
        let mut names_core = false;
        let mut named = IndexSet::new();
        for urn in &declared {
            let Some(urn) = urn.as_str() else {
                return Err(Error::invalid_value("schemas", "expected URNs as text"));
            };
            if urn.eq_ignore_ascii_case(&resource_type.schema().id) {
                names_core = true;
            } else if let Some(extension) = extension_of(&mut self.reader, urn) {
                named.insert(extension.schema.id.clone());
            } else if self.reader.policy.unknown_schema_urns {
                self.reader.repairs.note(Repair::SchemaUnknown);
            } else {
                return Err(Error::invalid_value(
                    "schemas",
                    format!("{} has no schema {}", resource_type.name(), echo(urn)),
                ));
            }
        }
        if !names_core {
            if !self.reader.policy.unknown_schema_urns {
                return Err(Error::invalid_value(
                    "schemas",
                    format!("expected {}", resource_type.schema().id),
                ));
            }
            self.reader.repairs.note(Repair::SchemasIncomplete);
        }
        if let Some(urn) = self.extensions.iter().find(|urn| !named.contains(*urn)) {
            if !self.reader.policy.undeclared_extensions {
                return Err(Error::invalid_value(
                    "schemas",
                    format!("expected {urn} too"),
                ));
            }
            self.reader.repairs.note(Repair::ExtensionUndeclared);
        }
        Ok(())
    }
}

/// Directories send passwords, random ones too, whatever they are told. None
/// is looked at or kept.
pub(crate) fn is_password(attribute: &Attribute) -> bool {
    attribute.name == "password"
        && attribute.kind == Type::String
        && attribute.mutability == Mutability::WriteOnly
        && attribute.returned == Returned::Never
}
