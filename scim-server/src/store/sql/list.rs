//! Lists: a page without a filter, or the matches of one.
//!
//! A filter is narrowed by one key where it allows that; what the key gives is then tested by
//! the evaluator of `scim_core`, in pieces, so that memory stays bounded.

use scim_core::filter::Narrowing;
use scim_core::path::KeyPath;
use scim_core::{ResourceId, ResourceType, TypedFilter};

use super::Scope;
use super::resources::{self, Candidates};
use crate::Error;
use crate::store::{ListQuery, Page, Stored};

/// Candidates tested at once.
const PIECE: usize = 500;

pub(super) async fn list(scope: &mut Scope<'_>, query: &ListQuery<'_>) -> Result<Page, Error> {
    match query.filter {
        None => all(scope, query).await,
        Some(filter) => matching(scope, query, filter).await,
    }
}

async fn all(scope: &mut Scope<'_>, query: &ListQuery<'_>) -> Result<Page, Error> {
    let total = resources::count(scope, query.resource_type.name(), query.owner).await?;
    let resources = if query.count == 0 || query.offset >= total {
        Vec::new()
    } else {
        let kind = query.resource_type.name();
        resources::page(scope, kind, query.owner, query.offset, query.count).await?
    };
    Ok(Page { total, resources })
}

async fn matching(
    scope: &mut Scope<'_>,
    query: &ListQuery<'_>,
    filter: &TypedFilter,
) -> Result<Page, Error> {
    let Some(candidates) = candidates(query.resource_type, filter) else {
        return Ok(Page::default());
    };
    let mut page = Page::default();
    let mut after = None;
    loop {
        let piece = resources::candidates(
            scope,
            query.resource_type.name(),
            query.owner,
            &candidates,
            after,
            PIECE,
        )
        .await?;
        let more = piece.len() == PIECE;
        after = piece.last().map(|stored| stored.id);
        for stored in piece {
            if !scim_core::filter::matches(filter, &whole(&stored)?) {
                continue;
            }
            page.total += 1;
            if page.total > query.offset && page.resources.len() < query.count {
                page.resources.push(stored);
            }
        }
        if !more {
            return Ok(page);
        }
    }
}

/// The document with `id` and `meta`, as a filter sees it.
fn whole(stored: &Stored) -> Result<serde_json::Map<String, serde_json::Value>, Error> {
    let mut map = crate::resource::with_id(stored)?;
    map.insert("meta".to_owned(), crate::resource::meta(stored));
    Ok(map)
}

/// The key that narrows the search; `None` when nothing can match.
fn candidates(resource_type: &ResourceType, filter: &TypedFilter) -> Option<Candidates> {
    let has = |paths: &[KeyPath], key: &str| paths.iter().any(|path| path.key() == key);
    let mut best = Candidates::All;
    for Narrowing { key, value, .. } in filter.narrowing() {
        if key == "id" {
            return value.parse::<ResourceId>().ok().map(Candidates::Id);
        }
        let by_key = |table| Candidates::Key {
            table,
            attribute: key.to_owned(),
            value: value.to_owned(),
        };
        if has(resource_type.unique(), key) {
            best = by_key("unique_key");
        } else if matches!(best, Candidates::All) && has(resource_type.indexed(), key) {
            best = by_key("lookup_key");
        }
    }
    Some(best)
}
