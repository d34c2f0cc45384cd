//! The definition of one attribute (RFC 7643 §7).

use serde::{Deserialize, Serialize, Serializer, ser::SerializeMap};

use super::SchemaError;

/// One attribute of a schema, or one sub-attribute.
///
/// ```
/// use scim_core::schema::{Attribute, Type, Uniqueness};
///
/// let number = Attribute {
///     required: true,
///     uniqueness: Uniqueness::Server,
///     ..Attribute::new("badgeNumber", Type::Integer)
/// };
/// let json = serde_json::to_string(&number)?;
/// assert!(json.starts_with(r#"{"name":"badgeNumber","type":"integer","multiValued":false"#));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "Wire")]
pub struct Attribute {
    /// The name in the schema's spelling.
    pub name: String,
    /// The data type; `type` on the wire.
    pub kind: Type,
    /// Whether it holds a list of values.
    pub multi_valued: bool,
    /// What it means.
    pub description: String,
    /// Whether a resource must have it.
    pub required: bool,
    /// The values that are usual.
    pub canonical_values: Vec<String>,
    /// Whether the case of its text distinguishes values.
    pub case_exact: bool,
    /// Who may change it, and when.
    pub mutability: Mutability,
    /// When it is part of an answer.
    pub returned: Returned,
    /// Whether two resources may have the same value.
    pub uniqueness: Uniqueness,
    /// What a reference points to: names of resource types, `external` or
    /// `uri`.
    pub reference_types: Vec<String>,
    /// The parts of a complex attribute.
    pub sub_attributes: Vec<Attribute>,
}

impl Attribute {
    /// A single-valued, optional, `readWrite` attribute.
    pub fn new(name: &str, kind: Type) -> Self {
        Self {
            name: name.to_owned(),
            kind,
            multi_valued: false,
            description: String::new(),
            required: false,
            canonical_values: Vec::new(),
            // RFC 7643 §2.3.6 and §2.3.7: binary and reference values are
            // case exact.
            case_exact: matches!(kind, Type::Binary | Type::Reference),
            mutability: Mutability::ReadWrite,
            returned: Returned::Default,
            uniqueness: Uniqueness::None,
            reference_types: Vec::new(),
            sub_attributes: Vec::new(),
        }
    }

    /// The sub-attribute with this name in any case.
    pub fn sub(&self, name: &str) -> Option<&Attribute> {
        find(&self.sub_attributes, name)
    }

    /// Whether it has sub-attributes.
    pub fn is_complex(&self) -> bool {
        self.kind == Type::Complex
    }

    /// Whether clients' values for it are ignored.
    pub fn is_read_only(&self) -> bool {
        self.mutability == Mutability::ReadOnly
    }
}

/// The data types of RFC 7643 §2.3.
///
/// ```
/// use scim_core::schema::{self, Type};
///
/// let user = schema::user();
/// assert_eq!(user.attribute("active").map(|it| it.kind), Some(Type::Boolean));
/// assert_eq!(Type::DateTime.as_str(), "dateTime");
/// assert!(Type::Reference.is_text());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Type {
    /// Text.
    String,
    /// True or false.
    Boolean,
    /// A number with a fraction.
    Decimal,
    /// A whole number.
    Integer,
    /// A point in time.
    DateTime,
    /// Bytes in base64.
    Binary,
    /// A URI, or the address of a resource.
    Reference,
    /// An object of sub-attributes.
    Complex,
}

impl Type {
    /// The name as it is sent.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Boolean => "boolean",
            Self::Decimal => "decimal",
            Self::Integer => "integer",
            Self::DateTime => "dateTime",
            Self::Binary => "binary",
            Self::Reference => "reference",
            Self::Complex => "complex",
        }
    }

    /// Whether `caseExact` means something for the type.
    pub const fn is_text(self) -> bool {
        matches!(self, Self::String | Self::Binary | Self::Reference)
    }
}

/// Who may change an attribute (RFC 7643 §7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Mutability {
    /// The server alone.
    ReadOnly,
    /// Clients, at any time.
    #[default]
    ReadWrite,
    /// Clients, once.
    Immutable,
    /// Clients, who cannot read it back.
    WriteOnly,
}

/// When an attribute is part of an answer (RFC 7643 §7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Returned {
    /// In every answer, even if the client excludes it.
    Always,
    /// In none.
    Never,
    /// Unless the client excludes it.
    #[default]
    Default,
    /// Only if the client asks for it.
    Request,
}

/// Among which resources a value is unique (RFC 7643 §7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Uniqueness {
    /// Among none.
    #[default]
    None,
    /// Among the resources of this server.
    Server,
    /// Among all resources anywhere.
    Global,
}

/// The attribute with this name in any case.
pub(super) fn find<'a>(attributes: &'a [Attribute], name: &str) -> Option<&'a Attribute> {
    attributes
        .iter()
        .find(|attribute| attribute.name.eq_ignore_ascii_case(name))
}

