//! PostgreSQL: units run in tasks of their own, so that a client that hangs up never stops one
//! half way, and run again when another unit was in the way or the connection broke.

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use scim_core::TenantId;
use sqlx::postgres::{PgArguments, PgConnectOptions, PgPool, PgPoolOptions, PgRow};
use sqlx::{
    Arguments as _, AssertSqlSafe, Column as _, Connection as _, PgConnection, Row as _,
    TypeInfo as _,
};
use uuid::Uuid;

use super::migrate::{self, LATEST, Migrated};
use super::statement::{Arg, Dialect, Executor, Row, Statement, Value};
use super::{Cost, OpenError, Rulers, Scope, changes, run_unit};
use crate::clock::random;
use crate::store::{ErasedUnit, Moment, Output};
use crate::{Error, StoreError};

/// A unit is run again this often at most.
const RETRIES_MAX: u32 = 10;
/// Waits between attempts double from this one, plus as much again by chance.
const BACKOFF: Duration = Duration::from_millis(2);
const CONNECTIONS_PER_CORE: u32 = 4;
const CONNECTIONS_MIN: u32 = 8;
/// An idle connection is tried before it is used again after this time.
const TRUSTED_FOR: Duration = Duration::from_secs(1);
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);
/// `statement_timeout`, `lock_timeout` and `idle_in_transaction_session_timeout`.
const SESSION: [(&str, &str); 3] = [
    ("statement_timeout", "10s"),
    ("lock_timeout", "5s"),
    ("idle_in_transaction_session_timeout", "10s"),
];

pub(super) struct Postgres {
    pool: PgPool,
    cost: Arc<Cost>,
    rulers: Arc<Rulers>,
}

impl Postgres {
    pub(super) async fn open(url: &str, cost: Arc<Cost>) -> Result<Postgres, OpenError> {
        let options = PgConnectOptions::from_str(url)
            .map_err(|error| unreachable(&error))?
            .options(SESSION)
            .application_name("scim-server");
        // One connection first: it says at once, and in its own words, what does not work.
        let options = durable(options)
            .await
            .map_err(|error| unreachable(&error))?;
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let connections = u32::try_from(cores).unwrap_or(1) * CONNECTIONS_PER_CORE;
        let pool = PgPoolOptions::new()
            .max_connections(connections.max(CONNECTIONS_MIN))
            .acquire_timeout(ACQUIRE_TIMEOUT)
            // One that was used a moment ago is taken as it is: if it is broken after all, that
            // shows at its first statement, and the unit runs again.
            .test_before_acquire(false)
            .before_acquire(|connection, meta| {
                Box::pin(async move {
                    if meta.idle_for > TRUSTED_FOR {
                        connection.ping().await?;
                    }
                    Ok(true)
                })
            })
            .connect_lazy_with(options);
        Ok(Postgres {
            pool,
            cost,
            rulers: Arc::new(Rulers::new()),
        })
    }

    pub(super) async fn migrate(&self, now: Timestamp) -> Result<Migrated, OpenError> {
        let failed = |error: sqlx::Error| unreachable(&error);
        let mut tx = self.pool.begin().await.map_err(failed)?;
        // Two programs that start at once migrate one after the other.
        for text in [
            "SET LOCAL statement_timeout = 0",
            "SET LOCAL lock_timeout = 0",
            "SELECT pg_advisory_xact_lock(5843120)",
        ] {
            sqlx::query(text).execute(&mut *tx).await.map_err(failed)?;
        }
        sqlx::query(migrate::VERSION_TABLE_POSTGRES)
            .execute(&mut *tx)
            .await
            .map_err(failed)?;
        let from: i64 = sqlx::query_scalar(migrate::VERSION)
            .fetch_one(&mut *tx)
            .await
            .map_err(failed)?;
        for migration in migrate::pending(from)? {
            let refused = |error: sqlx::Error| OpenError::Migration {
                name: migration.name,
                reason: error.to_string(),
            };
            sqlx::raw_sql(migration.postgres)
                .execute(&mut *tx)
                .await
                .map_err(refused)?;
            sqlx::query(migrate::RECORD_POSTGRES)
                .bind(migration.version)
                .bind(migration.name)
                .bind(now.as_millisecond())
                .execute(&mut *tx)
                .await
                .map_err(refused)?;
        }
        tx.commit().await.map_err(failed)?;
        Ok(Migrated { from, to: LATEST })
    }

