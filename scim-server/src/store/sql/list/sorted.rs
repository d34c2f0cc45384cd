//! Sorted lists (RFC 7644 §3.4.2.3).
//!
//! All resources of a type come in the order of a key table, where their attribute has one.
//! Everything else is matched, ranked in memory, up to [`SORTED_MAX`](crate::store::answer::SORTED_MAX)
//! matches, and only the page is read whole.

use scim_core::SortOrder;

use super::keyed::Keyed;
use super::matches::Matches;
use crate::Error;
use crate::store::answer::Ranking;
use crate::store::sql::{Lock, Scope, resources};
use crate::store::{ListQuery, Page};

pub(super) async fn list(
    scope: &mut Scope<'_>,
    query: &ListQuery<'_>,
    order: SortOrder,
) -> Result<Page, Error> {
    if let [part] = query.parts
        && let Some(keyed) = Keyed::of(query, part, order)
    {
        return keyed.list(scope).await;
    }
    let mut ranking = Ranking::new(query);
    let mut examined = 0;
    for part in query.parts {
        let mut matches = Matches::of(scope, query, part).await?;
        while let Some(piece) = matches.next(scope).await? {
            for found in piece {
                let id = found.stored.id;
                ranking.add(part, id, &found.document()?)?;
            }
        }
        examined += matches.examined();
    }
    let total = query.total(ranking.total());
    let (ids, more) = ranking.page();
    let mut resources = resources::by_ids(scope, &ids, Lock::None).await?;
    resources.sort_by_key(|stored| ids.iter().position(|id| *id == stored.id));
    Ok(Page {
        total,
        examined: examined + resources.len(),
        resources,
        more,
    })
}
