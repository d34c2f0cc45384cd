//! GET: one resource, or a page of those that match.

use std::collections::HashMap;

use async_trait::async_trait;
use jiff::Timestamp;
use scim_core::schema::Type;
use scim_core::{ResourceId, SortBy, SortOrder, TypedFilter};

use super::across::{self, Reader};
use super::asked::Asked;
use super::cursor::{Cursor, CursorSeal};
use super::look_up::{ByUnique, Sides};
use super::{Caller, links};
use crate::store::{
    self, By, ListPart, ListQuery, Lock, Reads, Seek, Start, Stored, Transaction, Unit, Way,
};
use crate::{Error, Resource};

/// What a list is asked for (RFC 7644 §3.4.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListRequest {
    /// The filter as it was sent.
    pub filter: Option<String>,
    /// The path to sort by as it was sent, and the direction.
    pub sort: Option<(String, SortOrder)>,
    /// How pages are told apart.
    pub paging: Paging,
    /// Resources at most.
    pub count: usize,
}

/// The two ways to page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Paging {
    /// By the 1-based index of the first resource (RFC 7644 §3.4.2.4).
    Index(usize),
    /// By the cursor that the page before gave out; none asks for the first page (RFC 9865).
    Cursor(Option<String>),
}

/// A page of a list.
#[derive(Debug, Clone)]
pub struct Listed {
    /// How many match in all.
    pub total: usize,
    /// Those of this page.
    pub resources: Vec<Resource>,
    /// The cursor of the page before, where pages have cursors.
    pub previous: Option<String>,
    /// The cursor of the next page, where pages have cursors; none on the last one.
    pub next: Option<String>,
}

pub(super) struct Get {
    pub(super) asked: Asked,
    pub(super) id: ResourceId,
}

#[async_trait]
impl Unit for Get {
    type Output = Resource;

    async fn run(&self, tx: &mut Transaction<'_>) -> Result<Resource, Error> {
        let Get { asked, id } = self;
        if asked.source.is_some() {
            return one(tx, asked, *id).await;
        }
        let sides = Sides::of(asked, usize::MAX);
        let found = sides.look_up(tx, By::Id(*id)).await?;
        let (stored, rows) = found.ok_or_else(|| asked.not_found(*id))?;
        sides.shown(tx, stored, rows).await
    }
}

/// The resource, if the caller sees it.
pub(super) async fn one(
    tx: &mut Transaction<'_>,
    asked: &Asked,
    id: ResourceId,
) -> Result<Resource, Error> {
    let stored = stored(tx, asked, id).await?;
    if asked.source.is_some() {
        return Ok(Resource::bare(stored));
    }
    let links = links::of_one(tx, asked, &stored).await?;
    Ok(Resource::linked(stored, links))
}

/// The row of the resource, if the caller sees it.
pub(super) async fn stored(
    tx: &mut Transaction<'_>,
    asked: &Asked,
    id: ResourceId,
) -> Result<Stored, Error> {
    let stored = match &asked.source {
        Some(source) => source.get(tx, id, Lock::None).await?,
        None => tx.get(asked.kind(), id).await?,
    };
    let stored = stored.ok_or_else(|| asked.not_found(id))?;
    if asked.sees(&stored)? {
        Ok(stored)
    } else {
        Err(asked.not_found(id))
    }
}

pub(super) struct List {
    caller: Caller,
    parts: Vec<Part>,
    page: Page,
    count: usize,
}

