//! The members of a message, whose names match in any case.

use serde_json::{Map, Value};

use crate::error::Error;

/// A message whose members are taken out one by one. What is left in the end
/// is passed over.
pub(super) struct Fields {
    what: &'static str,
    members: Map<String, Value>,
}

impl Fields {
    /// Begins to read `what`, which is an object.
    pub(super) fn of(what: &'static str, value: Value) -> Result<Self, Error> {
        match value {
            Value::Object(members) => Ok(Self { what, members }),
            _ => Err(Error::invalid_syntax(format!("{what} is a JSON object"))),
        }
    }

    /// Refuses a message whose `schemas` does not hold `urn`.
    pub(super) fn declares(&mut self, urn: &str) -> Result<(), Error> {
        let is_urn = |value: &Value| {
            let text = value.as_str();
            text.is_some_and(|text| text.eq_ignore_ascii_case(urn))
        };
        let declared = match self.take("schemas") {
            Some(Value::Array(urns)) => urns.iter().any(is_urn),
            _ => false,
        };
        if declared {
            return Ok(());
        }
        Err(Error::invalid_syntax(format!(
            "schemas of {} holds {urn}",
            self.what
        )))
    }

    /// A member; `null` is no value (RFC 7643 §2.5).
    pub(super) fn take(&mut self, name: &str) -> Option<Value> {
        let found = self
            .members
            .iter_mut()
            .find(|(known, _)| known.eq_ignore_ascii_case(name));
        let value = found.map(|(_, value)| value.take())?;
        (!value.is_null()).then_some(value)
    }

    pub(super) fn text(&mut self, name: &str) -> Result<Option<String>, Error> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(self.expected(name, "text")),
        }
    }

    pub(super) fn whole_number(&mut self, name: &str) -> Result<Option<i64>, Error> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::Number(number)) if number.is_i64() => Ok(number.as_i64()),
            Some(_) => Err(self.expected(name, "a whole number")),
        }
    }

    pub(super) fn list(&mut self, name: &str) -> Result<Option<Vec<Value>>, Error> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::Array(values)) => Ok(Some(values)),
            Some(_) => Err(self.expected(name, "an array")),
        }
    }

    pub(super) fn texts(&mut self, name: &str) -> Result<Vec<String>, Error> {
        let values = self.list(name)?.unwrap_or_default();
        let texts = values.into_iter().map(|value| match value {
            Value::String(text) => Ok(text),
            _ => Err(self.expected(name, "an array of texts")),
        });
        texts.collect()
    }

    /// The refusal of a member that is there but of another kind.
    pub(super) fn expected(&self, name: &str, kind: &str) -> Error {
        Error::invalid_syntax(format!("{name} of {} is {kind}", self.what))
    }
}