    pub(super) async fn read(
        &self,
        tenant: &TenantId,
        unit: Arc<dyn ErasedUnit>,
        moment: Moment,
    ) -> Result<Output, Error> {
        let (pool, cost, tenant) = (self.pool.clone(), Arc::clone(&self.cost), tenant.clone());
        let (rulers, moment) = (Arc::clone(&self.rulers), Arc::new(moment));
        in_own_task(with_retries(move || {
            let (pool, cost, rulers) = (pool.clone(), Arc::clone(&cost), Arc::clone(&rulers));
            let (tenant, unit, moment) = (tenant.clone(), Arc::clone(&unit), Arc::clone(&moment));
            async move { read_once(&pool, &cost, &rulers, &tenant, unit.as_ref(), &moment).await }
        }))
        .await
    }

    pub(super) async fn write(
        &self,
        tenant: &TenantId,
        unit: Arc<dyn ErasedUnit>,
        moment: Moment,
    ) -> Result<Output, Error> {
        let (pool, cost, tenant) = (self.pool.clone(), Arc::clone(&self.cost), tenant.clone());
        in_own_task(async move {
            let mut lost: Vec<Lost> = Vec::new();
            let mut retry = 0;
            loop {
                let error = match write_once(&pool, &cost, &tenant, unit.as_ref(), &moment).await {
                    Ok(output) => return Ok(output),
                    Err(Attempt::Failed(error)) => error,
                    Err(Attempt::Unknown(error, commit)) => {
                        lost.extend(commit);
                        error
                    }
                };
                // What an attempt refuses may be the work of the one before it.
                for commit in lost.extract_if(.., |_| true).collect::<Vec<_>>() {
                    if committed_after_all(&pool, &cost, &tenant, commit.mark).await? {
                        return Ok(commit.output);
                    }
                    lost.push(commit);
                }
                match error {
                    Error::Store(error) if error.invites_retry() && retry < RETRIES_MAX => {
                        retry += 1;
                        metrics::counter!("scim_store_unit_retries_total").increment(1);
                        back_off(retry).await;
                    }
                    error => return Err(error),
                }
            }
        })
        .await
    }

    /// A statement that belongs to no tenant.
    pub(super) async fn outside(&self, statement: Statement) -> Result<(u64, Vec<Row>), Error> {
        let (pool, cost) = (self.pool.clone(), Arc::clone(&self.cost));
        in_own_task(async move {
            let mut connection = pool.acquire().await.map_err(store_error)?;
            let mut executor = PgExecutor {
                connection: &mut connection,
                cost: &cost,
            };
            if statement.text.starts_with("SELECT") {
                Ok((0, executor.fetch("tenant", statement).await?))
            } else {
                Ok((executor.execute(statement).await?, Vec::new()))
            }
        })
        .await
    }

    pub(super) async fn close(&self) {
        self.pool.close().await;
    }
}

/// What is acknowledged must be on disk, even where the server is set up otherwise.
async fn durable(options: PgConnectOptions) -> Result<PgConnectOptions, sqlx::Error> {
    let mut first = PgConnection::connect_with(&options).await?;
    let commit: String = sqlx::query_scalar("SHOW synchronous_commit")
        .fetch_one(&mut first)
        .await?;
    first.close().await?;
    if commit == "off" {
        return Ok(options.options([("synchronous_commit", "on")]));
    }
    Ok(options)
}

async fn in_own_task<T: Send + 'static>(
    work: impl Future<Output = Result<T, Error>> + Send + 'static,
) -> Result<T, Error> {
    match tokio::spawn(work).await {
        Ok(output) => output,
        Err(_) => Err(StoreError::Unit("it panicked").into()),
    }
}

/// Reads need no transaction: each statement sees one snapshot, and none waits for a writer.
async fn read_once(
    pool: &PgPool,
    cost: &Cost,
    rulers: &Rulers,
    tenant: &TenantId,
    unit: &dyn ErasedUnit,
    moment: &Moment,
) -> Result<Output, Error> {
    let mut connection = pool.acquire().await.map_err(store_error)?;
    let mut executor = PgExecutor {
        connection: &mut connection,
        cost,
    };
    let mut scope = Scope::reading(tenant, &mut executor, rulers);
    run_unit(&mut scope, unit, moment).await.0
}

