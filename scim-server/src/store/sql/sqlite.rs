//! SQLite: one thread writes and commits units in groups; readers work inline.

use std::fs::File;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use jiff::Timestamp;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode, StatementStatus};
use scim_core::TenantId;
use tokio::sync::{Semaphore, mpsc, oneshot};

use super::migrate::{self, LATEST, Migrated};
use super::statement::{Arg, Dialect, Executor, Row, Statement, Value};
use super::{Cost, OpenError, Purpose, Scope, run_unit};
use crate::store::{ErasedUnit, Moment, Output};
use crate::{Error, StoreError};

/// A batch is committed when the queue is empty, or at one of these bounds.
const BATCH_UNITS_MAX: usize = 256;
const BATCH_TIME_MAX: Duration = Duration::from_millis(50);
/// Units that wait for the writer; more wait for a place in the queue.
const QUEUE: usize = 4_096;
/// A unit is run this often at most; nothing is in its way here, so one more time is plenty.
const ATTEMPTS_MAX: u32 = 3;
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
const STATEMENTS_CACHED: usize = 128;
/// Reading connections that are kept open, and scans that run at once.
const READERS_KEPT: usize = 16;
const SCANS_MAX: usize = 8;

pub(super) struct Sqlite {
    path: String,
    cost: Arc<Cost>,
    writer: Mutex<Option<mpsc::Sender<Job>>>,
    thread: Mutex<Option<std::thread::JoinHandle<()>>>,
    readers: Arc<Readers>,
    /// Held for as long as this process serves from the file.
    _lock: Option<File>,
}

struct Job {
    tenant: TenantId,
    unit: Arc<dyn ErasedUnit>,
    moment: Moment,
    answer: oneshot::Sender<Result<Output, Error>>,
}

impl Sqlite {
    pub(super) fn open(path: &str, purpose: Purpose, cost: Arc<Cost>) -> Result<Sqlite, OpenError> {
        if path.is_empty() || path.starts_with(':') || path.contains('?') {
            return Err(OpenError::Url);
        }
        let lock = match purpose {
            Purpose::Serve => Some(lock_file(path)?),
            Purpose::Command if !std::path::Path::new(path).exists() => {
                return Err(OpenError::Missing {
                    path: path.to_owned(),
                });
            }
            Purpose::Migrate | Purpose::Command => None,
        };
        private_file(path)?;
        let connection = connect(path).map_err(|error| file_error(path, &error))?;
        let (sender, queue) = mpsc::channel(QUEUE);
        let writer = Writer {
            connection: SqliteExecutor {
                connection,
                cost: Arc::clone(&cost),
            },
            queue,
        };
        let thread = std::thread::Builder::new()
            .name("sqlite-writer".to_owned())
            .spawn(move || writer.run())
            .map_err(|error| file_error(path, &error))?;
        Ok(Sqlite {
            path: path.to_owned(),
            cost,
            writer: Mutex::new(Some(sender)),
            thread: Mutex::new(Some(thread)),
            readers: Arc::new(Readers::new()),
            _lock: lock,
        })
    }

    pub(super) fn migrate(&self, now: Timestamp) -> Result<Migrated, OpenError> {
        let connection = connect(&self.path).map_err(|error| file_error(&self.path, &error))?;
        let failed = |error: rusqlite::Error| file_error(&self.path, &error);
        // Immediate: a second process that migrates waits here.
        connection
            .execute_batch("BEGIN IMMEDIATE")
            .map_err(failed)?;
        connection
            .execute_batch(migrate::VERSION_TABLE_SQLITE)
            .map_err(failed)?;
        let from: i64 = connection
            .query_row(migrate::VERSION, [], |row| row.get(0))
            .map_err(failed)?;
        for migration in migrate::pending(from)? {
            let run = connection.execute_batch(migration.sqlite).and_then(|()| {
                let args = (migration.version, migration.name, now.as_millisecond());
                connection.execute(migrate::RECORD_SQLITE, args)
            });
            if let Err(error) = run {
                return Err(OpenError::Migration {
                    name: migration.name,
                    reason: error.to_string(),
                });
            }
        }
        connection.execute_batch("COMMIT").map_err(failed)?;
        Ok(Migrated { from, to: LATEST })
    }

