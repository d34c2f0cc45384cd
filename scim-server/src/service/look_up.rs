//! One resource and what links it to others, asked for at once: what directories ask most.

use async_trait::async_trait;

use super::asked::Asked;
use super::{Listed, links};
use crate::store::{By, LookUp, MemberLink, Reads, Side, Stored, Transaction, Unit};
use crate::{Error, Resource};

/// The links that the answer shows: of these two kinds, hardly any type has both.
pub(super) struct Sides<'a> {
    asked: &'a Asked,
    members: Option<Side<'a>>,
    owners: Option<Side<'a>>,
}

impl<'a> Sides<'a> {
    /// Up to `limit` members, and all groups.
    pub(super) fn of(asked: &'a Asked, limit: usize) -> Sides<'a> {
        let resource_type = &asked.served.resource_type;
        let rows = resource_type.rows();
        let rows = rows.filter(|rows| asked.projection.wants(&rows.attribute));
        let reverse = resource_type.reverse();
        let reverse = reverse.filter(|reverse| asked.projection.wants(&reverse.attribute));
        Sides {
            asked,
            members: rows.map(|rows| Side::Members {
                attribute: &rows.attribute,
                limit,
            }),
            owners: reverse.map(|reverse| Side::Owners {
                attribute: &reverse.of_rows,
            }),
        }
    }

    fn are_both(&self) -> bool {
        self.members.is_some() && self.owners.is_some()
    }

    pub(super) fn are_members(&self) -> bool {
        self.members.is_some() && !self.are_both()
    }

    /// The resource, if the caller sees it, with the rows that link it.
    pub(super) async fn look_up(
        &self,
        tx: &mut Transaction<'_>,
        by: By<'_>,
    ) -> Result<Option<(Stored, Vec<MemberLink>)>, Error> {
        let side = self.members.or(self.owners).filter(|_| !self.are_both());
        let kind = self.asked.kind();
        let found = tx.look_up(&LookUp { kind, by, side }).await?;
        match found {
            Some(found) if self.asked.sees(&found.0)? => Ok(Some(found)),
            Some(_) | None => Ok(None),
        }
    }

    /// The resource with its links, as far as the caller sees them.
    pub(super) async fn shown(
        &self,
        tx: &mut Transaction<'_>,
        stored: Stored,
        rows: Vec<MemberLink>,
    ) -> Result<Resource, Error> {
        let links = if self.are_both() {
            links::of_one(tx, self.asked, &stored).await?
        } else {
            links::of_rows(self.asked, self.members.is_some(), rows)
        };
        Ok(Resource::linked(stored, links))
    }
}

/// A list of which it is known before that it holds one resource at most.
pub(super) struct ByUnique {
    pub(super) asked: Asked,
    /// As the keys have them.
    pub(super) attribute: String,
    pub(super) value: String,
}

#[async_trait]
impl Unit for ByUnique {
    type Output = Listed;

    async fn run(&self, tx: &mut Transaction<'_>) -> Result<Listed, Error> {
        let sides = Sides::of(&self.asked, usize::MAX);
        let by = By::Unique {
            attribute: &self.attribute,
            value: &self.value,
            owner: self.asked.caller.connection,
        };
        let mut resources = Vec::new();
        if let Some((stored, rows)) = sides.look_up(tx, by).await? {
            resources.push(sides.shown(tx, stored, rows).await?);
        }
        Ok(Listed {
            total: resources.len(),
            resources,
            previous: None,
            next: None,
        })
    }

    fn reads(&self) -> Reads {
        if Sides::of(&self.asked, usize::MAX).are_members() {
            return Reads::Many;
        }
        Reads::Few
    }
}
