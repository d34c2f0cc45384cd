//! What a list is answered with, said without an index: for stores that have none, and for tests
//! of those that have.

use std::collections::HashMap;

use scim_core::sort::SortKey;
use scim_core::{ResourceId, SortOrder};
use serde_json::{Map, Value};

use super::{ListPart, ListQuery, Page, Stored};
use crate::Error;

/// Matches that are sorted for one request, where no index has them in order.
pub const SORTED_MAX: usize = 10_000;

/// The answer to a query, if these were all resources of the tenant.
pub fn answer(
    query: &ListQuery<'_>,
    stored: impl IntoIterator<Item = Stored>,
) -> Result<Page, Error> {
    let mut stored: Vec<Stored> = stored.into_iter().collect();
    stored.sort_by_key(|stored| stored.id);
    let examined = stored.len();
    let mut ranking = query.sort_order().map(Ranking::new);
    let mut matching: Vec<&Stored> = Vec::new();
    for part in query.parts {
        for stored in &stored {
            let Some(document) = matched(query, part, stored)? else {
                continue;
            };
            matching.push(stored);
            if let Some(ranking) = &mut ranking {
                ranking.add(part, stored.id, &document)?;
            }
        }
    }
    let total = matching.len();
    if let Some(ranking) = ranking {
        let places: HashMap<ResourceId, usize> =
            ranking.page(0, total).into_iter().zip(0..).collect();
        matching.sort_by_key(|stored| places.get(&stored.id));
    }
    let page = matching.into_iter().skip(query.offset).take(query.count);
    Ok(Page {
        total,
        resources: page.cloned().collect(),
        examined,
    })
}

/// The document with `id` and `meta`, as filters and sorts see it.
pub(crate) fn whole(stored: &Stored) -> Result<Map<String, Value>, Error> {
    let mut map = crate::resource::with_id(stored)?;
    map.insert("meta".to_owned(), crate::resource::meta(stored));
    Ok(map)
}

/// The whole document, if the resource is of this part of the list.
pub(crate) fn matched(
    query: &ListQuery<'_>,
    part: &ListPart<'_>,
    stored: &Stored,
) -> Result<Option<Map<String, Value>>, Error> {
    let concerns = stored.kind == part.resource_type.name()
        && query.owner.is_none_or(|owner| stored.owner == Some(owner));
    if !concerns {
        return Ok(None);
    }
    let document = whole(stored)?;
    let matches = part
        .filter
        .is_none_or(|filter| scim_core::filter::matches(filter, &document));
    Ok(matches.then_some(document))
}

/// The matches of a sorted list: what places each of them, and nothing more.
pub(crate) struct Ranking {
    order: SortOrder,
    places: Vec<(SortKey, ResourceId)>,
    limit: usize,
}

impl Ranking {
    pub(crate) fn new(order: SortOrder) -> Ranking {
        Ranking {
            order,
            places: Vec::new(),
            limit: SORTED_MAX,
        }
    }

    /// One more match.
    pub(crate) fn add(
        &mut self,
        part: &ListPart<'_>,
        id: ResourceId,
        document: &Map<String, Value>,
    ) -> Result<(), Error> {
        if self.places.len() == self.limit {
            return Err(Error::TooManyToSort { limit: self.limit });
        }
        let key = part.sort.map_or(SortKey::Missing, |by| by.key(document));
        self.places.push((key, id));
        Ok(())
    }

    /// How many there are.
    pub(crate) fn total(&self) -> usize {
        self.places.len()
    }

    /// Those of a page. Equal ones stand in the order of ids in both directions, so that pages
    /// follow one another.
    pub(crate) fn page(mut self, offset: usize, count: usize) -> Vec<ResourceId> {
        self.places.sort_unstable_by(|(left, a), (right, b)| {
            let by_key = match self.order {
                SortOrder::Ascending => left.cmp(right),
                SortOrder::Descending => right.cmp(left),
            };
            by_key.then(a.cmp(b))
        });
        let page = self.places.into_iter().skip(offset).take(count);
        page.map(|(_, id)| id).collect()
    }
}

#[cfg(test)]
mod tests {
    use scim_core::{ResourceId, SortBy, SortOrder};
    use serde_json::json;
    use uuid::Uuid;

    use super::Ranking;
    use crate::store::ListPart;
    use crate::store::contract::user_type;

    /// Ids of a page, in order, of users whose titles these are.
    fn ranked(titles: &[&str], order: SortOrder, limit: usize, page: (usize, usize)) -> String {
        let resource_type = user_type();
        let sort = SortBy::parse("title", order, &resource_type).unwrap();
        let part = ListPart {
            resource_type: &resource_type,
            filter: None,
            sort: Some(&sort),
        };
        let mut ranking = Ranking::new(order);
        ranking.limit = limit;
        for (number, title) in titles.iter().enumerate() {
            let id = ResourceId::new(Uuid::from_u128(number as u128));
            let document = json!({ "title": title });
            if let Err(error) = ranking.add(&part, id, document.as_object().unwrap()) {
                return error.to_string();
            }
        }
        let total = ranking.total();
        let ids = ranking.page(page.0, page.1);
        let ids: Vec<_> = ids
            .iter()
            .map(|id| id.uuid().as_u128().to_string())
            .collect();
        format!("{} of {total}", ids.join(" "))
    }

    macro_rules! check {
        ($titles:expr, $order:ident, $limit:expr, $page:expr, @$shown:literal) => {
            insta::assert_snapshot!(ranked(&$titles, SortOrder::$order, $limit, $page), @$shown)
        };
    }

    #[test]
    fn equal_ones_keep_the_order_of_ids() {
        check!(["b", "a", "", "B", "A"], Ascending, 9, (0, 9), @"1 4 0 3 2 of 5");
        check!(["b", "a", "", "B", "A"], Descending, 9, (0, 9), @"2 0 3 1 4 of 5");
        check!(["b", "a", "", "B", "A"], Ascending, 9, (1, 2), @"4 0 of 5");
        check!(["b", "a", "", "B", "A"], Ascending, 9, (9, 2), @" of 5");
    }
    #[test]
    fn too_many_are_refused() {
        check!(["b", "a"], Ascending, 2, (0, 9), @"1 0 of 2");
        check!(["b", "a", "c"], Ascending, 2, (0, 1), @"more than 2 resources match, which is too many to sort: narrow the filter, or sort all by an indexed attribute such as userName");
    }
}
