//! The parts that users and groups share.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::text::date_time;

/// What the server knows about a resource (RFC 7643 §3.1).
///
/// ```
/// use scim_core::typed::Meta;
///
/// let meta: Meta = serde_json::from_str(r#"{"created": "2026-01-31T08:00:00Z"}"#)?;
/// assert_eq!(meta.created_at().map(|time| time.to_string()).as_deref(), Some("2026-01-31T08:00:00Z"));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Meta {
    /// The name of the resource type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_type: Option<String>,
    /// When the resource was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created: Option<String>,
    /// When the resource was last changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_modified: Option<String>,
    /// The address of the resource.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// The entity tag of the resource.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

impl Meta {
    /// When the resource was made, if the text is a time.
    pub fn created_at(&self) -> Option<Timestamp> {
        date_time(self.created.as_deref()?)
    }

    /// When the resource was last changed, if the text is a time.
    pub fn last_modified_at(&self) -> Option<Timestamp> {
        date_time(self.last_modified.as_deref()?)
    }
}

/// One value of a multi-valued attribute (RFC 7643 §2.4): an e-mail address,
/// a phone number, a role.
///
/// ```
/// use scim_core::typed::MultiValued;
///
/// let email = MultiValued::new("kim@example.com").of_type("work").primary();
/// assert_eq!(
///     serde_json::to_string(&email)?,
///     r#"{"value":"kim@example.com","type":"work","primary":true}"#,
/// );
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MultiValued {
    /// The value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// The value for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display: Option<String>,
    /// What the value is for; `type` on the wire.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Whether this is the value to prefer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub primary: Option<bool>,
}

impl MultiValued {
    /// A value without a type.
    pub fn new(value: impl Into<String>) -> Self {
        Self {
            value: Some(value.into()),
            ..Self::default()
        }
    }

    /// Says what the value is for.
    #[must_use]
    pub fn of_type(mut self, kind: impl Into<String>) -> Self {
        self.kind = Some(kind.into());
        self
    }

    /// Makes it the value to prefer.
    #[must_use]
    pub fn primary(mut self) -> Self {
        self.primary = Some(true);
        self
    }
}

/// A reference to another resource: a member of a group, or a group of a
/// user.
///
/// ```
/// use scim_core::typed::Reference;
///
/// let member: Reference = serde_json::from_str(r#"{"value": "1", "$ref": null, "type": "User"}"#)?;
/// assert_eq!(member, Reference { kind: Some("User".into()), ..Reference::to("1") });
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Reference {
    /// The id of the resource.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// The address of the resource; `$ref` on the wire.
    #[serde(rename = "$ref", skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// The name of the resource for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display: Option<String>,
    /// The resource type of a member, or how a user belongs to a group;
    /// `type` on the wire.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
}

impl Reference {
    /// A reference to the resource with this id.
    pub fn to(id: impl Into<String>) -> Self {
        Self {
            value: Some(id.into()),
            ..Self::default()
        }
    }
}