/// Refuses attributes that could not be addressed by a path.
pub(super) fn check_all(schema: &str, attributes: &[Attribute]) -> Result<(), SchemaError> {
    check_level(schema, attributes)?;
    for attribute in attributes {
        let nested = attribute.sub_attributes.iter().find(|sub| sub.is_complex());
        if attribute.is_complex() == attribute.sub_attributes.is_empty() || nested.is_some() {
            return Err(SchemaError::SubAttributes {
                schema: schema.to_owned(),
                name: attribute.name.clone(),
            });
        }
        check_level(schema, &attribute.sub_attributes)?;
    }
    Ok(())
}

fn check_level(schema: &str, attributes: &[Attribute]) -> Result<(), SchemaError> {
    for (index, attribute) in attributes.iter().enumerate() {
        let name = &attribute.name;
        if !crate::path::is_name(name) {
            return Err(SchemaError::Name {
                schema: schema.to_owned(),
                name: name.clone(),
            });
        }
        let before = attributes.get(..index).unwrap_or_default();
        if find(before, name).is_some() {
            return Err(SchemaError::Twice {
                schema: schema.to_owned(),
                name: name.clone(),
            });
        }
    }
    Ok(())
}

impl Serialize for Attribute {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("name", &self.name)?;
        map.serialize_entry("type", &self.kind)?;
        if self.is_complex() {
            map.serialize_entry("subAttributes", &self.sub_attributes)?;
        }
        map.serialize_entry("multiValued", &self.multi_valued)?;
        map.serialize_entry("description", &self.description)?;
        map.serialize_entry("required", &self.required)?;
        if !self.canonical_values.is_empty() {
            map.serialize_entry("canonicalValues", &self.canonical_values)?;
        }
        if self.kind.is_text() {
            map.serialize_entry("caseExact", &self.case_exact)?;
        }
        map.serialize_entry("mutability", &self.mutability)?;
        map.serialize_entry("returned", &self.returned)?;
        map.serialize_entry("uniqueness", &self.uniqueness)?;
        if self.kind == Type::Reference {
            map.serialize_entry("referenceTypes", &self.reference_types)?;
        }
        map.end()
    }
}

/// The JSON form, in which almost everything has a default.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire {
    name: String,
    #[serde(rename = "type")]
    kind: Type,
    #[serde(default)]
    multi_valued: bool,
    #[serde(default)]
    description: String,
    #[serde(default)]
    required: bool,
    #[serde(default)]
    canonical_values: Vec<String>,
    case_exact: Option<bool>,
    #[serde(default)]
    mutability: Mutability,
    #[serde(default)]
    returned: Returned,
    #[serde(default)]
    uniqueness: Uniqueness,
    #[serde(default)]
    reference_types: Vec<String>,
    #[serde(default)]
    sub_attributes: Vec<Attribute>,
}

impl From<Wire> for Attribute {
    fn from(wire: Wire) -> Self {
        let plain = Self::new(&wire.name, wire.kind);
        Self {
            multi_valued: wire.multi_valued,
            description: wire.description,
            required: wire.required,
            canonical_values: wire.canonical_values,
            case_exact: wire.case_exact.unwrap_or(plain.case_exact),
            mutability: wire.mutability,
            returned: wire.returned,
            uniqueness: wire.uniqueness,
            reference_types: wire.reference_types,
            sub_attributes: wire.sub_attributes,
            ..plain
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Attribute, Type};

    fn round_trip(json: Value) -> Value {
        serde_json::to_value(serde_json::from_value::<Attribute>(json).unwrap()).unwrap()
    }

    #[test]
    fn defaults_are_written_out() {
        assert_eq!(
            round_trip(json!({"name": "color", "type": "string"})),
            json!({
                "name": "color", "type": "string", "multiValued": false, "description": "",
                "required": false, "caseExact": false, "mutability": "readWrite",
                "returned": "default", "uniqueness": "none",
            })
        );
    }

    #[test]
    fn members_depend_on_the_type() {
        let keys = |json: Value| -> Vec<String> {
            let written = round_trip(json);
            written.as_object().unwrap().keys().cloned().collect()
        };
        let reference = keys(json!({"name": "a", "type": "reference", "referenceTypes": ["User"]}));
        assert!(reference.contains(&"referenceTypes".to_owned()));
        assert!(reference.contains(&"caseExact".to_owned()));
        let flag = keys(json!({"name": "a", "type": "boolean", "caseExact": true}));
        assert!(!flag.contains(&"caseExact".to_owned()));
        assert!(!flag.contains(&"canonicalValues".to_owned()));
        let complex = keys(json!({"name": "a", "type": "complex", "subAttributes": [
            {"name": "b", "type": "dateTime", "canonicalValues": ["x"]}]}));
        assert!(complex.contains(&"subAttributes".to_owned()));
    }

    #[test]
    fn sub_attributes_are_found_in_any_case() {
        let mut name = Attribute::new("name", Type::Complex);
        name.sub_attributes = vec![Attribute::new("givenName", Type::String)];
        assert_eq!(name.sub("GIVENNAME").unwrap().name, "givenName");
        assert!(name.sub("given").is_none());
    }
}
