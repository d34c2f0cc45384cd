//! What a request costs: statements on both databases, and steps of SQLite's virtual machine at
//! two sizes, so that neither a slow machine nor one giant statement can hide a regression.

mod support;

use std::collections::BTreeMap;
use std::sync::Arc;

use scim_core::SortOrder;
use scim_server::clock::{Clock, FixedClock, SystemClock, TimeOrderedIds};
use scim_server::service::{ListRequest, Paging};
use scim_server::store::{Fresh, Store, unit};
use serde_json::{Value, json};
use support::{Asker, Projected, group, patch, product, user};

/// Statements at most, by operation: plain server, product.
const BUDGET: [(&str, u64, u64); 23] = [
    ("get user", 1, 1),
    ("get group without members", 1, 1),
    ("filter userName", 1, 1),
    ("filter work e-mail", 2, 2),
    ("filter employeeNumber of hosts", 2, 2),
    ("first page", 3, 3),
    ("second page", 3, 3),
    ("last page", 3, 3),
    ("sorted page", 3, 3),
    ("descending page", 4, 4),
    ("page by cursor", 2, 2),
    ("sorted page by cursor", 2, 2),
    ("descending page by cursor", 2, 2),
    ("filter userName by its beginning", 3, 3),
    ("create", 5, 6),
    ("patch", 6, 7),
    ("patch userName", 6, 8),
    ("patch without effect", 4, 4),
    ("add member", 6, 8),
    ("add member again", 4, 4),
    ("remove member", 6, 8),
    ("delete", 10, 27),
    ("seal one change", 4, 4),
];

