//! The store on SQLite and on PostgreSQL: one SQL text, two executors.
//!
//! | file | question |
//! |---|---|
//! | `statement.rs` | how is a statement written, run and read? |
//! | `sqlite/`, `postgres/` | how does a unit of work run on this database? |
//! | `migrate.rs` | which version has the database, and how does it get to ours? |
//! | `resources.rs`, `keys.rs`, `members.rs`, `changes.rs`, `seals.rs`, `tokens.rs`, `sessions.rs`, `trusts.rs`, `kept_secrets.rs`, `jobs.rs`, `idempotency.rs`, `tenant_keys.rs` | what is asked of these tables? |
//! | `audit.rs` | what does an auditor read, and what is erased? |
//! | `together.rs` | what is sent at once? |
//! | `look_up.rs` | how is one resource found, with what links it? |
//! | `list/` | how is a filter answered? |
//! | `check.rs` | does everything that is stored agree? |
#![expect(
    clippy::disallowed_types,
    reason = "this is the folder where SQL is assembled and run"
)]

mod audit;
mod changes;
mod check;
mod idempotency;
mod jobs;
mod kept_secrets;
mod keys;
mod list;
mod look_up;
mod members;
mod migrate;
mod postgres;
mod resources;
mod seals;
mod sessions;
mod sqlite;
mod statement;
mod tenant_keys;
#[cfg(test)]
mod tests;
mod together;
mod tokens;
mod trusts;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use async_trait::async_trait;
use jiff::Timestamp;
use scim_core::{ResourceId, ResourceType, TenantId};
use uuid::Uuid;

use super::{
    Backend, Change, ConnectionId, DoneOnce, ErasedUnit, Job, Links, ListQuery, Lock, LookUp,
    MemberCandidate, MemberLink, Moment, Output, Page, Recorded, Sealed, Secret, Session, Span,
    Store, Stored, Tenant, Token, Transaction, Trust, WriteSet,
};
use crate::audit::{Audited, Checkpoint};
use crate::clock::{Clock, Ids};
use crate::{Error, StoreError};
use list::Rulers;
use statement::{Dialect, Executor, Row, Statement};
use together::Waiting;

pub use migrate::{LATEST, Migrated};
#[cfg(any(test, feature = "store-contract"))]
pub(super) use postgres::{create_database, drop_database, idle_in_transaction};

/// The store on a database: `sqlite://FILE` or `postgres://…`.
///
/// ```no_run
/// # async fn example() -> anyhow::Result<()> {
/// use std::sync::Arc;
///
/// use scim_server::clock::{Clock, SystemClock, TimeOrderedIds};
/// use scim_server::store::sql::Purpose;
/// use scim_server::store::{SqlStore, Store};
///
/// let (clock, ids) = (Arc::new(SystemClock), Arc::new(TimeOrderedIds::default()));
/// let store = SqlStore::open("sqlite://hosts.db", Purpose::Serve, clock, ids).await?;
/// store.migrate().await?;
/// store.create_tenant(&"main".parse()?, SystemClock.now()).await?;
/// # Ok(())
/// # }
/// ```
pub struct SqlStore {
    database: Database,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
    cost: Arc<Cost>,
}

enum Database {
    Sqlite(sqlite::Sqlite),
    Postgres(postgres::Postgres),
}

/// What the store has asked of its database so far.
///
/// ```no_run
/// # fn example(store: &scim_server::store::SqlStore) {
/// let before = store.cost().statements();
/// // … a request …
/// println!("{} statements", store.cost().statements() - before);
/// # }
/// ```
#[derive(Debug, Default)]
pub struct Cost {
    statements: AtomicU64,
    steps: AtomicU64,
    round_trips: AtomicU64,
    #[cfg(any(test, feature = "store-contract"))]
    texts: std::sync::Mutex<std::collections::BTreeSet<String>>,
}

