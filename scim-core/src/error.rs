//! Why a request was refused, in the words of RFC 7644 §3.12.

use std::fmt;

use thiserror::Error;

use crate::filter::FilterError;

/// A decision against a request. `Display` is the `detail` of the answer.
///
/// ```
/// use scim_core::{Error, ScimType};
///
/// let error = Error::invalid_value("userName", "a value is required");
/// assert_eq!((error.status(), error.scim_type()), (400, Some(ScimType::InvalidValue)));
/// assert_eq!(error.to_string(), "userName: a value is required");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Error {
    /// The filter cannot be read, or asks for what cannot be compared.
    #[error(transparent)]
    InvalidFilter(#[from] FilterError),
    /// The path of a PATCH operation or a sort leads nowhere.
    #[error("the path {path} cannot be used: {reason}")]
    InvalidPath {
        /// The path, quoted and cut.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The body has not the structure that the operation asks for.
    #[error("{detail}")]
    InvalidSyntax {
        /// What is wrong and what was expected.
        detail: String,
    },
    /// A required value is missing, or a value does not fit its attribute.
    #[error("{attribute}: {reason}")]
    InvalidValue {
        /// The attribute.
        attribute: String,
        /// What is wrong with its value.
        reason: String,
    },
    /// The path of an operation selects no value.
    #[error("the path {path} selects no value of this resource")]
    NoTarget {
        /// The path, quoted and cut.
        path: String,
    },
    /// The attribute may not be changed.
    #[error("{attribute} cannot be changed: it is readOnly, or immutable and already set")]
    Mutability {
        /// The attribute.
        attribute: String,
    },
    /// The request holds more than the server works on at once.
    #[error("too many {what}: at most {limit} in one request")]
    TooMany {
        /// What there is too much of, in the plural.
        what: &'static str,
        /// How many are accepted.
        limit: usize,
    },
}

impl Error {
    /// An [`Error::InvalidFilter`] that concerns the filter as a whole.
    pub fn invalid_filter(reason: impl Into<String>) -> Self {
        Self::InvalidFilter(FilterError::new(reason))
    }

    /// An [`Error::InvalidPath`]; the path is quoted and cut here.
    pub fn invalid_path(path: &str, reason: impl Into<String>) -> Self {
        Self::InvalidPath {
            path: echo(path),
            reason: reason.into(),
        }
    }

    /// An [`Error::InvalidSyntax`].
    pub fn invalid_syntax(detail: impl Into<String>) -> Self {
        Self::InvalidSyntax {
            detail: detail.into(),
        }
    }

    /// An [`Error::InvalidValue`]; the attribute may come from the request
    /// and is cut here.
    pub fn invalid_value(attribute: &str, reason: impl Into<String>) -> Self {
        Self::InvalidValue {
            attribute: cut(attribute),
            reason: reason.into(),
        }
    }

    /// An [`Error::NoTarget`]; the path is quoted and cut here.
    pub fn no_target(path: &str) -> Self {
        Self::NoTarget { path: echo(path) }
    }

    /// An [`Error::Mutability`].
    pub fn mutability(attribute: &str) -> Self {
        Self::Mutability {
            attribute: cut(attribute),
        }
    }

    /// The keyword for the answer, if the RFC has one for the decision.
    pub fn scim_type(&self) -> Option<ScimType> {
        match self {
            Self::InvalidFilter(_) => Some(ScimType::InvalidFilter),
            Self::InvalidPath { .. } => Some(ScimType::InvalidPath),
            Self::InvalidSyntax { .. } => Some(ScimType::InvalidSyntax),
            Self::InvalidValue { .. } => Some(ScimType::InvalidValue),
            Self::NoTarget { .. } => Some(ScimType::NoTarget),
            Self::Mutability { .. } => Some(ScimType::Mutability),
            // `tooMany` is kept for filters with too many results.
            Self::TooMany { .. } => None,
        }
    }

    /// The HTTP status of the answer.
    pub fn status(&self) -> u16 {
        match self {
            Self::TooMany { .. } => 413,
            Self::InvalidFilter(_)
            | Self::InvalidPath { .. }
            | Self::InvalidSyntax { .. }
            | Self::InvalidValue { .. }
            | Self::NoTarget { .. }
            | Self::Mutability { .. } => 400,
        }
    }
}

/// The `scimType` keywords of RFC 7644 §3.12, table 9, and of RFC 9865 §2.1.
///
/// ```
/// use scim_core::{Error, Filter, ScimType};
///
/// let refused = Error::from(Filter::parse("userName eq").unwrap_err());
/// assert_eq!(refused.scim_type(), Some(ScimType::InvalidFilter));
/// assert_eq!(ScimType::InvalidFilter.as_str(), "invalidFilter");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ScimType {
    /// The filter syntax is invalid, or the comparison is not supported.
    InvalidFilter,
    /// The filter has more results than the server is willing to give.
    TooMany,
    /// A value is in use by another resource.
    Uniqueness,
    /// The attribute may not be changed.
    Mutability,
    /// The body is malformed.
    InvalidSyntax,
    /// The path is malformed or unknown.
    InvalidPath,
    /// The path selects nothing.
    NoTarget,
    /// A value is missing or does not fit.
    InvalidValue,
    /// The protocol version is not supported.
    InvalidVers,
    /// The request would put sensitive data into an address.
    Sensitive,
    /// The cursor is not one that was given out for this query.
    InvalidCursor,
    /// The cursor was given out too long ago.
    ExpiredCursor,
    /// The size of a page is no positive number.
    InvalidCount,
}

