//! Lists without a sort: one type after the other, each in the order of ids.

use scim_core::ResourceId;

use super::matches::Matches;
use super::measure;
use crate::Error;
use crate::store::sql::{Scope, resources};
use crate::store::{ListPart, ListQuery, Page, Seek, Start, Stored, Way};

pub(super) async fn list(scope: &mut Scope<'_>, query: &ListQuery<'_>) -> Result<Page, Error> {
    match query.start {
        Start::First => after(scope, query, 0).await,
        Start::Offset(offset) => after(scope, query, offset).await,
        Start::At(seek) => beside(scope, query, seek).await,
    }
}

/// The page after so many matches, and how many there are.
async fn after(scope: &mut Scope<'_>, query: &ListQuery<'_>, offset: usize) -> Result<Page, Error> {
    let mut page = Page::default();
    for part in query.parts {
        let offset = offset.saturating_sub(page.total);
        let count = query.count.saturating_sub(page.resources.len());
        let found = match part.filter {
            None => all(scope, query, part, offset, count).await?,
            Some(_) => matching(scope, query, part, offset, count).await?,
        };
        page.total += found.total;
        page.examined += found.examined;
        page.resources.extend(found.resources);
    }
    page.more = offset.saturating_add(page.resources.len()) < page.total;
    Ok(page)
}

async fn all(
    scope: &mut Scope<'_>,
    query: &ListQuery<'_>,
    part: &ListPart<'_>,
    offset: usize,
    count: usize,
) -> Result<Page, Error> {
    let kind = part.resource_type.name();
    let (total, resources) = measure::page(scope, kind, query.owner, offset, count).await?;
    Ok(Page {
        total,
        examined: resources.len(),
        resources,
        more: false,
    })
}

async fn matching(
    scope: &mut Scope<'_>,
    query: &ListQuery<'_>,
    part: &ListPart<'_>,
    offset: usize,
    count: usize,
) -> Result<Page, Error> {
    let mut page = Page::default();
    let mut matches = Matches::of(scope, query, part).await?;
    let end = offset.saturating_add(count);
    loop {
        // Where a key is all that is asked for, nothing after the page has to be read to be counted.
        if page.total >= end
            && let Some(total) = matches.count(scope).await?
        {
            page.total = total;
            break;
        }
        let Some(piece) = matches.next(scope).await? else {
            break;
        };
        for found in piece {
            page.total += 1;
            if page.total > offset && page.resources.len() < count {
                page.resources.push(found.stored);
            }
        }
    }
    page.examined = matches.examined();
    Ok(page)
}

/// The page on one side of a place. One more than it takes is looked for, and nothing is counted.
async fn beside(
    scope: &mut Scope<'_>,
    query: &ListQuery<'_>,
    seek: Seek<'_>,
) -> Result<Page, Error> {
    let mut parts: Vec<&ListPart<'_>> = query.parts.iter().collect();
    if seek.way == Way::Backward {
        parts.reverse();
    }
    let of_place = |part: &&ListPart<'_>| part.resource_type.name() == seek.place.kind;
    let first = parts.iter().position(of_place).unwrap_or(parts.len());
    let wanted = query.count.saturating_add(1);
    let mut page = Page {
        total: seek.total,
        ..Page::default()
    };
    let mut from = Some(seek.place.id);
    for part in parts.into_iter().skip(first) {
        let rest = wanted - page.resources.len();
        let (found, examined) = next(scope, query, part, seek.way, from.take(), rest).await?;
        page.resources.extend(found);
        page.examined += examined;
        if page.resources.len() >= wanted {
            break;
        }
    }
    page.more = page.resources.len() > query.count;
    page.resources.truncate(query.count);
    if seek.way == Way::Backward {
        page.resources.reverse();
    }
    Ok(page)
}

/// The next matches of one type, at most so many; and how many resources were read for them.
async fn next(
    scope: &mut Scope<'_>,
    query: &ListQuery<'_>,
    part: &ListPart<'_>,
    way: Way,
    from: Option<ResourceId>,
    wanted: usize,
) -> Result<(Vec<Stored>, usize), Error> {
    if part.filter.is_none() {
        let kind = part.resource_type.name();
        let found = resources::beside(scope, kind, query.owner, way, from, wanted).await?;
        let examined = found.len();
        return Ok((found, examined));
    }
    let mut found = Vec::new();
    let mut matches = Matches::beside(scope, query, part, way, from).await?;
    while found.len() < wanted
        && let Some(piece) = matches.next(scope).await?
    {
        found.extend(piece.into_iter().map(|found| found.stored));
    }
    found.truncate(wanted);
    Ok((found, matches.examined()))
}
