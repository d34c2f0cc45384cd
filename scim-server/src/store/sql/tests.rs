//! The contract on both databases, and what only these stores promise.

use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;

use crate::store::contract::{add_user, follow_sealed_sequence, main_tenant};
use crate::store::sql::statement::{Row, Statement};
use crate::store::{Fresh, SqlStore, Store, unit};

crate::store_contract!(sqlite, crate::store::Fresh::sqlite);
crate::store_contract!(postgres, crate::store::Fresh::postgres);

/// SQLite takes `$2` for a name and binds by order of appearance, were it not rewritten.
#[tokio::test]
async fn arguments_are_bound_by_number() {
    for fresh in [Fresh::sqlite().await, Fresh::postgres().await] {
        let statement = Statement::new("SELECT CAST($2 AS TEXT), CAST($1 AS TEXT)")
            .bind("first")
            .bind("second");
        let mut rows = fresh.store.outside(statement).await.unwrap().1;
        let texts = rows
            .first_mut()
            .map(|row: &mut Row| (row.text().unwrap(), row.text().unwrap()));
        assert_eq!(texts, Some(("second".to_owned(), "first".to_owned())));
    }
}

#[tokio::test]
async fn a_second_migration_does_nothing() {
    for fresh in [Fresh::sqlite().await, Fresh::postgres().await] {
        let migrated = fresh.store.migrate().await.unwrap();
        assert_eq!((migrated.from, migrated.to), (super::LATEST, super::LATEST));
    }
}

/// Transactions that stay open after their change was written and before it is committed: the
/// ids of their changes are older than those of changes that are sealed meanwhile.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sealed_sequence_skips_no_slow_writer() {
    let fresh = Fresh::postgres().await;
    follow_sealed_sequence(&fresh.store, created_slowly).await;
}

fn created_slowly(store: Arc<SqlStore>, name: String) -> BoxFuture<'static, ()> {
    let slowly = unit(move |tx| {
        let name = name.clone();
        Box::pin(async move {
            add_user(tx, &name)?;
            tx.flush().await?;
            let pause = name.bytes().map(u64::from).sum::<u64>() % 7 * 15;
            tokio::time::sleep(Duration::from_millis(pause)).await;
            Ok(())
        })
    });
    Box::pin(async move {
        let store: &dyn Store = store.as_ref();
        store.write(&main_tenant(), slowly).await.unwrap();
    })
}
