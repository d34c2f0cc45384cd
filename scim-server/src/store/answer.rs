//! What a list is answered with, said without an index: for stores that have none, and for tests
//! of those that have.

use std::cmp::Ordering;

use scim_core::sort::SortKey;
use scim_core::{ResourceId, SortOrder};
use serde_json::{Map, Value};

use super::{ListPart, ListQuery, Page, Place, Seek, Start, Stored, Way};
use crate::Error;

/// Matches that are sorted for one request, where no index has them in order.
pub const SORTED_MAX: usize = 10_000;

/// The answer to a query, if these were all resources of the tenant.
pub fn answer(
    query: &ListQuery<'_>,
    stored: impl IntoIterator<Item = Stored>,
) -> Result<Page, Error> {
    let stored: Vec<Stored> = stored.into_iter().collect();
    let mut matching: Vec<(Place, &Stored)> = Vec::new();
    for part in query.parts {
        for stored in &stored {
            if matched(query, part, stored)?.is_some() {
                matching.push((query.place(stored)?, stored));
            }
        }
    }
    if query.sort_order().is_some() && matching.len() > SORTED_MAX {
        return Err(Error::TooManyToSort { limit: SORTED_MAX });
    }
    let order = Order::of(query);
    matching.sort_by(|(left, _), (right, _)| order.compare(left, right));
    let (page, more) = order.page(query, &matching, |(place, _)| place);
    Ok(Page {
        total: query.total(matching.len()),
        resources: page.iter().map(|(_, stored)| (*stored).clone()).collect(),
        more,
        examined: stored.len(),
    })
}

/// The document with `id` and `meta`, as filters and sorts see it.
pub fn whole(stored: &Stored) -> Result<Map<String, Value>, Error> {
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

/// The order of a list. Equal sort values stand in the order of ids in both directions, so that
/// pages follow one another.
pub(crate) struct Order<'q> {
    kinds: Vec<&'q str>,
    sort: Option<SortOrder>,
}

impl<'q> Order<'q> {
    pub(crate) fn of(query: &ListQuery<'q>) -> Order<'q> {
        let kinds = query.parts.iter().map(|part| part.resource_type.name());
        Order {
            kinds: kinds.collect(),
            sort: query.sort_order(),
        }
    }

    pub(crate) fn compare(&self, left: &Place, right: &Place) -> Ordering {
        let part = |place: &Place| self.kinds.iter().position(|kind| *kind == place.kind);
        let first = match self.sort {
            None => part(left).cmp(&part(right)),
            Some(SortOrder::Ascending) => left.key.cmp(&right.key),
            Some(SortOrder::Descending) => right.key.cmp(&left.key),
        };
        first.then(left.id.cmp(&right.id))
    }

    /// The page of a query out of all its matches, which are in order; and whether there are more.
    pub(crate) fn page<'m, M>(
        &self,
        query: &ListQuery<'_>,
        matching: &'m [M],
        place: impl Fn(&M) -> &Place,
    ) -> (&'m [M], bool) {
        let place_of = |seek: Seek<'_>, from: Ordering| {
            matching.partition_point(|one| self.compare(place(one), seek.place) < from)
        };
        let (start, end) = match query.start {
            Start::First => (0, query.count),
            Start::Offset(offset) => (offset, offset.saturating_add(query.count)),
            Start::At(
                seek @ Seek {
                    way: Way::Forward, ..
                },
            ) => {
                let start = place_of(seek, Ordering::Greater);
                (start, start.saturating_add(query.count))
            }
            Start::At(
                seek @ Seek {
                    way: Way::Backward, ..
                },
            ) => {
                let end = place_of(seek, Ordering::Equal);
                let start = end.saturating_sub(query.count);
                return (matching.get(start..end).unwrap_or_default(), start > 0);
            }
        };
        let (start, end) = (start.min(matching.len()), end.min(matching.len()));
        let page = matching.get(start..end).unwrap_or_default();
        (page, end < matching.len())
    }
}

/// The matches of a sorted list: what places each of them, and nothing more.
pub(crate) struct Ranking<'q> {
    query: &'q ListQuery<'q>,
    places: Vec<Place>,
    limit: usize,
}

impl<'q> Ranking<'q> {
    pub(crate) fn new(query: &'q ListQuery<'q>) -> Ranking<'q> {
        Ranking {
            query,
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
        self.places.push(Place {
            kind: part.resource_type.name().to_owned(),
            key: part.sort.map_or(SortKey::Missing, |by| by.key(document)),
            id,
        });
        Ok(())
    }

    /// How many there are.
    pub(crate) fn total(&self) -> usize {
        self.places.len()
    }

    /// Those of the page, and whether there are more.
    pub(crate) fn page(mut self) -> (Vec<ResourceId>, bool) {
        let order = Order::of(self.query);
        self.places
            .sort_unstable_by(|one, other| order.compare(one, other));
        let (page, more) = order.page(self.query, &self.places, |place| place);
        (page.iter().map(|place| place.id).collect(), more)
    }
}

#[cfg(test)]
mod tests {
    use scim_core::{ResourceId, SortBy, SortOrder};
    use serde_json::json;
    use uuid::Uuid;

    use super::Ranking;
    use crate::store::contract::user_type;
    use crate::store::{ListPart, ListQuery, Start};

    /// Ids of a page, in order, of users whose titles these are.
    fn ranked(titles: &[&str], order: SortOrder, limit: usize, page: (usize, usize)) -> String {
        let resource_type = user_type();
        let sort = SortBy::parse("title", order, &resource_type).unwrap();
        let part = ListPart {
            resource_type: &resource_type,
            filter: None,
            sort: Some(&sort),
        };
        let query = ListQuery {
            parts: &[part],
            owner: None,
            start: Start::Offset(page.0),
            count: page.1,
        };
        let mut ranking = Ranking::new(&query);
        ranking.limit = limit;
        for (number, title) in titles.iter().enumerate() {
            let id = ResourceId::new(Uuid::from_u128(number as u128));
            let document = json!({ "title": title });
            if let Err(error) = ranking.add(&part, id, document.as_object().unwrap()) {
                return error.to_string();
            }
        }
        let total = ranking.total();
        let (ids, _) = ranking.page();
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
