//! Sessions, and secrets of resources.

use super::*;

fn session(number: u8, person: ResourceId, hours: i64) -> Session {
    let created = "2026-01-01T08:00:00Z".parse::<jiff::Timestamp>().unwrap();
    let created = created + SignedDuration::from_mins(number.into());
    Session {
        hash: [number; 32],
        person,
        name: "Kim".to_owned(),
        how: "password".to_owned(),
        created,
        expires: created + SignedDuration::from_hours(hours),
    }
}

/// A session is found by its hash in its own tenant until it ends; one that begins takes with it those that
/// have ended by themselves.
pub async fn sessions_begin_and_end<S: Store>(store: &Shared<S>) {
    let store: &dyn Store = store.as_ref();
    let [kim, ann] = [1, 2].map(|number| ResourceId::new(Uuid::from_u128(number)));
    let begin = async |session: Session| {
        let begin = unit(move |tx| {
            tx.put_session(session.clone());
            Box::pin(async move { Ok(()) })
        });
        store.write(&main_tenant(), begin).await.unwrap();
    };
    let by_hash = async |tenant: &TenantId, number: u8| {
        let find = unit(move |tx| Box::pin(async move { tx.session(&[number; 32]).await }));
        store.read(tenant, find).await.unwrap()
    };
    let of = async |person: ResourceId| {
        let find = unit(move |tx| Box::pin(async move { tx.sessions(person).await }));
        let found = store.read(&main_tenant(), find).await.unwrap();
        found.iter().map(|it| it.hash[0]).collect::<Vec<u8>>()
    };
    for begun in [
        session(2, kim, 12),
        session(1, kim, 12),
        session(3, ann, 12),
    ] {
        begin(begun).await;
    }
    let first = by_hash(&main_tenant(), 1).await;
    assert_eq!(first, Some(session(1, kim, 12)));
    assert_eq!(by_hash(&"other".parse().unwrap(), 1).await, None);
    assert_eq!(by_hash(&main_tenant(), 4).await, None);
    assert_eq!((of(kim).await, of(ann).await), (vec![1, 2], vec![3]));

    let end = unit(|tx| {
        tx.remove_session([2; 32]);
        tx.remove_session([9; 32]);
        Box::pin(async move { Ok(()) })
    });
    store.write(&main_tenant(), end).await.unwrap();
    assert_eq!((of(kim).await, of(ann).await), (vec![1], vec![3]));

    // Whoever ends all that there are may begin one in the same unit.
    let anew = unit(move |tx| {
        tx.end_sessions(kim);
        tx.put_session(session(4, kim, 12));
        Box::pin(async move { Ok(()) })
    });
    store.write(&main_tenant(), anew).await.unwrap();
    assert_eq!((of(kim).await, of(ann).await), (vec![4], vec![3]));

    // Twelve hours after the third began, and a minute before the fourth ends.
    let late = Session {
        created: session(3, ann, 12).expires,
        ..session(5, ann, 24)
    };
    begin(late).await;
    assert_eq!((of(kim).await, of(ann).await), (vec![4], vec![5]));
}

/// A secret is read as it was kept last, also in the unit that keeps it, and goes with its resource.
pub async fn kept_secrets_go_with_their_resource<S: Store>(store: &Shared<S>) {
    let store: &dyn Store = store.as_ref();
    let [ann, bob] = [created(store, "ann").await, created(store, "bob").await];
    let keep = async |id: ResourceId, name: &'static str, value: Option<&'static [u8]>| {
        let keep = unit(move |tx| {
            Box::pin(async move {
                tx.keep_secret(id, name, Some(b"before".to_vec()));
                tx.keep_secret(id, name, value.map(<[u8]>::to_vec));
                tx.kept_secret(id, name).await
            })
        });
        let kept = store.write(&main_tenant(), keep).await.unwrap();
        assert_eq!(kept.as_deref(), value);
    };
    let kept = async |tenant: &TenantId, id: ResourceId, name: &'static str| {
        let read = unit(move |tx| Box::pin(async move { tx.kept_secret(id, name).await }));
        store.read(tenant, read).await.unwrap()
    };
    let main = main_tenant();
    // As long as an id is, as long as a hash is, and empty.
    keep(ann.id, "key", Some(&[7; 16])).await;
    keep(ann.id, "password", Some(&[8; 32])).await;
    keep(bob.id, "password", Some(b"")).await;
    assert_eq!(kept(&main, ann.id, "key").await, Some(vec![7; 16]));
    assert_eq!(kept(&main, ann.id, "password").await, Some(vec![8; 32]));
    assert_eq!(kept(&main, bob.id, "password").await, Some(Vec::new()));
    assert_eq!(kept(&main, bob.id, "key").await, None);
    assert_eq!(kept(&"other".parse().unwrap(), ann.id, "key").await, None);

    keep(ann.id, "key", Some(b"changed")).await;
    keep(ann.id, "password", None).await;
    let changed = kept(&main, ann.id, "key").await;
    assert_eq!(changed.as_deref(), Some(&b"changed"[..]));
    assert_eq!(kept(&main, ann.id, "password").await, None);

    deleted(store, &ann).await;
    assert_eq!(kept(&main, ann.id, "key").await, None);
    assert_eq!(kept(&main, bob.id, "password").await, Some(Vec::new()));
}
