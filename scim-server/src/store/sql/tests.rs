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

/// A unit that waits, and one that panics, harm nobody else: the writer goes on.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_writer_survives_its_units() {
    let fresh = Fresh::sqlite().await;
    let store: &dyn Store = fresh.store.as_ref();
    let waits = unit(|tx| {
        Box::pin(async move {
            add_user(tx, "waits")?;
            tx.flush().await?;
            std::future::pending::<()>().await;
            Ok(())
        })
    });
    let panics = unit(|tx| {
        Box::pin(async move {
            add_user(tx, "panics")?;
            tx.flush().await?;
            assert_eq!(tx.tokens().await?.len(), 1, "there is no token");
            Ok(())
        })
    });
    let adds = unit(|tx| Box::pin(async move { add_user(tx, "stays") }));
    let tenant = main_tenant();
    let (waits, panics, adds) = tokio::join!(
        store.write(&tenant, waits),
        store.write(&tenant, panics),
        store.write(&tenant, adds),
    );
    let said = |error: crate::Error| error.to_string();
    insta::assert_snapshot!(said(waits.unwrap_err()), @"a unit of work misbehaved: it waited for something else than its transaction");
    insta::assert_snapshot!(said(panics.unwrap_err()), @"a unit of work misbehaved: it panicked");
    adds.unwrap();
    for name in ["waits", "panics"] {
        let again = unit(move |tx| Box::pin(async move { add_user(tx, name) }));
        store.write(&main_tenant(), again).await.unwrap();
    }
}

/// Edits behind the store's back do not go unnoticed.
#[tokio::test]
async fn a_check_finds_what_does_not_agree() {
    for fresh in [Fresh::sqlite().await, Fresh::postgres().await] {
        let store: &dyn Store = fresh.store.as_ref();
        let users = crate::store::contract::user_type();
        for name in ["ann", "bob"] {
            let add = unit(move |tx| Box::pin(async move { add_user(tx, name) }));
            store.write(&main_tenant(), add).await.unwrap();
        }
        let seal = unit(|tx| Box::pin(async move { tx.seal(10).await }));
        assert_eq!(store.write(&main_tenant(), seal).await.unwrap(), 2);
        assert_eq!(fresh.store.check(&[&users]).await.unwrap(), [""; 0]);
        for text in [
            "UPDATE unique_key SET value = 'eve' WHERE value = 'ann'",
            "DELETE FROM lookup_key WHERE attribute = 'displayName'",
            "UPDATE change SET at = at + 1",
            "UPDATE resource SET version = 7",
        ] {
            fresh.store.outside(Statement::new(text)).await.unwrap();
        }
        let mut found = fresh.store.check(&[&users]).await.unwrap();
        for line in &mut found {
            line.truncate(line.find(" 01").unwrap_or(line.len()));
        }
        found.dedup();
        insta::allow_duplicates! {
            insta::assert_snapshot!(found.join("\n"), @r"
            main: 2 resources whose version is not that of their newest change
            main: 2 resources with fewer or more changes than versions
            main: the seal chain does not hold at number 1
            main: unique_key does not agree with userName of User
            main: lookup_key does not agree with displayName of User
            ");
        }
    }
}
