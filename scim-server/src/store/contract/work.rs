//! Jobs and leases.

use super::*;

/// A job goes to one worker, comes back when its lease ends, and is finished by its holder only.
pub async fn jobs_are_done_once<S: Store>(store: &Shared<S>) {
    let store: &dyn Store = store.as_ref();
    let add = unit(|tx| {
        Box::pin(async move {
            let job = Job {
                id: tx.new_id(),
                queue: "mail".to_owned(),
                due: tx.now(),
                attempts: 0,
                payload: "{}".to_owned(),
            };
            tx.enqueue(job);
            Ok(())
        })
    });
    store.write(&main_tenant(), add).await.unwrap();
    let claim = |seconds: i64| {
        unit(move |tx: &mut Transaction<'_>| {
            Box::pin(async move {
                let until = tx.now() + SignedDuration::from_secs(seconds);
                tx.claim_jobs("mail", until, 10).await
            })
        })
    };
    let finish = |job: Job| {
        unit(move |tx: &mut Transaction<'_>| {
            let job = job.clone();
            Box::pin(async move { tx.finish_job(&job).await })
        })
    };
    // A lease that is over as soon as it begins: the job is free again.
    let first = store.write(&main_tenant(), claim(-1)).await.unwrap();
    let second = store.write(&main_tenant(), claim(60)).await.unwrap();
    assert_eq!((first.len(), second.len(), second[0].attempts), (1, 1, 2));
    assert!(
        store
            .write(&main_tenant(), claim(60))
            .await
            .unwrap()
            .is_empty()
    );
    assert!(
        !store
            .write(&main_tenant(), finish(first[0].clone()))
            .await
            .unwrap()
    );
    assert!(
        store
            .write(&main_tenant(), finish(second[0].clone()))
            .await
            .unwrap()
    );
    assert!(
        !store
            .write(&main_tenant(), finish(second[0].clone()))
            .await
            .unwrap()
    );
}

/// A lease is kept by its holder and taken over when it ends.
pub async fn leases_have_one_holder<S: Store>(store: &Shared<S>) {
    let store: &dyn Store = store.as_ref();
    let take = async |holder: u128, seconds: i64| {
        let lease = unit(move |tx| {
            Box::pin(async move {
                let until = tx.now() + SignedDuration::from_secs(seconds);
                tx.lease("sealer", Uuid::from_u128(holder), until).await
            })
        });
        store.write(&main_tenant(), lease).await.unwrap()
    };
    assert!(take(1, 60).await);
    assert!(!take(2, 60).await);
    assert!(take(1, -60).await);
    assert!(take(2, 60).await);
    assert!(!take(1, 60).await);
}

/// Work that is asked for under a name waits once, and may be asked for again when it is done.
pub async fn a_digest_waits_once<S: Store>(store: &Shared<S>) {
    let store: &dyn Store = store.as_ref();
    let ask = |text: &'static str| {
        unit(move |tx: &mut Transaction<'_>| {
            Box::pin(async move {
                let due = tx.now();
                tx.enqueue_once("mail", "digest of Monday", due, text.to_owned());
                Ok(())
            })
        })
    };
    let done = unit(|tx| {
        Box::pin(async move {
            let until = tx.now() + SignedDuration::from_secs(60);
            let jobs = tx.claim_jobs("mail", until, 10).await?;
            for job in &jobs {
                tx.finish_job(job).await?;
            }
            Ok(jobs.into_iter().map(|job| job.payload).collect())
        })
    });
    for text in ["first", "second"] {
        store.write(&main_tenant(), ask(text)).await.unwrap();
    }
    let done: Vec<String> = store.write(&main_tenant(), done).await.unwrap();
    assert_eq!(done, ["first"]);
    store.write(&main_tenant(), ask("third")).await.unwrap();
}
