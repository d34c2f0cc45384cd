//! What readers see while something is written, and what they leave to the log.

use std::time::Duration;

use crate::store::contract::{add_user, main_tenant};
use crate::store::{Fresh, Lock, Store, unit};

/// A reader keeps its snapshot from one read to the next. What its own process has written is read all the same, and
/// what another one has, soon.
#[tokio::test]
async fn what_was_written_is_read() {
    let fresh = Fresh::sqlite().await;
    let other = fresh.another().await;
    let store: &dyn Store = fresh.store.as_ref();
    assert!(!is_there(store, "ann").await);
    write_user(store, "ann").await;
    assert!(is_there(store, "ann").await);
    assert!(!is_there(store, "bob").await);
    write_user(other.as_ref(), "bob").await;
    tokio::time::sleep(Duration::from_millis(10)).await;
    assert!(is_there(store, "bob").await);
}

/// Readers that keep snapshots do not keep the log from beginning again once it was copied.
#[tokio::test]
async fn the_log_begins_again_beside_readers() {
    let fresh = Fresh::sqlite().await;
    let store: &dyn Store = fresh.store.as_ref();
    let log = format!("{}-wal", fresh.url.strip_prefix("sqlite://").unwrap());
    let length = || std::fs::metadata(&log).unwrap().len();
    for number in 0..150 {
        write_user(store, &format!("early{number}")).await;
        assert!(is_there(store, &format!("early{number}")).await);
    }
    let before = length();
    assert!(before > 1_000 * 4_096, "{before}");
    // The writer copies it in a quiet moment.
    tokio::time::sleep(Duration::from_millis(200)).await;
    for number in 0..40 {
        write_user(store, &format!("late{number}")).await;
        assert!(is_there(store, &format!("late{number}")).await);
    }
    assert_eq!(length(), before);
}

async fn write_user(store: &dyn Store, name: &str) {
    let name = name.to_owned();
    let add = unit(move |tx| {
        let name = name.clone();
        Box::pin(async move { add_user(tx, &name) })
    });
    store.write(&main_tenant(), add).await.unwrap();
}

async fn is_there(store: &dyn Store, name: &str) -> bool {
    let name = name.to_owned();
    let find = unit(move |tx| {
        let key = ("userName".to_owned(), name.clone());
        Box::pin(async move { tx.find("User", &[key], Lock::None).await })
    });
    let found = store.read(&main_tenant(), find).await.unwrap();
    !found.is_empty()
}
