//! How one JSON value of a request becomes the value of an attribute.

use serde_json::{Map, Value};

use super::compare::collapse_equal;
use super::{At, Policy, Repair, Repairs};
use crate::error::{Error, echo};
use crate::schema::{Attribute, Mutability, ResourceType, Type};
use crate::text;

/// How many values one attribute of a document may have; members are not counted, they are no
/// part of it. Keeps 1,000 PATCH operations on one list from taking the time of millions.
pub const VALUES_MAX: usize = 1_000;

/// Refuses a list that is longer than [`VALUES_MAX`].
pub(crate) fn values_in_bounds(count: usize) -> Result<(), Error> {
    if count > VALUES_MAX {
        return Err(Error::TooMany {
            what: "values of one attribute",
            limit: VALUES_MAX,
        });
    }
    Ok(())
}

/// Reads values under a policy and notes what it repairs.
pub(crate) struct Reader<'a> {
    pub(crate) resource_type: &'a ResourceType,
    pub(crate) policy: Policy,
    pub(crate) repairs: Repairs,
    /// Comparisons that the request has asked for so far.
    work: usize,
}

/// How many values a request may have compared: for every PATCH operation on a list, the values
/// that are there times the conditions of its path, or times the values it names.
pub const COMPARISONS_MAX: usize = 250_000;

/// A sub-attribute that an object names, with its value; `None` clears it.
pub(crate) type Field<'a> = (&'a Attribute, Option<Value>);

impl<'a> Reader<'a> {
    /// A resource type that is strict overrides the policy.
    pub(crate) fn new(resource_type: &'a ResourceType, policy: &Policy) -> Self {
        let policy = if resource_type.is_strict() {
            Policy::strict()
        } else {
            *policy
        };
        Self {
            resource_type,
            policy,
            repairs: Repairs::new(),
            work: 0,
        }
    }

    /// Counts comparisons before they are made.
    pub(crate) fn spend(&mut self, comparisons: usize) -> Result<(), Error> {
        self.work = self.work.saturating_add(comparisons);
        if self.work > COMPARISONS_MAX {
            return Err(Error::TooMany {
                what: "comparisons of values",
                limit: COMPARISONS_MAX,
            });
        }
        Ok(())
    }

    /// The value of `attribute`, or `None` where the request says that there
    /// is none. `at` names the attribute in errors.
    pub(crate) fn attribute(
        &mut self,
        attribute: &Attribute,
        at: At<'_>,
        value: Value,
    ) -> Result<Option<Value>, Error> {
        if attribute.multi_valued {
            let values = self.values(attribute, at, value)?;
            Ok((!values.is_empty()).then_some(Value::Array(values)))
        } else {
            self.element(attribute, at, value)
        }
    }

    /// All values of a multi-valued attribute, each once.
    pub(crate) fn values(
        &mut self,
        attribute: &Attribute,
        at: At<'_>,
        value: Value,
    ) -> Result<Vec<Value>, Error> {
        let raw = match self.json_text(attribute, value) {
            Value::Array(values) => values,
            Value::Null => return Ok(Vec::new()),
            Value::String(text) if text.is_empty() && self.policy.empty_clears => {
                self.repairs.note(Repair::EmptyClears);
                return Ok(Vec::new());
            }
            single if self.policy.single_or_array => {
                self.repairs.note(Repair::SingleOrArray);
                vec![single]
            }
            _ => return Err(at.refuse("expected an array of values")),
        };
        values_in_bounds(raw.len())?;
        let mut values = Vec::with_capacity(raw.len());
        for value in raw {
            values.extend(self.element(attribute, at, value)?);
        }
        collapse_equal(&mut values);
        Ok(values)
    }

