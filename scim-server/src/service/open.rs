//! GET of one resource whose members may be too many to be held at once.

use std::sync::Arc;

use async_trait::async_trait;
use scim_core::ResourceId;

use super::asked::Asked;
use super::links;
use super::look_up::Sides;
use super::read;
use crate::resource::Link;
use crate::store::{By, MemberLink, Store, Transaction, Unit};
use crate::{Error, Resource};

/// Members that are read at once.
const PIECE: usize = 500;

/// A resource, and its members where they are many.
pub struct Opened {
    /// The resource; without its members where `members` has them.
    pub resource: Resource,
    /// The members, to be read piece by piece.
    pub members: Option<Members>,
}

/// The members of a resource, in pieces of bounded size.
///
/// Each piece is a snapshot of its own: a member that comes or goes meanwhile may be shown or not.
///
/// ```no_run
/// # use std::sync::Arc;
/// # use scim_server::service::{Caller, Engine, Served};
/// # async fn example(engine: &Engine, caller: &Caller, groups: &Arc<Served>) -> Result<(), scim_server::Error> {
/// let opened = engine.request(caller, groups).open("01994c2b-0000-7000-8000-000000000001").await?;
/// if let Some(mut members) = opened.members {
///     while let Some(piece) = members.next().await? {
///         println!("{} more {}", piece.len(), members.attribute());
///     }
/// }
/// # Ok(())
/// # }
/// ```
pub struct Members {
    store: Arc<dyn Store>,
    asked: Arc<Asked>,
    attribute: String,
    owner: ResourceId,
    read: Vec<MemberLink>,
    more: bool,
}

impl Members {
    /// The attribute that they are the values of.
    pub fn attribute(&self) -> &str {
        &self.attribute
    }

    /// The next piece, as far as the caller sees it; `None` at the end.
    pub async fn next(&mut self) -> Result<Option<Vec<Link>>, Error> {
        if self.read.is_empty() {
            return Ok(None);
        }
        let piece = std::mem::take(&mut self.read);
        if let Some(last) = piece.last().filter(|_| self.more) {
            let unit = After {
                attribute: self.attribute.clone(),
                owner: self.owner,
                after: last.id,
            };
            let tenant = &self.asked.caller.tenant;
            self.read = self.store.read(tenant, unit).await?;
            self.more = self.read.len() == PIECE;
        }
        let shown = |link| links::member(&self.asked, &self.attribute, link);
        Ok(Some(piece.into_iter().filter_map(shown).collect()))
    }
}

pub(super) async fn open(
    store: &Arc<dyn Store>,
    asked: Asked,
    id: ResourceId,
) -> Result<Opened, Error> {
    let asked = Arc::new(asked);
    let unit = Open {
        asked: Arc::clone(&asked),
        id,
    };
    let (resource, first) = store.read(&asked.caller.tenant, unit).await?;
    let rows = asked.served.resource_type.rows();
    let members = rows.zip(first).map(|(rows, read)| Members {
        store: Arc::clone(store),
        attribute: rows.attribute.clone(),
        owner: id,
        more: read.len() == PIECE,
        read,
        asked: Arc::clone(&asked),
    });
    Ok(Opened { resource, members })
}

struct Open {
    asked: Arc<Asked>,
    id: ResourceId,
}

#[async_trait]
impl Unit for Open {
    /// The first members come apart from the resource where there are more of them.
    type Output = (Resource, Option<Vec<MemberLink>>);

    async fn run(&self, tx: &mut Transaction<'_>) -> Result<Self::Output, Error> {
        let Open { asked, id } = self;
        if asked.source.is_some() {
            return Ok((read::one(tx, asked, *id).await?, None));
        }
        let sides = Sides::of(asked, PIECE);
        let found = sides.look_up(tx, By::Id(*id)).await?;
        let (stored, rows) = found.ok_or_else(|| asked.not_found(*id))?;
        if sides.are_members() && rows.len() == PIECE {
            return Ok((Resource::bare(stored), Some(rows)));
        }
        Ok((sides.shown(tx, stored, rows).await?, None))
    }
}

struct After {
    attribute: String,
    owner: ResourceId,
    after: ResourceId,
}

#[async_trait]
impl Unit for After {
    type Output = Vec<MemberLink>;

    async fn run(&self, tx: &mut Transaction<'_>) -> Result<Vec<MemberLink>, Error> {
        let after = Some(self.after);
        tx.members_after(&self.attribute, self.owner, after, PIECE)
            .await
    }
}
