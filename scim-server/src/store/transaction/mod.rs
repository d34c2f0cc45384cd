//! The transaction that a unit of work sees: its reads include its own pending writes.

mod audit;
mod feed;

use std::collections::HashMap;
use std::sync::Arc;

use feed::Difference;
use indexmap::{IndexMap, IndexSet};
use jiff::Timestamp;
use scim_core::{Document, ResourceId, ResourceType, Version};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::write_set::KeyRow;
use super::{
    Actor, Backend, Change, ChangeBody, ConnectionId, DoneOnce, ErasedUnit, Job, KeptSecret, Links,
    ListQuery, Lock, LookUp, MemberCandidate, MemberLink, Moment, Output, Page, Recorded, Sealed,
    Secret, Session, Span, Stored, Token, Trust, WriteSet,
};
use crate::{Error, StoreError};

/// A resource never grows beyond this, however many requests add to it.
pub(crate) const DOCUMENT_BYTES_MAX: usize = 1024 * 1024;

/// One tenant's data during a unit of work.
///
/// ```no_run
/// # async fn example(store: &dyn scim_server::store::Store) -> anyhow::Result<()> {
/// use scim_server::store::{Lock, unit};
///
/// let is_there = unit(|tx| {
///     Box::pin(async move {
///         let key = ("userName".to_owned(), "kim".to_owned());
///         Ok(!tx.find("User", &[key], Lock::None).await?.is_empty())
///     })
/// });
/// assert!(store.read(&"main".parse()?, is_there).await?);
/// # Ok(())
/// # }
/// ```
pub struct Transaction<'a> {
    backend: &'a mut dyn Backend,
    moment: &'a Moment,
    ids_made: usize,
    resources: IndexMap<ResourceId, Pending>,
    /// What the unit has read of documents, by the version they were read at.
    read: HashMap<(ResourceId, Version), Arc<Document>>,
    members: IndexMap<(ResourceId, String), PendingMembers>,
    actor: Actor,
    rest: WriteSet,
    mark: Option<Uuid>,
    /// What was asked for, by the resource it is about: the id of its change, which is fixed beforehand since
    /// what follows from it may be written first, and the request.
    requests: HashMap<ResourceId, (Uuid, String)>,
    /// What was asked for last.
    cause: Option<Uuid>,
    shown_once: Map<String, Value>,
    /// Types whose unique values nobody has asked for.
    derived: Vec<&'static str>,
}

/// A resource that the unit changes.
struct Pending {
    /// As the database has it.
    before: Option<Keyed>,
    /// As it will be; `None` when it goes.
    after: Option<Keyed>,
    /// The attributes that change, as they were and as they will be.
    difference: Difference,
    /// What was asked for when it was changed.
    cause: Option<Uuid>,
}

#[derive(Clone)]
struct Keyed {
    stored: Stored,
    unique: Vec<KeyRow>,
    lookup: Vec<KeyRow>,
}

#[derive(Default)]
struct PendingMembers {
    cleared: bool,
    added: IndexSet<ResourceId>,
    removed: IndexSet<ResourceId>,
}

