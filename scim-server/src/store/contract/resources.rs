//! Resources and their unique values; what a refused unit leaves.

use super::*;

/// Insert, update and delete, each read back.
pub async fn resources_come_change_and_go<S: Store>(store: &Shared<S>) {
    let store: &dyn Store = store.as_ref();
    let ann = created(store, "ann").await;
    assert_eq!(read(store, ann.id).await.as_ref(), Some(&ann));
    assert_eq!((ann.version.0, ann.owner), (1, owner(1)));
    let renamed = rename(store, &ann, "ann.b").await.unwrap();
    assert_eq!(renamed.version.0, 2);
    assert_eq!(renamed.created, ann.created);
    assert_eq!(read(store, ann.id).await, Some(renamed.clone()));
    deleted(store, &renamed).await;
    assert_eq!(read(store, ann.id).await, None);
}

/// What one tenant has, another does not see.
pub async fn tenants_are_apart<S: Store>(store: &Shared<S>) {
    let store: &dyn Store = store.as_ref();
    let other: TenantId = "other".parse().unwrap();
    assert!(
        store
            .create_tenant(&other, jiff::Timestamp::UNIX_EPOCH)
            .await
            .unwrap()
    );
    assert!(
        !store
            .create_tenant(&other, jiff::Timestamp::UNIX_EPOCH)
            .await
            .unwrap()
    );
    let names: Vec<String> = store
        .tenants()
        .await
        .unwrap()
        .iter()
        .map(|t| t.id.to_string())
        .collect();
    assert_eq!(names, ["main", "other"]);
    let ann = created(store, "ann").await;
    let id = ann.id;
    let get = unit(move |tx| Box::pin(async move { tx.get("User", id).await }));
    assert_eq!(store.read(&other, get).await.unwrap(), None);
    let same = unit(|tx| Box::pin(async move { add_user(tx, "ann") }));
    store.write(&other, same).await.unwrap();
}

/// A value is refused within its scope and free in another.
pub async fn unique_values_are_unique_within_their_scope<S: Store>(store: &Shared<S>) {
    let store: &dyn Store = store.as_ref();
    created(store, "ann").await;
    let again = |connection: u128| {
        unit(move |tx: &mut Transaction<'_>| {
            Box::pin(async move {
                let id = ResourceId::new(tx.new_id());
                tx.insert(&user_type(), owner(connection), id, &user("ANN"))
            })
        })
    };
    let refused = store.write(&main_tenant(), again(1)).await.unwrap_err();
    assert_eq!(
        refused.to_string(),
        r#"another User already uses userName "ann""#
    );
    store.write(&main_tenant(), again(2)).await.unwrap();
}

/// Renamed away from, deleted, renamed to: a value is free as soon as it is given up.
pub async fn a_unique_value_moves_on<S: Store>(store: &Shared<S>) {
    let store: &dyn Store = store.as_ref();
    let ann = created(store, "ann").await;
    let bob = created(store, "bob").await;
    let refused = rename(store, &bob, "Ann").await.unwrap_err();
    assert!(matches!(refused, Error::Uniqueness { .. }), "{refused}");
    rename(store, &ann, "carol").await.unwrap();
    rename(store, &bob, "ann").await.unwrap();
    deleted(store, &bob).await;
    created(store, "ann").await;
}

/// A unit finds what it wrote itself.
pub async fn reads_see_pending_writes<S: Store>(store: &Shared<S>) {
    let store: &dyn Store = store.as_ref();
    let bob = created(store, "bob").await;
    let look = unit(move |tx| {
        Box::pin(async move {
            let ann = add_user(tx, "ann")?;
            assert!(tx.get("User", ann.id).await?.is_some());
            let before = tx
                .get_for_update("User", bob.id)
                .await?
                .expect("it is there");
            tx.update(&user_type(), &before, &user("robert"))?;
            let by = |name: &str| vec![("userName".to_owned(), name.to_owned())];
            let found = async |tx: &mut Transaction<'_>, name: &str| {
                Ok::<_, Error>(tx.find("User", &by(name), Lock::None).await?.len())
            };
            assert_eq!(found(tx, "ann").await?, 1);
            assert_eq!(found(tx, "robert").await?, 1);
            assert_eq!(found(tx, "bob").await?, 0);
            let both = tx.get_many(&[ann.id, bob.id], Lock::None).await?;
            assert_eq!(both.len(), 2);
            tx.delete(&user_type(), &ann)?;
            assert!(tx.get("User", ann.id).await?.is_none());
            Ok(ann.id)
        })
    });
    let ann = store.write(&main_tenant(), look).await.unwrap();
    assert_eq!(read(store, ann).await, None);
    assert_eq!(read(store, bob.id).await.unwrap().version.0, 2);
}

