//! The identifiers that tell resources, tenants and versions apart.

use std::{fmt, str::FromStr, sync::Arc};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use thiserror::Error;
use uuid::Uuid;

use crate::error::echo;

/// The `id` of a resource (RFC 7643 §3.1): a UUID in its hyphenated form.
///
/// ```
/// let id: scim_core::ResourceId = "0190F3C2-1111-7000-8000-000000000001".parse().unwrap();
/// assert_eq!(id.to_string(), "0190f3c2-1111-7000-8000-000000000001");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResourceId(Uuid);

impl ResourceId {
    /// Makes an id of a UUID that was chosen elsewhere.
    pub const fn new(uuid: Uuid) -> Self {
        Self(uuid)
    }

    /// The UUID behind the id.
    pub const fn uuid(self) -> Uuid {
        self.0
    }
}

impl fmt::Display for ResourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

impl FromStr for ResourceId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        // `Uuid` also reads braces, `urn:uuid:` and the form without hyphens;
        // one id must have one spelling.
        if text.len() != 36 {
            return Err(IdError::Resource(echo(text)));
        }
        match Uuid::try_parse(text) {
            Ok(uuid) => Ok(Self(uuid)),
            Err(_) => Err(IdError::Resource(echo(text))),
        }
    }
}

impl Serialize for ResourceId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ResourceId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

/// The name of a tenant as it stands in addresses: 1 to 63 of `a-z`, `0-9`
/// and `-`.
///
/// ```
/// use scim_core::TenantId;
///
/// assert!("acme-2".parse::<TenantId>().is_ok());
/// assert!("Acme".parse::<TenantId>().is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TenantId(Arc<str>);

impl TenantId {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TenantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for TenantId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let allowed = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
        if (1..=63).contains(&text.len()) && text.bytes().all(allowed) {
            Ok(Self(text.into()))
        } else {
            Err(IdError::Tenant(echo(text)))
        }
    }
}

impl Serialize for TenantId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for TenantId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

/// How often a resource was changed, beginning with 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Version(pub i64);

impl Version {
    /// The version of a resource that was just created.
    pub const FIRST: Self = Self(1);

    /// A version that no resource ever has.
    pub const NEVER: Self = Self(0);

    /// The version after the next change.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// The weak entity tag of the version (RFC 7644 §3.14).
    ///
    /// ```
    /// assert_eq!(scim_core::Version(3).etag(), r#"W/"3""#);
    /// ```
    pub fn etag(self) -> String {
        format!("W/\"{}\"", self.0)
    }

    /// Reads an entity tag: `W/"3"`, or `"3"` from clients that drop what makes it weak.
    ///
    /// ```
    /// use scim_core::Version;
    ///
    /// assert_eq!(Version::from_etag(r#"W/"3""#), Some(Version(3)));
    /// assert_eq!(Version::from_etag("3"), None);
    /// ```
    pub fn from_etag(tag: &str) -> Option<Self> {
        let tag = tag.trim();
        let digits = tag.strip_prefix("W/").unwrap_or(tag);
        let digits = digits.strip_prefix('"')?.strip_suffix('"')?;
        let canonical = !digits.starts_with(['+', '-', '0']);
        canonical.then(|| digits.parse().ok().map(Self))?
    }
}

/// Why a text is no identifier.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum IdError {
    /// The text is no UUID in the form of 36 characters.
    #[error("{0} is no id: expected a UUID such as 0190f3c2-1111-7000-8000-000000000001")]
    Resource(String),
    /// The text is no tenant name.
    #[error("{0} is no tenant: use 1 to 63 of a-z, 0-9 and -")]
    Tenant(String),
}

#[cfg(test)]
mod tests {
    use super::{ResourceId, TenantId, Version};

    fn id(text: &str) -> String {
        match text.parse::<ResourceId>() {
            Ok(id) => id.to_string(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn resource_ids_have_one_spelling() {
        let lower = "0190f3c2-1111-7000-8000-000000000001";
        assert_eq!(id(lower), lower);
        assert_eq!(id(&lower.to_uppercase()), lower);
        for refused in [
            "",
            "1",
            "0190f3c2111170008000000000000001",
            "{0190f3c2-1111-7000-8000-000000000001}",
            "urn:uuid:0190f3c2-1111-7000-8000-000000000001",
            "0190f3c2-1111-7000-8000-00000000000g",
        ] {
            assert!(refused.parse::<ResourceId>().is_err(), "{refused}");
        }
    }

    #[test]
    fn long_input_is_cut_in_the_error() {
        assert!(id(&"x".repeat(5000)).len() < 250);
    }

    #[test]
    fn tenants_are_slugs() {
        for accepted in ["a", "acme-1", &"z".repeat(63)] {
            assert_eq!(accepted.parse::<TenantId>().unwrap().as_str(), accepted);
        }
        for refused in ["", "Acme", "a b", "a_b", "é", &"z".repeat(64)] {
            assert!(refused.parse::<TenantId>().is_err(), "{refused}");
        }
    }

    #[test]
    fn versions_count_up() {
        assert_eq!(Version::FIRST.next().etag(), "W/\"2\"");
        assert_eq!(Version(i64::MAX).next(), Version(i64::MAX));
    }
}
