//! The resources that match a filter, in the order of ids.
//!
//! The rows that can match are tested by the evaluator of `scim_core`, in pieces, so that memory
//! stays bounded.

use scim_core::ResourceId;
use serde_json::{Map, Value};

use super::narrow::{self, Way};
use crate::Error;
use crate::store::answer::matched;
use crate::store::sql::resources::{self, Candidates};
use crate::store::sql::{Lock, Scope};
use crate::store::{ListPart, ListQuery, Stored};

/// Rows tested at once.
const PIECE: usize = 500;

/// What matches one part of a query, piece by piece.
pub(super) struct Matches<'q> {
    query: &'q ListQuery<'q>,
    part: &'q ListPart<'q>,
    rest: Rest,
    examined: usize,
}

/// What is still to be read.
enum Rest {
    Nothing,
    /// Rows that a statement finds, after an id.
    After(Candidates, Option<ResourceId>),
    /// These, in order.
    Ids(Vec<ResourceId>),
}

impl<'q> Matches<'q> {
    pub(super) async fn of(
        scope: &mut Scope<'_>,
        query: &'q ListQuery<'q>,
        part: &'q ListPart<'q>,
    ) -> Result<Matches<'q>, Error> {
        let rest = match narrow::way(scope, query.owner, part).await? {
            Way::Nothing => Rest::Nothing,
            Way::Statement(candidates) => Rest::After(candidates, None),
            Way::Ids(ids) => Rest::Ids(ids),
        };
        Ok(Matches {
            query,
            part,
            rest,
            examined: 0,
        })
    }

    /// The matches of the next piece, with their whole documents; `None` at the end.
    pub(super) async fn next(
        &mut self,
        scope: &mut Scope<'_>,
    ) -> Result<Option<Vec<(Stored, Map<String, Value>)>>, Error> {
        let piece = match &mut self.rest {
            Rest::Nothing => return Ok(None),
            Rest::After(candidates, after) => {
                let kind = self.part.resource_type.name();
                let owner = self.query.owner;
                let piece =
                    resources::candidates(scope, kind, owner, candidates, *after, PIECE).await?;
                *after = piece.last().map(|stored| stored.id);
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
                resources::by_ids(scope, &piece, Lock::None).await?
            }
        };
        self.examined += piece.len();
        let mut matches = Vec::new();
        for stored in piece {
            if let Some(document) = matched(self.query, self.part, &stored)? {
                matches.push((stored, document));
            }
        }
        Ok(Some(matches))
    }

    /// How many resources were read so far.
    pub(super) fn examined(&self) -> usize {
        self.examined
    }
}