enum Page {
    After(usize),
    /// The text is the cursor, which the seal opens.
    By(CursorSeal, Option<String>),
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
        let mut parts = Vec::with_capacity(asked.len());
        for ((asked, filter), sort) in asked.into_iter().zip(filters).zip(sorts) {
            let keys = filter.iter().flat_map(TypedFilter::keys);
            let sorted = sort.iter().map(|sort| sort.path().key());
            let resource_type = &asked.served.resource_type;
            caller.may_ask_by(resource_type, keys.chain(sorted))?;
            let bounds = asked.bounds("read")?;
            let filter = match (filter, bounds) {
                (Some(filter), Some(bounds)) => Some(TypedFilter::And(vec![bounds, filter])),
                (filter, bounds) => filter.or(bounds),
            };
            parts.push(Part {
                asked,
                filter,
                sort,
            });
        }
        Ok(List {
            caller: caller.clone(),
            parts,
            page: match request.paging {
                Paging::Index(start_index) => Page::After(start_index.saturating_sub(1)),
                Paging::Cursor(_) => Page::After(0),
            },
            count: request.count,
        })
    }

    /// Opens and gives out cursors that are good for this caller and query alone.
    pub(super) fn page_by_cursor(
        &mut self,
        key: [u8; 32],
        cursor: Option<&str>,
        request: &ListRequest,
    ) {
        let connection = self.caller.connection.to_string();
        let mut query = vec![self.caller.tenant.as_str(), &connection];
        // A filter that is empty is another query than none.
        query.push(if request.filter.is_some() {
            "filter"
        } else {
            ""
        });
        query.push(request.filter.as_deref().unwrap_or_default());
        if let Some((path, order)) = &request.sort {
            query.extend([path.as_str(), order.as_str()]);
        }
        query.extend(self.parts.iter().map(|part| part.asked.kind()));
        self.page = Page::By(CursorSeal::new(key, &query), cursor.map(str::to_owned));
    }

    /// The list as a look for one resource, where a unique value decides alone what it holds.
    pub(super) fn by_unique(&mut self) -> Option<ByUnique> {
        let (attribute, value) = self.unique_value()?;
        let part = self.parts.pop()?;
        Some(ByUnique {
            asked: part.asked,
            attribute,
            value,
        })
    }

    fn unique_value(&self) -> Option<(String, String)> {
        let ([part], Page::After(0), Some(_)) =
            (self.parts.as_slice(), &self.page, self.caller.sees_only())
        else {
            return None;
        };
        if part.asked.source.is_some() {
            return None;
        }
        let (key, value) = part.filter.as_ref()?.equality()?;
        let mut unique = part.asked.served.resource_type.unique().iter();
        let is_unique = unique
            .any(|path| path.key() == key && matches!(path.kind(), Type::String | Type::Reference));
        // An empty text is a key like any other, and no value to a filter; U+0000 is in no key.
        let askable = !value.is_empty() && !value.contains('\0') && self.count > 0;
        (is_unique && askable).then(|| (key.to_owned(), value.to_owned()))
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
        let mut filters = Vec::with_capacity(self.parts.len());
        for part in &self.parts {
            filters.push(match &part.filter {
                Some(filter) => Some(links::looked_up(tx, &part.asked, filter).await?),
                None => None,
            });
        }
        let parts: Vec<ListPart<'_>> = self
            .parts
            .iter()
            .zip(&filters)
            .map(|(part, filter)| ListPart {
                resource_type: &part.asked.served.resource_type,
                filter: filter.as_deref(),
                sort: part.sort.as_ref(),
            })
            .collect();
        let cursor = match &self.page {
            Page::By(seal, Some(text)) => Some(seal.open(text, tx.now())?),
            Page::By(_, None) | Page::After(_) => None,
        };
        let start = match (&self.page, &cursor) {
            (Page::After(offset), _) => Start::Offset(*offset),
            (Page::By(..), None) => Start::First,
            (Page::By(..), Some(cursor)) => Start::At(Seek {
                place: &cursor.place,
                way: cursor.way,
                total: cursor.total,
            }),
        };
        let query = ListQuery {
            parts: &parts,
            owner: self.caller.sees_only(),
            start,
            count: self.count,
        };
        let source = self
            .parts
            .iter()
            .find_map(|part| part.asked.source.as_ref());
        let page = match source {
            Some(source) => source.list(tx, &query).await?,
            None => tx.list(&query).await?,
        };
        let (previous, next) = match &self.page {
            Page::By(seal, _) => cursors(seal, &query, &page, tx.now())?,
            Page::After(_) => (None, None),
        };
        let mut links = HashMap::new();
        for part in &self.parts {
            let of_type = page.resources.iter();
            let of_type = of_type.filter(|stored| stored.kind == part.asked.kind());
            let ids: Vec<ResourceId> = of_type.map(|stored| stored.id).collect();
            links.extend(links::of_many(tx, &part.asked, &ids).await?);
        }
        let resources = page.resources.into_iter().map(|stored| {
            let links = links.remove(&stored.id).unwrap_or_default();
            Resource::linked(stored, links)
        });
        Ok(Listed {
            total: page.total,
            resources: resources.collect(),
            previous,
            next,
        })
    }

    /// A look-up by a unique key reads one row, a page of all as many as it has; everything else may read many.
    fn reads(&self) -> Reads {
        let [part] = self.parts.as_slice() else {
            return Reads::Many;
        };
        if part.asked.source.is_some() {
            return Reads::Many;
        }
        let Some(filter) = &part.filter else {
            let has_members = part.asked.shows_members();
            return match part.sort {
                None if self.count <= PAGE_MAX && !has_members => Reads::Page,
                _ => Reads::Many,
            };
        };
        if !filter.links().is_empty() {
            return Reads::Many;
        }
        let unique = part.asked.served.resource_type.unique();
        let finds_one = |key: &str| key == "id" || unique.iter().any(|path| path.key() == key);
        let mut keys = filter.narrowing().into_iter();
        if keys.any(|narrowing| finds_one(narrowing.key)) {
            Reads::Few
        } else {
            Reads::Many
        }
    }
}

