//! An empty database of its own for every test: a SQLite file, or a database on the PostgreSQL
//! that `SCIM_TEST_POSTGRES` names.

#![expect(
    clippy::expect_used,
    reason = "a test that has no database cannot go on"
)]

use std::path::PathBuf;
use std::sync::Arc;

use scim_core::TenantId;

use super::sql::Purpose;
use super::{SqlStore, Store as _};
use crate::clock::{Clock, Ids, SystemClock, TimeOrderedIds};

/// A migrated database with the tenant `main`, gone when dropped.
///
/// ```no_run
/// # async fn example() {
/// let fresh = scim_server::store::Fresh::sqlite().await;
/// let another_process = fresh.another().await;
/// # }
/// ```
pub struct Fresh {
    /// The store on it.
    pub store: Arc<SqlStore>,
    /// Where it is.
    pub url: String,
    cleanup: Cleanup,
}

enum Cleanup {
    Folder(PathBuf),
    Database { server: String, name: String },
}

/// Names the database server for tests.
pub const POSTGRES: &str = "SCIM_TEST_POSTGRES";

impl Fresh {
    /// A SQLite file in a folder of its own.
    pub async fn sqlite() -> Fresh {
        Fresh::sqlite_at(Arc::new(SystemClock), Arc::new(TimeOrderedIds::default())).await
    }

    /// The same, with a clock and ids of the test's own.
    pub async fn sqlite_at(clock: Arc<dyn Clock>, ids: Arc<dyn Ids>) -> Fresh {
        let folder = std::env::temp_dir().join(format!("scim-test-{}", unique()));
        std::fs::create_dir(&folder).expect("the folder for temporary files is writable");
        let url = format!("sqlite://{}/scim.db", folder.display());
        open(url, Cleanup::Folder(folder), clock, ids).await
    }

    /// A database of its own on the PostgreSQL that the environment names.
    pub async fn postgres() -> Fresh {
        Fresh::postgres_at(Arc::new(SystemClock), Arc::new(TimeOrderedIds::default())).await
    }

    /// The same, with a clock and ids of the test's own.
    pub async fn postgres_at(clock: Arc<dyn Clock>, ids: Arc<dyn Ids>) -> Fresh {
        let server = std::env::var(POSTGRES).unwrap_or_else(|_| {
            panic!(
                "{POSTGRES} is not set: run `cargo xtask test`, or `cargo xtask postgres` beside it"
            )
        });
        let name = format!("scim_{}", unique());
        super::sql::create_database(&server, &name)
            .await
            .expect("the PostgreSQL for tests makes databases");
        let (base, _) = server
            .rsplit_once('/')
            .expect("the URL for tests names a database");
        let url = format!("{base}/{name}");
        let cleanup = Cleanup::Database { server, name };
        open(url, cleanup, clock, ids).await
    }

    /// A second store on the same database, as another process has it.
    pub async fn another(&self) -> Arc<SqlStore> {
        self.another_at(&self.url).await
    }

    /// The same, reached by another URL: through a proxy.
    pub async fn another_at(&self, url: &str) -> Arc<SqlStore> {
        let ids = Arc::new(TimeOrderedIds::default());
        let store = SqlStore::open(url, Purpose::Migrate, Arc::new(SystemClock), ids).await;
        Arc::new(store.expect("the database opens a second time"))
    }

    /// PostgreSQL: sessions that hold a transaction open and do nothing.
    pub async fn idle_in_transaction(&self) -> i64 {
        super::sql::idle_in_transaction(&self.url)
            .await
            .expect("the PostgreSQL for tests tells its sessions")
    }
}

async fn open(url: String, cleanup: Cleanup, clock: Arc<dyn Clock>, ids: Arc<dyn Ids>) -> Fresh {
    let now = clock.now();
    let store = SqlStore::open(&url, Purpose::Migrate, clock, ids)
        .await
        .expect("an empty database opens");
    store.migrate().await.expect("an empty database migrates");
    let main: TenantId = "main".parse().expect("main is a slug");
    store
        .create_tenant(&main, now)
        .await
        .expect("an empty database takes a tenant");
    Fresh {
        store: Arc::new(store),
        url,
        cleanup,
    }
}

fn unique() -> String {
    use data_encoding::HEXLOWER;
    HEXLOWER.encode(&crate::clock::random::<8>())
}

impl Drop for Fresh {
    fn drop(&mut self) {
        match &self.cleanup {
            Cleanup::Folder(folder) => {
                let _ = std::fs::remove_dir_all(folder);
            }
            Cleanup::Database { server, name } => super::sql::drop_database(server, name),
        }
    }
}
