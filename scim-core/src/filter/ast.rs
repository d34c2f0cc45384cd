//! A filter as the client wrote it.

use serde_json::Number;

use super::{FilterError, TypedFilter, lex::Quotes, parse, resolve};
use crate::{error::Error, path::AttributePath, resource::Policy, schema::ResourceType};

/// A condition on resources, or on the values of one attribute.
///
/// ```
/// use scim_core::Filter;
///
/// let filter = Filter::parse(r#"USERNAME EQ "kim" and not (active eq false)"#)?;
/// assert_eq!(filter.to_string(), r#"USERNAME eq "kim" and not (active eq false)"#);
/// # Ok::<(), scim_core::FilterError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub enum Filter {
    /// All hold; at least two, none of them an `And`.
    And(Vec<Filter>),
    /// One holds; at least two, none of them an `Or`.
    Or(Vec<Filter>),
    /// It does not hold.
    Not(Box<Filter>),
    /// A value compares like this.
    Compare {
        /// Where the value is.
        path: AttributePath,
        /// How it is compared.
        operator: Operator,
        /// With what.
        value: Literal,
    },
    /// There is a value.
    Present(AttributePath),
    /// One of the attribute's values fulfils all of the filter.
    Values {
        /// The attribute.
        path: AttributePath,
        /// The condition on its sub-attributes.
        filter: Box<Filter>,
    },
}

impl Filter {
    /// Reads a filter, within the limits of this module.
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        parse::parse(text, Quotes::Required)
    }

    /// The same for values that lack their quotes: `externalId eq jyoung`. Text ends at a
    /// space, a bracket or a quote.
    pub fn parse_unquoted(text: &str) -> Result<Self, FilterError> {
        parse::parse(text, Quotes::Optional)
    }

    /// Looks the names up and reads the values by their types, with the
    /// tolerance of [`Policy::compatible`].
    pub fn resolve(&self, resource_type: &ResourceType) -> Result<TypedFilter, Error> {
        self.resolve_under(resource_type, &Policy::compatible())
    }

    /// The same with the tolerance of `policy`.
    pub fn resolve_under(
        &self,
        resource_type: &ResourceType,
        policy: &Policy,
    ) -> Result<TypedFilter, Error> {
        resolve::resolve(self, resource_type, policy)
    }

    /// All of the filters, without `And` in `And`. One stays itself.
    pub fn and(filters: Vec<Filter>) -> Self {
        flat(filters, Self::And, |filter| match filter {
            Self::And(inner) => Ok(inner),
            other => Err(other),
        })
    }

    /// Any of the filters, without `Or` in `Or`. One stays itself.
    pub fn or(filters: Vec<Filter>) -> Self {
        flat(filters, Self::Or, |filter| match filter {
            Self::Or(inner) => Ok(inner),
            other => Err(other),
        })
    }
}

/// How two values are compared.
///
/// ```
/// use scim_core::filter::Operator;
///
/// assert_eq!(Operator::Sw.as_str(), "sw");
/// assert!(Operator::Sw.is_substring() && !Operator::Sw.is_ordering());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operator {
    /// They are the same.
    Eq,
    /// They are not the same.
    Ne,
    /// The value contains the operand.
    Co,
    /// The value starts with the operand.
    Sw,
    /// The value ends with the operand.
    Ew,
    /// The value is greater.
    Gt,
    /// The value is greater or the same.
    Ge,
    /// The value is less.
    Lt,
    /// The value is less or the same.
    Le,
}

impl Operator {
    /// All operators.
    pub const ALL: [Self; 9] = [
        Self::Eq,
        Self::Ne,
        Self::Co,
        Self::Sw,
        Self::Ew,
        Self::Gt,
        Self::Ge,
        Self::Lt,
        Self::Le,
    ];

    /// The operator as it is written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Eq => "eq",
            Self::Ne => "ne",
            Self::Co => "co",
            Self::Sw => "sw",
            Self::Ew => "ew",
            Self::Gt => "gt",
            Self::Ge => "ge",
            Self::Lt => "lt",
            Self::Le => "le",
        }
    }

    /// Whether it looks for a part of a text.
    pub const fn is_substring(self) -> bool {
        matches!(self, Self::Co | Self::Sw | Self::Ew)
    }

    /// Whether it needs values that have an order.
    pub const fn is_ordering(self) -> bool {
        matches!(self, Self::Gt | Self::Ge | Self::Lt | Self::Le)
    }
}

/// A value as the client wrote it.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// Text.
    String(String),
    /// A number.
    Number(Number),
    /// True or false.
    Boolean(bool),
    /// No value.
    Null,
}

fn flat(
    filters: Vec<Filter>,
    join: fn(Vec<Filter>) -> Filter,
    open: fn(Filter) -> Result<Vec<Filter>, Filter>,
) -> Filter {
    let mut flat = Vec::with_capacity(filters.len());
    for filter in filters {
        match open(filter) {
            Ok(inner) => flat.extend(inner),
            Err(other) => flat.push(other),
        }
    }
    match flat.pop() {
        Some(only) if flat.is_empty() => only,
        Some(last) => {
            flat.push(last);
            join(flat)
        }
        None => join(flat),
    }
}
