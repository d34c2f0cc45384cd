//! Users (RFC 7643 §4.1).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{EnterpriseUser, Meta, MultiValued, Reference};
use crate::schema::{ENTERPRISE_USER_URN, USER_URN};

/// A user, with the enterprise extension.
///
/// ```
/// use scim_core::typed::{MultiValued, User};
///
/// let kim = User::new("kim").with_email(MultiValued::new("kim@example.com"));
/// assert_eq!(
///     serde_json::to_string(&kim)?,
///     r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"kim","emails":[{"value":"kim@example.com"}]}"#,
/// );
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct User {
    /// The URNs of the schemas in use.
    pub schemas: Vec<String>,
    /// The id that the server gave.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The id that the client gave.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// The name by which the user signs in.
    pub user_name: String,
    /// The parts of the name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Name>,
    /// The name for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// What others call the user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nick_name: Option<String>,
    /// Where the user presents themselves.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile_url: Option<String>,
    /// The title in the organisation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// How the user belongs to the organisation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_type: Option<String>,
    /// The language to write in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferred_language: Option<String>,
    /// How numbers and dates are written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// The time zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
    /// Whether the user may act.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
    /// A password, which only clients send.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
    /// E-mail addresses.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub emails: Vec<MultiValued>,
    /// Phone numbers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub phone_numbers: Vec<MultiValued>,
    /// Addresses of instant messages.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ims: Vec<MultiValued>,
    /// Addresses of photos.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub photos: Vec<MultiValued>,
    /// Postal addresses.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub addresses: Vec<Address>,
    /// The groups the user belongs to, which the server writes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<Reference>,
    /// What the user is entitled to.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub entitlements: Vec<MultiValued>,
    /// The roles of the user.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<MultiValued>,
    /// Certificates in base64.
    #[serde(rename = "x509Certificates", skip_serializing_if = "Vec::is_empty")]
    pub x509_certificates: Vec<MultiValued>,
    /// The enterprise extension.
    #[serde(
        rename = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
        skip_serializing_if = "Option::is_none"
    )]
    pub enterprise: Option<EnterpriseUser>,
    /// What the server knows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meta: Option<Meta>,
    /// Other extensions by their URNs, and what else there is.
    #[serde(flatten)]
    pub extensions: Map<String, Value>,
}

impl User {
    /// A user of whom no more than the name is known.
    pub fn new(user_name: impl Into<String>) -> Self {
        Self {
            schemas: vec![USER_URN.to_owned()],
            user_name: user_name.into(),
            ..Self::default()
        }
    }

    /// Sets the given name and the family name.
    #[must_use]
    pub fn with_name(mut self, given: impl Into<String>, family: impl Into<String>) -> Self {
        let name = self.name.get_or_insert_default();
        name.given_name = Some(given.into());
        name.family_name = Some(family.into());
        self
    }

    /// Sets the name for people.
    #[must_use]
    pub fn with_display_name(mut self, display_name: impl Into<String>) -> Self {
        self.display_name = Some(display_name.into());
        self
    }

    /// Sets the id that the client gives.
    #[must_use]
    pub fn with_external_id(mut self, external_id: impl Into<String>) -> Self {
        self.external_id = Some(external_id.into());
        self
    }

    /// Adds an e-mail address.
    #[must_use]
    pub fn with_email(mut self, email: MultiValued) -> Self {
        self.emails.push(email);
        self
    }

    /// Adds a phone number.
    #[must_use]
    pub fn with_phone_number(mut self, number: MultiValued) -> Self {
        self.phone_numbers.push(number);
        self
    }

    /// Sets whether the user may act.
    #[must_use]
    pub fn with_active(mut self, active: bool) -> Self {
        self.active = Some(active);
        self
    }

    /// Sets the enterprise extension, and names it in `schemas`.
    #[must_use]
    pub fn with_enterprise(mut self, enterprise: EnterpriseUser) -> Self {
        if !self.schemas.iter().any(|urn| urn == ENTERPRISE_USER_URN) {
            self.schemas.push(ENTERPRISE_USER_URN.to_owned());
        }
        self.enterprise = Some(enterprise);
        self
    }

    /// The e-mail address to write to: the primary one, or else the first.
    ///
    /// ```
    /// use scim_core::typed::{MultiValued, User};
    ///
    /// let kim = User::new("kim")
    ///     .with_email(MultiValued::new("kim@home.example"))
    ///     .with_email(MultiValued::new("kim@example.com").primary());
    /// assert_eq!(kim.email(), Some("kim@example.com"));
    /// ```
    pub fn email(&self) -> Option<&str> {
        let mut emails = self.emails.iter();
        let primary = emails.find(|email| email.primary == Some(true));
        primary.or(self.emails.first())?.value.as_deref()
    }
}

/// The parts of a name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Name {
    /// All of it, as it is written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub formatted: Option<String>,
    /// The family name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub family_name: Option<String>,
    /// The given name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub given_name: Option<String>,
    /// The middle names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub middle_name: Option<String>,
    /// What is written before it, such as "Dr.".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub honorific_prefix: Option<String>,
    /// What is written after it, such as "III".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub honorific_suffix: Option<String>,
}

/// A postal address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Address {
    /// All of it, as it is written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub formatted: Option<String>,
    /// The street and the number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub street_address: Option<String>,
    /// The city.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locality: Option<String>,
    /// The state or region.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// The postal code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<String>,
    /// The country, by the two letters of ISO 3166-1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// What the address is for; `type` on the wire.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Whether this is the address to prefer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub primary: Option<bool>,
}
