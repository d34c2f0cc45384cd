//! Where a value stands, for the error that names it.

use std::fmt;

use crate::error::Error;

/// The name of an attribute: put together only where an error says it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct At<'a> {
    urn: Option<&'a str>,
    attribute: &'a str,
    sub: Option<&'a str>,
}

impl<'a> At<'a> {
    /// An attribute of the resource itself, or of the extension with this URN.
    pub(crate) const fn of(urn: Option<&'a str>, attribute: &'a str) -> Self {
        Self {
            urn,
            attribute,
            sub: None,
        }
    }

    /// A sub-attribute; it has none of its own (RFC 7643 §2.3.8).
    pub(crate) const fn sub(self, name: &'a str) -> Self {
        Self {
            sub: Some(name),
            ..self
        }
    }

    /// Whether this is the attribute of the resource itself that has this name.
    pub(crate) fn is(&self, name: &str) -> bool {
        self.urn.is_none() && self.sub.is_none() && self.attribute == name
    }

    /// The refusal of the value that stands here.
    pub(crate) fn refuse(self, reason: impl Into<String>) -> Error {
        Error::invalid_value(&self.to_string(), reason)
    }
}

/// `urn:…:User:manager.value`.
impl fmt::Display for At<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(urn) = self.urn {
            write!(f, "{urn}:")?;
        }
        f.write_str(self.attribute)?;
        match self.sub {
            Some(sub) => write!(f, ".{sub}"),
            None => Ok(()),
        }
    }
}
