//! How a unit of work runs on PostgreSQL: in a transaction, and again when another unit was in
//! the way or the connection broke, without ever being done twice.

use std::sync::Arc;
use std::time::{Duration, Instant};

use scim_core::TenantId;
use uuid::Uuid;

use super::super::{Cost, Rulers, Scope, changes, run_unit};
use super::connections::{Connections, Lent};
use super::error::store_error;
use super::executor::PgExecutor;
use crate::clock::random;
use crate::store::{ErasedUnit, Moment, Output, Transaction};
use crate::{Error, StoreError};

/// A unit that meets others is run again this often at most.
const CONFLICTS_MAX: u32 = 10;
/// A unit whose connection broke is run again until this time has passed: long enough for a
/// restart or a fail-over, and well within the time in which a request must be answered.
const LOST_FOR: Duration = Duration::from_secs(10);
/// Waits between attempts double from this one, plus as much again by chance.
const BACKOFF: Duration = Duration::from_millis(2);

/// What attempts work with.
pub(super) struct Work {
    pub(super) connections: Arc<Connections>,
    pub(super) cost: Arc<Cost>,
    pub(super) rulers: Arc<Rulers>,
    pub(super) tenant: TenantId,
}

impl Work {
    /// Reads need no transaction: each statement sees one snapshot, and none waits for a writer.
    pub(super) async fn read(
        &self,
        unit: &dyn ErasedUnit,
        moment: &Moment,
    ) -> Result<Output, Error> {
        with_retries(|| async {
            let mut lent = self.connections.lend().await?;
            let outcome = {
                let mut executor = PgExecutor::plain(&mut lent.connection, &self.cost);
                let mut scope = Scope::reading(&self.tenant, &mut executor, &self.rulers);
                lent.bond.keep(run_unit(&mut scope, unit, moment)).await
            };
            lent.give_back(outcome.as_ref().err());
            outcome
        })
        .await
    }

    pub(super) async fn write(
        &self,
        unit: &dyn ErasedUnit,
        moment: &Moment,
    ) -> Result<Output, Error> {
        let mut lost: Vec<Lost> = Vec::new();
        let mut patience = Patience::new();
        // Whoever was disturbed once holds what it needs from the beginning.
        let mut begin = Begin::WhenNeeded;
        loop {
            let error = match self.attempt(unit, moment, begin).await {
                Ok(output) => return Ok(output),
                Err(Attempt::Failed(error)) => error,
                Err(Attempt::Unknown(error, commit)) => {
                    lost.extend(commit);
                    error
                }
            };
            // What an attempt refuses may be the work of the one before it.
            for commit in lost.extract_if(.., |_| true).collect::<Vec<_>>() {
                if self.committed_after_all(commit.mark).await? {
                    return Ok(commit.output);
                }
                lost.push(commit);
            }
            match (begin, &error) {
                (Begin::WhenNeeded, Error::Store(StoreError::Conflict(_))) => {}
                _ => patience.wait_after(error).await?,
            }
            begin = Begin::AtOnce;
        }
    }

    async fn attempt(
        &self,
        unit: &dyn ErasedUnit,
        moment: &Moment,
        begin: Begin,
    ) -> Result<Output, Attempt> {
        let mut lent = self.connections.lend().await.map_err(Attempt::Failed)?;
        let outcome = self.attempt_on(&mut lent, unit, moment, begin).await;
        lent.give_back(outcome.as_ref().err().map(Attempt::error));
        outcome
    }

