//! What happened is counted by days, from what was sealed: on both databases.

mod support;

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use scim_server::Worker;
use scim_server::clock::{Clock, FixedClock, TimeOrderedIds};
use scim_server::store::{Fresh, Store, unit};
use serde_json::{Value, json};
use support::{Asker, app, document, patch, product, user};

/// What a look at the change feed counts.
async fn counted(asker: &Asker) -> Value {
    let tenant = &asker.caller.tenant;
    let seal = unit(|tx| Box::pin(async move { tx.seal(500).await }));
    let store: &dyn Store = asker.fresh.store.as_ref();
    store.write(tenant, seal).await.unwrap();
    let worker = Worker::on(Arc::clone(&asker.engine), "days");
    while worker.once(tenant).await.unwrap() {}
    let listed = asker
        .list(&app(), "ProvisioningDays", None, 1)
        .await
        .unwrap();
    let days = listed.resources.iter().map(|day| {
        let mut day = document(day);
        day.as_object_mut().unwrap().remove("schemas");
        day
    });
    days.collect()
}

#[tokio::test]
async fn days_are_counted_once() {
    let began: Timestamp = "2026-03-01T23:50:00Z".parse().unwrap();
    let clocks = [(); 2].map(|()| Arc::new(FixedClock::new(began)));
    let ids = || Arc::new(TimeOrderedIds::default());
    let fresh = [
        Fresh::sqlite_at(clocks[0].clone(), ids()).await,
        Fresh::postgres_at(clocks[1].clone(), ids()).await,
    ];
    let first_day = json!({
        "day": "2026-03-01", "created": 2,
        "visible": 2, "heldVisible": 0, "hidden": 0, "suspended": 0,
    });
    let second_day = json!({
        "day": "2026-03-02", "updated": 1,
        "visible": 1, "heldVisible": 0, "hidden": 1, "suspended": 0,
    });
    for (fresh, clock) in fresh.into_iter().zip(clocks) {
        let asker = Asker::new(fresh, product());
        assert_eq!(counted(&asker).await, json!([]), "nothing happened");
        clock.set(clock.now() + SignedDuration::from_mins(5));
        let first = asker.create("Users", user(1)).await.unwrap();
        asker.create("Users", user(2)).await.unwrap();
        assert_eq!(counted(&asker).await, json!([first_day]));
        clock.set(clock.now() + SignedDuration::from_mins(20));
        let off = json!([{ "op": "replace", "path": "active", "value": false }]);
        let id = first.stored.id.to_string();
        patch(&asker.engine, &asker.caller, "Users", &id, off)
            .await
            .unwrap();
        assert_eq!(counted(&asker).await, json!([first_day, second_day]));
        // Nothing is counted twice.
        clock.set(clock.now() + SignedDuration::from_mins(5));
        assert_eq!(counted(&asker).await, json!([first_day, second_day]));
    }
}
