//! Clients hang up at any moment: no connection is poisoned, no acknowledged write is lost.
//!
//! Every request is dropped after its first poll, its second, … until it gets to its end, with
//! PostgreSQL behind a proxy that delays every packet; and then many at random moments.

mod support;

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use scim_server::service::{Catalog, Engine};
use scim_server::store::{Fresh, Store};
use serde_json::json;
use support::proxy::{Trouble, behind};
use support::{Asker, create, group, patch, product, user};

/// What is left of a future that is polled at most so often.
async fn polled<T>(times: usize, future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    let mut left = times;
    std::future::poll_fn(move |context| match future.as_mut().poll(context) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending if left <= 1 => Poll::Ready(None),
        Poll::Pending => {
            left -= 1;
            Poll::Pending
        }
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn requests_dropped_at_every_poll() {
    let fresh = Fresh::postgres().await;
    let (proxied, _) = behind(&fresh.url, Trouble::Slow).await;
    let store: Arc<dyn Store> = fresh.another_at(&proxied).await;
    let (served, hooks) = product();
    let engine = Arc::new(Engine::new(store, Catalog::new(served), hooks));
    let asker = Asker::new(fresh, product());
    let caller = asker.caller.clone();

    let team = create(&engine, &caller, "Groups", group("Team"))
        .await
        .unwrap();
    let team = team.stored.id.to_string();
    let mut acknowledged = Vec::new();
    let mut number = 0;
    let mut polls = 1;
    loop {
        let mut finished = 0;
        // Several times each: the moment of a poll differs.
        for _ in 0..8 {
            number += 1;
            let made = polled(polls, create(&engine, &caller, "Users", user(number))).await;
            let Some(made) = made else { continue };
            let id = made.unwrap().stored.id.to_string();
            let add = json!([{ "op": "add", "path": "members", "value": [{ "value": id }] }]);
            let added = polled(polls, patch(&engine, &caller, "Groups", &team, add)).await;
            finished += usize::from(added.is_some());
            acknowledged.push((id, added.is_some()));
        }
        if finished == 8 {
            break;
        }
        polls += 1;
    }
    assert!(polls > 1, "a request is polled more than once");
    dropped_at_random(&engine, &asker, &team, &mut acknowledged).await;
    all_is_well(&engine, &asker, &team, &acknowledged).await;
}

/// 64 times two requests in 16 lanes, each given up after a time of its own. All of them wait for
/// one group, so there cannot be many more.
async fn dropped_at_random(
    engine: &Arc<Engine>,
    asker: &Asker,
    team: &str,
    acknowledged: &mut Vec<(String, bool)>,
) {
    let mut lanes = tokio::task::JoinSet::new();
    for lane in 0..16_usize {
        let (engine, caller, team) = (engine.clone(), asker.caller.clone(), team.to_owned());
        lanes.spawn(async move {
            let mut done = Vec::new();
            for step in 0..4 {
                let patience =
                    Duration::from_micros(((lane * 13_700 + step * 29_110) % 400_000) as u64);
                let body = user(10_000 + lane * 100 + step);
                let made = create(&engine, &caller, "Users", body);
                let Ok(made) = tokio::time::timeout(patience, made).await else {
                    continue;
                };
                let id = made.unwrap().stored.id.to_string();
                let add = json!([{ "op": "add", "path": "members", "value": [{ "value": id }] }]);
                let added = patch(&engine, &caller, "Groups", &team, add);
                let added = tokio::time::timeout(patience, added).await;
                done.push((id, added.is_ok_and(|added| added.is_ok())));
            }
            done
        });
    }
    acknowledged.extend(lanes.join_all().await.into_iter().flatten());
}

async fn all_is_well(
    engine: &Arc<Engine>,
    asker: &Asker,
    team: &str,
    acknowledged: &[(String, bool)],
) {
    // Every connection of the pool works: more requests at once than it has connections.
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..64 {
        let (engine, caller) = (engine.clone(), asker.caller.clone());
        tasks.spawn(async move { create(&engine, &caller, "Users", user(50_000 + number)).await });
    }
    for made in tasks.join_all().await {
        made.unwrap();
    }
    assert_eq!(asker.fresh.idle_in_transaction().await, 0);
    let shown = asker
        .get("Groups", team, support::Projected::All)
        .await
        .unwrap();
    let members: Vec<String> = shown
        .links
        .iter()
        .flat_map(|(_, links)| links)
        .map(|link| link.link.id.to_string())
        .collect();
    for (id, added) in acknowledged {
        asker
            .get("Users", id, support::Projected::All)
            .await
            .unwrap();
        if *added {
            assert!(members.contains(id), "{id} was added");
        }
    }
    println!("{} acknowledged writes are there", acknowledged.len());
    assert_eq!(asker.contradictions().await, [""; 0]);
}
