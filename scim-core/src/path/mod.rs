//! Attribute paths: `name.givenName`, `emails[type eq "work"].value`,
//! `urn:…:User:manager` (RFC 7644 §3.5.2 and §3.10).

mod composite;
mod key;
mod parse;
mod print;
mod resolve;

use crate::{error::Error, filter::Filter};

pub use self::{
    composite::CompositePath,
    key::KeyPath,
    parse::{PATH_BYTES_MAX, is_name},
    resolve::ResolvedPath,
};
pub(crate) use self::{key::canonical, parse::split_word};

/// A path as it was written: names are not yet looked up.
///
/// ```
/// use scim_core::AttributePath;
///
/// let path = AttributePath::parse(r#"emails[type eq "work"].value"#)?;
/// assert_eq!(path.attribute, "emails");
/// assert_eq!(path.sub.as_deref(), Some("value"));
/// assert_eq!(path.to_string(), r#"emails[type eq "work"].value"#);
/// # Ok::<(), scim_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct AttributePath {
    /// The URN before the last colon. For the bare URN of an extension it is
    /// all but the last part, which is then the `attribute`.
    pub schema: Option<String>,
    /// The attribute.
    pub attribute: String,
    /// The condition that selects some of the attribute's values.
    pub filter: Option<Box<Filter>>,
    /// The sub-attribute.
    pub sub: Option<String>,
}

impl AttributePath {
    /// Reads a path of at most [`PATH_BYTES_MAX`] bytes.
    pub fn parse(text: &str) -> Result<Self, Error> {
        parse::parse(text)
    }

    /// A path of one attribute.
    pub fn of(attribute: &str) -> Self {
        Self {
            schema: None,
            attribute: attribute.to_owned(),
            filter: None,
            sub: None,
        }
    }

    /// The whole path as one URN, if it could be the bare URN of a schema.
    pub fn as_urn(&self) -> Option<String> {
        match (&self.schema, &self.filter, &self.sub) {
            (Some(schema), None, None) => Some(format!("{schema}:{}", self.attribute)),
            _ => None,
        }
    }
}
