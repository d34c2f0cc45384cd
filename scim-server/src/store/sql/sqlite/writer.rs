//! The thread that writes: units of work one after another, committed in groups.

use std::cell::Cell;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use scim_core::TenantId;
use tokio::sync::{OwnedSemaphorePermit, oneshot};

use super::executor::SqliteExecutor;
use super::readers::Readers;
use super::{at_once, run_here};
use crate::store::sql::seals::{self, Last};
use crate::store::sql::{Numbered, Scope};
use crate::store::{ErasedUnit, Moment, Output};
use crate::{Error, StoreError};

/// A batch is committed when the queue is empty, or at one of these bounds.
const BATCH_UNITS_MAX: usize = 256;
const BATCH_TIME_MAX: Duration = Duration::from_millis(50);
/// A unit is run this often at most; nothing is in its way here, so one more time is plenty.
const ATTEMPTS_MAX: u32 = 3;

/// A unit that waits for its turn, and who waits for its answer.
pub(super) struct Job {
    pub(super) tenant: TenantId,
    pub(super) unit: Arc<dyn ErasedUnit>,
    pub(super) moment: Moment,
    pub(super) answer: oneshot::Sender<Result<Output, Error>>,
    /// Its place in the queue.
    pub(super) _place: OwnedSemaphorePermit,
}

/// Has the only connection that writes.
pub(super) struct Writer {
    connection: SqliteExecutor,
    queue: Receiver<Job>,
    readers: Arc<Readers>,
    /// What the batch has recorded, in the order of its units: one after another they are what is committed.
    recorded: Vec<(TenantId, Vec<Numbered>)>,
    /// How far the sequences have come, as far as this thread knows.
    last: HashMap<TenantId, Last>,
}

/// Pages of 4 KiB in the write-ahead log from which on it is copied into the file: when nobody has
/// written for a while, and whatever goes on. The later, the more often one copy does for several
/// commits.
const LOG_PAGES_QUIET: u32 = 1_000;
const LOG_PAGES_MAX: u32 = 8_000;
const QUIET: Duration = Duration::from_millis(20);

thread_local! {
    /// How long the log was after the last commit of this thread, which has one connection.
    static LOG_PAGES: Cell<u32> = const { Cell::new(0) };
}

type Answer = (
    oneshot::Sender<Result<Output, Error>>,
    Result<Output, Error>,
);

impl Writer {
    pub(super) fn new(
        connection: SqliteExecutor,
        queue: Receiver<Job>,
        readers: Arc<Readers>,
    ) -> Writer {
        // In the place of SQLite's own hook, which copies the log before a commit returns.
        connection.connection.wal_hook(Some(|_, pages| {
            LOG_PAGES.set(u32::try_from(pages).unwrap_or(0));
            Ok(())
        }));
        Writer {
            connection,
            queue,
            readers,
            recorded: Vec::new(),
            last: HashMap::new(),
        }
    }

    pub(super) fn run(mut self) {
        while let Some(first) = self.next() {
            self.batch(first);
            if LOG_PAGES.get() >= LOG_PAGES_MAX {
                self.copy_log();
            }
        }
    }

    /// The next job; `None` when the store is closed. A quiet moment is one to copy the log in.
    fn next(&mut self) -> Option<Job> {
        if LOG_PAGES.get() >= LOG_PAGES_QUIET {
            match self.queue.recv_timeout(QUIET) {
                Ok(job) => return Some(job),
                Err(RecvTimeoutError::Timeout) => self.copy_log(),
                Err(RecvTimeoutError::Disconnected) => return None,
            }
        }
        self.queue.recv().ok()
    }

    /// Copies the log into the file, so that it starts again. What was answered is in the log already,
    /// on disk.
    fn copy_log(&mut self) {
        LOG_PAGES.set(0);
        self.readers.rest();
        // As far as readers allow; the next commit asks again.
        let copied =
            self.connection
                .connection
                .query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
        if let Err(error) = copied {
            tracing::warn!(%error, "the write-ahead log was not copied into the database file");
        }
        // Whoever began to read meanwhile reads from the log, which keeps it from beginning again.
        self.readers.rest();
    }

