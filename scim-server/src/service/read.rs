//! GET: one resource, or a page of those that match.

use std::collections::HashMap;

use async_trait::async_trait;
use scim_core::{ResourceId, SortBy, SortOrder, TypedFilter};

use super::across::{self, Reader};
use super::{Asked, Caller, links};
use crate::store::{ListPart, ListQuery, Transaction, Unit};
use crate::{Error, Resource};

/// What a list is asked for (RFC 7644 §3.4.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListRequest {
    /// The filter as it was sent.
    pub filter: Option<String>,
    /// The path to sort by as it was sent, and the direction.
    pub sort: Option<(String, SortOrder)>,
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
        one(tx, &self.asked, self.id).await
    }
}

/// The resource, if the caller sees it.
pub(super) async fn one(
    tx: &mut Transaction<'_>,
    asked: &Asked,
    id: ResourceId,
) -> Result<Resource, Error> {
    let stored = tx
        .get(asked.kind(), id)
        .await?
        .filter(|stored| asked.caller.sees(stored.owner))
        .ok_or_else(|| asked.not_found(id))?;
    let links = links::of_one(tx, asked, &stored).await?;
    Ok(Resource { stored, links })
}

pub(super) struct List {
    caller: Caller,
    parts: Vec<Part>,
    offset: usize,
    count: usize,
}

/// One resource type of a list.
struct Part {
    asked: Asked,
    filter: Option<TypedFilter>,
    sort: Option<SortBy>,
}

impl List {
    pub(super) fn new(
        caller: &Caller,
        asked: Vec<Asked>,
        request: &ListRequest,
    ) -> Result<List, Error> {
        let readers: Vec<Reader<'_>> = asked.iter().map(Asked::reader).collect();
        let filters = match &request.filter {
            Some(text) => across::filters(text, &readers)?,
            None => vec![None; asked.len()],
        };
        let sorts = match &request.sort {
            Some((path, order)) => across::sorts(path, *order, &readers)?,
            None => vec![None; asked.len()],
        };
        let parts = asked.into_iter().zip(filters).zip(sorts);
        Ok(List {
            caller: caller.clone(),
            parts: parts
                .map(|((asked, filter), sort)| Part {
                    asked,
                    filter,
                    sort,
                })
                .collect(),
            offset: request.start_index.saturating_sub(1),
            count: request.count,
        })
    }
}

impl Asked {
    fn reader(&self) -> Reader<'_> {
        Reader {
            resource_type: &self.served.resource_type,
            policy: self.policy(),
        }
    }
}

#[async_trait]
impl Unit for List {
    type Output = Listed;

    async fn run(&self, tx: &mut Transaction<'_>) -> Result<Listed, Error> {
        let parts: Vec<ListPart<'_>> = self
            .parts
            .iter()
            .map(|part| ListPart {
                resource_type: &part.asked.served.resource_type,
                filter: part.filter.as_ref(),
                sort: part.sort.as_ref(),
            })
            .collect();
        let query = ListQuery {
            parts: &parts,
            owner: self.caller.sees_only(),
            offset: self.offset,
            count: self.count,
        };
        let page = tx.list(&query).await?;
        let mut links = HashMap::new();
        for part in &self.parts {
            let of_type = page.resources.iter();
            let of_type = of_type.filter(|stored| stored.kind == part.asked.kind());
            let ids: Vec<ResourceId> = of_type.map(|stored| stored.id).collect();
            links.extend(links::of_many(tx, &part.asked, &ids).await?);
        }
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
        let [part] = self.parts.as_slice() else {
            return true;
        };
        let unique = part.asked.served.resource_type.unique();
        let finds_one = |key: &str| key == "id" || unique.iter().any(|path| path.key() == key);
        let narrowing = part.filter.as_ref().map(TypedFilter::narrowing);
        let mut keys = narrowing.into_iter().flatten();
        !keys.any(|narrowing| finds_one(narrowing.key))
    }
}
