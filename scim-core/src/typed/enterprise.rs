//! The enterprise extension of users (RFC 7643 §4.3).

use serde::{Deserialize, Serialize};

/// What an organisation says about a user.
///
/// ```
/// use scim_core::typed::{EnterpriseUser, Manager};
///
/// let enterprise = EnterpriseUser {
///     employee_number: Some("701984".into()),
///     manager: Some(Manager::of("0190f3c2-1111-7000-8000-000000000002")),
///     ..EnterpriseUser::default()
/// };
/// assert_eq!(
///     serde_json::to_string(&enterprise)?,
///     r#"{"employeeNumber":"701984","manager":{"value":"0190f3c2-1111-7000-8000-000000000002"}}"#,
/// );
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct EnterpriseUser {
    /// The number that the organisation gave to the user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub employee_number: Option<String>,
    /// The cost center.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost_center: Option<String>,
    /// The organisation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization: Option<String>,
    /// The division.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub division: Option<String>,
    /// The department.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub department: Option<String>,
    /// Who manages the user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manager: Option<Manager>,
}

/// The user who manages another.
///
/// ```
/// use scim_core::typed::Manager;
///
/// assert_eq!(serde_json::to_string(&Manager::of("1"))?, r#"{"value":"1"}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Manager {
    /// The id of the manager.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// The address of the manager; `$ref` on the wire.
    #[serde(rename = "$ref", skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// The name of the manager, which the server writes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
}

impl Manager {
    /// The manager with this id.
    pub fn of(id: impl Into<String>) -> Self {
        Self {
            value: Some(id.into()),
            ..Self::default()
        }
    }
}