impl Cost {
    /// Statements run, without those that begin and end transactions.
    pub fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }

    /// Steps of SQLite's virtual machine; 0 on PostgreSQL.
    pub fn steps(&self) -> u64 {
        self.steps.load(Ordering::Relaxed)
    }

    /// How often PostgreSQL was waited for, to begin and end transactions too; 0 on SQLite.
    pub fn round_trips(&self) -> u64 {
        self.round_trips.load(Ordering::Relaxed)
    }

    /// The texts of the statements that PostgreSQL was asked, each once; `$0` is the tenant.
    #[cfg(any(test, feature = "store-contract"))]
    pub fn texts(&self) -> std::collections::BTreeSet<String> {
        self.lock_texts().clone()
    }

    #[cfg(any(test, feature = "store-contract"))]
    fn lock_texts(&self) -> std::sync::MutexGuard<'_, std::collections::BTreeSet<String>> {
        let texts = self.texts.lock();
        texts.unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Counts a statement that PostgreSQL is about to run.
    fn note(&self, statement: &Statement) {
        self.count(0);
        self.wait();
        #[cfg(any(test, feature = "store-contract"))]
        self.lock_texts().insert(statement.with_tenant());
        #[cfg(not(any(test, feature = "store-contract")))]
        let _ = statement;
    }

    /// Counts that PostgreSQL is waited for.
    fn wait(&self) {
        self.round_trips.fetch_add(1, Ordering::Relaxed);
    }

    fn count(&self, steps: u64) {
        self.statements.fetch_add(1, Ordering::Relaxed);
        self.steps.fetch_add(steps, Ordering::Relaxed);
    }
}

/// Does this process serve from the database, or work beside a server?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Serve: on SQLite one process at a time. A file that is missing is made.
    Serve,
    /// Bring the schema up to date. A file that is missing is made.
    Migrate,
    /// Anything else that runs and ends beside a server. A file that is missing is an error.
    Command,
}

impl SqlStore {
    /// Opens the database that `url` names; migrates nothing.
    ///
    /// `sqlite://hosts.db` is a file in the working directory, `sqlite:///var/lib/hosts.db` an
    /// absolute one; `purpose` says whether it may be missing. PostgreSQL's URL is as libpq reads it,
    /// with several hosts too: `postgres://scim@a:5432,b:5432/scim`. Connections go to the one that
    /// takes writes, and follow it.
    pub async fn open(
        url: &str,
        purpose: Purpose,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn Ids>,
    ) -> Result<SqlStore, OpenError> {
        let cost = Arc::new(Cost::default());
        let database = if let Some(path) = url.strip_prefix("sqlite://") {
            Database::Sqlite(sqlite::Sqlite::open(path, purpose, Arc::clone(&cost))?)
        } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            Database::Postgres(postgres::Postgres::open(url, Arc::clone(&cost)).await?)
        } else {
            return Err(OpenError::Url);
        };
        Ok(SqlStore {
            database,
            clock,
            ids,
            cost,
        })
    }

    /// Brings the database to [`LATEST`]; refuses one that is newer.
    pub async fn migrate(&self) -> Result<Migrated, OpenError> {
        match &self.database {
            Database::Sqlite(database) => database.migrate(self.clock.now()),
            Database::Postgres(database) => database.migrate(self.clock.now()).await,
        }
    }

    /// What was asked of the database so far.
    pub fn cost(&self) -> &Cost {
        &self.cost
    }

    /// Compares what is stored with itself, and keys with what these types index; one sentence
    /// per contradiction.
    pub async fn check(&self, types: &[&ResourceType]) -> Result<Vec<String>, Error> {
        let mut problems = match &self.database {
            Database::Sqlite(database) => database.integrity()?,
            Database::Postgres(_) => Vec::new(),
        };
        for tenant in self.tenants().await? {
            let check = check::Check::of(types);
            let output = self.read_erased(&tenant.id, Arc::new(check)).await?;
            if let Ok(found) = output.downcast::<Vec<String>>() {
                problems.extend(found.iter().map(|text| format!("{}: {text}", tenant.id)));
            }
        }
        Ok(problems)
    }

    fn moment(&self) -> Moment {
        Moment::new(self.clock.as_ref(), Arc::clone(&self.ids))
    }

    /// Runs statements outside any tenant's unit of work.
    async fn outside(&self, statement: Statement) -> Result<(u64, Vec<Row>), Error> {
        match &self.database {
            Database::Sqlite(database) => database.outside(&statement),
            Database::Postgres(database) => database.outside(statement).await,
        }
    }
}

