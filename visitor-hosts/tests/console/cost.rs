//! What pages cost: the same statements however many hosts and changes there are.

use super::support::Console;

/// Pages, and statements at most.
const BUDGET: [(&str, u64); 9] = [
    ("", 60),
    ("/hosts", 30),
    ("/hosts?status=visible", 30),
    ("/hosts?q=user", 30),
    ("/log", 20),
    ("/audit", 20),
    ("/changes", 20),
    ("/conflicts", 20),
    ("/provisioning", 20),
];

async fn costs(people: usize) -> Vec<(&'static str, u64)> {
    let console = Console::new().await;
    for user in console.people(0..people).await.iter().take(20) {
        console.deactivate(user).await;
    }
    let mut costs = Vec::new();
    for (path, most) in BUDGET {
        // What is looked up once in a process, or once a second, was.
        console.get(path).await;
        let before = console.fresh.store.cost().statements();
        assert_eq!(console.get(path).await.status, 200, "{path}");
        let cost = console.fresh.store.cost().statements() - before;
        assert!(cost <= most, "{path} takes {cost}");
        costs.push((path, cost));
    }
    costs
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_cost_the_same_at_any_size() {
    assert_eq!(costs(600).await, costs(1_200).await);
}