/// Why an attempt gave no output.
enum Attempt {
    /// Nothing was committed.
    Failed(Error),
    /// The connection broke during COMMIT. The server may still be at it.
    Unknown(Error, Option<Lost>),
}

/// An attempt of which nobody knows whether it was committed.
struct Lost {
    /// Its first change, by which it is found.
    mark: Uuid,
    output: Output,
}

async fn write_once(
    pool: &PgPool,
    cost: &Cost,
    tenant: &TenantId,
    unit: &dyn ErasedUnit,
    moment: &Moment,
) -> Result<Output, Attempt> {
    let failed = |error| Attempt::Failed(store_error(error));
    let mut tx = pool.begin().await.map_err(failed)?;
    let mut executor = PgExecutor {
        connection: &mut tx,
        cost,
    };
    let mut scope = Scope::writing(tenant, &mut executor);
    let (output, mark) = run_unit(&mut scope, unit, moment).await;
    let output = match output {
        Ok(output) => output,
        Err(error) => {
            // A connection that cannot roll back is closed by its pool.
            let _ = tx.rollback().await;
            return Err(Attempt::Failed(error));
        }
    };
    match tx.commit().await.map_err(store_error) {
        Ok(()) => Ok(output),
        Err(error @ Error::Store(StoreError::Lost(_))) => {
            let lost = mark.map(|mark| Lost { mark, output });
            Err(Attempt::Unknown(error, lost))
        }
        Err(error) => Err(Attempt::Failed(error)),
    }
}

/// The connection broke during COMMIT: did the database take it?
async fn committed_after_all(
    pool: &PgPool,
    cost: &Cost,
    tenant: &TenantId,
    mark: Uuid,
) -> Result<bool, Error> {
    with_retries(|| async {
        let mut connection = pool.acquire().await.map_err(store_error)?;
        let mut executor = PgExecutor {
            connection: &mut connection,
            cost,
        };
        changes::exists(&mut Scope::writing(tenant, &mut executor), mark).await
    })
    .await
}

/// Runs work again when another unit was in the way or the connection broke.
async fn with_retries<T, F>(mut work: impl FnMut() -> F) -> Result<T, Error>
where
    F: Future<Output = Result<T, Error>>,
{
    let mut retry = 0;
    loop {
        match work().await {
            Err(Error::Store(error)) if error.invites_retry() && retry < RETRIES_MAX => {
                retry += 1;
                metrics::counter!("scim_store_unit_retries_total").increment(1);
                back_off(retry).await;
            }
            output => return output,
        }
    }
}

async fn back_off(retry: u32) {
    let base = BACKOFF * 2_u32.saturating_pow(retry.min(8));
    let chance = f64::from(u32::from_be_bytes(random())) / f64::from(u32::MAX);
    tokio::time::sleep(base + base.mul_f64(chance)).await;
}

struct PgExecutor<'c> {
    connection: &'c mut PgConnection,
    cost: &'c Cost,
}

#[async_trait]
impl Executor for PgExecutor<'_> {
    fn dialect(&self) -> Dialect {
        Dialect::Postgres
    }

    async fn fetch(
        &mut self,
        table: &'static str,
        statement: Statement,
    ) -> Result<Vec<Row>, Error> {
        self.cost.count(0);
        let args = arguments(statement.args)?;
        let rows = sqlx::query_with(AssertSqlSafe(statement.text), args)
            .fetch_all(&mut *self.connection)
            .await
            .map_err(store_error)?;
        rows.iter()
            .map(|row| Ok(Row::new(table, values(row)?)))
            .collect()
    }

    async fn execute(&mut self, statement: Statement) -> Result<u64, Error> {
        self.cost.count(0);
        let args = arguments(statement.args)?;
        let done = sqlx::query_with(AssertSqlSafe(statement.text), args)
            .execute(&mut *self.connection)
            .await
            .map_err(store_error)?;
        Ok(done.rows_affected())
    }
}

fn arguments(args: Vec<Arg>) -> Result<PgArguments, Error> {
    let mut arguments = PgArguments::default();
    for arg in args {
        match arg {
            Arg::Int(value) => arguments.add(value),
            Arg::Text(value) => arguments.add(value),
            Arg::Uuid(value) => arguments.add(value),
            Arg::Bytes(value) => arguments.add(value),
        }
        .map_err(StoreError::Failed)?;
    }
    Ok(arguments)
}

