//! Lists: pages of what there is, of what matches a filter, and of what is sorted.
//!
//! | file | question |
//! |---|---|
//! | `narrow.rs` | which rows can match at all? |
//! | `matches.rs` | which of them do? |
//! | `by_id.rs` | which of those belong to a page without a sort? |
//! | `measure.rs`, `ruler.rs` | where does the n-th of all stand, and how many are there? |
//! | `sorted.rs`, `keyed.rs` | and to a sorted one? |

mod by_id;
mod keyed;
mod matches;
mod measure;
mod narrow;
mod ruler;
mod sorted;
#[cfg(test)]
mod tests;

pub(super) use ruler::Rulers;

use super::Scope;
use crate::Error;
use crate::store::{ListQuery, Page};

pub(super) async fn list(scope: &mut Scope<'_>, query: &ListQuery<'_>) -> Result<Page, Error> {
    match query.sort_order() {
        None => by_id::list(scope, query).await,
        Some(order) => sorted::list(scope, query, order).await,
    }
}