    /// What `PRAGMA integrity_check` and `foreign_key_check` find.
    pub(super) fn integrity(&self) -> Result<Vec<String>, Error> {
        let executor = self.reader()?;
        let connection = &executor.connection;
        let mut problems = Vec::new();
        let mut check = connection
            .prepare("PRAGMA integrity_check")
            .map_err(store_error)?;
        let mut rows = check.query([]).map_err(store_error)?;
        while let Some(row) = rows.next().map_err(store_error)? {
            let line: String = row.get(0).map_err(store_error)?;
            if line != "ok" {
                problems.push(format!("integrity: {line}"));
            }
        }
        let mut check = connection
            .prepare("PRAGMA foreign_key_check")
            .map_err(store_error)?;
        let mut rows = check.query([]).map_err(store_error)?;
        while let Some(row) = rows.next().map_err(store_error)? {
            let (table, parent): (String, String) = (
                row.get(0).map_err(store_error)?,
                row.get(2).map_err(store_error)?,
            );
            problems.push(format!(
                "a row of {table} points to a missing row of {parent}"
            ));
        }
        Ok(problems)
    }

    pub(super) async fn read(
        &self,
        tenant: &TenantId,
        unit: Arc<dyn ErasedUnit>,
        moment: Moment,
    ) -> Result<Output, Error> {
        if !unit.scans_erased() {
            let mut executor = self.reader()?;
            let output = read_now(&mut executor, tenant, unit.as_ref(), &moment);
            self.readers.give_back(executor);
            return output;
        }
        let place = Arc::clone(&self.readers.scans).acquire_owned().await;
        let place = place.map_err(|_| StoreError::Unavailable("the store was closed".into()))?;
        let mut executor = self.reader()?;
        let (tenant, readers) = (tenant.clone(), Arc::clone(&self.readers));
        let scan = tokio::task::spawn_blocking(move || {
            let output = read_now(&mut executor, &tenant, unit.as_ref(), &moment);
            readers.give_back(executor);
            drop(place);
            output
        });
        match scan.await {
            Ok(output) => output,
            Err(_) => Err(StoreError::Unit("it panicked").into()),
        }
    }

    pub(super) async fn write(
        &self,
        tenant: &TenantId,
        unit: Arc<dyn ErasedUnit>,
        moment: Moment,
    ) -> Result<Output, Error> {
        let closed = || Error::from(StoreError::Unavailable("the store was closed".into()));
        let sender = lock(&self.writer).clone().ok_or_else(closed)?;
        let (answer, answered) = oneshot::channel();
        let job = Job {
            tenant: tenant.clone(),
            unit,
            moment,
            answer,
        };
        sender.send(job).await.map_err(|_| closed())?;
        answered.await.map_err(|_| closed())?
    }

    /// A statement that belongs to no tenant. Small and rare: runs inline.
    pub(super) fn outside(&self, statement: &Statement) -> Result<(u64, Vec<Row>), Error> {
        let mut executor = self.reader()?;
        let result = executor.run("tenant", statement);
        self.readers.give_back(executor);
        result
    }

    pub(super) async fn close(&self) {
        drop(lock(&self.writer).take());
        let thread = lock(&self.thread).take();
        if let Some(thread) = thread {
            // The writer ends when its queue is empty; a panic of its was answered already.
            let _ = tokio::task::spawn_blocking(move || thread.join()).await;
        }
        lock(&self.readers.idle).clear();
    }

    fn reader(&self) -> Result<SqliteExecutor, Error> {
        if let Some(executor) = lock(&self.readers.idle).pop() {
            return Ok(executor);
        }
        Ok(SqliteExecutor {
            connection: connect(&self.path).map_err(store_error)?,
            cost: Arc::clone(&self.cost),
        })
    }
}

/// Connections for reading, opened as they are needed; some are kept.
struct Readers {
    idle: Mutex<Vec<SqliteExecutor>>,
    /// Scans that run at once; more wait.
    scans: Arc<Semaphore>,
}

impl Readers {
    fn new() -> Readers {
        Readers {
            idle: Mutex::default(),
            scans: Arc::new(Semaphore::new(SCANS_MAX)),
        }
    }

    fn give_back(&self, executor: SqliteExecutor) {
        let mut idle = lock(&self.idle);
        if idle.len() < READERS_KEPT {
            idle.push(executor);
        }
    }
}

/// A read in one snapshot.
fn read_now(
    executor: &mut SqliteExecutor,
    tenant: &TenantId,
    unit: &dyn ErasedUnit,
    moment: &Moment,
) -> Result<Output, Error> {
    executor.batch("BEGIN")?;
    let output = run_here(executor, tenant, unit, moment);
    // Also ends what a unit wrote by mistake.
    executor.batch("ROLLBACK")?;
    output
}