/// Resources of a page that is read where it is asked for: to wake another thread takes as long as some dozen.
const PAGE_MAX: usize = 200;

/// The cursors beside a page.
fn cursors(
    seal: &CursorSeal,
    query: &ListQuery<'_>,
    page: &store::Page,
    issued: Timestamp,
) -> Result<(Option<String>, Option<String>), Error> {
    let (has_previous, has_next) = match query.start {
        Start::First | Start::Offset(_) => (false, page.more),
        Start::At(Seek {
            way: Way::Forward, ..
        }) => (true, page.more),
        Start::At(Seek {
            way: Way::Backward, ..
        }) => (page.more, true),
    };
    let beside = |has: bool, end: Option<&Stored>, way: Way| {
        let Some(stored) = end.filter(|_| has) else {
            return Ok(None);
        };
        let cursor = Cursor {
            place: query.place(stored)?,
            way,
            total: page.total,
            issued,
        };
        seal.seal(&cursor).map(Some)
    };
    Ok((
        beside(has_previous, page.resources.first(), Way::Backward)?,
        beside(has_next, page.resources.last(), Way::Forward)?,
    ))
}

#[cfg(test)]
mod tests {
    use scim_core::Policy;
    use scim_core::resource::project::Projection;
    use uuid::Uuid;

    use std::sync::Arc;

    use super::*;
    use crate::service::{Catalog, Engine, users_and_groups};
    use crate::store::{ConnectionId, Fresh, TokenKind};

    #[tokio::test]
    async fn what_may_read_much_says_so() {
        let fresh = Fresh::sqlite().await;
        let catalog = Catalog::new(users_and_groups().unwrap());
        let engine = Engine::new(fresh.store.clone(), catalog, Vec::new());
        let caller = Caller {
            tenant: "main".parse().unwrap(),
            connection: ConnectionId(Uuid::from_u128(1)),
            name: "Entra".into(),
            kind: TokenKind::Idp,
            policy: Policy::compatible(),
            person: None,
            grants: Arc::default(),
            origin: None,
        };
        let users = engine.catalog().by_endpoint(TokenKind::Idp, "Users");
        let groups = engine.catalog().by_endpoint(TokenKind::Idp, "Groups");
        for (served, filter, count, expected) in [
            (users, r#"userName eq "a""#, 1, Reads::Few),
            (users, r#"userName eq """#, 1, Reads::Few),
            (users, r#"id eq "a""#, 1, Reads::Few),
            (
                users,
                r#"externalId eq "a" and title eq "b""#,
                1,
                Reads::Few,
            ),
            (users, r#"title eq "a""#, 1, Reads::Many),
            (users, r#"userName sw "a""#, 1, Reads::Many),
            (
                users,
                r#"userName eq "a" and groups.value eq "g""#,
                1,
                Reads::Many,
            ),
            (users, "", 200, Reads::Page),
            (users, "", 201, Reads::Many),
            (groups, "", 1, Reads::Many),
        ] {
            let asked = engine.asked(&caller, served.unwrap(), &Projection::default());
            let request = ListRequest {
                filter: (!filter.is_empty()).then(|| filter.to_owned()),
                sort: None,
                paging: Paging::Index(1),
                count,
            };
            let mut list = List::new(&caller, vec![asked], &request).unwrap();
            let reads = match list.by_unique() {
                Some(one) => one.reads(),
                None => list.reads(),
            };
            assert_eq!(reads, expected, "{filter}");
        }
    }
}