impl<'a> Transaction<'a> {
    /// A transaction over a backend, at a moment that stays the same in every attempt.
    pub fn new(backend: &'a mut dyn Backend, moment: &'a Moment) -> Transaction<'a> {
        Transaction {
            backend,
            moment,
            ids_made: 0,
            resources: IndexMap::new(),
            read: HashMap::new(),
            members: IndexMap::new(),
            actor: Actor::default(),
            rest: WriteSet::default(),
            mark: None,
            requests: HashMap::new(),
            cause: None,
            shown_once: Map::new(),
            derived: Vec::new(),
        }
    }

    /// The time at which the unit happens.
    pub fn now(&self) -> Timestamp {
        self.moment.now()
    }

    pub(super) fn moment(&self) -> &Moment {
        self.moment
    }

    /// Runs another unit in the same transaction of the database, at a moment of its own.
    pub(super) async fn within(
        &mut self,
        unit: &dyn ErasedUnit,
        moment: &Moment,
    ) -> Result<Output, Error> {
        self.flush().await?;
        let mut tx = Transaction::new(&mut *self.backend, moment);
        let output = unit.run_erased(&mut tx).await?;
        tx.flush().await?;
        Ok(output)
    }

    /// A new id; the n-th one is the same in every attempt.
    pub fn new_id(&mut self) -> Uuid {
        let id = self.moment.id(self.ids_made);
        self.ids_made += 1;
        id
    }

    /// The resource with this id.
    pub async fn get(&mut self, kind: &str, id: ResourceId) -> Result<Option<Stored>, Error> {
        self.resource(kind, id, Lock::None).await
    }

    /// The resource with this id, to be changed.
    pub async fn get_for_update(
        &mut self,
        kind: &str,
        id: ResourceId,
    ) -> Result<Option<Stored>, Error> {
        self.resource(kind, id, Lock::ForUpdate).await
    }

    async fn resource(
        &mut self,
        kind: &str,
        id: ResourceId,
        lock: Lock,
    ) -> Result<Option<Stored>, Error> {
        match self.resources.get(&id) {
            Some(pending) => Ok(pending
                .after
                .as_ref()
                .map(|after| after.stored.clone())
                .filter(|stored| stored.kind == kind)),
            None => self.backend.resource(kind, id, lock).await,
        }
    }

    /// One resource with its links, in the order of their ids.
    pub async fn look_up(
        &mut self,
        asked: &LookUp<'_>,
    ) -> Result<Option<(Stored, Vec<MemberLink>)>, Error> {
        self.flush().await?;
        self.backend.look_up(asked).await
    }

    /// Resources by id, of any type, by id; those that do not exist are left out.
    pub async fn get_many(&mut self, ids: &[ResourceId], lock: Lock) -> Result<Vec<Stored>, Error> {
        let asked: Vec<ResourceId> = ids
            .iter()
            .copied()
            .filter(|id| !self.resources.contains_key(id))
            .collect();
        let mut found = self.backend.resources(&asked, lock).await?;
        let pending = ids.iter().filter_map(|id| self.resources.get(id));
        found.extend(pending.filter_map(|pending| Some(pending.after.as_ref()?.stored.clone())));
        found.sort_by_key(|stored| stored.id);
        Ok(found)
    }

    /// Resources of a type that have any of these `(attribute, value)` keys, by id.
    pub async fn find(
        &mut self,
        kind: &str,
        keys: &[(String, String)],
        lock: Lock,
    ) -> Result<Vec<Stored>, Error> {
        let found = self.backend.find(kind, keys, lock).await?;
        Ok(self.with_pending(found, &[(kind, keys)]))
    }

    /// Resources of several types that have any of these keys of their type, by id.
    pub async fn find_any(
        &mut self,
        asked: &[(&str, &[(String, String)])],
        lock: Lock,
    ) -> Result<Vec<Stored>, Error> {
        let found = self.backend.find_any(asked, lock).await?;
        Ok(self.with_pending(found, asked))
    }

    /// What the database has found, as the unit has it.
    fn with_pending(
        &self,
        mut found: Vec<Stored>,
        asked: &[(&str, &[(String, String)])],
    ) -> Vec<Stored> {
        found.retain(|stored| !self.resources.contains_key(&stored.id));
        let has = |keys: &[(String, String)], row: &KeyRow| {
            let mut keys = keys.iter();
            keys.any(|(attribute, value)| *attribute == row.attribute && *value == row.value)
        };
        let matches = |row: &KeyRow| {
            let mut asked = asked.iter();
            asked.any(|(kind, keys)| row.kind == *kind && has(keys, row))
        };
        for pending in self.resources.values() {
            let Some(after) = &pending.after else {
                continue;
            };
            if after.unique.iter().chain(&after.lookup).any(matches) {
                found.push(after.stored.clone());
            }
        }
        found.sort_by_key(|stored| stored.id);
        found
    }

    /// A part of the resources of a type.
    pub async fn list(&mut self, query: &ListQuery<'_>) -> Result<Page, Error> {
        self.flush().await?;
        self.backend.list(query).await
    }

    /// The members that any of these owners list in `attribute`, the owner first.
    pub async fn members(
        &mut self,
        attribute: &str,
        owners: &[ResourceId],
    ) -> Result<Links, Error> {
        self.flush_members().await?;
        self.backend.members(attribute, owners).await
    }

    /// The next members of one resource after this one, or the first, in the order of their ids.
    pub async fn members_after(
        &mut self,
        attribute: &str,
        owner: ResourceId,
        after: Option<ResourceId>,
        limit: usize,
    ) -> Result<Vec<MemberLink>, Error> {
        self.flush_members().await?;
        let backend = &mut self.backend;
        backend.members_after(attribute, owner, after, limit).await
    }

    /// The ids of all members of one resource, in order.
    pub async fn member_ids(
        &mut self,
        owner: ResourceId,
        attribute: &str,
    ) -> Result<Vec<ResourceId>, Error> {
        self.flush_members().await?;
        self.backend.member_ids(owner, attribute).await
    }

    /// Of these ids, those that exist, and whether each is a member of `owner` now.
    pub async fn member_candidates(
        &mut self,
        owner: ResourceId,
        attribute: &str,
        ids: &[ResourceId],
    ) -> Result<Vec<MemberCandidate>, Error> {
        self.flush_members().await?;
        self.backend.member_candidates(owner, attribute, ids).await
    }

    /// The resources that list any of these members in `attribute`, the member first.
    pub async fn owners(
        &mut self,
        attribute: &str,
        members: &[ResourceId],
    ) -> Result<Links, Error> {
        self.flush_members().await?;
        self.backend.owners(attribute, members).await
    }

    /// Member rows are read from the database; what is pending must be there before.
    async fn flush_members(&mut self) -> Result<(), Error> {
        let goes = |pending: &Pending| pending.after.is_none();
        if self.members.is_empty() && !self.resources.values().any(goes) {
            return Ok(());
        }
        self.flush().await
    }

    /// Adds a resource.
    pub fn insert(
        &mut self,
        resource_type: &ResourceType,
        owner: Option<ConnectionId>,
        id: ResourceId,
        document: &Document,
    ) -> Result<Stored, Error> {
        let stored = Stored {
            kind: resource_type.name().to_owned(),
            id,
            owner,
            version: Version(1),
            created: self.now(),
            modified: self.now(),
            document: document.to_string(),
        };
        let after = Some(keyed(resource_type, stored.clone(), document)?);
        let pending = Pending {
            before: None,
            after,
            difference: Difference::Whole,
            cause: self.cause,
        };
        self.resources.insert(id, pending);
        Ok(stored)
    }

    /// The document of a resource that the unit has read, as a tree. It is parsed once.
    pub fn document(&mut self, stored: &Stored) -> Result<Arc<Document>, Error> {
        let key = (stored.id, stored.version);
        if let Some(document) = self.read.get(&key) {
            return Ok(Arc::clone(document));
        }
        let document = Arc::new(stored.parse()?);
        // What is pending may change again under the same version.
        if !self.resources.contains_key(&stored.id) {
            self.read.insert(key, Arc::clone(&document));
        }
        Ok(document)
    }

    /// Replaces the document of a resource, which rises by one version and keeps its owner.
    pub fn update(
        &mut self,
        resource_type: &ResourceType,
        before: &Stored,
        document: &Document,
    ) -> Result<Stored, Error> {
        let base = self.base(resource_type, before)?;
        let stored = Stored {
            version: match &base {
                Some(base) => Version(base.stored.version.0 + 1),
                None => before.version,
            },
            // Whoever waited for the row comes later than whoever had it.
            modified: self.now().max(before.modified),
            document: document.to_string(),
            ..before.clone()
        };
        let difference = match &base {
            Some(base) => Difference::between(self.document(&base.stored)?.as_ref(), document),
            None => Difference::Whole,
        };
        let after = Some(keyed(resource_type, stored.clone(), document)?);
        let pending = Pending {
            before: base,
            after,
            difference,
            cause: self.cause,
        };
        self.resources.insert(before.id, pending);
        Ok(stored)
    }

    /// Raises the version of a resource whose document stays: its members changed.
    pub fn touch(
        &mut self,
        resource_type: &ResourceType,
        before: &Stored,
    ) -> Result<Stored, Error> {
        let document = self.document(before)?;
        self.update(resource_type, before, &document)
    }

    /// Removes a resource, its keys and its member rows on both sides.
    pub fn delete(&mut self, resource_type: &ResourceType, stored: &Stored) -> Result<(), Error> {
        let before = self.base(resource_type, stored)?;
        if before.is_none() {
            self.resources.shift_remove(&stored.id);
        } else {
            let pending = Pending {
                before,
                after: None,
                difference: Difference::Whole,
                cause: self.cause,
            };
            self.resources.insert(stored.id, pending);
        }
        Ok(())
    }

    /// The resource as the database has it: what this unit read first.
    fn base(
        &mut self,
        resource_type: &ResourceType,
        stored: &Stored,
    ) -> Result<Option<Keyed>, Error> {
        if let Some(pending) = self.resources.get(&stored.id) {
            return Ok(pending.before.clone());
        }
        let document = self.document(stored)?;
        keyed(resource_type, stored.clone(), &document).map(Some)
    }

    /// Adds member rows; the caller has seen that they are new.
    pub fn add_members(
        &mut self,
        owner: ResourceId,
        attribute: &str,
        members: impl IntoIterator<Item = ResourceId>,
    ) {
        let pending = self.pending_members(owner, attribute);
        for member in members {
            if !pending.removed.shift_remove(&member) || pending.cleared {
                pending.added.insert(member);
            }
        }
    }

    /// Removes member rows; the caller has seen that they are there.
    pub fn remove_members(
        &mut self,
        owner: ResourceId,
        attribute: &str,
        members: impl IntoIterator<Item = ResourceId>,
    ) {
        let pending = self.pending_members(owner, attribute);
        for member in members {
            if !pending.added.shift_remove(&member) {
                pending.removed.insert(member);
            }
        }
    }

    /// Removes all member rows of one attribute, which are these.
    pub async fn clear_members(&mut self, owner: ResourceId, attribute: &str) -> Result<(), Error> {
        let members = self.member_ids(owner, attribute).await?;
        let pending = self.pending_members(owner, attribute);
        pending.cleared = true;
        pending.added.clear();
        pending.removed = members.into_iter().collect();
        Ok(())
    }

    fn pending_members(&mut self, owner: ResourceId, attribute: &str) -> &mut PendingMembers {
        self.members
            .entry((owner, attribute.to_owned()))
            .or_default()
    }

    /// Says on whose behalf the unit writes. Every change it makes is recorded with that.
    pub fn act_for(&mut self, mut actor: Actor) {
        self.cause = None;
        if let Some((resource, request)) = actor.request.take() {
            let id = self.new_id();
            self.cause = Some(id);
            self.requests.insert(resource, (id, request));
        }
        self.actor = actor;
    }

    /// Appends to the change feed what is no change of a resource: a refusal. Changes of
    /// resources are recorded without being asked.
    pub fn record(&mut self, change: Change, body: ChangeBody) {
        self.mark.get_or_insert(change.id);
        self.rest.changes.push((change, body));
    }

    /// Shows an attribute in the answer to this request and in no other, whatever its schema says: a secret.
    pub fn show_once(&mut self, attribute: &str, value: Value) {
        self.shown_once.insert(attribute.to_owned(), value);
    }

    pub(crate) fn shown_once(&mut self) -> Map<String, Value> {
        std::mem::take(&mut self.shown_once)
    }

    /// Leaves work for later, as it is given.
    pub fn enqueue(&mut self, job: Job) {
        self.rest.jobs.push(job);
    }

    /// Leaves work for whoever works on this queue, who takes it up at this time or later.
    pub fn leave_work(&mut self, queue: &str, due: Timestamp, payload: String) {
        let job = Job {
            id: self.new_id(),
            queue: queue.to_owned(),
            due,
            attempts: 0,
            payload,
        };
        self.enqueue(job);
    }

    /// Leaves work for later that is done once: while work of this queue under this name waits, it stays as it
    /// is. How a digest is made.
    pub fn enqueue_once(&mut self, queue: &str, name: &str, due: Timestamp, payload: String) {
        self.rest.jobs_once.push(Job {
            id: name_id(queue, name),
            queue: queue.to_owned(),
            due,
            attempts: 0,
            payload,
        });
    }

    /// Says that resources of this type are made or changed here without being asked for: where one of their
    /// unique values is taken, the unit runs again and finds whose it is, and the client, who asked for
    /// something else, is not refused for it.
    pub fn yield_where_taken(&mut self, kind: &'static str) {
        if !self.derived.contains(&kind) {
            self.derived.push(kind);
        }
    }

    /// A secret key of the tenant, which all processes share.
    pub async fn tenant_key(&mut self, name: &str) -> Result<Option<[u8; 32]>, Error> {
        self.backend.tenant_key(name).await
    }

    /// Makes this the secret key of the tenant, unless there is one already.
    pub fn offer_tenant_key(&mut self, name: &str, key: [u8; 32]) {
        self.rest.tenant_keys.push((name.to_owned(), key));
    }

    /// What this connection did under an idempotency key that is still remembered.
    pub async fn done_once(
        &mut self,
        connection: ConnectionId,
        key: &str,
    ) -> Result<Option<DoneOnce>, Error> {
        let since = self.now() - DoneOnce::KEPT_FOR;
        self.backend.done_once(connection, key, since).await
    }

    /// Remembers what was done under an idempotency key; nobody else has done it meanwhile, or
    /// the unit runs again.
    pub fn remember(&mut self, done: DoneOnce) {
        self.rest.done_once.push(done);
    }

    /// Adds or changes a token.
    pub fn put_token(&mut self, token: Token) {
        self.rest.tokens.push(token);
    }

    /// Adds or changes a secret.
    pub fn put_secret(&mut self, secret: Secret) {
        self.rest.secrets.push(secret);
    }

    /// Removes a secret, which is refused from then on.
    pub fn remove_secret(&mut self, hash: [u8; 32]) {
        self.rest.secrets_removed.push(hash);
    }

    /// Keeps a secret of a resource, instead of the one that it had under this name; or, without one, none. No
    /// document shows it, no change says it, and it goes with the resource.
    pub fn keep_secret(&mut self, resource: ResourceId, name: &str, value: Option<Vec<u8>>) {
        let name = name.to_owned();
        let kept = &mut self.rest.kept_secrets;
        kept.retain(|it| it.resource != resource || it.name != name);
        kept.push(KeptSecret {
            resource,
            name,
            value,
        });
    }

    /// A secret of a resource, as the unit has it.
    pub async fn kept_secret(
        &mut self,
        resource: ResourceId,
        name: &str,
    ) -> Result<Option<Vec<u8>>, Error> {
        let mut pending = self.rest.kept_secrets.iter();
        match pending.find(|it| it.resource == resource && it.name == name) {
            Some(kept) => Ok(kept.value.clone()),
            None => self.backend.kept_secret(resource, name).await,
        }
    }

    /// Begins a session; those that have ended by themselves go.
    pub fn put_session(&mut self, session: Session) {
        self.rest.sessions.push(session);
    }

    /// Ends a session.
    pub fn remove_session(&mut self, hash: [u8; 32]) {
        self.rest.sessions_removed.push(hash);
    }

    /// Ends all sessions of a person that have begun before.
    pub fn end_sessions(&mut self, person: ResourceId) {
        self.rest.sessions_ended.push(person);
    }

    /// The session that has this hash, ended or not.
    pub async fn session(&mut self, hash: &[u8; 32]) -> Result<Option<Session>, Error> {
        self.backend.session(hash).await
    }

    /// The sessions of a person, oldest first, those that have ended by themselves included.
    pub async fn sessions(&mut self, person: ResourceId) -> Result<Vec<Session>, Error> {
        self.backend.sessions(person).await
    }

    /// Gives a token the issuer it trusts, instead of the one it trusted.
    pub fn put_trust(&mut self, trust: Trust) {
        self.rest.trusts.push(trust);
    }

    /// Takes a token's trust away.
    pub fn remove_trust(&mut self, token: Uuid) {
        self.rest.trusts_removed.push(token);
    }

    /// What trusts in this issuer, or in any, with the token it belongs to; by the token's id.
    pub async fn trusts(&mut self, issuer: Option<&str>) -> Result<Vec<(Token, Trust)>, Error> {
        self.backend.trusts(issuer).await
    }

    /// A token and the secret that has this hash.
    pub async fn token_by_hash(
        &mut self,
        hash: &[u8; 32],
    ) -> Result<Option<(Token, Secret)>, Error> {
        self.backend.token_by_hash(hash).await
    }

    /// A token by its id.
    pub async fn token(&mut self, id: Uuid) -> Result<Option<Token>, Error> {
        self.backend.token(id, Lock::None).await
    }

    /// A token by its id, to be changed.
    pub async fn token_for_update(&mut self, id: Uuid) -> Result<Option<Token>, Error> {
        self.backend.token(id, Lock::ForUpdate).await
    }

    /// The secrets of a token, oldest first, those rotated out included.
    pub async fn secrets(&mut self, token: Uuid) -> Result<Vec<Secret>, Error> {
        self.backend.secrets(token).await
    }

    /// All tokens, oldest first.
    pub async fn tokens(&mut self) -> Result<Vec<Token>, Error> {
        self.backend.tokens().await
    }

    /// Takes or keeps the lease `name` until `until`; `false` when somebody else has it.
    pub async fn lease(
        &mut self,
        name: &str,
        holder: Uuid,
        until: Timestamp,
    ) -> Result<bool, Error> {
        let now = self.now();
        self.backend.lease(name, holder, now, until).await
    }

    /// Gives committed, unsealed changes the next numbers; how many it sealed.
    pub async fn seal(&mut self, limit: usize) -> Result<usize, Error> {
        self.backend.seal(limit).await
    }

    /// Sealed changes after `sequence`, in order.
    pub async fn sealed_after(
        &mut self,
        sequence: i64,
        limit: usize,
    ) -> Result<Vec<(Sealed, Change)>, Error> {
        self.backend.sealed_after(sequence, limit).await
    }

    /// Takes up to `limit` jobs of a queue that are due, with a lease until `until`.
    pub async fn claim_jobs(
        &mut self,
        queue: &str,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<Job>, Error> {
        let now = self.now();
        self.backend.claim_jobs(queue, now, until, limit).await
    }

    /// Removes a job that is done; `false` when its lease ran out and somebody else has it.
    pub async fn finish_job(&mut self, job: &Job) -> Result<bool, Error> {
        self.backend.finish_job(job.id, job.attempts).await
    }

    /// What is stored and contradicts itself, given what these types index: one sentence each.
    pub async fn contradictions(&mut self, types: &[ResourceType]) -> Result<Vec<String>, Error> {
        self.backend.contradictions(types).await
    }

    /// A part of the change feed.
    pub async fn changes(&mut self, span: &Span) -> Result<Vec<Recorded>, Error> {
        self.flush().await?;
        self.backend.changes(span).await
    }

    /// One line of the change feed.
    pub async fn change(&mut self, id: Uuid) -> Result<Option<Recorded>, Error> {
        self.flush().await?;
        self.backend.change(id).await
    }

    /// The part of the change feed that is about one resource, by version. The newest is not always the one with
    /// the greatest id, since several processes give ids.
    pub async fn changes_of(
        &mut self,
        resource: ResourceId,
        span: &Span,
    ) -> Result<Vec<Recorded>, Error> {
        self.flush().await?;
        self.backend.changes_of(resource, span).await
    }

    /// What followed from a change in the same unit of work.
    pub async fn effects(&mut self, change: &Change) -> Result<Vec<Recorded>, Error> {
        self.flush().await?;
        self.backend.effects(change).await
    }

    /// The id by which a store finds out whether a unit was committed after all.
    pub(crate) fn mark(&self) -> Option<Uuid> {
        self.mark
    }

    /// Sends what is pending to the database. A store does this once more at the end.
    pub async fn flush(&mut self) -> Result<(), Error> {
        let writes = self.write_set();
        if writes.is_empty() {
            return Ok(());
        }
        match self.backend.flush(&writes).await {
            Err(Error::Uniqueness { kind, .. }) if self.derived.iter().any(|it| *it == kind) => {
                let cause = format!("another request made the same {kind}");
                return Err(StoreError::Conflict(cause.into()).into());
            }
            outcome => outcome?,
        }
        // The database has them now. A unit that flushes often keeps no growing pile.
        self.resources.clear();
        self.read.clear();
        Ok(())
    }

    fn write_set(&mut self) -> WriteSet {
        self.record_changes();
        let mut writes = std::mem::take(&mut self.rest);
        for (id, pending) in &self.resources {
            match (&pending.before, &pending.after) {
                (None, Some(after)) => {
                    writes.unique.add_difference(&[], &after.unique);
                    writes.lookup.add_difference(&[], &after.lookup);
                    writes.inserted.push(after.stored.clone());
                }
                (Some(before), Some(after)) if before.stored != after.stored => {
                    writes.unique.add_difference(&before.unique, &after.unique);
                    writes.lookup.add_difference(&before.lookup, &after.lookup);
                    let change = (before.stored.version, after.stored.clone());
                    writes.updated.push(change);
                }
                (Some(before), None) => {
                    writes.unique.add_difference(&before.unique, &[]);
                    writes.lookup.add_difference(&before.lookup, &[]);
                    writes.deleted.push((*id, before.stored.version));
                }
                (Some(_), Some(_)) | (None, None) => {}
            }
        }
        for ((owner, attribute), pending) in std::mem::take(&mut self.members) {
            let rows = |ids: IndexSet<ResourceId>| {
                ids.into_iter()
                    .map(|member| (owner, attribute.clone(), member))
                    .collect::<Vec<_>>()
            };
            writes.members_added.extend(rows(pending.added));
            if pending.cleared {
                writes.members_cleared.push((owner, attribute));
            } else {
                writes.members_removed.extend(rows(pending.removed));
            }
        }
        writes
    }
}

