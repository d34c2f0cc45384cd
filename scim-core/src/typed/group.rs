//! Groups (RFC 7643 §4.2).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Meta, Reference};
use crate::schema::GROUP_URN;

/// A group.
///
/// ```
/// use scim_core::{ResourceType, schema, typed::{self, Group}};
///
/// let groups = ResourceType::new("Group", "/Groups", schema::group())
///     .rows("members", ["User", "Group"])
///     .build()?;
/// let group = Group::new("Sales").with_member("0190f3c2-1111-7000-8000-000000000001");
///
/// // Members are not part of the document.
/// let new = typed::to_document(&group, &groups)?;
/// assert_eq!(new.members.len(), 1);
/// assert_eq!(typed::from_document::<Group>(&new.document)?, Group::new("Sales"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Group {
    /// The URNs of the schemas in use.
    pub schemas: Vec<String>,
    /// The id that the server gave.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The id that the client gave.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// The name.
    pub display_name: String,
    /// Who belongs to it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<Reference>,
    /// What the server knows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meta: Option<Meta>,
    /// Extensions by their URNs, and what else there is.
    #[serde(flatten)]
    pub extensions: Map<String, Value>,
}

impl Group {
    /// A group without members.
    pub fn new(display_name: impl Into<String>) -> Self {
        Self {
            schemas: vec![GROUP_URN.to_owned()],
            display_name: display_name.into(),
            ..Self::default()
        }
    }

    /// Adds a member.
    #[must_use]
    pub fn with_member(mut self, id: impl Into<String>) -> Self {
        self.members.push(Reference::to(id));
        self
    }

    /// Sets the id that the client gives.
    #[must_use]
    pub fn with_external_id(mut self, external_id: impl Into<String>) -> Self {
        self.external_id = Some(external_id.into());
        self
    }
}