/// Runs a unit on this thread. Its future never waits, because nothing below it does.
fn run_here(
    executor: &mut SqliteExecutor,
    tenant: &TenantId,
    unit: &dyn ErasedUnit,
    moment: &Moment,
) -> Result<Output, Error> {
    let run = AssertUnwindSafe(|| {
        let mut scope = Scope::new(tenant, executor);
        let future = pin!(run_unit(&mut scope, unit, moment));
        match future.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready((output, _)) => output,
            Poll::Pending => {
                Err(StoreError::Unit("it waited for something else than its transaction").into())
            }
        }
    });
    std::panic::catch_unwind(run).unwrap_or_else(|_| Err(StoreError::Unit("it panicked").into()))
}

struct Writer {
    connection: SqliteExecutor,
    queue: mpsc::Receiver<Job>,
}

type Answer = (
    oneshot::Sender<Result<Output, Error>>,
    Result<Output, Error>,
);

impl Writer {
    fn run(mut self) {
        while let Some(first) = self.queue.blocking_recv() {
            self.batch(first);
        }
    }

    /// One transaction: the unit that came first and those that are waiting behind it.
    fn batch(&mut self, first: Job) {
        if let Err(error) = self.connection.batch("BEGIN IMMEDIATE") {
            self.refuse(first, &error);
            return;
        }
        let begun = Instant::now();
        let mut answers: Vec<Answer> = Vec::new();
        let mut next = Some(first);
        while let Some(job) = next {
            let output = self.in_savepoint(&job);
            answers.push((job.answer, output));
            let room = answers.len() < BATCH_UNITS_MAX && begun.elapsed() < BATCH_TIME_MAX;
            next = (self.in_transaction() && room)
                .then(|| self.queue.try_recv().ok())
                .flatten();
        }
        metrics::histogram!("scim_store_batch_units").record(answers.len() as f64);
        let committed = self.commit(&mut answers);
        for (answer, output) in answers {
            // A refusal too may rest on what another unit of the batch had written.
            let output = match &committed {
                Ok(()) => output,
                Err(error) => Err(not_committed(error)),
            };
            // Whoever asked may have hung up.
            let _ = answer.send(output);
        }
    }

    fn commit(&mut self, answers: &mut [Answer]) -> Result<(), Error> {
        if !self.in_transaction() {
            // A full or failing disk ended the transaction under the unit that came last.
            let lost = || Error::from(StoreError::Unit("its transaction ended under it"));
            let last = answers.last_mut().map(|(_, output)| output);
            let last = last.map(|output| std::mem::replace(output, Err(lost())));
            return Err(last.and_then(Result::err).unwrap_or_else(lost));
        }
        let committed = self.connection.batch("COMMIT");
        if committed.is_err() && self.in_transaction() {
            let _ = self.connection.batch("ROLLBACK");
        }
        committed
    }

    /// Another process has the database. Nobody who waits already waits once more.
    fn refuse(&mut self, first: Job, error: &Error) {
        let mut next = Some(first);
        while let Some(job) = next {
            let _ = job.answer.send(Err(not_committed(error)));
            next = self.queue.try_recv().ok();
        }
    }

    fn in_transaction(&self) -> bool {
        !self.connection.connection.is_autocommit()
    }

    /// A refused unit undoes itself alone; one that asks for it runs again.
    fn in_savepoint(&mut self, job: &Job) -> Result<Output, Error> {
        let mut attempt = 1;
        loop {
            match self.attempt(job) {
                Err(Error::Store(StoreError::Conflict(_)))
                    if attempt < ATTEMPTS_MAX && self.in_transaction() =>
                {
                    attempt += 1;
                }
                output => return output,
            }
        }
    }

    fn attempt(&mut self, job: &Job) -> Result<Output, Error> {
        self.connection.batch("SAVEPOINT unit")?;
        let output = run_here(
            &mut self.connection,
            &job.tenant,
            job.unit.as_ref(),
            &job.moment,
        );
        if self.in_transaction() {
            if output.is_err() {
                self.connection.batch("ROLLBACK TO unit")?;
            }
            self.connection.batch("RELEASE unit")?;
        }
        output
    }
}

/// What every unit hears whose work was undone with its batch.
fn not_committed(error: &Error) -> Error {
    let cause = format!("commit: {error}").into();
    match error {
        Error::Store(StoreError::Full(_)) => StoreError::Full(cause),
        Error::Store(StoreError::Unavailable(_)) => StoreError::Unavailable(cause),
        _ => StoreError::Failed(cause),
    }
    .into()
}

/// A connection that runs our statements.
struct SqliteExecutor {
    connection: Connection,
    cost: Arc<Cost>,
}

