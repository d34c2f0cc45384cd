//! A filter that was checked against a resource type: what an evaluator or
//! a store can work with without looking anything up.

use jiff::Timestamp;
use serde_json::Number;

use super::Operator;
use crate::path::KeyPath;

/// A condition on the resources of one type, or on the values of one of its
/// attributes.
#[derive(Debug, Clone, PartialEq)]
pub enum TypedFilter {
    /// All hold.
    And(Vec<TypedFilter>),
    /// One holds.
    Or(Vec<TypedFilter>),
    /// It does not hold.
    Not(Box<TypedFilter>),
    /// A value compares like this.
    Compare(Comparison),
    /// There is a value.
    Present(TypedPath),
    /// One of the attribute's values fulfils all of the filter.
    Values {
        /// The attribute.
        path: TypedPath,
        /// The condition, whose paths start at the value.
        filter: Box<TypedFilter>,
    },
}

/// One comparison.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// Where the value is.
    pub path: TypedPath,
    /// How it is compared.
    pub operator: Operator,
    /// With what.
    pub operand: Operand,
}

/// Where values are, and which of them count.
#[derive(Debug, Clone, PartialEq)]
pub struct TypedPath {
    /// The place.
    pub place: KeyPath,
    /// The condition in brackets: only values that fulfil it count.
    pub filter: Option<Box<TypedFilter>>,
}

impl TypedPath {
    /// The canonical text of the place, seen from the resource:
    /// `emails.value`, also inside `emails[…]`.
    pub fn key(&self) -> &str {
        self.place.key()
    }
}

/// What a value is compared with, read by the attribute's type.
#[derive(Debug, Clone, PartialEq)]
pub enum Operand {
    /// Folded text; values are folded before they are compared.
    Folded(String),
    /// Text of a `caseExact` attribute.
    Exact(String),
    /// True or false.
    Boolean(bool),
    /// A number.
    Number(Number),
    /// A point in time.
    DateTime(Timestamp),
}

impl Operand {
    /// The text, in the form that keys have.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Folded(text) | Self::Exact(text) => Some(text),
            Self::Boolean(_) | Self::Number(_) | Self::DateTime(_) => None,
        }
    }
}