/// Why a database cannot be used. Each is one sentence for the person who started the program.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// Neither SQLite nor PostgreSQL.
    #[error(
        "the database must be sqlite://FILE, a plain file name, or postgres://USER:PASSWORD@HOST/NAME"
    )]
    Url,
    /// The file cannot be opened.
    #[error("cannot open the database file {path}: {reason}")]
    File {
        /// The file.
        path: String,
        /// Why.
        reason: String,
    },
    /// There is no such file.
    #[error("there is no database file {path}; `serve` or `migrate` makes one")]
    Missing {
        /// The file.
        path: String,
    },
    /// Somebody else serves from it.
    #[error(
        "another process is serving from {path}; stop it first, or use PostgreSQL for several processes"
    )]
    InUse {
        /// The file.
        path: String,
    },
    /// Nobody answers.
    #[error("cannot reach the database: {reason}")]
    Unreachable {
        /// Why, without the password.
        reason: String,
    },
    /// The URL asks for a server that only reads.
    #[error("{0} asks for a server that takes no writes: write read-write, or leave it out")]
    Target(String),
    /// Made by a newer program.
    #[error(
        "the database has schema version {found}, this program knows {known}: use a newer program"
    )]
    Newer {
        /// Version of the database.
        found: i64,
        /// Version of the program.
        known: i64,
    },
    /// A migration failed and was rolled back.
    #[error("migration {name} failed and was rolled back: {reason}")]
    Migration {
        /// Its file name.
        name: &'static str,
        /// Why.
        reason: String,
    },
}

#[async_trait]
impl Store for SqlStore {
    async fn read_erased(
        &self,
        tenant: &TenantId,
        unit: Arc<dyn ErasedUnit>,
    ) -> Result<Output, Error> {
        match &self.database {
            Database::Sqlite(database) => database.read(tenant, unit, self.moment()).await,
            Database::Postgres(database) => database.read(tenant, unit, self.moment()).await,
        }
    }

    async fn write_erased(
        &self,
        tenant: &TenantId,
        unit: Arc<dyn ErasedUnit>,
    ) -> Result<Output, Error> {
        match &self.database {
            Database::Sqlite(database) => database.write(tenant, unit, self.moment()).await,
            Database::Postgres(database) => database.write(tenant, unit, self.moment()).await,
        }
    }

    async fn create_tenant(&self, tenant: &TenantId, created: Timestamp) -> Result<bool, Error> {
        let statement = Statement::new(
            "INSERT INTO tenant\n\
             (id, created)\n\
             VALUES ($1, $2)\n\
             ON CONFLICT DO NOTHING",
        )
        .bind(tenant)
        .bind(created);
        Ok(self.outside(statement).await?.0 == 1)
    }

    async fn tenants(&self) -> Result<Vec<Tenant>, Error> {
        let statement = Statement::new("SELECT id, created\nFROM tenant\nORDER BY id");
        let mut found = Vec::new();
        for mut row in self.outside(statement).await?.1 {
            let id = row.text()?;
            found.push(Tenant {
                id: id.parse().map_err(|_| StoreError::Corrupt {
                    table: "tenant",
                    row: id,
                    reason: "not a slug".to_owned(),
                })?,
                created: row.time()?,
            });
        }
        Ok(found)
    }

