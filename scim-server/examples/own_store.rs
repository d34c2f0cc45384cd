//! A server on a store of one's own: everything is in memory, and gone when the program ends.
//!
//! `cargo run -p scim-server --example own_store`, then
//! `curl -H "Authorization: Bearer SECRET" http://127.0.0.1:8080/t/main/scim/v2/Users`.
//!
//! A store brings two things: [`Store`] runs units of work and undoes those that fail, [`Backend`]
//! reads rows and writes what a unit leaves behind. `store_contract!` says whether both are right.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use scim_core::{ResourceId, ResourceType, TenantId, Version};
use scim_server::audit::{Audited, Checkpoint, Facts, Kept, Salted, link};
use scim_server::clock::{Clock, Ids, SystemClock, TimeOrderedIds};
use scim_server::service::users_and_groups;
use scim_server::store::{
    Backend, Change, ConnectionId, DoneOnce, ErasedUnit, Job, KeyChanges, KeyRow, Links, ListQuery,
    Lock, MemberCandidate, MemberLink, Moment, Output, Page, PolicyName, Recorded, Sealed, Secret,
    Session, Span, Store, Stored, Tenant, Token, TokenKind, Transaction, Trust, What, WriteSet,
    answer,
};
use scim_server::{Error, Server, StoreError};
use tokio::sync::Mutex;
use uuid::Uuid;

#[tokio::main]
#[expect(
    clippy::print_stdout,
    reason = "the secret is for whoever starts the example"
)]
async fn main() -> anyhow::Result<()> {
    let (server, secret) = server().await?;
    println!("Secret Token: {secret}");
    let listener = tokio::net::TcpListener::bind("127.0.0.1:8080").await?;
    axum::serve(listener, server.router()).await?;
    Ok(())
}

/// Users and groups of the tenant `main`, and the secret that opens it.
pub(crate) async fn server() -> anyhow::Result<(Server, String)> {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::default());
    let main: TenantId = "main".parse()?;
    store.create_tenant(&main, SystemClock.now()).await?;
    let server = Server::builder(store)
        .public_url("http://127.0.0.1:8080")
        .serve(users_and_groups()?)
        .build();
    let made = server
        .tokens()
        .create(&main, "Demo", TokenKind::Idp, PolicyName::default(), None);
    let (_, secret) = made.await?;
    Ok((server, secret.to_string()))
}

/// Runs one unit after the other, each on a copy that replaces the data when the unit succeeds.
#[derive(Default)]
pub(crate) struct MemoryStore {
    tenants: Mutex<HashMap<TenantId, Data>>,
    ids: Arc<TimeOrderedIds>,
}

/// A unit that says that another was in the way is run again this often.
const ATTEMPTS_MAX: usize = 10;