    /// One transaction: the unit that came first and those that are waiting behind it.
    fn batch(&mut self, first: Job) {
        if let Err(error) = self.connection.batch("BEGIN IMMEDIATE") {
            self.refuse(first, &error);
            return;
        }
        let begun = Instant::now();
        // Nothing is there yet that its failure could harm.
        let output = self.attempts(&first, Undo::Transaction);
        let mut answers: Vec<Answer> = vec![(first.answer, output)];
        while self.in_transaction()
            && answers.len() < BATCH_UNITS_MAX
            && begun.elapsed() < BATCH_TIME_MAX
            && let Ok(job) = self.queue.try_recv()
        {
            let output = self.attempts(&job, Undo::Savepoint);
            answers.push((job.answer, output));
        }
        metrics::histogram!("scim_store_batch_units").record(answers.len() as f64);
        let committed = self.commit(&mut answers);
        self.readers.committed();
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
        let recorded = std::mem::take(&mut self.recorded);
        if !self.in_transaction() {
            // A full or failing disk ended the transaction under the unit that came last.
            let lost = || Error::from(StoreError::Unit("its transaction ended under it"));
            let last = answers.last_mut().map(|(_, output)| output);
            let last = last.map(|output| std::mem::replace(output, Err(lost())));
            return Err(last.and_then(Result::err).unwrap_or_else(lost));
        }
        let mut numbered = recorded.iter();
        let committed = numbered
            .try_for_each(|(tenant, changes)| self.number(tenant, changes))
            .and_then(|()| self.connection.batch("COMMIT"));
        if committed.is_err() {
            self.last.clear();
            if self.in_transaction() {
                let _ = self.connection.batch("ROLLBACK");
            }
        }
        committed
    }

    /// Units that run one after another are committed in this order, so that their changes have numbers with the
    /// commit, and nobody makes them afterwards.
    fn number(&mut self, tenant: &TenantId, changes: &[Numbered]) -> Result<(), Error> {
        let mut scope = Scope::writing(tenant, &mut self.connection);
        let waits = || Error::from(StoreError::Unit("it waited while changes were numbered"));
        let known = self.last.get(tenant).copied();
        let numbered = at_once(async {
            if let Some(known) = known {
                match seals::number(&mut scope, known, changes).await {
                    // Another process has written since.
                    Err(Error::Store(StoreError::Conflict(_))) => {}
                    numbered => return numbered,
                }
            }
            let last = Last::of(&mut scope).await?;
            seals::number(&mut scope, last, changes).await
        });
        let last = numbered.unwrap_or_else(|| Err(waits()))?;
        self.last.insert(tenant.clone(), last);
        Ok(())
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
    fn attempts(&mut self, job: &Job, undo: Undo) -> Result<Output, Error> {
        let mut attempt = 1;
        loop {
            match self.attempt(job, undo) {
                Err(Error::Store(StoreError::Conflict(_)))
                    if attempt < ATTEMPTS_MAX && self.in_transaction() =>
                {
                    attempt += 1;
                }
                output => return output,
            }
        }
    }

    fn attempt(&mut self, job: &Job, undo: Undo) -> Result<Output, Error> {
        let begin: &[&str] = match undo {
            Undo::Transaction => &[],
            Undo::Savepoint => &["SAVEPOINT unit"],
        };
        self.all_of(begin)?;
        let mut numbered = Vec::new();
        let scope = Scope::writing(&job.tenant, &mut self.connection).numbering(&mut numbered);
        let output = run_here(scope, job.unit.as_ref(), &job.moment);
        if self.in_transaction() {
            self.all_of(match (undo, &output) {
                (Undo::Transaction, Ok(_)) => &[],
                (Undo::Transaction, Err(_)) => &["ROLLBACK", "BEGIN IMMEDIATE"],
                (Undo::Savepoint, Ok(_)) => &["RELEASE unit"],
                (Undo::Savepoint, Err(_)) => &["ROLLBACK TO unit", "RELEASE unit"],
            })?;
        }
        if output.is_ok() && !numbered.is_empty() {
            match self.recorded.last_mut() {
                Some((tenant, changes)) if *tenant == job.tenant => changes.append(&mut numbered),
                _ => self.recorded.push((job.tenant.clone(), numbered)),
            }
        }
        output
    }

    fn all_of(&self, texts: &[&'static str]) -> Result<(), Error> {
        texts
            .iter()
            .try_for_each(|text| self.connection.batch(text))
    }
}

/// What is undone when a unit fails: a savepoint keeps a copy of each page that the unit changes, which the first
/// one of a batch can do without.
#[derive(Debug, Clone, Copy)]
enum Undo {
    Transaction,
    Savepoint,
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
