//! What a database does for a [`Transaction`](super::Transaction): plain reads, and one flush.

use async_trait::async_trait;
use jiff::Timestamp;
use scim_core::{ResourceId, ResourceType};
use uuid::Uuid;

use super::{
    By, Change, ConnectionId, DoneOnce, Job, ListQuery, LookUp, MemberCandidate, MemberLink, Page,
    Recorded, Sealed, Secret, Session, Side, Span, Stored, Token, Trust, WriteSet,
};
use crate::Error;
use crate::audit::{Audited, Checkpoint};

/// Is a row read to be changed?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lock {
    /// Only to be looked at.
    None,
    /// To be changed: nobody else changes it until the unit ends.
    ForUpdate,
}

/// Member rows seen from one side: the resource asked about, and the other end.
pub type Links = Vec<(ResourceId, MemberLink)>;

/// One transaction of one tenant.
///
/// `scim-server/examples/own_store.rs` is an example of all of it, in memory.
#[async_trait]
pub trait Backend: Send {
    /// The resource with this id.
    async fn resource(
        &mut self,
        kind: &str,
        id: ResourceId,
        lock: Lock,
    ) -> Result<Option<Stored>, Error>;

    /// One resource with its links, in the order of their ids. A store that can ask for both at once
    /// does; every other one has this.
    async fn look_up(
        &mut self,
        asked: &LookUp<'_>,
    ) -> Result<Option<(Stored, Vec<MemberLink>)>, Error> {
        let stored = match asked.by {
            By::Id(id) => self.resource(asked.kind, id, Lock::None).await?,
            By::Unique {
                attribute,
                value,
                owner,
            } => {
                let key = (attribute.to_owned(), value.to_owned());
                let found = self.find(asked.kind, &[key], Lock::None).await?;
                found.into_iter().find(|it| it.owner == Some(owner))
            }
        };
        let Some(stored) = stored else {
            return Ok(None);
        };
        let links = match asked.side {
            None => Vec::new(),
            Some(Side::Members { attribute, limit }) => {
                self.members_after(attribute, stored.id, None, limit)
                    .await?
            }
            Some(Side::Owners { attribute }) => {
                let owners = self.owners(attribute, &[stored.id]).await?;
                owners.into_iter().map(|(_, link)| link).collect()
            }
        };
        Ok(Some((stored, links)))
    }

    /// Resources by id, of any type; those that do not exist are left out.
    async fn resources(&mut self, ids: &[ResourceId], lock: Lock) -> Result<Vec<Stored>, Error>;

    /// Resources of a type that have any of these `(attribute, value)` keys, unique or not.
    async fn find(
        &mut self,
        kind: &str,
        keys: &[(String, String)],
        lock: Lock,
    ) -> Result<Vec<Stored>, Error>;

    /// Resources of several types that have any of these keys of their type. A store that can ask for all
    /// at once does; every other one has this.
    async fn find_any(
        &mut self,
        asked: &[(&str, &[(String, String)])],
        lock: Lock,
    ) -> Result<Vec<Stored>, Error> {
        let mut found = Vec::new();
        for (kind, keys) in asked {
            found.extend(self.find(kind, keys, lock).await?);
        }
        Ok(found)
    }