    /// One value of `attribute`, whether it has one or many.
    pub(crate) fn element(
        &mut self,
        attribute: &Attribute,
        at: At<'_>,
        value: Value,
    ) -> Result<Option<Value>, Error> {
        if attribute.kind == Type::Complex {
            let Some(object) = self.object(attribute, at, value)? else {
                return Ok(None);
            };
            let map: Map<String, Value> = self
                .fields(attribute, at, object)?
                .into_iter()
                .filter_map(|(sub, value)| Some((sub.name.clone(), value?)))
                .collect();
            return Ok((!map.is_empty()).then_some(Value::Object(map)));
        }
        let value = self.only_value(attribute, value);
        // As a boolean an empty text says nothing; taken for "clear" it could let a leaver in.
        let says_nothing = attribute.kind == Type::Boolean && value.as_str() == Some("");
        if !says_nothing && self.clears(at, &value)? {
            return Ok(None);
        }
        self.simple(attribute, at, value).map(Some)
    }

    /// The members of a complex value as they came, or `None` where the
    /// request says that there is no value.
    pub(crate) fn object(
        &mut self,
        attribute: &Attribute,
        at: At<'_>,
        value: Value,
    ) -> Result<Option<Map<String, Value>>, Error> {
        let value = self.json_text(attribute, value);
        let value = self.only_value(attribute, value);
        if self.clears(at, &value)? {
            return Ok(None);
        }
        match value {
            Value::Object(map) => Ok(Some(map)),
            Value::String(text)
                if self.policy.manager_as_text
                    && !attribute.multi_valued
                    && attribute.sub("value").is_some() =>
            {
                self.repairs.note(Repair::ManagerAsText);
                let mut map = Map::new();
                map.insert("value".to_owned(), Value::String(text));
                Ok(Some(map))
            }
            _ => Err(at.refuse("expected an object")),
        }
    }

