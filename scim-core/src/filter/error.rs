//! Where a filter cannot be read, and why.

use std::{fmt, ops::Range};

/// What is wrong with a filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilterError {
    reason: String,
    span: Option<Range<usize>>,
}

impl FilterError {
    /// A mistake of the filter as a whole.
    pub fn new(reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
            span: None,
        }
    }

    /// A mistake at these bytes of the filter.
    pub fn at(span: Range<usize>, reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
            span: Some(span),
        }
    }

    /// What is wrong, without the place.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// The bytes in question.
    pub fn span(&self) -> Option<Range<usize>> {
        self.span.clone()
    }

    /// The filter and, below it, marks under the part in question.
    ///
    /// ```
    /// let text = "userName eq";
    /// let error = scim_core::Filter::parse(text).unwrap_err();
    /// assert_eq!(error.reason(), "expected a value");
    /// assert_eq!(error.caret(text), "userName eq\n           ^ expected a value");
    /// ```
    pub fn caret(&self, text: &str) -> String {
        let Some(span) = &self.span else {
            return format!("{text}\n{}", self.reason);
        };
        let chars = |part: Range<usize>| text.get(part).map_or(0, |part| part.chars().count());
        let indent = " ".repeat(chars(0..span.start));
        let marks = "^".repeat(chars(span.clone()).max(1));
        format!("{text}\n{indent}{marks} {}", self.reason)
    }
}

impl fmt::Display for FilterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)?;
        match &self.span {
            Some(span) => write!(f, " at {}", span.start),
            None => Ok(()),
        }
    }
}

impl std::error::Error for FilterError {}
