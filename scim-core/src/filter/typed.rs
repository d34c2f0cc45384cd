//! A filter that was checked against a resource type: what an evaluator or
//! a store can work with without looking anything up.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::Number;

use super::Operator;
use crate::path::KeyPath;

/// A condition on the resources of one type, or on the values of one of its
/// attributes.
///
/// ```
/// use scim_core::{Filter, ResourceType, filter::{Operand, TypedFilter}, schema};
///
/// let users = ResourceType::new("User", "/Users", schema::user()).build()?;
/// let filter = Filter::parse(r#"USERNAME eq "KIM""#)?.resolve(&users)?;
/// let TypedFilter::Compare(comparison) = filter else { panic!("it compares") };
/// assert_eq!(comparison.path.key(), "userName");
/// assert_eq!(comparison.operand, Operand::Folded("kim".into()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
    /// The attribute, which is read from elsewhere, names this resource: a
    /// member, or a group. No document says so: look it up and say which
    /// resources that are, [`with_links`](Self::with_links).
    Linked {
        /// The attribute.
        attribute: String,
        /// The resource that is to be named.
        id: String,
    },
    /// The resource is one of these.
    Ids(BTreeSet<String>),
}

impl TypedFilter {
    /// The attributes that it asks for, as [keys](crate::path::KeyPath) call them.
    ///
    /// ```
    /// # use scim_core::{Filter, ResourceType, schema};
    /// # let users = ResourceType::new("User", "/Users", schema::user()).build()?;
    /// let filter = Filter::parse(r#"title pr and emails[type eq "work"].value sw "kim""#)?;
    /// let filter = filter.resolve(&users)?;
    /// let keys: Vec<&str> = filter.keys().into_iter().collect();
    /// assert_eq!(keys, ["emails.type", "emails.value", "title"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn keys(&self) -> BTreeSet<&str> {
        match self {
            Self::And(filters) | Self::Or(filters) => filters.iter().flat_map(Self::keys).collect(),
            Self::Not(filter) | Self::Values { filter, .. } => filter.keys(),
            Self::Linked { attribute, .. } => BTreeSet::from([attribute.as_str()]),
            Self::Ids(_) => BTreeSet::from(["id"]),
            Self::Compare(Comparison { path, .. }) | Self::Present(path) => {
                let brackets = path.filter.as_deref().map(Self::keys);
                let mut keys = brackets.unwrap_or_default();
                keys.insert(path.key());
                keys
            }
        }
    }

    /// How many conditions it has: what testing one value may cost.
    pub fn conditions(&self) -> usize {
        match self {
            Self::And(filters) | Self::Or(filters) => filters.iter().map(Self::conditions).sum(),
            Self::Not(filter) => filter.conditions(),
            Self::Linked { .. } | Self::Ids(_) => 1,
            Self::Values { filter, .. } => 1 + filter.conditions(),
            Self::Compare(Comparison { path, .. }) | Self::Present(path) => {
                1 + path.filter.as_deref().map_or(0, Self::conditions)
            }
        }
    }
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
///
/// ```
/// use scim_core::{Filter, ResourceType, filter::TypedFilter, schema};
///
/// let users = ResourceType::new("User", "/Users", schema::user()).build()?;
/// let filter = Filter::parse(r#"emails[type eq "work"].value pr"#)?.resolve(&users)?;
/// let TypedFilter::Present(path) = filter else { panic!("it asks for presence") };
/// assert_eq!(path.key(), "emails.value");
/// assert!(path.filter.is_some());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
///
/// ```
/// use scim_core::filter::Operand;
///
/// assert_eq!(Operand::Folded("kim".into()).as_text(), Some("kim"));
/// assert_eq!(Operand::Boolean(true).as_text(), None);
/// ```
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

#[cfg(test)]
mod tests {
    use crate::filter::Filter;
    use crate::schema::{self, ResourceType};

    fn conditions(text: &str) -> usize {
        let user = ResourceType::new("User", "/Users", schema::user())
            .reverse("groups", "members")
            .build()
            .unwrap();
        let filter = Filter::parse(text).unwrap().resolve(&user).unwrap();
        filter.conditions()
    }

    #[test]
    fn every_comparison_is_a_condition_and_so_is_every_pair_of_brackets() {
        for (text, expected) in [
            (r#"userName eq "kim""#, 1),
            (r#"title pr and not (active eq true or nickName pr)"#, 3),
            (r#"groups[value eq "1"]"#, 1),
            (r#"emails[type eq "work" and value pr]"#, 3),
            (r#"emails[type eq "work" and primary eq true].value pr"#, 3),
            (r#"emails[type eq "work"].value co "@" or title pr"#, 3),
        ] {
            assert_eq!(conditions(text), expected, "{text}");
        }
    }
}
