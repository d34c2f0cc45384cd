//! The connections to the primary: how many, how they follow it to another server, and how nobody
//! waits for one that is gone.

use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgPool, PgPoolOptions};
use sqlx::{Connection as _, Executor as _, PgConnection, Postgres};
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::super::OpenError;
use super::error::store_error;
use super::servers::{Primary, Servers, name};
use crate::{Error, StoreError};

const CONNECTIONS_PER_CORE: u32 = 4;
const CONNECTIONS_MIN: u32 = 8;
/// An idle connection is tried before it is used again after this time.
const TRUSTED_FOR: Duration = Duration::from_secs(1);
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);
/// Whoever waits longer than this asks whether the primary is still there.
const SLOW: Duration = Duration::from_secs(1);
/// While no server is the primary, all are asked this often.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// A pool whose connections go to the primary.
pub(super) struct Connections {
    pool: PgPool,
    /// Somebody doubts that the primary is still there.
    doubt: Arc<Notify>,
    /// When connections began to go where they go now.
    moved: watch::Receiver<Instant>,
    /// Ends with the pool.
    _watcher: JoinSet<()>,
}

impl Connections {
    /// Looks for the primary first: that says at once, and in its own words, what does not work.
    pub(super) async fn open(url: &str) -> Result<Connections, OpenError> {
        let servers = Servers::parse(url)?;
        let primary = servers.primary().await?;
        let doubt = Arc::new(Notify::new());
        let (begin, moved) = watch::channel(Instant::now());
        let pool = options(&doubt, &moved).connect_lazy_with(primary.options.clone());
        let mut watcher = JoinSet::new();
        watcher.spawn(follow(
            servers,
            primary,
            pool.clone(),
            Arc::clone(&doubt),
            begin,
        ));
        Ok(Connections {
            pool,
            doubt,
            moved,
            _watcher: watcher,
        })
    }

    pub(super) fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// A connection for one attempt.
    pub(super) async fn lend(&self) -> Result<Lent, Error> {
        loop {
            let mut bond = Bond {
                doubt: Arc::clone(&self.doubt),
                moved: self.moved.clone(),
            };
            bond.moved.mark_unchanged();
            // Who began before the move may be waiting for a server that is gone.
            if let Some(acquired) = bond.hold(self.pool.acquire()).await {
                let connection = acquired.map_err(store_error)?;
                return Ok(Lent { connection, bond });
            }
        }
    }
}

/// A connection and what binds it to the primary.
pub(super) struct Lent {
    pub(super) connection: PoolConnection<Postgres>,
    pub(super) bond: Bond,
}

impl Lent {
    /// Gives the connection back, or ends it: one that broke, and one to a server that takes no
    /// writes any more.
    pub(super) fn give_back(mut self, error: Option<&Error>) {
        if let Some(Error::Store(StoreError::Lost(_) | StoreError::Unavailable(_))) = error {
            self.bond.doubt.notify_one();
            self.connection.close_on_drop();
        }
    }
}

/// Work is worth waiting for while its connection goes to the primary.
pub(super) struct Bond {
    doubt: Arc<Notify>,
    moved: watch::Receiver<Instant>,
}

impl Bond {
    /// The outcome of work on a connection to the primary. A server whose power was cut says
    /// nothing, not even that it is gone: when another one has its place, nobody waits any more.
    pub(super) async fn keep<T>(
        &mut self,
        work: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        let moved = || StoreError::Lost("another server is the primary now".into());
        self.hold(work).await.unwrap_or_else(|| Err(moved().into()))
    }

    /// `None` when connections moved before the work was done.
    async fn hold<T>(&mut self, work: impl Future<Output = T>) -> Option<T> {
        let mut work = pin!(work);
        loop {
            tokio::select! {
                biased;
                outcome = &mut work => return Some(outcome),
                Ok(()) = self.moved.changed() => return None,
                () = sleep(SLOW) => self.doubt.notify_one(),
            }
        }
    }
}

fn options(doubt: &Arc<Notify>, moved: &watch::Receiver<Instant>) -> PgPoolOptions {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let connections = u32::try_from(cores).unwrap_or(1) * CONNECTIONS_PER_CORE;
    let (doubt, moved) = (Arc::clone(doubt), moved.clone());
    PgPoolOptions::new()
        .max_connections(connections.max(CONNECTIONS_MIN))
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .after_connect(move |connection, _| {
            let doubt = Arc::clone(&doubt);
            Box::pin(async move {
                let ready = prepare(connection).await;
                if ready.is_err() {
                    doubt.notify_one();
                }
                ready
            })
        })
        // One that was used a moment ago is taken as it is: if it is broken after all, that
        // shows at its first statement, and the unit runs again.
        .test_before_acquire(false)
        .before_acquire(move |connection, meta| {
            let old = meta.age > moved.borrow().elapsed();
            Box::pin(async move {
                if !old && meta.idle_for > TRUSTED_FOR {
                    let answer = timeout(SLOW, connection.ping()).await;
                    return Ok(matches!(answer, Ok(Ok(()))));
                }
                Ok(!old)
            })
        })
}

/// A server that follows another one is of no use, and what is acknowledged must be on disk, even
/// where the server is set up otherwise.
async fn prepare(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    let (follows, commit): (bool, String) =
        sqlx::query_as("SELECT pg_is_in_recovery(), current_setting('synchronous_commit')")
            .fetch_one(&mut *connection)
            .await?;
    if follows {
        let reason = "the server follows another one".to_owned();
        return Err(sqlx::Error::Protocol(reason));
    }
    if commit == "off" {
        connection.execute("SET synchronous_commit = on").await?;
    }
    Ok(())
}

/// Looks for the primary whenever somebody doubts where it is, and lets connections go there.
async fn follow(
    servers: Servers,
    mut primary: Primary,
    pool: PgPool,
    doubt: Arc<Notify>,
    moved: watch::Sender<Instant>,
) {
    loop {
        doubt.notified().await;
        let mut missed = false;
        let found = loop {
            match servers.primary().await {
                Ok(found) => break found,
                Err(error) if !missed => {
                    tracing::warn!(%error, "no PostgreSQL server takes writes; looking for one");
                    missed = true;
                }
                Err(_) => {}
            }
            sleep(LOOK_EVERY).await;
        };
        if found.identity != primary.identity {
            let server = name(&found.options);
            tracing::warn!("connections go to the PostgreSQL server {server} now");
            pool.set_connect_options(found.options.clone());
            moved.send_replace(Instant::now());
            primary = found;
        }
        // However many doubt, the servers are not asked without end.
        sleep(LOOK_EVERY).await;
    }
}
