//! GET: one resource, or a page of those that match.

use async_trait::async_trait;
use scim_core::{Filter, ResourceId, TypedFilter};

use super::{Asked, links};
use crate::store::{ListQuery, Transaction, Unit};
use crate::{Error, Resource};

/// What a list is asked for (RFC 7644 §3.4.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListRequest {
    /// The filter as it was sent.
    pub filter: Option<String>,
    /// 1-based index of the first resource.
    pub start_index: usize,
    /// Resources at most.
    pub count: usize,
}

/// A page of a list.
#[derive(Debug, Clone)]
pub struct Listed {
    /// How many match in all.
    pub total: usize,
    /// Those of this page.
    pub resources: Vec<Resource>,
}

pub(super) struct Get {
    pub(super) asked: Asked,
    pub(super) id: ResourceId,
}

#[async_trait]
impl Unit for Get {
    type Output = Resource;

    async fn run(&self, tx: &mut Transaction<'_>) -> Result<Resource, Error> {
        let asked = &self.asked;
        let stored = tx
            .get(asked.kind(), self.id)
            .await?
            .filter(|stored| asked.caller.sees(stored.owner))
            .ok_or_else(|| asked.not_found(self.id))?;
        let links = links::of_one(tx, asked, &stored).await?;
        Ok(Resource { stored, links })
    }
}

pub(super) struct List {
    asked: Asked,
    filter: Option<TypedFilter>,
    offset: usize,
    count: usize,
}

impl List {
    pub(super) fn new(asked: Asked, request: &ListRequest) -> Result<List, Error> {
        let filter = match &request.filter {
            Some(text) => Some(typed(&asked, text)?),
            None => None,
        };
        Ok(List {
            asked,
            filter,
            offset: request.start_index.saturating_sub(1),
            count: request.count,
        })
    }
}

/// A filter as the grammar has it, or as the policy allows.
fn typed(asked: &Asked, text: &str) -> Result<TypedFilter, Error> {
    let resource_type = &asked.served.resource_type;
    let resolve = |filter: Filter| filter.resolve(resource_type);
    let strict = Filter::parse(text).map_err(Into::into).and_then(resolve);
    if strict.is_err() && asked.policy().unquoted_filter_values {
        let lenient = Filter::parse_unquoted(text)
            .map_err(Into::into)
            .and_then(resolve);
        if let Ok(filter) = lenient {
            return Ok(filter);
        }
    }
    // The first complaint is about what was meant.
    Ok(strict?)
}

#[async_trait]
impl Unit for List {
    type Output = Listed;

    async fn run(&self, tx: &mut Transaction<'_>) -> Result<Listed, Error> {
        let asked = &self.asked;
        let query = ListQuery {
            resource_type: &asked.served.resource_type,
            owner: asked.caller.sees_only(),
            filter: self.filter.as_ref(),
            offset: self.offset,
            count: self.count,
        };
        let page = tx.list(&query).await?;
        let mut links = links::of_many(tx, asked, &page.resources).await?;
        let resources = page.resources.into_iter().map(|stored| Resource {
            links: links.remove(&stored.id).unwrap_or_default(),
            stored,
        });
        Ok(Listed {
            total: page.total,
            resources: resources.collect(),
        })
    }

    /// A look-up by a unique key reads one row; everything else may read many.
    fn scans(&self) -> bool {
        let unique = self.asked.served.resource_type.unique();
        let finds_one = |key: &str| key == "id" || unique.iter().any(|path| path.key() == key);
        let narrowing = self.filter.as_ref().map(TypedFilter::narrowing);
        let mut keys = narrowing.into_iter().flatten();
        !keys.any(|narrowing| finds_one(narrowing.key))
    }
}