/// An error undoes everything, what was flushed as well.
pub async fn a_refused_unit_leaves_nothing<S: Store>(store: &Shared<S>) {
    let store: &dyn Store = store.as_ref();
    let refused = unit(|tx| {
        Box::pin(async move {
            add_user(tx, "ann")?;
            tx.flush().await?;
            add_user(tx, "bob")?;
            Err::<(), _>(Error::NoSuchPath)
        })
    });
    assert!(store.write(&main_tenant(), refused).await.is_err());
    created(store, "ann").await;
    created(store, "bob").await;
}

/// Units that are committed together stand and fall alone.
pub async fn a_refused_unit_harms_no_other<S: Store>(store: &Shared<S>) {
    created(store.as_ref(), "taken").await;
    let writers = (0..100).map(|number| {
        let store = Arc::clone(store);
        tokio::spawn(async move {
            let store: &dyn Store = store.as_ref();
            let name = if number % 2 == 0 {
                format!("user{number}")
            } else {
                "taken".to_owned()
            };
            let add = unit(move |tx| {
                let name = name.clone();
                Box::pin(async move { add_user(tx, &name) })
            });
            store.write(&main_tenant(), add).await.is_ok()
        })
    });
    let mut good = 0;
    for writer in writers.collect::<Vec<_>>() {
        good += usize::from(writer.await.unwrap());
    }
    assert_eq!(good, 50);
    let store: &dyn Store = store.as_ref();
    assert_eq!(list(store, None, 0, 1_000).await.0, 51);
}

/// A race for one name has one winner.
pub async fn one_of_64_equal_creates_wins<S: Store>(store: &Shared<S>) {
    for round in 0..5 {
        let tasks = (0..64).map(|_| {
            let store = Arc::clone(store);
            tokio::spawn(async move {
                let store: &dyn Store = store.as_ref();
                let add =
                    unit(move |tx| Box::pin(async move { add_user(tx, &format!("same{round}")) }));
                store.write(&main_tenant(), add).await
            })
        });
        let mut outcomes = BTreeMap::new();
        for task in tasks.collect::<Vec<_>>() {
            let outcome = match task.await.unwrap() {
                Ok(_) => "created",
                Err(Error::Uniqueness { .. }) => "taken",
                Err(error) => panic!("{error}: {:?}", std::error::Error::source(&error)),
            };
            *outcomes.entry(outcome).or_insert(0) += 1;
        }
        assert_eq!(outcomes, BTreeMap::from([("created", 1), ("taken", 63)]));
    }
}

/// A unit that runs again has the time and the ids that it had before.
pub async fn ids_and_time_stay_in_every_attempt<S: Store>(store: &Shared<S>) {
    let store: &dyn Store = store.as_ref();
    let attempts: Arc<std::sync::Mutex<Vec<(Uuid, jiff::Timestamp)>>> = Arc::default();
    let seen = Arc::clone(&attempts);
    let stumbles = unit(move |tx| {
        let seen = Arc::clone(&seen);
        Box::pin(async move {
            let attempt = (tx.new_id(), tx.now());
            let count = {
                let mut seen = seen.lock().unwrap();
                seen.push(attempt);
                seen.len()
            };
            if count < 3 {
                return Err(
                    crate::StoreError::Conflict("as if another were in the way".into()).into(),
                );
            }
            Ok(())
        })
    });
    store.write(&main_tenant(), stumbles).await.unwrap();
    let attempts = attempts.lock().unwrap().clone();
    assert_eq!(attempts.len(), 3);
    assert!(attempts.iter().all(|attempt| *attempt == attempts[0]));
}
