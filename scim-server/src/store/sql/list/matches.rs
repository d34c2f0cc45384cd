//! The resources that match a filter, in the order of ids or against it.
//!
//! The rows that can match are tested by the evaluator of `scim_core`, in pieces, so that memory
//! stays bounded.

use std::time::{Duration, Instant};

use scim_core::ResourceId;
use serde_json::{Map, Value};

use super::narrow::{self, Narrowed};
use crate::Error;
use crate::store::answer::{matched, whole};
use crate::store::sql::resources::{self, Candidates};
use crate::store::sql::{Lock, Scope};
use crate::store::{ListPart, ListQuery, Stored, Way};

/// Rows tested at once.
const PIECE: usize = 500;
/// Longest time to test rows in for one request, of the 30 s that it has.
const TIME_MAX: Duration = Duration::from_secs(10);

/// What matches one part of a query, piece by piece.
pub(super) struct Matches<'q> {
    query: &'q ListQuery<'q>,
    part: &'q ListPart<'q>,
    way: Way,
    rest: Rest,
    /// Is what the statement finds still to be tested?
    tested: bool,
    /// Does no key narrow the search?
    everything: bool,
    examined: usize,
    begun: Instant,
}

/// A resource of the answer, and its whole document where it was read to find that out.
pub(super) struct Match {
    pub(super) stored: Stored,
    document: Option<Map<String, Value>>,
}

impl Match {
    pub(super) fn document(self) -> Result<Map<String, Value>, Error> {
        match self.document {
            Some(document) => Ok(document),
            None => whole(&self.stored),
        }
    }
}

/// What is still to be read.
enum Rest {
    Nothing,
    /// Rows that a statement finds, beside an id.
    Beside(Candidates, Option<ResourceId>),
    /// These, in the order in which they are wanted.
    Ids(Vec<ResourceId>),
}

impl<'q> Matches<'q> {
    pub(super) async fn of(
        scope: &mut Scope<'_>,
        query: &'q ListQuery<'q>,
        part: &'q ListPart<'q>,
    ) -> Result<Matches<'q>, Error> {
        Matches::beside(scope, query, part, Way::Forward, None).await
    }

    /// The matches on one side of an id, those next to it first.
    pub(super) async fn beside(
        scope: &mut Scope<'_>,
        query: &'q ListQuery<'q>,
        part: &'q ListPart<'q>,
        way: Way,
        from: Option<ResourceId>,
    ) -> Result<Matches<'q>, Error> {
        let narrowed = narrow::narrow(scope, query.owner, part).await?;
        let tested = !matches!(narrowed, Narrowed::Exactly(_));
        let everything = matches!(narrowed, Narrowed::Statement(Candidates::All));
        let rest = match narrowed {
            Narrowed::Nothing => Rest::Nothing,
            Narrowed::Statement(candidates) | Narrowed::Exactly(candidates) => {
                Rest::Beside(candidates, from)
            }
            Narrowed::Ids(mut ids) => {
                match way {
                    Way::Forward => ids.retain(|id| from.is_none_or(|from| *id > from)),
                    Way::Backward => {
                        ids.retain(|id| from.is_none_or(|from| *id < from));
                        ids.reverse();
                    }
                }
                Rest::Ids(ids)
            }
        };
        Ok(Matches {
            query,
            part,
            way,
            rest,
            tested,
            everything,
            examined: 0,
            begun: Instant::now(),
        })
    }

    /// The matches of the next piece; `None` at the end.
    pub(super) async fn next(
        &mut self,
        scope: &mut Scope<'_>,
    ) -> Result<Option<Vec<Match>>, Error> {
        let piece = match &mut self.rest {
            Rest::Nothing => return Ok(None),
            _ if is_late(self.begun.elapsed(), self.examined) => {
                return Err(Error::FilterTooSlow { limit: TIME_MAX });
            }
            Rest::Beside(candidates, from) => {
                let kind = self.part.resource_type.name();
                let owner = self.query.owner;
                let next = (self.way, *from);
                let piece =
                    resources::candidates(scope, kind, owner, candidates, next, PIECE).await?;
                *from = piece.last().map(|stored| stored.id);
                if piece.len() < PIECE {
                    self.rest = Rest::Nothing;
                }
                piece
            }
            Rest::Ids(ids) => {
                let later = ids.split_off(ids.len().min(PIECE));
                let piece = std::mem::replace(ids, later);
                if ids.is_empty() {
                    self.rest = Rest::Nothing;
                }
                let mut found = resources::by_ids(scope, &piece, Lock::None).await?;
                if self.way == Way::Backward {
                    found.reverse();
                }
                found
            }
        };
        self.examined += piece.len();
        let mut matches = Vec::with_capacity(piece.len());
        for stored in piece {
            let document = if self.tested {
                let Some(document) = matched(self.query, self.part, &stored)? else {
                    continue;
                };
                Some(document)
            } else {
                None
            };
            matches.push(Match { stored, document });
        }
        Ok(Some(matches))
    }

    /// How many there are, where something is left to be read and the keys alone tell it.
    pub(super) async fn count(&self, scope: &mut Scope<'_>) -> Result<Option<usize>, Error> {
        match (&self.rest, self.query.owner) {
            (
                Rest::Beside(
                    Candidates::Key {
                        table,
                        attribute,
                        value,
                    },
                    _,
                ),
                None,
            ) if !self.tested => {
                let kind = self.part.resource_type.name();
                let count = resources::count_with_key(scope, kind, table, (attribute, value));
                count.await.map(Some)
            }
            _ => Ok(None),
        }
    }

    /// Says in the log that a filter cost what there is, so that somebody sees why it is slow.
    fn tell(&self) {
        let Some(filter) = self.part.filter.filter(|_| self.everything) else {
            return;
        };
        if self.examined <= PIECE {
            return;
        }
        let attributes: Vec<&str> = filter.keys().into_iter().collect();
        tracing::info!(
            kind = self.part.resource_type.name(),
            attributes = attributes.join(" "),
            examined = self.examined,
            ms = self.begun.elapsed().as_millis(),
            "no index narrows this filter enough: resources are tested one by one"
        );
    }

    /// How many resources were read so far.
    pub(super) fn examined(&self) -> usize {
        self.examined
    }
}

impl Drop for Matches<'_> {
    fn drop(&mut self) {
        self.tell();
    }
}

/// Is it too late for another piece? The first one is read in any case.
fn is_late(elapsed: Duration, examined: usize) -> bool {
    examined > 0 && elapsed > TIME_MAX
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_walk_ends_in_time() {
        let late = TIME_MAX + Duration::from_millis(1);
        assert!(!is_late(TIME_MAX, 500));
        assert!(!is_late(late, 0));
        assert!(is_late(late, 500));
    }
}