/// The same id for the same name, in every process.
fn name_id(queue: &str, name: &str) -> Uuid {
    let digest = Sha256::digest(format!("{queue}\n{name}"));
    let mut bytes = [0; 16];
    bytes
        .iter_mut()
        .zip(digest)
        .for_each(|(byte, digest)| *byte = digest);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

fn keyed(
    resource_type: &ResourceType,
    stored: Stored,
    document: &Document,
) -> Result<Keyed, Error> {
    if stored.document.len() > DOCUMENT_BYTES_MAX {
        return Err(scim_core::Error::TooMany {
            what: "bytes in one resource",
            limit: DOCUMENT_BYTES_MAX,
        }
        .into());
    }
    let (unique, lookup) = key_rows(resource_type, &stored, document)?;
    Ok(Keyed {
        stored,
        unique,
        lookup,
    })
}

/// The rows that a resource has in `unique_key` and in `lookup_key`.
pub(super) fn key_rows(
    resource_type: &ResourceType,
    stored: &Stored,
    document: &Document,
) -> Result<(Vec<KeyRow>, Vec<KeyRow>), Error> {
    let keys = scim_core::resource::keys::keys(resource_type, document)?;
    let scope = stored.owner.map_or(Uuid::nil(), |owner| owner.0);
    let rows = |keys: Vec<scim_core::resource::keys::Key>| {
        keys.into_iter()
            .map(|key| KeyRow {
                kind: stored.kind.clone(),
                attribute: key.path,
                value: key.value,
                scope,
                id: stored.id,
            })
            .collect::<Vec<_>>()
    };
    let mut unique = rows(keys.unique);
    // As declared: of two values that are taken, the first is named.
    let declared = resource_type.unique();
    unique.sort_by_key(|row| declared.iter().position(|path| path.key() == row.attribute));
    Ok((unique, rows(keys.lookup)))
}
