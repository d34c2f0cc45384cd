//! The connection to PostgreSQL breaks at COMMIT, before or after the server got it: every write
//! is answered as done, and is done once.

mod support;

use std::sync::Arc;
use std::sync::atomic::Ordering;

use scim_server::service::{Catalog, Engine};
use scim_server::store::{Fresh, Store};
use serde_json::json;
use support::proxy::{Trouble, behind};
use support::{Asker, Projected, create, group, patch, product, user};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_commit_that_the_server_never_got_is_sent_again() {
    writes_happen_once(Trouble::CutBeforeCommit).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_commit_whose_answer_was_lost_is_found() {
    writes_happen_once(Trouble::CutAfterCommit).await;
}

async fn writes_happen_once(trouble: Trouble) {
    const USERS: usize = 24;
    let fresh = Fresh::postgres().await;
    let (proxied, broken) = behind(&fresh.url, trouble).await;
    let store: Arc<dyn Store> = fresh.another_at(&proxied).await;
    let (served, hooks) = product();
    let engine = Arc::new(Engine::new(store, Catalog::new(served), hooks));
    let asker = Asker::new(fresh, product());
    let team = create(&engine, &asker.caller, "Groups", group("Team"))
        .await
        .unwrap();
    let team = team.stored.id.to_string();
    let mut versions = 1;
    for number in 0..USERS {
        let made = create(&engine, &asker.caller, "Users", user(number))
            .await
            .unwrap();
        let id = made.stored.id.to_string();
        let add = json!([{ "op": "add", "path": "members", "value": [{ "value": id }] }]);
        patch(&engine, &asker.caller, "Groups", &team, add)
            .await
            .unwrap();
        versions += 1;
    }
    let users = asker.list(&asker.caller, "Users", None, 1).await.unwrap();
    let hosts = asker.list(&support::app(), "Hosts", None, 1).await.unwrap();
    assert_eq!((users.total, hosts.total), (USERS, USERS));
    let shown = asker.get("Groups", &team, Projected::All).await.unwrap();
    assert_eq!(shown.stored.version.0, versions);
    let members: usize = shown.links.iter().map(|(_, links)| links.len()).sum();
    assert_eq!(members, USERS);
    assert!(
        broken.load(Ordering::Relaxed) > USERS / 2,
        "connections were broken"
    );
    assert_eq!(asker.contradictions().await, [""; 0]);
}