fn values(row: &PgRow) -> Result<Vec<Value>, Error> {
    row.columns()
        .iter()
        .map(|column| {
            let place = column.ordinal();
            let value = match column.type_info().name() {
                "INT8" => row
                    .try_get::<Option<i64>, _>(place)
                    .map(|v| v.map(Value::Int)),
                "INT4" => row
                    .try_get::<Option<i32>, _>(place)
                    .map(|v| v.map(|v| Value::Int(v.into()))),
                "UUID" => row
                    .try_get::<Option<Uuid>, _>(place)
                    .map(|v| v.map(Value::Uuid)),
                "BYTEA" => row
                    .try_get::<Option<Vec<u8>>, _>(place)
                    .map(|v| v.map(Value::Bytes)),
                _ => row
                    .try_get::<Option<String>, _>(place)
                    .map(|v| v.map(Value::Text)),
            };
            Ok(value.map_err(store_error)?.unwrap_or(Value::Null))
        })
        .collect()
}

fn unreachable(error: &sqlx::Error) -> OpenError {
    OpenError::Unreachable {
        reason: error.to_string(),
    }
}

/// SQLSTATE classes: PostgreSQL documentation, appendix A.
fn store_error(error: sqlx::Error) -> Error {
    let cause = |error: sqlx::Error| Box::new(error);
    let state = error
        .as_database_error()
        .and_then(sqlx::error::DatabaseError::code)
        .map(std::borrow::Cow::into_owned);
    match (state.as_deref(), &error) {
        // Serialization failure, deadlock; a unique or foreign key that another unit's commit
        // broke between our look and our write: the next attempt sees it.
        (Some("40001" | "40P01" | "23505" | "23503"), _) => StoreError::Conflict(cause(error)),
        (Some("25006" | "53100"), _) => StoreError::Full(cause(error)),
        (Some("25P03" | "53300" | "55P03" | "57014"), _) => StoreError::Unavailable(cause(error)),
        (Some(state), _) if state.starts_with("08") || state.starts_with("57P") => {
            StoreError::Lost(cause(error))
        }
        (None, sqlx::Error::Io(_) | sqlx::Error::Protocol(_) | sqlx::Error::WorkerCrashed) => {
            StoreError::Lost(cause(error))
        }
        (None, sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Tls(_)) => {
            StoreError::Unavailable(cause(error))
        }
        (Some(_) | None, _) => StoreError::Failed(cause(error)),
    }
    .into()
}

/// Makes an empty database beside the one that `server` names.
#[cfg(any(test, feature = "store-contract"))]
pub(crate) async fn create_database(server: &str, name: &str) -> Result<(), sqlx::Error> {
    let mut connection = PgConnection::connect(server).await?;
    let text = format!("CREATE DATABASE {name}");
    sqlx::query(AssertSqlSafe(text))
        .execute(&mut connection)
        .await?;
    connection.close().await
}

/// Drops a database, whoever is connected to it; blocks, for use in `Drop`.
#[cfg(any(test, feature = "store-contract"))]
pub(crate) fn drop_database(server: &str, name: &str) {
    let (server, name) = (server.to_owned(), name.to_owned());
    // A test may end inside a runtime, where nothing blocks: another thread does.
    let thread = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        runtime.block_on(async {
            let mut connection = PgConnection::connect(&server).await?;
            let text = format!("DROP DATABASE {name} WITH (FORCE)");
            sqlx::query(AssertSqlSafe(text))
                .execute(&mut connection)
                .await?;
            connection.close().await
        })
    });
    let _ = thread.join();
}

/// How many sessions on this database hold a transaction open and do nothing.
#[cfg(any(test, feature = "store-contract"))]
pub(crate) async fn idle_in_transaction(url: &str) -> Result<i64, sqlx::Error> {
    let mut connection = PgConnection::connect(url).await?;
    let count = sqlx::query_scalar(
        "SELECT count(*)
         FROM pg_stat_activity
         WHERE datname = current_database()
         AND state IN ('idle in transaction', 'idle in transaction (aborted)')",
    )
    .fetch_one(&mut connection)
    .await?;
    connection.close().await?;
    Ok(count)
}