    /// The sub-attributes that an object names. Those that are `readOnly` are
    /// left out (RFC 7644 §3.3).
    pub(crate) fn fields<'b>(
        &mut self,
        attribute: &'b Attribute,
        at: At<'_>,
        object: Map<String, Value>,
    ) -> Result<Vec<Field<'b>>, Error> {
        let mut fields: Vec<Field<'b>> = Vec::with_capacity(object.len());
        for (name, value) in object {
            let Some(sub) = attribute.sub(&name) else {
                if !value.is_null() {
                    self.unknown(&at.sub(&name).to_string())?;
                }
                continue;
            };
            if sub.mutability == Mutability::ReadOnly {
                continue;
            }
            if fields.iter().any(|(known, _)| known.name == sub.name) {
                return Err(twice(&at.sub(&name).to_string()));
            }
            let value = self.attribute(sub, at.sub(&sub.name), value)?;
            fields.push((sub, value));
        }
        Ok(fields)
    }

    /// Passes over an attribute that no schema defines, or refuses it.
    pub(crate) fn unknown(&mut self, name: &str) -> Result<(), Error> {
        if self.policy.ignore_unknown_attributes {
            self.repairs.note(Repair::UnknownAttributeIgnored);
            return Ok(());
        }
        Err(Error::invalid_syntax(format!(
            "{} has no attribute {}",
            self.resource_type.name(),
            echo(name)
        )))
    }

    /// Whether the request says that there is no value. `null` and `[]` say so
    /// in the words of RFC 7643 §2.5, `{}` by having nothing in it.
    pub(crate) fn clears(&mut self, at: At<'_>, value: &Value) -> Result<bool, Error> {
        match value {
            Value::Null => Ok(true),
            Value::Array(values) => Ok(values.is_empty()),
            Value::String(text) if text.is_empty() => {
                if !self.policy.empty_clears {
                    return Err(at.refuse("the text is empty: send null to clear the attribute"));
                }
                self.repairs.note(Repair::EmptyClears);
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    /// Entra sends app roles as the text of a JSON object, in the place of the
    /// object or in that of its `value`.
    fn json_text(&mut self, attribute: &Attribute, value: Value) -> Value {
        if attribute.kind != Type::Complex || !self.policy.json_string_values {
            return value;
        }
        let inner = match &value {
            Value::String(text) => json_in(text),
            Value::Object(object) if attribute.sub("value").is_some() => object
                .get("value")
                .and_then(Value::as_str)
                .and_then(json_in)
                .filter(|inner| inner.get("value").is_some_and(Value::is_string)),
            _ => None,
        };
        let Some(mut inner) = inner else {
            return value;
        };
        self.repairs.note(Repair::RolesAsJsonString);
        if let (Value::Object(outer), Value::Object(inner)) = (value, &mut inner) {
            let others = outer.into_iter().filter(|(name, _)| name != "value");
            inner.extend(others);
        }
        inner
    }

    /// Entra once sent a manager as an array of one.
    fn only_value(&mut self, attribute: &Attribute, value: Value) -> Value {
        match value {
            Value::Array(mut values)
                if self.policy.single_or_array && !attribute.multi_valued && values.len() == 1 =>
            {
                self.repairs.note(Repair::SingleOrArray);
                values.pop().unwrap_or(Value::Null)
            }
            other => other,
        }
    }

    fn simple(&mut self, attribute: &Attribute, at: At<'_>, value: Value) -> Result<Value, Error> {
        match attribute.kind {
            Type::Boolean => self.boolean(at, value),
            Type::Integer if value.is_i64() || value.is_u64() => Ok(value),
            Type::Integer => Err(at.refuse("expected a whole number")),
            Type::Decimal if value.is_number() => Ok(value),
            Type::Decimal => Err(at.refuse("expected a number")),
            Type::String | Type::Reference | Type::DateTime | Type::Binary => {
                let Value::String(text) = value else {
                    return Err(at.refuse("expected text"));
                };
                self.check_text(attribute, at, &text)?;
                Ok(Value::String(text))
            }
            Type::Complex => Err(at.refuse("expected an object")),
        }
    }

    fn boolean(&mut self, at: At<'_>, value: Value) -> Result<Value, Error> {
        let meant = match &value {
            Value::Bool(_) => return Ok(value),
            Value::String(text) if self.policy.string_booleans => {
                if text.eq_ignore_ascii_case("true") {
                    Some(true)
                } else if text.eq_ignore_ascii_case("false") {
                    Some(false)
                } else {
                    None
                }
            }
            _ => None,
        };
        let meant = meant.ok_or_else(|| at.refuse("expected true or false"))?;
        self.repairs.note(Repair::BoolString);
        Ok(Value::Bool(meant))
    }

    fn check_text(&self, attribute: &Attribute, at: At<'_>, text: &str) -> Result<(), Error> {
        text::refuse_nul(at, text)?;
        if at.is("userName") {
            text::refuse_invisible(at, text)?;
        }
        match attribute.kind {
            Type::DateTime if text::date_time(text).is_none() => Err(at.refuse(format!(
                "{} is no dateTime such as 2026-01-31T08:00:00Z",
                echo(text)
            ))),
            Type::Binary if !text.bytes().all(is_base64) => Err(at.refuse("expected base64")),
            _ => self.check_canonical(attribute, at, text),
        }
    }

    /// The canonical values of the core schemas are suggestions (RFC 7643 §7);
    /// those of a strict resource type are all there is.
    fn check_canonical(&self, attribute: &Attribute, at: At<'_>, text: &str) -> Result<(), Error> {
        if !self.resource_type.is_strict()
            || attribute.canonical_values.is_empty()
            || attribute.canonical_values.iter().any(|it| it == text)
        {
            return Ok(());
        }
        Err(at.refuse(format!(
            "{} is not one of {}",
            echo(text),
            attribute.canonical_values.join(", ")
        )))
    }
}

/// The object or array that a text holds.
fn json_in(text: &str) -> Option<Value> {
    if !text.trim_start().starts_with(['{', '[']) {
        return None;
    }
    let inner: Value = serde_json::from_str(text).ok()?;
    (inner.is_object() || inner.is_array()).then_some(inner)
}

/// The refusal of a name that an object holds twice, in different case.
pub(crate) fn twice(name: &str) -> Error {
    Error::invalid_syntax(format!("{} is given twice", echo(name)))
}

/// Both alphabets of RFC 4648, with padding and line breaks.
const fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'+' | b'/' | b'-' | b'_' | b'=' | b' ' | b'\r' | b'\n' | b'\t'
        )
}