impl MemoryStore {
    fn moment(&self) -> Moment {
        Moment::new(&SystemClock, Arc::clone(&self.ids) as Arc<dyn Ids>)
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn read_erased(
        &self,
        tenant: &TenantId,
        unit: Arc<dyn ErasedUnit>,
    ) -> Result<Output, Error> {
        let tenants = self.tenants.lock().await;
        let mut copy = tenants.get(tenant).cloned().unwrap_or_default();
        drop(tenants);
        let moment = self.moment();
        let mut tx = Transaction::new(&mut copy, &moment);
        unit.run_erased(&mut tx).await
    }

    async fn write_erased(
        &self,
        tenant: &TenantId,
        unit: Arc<dyn ErasedUnit>,
    ) -> Result<Output, Error> {
        let moment = self.moment();
        // Held until the unit ends: this is what keeps units apart.
        let mut tenants = self.tenants.lock().await;
        let data = tenants
            .get_mut(tenant)
            .ok_or_else(|| StoreError::NoTenant(tenant.to_string()))?;
        let mut attempts = 1;
        loop {
            let mut copy = data.clone();
            let mut tx = Transaction::new(&mut copy, &moment);
            let mut outcome = unit.run_erased(&mut tx).await;
            if outcome.is_ok() {
                outcome = tx.flush().await.and(outcome);
            }
            match outcome {
                Ok(output) => {
                    *data = copy;
                    return Ok(output);
                }
                Err(Error::Store(StoreError::Conflict(_))) if attempts < ATTEMPTS_MAX => {
                    attempts += 1;
                }
                Err(error) => return Err(error),
            }
        }
    }

    async fn create_tenant(&self, tenant: &TenantId, created: Timestamp) -> Result<bool, Error> {
        let mut tenants = self.tenants.lock().await;
        if tenants.contains_key(tenant) {
            return Ok(false);
        }
        let data = Data {
            created,
            ..Data::default()
        };
        tenants.insert(tenant.clone(), data);
        Ok(true)
    }

    async fn tenants(&self) -> Result<Vec<Tenant>, Error> {
        let tenants = self.tenants.lock().await;
        let mut all: Vec<Tenant> = tenants
            .iter()
            .map(|(id, data)| Tenant {
                id: id.clone(),
                created: data.created,
            })
            .collect();
        all.sort_by(|one, other| one.id.as_str().cmp(other.id.as_str()));
        Ok(all)
    }

    async fn ready(&self) -> Result<(), Error> {
        Ok(())
    }

    async fn close(&self) {}
}

/// Everything of one tenant.
#[derive(Clone, Default)]
struct Data {
    created: Timestamp,
    resources: BTreeMap<ResourceId, Stored>,
    /// By kind, attribute, value and scope.
    unique: BTreeMap<(String, String, String, Uuid), ResourceId>,
    lookup: BTreeSet<KeyRow>,
    /// Owner, attribute, member.
    members: BTreeSet<(ResourceId, String, ResourceId)>,
    /// What happened, what that says of the personal part, and the personal part until it is erased.
    changes: BTreeMap<Uuid, (Change, [u8; 32], Option<Salted>)>,
    seals: Vec<Sealed>,
    checkpoints: BTreeMap<i64, Checkpoint>,
    leases: BTreeMap<String, (Uuid, Timestamp)>,
    /// With the end of the lease.
    jobs: BTreeMap<Uuid, (Job, Option<Timestamp>)>,
    keys: BTreeMap<String, [u8; 32]>,
    done_once: BTreeMap<(Uuid, String), DoneOnce>,
    tokens: BTreeMap<Uuid, Token>,
    secrets: BTreeMap<[u8; 32], Secret>,
    sessions: BTreeMap<[u8; 32], Session>,
    kept_secrets: BTreeMap<(ResourceId, String), Vec<u8>>,
    trusts: BTreeMap<Uuid, Trust>,
}

impl Data {
    fn recorded(&self, id: Uuid) -> Option<Recorded> {
        let (change, _, body) = self.changes.get(&id)?.clone();
        let body = body.map(|salted| salted.body).unwrap_or_default();
        let mut seals = self.seals.iter();
        let sealed = seals.find(|seal| seal.change_id == id).cloned();
        Some(Recorded {
            change,
            body,
            sealed,
        })
    }
}

#[async_trait]
impl Backend for Data {
    async fn resource(
        &mut self,
        kind: &str,
        id: ResourceId,
        _: Lock,
    ) -> Result<Option<Stored>, Error> {
        let found = self.resources.get(&id);
        Ok(found.filter(|stored| stored.kind == kind).cloned())
    }

    async fn resources(&mut self, ids: &[ResourceId], _: Lock) -> Result<Vec<Stored>, Error> {
        let found = ids.iter().filter_map(|id| self.resources.get(id));
        Ok(found.cloned().collect())
    }

    async fn find(
        &mut self,
        kind: &str,
        keys: &[(String, String)],
        _: Lock,
    ) -> Result<Vec<Stored>, Error> {
        let asked = |of: &str, attribute: &str, value: &str| {
            of == kind && keys.iter().any(|(a, v)| a == attribute && v == value)
        };
        let unique = self
            .unique
            .iter()
            .filter(|((of, attribute, value, _), _)| asked(of, attribute, value))
            .map(|(_, id)| *id);
        let lookup = self
            .lookup
            .iter()
            .filter(|row| asked(&row.kind, &row.attribute, &row.value))
            .map(|row| row.id);
        let ids: BTreeSet<ResourceId> = unique.chain(lookup).collect();
        let found = ids.iter().filter_map(|id| self.resources.get(id));
        Ok(found.cloned().collect())
    }

    async fn list(&mut self, query: &ListQuery<'_>) -> Result<Page, Error> {
        answer::answer(query, self.resources.values().cloned())
    }

    async fn members(&mut self, attribute: &str, owners: &[ResourceId]) -> Result<Links, Error> {
        let rows = self.members.iter();
        let rows = rows.filter(|(owner, of, _)| of == attribute && owners.contains(owner));
        Ok(rows
            .filter_map(|(owner, _, member)| Some((*owner, self.link(*member)?)))
            .collect())
    }