    async fn ready(&self) -> Result<(), Error> {
        let statement = Statement::new("SELECT max(version)\nFROM schema_version");
        let mut rows = self.outside(statement).await?.1;
        match rows.first_mut().map(Row::maybe_int).transpose()?.flatten() {
            Some(version) if version == LATEST => Ok(()),
            _ => Err(StoreError::Unavailable("the database is not migrated".into()).into()),
        }
    }

    async fn close(&self) {
        match &self.database {
            Database::Sqlite(database) => database.close().await,
            Database::Postgres(database) => database.close().await,
        }
    }
}

/// One tenant's part of a transaction: what the statements below this folder run in.
pub(crate) struct Scope<'a> {
    tenant: &'a TenantId,
    executor: &'a mut dyn Executor,
    /// Only where nothing is written: what is not committed is no part of a ruler.
    rulers: Option<&'a Rulers>,
    /// Where the thread has other things to do: whether the unit is to be run on another one.
    slow: Option<&'a AtomicBool>,
    /// Where the order of commits is known beforehand: the changes that get their numbers with the commit.
    numbered: Option<&'a mut Vec<Numbered>>,
    /// What a flush writes and has not sent yet.
    waiting: Vec<Waiting>,
}

/// A change that gets its number when it is committed, and what it says of its personal part.
type Numbered = (Change, [u8; 32]);

impl<'a> Scope<'a> {
    fn writing(tenant: &'a TenantId, executor: &'a mut dyn Executor) -> Scope<'a> {
        Scope {
            tenant,
            executor,
            rulers: None,
            slow: None,
            numbered: None,
            waiting: Vec::new(),
        }
    }

    /// The same, for whoever numbers these changes when they are committed.
    fn numbering(self, numbered: &'a mut Vec<Numbered>) -> Scope<'a> {
        Scope {
            numbered: Some(numbered),
            ..self
        }
    }

    fn reading(
        tenant: &'a TenantId,
        executor: &'a mut dyn Executor,
        rulers: &'a Rulers,
    ) -> Scope<'a> {
        Scope {
            rulers: Some(rulers),
            ..Scope::writing(tenant, executor)
        }
    }

    /// The same on a thread that has other things to do than to read many rows.
    fn unless_slow(self, slow: &'a AtomicBool) -> Scope<'a> {
        Scope {
            slow: Some(slow),
            ..self
        }
    }

    /// Many rows are about to be read: not here, where the thread has other things to do.
    fn takes_time(&self) -> Result<(), Error> {
        let Some(slow) = self.slow else {
            return Ok(());
        };
        slow.store(true, Ordering::Relaxed);
        Err(StoreError::Unit("it runs on another thread").into())
    }

    fn dialect(&self) -> Dialect {
        self.executor.dialect()
    }

    async fn fetch(
        &mut self,
        table: &'static str,
        statement: Statement,
    ) -> Result<Vec<Row>, Error> {
        self.send().await?;
        self.executor.fetch(table, statement).await
    }

    async fn execute(&mut self, statement: Statement) -> Result<u64, Error> {
        self.send().await?;
        self.executor.execute(statement).await
    }
}

impl Scope<'_> {
    async fn write_all(&mut self, writes: &WriteSet) -> Result<(), Error> {
        // In the order that foreign keys ask for.
        resources::flush(self, writes).await?;
        keys::flush_unique(self, &writes.unique).await?;
        keys::flush_lookup(self, &writes.lookup).await?;
        members::flush(self, writes).await?;
        changes::flush(self, &writes.changes).await?;
        audit::flush(self, &writes.checkpoints).await?;
        jobs::flush(self, &writes.jobs).await?;
        jobs::flush_once(self, &writes.jobs_once).await?;
        idempotency::flush(self, &writes.done_once).await?;
        tenant_keys::flush(self, &writes.tenant_keys).await?;
        tokens::flush_tokens(self, &writes.tokens).await?;
        tokens::flush_secrets(self, &writes.secrets).await?;
        tokens::remove_secrets(self, "token_secret", &writes.secrets_removed).await?;
        sessions::flush(self, writes).await?;
        kept_secrets::flush(self, &writes.kept_secrets).await?;
        trusts::flush(self, &writes.trusts, &writes.trusts_removed).await
    }
}

