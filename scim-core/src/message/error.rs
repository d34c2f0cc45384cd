//! The body of a refusal (RFC 7644 §3.12).

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use super::urn;
use crate::error::{Error, ScimType};

/// Exactly `schemas`, `status` (as text), `scimType` and `detail`: clients
/// exist that refuse any further key.
///
/// ```
/// use scim_core::{Error, message::ErrorBody};
///
/// let body = ErrorBody::from(&Error::mutability("id"));
/// let json = serde_json::to_value(&body)?;
/// assert_eq!((&json["status"], &json["scimType"]), (&"400".into(), &"mutability".into()));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorBody {
    /// The HTTP status, repeated.
    pub status: u16,
    /// The keyword of the refusal, where the RFC has one for it.
    pub scim_type: Option<ScimType>,
    /// What is wrong and what to do, for a person.
    pub detail: String,
}

impl ErrorBody {
    /// A refusal for which the RFC has no keyword.
    pub fn new(status: u16, detail: impl Into<String>) -> Self {
        Self {
            status,
            scim_type: None,
            detail: detail.into(),
        }
    }

    /// The same refusal with its keyword.
    pub fn with_scim_type(self, scim_type: ScimType) -> Self {
        Self {
            scim_type: Some(scim_type),
            ..self
        }
    }
}

impl From<&Error> for ErrorBody {
    fn from(error: &Error) -> Self {
        Self {
            status: error.status(),
            scim_type: error.scim_type(),
            detail: error.to_string(),
        }
    }
}

impl Serialize for ErrorBody {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("schemas", &[urn::ERROR])?;
        map.serialize_entry("status", &self.status.to_string())?;
        if let Some(scim_type) = self.scim_type {
            map.serialize_entry("scimType", scim_type.as_str())?;
        }
        map.serialize_entry("detail", &self.detail)?;
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::ErrorBody;
    use crate::error::Error;

    macro_rules! check {
        ($body:expr, @$shown:literal) => {
            insta::assert_snapshot!(serde_json::to_string(&$body).unwrap(), @$shown)
        };
    }

    #[test]
    fn status_is_text_and_the_keyword_optional() {
        check!(
            ErrorBody::new(404, "no User has the id 1"),
            @r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"404","detail":"no User has the id 1"}"#
        );
    }

    #[test]
    fn a_core_error_brings_its_keyword() {
        check!(
            ErrorBody::from(&Error::invalid_value("userName", "a value is required")),
            @r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"400","scimType":"invalidValue","detail":"userName: a value is required"}"#
        );
    }
}
