//! What an answer must be: expectations that a check chains.

use serde_json::Value;

use super::Stop;
use crate::client::Answer;

/// An answer, with its body read.
#[derive(Clone, Debug)]
pub(crate) struct Said {
    answer: Answer,
    body: Value,
}

/// Ends a check: the rule is broken.
pub(crate) fn fail<T>(why: impl Into<String>) -> Result<T, Stop> {
    Err(Stop::Failed(why.into()))
}

/// Ends a check: the rule does not bind this server.
pub(crate) fn not_applicable<T>(why: impl Into<String>) -> Result<T, Stop> {
    Err(Stop::NotApplicable(why.into()))
}

/// Goes on if something holds.
pub(crate) fn ensure(holds: bool, why: impl Into<String>) -> Result<(), Stop> {
    if holds { Ok(()) } else { fail(why) }
}

impl Said {
    pub(super) fn new(answer: Answer) -> Self {
        let body = serde_json::from_str(&answer.body).unwrap_or(Value::Null);
        Self { answer, body }
    }

    pub(crate) fn code(&self) -> u16 {
        self.answer.status
    }

    pub(crate) fn succeeded(&self) -> bool {
        (200..300).contains(&self.code())
    }

    /// The body, or null where it is none or no JSON.
    pub(crate) fn body(&self) -> &Value {
        &self.body
    }

    pub(crate) fn text(&self) -> &str {
        &self.answer.body
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.answer.header(name)
    }

    /// A text of the body; empty where there is none.
    pub(crate) fn string(&self, path: &str) -> String {
        at(&self.body, path).as_str().unwrap_or_default().to_owned()
    }

    /// The status is one of these.
    pub(crate) fn status(self, allowed: &[u16]) -> Result<Self, Stop> {
        if allowed.contains(&self.code()) {
            return Ok(self);
        }
        let allowed: Vec<_> = allowed.iter().map(u16::to_string).collect();
        fail(format!(
            "expected status {}, got {}",
            allowed.join(" or "),
            self.code()
        ))
    }

    /// Any success.
    pub(crate) fn accepted(self) -> Result<Self, Stop> {
        if self.succeeded() {
            return Ok(self);
        }
        fail(format!("expected success, got status {}", self.code()))
    }

    /// A refusal with this status and one of these keywords of RFC 7644 §3.12.
    pub(crate) fn refused(self, status: u16, scim_types: &[&str]) -> Result<Self, Stop> {
        let said = self.status(&[status])?;
        let scim_type = said.string("scimType");
        if scim_types.contains(&scim_type.as_str()) {
            return Ok(said);
        }
        fail(format!(
            "expected scimType {}, got {scim_type:?}",
            scim_types.join(" or ")
        ))
    }

    /// Any refusal that is the client's fault.
    pub(crate) fn refused_somehow(self) -> Result<Self, Stop> {
        if (400..500).contains(&self.code()) {
            return Ok(self);
        }
        fail(format!("expected a refusal, got status {}", self.code()))
    }

    /// The body has this value there: an object may hold more, a list the same elements in any
    /// order.
    pub(crate) fn has(self, path: &str, expected: impl Into<Value>) -> Result<Self, Stop> {
        let expected = expected.into();
        let found = at(&self.body, path);
        if fits(&expected, found) {
            return Ok(self);
        }
        fail(format!("expected {path} to be {expected}, found {found}"))
    }

    /// The body has some value there.
    pub(crate) fn has_some(self, path: &str) -> Result<Self, Stop> {
        if is_unassigned(at(&self.body, path)) {
            return fail(format!("expected {path}, found none"));
        }
        Ok(self)
    }

    /// The body has no value there (RFC 7643 §2.5: null and empty lists are none).
    pub(crate) fn lacks(self, path: &str) -> Result<Self, Stop> {
        let found = at(&self.body, path);
        if is_unassigned(found) {
            return Ok(self);
        }
        fail(format!("expected no {path}, found {found}"))
    }

    /// How many values are there.
    pub(crate) fn counts(self, path: &str, expected: usize) -> Result<Self, Stop> {
        let found = values(at(&self.body, path)).len();
        if found == expected {
            return Ok(self);
        }
        fail(format!("expected {expected} {path}, found {found}"))
    }

    /// Whatever else must hold.
    pub(crate) fn ensure(self, holds: bool, why: impl Into<String>) -> Result<Self, Stop> {
        ensure(holds, why)?;
        Ok(self)
    }