    async fn members_after(
        &mut self,
        attribute: &str,
        owner: ResourceId,
        after: Option<ResourceId>,
        limit: usize,
    ) -> Result<Vec<MemberLink>, Error> {
        let links = self.members(attribute, &[owner]).await?;
        let mut links: Vec<MemberLink> = links.into_iter().map(|(_, link)| link).collect();
        links.sort_by_key(|link| link.id);
        links.retain(|link| after.is_none_or(|after| link.id > after));
        links.truncate(limit);
        Ok(links)
    }

    async fn member_ids(
        &mut self,
        owner: ResourceId,
        attribute: &str,
    ) -> Result<Vec<ResourceId>, Error> {
        let rows = self.members.iter();
        let rows = rows.filter(|(of, name, _)| *of == owner && name == attribute);
        Ok(rows.map(|(_, _, member)| *member).collect())
    }

    async fn member_candidates(
        &mut self,
        owner: ResourceId,
        attribute: &str,
        ids: &[ResourceId],
    ) -> Result<Vec<MemberCandidate>, Error> {
        let ids: BTreeSet<&ResourceId> = ids.iter().collect();
        let found = ids.into_iter().filter_map(|id| self.resources.get(id));
        let candidate = |stored: &Stored| MemberCandidate {
            id: stored.id,
            kind: stored.kind.clone(),
            owner: stored.owner,
            is_member: self
                .members
                .contains(&(owner, attribute.to_owned(), stored.id)),
        };
        Ok(found.map(candidate).collect())
    }

    async fn owners(&mut self, attribute: &str, members: &[ResourceId]) -> Result<Links, Error> {
        let rows = self.members.iter();
        let rows = rows.filter(|(_, of, member)| of == attribute && members.contains(member));
        let mut links: Links = rows
            .filter_map(|(owner, _, member)| Some((*member, self.link(*owner)?)))
            .collect();
        links.sort_by_key(|(member, link)| (*member, link.id));
        Ok(links)
    }

    async fn tenant_key(&mut self, name: &str) -> Result<Option<[u8; 32]>, Error> {
        Ok(self.keys.get(name).copied())
    }

    async fn done_once(
        &mut self,
        connection: ConnectionId,
        key: &str,
        since: Timestamp,
    ) -> Result<Option<DoneOnce>, Error> {
        let done = self.done_once.get(&(connection.0, key.to_owned()));
        Ok(done.filter(|done| done.created > since).cloned())
    }

    async fn token_by_hash(&mut self, hash: &[u8; 32]) -> Result<Option<(Token, Secret)>, Error> {
        let Some(secret) = self.secrets.get(hash) else {
            return Ok(None);
        };
        let token = self.tokens.get(&secret.token.0);
        Ok(token.map(|token| (token.clone(), secret.clone())))
    }

    async fn token(&mut self, id: Uuid, _: Lock) -> Result<Option<Token>, Error> {
        Ok(self.tokens.get(&id).cloned())
    }

    async fn secrets(&mut self, token: Uuid) -> Result<Vec<Secret>, Error> {
        let own = self.secrets.values();
        let mut own: Vec<Secret> = own
            .filter(|secret| secret.token.0 == token)
            .cloned()
            .collect();
        own.sort_by_key(|secret| (secret.created, secret.hash));
        Ok(own)
    }

    async fn tokens(&mut self) -> Result<Vec<Token>, Error> {
        Ok(self.tokens.values().cloned().collect())
    }

    async fn session(&mut self, hash: &[u8; 32]) -> Result<Option<Session>, Error> {
        Ok(self.sessions.get(hash).cloned())
    }

    async fn sessions(&mut self, person: ResourceId) -> Result<Vec<Session>, Error> {
        let own = self.sessions.values().filter(|it| it.person == person);
        let mut own: Vec<Session> = own.cloned().collect();
        own.sort_by_key(|session| (session.created, session.hash));
        Ok(own)
    }

    async fn kept_secret(
        &mut self,
        resource: ResourceId,
        name: &str,
    ) -> Result<Option<Vec<u8>>, Error> {
        let place = (resource, name.to_owned());
        Ok(self.kept_secrets.get(&place).cloned())
    }

