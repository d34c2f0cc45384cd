//! The contract on both databases, and what only these stores promise.

mod audit;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures::future::BoxFuture;
use jiff::SignedDuration;

use crate::store::contract::{add_user, follow_sealed_sequence, main_tenant};
use crate::store::sql::statement::{Row, Statement};
use crate::store::{Fresh, Job, SqlStore, Store, Unit, unit};

crate::store_contract!(sqlite, crate::store::Fresh::sqlite);
crate::store_contract!(postgres, crate::store::Fresh::postgres);

/// A number may stand in several places, once those before it have.
#[tokio::test]
async fn arguments_are_bound_by_number() {
    for fresh in [Fresh::sqlite().await, Fresh::postgres().await] {
        let statement =
            Statement::new("SELECT CAST($1 AS TEXT), CAST($2 AS TEXT), CAST($1 AS TEXT)")
                .bind("first")
                .bind("second");
        let mut rows = fresh.store.outside(statement).await.unwrap().1;
        let texts = rows
            .first_mut()
            .map(|row: &mut Row| [(); 3].map(|()| row.text().unwrap()));
        let expected = ["first", "second", "first"].map(str::to_owned);
        assert_eq!(texts, Some(expected));
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

/// Workers of two processes do each job once, and take over those of a worker that was killed when
/// its lease is over, not before.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn soak_jobs_of_two_processes_are_done_once() {
    const JOBS: usize = 200;
    let fresh = Fresh::postgres().await;
    let stores = [Arc::clone(&fresh.store), fresh.another().await];
    let store: &dyn Store = fresh.store.as_ref();
    store.write(&main_tenant(), enqueue(JOBS)).await.unwrap();
    let began = Instant::now();
    let killed = store.write(&main_tenant(), claim(1, 20)).await.unwrap();
    let finished = Arc::new(AtomicUsize::new(0));
    let workers: Vec<_> = (0..8)
        .map(|number| {
            let (store, finished) = (Arc::clone(&stores[number % 2]), Arc::clone(&finished));
            tokio::spawn(async move {
                let store: &dyn Store = store.as_ref();
                let mut done = Vec::new();
                while finished.load(Ordering::Relaxed) < JOBS {
                    assert!(began.elapsed() < Duration::from_secs(30), "jobs are left");
                    let claimed = store.write(&main_tenant(), claim(60, 5)).await.unwrap();
                    for job in claimed {
                        done.push((job.id, (job.attempts, began.elapsed())));
                        assert!(store.write(&main_tenant(), finish(job)).await.unwrap());
                        finished.fetch_add(1, Ordering::Relaxed);
                    }
                }
                done
            })
        })
        .collect();
    let mut done = Vec::new();
    for worker in workers {
        done.extend(worker.await.unwrap());
    }
    let once: BTreeMap<_, _> = done.iter().copied().collect();
    assert_eq!((once.len(), done.len()), (JOBS, JOBS));
    for job in killed {
        let (attempts, taken_over) = once[&job.id];
        assert_eq!(attempts, 2);
        assert!(taken_over > Duration::from_secs(1), "{taken_over:?}");
        assert!(!store.write(&main_tenant(), finish(job)).await.unwrap());
    }
}

fn enqueue(jobs: usize) -> impl Unit<Output = ()> {
    unit(move |tx| {
        Box::pin(async move {
            for _ in 0..jobs {
                let job = Job {
                    id: tx.new_id(),
                    queue: "mail".to_owned(),
                    due: tx.now(),
                    attempts: 0,
                    payload: "{}".to_owned(),
                };
                tx.enqueue(job);
            }
            Ok(())
        })
    })
}

fn claim(lease_s: i64, limit: usize) -> impl Unit<Output = Vec<Job>> {
    unit(move |tx| {
        Box::pin(async move {
            let until = tx.now() + SignedDuration::from_secs(lease_s);
            tx.claim_jobs("mail", until, limit).await
        })
    })
}

fn finish(job: Job) -> impl Unit<Output = bool> {
    unit(move |tx| {
        let job = job.clone();
        Box::pin(async move { tx.finish_job(&job).await })
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
        store.write(&main_tenant(), seal).await.unwrap();
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
            main: lookup_key has 0 rows of User, whose documents have 2 values
            ");
        }
    }
}
