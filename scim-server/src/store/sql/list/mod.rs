//! Lists: pages of what there is, of what matches a filter, and of what is sorted.
//!
//! | file | question |
//! |---|---|
//! | `narrow.rs` | which rows can match at all? |
//! | `matches.rs` | which of them do? |
//! | `sorted.rs` | in which order do they come? |

mod matches;
mod narrow;
mod sorted;
#[cfg(test)]
mod tests;

use super::{Scope, resources};
use crate::Error;
use crate::store::{ListPart, ListQuery, Page};
use matches::Matches;

pub(super) async fn list(scope: &mut Scope<'_>, query: &ListQuery<'_>) -> Result<Page, Error> {
    match query.sort_order() {
        None => by_id(scope, query).await,
        Some(order) => sorted::list(scope, query, order).await,
    }
}

/// One type after the other, each in the order of ids.
async fn by_id(scope: &mut Scope<'_>, query: &ListQuery<'_>) -> Result<Page, Error> {
    let mut page = Page::default();
    for part in query.parts {
        let rest = ListQuery {
            offset: query.offset.saturating_sub(page.total),
            count: query.count.saturating_sub(page.resources.len()),
            ..*query
        };
        let found = match part.filter {
            None => all(scope, &rest, part).await?,
            Some(_) => matching(scope, &rest, part).await?,
        };
        page.total += found.total;
        page.examined += found.examined;
        page.resources.extend(found.resources);
    }
    Ok(page)
}

async fn all(
    scope: &mut Scope<'_>,
    query: &ListQuery<'_>,
    part: &ListPart<'_>,
) -> Result<Page, Error> {
    let kind = part.resource_type.name();
    let total = resources::count(scope, kind, query.owner).await?;
    let resources = if query.count == 0 || query.offset >= total {
        Vec::new()
    } else {
        resources::page(scope, kind, query.owner, query.offset, query.count).await?
    };
    Ok(Page {
        total,
        examined: resources.len(),
        resources,
    })
}

async fn matching(
    scope: &mut Scope<'_>,
    query: &ListQuery<'_>,
    part: &ListPart<'_>,
) -> Result<Page, Error> {
    let mut page = Page::default();
    let mut matches = Matches::of(scope, query, part).await?;
    while let Some(piece) = matches.next(scope).await? {
        for (stored, _) in piece {
            page.total += 1;
            if page.total > query.offset && page.resources.len() < query.count {
                page.resources.push(stored);
            }
        }
    }
    page.examined = matches.examined();
    Ok(page)
}