impl SqliteExecutor {
    fn batch(&self, text: &'static str) -> Result<(), Error> {
        // Cached like every other statement: BEGIN and COMMIT run all the time.
        let mut prepared = self.connection.prepare_cached(text).map_err(store_error)?;
        prepared.execute([]).map_err(store_error)?;
        Ok(())
    }

    fn run(
        &mut self,
        table: &'static str,
        statement: &Statement,
    ) -> Result<(u64, Vec<Row>), Error> {
        let mut prepared = self
            .connection
            .prepare_cached(&statement.sqlite_text())
            .map_err(store_error)?;
        for (place, arg) in statement.args.iter().enumerate() {
            let place = place + 1;
            match arg {
                Arg::Int(value) => prepared.raw_bind_parameter(place, value),
                Arg::Text(value) => prepared.raw_bind_parameter(place, value.as_deref()),
                Arg::Uuid(value) => {
                    let bytes = value.as_ref().map(|id| id.as_bytes().as_slice());
                    prepared.raw_bind_parameter(place, bytes)
                }
                Arg::Bytes(value) => prepared.raw_bind_parameter(place, value.as_slice()),
            }
            .map_err(store_error)?;
        }
        let columns = prepared.column_count();
        let mut found = Vec::new();
        let touched = if columns == 0 {
            prepared.raw_execute().map_err(store_error)?
        } else {
            let mut rows = prepared.raw_query();
            while let Some(row) = rows.next().map_err(store_error)? {
                let values = (0..columns)
                    .map(|column| Ok(value(row.get_ref(column).map_err(store_error)?)))
                    .collect::<Result<Vec<_>, Error>>()?;
                found.push(Row::new(table, values));
            }
            0
        };
        let steps = prepared.reset_status(StatementStatus::VmStep);
        self.cost.count(u64::try_from(steps).unwrap_or(0));
        Ok((touched as u64, found))
    }
}

fn value(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(value) => Value::Int(value),
        ValueRef::Text(bytes) => Value::Text(String::from_utf8_lossy(bytes).into_owned()),
        ValueRef::Blob(bytes) => Value::Bytes(bytes.to_vec()),
        // STRICT tables without a REAL column never give one.
        ValueRef::Real(value) => Value::Text(value.to_string()),
    }
}

#[async_trait]
impl Executor for SqliteExecutor {
    fn dialect(&self) -> Dialect {
        Dialect::Sqlite
    }

    async fn fetch(
        &mut self,
        table: &'static str,
        statement: Statement,
    ) -> Result<Vec<Row>, Error> {
        Ok(self.run(table, &statement)?.1)
    }

    async fn execute(&mut self, statement: Statement) -> Result<u64, Error> {
        Ok(self.run("", &statement)?.0)
    }
}

fn connect(path: &str) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.execute_batch(
        "PRAGMA journal_mode = WAL;
         PRAGMA synchronous = FULL;
         PRAGMA foreign_keys = ON;
         PRAGMA trusted_schema = OFF;
         PRAGMA cell_size_check = ON;
         PRAGMA mmap_size = 0;
         PRAGMA cache_size = -16384;",
    )?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_CACHED);
    Ok(connection)
}

/// Makes the file, if it is missing, for its owner alone; SQLite's other files follow it.
fn private_file(path: &str) -> Result<(), OpenError> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(0o600)
        .open(path);
    file.map(drop).map_err(|error| file_error(path, &error))
}

/// Keeps a second server away from the file. The command line works beside it.
fn lock_file(path: &str) -> Result<File, OpenError> {
    let lock_path = format!("{path}.lock");
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&lock_path)
        .map_err(|error| file_error(&lock_path, &error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(OpenError::InUse {
            path: path.to_owned(),
        }),
        Err(std::fs::TryLockError::Error(error)) => Err(file_error(&lock_path, &error)),
    }
}

fn file_error(path: &str, error: &dyn std::error::Error) -> OpenError {
    OpenError::File {
        path: path.to_owned(),
        reason: error.to_string(),
    }
}

fn store_error(error: rusqlite::Error) -> Error {
    let cause = |error: rusqlite::Error| Box::new(error);
    match error.sqlite_error_code() {
        Some(ErrorCode::ConstraintViolation) => StoreError::Conflict(cause(error)),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            StoreError::Unavailable(cause(error))
        }
        Some(ErrorCode::DiskFull | ErrorCode::ReadOnly | ErrorCode::SystemIoFailure) => {
            StoreError::Full(cause(error))
        }
        _ => StoreError::Failed(cause(error)),
    }
    .into()
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
