//! The change feed and its sequence.

use super::*;

/// Each write leaves one line with the actor, the version and what differs.
pub async fn every_change_is_recorded<S: Store>(store: &Shared<S>) {
    let store: &dyn Store = store.as_ref();
    let add = unit(|tx| {
        Box::pin(async move {
            let id = ResourceId::new(tx.new_id());
            let asked = Actor {
                connection: owner(7),
                request: Some((id, "{}".to_owned())),
            };
            tx.act_for(asked);
            tx.insert(&user_type(), owner(7), id, &user("ann"))
        })
    });
    let ann = store.write(&main_tenant(), add).await.unwrap();
    rename(store, &ann, "bob").await.unwrap();
    deleted(store, &ann).await;
    seal_all(store).await;
    let changes = sealed_after(store, 0).await;
    let told: Vec<_> = changes
        .iter()
        .map(|(sealed, change)| (sealed.sequence, change.what, change.version.0, change.actor))
        .collect();
    assert_eq!(
        told,
        [
            (1, What::Created, 1, owner(7)),
            (2, What::Updated, 2, None),
            (3, What::Deleted, 3, None)
        ]
    );
    assert!(
        changes
            .iter()
            .all(|(_, change)| change.resource == Some(ann.id))
    );
    assert_eq!(contradictions(store).await, [""; 0]);
}

pub(super) async fn seal_all(store: &dyn Store) -> usize {
    let mut sealed = 0;
    loop {
        let seal = unit(|tx| Box::pin(async move { tx.seal(100).await }));
        match store.write(&main_tenant(), seal).await {
            Ok(0) => return sealed,
            Ok(count) => sealed += count,
            // Two sealers met; the other one has done it.
            Err(Error::Store(_)) => {}
            Err(error) => panic!("{error}"),
        }
    }
}

async fn sealed_after(
    store: &dyn Store,
    sequence: i64,
) -> Vec<(crate::store::Sealed, crate::store::Change)> {
    let after = unit(move |tx| Box::pin(async move { tx.sealed_after(sequence, 1_000).await }));
    store.read(&main_tenant(), after).await.unwrap()
}

/// While many write and two seal, a reader that follows the sequence sees every change once.
pub async fn sealed_sequence_skips_nothing<S: Store>(store: &Shared<S>) {
    follow_sealed_sequence(store, created_as).await;
}

fn created_as<S: Store>(store: Shared<S>, name: String) -> BoxFuture<'static, ()> {
    Box::pin(async move {
        created(store.as_ref(), &name).await;
    })
}

/// The same, whichever way a writer makes its user.
pub(crate) async fn follow_sealed_sequence<S: Store>(
    store: &Shared<S>,
    create: fn(Shared<S>, String) -> BoxFuture<'static, ()>,
) {
    const WRITERS: usize = 16;
    const EACH: usize = 12;
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let store = Arc::clone(store);
            tokio::spawn(async move {
                for number in 0..EACH {
                    create(Arc::clone(&store), format!("{writer}-{number}")).await;
                }
            })
        })
        .collect();
    let sealers: Vec<_> = (0..2)
        .map(|_| {
            let store = Arc::clone(store);
            tokio::spawn(async move {
                let mut idle = 0;
                while idle < 200 {
                    idle = if seal_all(store.as_ref()).await == 0 {
                        idle + 1
                    } else {
                        0
                    };
                    tokio::task::yield_now().await;
                }
            })
        })
        .collect();
    let mut last = 0;
    let mut seen = BTreeSet::new();
    let mut writers = Some(writers);
    while seen.len() < WRITERS * EACH {
        for (sealed, change) in sealed_after(store.as_ref(), last).await {
            assert_eq!(sealed.sequence, last + 1, "no number is skipped");
            last = sealed.sequence;
            assert!(seen.insert(change.id), "no change is seen twice");
        }
        if writers
            .as_ref()
            .is_some_and(|all| all.iter().all(tokio::task::JoinHandle::is_finished))
        {
            for writer in writers.take().unwrap_or_default() {
                writer.await.unwrap();
            }
            seal_all(store.as_ref()).await;
        }
    }
    for sealer in sealers {
        sealer.await.unwrap();
    }
    assert_eq!(contradictions(store.as_ref()).await, [""; 0]);
}