    /// A list, answered as RFC 7644 §3.4.2 has it.
    pub(crate) fn list(self) -> Result<Listed, Stop> {
        let said = self.status(&[200])?;
        let Some(total) = said.body.get("totalResults") else {
            return fail("expected a ListResponse with totalResults");
        };
        let Some(total) = total.as_u64() else {
            return fail(format!(
                "expected totalResults to be an integer, found {total}"
            ));
        };
        let resources = values(at(&said.body, "Resources")).to_vec();
        Ok(Listed {
            said,
            total,
            resources,
        })
    }
}

/// A list as answered.
pub(crate) struct Listed {
    pub(crate) said: Said,
    pub(crate) total: u64,
    pub(crate) resources: Vec<Value>,
}

impl Listed {
    pub(crate) fn ids(&self) -> Vec<String> {
        let id = |resource: &Value| at(resource, "id").as_str().unwrap_or_default().to_owned();
        self.resources.iter().map(id).collect()
    }

    /// Nothing was found, and that is no error.
    pub(crate) fn has_none(self) -> Result<Self, Stop> {
        if self.total == 0 && self.resources.is_empty() {
            return Ok(self);
        }
        let (total, here) = (self.total, self.resources.len());
        fail(format!(
            "expected an empty list, found totalResults {total} and {here} Resources"
        ))
    }

    /// Exactly this resource was found.
    pub(crate) fn has_only(self, id: &str) -> Result<Self, Stop> {
        if self.ids() == [id] {
            return Ok(self);
        }
        fail(format!("expected only {id}, found {:?}", self.ids()))
    }
}

/// What stands at a path: `name.givenName`, `urn:…:User:department`, `emails`. Names match
/// without regard to case; a list is looked into where it has one value.
pub(crate) fn at<'v>(value: &'v Value, path: &str) -> &'v Value {
    let (urn, path) = split_urn(path);
    let mut found = value;
    for name in urn
        .into_iter()
        .chain(path.split('.').filter(|name| !name.is_empty()))
    {
        found = match found {
            Value::Array(values) => member(values.first().unwrap_or(&NOTHING), name),
            other => member(other, name),
        };
    }
    found
}

static NOTHING: Value = Value::Null;

/// Before the name of an extension's attribute stands the extension's URN, which has dots in it.
pub(super) fn split_urn(path: &str) -> (Option<&str>, &str) {
    if !path.starts_with("urn:") {
        return (None, path);
    }
    match path.rsplit_once(':') {
        Some((urn, rest)) if urn.ends_with("User") || urn.ends_with("Group") => (Some(urn), rest),
        _ => (Some(path), ""),
    }
}

/// The values of a list; none where there is no list.
pub(crate) fn values(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// Whether a value of a list has these members.
pub(crate) fn contains(list: &Value, expected: &Value) -> bool {
    values(list).iter().any(|value| fits(expected, value))
}

fn fits(expected: &Value, found: &Value) -> bool {
    match (expected, found) {
        (Value::Object(expected), Value::Object(_)) => {
            let mut members = expected.iter();
            members.all(|(name, value)| fits(value, member(found, name)))
        }
        (Value::Array(expected), Value::Array(found)) => {
            expected.len() == found.len()
                && expected
                    .iter()
                    .all(|value| found.iter().any(|other| fits(value, other)))
        }
        (expected, found) => expected == found,
    }
}

fn member<'v>(value: &'v Value, name: &str) -> &'v Value {
    value
        .as_object()
        .and_then(|members| {
            members
                .iter()
                .find(|(key, _)| key.eq_ignore_ascii_case(name))
        })
        .map_or(&NOTHING, |(_, value)| value)
}

fn is_unassigned(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(values) => values.is_empty(),
        Value::Object(members) => members.is_empty(),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn paths() {
        let user = json!({
            "name": {"givenName": "Ann"},
            "emails": [{"value": "a@b.example"}],
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"manager": {"value": "7"}},
        });
        assert_eq!(at(&user, "name.givenname"), "Ann");
        assert_eq!(at(&user, "emails.value"), "a@b.example");
        let manager = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value";
        assert_eq!(at(&user, manager), "7");
        assert_eq!(at(&user, "title"), &Value::Null);
    }

    #[test]
    fn what_fits() {
        let found = json!({"emails": [{"value": "a", "type": "work"}, {"value": "b"}]});
        assert!(fits(
            &json!({"emails": [{"value": "b"}, {"value": "a"}]}),
            &found
        ));
        assert!(!fits(&json!({"emails": [{"value": "a"}]}), &found));
        assert!(!fits(&json!({"emails": []}), &found));
        assert!(!fits(
            &json!({"emails": [{"value": "a", "type": "home"}, {"value": "b"}]}),
            &found
        ));
    }
}