/// How often PostgreSQL is waited for, to begin and end a transaction too: by the plain server, and by the
/// product.
const ROUND_TRIPS: [(&str, u64, u64); 6] = [
    ("get user", 1, 1),
    ("create", 1, 4),
    ("patch", 5, 6),
    ("patch userName", 5, 6),
    ("add member", 5, 7),
    ("remove member", 5, 7),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Cost {
    statements: u64,
    steps: u64,
    round_trips: u64,
}

type Costs = BTreeMap<&'static str, Cost>;

struct Meter {
    asker: Asker,
    costs: Costs,
}

impl Meter {
    async fn measure(&mut self, name: &'static str, ask: Ask) {
        let cost = self.asker.fresh.store.cost();
        let before = (cost.statements(), cost.steps(), cost.round_trips());
        ask.run(&self.asker).await;
        let cost = self.asker.fresh.store.cost();
        let after = Cost {
            statements: cost.statements() - before.0,
            steps: cost.steps() - before.1,
            round_trips: cost.round_trips() - before.2,
        };
        self.costs.insert(name, after);
    }
}

/// One request of the table.
enum Ask {
    Get(&'static str, String, Projected),
    List(&'static str, Option<&'static str>, usize),
    Sorted(SortOrder),
    /// The page to which a cursor leads.
    Next(ListRequest),
    ListHosts(&'static str),
    Create(Value),
    Patch(&'static str, String, Value),
    Delete(String),
    Seal,
}

impl Ask {
    async fn run(self, asker: &Asker) {
        match self {
            Ask::Get(endpoint, id, projected) => {
                asker.get(endpoint, &id, projected).await.unwrap();
            }
            Ask::List(endpoint, filter, start) => {
                let listed = asker.list(&asker.caller, endpoint, filter, start).await;
                assert!(
                    !listed.unwrap().resources.is_empty(),
                    "{filter:?} from {start}"
                );
            }
            Ask::Sorted(order) => {
                let request = sorted(Some(order), Paging::Index(1));
                let listed = asker.ask(&asker.caller, "Users", request).await;
                assert_eq!(listed.unwrap().resources.len(), 50, "{order:?}");
            }
            Ask::Next(request) => {
                let listed = asker.ask(&asker.caller, "Users", request).await.unwrap();
                assert_eq!(listed.resources.len(), 50);
            }
            Ask::ListHosts(filter) => {
                let listed = asker.list(&support::app(), "Hosts", Some(filter), 1).await;
                assert_eq!(listed.unwrap().resources.len(), 1, "{filter}");
            }
            Ask::Create(body) => {
                asker.create("Users", body).await.unwrap();
            }
            Ask::Patch(endpoint, id, operations) => {
                asker.patch(endpoint, &id, operations).await.unwrap();
            }
            Ask::Delete(id) => {
                asker.delete("Users", &id).await.unwrap();
            }
            Ask::Seal => {
                seal(asker, 1).await;
            }
        }
    }
}

/// Seals so many changes at most; how many there were.
async fn seal(asker: &Asker, limit: usize) -> usize {
    let store: &dyn Store = asker.fresh.store.as_ref();
    let seal = unit(move |tx| Box::pin(async move { tx.seal(limit).await }));
    store.write(&asker.caller.tenant, seal).await.unwrap()
}

fn sorted(order: Option<SortOrder>, paging: Paging) -> ListRequest {
    ListRequest {
        filter: None,
        sort: order.map(|order| ("userName".to_owned(), order)),
        paging,
        count: 50,
    }
}

/// The second page of a list, by cursor.
async fn next(asker: &Asker, order: Option<SortOrder>) -> Ask {
    let first = sorted(order, Paging::Cursor(None));
    let first = asker.ask(&asker.caller, "Users", first).await.unwrap();
    Ask::Next(sorted(order, Paging::Cursor(first.next)))
}

/// `size` users, all of them members of one group.
async fn populate(asker: &Asker, size: usize) -> (Vec<String>, String) {
    let mut tasks = tokio::task::JoinSet::new();
    for part in 0..32 {
        let (engine, caller) = (asker.engine.clone(), asker.caller.clone());
        tasks.spawn(async move {
            let mut ids = Vec::new();
            for number in (0..size).filter(|number| number % 32 == part) {
                let made = support::create(&engine, &caller, "Users", user(number)).await;
                ids.push((number, made.unwrap().stored.id.to_string()));
            }
            ids
        });
    }
    let mut users: Vec<_> = tasks.join_all().await.into_iter().flatten().collect();
    // Tasks end in any order, and the first user is renamed.
    users.sort_unstable();
    let users: Vec<String> = users.into_iter().map(|(_, id)| id).collect();
    let team = asker.create("Groups", group("Team")).await.unwrap();
    let team = team.stored.id.to_string();
    let members: Vec<Value> = users.iter().map(|id| json!({ "value": id })).collect();
    let add = json!([{ "op": "add", "path": "members", "value": members }]);
    patch(&asker.engine, &asker.caller, "Groups", &team, add)
        .await
        .unwrap();
    (users, team)
}

/// Everything is done twice and measured the second time, so that what happens only once does
/// not count.
async fn costs(asker: Asker, size: usize) -> Costs {
    let (users, team) = populate(&asker, size).await;
    let hosts = asker.engine.catalog().endpoint_of("Host").is_some();
    let newcomer = asker.create("Users", user(size)).await.unwrap();
    let newcomer = newcomer.stored.id.to_string();
    // In a server this happens within a second.
    while seal(&asker, 250).await > 0 {}
    let costs = Costs::new();
    let mut meter = Meter { asker, costs };
    let get = |endpoint, id: &str, projected| Ask::Get(endpoint, id.to_owned(), projected);
    let patch = |endpoint, id: &str, operations| Ask::Patch(endpoint, id.to_owned(), operations);
    let member = json!([{ "$ref": null, "value": newcomer }]);
    let by_name = "userName eq \"USER7@contoso.example\"";
    let by_email = "emails[type eq \"work\"].value eq \"user7@contoso.example\"";
    for round in 0..2 {
        let user_patch = |operations| patch("Users", &users[0], operations);
        let team_patch = |operations| patch("Groups", &team, operations);
        let table = [
            ("get user", get("Users", &users[0], Projected::All)),
            (
                "get group without members",
                get("Groups", &team, Projected::Without("members")),
            ),
            ("filter userName", Ask::List("Users", Some(by_name), 1)),
            ("filter work e-mail", Ask::List("Users", Some(by_email), 1)),
            ("first page", Ask::List("Users", None, 1)),
            ("second page", Ask::List("Users", None, 51)),
            ("last page", Ask::List("Users", None, size - 49)),
            ("sorted page", Ask::Sorted(SortOrder::Ascending)),
            ("descending page", Ask::Sorted(SortOrder::Descending)),
            ("page by cursor", next(&meter.asker, None).await),
            (
                "sorted page by cursor",
                next(&meter.asker, Some(SortOrder::Ascending)).await,
            ),
            (
                "descending page by cursor",
                next(&meter.asker, Some(SortOrder::Descending)).await,
            ),
            (
                "filter userName by its beginning",
                Ask::List("Users", Some("userName sw \"user7@\""), 1),
            ),
            ("create", Ask::Create(user(size + 1 + round))),
            (
                "patch",
                user_patch(json!([
                    { "op": "Replace", "path": "title", "value": format!("Lead {round}") },
                    { "op": "Replace", "path": "displayName", "value": format!("User {round}") },
                    { "op": "Replace", "path": "emails[type eq \"work\"].value", "value": format!("new{round}@contoso.example") }
                ])),
            ),
            (
                "patch userName",
                user_patch(json!([
                    { "op": "Replace", "path": "userName", "value": format!("renamed{round}@contoso.example") }
                ])),
            ),
            (
                "patch without effect",
                user_patch(json!([
                    { "op": "Replace", "path": "title", "value": format!("Lead {round}") }
                ])),
            ),
            (
                "add member",
                team_patch(json!([{ "op": "Add", "path": "members", "value": member }])),
            ),
            (
                "add member again",
                team_patch(json!([{ "op": "Add", "path": "members", "value": member }])),
            ),
            (
                "remove member",
                team_patch(json!([{ "op": "Remove", "path": "members", "value": member }])),
            ),
            ("delete", Ask::Delete(users[1 + round].clone())),
            ("seal one change", Ask::Seal),
        ];
        for (name, ask) in table {
            meter.measure(name, ask).await;
        }
        if hosts {
            let ask = Ask::ListHosts("employeeNumber eq \"7\"");
            meter.measure("filter employeeNumber of hosts", ask).await;
        }
    }
    meter.costs
}

fn within_budget(costs: &Costs, budget: impl Fn(&(&'static str, u64, u64)) -> u64) {
    for row in &ROUND_TRIPS {
        let cost = &costs[row.0];
        println!(
            "{:32} {} of {} round trips",
            row.0,
            cost.round_trips,
            budget(row)
        );
        assert!(cost.round_trips <= budget(row), "{} takes {cost:?}", row.0);
    }
    for row in &BUDGET {
        if let Some(cost) = costs.get(row.0) {
            println!(
                "{:32} {:3} of {:3} statements, {:8} steps",
                row.0,
                cost.statements,
                budget(row),
                cost.steps
            );
            assert!(cost.statements <= budget(row), "{} takes {cost:?}", row.0);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_plain_server_keeps_its_budget() {
    for fresh in [Fresh::sqlite().await, Fresh::postgres().await] {
        let costs = costs(Asker::new(fresh, support::plain()), 100).await;
        within_budget(&costs, |row| row.1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_product_keeps_its_budget() {
    for fresh in [Fresh::sqlite().await, Fresh::postgres().await] {
        let costs = costs(Asker::new(fresh, product()), 100).await;
        within_budget(&costs, |row| row.2);
    }
}

/// How often an operation counts all resources; nothing else may depend on how many there are.
/// A descending page counts who has a value, because the others come first.
const COUNTING: [(&str, u64); 1] = [("descending page", 1)];
/// Steps that counting one more row takes.
const STEPS_A_ROW: u64 = 5;
/// A page passes over what stands before it in its block of a ruler: a few more rows, or a few less.
const STEPS_IN_A_BLOCK: u64 = 300;

/// A database in which no time passes: now and then a connection is looked after, however many users there are.
async fn at_one_moment() -> Fresh {
    let clock = Arc::new(FixedClock::new(SystemClock.now()));
    Fresh::sqlite_at(clock, Arc::new(TimeOrderedIds::default())).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn steps_do_not_grow_with_users_and_members() {
    const SMALL: usize = 200;
    const LARGE: usize = 10_000;
    for parts in [support::plain, product] {
        let small = costs(Asker::new(at_one_moment().await, parts()), SMALL).await;
        let large = costs(Asker::new(at_one_moment().await, parts()), LARGE).await;
        for (name, small) in small {
            let large = large[name];
            println!(
                "{name:32} {:6} steps at {SMALL}, {:6} at {LARGE}",
                small.steps, large.steps
            );
            assert_eq!(small.statements, large.statements, "{name}");
            let counted = COUNTING.iter().find(|(counting, _)| *counting == name);
            let grown = match counted {
                Some((_, counts)) => counts * STEPS_A_ROW * (LARGE - SMALL) as u64,
                None => small.steps / 10 + STEPS_IN_A_BLOCK * u64::from(name.ends_with("page")),
            };
            assert!(
                large.steps <= small.steps + grown,
                "{name}: {} to {}",
                small.steps,
                large.steps
            );
        }
    }
}