    /// A part of the resources of a type.
    async fn list(&mut self, query: &ListQuery<'_>) -> Result<Page, Error>;

    /// The members that any of these owners list in `attribute`, the owner first.
    async fn members(&mut self, attribute: &str, owners: &[ResourceId]) -> Result<Links, Error>;

    /// The next members of one resource after this one, or the first, in the order of their ids.
    async fn members_after(
        &mut self,
        attribute: &str,
        owner: ResourceId,
        after: Option<ResourceId>,
        limit: usize,
    ) -> Result<Vec<MemberLink>, Error>;

    /// The ids of all members of one resource, in order.
    async fn member_ids(
        &mut self,
        owner: ResourceId,
        attribute: &str,
    ) -> Result<Vec<ResourceId>, Error>;

    /// Of these ids, those that exist, and whether each is a member of `owner` now.
    async fn member_candidates(
        &mut self,
        owner: ResourceId,
        attribute: &str,
        ids: &[ResourceId],
    ) -> Result<Vec<MemberCandidate>, Error>;

    /// The resources that list any of these members in `attribute`, the member first.
    async fn owners(&mut self, attribute: &str, members: &[ResourceId]) -> Result<Links, Error>;

    /// A secret key of the tenant, which all processes share.
    async fn tenant_key(&mut self, name: &str) -> Result<Option<[u8; 32]>, Error>;

    /// What this connection did under a key, after `since`.
    async fn done_once(
        &mut self,
        connection: ConnectionId,
        key: &str,
        since: Timestamp,
    ) -> Result<Option<DoneOnce>, Error>;

    /// A token and the secret that has this hash.
    async fn token_by_hash(&mut self, hash: &[u8; 32]) -> Result<Option<(Token, Secret)>, Error>;

    /// A token by its id.
    async fn token(&mut self, id: Uuid, lock: Lock) -> Result<Option<Token>, Error>;

    /// The secrets of a token, oldest first, those rotated out included.
    async fn secrets(&mut self, token: Uuid) -> Result<Vec<Secret>, Error>;

    /// All tokens, oldest first.
    async fn tokens(&mut self) -> Result<Vec<Token>, Error>;

    /// The session that has this hash, ended or not.
    async fn session(&mut self, hash: &[u8; 32]) -> Result<Option<Session>, Error>;

    /// The sessions of a person, oldest first, those that have ended by themselves included.
    async fn sessions(&mut self, person: ResourceId) -> Result<Vec<Session>, Error>;

    /// A secret of a resource.
    async fn kept_secret(
        &mut self,
        resource: ResourceId,
        name: &str,
    ) -> Result<Option<Vec<u8>>, Error>;

    /// What trusts in this issuer, or in any, with the token it belongs to; by the token's id.
    async fn trusts(&mut self, issuer: Option<&str>) -> Result<Vec<(Token, Trust)>, Error>;

    /// Takes or keeps the lease `name` until `until`; `false` when somebody else has it.
    async fn lease(
        &mut self,
        name: &str,
        holder: Uuid,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<bool, Error>;

    /// Gives committed, unsealed changes the next numbers; how many it sealed.
    async fn seal(&mut self, limit: usize) -> Result<usize, Error>;

    /// Sealed changes after `sequence`, in order.
    async fn sealed_after(
        &mut self,
        sequence: i64,
        limit: usize,
    ) -> Result<Vec<(Sealed, Change)>, Error>;

    /// A part of the change feed.
    async fn changes(&mut self, span: &Span) -> Result<Vec<Recorded>, Error>;

    /// One line of the change feed.
    async fn change(&mut self, id: Uuid) -> Result<Option<Recorded>, Error>;

    /// The part of the change feed that is about one resource, by version.
    async fn changes_of(
        &mut self,
        resource: ResourceId,
        span: &Span,
    ) -> Result<Vec<Recorded>, Error>;

    /// What followed from a change in the same unit of work, by id.
    async fn effects(&mut self, change: &Change) -> Result<Vec<Recorded>, Error>;

    /// The last number of the sequence.
    async fn last_sealed(&mut self) -> Result<Option<Sealed>, Error>;

    /// Numbers after `sequence` with everything that is stored under them, in order. What cannot be
    /// read is told, not refused.
    async fn audited_after(&mut self, sequence: i64, limit: usize) -> Result<Vec<Audited>, Error>;

    /// Of the next changes after this one, in the order of their ids: those that are marked as sealed
    /// and have no number, and the last one that was looked at.
    async fn sealed_without_number(
        &mut self,
        after: Option<Uuid>,
        limit: usize,
    ) -> Result<(Vec<Uuid>, Option<Uuid>), Error>;

    /// The checkpoint with the highest number.
    async fn newest_checkpoint(&mut self) -> Result<Option<Checkpoint>, Error>;

    /// Checkpoints after this number, in order.
    async fn checkpoints_after(
        &mut self,
        sequence: i64,
        limit: usize,
    ) -> Result<Vec<Checkpoint>, Error>;

    /// Removes the personal part of all changes of a resource, or of the change that has this id,
    /// erasures excepted: the type, and how many there were; `None` when no change is meant.
    async fn erase(&mut self, id: ResourceId) -> Result<Option<(String, usize)>, Error>;

    /// Takes up to `limit` jobs of a queue that are due, with a lease until `until`.
    async fn claim_jobs(
        &mut self,
        queue: &str,
        now: Timestamp,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<Job>, Error>;

    /// Removes a job that is done, if the attempt is still the one that was claimed.
    async fn finish_job(&mut self, id: Uuid, attempts: i64) -> Result<bool, Error>;

    /// What is stored and contradicts itself, given what these types index: one sentence each.
    async fn contradictions(&mut self, types: &[ResourceType]) -> Result<Vec<String>, Error>;

    /// Writes everything, with at most one statement per table and kind of write.
    async fn flush(&mut self, writes: &WriteSet) -> Result<(), Error>;
}
