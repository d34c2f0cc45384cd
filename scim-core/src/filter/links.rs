//! Filters on attributes that are read from elsewhere: the members of a group,
//! the groups of a user. Only whether somebody is one of them can be asked.

use std::collections::BTreeSet;

use super::{Filter, Literal, Operator, TypedFilter};
use crate::{path::AttributePath, schema::ResourceType};

/// `members[value eq "id"]`, `members.value eq "id"` or `members eq "id"`,
/// where the resource type reads the attribute from elsewhere.
pub(super) fn linked(filter: &Filter, resource_type: &ResourceType) -> Option<TypedFilter> {
    let (path, value) = match filter {
        Filter::Values { path, filter } if path.sub.is_none() => {
            let (inner, value) = equality(filter)?;
            let is_value = inner.schema.is_none()
                && inner.sub.is_none()
                && inner.attribute.eq_ignore_ascii_case("value");
            (path, is_value.then_some(value)?)
        }
        compared => {
            let (path, value) = equality(compared)?;
            let sub = path.sub.as_deref().unwrap_or("value");
            (path, sub.eq_ignore_ascii_case("value").then_some(value)?)
        }
    };
    let found = path.find(resource_type).ok()?;
    let name = &found.attribute?.name;
    let is_link = found.extension.is_none() && resource_type.is_outside_document(name);
    is_link.then(|| TypedFilter::Linked {
        attribute: name.clone(),
        id: value.to_owned(),
    })
}

/// The path and the text of an `eq` without brackets.
fn equality(filter: &Filter) -> Option<(&AttributePath, &str)> {
    match filter {
        Filter::Compare {
            path,
            operator: Operator::Eq,
            value: Literal::String(value),
        } if path.filter.is_none() => Some((path, value)),
        _ => None,
    }
}

impl TypedFilter {
    /// What must be looked up elsewhere before documents can be compared: the
    /// attribute, and the id that must be one of its values.
    ///
    /// ```
    /// use scim_core::{Filter, ResourceType, schema};
    ///
    /// let groups = ResourceType::new("Group", "/Groups", schema::group())
    ///     .rows("members", ["User"])
    ///     .build()?;
    /// let filter = Filter::parse(r#"members[value eq "1"]"#)?.resolve(&groups)?;
    /// assert_eq!(filter.links(), [("members", "1")]);
    ///
    /// // Whoever knows that the groups 7 and 8 have this member says so.
    /// let found = filter.with_links(&|_, _| vec!["7".into(), "8".into()]);
    /// let group = |id: &str| serde_json::Map::from_iter([("id".to_owned(), id.into())]);
    /// assert!(scim_core::filter::matches(&found, &group("7")));
    /// assert!(!scim_core::filter::matches(&found, &group("9")));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn links(&self) -> Vec<(&str, &str)> {
        match self {
            Self::Linked { attribute, id } => vec![(attribute, id)],
            Self::And(filters) | Self::Or(filters) => {
                filters.iter().flat_map(Self::links).collect()
            }
            Self::Not(filter) => filter.links(),
            Self::Compare(_) | Self::Present(_) | Self::Values { .. } | Self::Ids(_) => Vec::new(),
        }
    }

    /// The filter with the ids of the resources in place of what was looked up.
    #[must_use]
    pub fn with_links(&self, found: &dyn Fn(&str, &str) -> Vec<String>) -> Self {
        let all = |filters: &[Self]| filters.iter().map(|it| it.with_links(found)).collect();
        match self {
            Self::Linked { attribute, id } => Self::Ids(BTreeSet::from_iter(found(attribute, id))),
            Self::And(filters) => Self::And(all(filters)),
            Self::Or(filters) => Self::Or(all(filters)),
            Self::Not(filter) => Self::Not(Box::new(filter.with_links(found))),
            Self::Compare(_) | Self::Present(_) | Self::Values { .. } | Self::Ids(_) => {
                self.clone()
            }
        }
    }
}
