//! What a JSON value of an answer must look like.

use serde::{Deserialize, Deserializer, de};
use serde_json::{Map, Value};

use super::template::Template;

/// The shape of a JSON value, read from an expected body.
#[derive(Clone, Debug, PartialEq)]
pub enum Pattern {
    /// `"{{any}}"`: any value, but there must be one.
    Any,
    /// `"{{maybe}}"`: any value or none.
    Maybe,
    /// A string that fits.
    Text(Template),
    /// Exactly this number, boolean or null.
    Literal(Value),
    /// These elements in any order, since multi-valued attributes have none.
    Array(Vec<Pattern>),
    /// These keys and no other.
    Object(Vec<(String, Pattern)>),
}

impl Pattern {
    /// Reads the placeholders of `value`.
    pub fn parse(value: Value) -> Result<Self, String> {
        Ok(match value {
            Value::String(text) if text == "{{any}}" => Self::Any,
            Value::String(text) if text == "{{maybe}}" => Self::Maybe,
            Value::String(text) => Self::Text(Template::parse(&text)?),
            Value::Array(elements) => Self::Array(
                elements
                    .into_iter()
                    .map(Self::parse)
                    .collect::<Result<_, _>>()?,
            ),
            Value::Object(members) => Self::Object(parse_members(members)?),
            literal => Self::Literal(literal),
        })
    }
}

fn parse_members(members: Map<String, Value>) -> Result<Vec<(String, Pattern)>, String> {
    members
        .into_iter()
        .map(|(key, value)| Ok((key, Pattern::parse(value)?)))
        .collect()
}

impl<'de> Deserialize<'de> for Pattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(Value::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

/// As it stands in the fixture.
impl std::fmt::Display for Pattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Any => f.write_str("{{any}}"),
            Self::Maybe => f.write_str("{{maybe}}"),
            Self::Text(template) => write!(f, "\"{template}\""),
            Self::Literal(value) => write!(f, "{value}"),
            Self::Array(elements) => {
                let elements: Vec<_> = elements.iter().map(Self::to_string).collect();
                write!(f, "[{}]", elements.join(","))
            }
            Self::Object(members) => {
                let members: Vec<_> = members
                    .iter()
                    .map(|(key, value)| format!("\"{key}\":{value}"))
                    .collect();
                write!(f, "{{{}}}", members.join(","))
            }
        }
    }
}