/// Runs a unit over an executor, with what it ends with.
async fn run_unit(
    scope: &mut Scope<'_>,
    unit: &dyn ErasedUnit,
    moment: &Moment,
) -> Result<Output, Error> {
    let mut tx = Transaction::new(scope, moment);
    let mut output = unit.run_erased(&mut tx).await;
    if output.is_ok()
        && let Err(error) = tx.finish().await
    {
        output = Err(error);
    }
    output
}

#[async_trait]
impl Backend for Scope<'_> {
    async fn resource(
        &mut self,
        kind: &str,
        id: ResourceId,
        lock: Lock,
    ) -> Result<Option<Stored>, Error> {
        resources::by_id(self, kind, id, lock).await
    }

    async fn look_up(
        &mut self,
        asked: &LookUp<'_>,
    ) -> Result<Option<(Stored, Vec<MemberLink>)>, Error> {
        look_up::look_up(self, asked).await
    }

    async fn resources(&mut self, ids: &[ResourceId], lock: Lock) -> Result<Vec<Stored>, Error> {
        resources::by_ids(self, ids, lock).await
    }

    async fn find(
        &mut self,
        kind: &str,
        keys: &[(String, String)],
        lock: Lock,
    ) -> Result<Vec<Stored>, Error> {
        resources::by_keys(self, &[(kind, keys)], lock).await
    }

    async fn find_any(
        &mut self,
        asked: &[(&str, &[(String, String)])],
        lock: Lock,
    ) -> Result<Vec<Stored>, Error> {
        resources::by_keys(self, asked, lock).await
    }

    async fn list(&mut self, query: &ListQuery<'_>) -> Result<Page, Error> {
        list::list(self, query).await
    }

    async fn members(&mut self, attribute: &str, owners: &[ResourceId]) -> Result<Links, Error> {
        members::of_owners(self, attribute, owners).await
    }

    async fn members_after(
        &mut self,
        attribute: &str,
        owner: ResourceId,
        after: Option<ResourceId>,
        limit: usize,
    ) -> Result<Vec<MemberLink>, Error> {
        members::after(self, attribute, owner, after, limit).await
    }

    async fn member_ids(
        &mut self,
        owner: ResourceId,
        attribute: &str,
    ) -> Result<Vec<ResourceId>, Error> {
        members::ids(self, owner, attribute).await
    }

    async fn member_candidates(
        &mut self,
        owner: ResourceId,
        attribute: &str,
        ids: &[ResourceId],
    ) -> Result<Vec<MemberCandidate>, Error> {
        members::candidates(self, owner, attribute, ids).await
    }

    async fn owners(&mut self, attribute: &str, members: &[ResourceId]) -> Result<Links, Error> {
        members::owners(self, attribute, members).await
    }

    async fn tenant_key(&mut self, name: &str) -> Result<Option<[u8; 32]>, Error> {
        tenant_keys::by_name(self, name).await
    }

    async fn done_once(
        &mut self,
        connection: ConnectionId,
        key: &str,
        since: Timestamp,
    ) -> Result<Option<DoneOnce>, Error> {
        idempotency::done_once(self, connection, key, since).await
    }

    async fn token_by_hash(&mut self, hash: &[u8; 32]) -> Result<Option<(Token, Secret)>, Error> {
        tokens::by_hash(self, hash).await
    }

    async fn token(&mut self, id: Uuid, lock: Lock) -> Result<Option<Token>, Error> {
        tokens::by_id(self, id, lock).await
    }

    async fn tokens(&mut self) -> Result<Vec<Token>, Error> {
        tokens::all(self).await
    }

    async fn secrets(&mut self, token: Uuid) -> Result<Vec<Secret>, Error> {
        tokens::secrets(self, token).await
    }

    async fn session(&mut self, hash: &[u8; 32]) -> Result<Option<Session>, Error> {
        sessions::by_hash(self, hash).await
    }

    async fn sessions(&mut self, person: ResourceId) -> Result<Vec<Session>, Error> {
        sessions::of_person(self, person).await
    }

    async fn kept_secret(
        &mut self,
        resource: ResourceId,
        name: &str,
    ) -> Result<Option<Vec<u8>>, Error> {
        kept_secrets::by_name(self, resource, name).await
    }

    async fn trusts(&mut self, issuer: Option<&str>) -> Result<Vec<(Token, Trust)>, Error> {
        trusts::of_issuer(self, issuer).await
    }

    async fn lease(
        &mut self,
        name: &str,
        holder: Uuid,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<bool, Error> {
        seals::lease(self, name, holder, now, until).await
    }

    async fn seal(&mut self, limit: usize) -> Result<usize, Error> {
        seals::seal(self, limit).await
    }

    async fn sealed_after(
        &mut self,
        sequence: i64,
        limit: usize,
    ) -> Result<Vec<(Sealed, Change)>, Error> {
        seals::after(self, sequence, limit).await
    }

    async fn changes(&mut self, span: &Span) -> Result<Vec<Recorded>, Error> {
        changes::span(self, span).await
    }

    async fn change(&mut self, id: Uuid) -> Result<Option<Recorded>, Error> {
        changes::one(self, id).await
    }

    async fn changes_of(
        &mut self,
        resource: ResourceId,
        span: &Span,
    ) -> Result<Vec<Recorded>, Error> {
        changes::of_resource(self, resource, span).await
    }

    async fn effects(&mut self, change: &Change) -> Result<Vec<Recorded>, Error> {
        changes::effects(self, change).await
    }

    async fn last_sealed(&mut self) -> Result<Option<Sealed>, Error> {
        seals::last(self).await
    }

    async fn audited_after(&mut self, sequence: i64, limit: usize) -> Result<Vec<Audited>, Error> {
        audit::after(self, sequence, limit).await
    }

    async fn sealed_without_number(
        &mut self,
        after: Option<Uuid>,
        limit: usize,
    ) -> Result<(Vec<Uuid>, Option<Uuid>), Error> {
        audit::without_number(self, after, limit).await
    }

    async fn newest_checkpoint(&mut self) -> Result<Option<Checkpoint>, Error> {
        audit::newest_checkpoint(self).await
    }

    async fn checkpoints_after(
        &mut self,
        sequence: i64,
        limit: usize,
    ) -> Result<Vec<Checkpoint>, Error> {
        audit::checkpoints_after(self, sequence, limit).await
    }

    async fn erase(&mut self, id: ResourceId) -> Result<Option<(String, usize)>, Error> {
        audit::erase(self, id).await
    }

    async fn claim_jobs(
        &mut self,
        queue: &str,
        now: Timestamp,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<Job>, Error> {
        jobs::claim(self, queue, now, until, limit).await
    }

    async fn finish_job(&mut self, id: Uuid, attempts: i64) -> Result<bool, Error> {
        jobs::finish(self, id, attempts).await
    }

    async fn contradictions(&mut self, types: &[ResourceType]) -> Result<Vec<String>, Error> {
        check::contradictions(self, types).await
    }

    async fn flush(&mut self, writes: &WriteSet) -> Result<(), Error> {
        self.write_all(writes).await?;
        self.send().await
    }

    async fn flush_last(&mut self, writes: &WriteSet) -> Result<(), Error> {
        self.write_all(writes).await?;
        self.send_last().await
    }
}