impl ScimType {
    /// The keyword as it is sent.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidFilter => "invalidFilter",
            Self::TooMany => "tooMany",
            Self::Uniqueness => "uniqueness",
            Self::Mutability => "mutability",
            Self::InvalidSyntax => "invalidSyntax",
            Self::InvalidPath => "invalidPath",
            Self::NoTarget => "noTarget",
            Self::InvalidValue => "invalidValue",
            Self::InvalidVers => "invalidVers",
            Self::Sensitive => "sensitive",
            Self::InvalidCursor => "invalidCursor",
            Self::ExpiredCursor => "expiredCursor",
            Self::InvalidCount => "invalidCount",
        }
    }
}

impl fmt::Display for ScimType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How many characters of the input an error repeats.
pub const ECHO_CHARS_MAX: usize = 100;

/// A piece of the request for an error text: quoted, escaped and cut at
/// [`ECHO_CHARS_MAX`] characters.
///
/// ```
/// assert_eq!(scim_core::error::echo("a\nb"), r#""a\nb""#);
/// assert_eq!(scim_core::error::echo(&"x".repeat(1000)).chars().count(), 103);
/// ```
pub fn echo(input: &str) -> String {
    format!("{:?}", cut(input))
}

fn cut(input: &str) -> String {
    match input.char_indices().nth(ECHO_CHARS_MAX) {
        Some((end, _)) => format!("{}…", input.get(..end).unwrap_or_default()),
        None => input.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::Error;

    fn shown(error: &Error) -> String {
        let scim_type = error.scim_type().map_or("-", super::ScimType::as_str);
        format!("{} {scim_type}: {error}", error.status())
    }

    #[test]
    fn errors_say_what_to_do() {
        let table = [
            (
                Error::invalid_filter("the filter is empty"),
                "400 invalidFilter: the filter is empty",
            ),
            (
                Error::invalid_path("a\"b", "User has no attribute a"),
                r#"400 invalidPath: the path "a\"b" cannot be used: User has no attribute a"#,
            ),
            (
                Error::invalid_syntax("expected an object"),
                "400 invalidSyntax: expected an object",
            ),
            (
                Error::invalid_value("userName", "a value is required"),
                "400 invalidValue: userName: a value is required",
            ),
            (
                Error::no_target("emails[type eq \"x\"]"),
                r#"400 noTarget: the path "emails[type eq \"x\"]" selects no value of this resource"#,
            ),
            (
                Error::mutability("id"),
                "400 mutability: id cannot be changed: it is readOnly, or immutable and already set",
            ),
            (
                Error::TooMany {
                    what: "operations",
                    limit: 1000,
                },
                "413 -: too many operations: at most 1000 in one request",
            ),
        ];
        for (error, text) in table {
            assert_eq!(shown(&error), text);
        }
    }

    #[test]
    fn input_is_cut_between_characters() {
        let long = "ü".repeat(5000);
        assert!(Error::invalid_path(&long, "").to_string().chars().count() < 150);
        assert!(Error::invalid_value(&long, "").to_string().chars().count() < 150);
        assert!(Error::mutability(&long).to_string().chars().count() < 200);
    }
}
