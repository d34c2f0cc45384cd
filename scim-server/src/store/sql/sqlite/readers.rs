//! Connections for reading, each with a snapshot that it keeps as long as nothing was written.
//!
//! To begin a snapshot and to end it are four system calls and two locks that all connections want: a tenth of
//! what a look-up by id costs. So a snapshot stays open from one read to the next, until this process has
//! committed something or it is old. Reads see every write of this process that was answered, and those of
//! another one, which a command beside the server may be, [so much later](SNAPSHOT_KEPT) at most.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore};

use super::executor::{SqliteExecutor, connect, store_error};
use super::lock;
use crate::Error;
use crate::store::sql::{Cost, Rulers};

/// Reading connections that are kept open, and scans that run at once.
const READERS_KEPT: usize = 16;
const SCANS_MAX: usize = 8;
/// So old a snapshot may be: what another process has written is seen by then.
const SNAPSHOT_KEPT: Duration = Duration::from_millis(5);

/// All readers of a file.
pub(super) struct Readers {
    path: String,
    cost: Arc<Cost>,
    idle: Mutex<Vec<Reader>>,
    /// Scans that run at once; more wait.
    scans: Arc<Semaphore>,
    /// How often this process has committed.
    commits: AtomicU64,
    pub(super) rulers: Rulers,
}

/// A connection that reads.
pub(super) struct Reader {
    pub(super) executor: SqliteExecutor,
    snapshot: Option<Snapshot>,
}

#[derive(Clone, Copy)]
struct Snapshot {
    /// How often this process had committed before it was taken.
    commits: u64,
    taken: Instant,
}

impl Readers {
    pub(super) fn new(path: &str, cost: &Arc<Cost>) -> Readers {
        Readers {
            path: path.to_owned(),
            cost: Arc::clone(cost),
            idle: Mutex::default(),
            scans: Arc::new(Semaphore::new(SCANS_MAX)),
            commits: AtomicU64::new(0),
            rulers: Rulers::new(),
        }
    }

    /// A place among the scans.
    pub(super) async fn place(&self) -> Result<OwnedSemaphorePermit, AcquireError> {
        Arc::clone(&self.scans).acquire_owned().await
    }

    /// A reader with a snapshot that has all that was answered.
    pub(super) fn take(&self) -> Result<Reader, Error> {
        let idle = lock(&self.idle).pop();
        let mut reader = match idle {
            Some(reader) => reader,
            None => self.open()?,
        };
        // Before the snapshot is taken: what is committed meanwhile may be in it, or makes it old.
        let commits = self.commits.load(Ordering::Acquire);
        let now = Instant::now();
        let is_good = |snapshot: Snapshot| {
            snapshot.commits == commits && now.duration_since(snapshot.taken) < SNAPSHOT_KEPT
        };
        if !reader.snapshot.is_some_and(is_good) {
            reader.rest()?;
            reader.executor.batch("BEGIN")?;
            reader.snapshot = Some(Snapshot {
                commits,
                taken: now,
            });
        }
        Ok(reader)
    }

    /// Keeps a reader for later; with its snapshot, if that is still good.
    pub(super) fn give_back(&self, mut reader: Reader) {
        let commits = self.commits.load(Ordering::Acquire);
        let is_old = reader.snapshot.is_none_or(|it| it.commits != commits);
        if is_old && reader.rest().is_err() {
            return;
        }
        let mut idle = lock(&self.idle);
        if idle.len() < READERS_KEPT {
            idle.push(reader);
        }
    }

    /// Something was committed: who reads from now on reads it.
    pub(super) fn committed(&self) {
        self.commits.fetch_add(1, Ordering::Release);
    }

    /// Ends the snapshots of readers that do nothing: the log cannot begin again while they are open.
    pub(super) fn rest(&self) {
        self.committed();
        lock(&self.idle).retain_mut(|reader| reader.rest().is_ok());
    }

    pub(super) fn close(&self) {
        lock(&self.idle).clear();
    }

    fn open(&self) -> Result<Reader, Error> {
        let executor = SqliteExecutor {
            connection: connect(&self.path).map_err(store_error)?,
            cost: Arc::clone(&self.cost),
        };
        // Whatever a unit does by mistake.
        executor.batch("PRAGMA query_only = ON")?;
        Ok(Reader {
            executor,
            snapshot: None,
        })
    }
}

impl Reader {
    fn rest(&mut self) -> Result<(), Error> {
        self.snapshot = None;
        // A failing disk may have ended it already.
        if self.executor.connection.is_autocommit() {
            return Ok(());
        }
        self.executor.batch("ROLLBACK")
    }
}