    async fn attempt_on(
        &self,
        lent: &mut Lent,
        unit: &dyn ErasedUnit,
        moment: &Moment,
        begin: Begin,
    ) -> Result<Output, Attempt> {
        let Lent { connection, bond } = lent;
        let mut executor = PgExecutor::writing(connection, &self.cost);
        if begin == Begin::AtOnce {
            bond.keep(executor.begin()).await.map_err(Attempt::Failed)?;
        }
        let mut scope = Scope::writing(&self.tenant, &mut executor);
        let mut tx = Transaction::new(&mut scope, moment);
        let output = bond.keep(unit.run_erased(&mut tx)).await;
        let finished = match output {
            Ok(_) => bond.keep(tx.finish()).await,
            Err(_) => Ok(()),
        };
        let mark = tx.mark();
        let unknown =
            |error, output| Attempt::Unknown(error, mark.map(|mark| Lost { mark, output }));
        let is_lost = |error: &Error| matches!(error, Error::Store(StoreError::Lost(_)));
        let output = match (output, finished) {
            (Ok(output), Ok(())) => output,
            (Ok(output), Err(error)) if is_lost(&error) && executor.is_committing() => {
                return Err(unknown(error, output));
            }
            (Err(error), _) | (Ok(_), Err(error)) => {
                // Where a connection is lost, so is its transaction; whoever asked it again might
                // wait without end. One that cannot roll back is closed by its pool.
                if let Some(tx) = executor.into_transaction().filter(|_| !is_lost(&error)) {
                    let rollback = async { tx.rollback().await.map_err(store_error) };
                    let _ = bond.keep(rollback).await;
                }
                return Err(Attempt::Failed(error));
            }
        };
        let Some(tx) = executor.into_transaction() else {
            return Ok(output);
        };
        self.cost.wait();
        let commit = async { tx.commit().await.map_err(store_error) };
        match bond.keep(commit).await {
            Ok(()) => Ok(output),
            Err(error) if is_lost(&error) => Err(unknown(error, output)),
            Err(error) => Err(Attempt::Failed(error)),
        }
    }

    /// The connection broke during COMMIT: did the database take it?
    async fn committed_after_all(&self, mark: Uuid) -> Result<bool, Error> {
        with_retries(|| async {
            let mut lent = self.connections.lend().await?;
            let outcome = {
                let mut executor = PgExecutor::plain(&mut lent.connection, &self.cost);
                let mut scope = Scope::writing(&self.tenant, &mut executor);
                lent.bond.keep(changes::exists(&mut scope, mark)).await
            };
            lent.give_back(outcome.as_ref().err());
            outcome
        })
        .await
    }
}

/// When the transaction of a unit begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Begin {
    WhenNeeded,
    AtOnce,
}

/// Why an attempt gave no output.
enum Attempt {
    /// Nothing was committed.
    Failed(Error),
    /// The connection broke during COMMIT. The server may still be at it.
    Unknown(Error, Option<Lost>),
}

impl Attempt {
    fn error(&self) -> &Error {
        match self {
            Attempt::Failed(error) | Attempt::Unknown(error, _) => error,
        }
    }
}

/// An attempt of which nobody knows whether it was committed.
struct Lost {
    /// Its first change, by which it is found.
    mark: Uuid,
    output: Output,
}

/// Runs work again when another unit was in the way or the connection broke.
async fn with_retries<T, F>(mut work: impl FnMut() -> F) -> Result<T, Error>
where
    F: Future<Output = Result<T, Error>>,
{
    let mut patience = Patience::new();
    loop {
        match work().await {
            Ok(output) => return Ok(output),
            Err(error) => patience.wait_after(error).await?,
        }
    }
}

/// How often, and how long, something is tried again.
struct Patience {
    began: Instant,
    retries: u32,
}

impl Patience {
    fn new() -> Patience {
        let began = Instant::now();
        Patience { began, retries: 0 }
    }

    /// Waits a moment, or gives back an error that another attempt would not change.
    async fn wait_after(&mut self, error: Error) -> Result<(), Error> {
        let again = match &error {
            Error::Store(StoreError::Conflict(_)) => self.retries < CONFLICTS_MAX,
            Error::Store(StoreError::Lost(_)) => self.began.elapsed() < LOST_FOR,
            _ => false,
        };
        if !again {
            return Err(error);
        }
        self.retries += 1;
        metrics::counter!("scim_store_unit_retries_total").increment(1);
        let base = BACKOFF * 2_u32.pow(self.retries.min(8));
        let chance = f64::from(u32::from_be_bytes(random())) / f64::from(u32::MAX);
        tokio::time::sleep(base + base.mul_f64(chance)).await;
        Ok(())
    }
}
