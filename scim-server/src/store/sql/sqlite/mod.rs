//! SQLite: one thread writes and commits units in groups; readers work inline.

mod executor;
mod readers;
#[cfg(test)]
mod tests;
mod writer;

use std::fs::File;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::task::{Context, Poll, Waker};

use jiff::Timestamp;
use scim_core::TenantId;
use tokio::sync::{Semaphore, oneshot};

use super::migrate::{self, LATEST, Migrated};
use super::statement::{Row, Statement};
use super::{Cost, OpenError, Purpose, Scope, run_unit};
use crate::store::{ErasedUnit, Moment, Output, Reads};
use crate::{Error, StoreError};
use executor::{SqliteExecutor, connect, store_error};
use readers::Readers;
use writer::{Job, Writer};

/// Units that wait for the writer; more wait for a place in the queue.
const QUEUE: usize = 4_096;
pub(super) struct Sqlite {
    path: String,
    cost: Arc<Cost>,
    writer: Mutex<Option<mpsc::Sender<Job>>>,
    /// Places in the queue of the writer.
    places: Arc<Semaphore>,
    thread: Mutex<Option<std::thread::JoinHandle<()>>>,
    readers: Arc<Readers>,
    /// Held for as long as this process serves from the file.
    _lock: Option<File>,
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
        let (sender, queue) = mpsc::channel();
        let executor = SqliteExecutor {
            connection,
            cost: Arc::clone(&cost),
        };
        let readers = Arc::new(Readers::new(path, &cost));
        let writer = Writer::new(executor, queue, Arc::clone(&readers));
        let thread = std::thread::Builder::new()
            .name("sqlite-writer".to_owned())
            .spawn(move || writer.run())
            .map_err(|error| file_error(path, &error))?;
        Ok(Sqlite {
            path: path.to_owned(),
            cost,
            writer: Mutex::new(Some(sender)),
            places: Arc::new(Semaphore::new(QUEUE)),
            thread: Mutex::new(Some(thread)),
            readers,
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
        let executor = self.connect()?;
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
        let slow = AtomicBool::new(unit.reads_erased() == Reads::Many);
        if !slow.load(Ordering::Relaxed) {
            let mut reader = self.readers.take()?;
            let scope = Scope::reading(tenant, &mut reader.executor, &self.readers.rulers);
            let output = run_here(scope.unless_slow(&slow), unit.as_ref(), &moment);
            self.readers.give_back(reader);
            if !slow.load(Ordering::Relaxed) {
                return output;
            }
        }
        let place = self.readers.place().await;
        let place = place.map_err(|_| StoreError::Unavailable("the store was closed".into()))?;
        let mut reader = self.readers.take()?;
        let (tenant, readers) = (tenant.clone(), Arc::clone(&self.readers));
        let scan = tokio::task::spawn_blocking(move || {
            let scope = Scope::reading(&tenant, &mut reader.executor, &readers.rulers);
            let output = run_here(scope, unit.as_ref(), &moment);
            readers.give_back(reader);
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
        let place = Arc::clone(&self.places).acquire_owned().await;
        let place = place.map_err(|_| closed())?;
        let (answer, answered) = oneshot::channel();
        let job = Job {
            tenant: tenant.clone(),
            unit,
            moment,
            answer,
            _place: place,
        };
        let sent = lock(&self.writer).as_ref().map(|writer| writer.send(job));
        sent.ok_or_else(closed)?.map_err(|_| closed())?;
        answered.await.map_err(|_| closed())?
    }

    /// A statement that belongs to no tenant. Small and rare: runs inline.
    pub(super) fn outside(&self, statement: &Statement) -> Result<(u64, Vec<Row>), Error> {
        if !statement.text.starts_with("SELECT") {
            let result = self.connect()?.run("tenant", statement);
            self.readers.committed();
            return result;
        }
        let mut reader = self.readers.take()?;
        let result = reader.executor.run("tenant", statement);
        self.readers.give_back(reader);
        result
    }

    pub(super) async fn close(&self) {
        drop(lock(&self.writer).take());
        let thread = lock(&self.thread).take();
        if let Some(thread) = thread {
            // The writer ends when its queue is empty; a panic of its was answered already.
            let _ = tokio::task::spawn_blocking(move || thread.join()).await;
        }
        self.readers.close();
    }

    fn connect(&self) -> Result<SqliteExecutor, Error> {
        Ok(SqliteExecutor {
            connection: connect(&self.path).map_err(store_error)?,
            cost: Arc::clone(&self.cost),
        })
    }
}

/// Runs a unit on this thread.
fn run_here(mut scope: Scope<'_>, unit: &dyn ErasedUnit, moment: &Moment) -> Result<Output, Error> {
    let run = AssertUnwindSafe(|| at_once(run_unit(&mut scope, unit, moment)));
    match std::panic::catch_unwind(run) {
        Ok(Some(output)) => output,
        Ok(None) => {
            Err(StoreError::Unit("it waited for something else than its transaction").into())
        }
        Err(_) => Err(StoreError::Unit("it panicked").into()),
    }
}

/// What a future comes to that never waits, because nothing below it does.
fn at_once<T>(future: impl Future<Output = T>) -> Option<T> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    }
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

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
