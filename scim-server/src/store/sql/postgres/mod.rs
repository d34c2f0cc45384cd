//! PostgreSQL: units run in tasks of their own, so that a client that hangs up never stops one
//! half way.
//!
//! | file | question |
//! |---|---|
//! | `servers.rs` | which servers does the URL name, and which one takes writes? |
//! | `connections.rs` | how many connections go there, and what when it is gone? |
//! | `unit.rs` | how does a unit of work run, and when does it run again? |
//! | `executor.rs` | how is a statement run? |
//! | `error.rs` | what does an error mean? |

mod connections;
mod error;
mod executor;
#[cfg(any(test, feature = "store-contract"))]
mod for_tests;
mod servers;
mod unit;

use std::sync::Arc;

use jiff::Timestamp;
use scim_core::TenantId;

use super::migrate::{self, LATEST, Migrated};
use super::statement::{Executor as _, Row, Statement};
use super::{Cost, OpenError, Rulers};
use crate::store::{ErasedUnit, Moment, Output};
use crate::{Error, StoreError};
use connections::Connections;
use executor::PgExecutor;
use servers::unreachable;
use unit::Work;

#[cfg(any(test, feature = "store-contract"))]
pub(crate) use for_tests::{create_database, drop_database, idle_in_transaction};

pub(super) struct Postgres {
    connections: Arc<Connections>,
    cost: Arc<Cost>,
    rulers: Arc<Rulers>,
}

impl Postgres {
    pub(super) async fn open(url: &str, cost: Arc<Cost>) -> Result<Postgres, OpenError> {
        let connections = Arc::new(Connections::open(url).await?);
        Ok(Postgres {
            connections,
            cost,
            rulers: Arc::new(Rulers::new()),
        })
    }

    pub(super) async fn migrate(&self, now: Timestamp) -> Result<Migrated, OpenError> {
        let failed = |error: sqlx::Error| unreachable(&error);
        let mut tx = self.connections.pool().begin().await.map_err(failed)?;
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
        let work = self.work(tenant);
        in_own_task(async move { work.read(unit.as_ref(), &moment).await }).await
    }

    pub(super) async fn write(
        &self,
        tenant: &TenantId,
        unit: Arc<dyn ErasedUnit>,
        moment: Moment,
    ) -> Result<Output, Error> {
        let work = self.work(tenant);
        in_own_task(async move { work.write(unit.as_ref(), &moment).await }).await
    }

    /// A statement that belongs to no tenant.
    pub(super) async fn outside(&self, statement: Statement) -> Result<(u64, Vec<Row>), Error> {
        let (connections, cost) = (Arc::clone(&self.connections), Arc::clone(&self.cost));
        in_own_task(async move {
            let mut lent = connections.lend().await?;
            let outcome = {
                let mut executor = PgExecutor::plain(&mut lent.connection, &cost);
                let run = async {
                    if statement.text.starts_with("SELECT") {
                        Ok((0, executor.fetch("tenant", statement).await?))
                    } else {
                        Ok((executor.execute(statement).await?, Vec::new()))
                    }
                };
                lent.bond.keep(run).await
            };
            lent.give_back(outcome.as_ref().err());
            outcome
        })
        .await
    }

    pub(super) async fn close(&self) {
        self.connections.pool().close().await;
    }

    fn work(&self, tenant: &TenantId) -> Work {
        Work {
            connections: Arc::clone(&self.connections),
            cost: Arc::clone(&self.cost),
            rulers: Arc::clone(&self.rulers),
            tenant: tenant.clone(),
        }
    }
}

async fn in_own_task<T: Send + 'static>(
    work: impl Future<Output = Result<T, Error>> + Send + 'static,
) -> Result<T, Error> {
    match tokio::spawn(work).await {
        Ok(output) => output,
        Err(_) => Err(StoreError::Unit("it panicked").into()),
    }
}