    async fn trusts(&mut self, issuer: Option<&str>) -> Result<Vec<(Token, Trust)>, Error> {
        let asked = |trust: &&Trust| issuer.is_none_or(|issuer| trust.issuer == issuer);
        let found = self.trusts.values().filter(asked);
        let with_token = |trust: &Trust| {
            let token = self.tokens.get(&trust.token.0)?;
            Some((token.clone(), trust.clone()))
        };
        Ok(found.filter_map(with_token).collect())
    }

    async fn lease(
        &mut self,
        name: &str,
        holder: Uuid,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<bool, Error> {
        let other = self
            .leases
            .get(name)
            .is_some_and(|(other, end)| *other != holder && *end >= now);
        if !other {
            self.leases.insert(name.to_owned(), (holder, until));
        }
        Ok(!other)
    }

    async fn seal(&mut self, limit: usize) -> Result<usize, Error> {
        let sealed: BTreeSet<Uuid> = self.seals.iter().map(|seal| seal.change_id).collect();
        let unsealed = self.changes.keys().filter(|id| !sealed.contains(id));
        let unsealed: Vec<Uuid> = unsealed.copied().take(limit).collect();
        for change_id in &unsealed {
            let (sequence, before) = self
                .seals
                .last()
                .map_or((0, [0; 32]), |last| (last.sequence, last.hash));
            let (change, commitment, _) = &self.changes[change_id];
            self.seals.push(Sealed {
                sequence: sequence + 1,
                change_id: *change_id,
                hash: link(&before, sequence + 1, change, commitment),
            });
        }
        Ok(unsealed.len())
    }

    async fn sealed_after(
        &mut self,
        sequence: i64,
        limit: usize,
    ) -> Result<Vec<(Sealed, Change)>, Error> {
        let later = self.seals.iter().filter(|seal| seal.sequence > sequence);
        let with_change = later.filter_map(|seal| {
            let (change, _, _) = self.changes.get(&seal.change_id)?;
            Some((seal.clone(), change.clone()))
        });
        Ok(with_change.take(limit).collect())
    }

    async fn changes(&mut self, span: &Span) -> Result<Vec<Recorded>, Error> {
        let ids = self.changes.keys().filter(|id| is_within(span, **id));
        let mut ids: Vec<Uuid> = ids.copied().collect();
        if span.newest_first {
            ids.reverse();
        }
        let ids = ids.iter().take(span.limit);
        Ok(ids.filter_map(|id| self.recorded(*id)).collect())
    }

    async fn change(&mut self, id: Uuid) -> Result<Option<Recorded>, Error> {
        Ok(self.recorded(id))
    }

    async fn changes_of(
        &mut self,
        resource: ResourceId,
        span: &Span,
    ) -> Result<Vec<Recorded>, Error> {
        let ids = self.changes.keys().filter(|id| is_within(span, **id));
        let mut found: Vec<Recorded> = ids.filter_map(|id| self.recorded(*id)).collect();
        found.retain(|it| it.change.resource == Some(resource));
        found.sort_by_key(|it| (it.change.version, it.change.id));
        if span.newest_first {
            found.reverse();
        }
        found.truncate(span.limit);
        Ok(found)
    }

    async fn effects(&mut self, change: &Change) -> Result<Vec<Recorded>, Error> {
        let all = self.changes.keys().filter_map(|id| self.recorded(*id));
        Ok(all
            .filter(|it| it.change.cause == Some(change.id))
            .collect())
    }

    async fn last_sealed(&mut self) -> Result<Option<Sealed>, Error> {
        Ok(self.seals.last().cloned())
    }

    async fn audited_after(&mut self, sequence: i64, limit: usize) -> Result<Vec<Audited>, Error> {
        let later = self.seals.iter().filter(|seal| seal.sequence > sequence);
        Ok(later.take(limit).map(|seal| self.audited(seal)).collect())
    }

    async fn sealed_without_number(
        &mut self,
        _: Option<Uuid>,
        _: usize,
    ) -> Result<(Vec<Uuid>, Option<Uuid>), Error> {
        // Nothing is marked here: what has no number is not sealed.
        Ok((Vec::new(), None))
    }

    async fn newest_checkpoint(&mut self) -> Result<Option<Checkpoint>, Error> {
        Ok(self.checkpoints.values().next_back().cloned())
    }

    async fn checkpoints_after(
        &mut self,
        sequence: i64,
        limit: usize,
    ) -> Result<Vec<Checkpoint>, Error> {
        let all = self.checkpoints.values();
        let later = all.filter(|checkpoint| checkpoint.sequence > sequence);
        Ok(later.take(limit).cloned().collect())
    }

    async fn erase(&mut self, id: ResourceId) -> Result<Option<(String, usize)>, Error> {
        let (mut kind, mut erased) = (None, 0);
        for (change, _, body) in self.changes.values_mut() {
            let is_meant = change.resource == Some(id) || change.id == id.uuid();
            if is_meant && change.what != What::Erased {
                kind = Some(change.kind.clone());
                erased += usize::from(body.take().is_some());
            }
        }
        Ok(kind.map(|kind| (kind, erased)))
    }

    async fn claim_jobs(
        &mut self,
        queue: &str,
        now: Timestamp,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<Job>, Error> {
        let due = self.jobs.values_mut().filter(|(job, lease)| {
            job.queue == queue && job.due <= now && lease.is_none_or(|end| end < now)
        });
        let claim = |(job, lease): &mut (Job, Option<Timestamp>)| {
            *lease = Some(until);
            job.attempts += 1;
            job.clone()
        };
        Ok(due.take(limit).map(claim).collect())
    }

    async fn finish_job(&mut self, id: Uuid, attempts: i64) -> Result<bool, Error> {
        let held = self.jobs.get(&id);
        let held = held.is_some_and(|(job, _)| job.attempts == attempts);
        if held {
            self.jobs.remove(&id);
        }
        Ok(held)
    }

    async fn contradictions(&mut self, _: &[ResourceType]) -> Result<Vec<String>, Error> {
        let gone = |id: &ResourceId| !self.resources.contains_key(id);
        let dangling = self
            .members
            .iter()
            .filter(|(owner, _, member)| gone(owner) || gone(member));
        Ok(dangling
            .map(|(owner, attribute, member)| format!("{owner} lists {member} in {attribute}"))
            .collect())
    }

    async fn flush(&mut self, writes: &WriteSet) -> Result<(), Error> {
        for stored in &writes.inserted {
            self.resources.insert(stored.id, stored.clone());
        }
        for (expected, stored) in &writes.updated {
            self.expect_version(stored.id, *expected)?;
            self.resources.insert(stored.id, stored.clone());
        }
        for (id, expected) in &writes.deleted {
            self.expect_version(*id, *expected)?;
            self.remove(*id);
        }
        self.flush_unique(&writes.unique)?;
        self.flush_lookup(&writes.lookup);
        self.flush_members(writes)?;
        for (change, body) in &writes.changes {
            let salted = Salted::new(body.clone());
            let kept = (change.clone(), salted.commitment(), Some(salted));
            self.changes.insert(change.id, kept);
        }
        for checkpoint in &writes.checkpoints {
            let place = self.checkpoints.entry(checkpoint.sequence);
            place.or_insert_with(|| checkpoint.clone());
        }
        for job in &writes.jobs {
            self.jobs.insert(job.id, (job.clone(), None));
        }
        for job in &writes.jobs_once {
            self.jobs
                .entry(job.id)
                .or_insert_with(|| (job.clone(), None));
        }
        for (name, key) in &writes.tenant_keys {
            self.keys.entry(name.clone()).or_insert(*key);
        }
        for done in &writes.done_once {
            let since = done.created - DoneOnce::KEPT_FOR;
            self.done_once.retain(|_, old| old.created > since);
            let place = (done.connection.0, done.key.clone());
            self.done_once.insert(place, done.clone());
        }
        for token in &writes.tokens {
            let mut token = token.clone();
            if let Some(before) = self.tokens.get(&token.id.0) {
                // What was revoked stays revoked.
                token.revoked = before.revoked.or(token.revoked);
                token.last_used = token.last_used.or(before.last_used);
            }
            self.tokens.insert(token.id.0, token);
        }
        for secret in &writes.secrets {
            self.secrets.insert(secret.hash, secret.clone());
        }
        for hash in &writes.secrets_removed {
            self.secrets.remove(hash);
        }
        let ended = |session: &Session| {
            writes.sessions_removed.contains(&session.hash)
                || writes.sessions_ended.contains(&session.person)
        };
        self.sessions.retain(|_, session| !ended(session));
        for session in &writes.sessions {
            self.sessions.retain(|_, old| !old.is_over(session.created));
            self.sessions.insert(session.hash, session.clone());
        }
        for kept in &writes.kept_secrets {
            let place = (kept.resource, kept.name.clone());
            match &kept.value {
                Some(value) => self.kept_secrets.insert(place, value.clone()),
                None => self.kept_secrets.remove(&place),
            };
        }
        for token in &writes.trusts_removed {
            self.trusts.remove(token);
        }
        for trust in &writes.trusts {
            self.trusts.insert(trust.token.0, trust.clone());
        }
        Ok(())
    }
}

impl Data {
    fn link(&self, id: ResourceId) -> Option<MemberLink> {
        let stored = self.resources.get(&id)?;
        let document = stored.parse().ok()?;
        let display = document.get("displayName").and_then(|name| name.as_str());
        Some(MemberLink {
            id,
            kind: stored.kind.clone(),
            owner: stored.owner,
            display: display.map(str::to_owned),
        })
    }

    /// A number with everything under it. Nobody but this program writes here, so what is gone was erased.
    fn audited(&self, seal: &Sealed) -> Audited {
        let (facts, body) = match self.changes.get(&seal.change_id) {
            None => (Facts::Gone, Kept::Gone),
            Some((change, commitment, body)) => (
                Facts::Read {
                    change: change.clone(),
                    commitment: *commitment,
                    marked: true,
                },
                body.clone().map_or(Kept::Erased, Kept::Whole),
            ),
        };
        Audited {
            sealed: seal.clone(),
            facts,
            body,
        }
    }

    /// Units run one after another, so only a unit that contradicts itself sees another version.
    fn expect_version(&self, id: ResourceId, expected: Version) -> Result<(), Error> {
        match self.resources.get(&id) {
            Some(stored) if stored.version == expected => Ok(()),
            _ => Err(StoreError::Conflict(format!("{id} is not at {expected:?}").into()).into()),
        }
    }

    /// With a resource go its keys, its secrets and its rows on both sides.
    fn remove(&mut self, id: ResourceId) {
        self.resources.remove(&id);
        self.kept_secrets.retain(|(of, _), _| *of != id);
        self.unique.retain(|_, of| *of != id);
        self.lookup.retain(|row| row.id != id);
        self.members
            .retain(|(owner, _, member)| *owner != id && *member != id);
    }

    fn flush_unique(&mut self, keys: &KeyChanges) -> Result<(), Error> {
        let gone = keys.changed.iter().map(|(row, _)| row).chain(&keys.removed);
        for row in gone {
            self.unique.remove(&place(row, &row.value));
        }
        let added = keys.added.iter().map(|row| (row, &row.value));
        let changed = keys.changed.iter().map(|(row, value)| (row, value));
        for (row, value) in added.chain(changed) {
            if self.unique.insert(place(row, value), row.id).is_some() {
                return Err(Error::Uniqueness {
                    kind: row.kind.clone(),
                    attribute: row.attribute.clone(),
                    value: value.clone(),
                });
            }
        }
        Ok(())
    }

    fn flush_lookup(&mut self, keys: &KeyChanges) {
        for row in keys.changed.iter().map(|(row, _)| row).chain(&keys.removed) {
            self.lookup.remove(row);
        }
        self.lookup.extend(keys.added.iter().cloned());
        let changed = keys.changed.iter().map(|(row, value)| KeyRow {
            value: value.clone(),
            ..row.clone()
        });
        self.lookup.extend(changed);
    }

    fn flush_members(&mut self, writes: &WriteSet) -> Result<(), Error> {
        for (owner, attribute) in &writes.members_cleared {
            self.members
                .retain(|(of, name, _)| of != owner || name != attribute);
        }
        for row in &writes.members_removed {
            self.members.remove(row);
        }
        for row in &writes.members_added {
            if !self.resources.contains_key(&row.2) {
                return Err(StoreError::Conflict(format!("{} is gone", row.2).into()).into());
            }
            self.members.insert(row.clone());
        }
        Ok(())
    }
}

fn is_within(span: &Span, id: Uuid) -> bool {
    span.after.is_none_or(|after| id > after) && span.before.is_none_or(|before| id < before)
}

fn place(row: &KeyRow, value: &str) -> (String, String, String, Uuid) {
    let (kind, attribute) = (row.kind.clone(), row.attribute.clone());
    (kind, attribute, value.to_owned(), row.scope)
}
