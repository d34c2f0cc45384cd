//! Does the suite find faults? Before the real server stands one that is faulty in a single way,
//! and exactly the checks that are about that must fail.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use conformance_tests::client::{Call, Credentials};
use conformance_tests::suite::{Plan, Profile, Report, run};

use crate::PLAIN;
use crate::front::Front;
use crate::support::{Database, Server};
use crate::table::{Fault, faults};

#[tokio::test]
async fn process_each_fault_breaks_exactly_its_checks() {
    let database = Database::sqlite(PLAIN);
    let server = Server::start(&database);
    let secret = database.create_token("Suite", "idp", "compatible");
    let credentials = Credentials {
        idp: secret,
        ..Credentials::default()
    };
    let client = server.client(credentials.clone());
    // Which checks fail without a fault: tolerances, and what the server cannot do.
    let (mut wrong, mut checks) = (Vec::new(), 0);
    for fault in faults() {
        let plan = plan(fault);
        let without = run(client.clone(), &plan, never(), &mut |_| {})
            .await
            .expect("the server answers");
        let front = Front::start(&client, fault).await;
        let with = run(
            front.client(credentials.clone()),
            &plan,
            never(),
            &mut |_| {},
        )
        .await
        .expect("the front answers");
        checks += plan.checks().len();
        let expected: BTreeSet<&str> = fault.breaks.iter().copied().collect();
        let found: BTreeSet<&str> = failed(&with)
            .difference(&failed(&without))
            .copied()
            .collect();
        if found != expected {
            let missed: Vec<_> = expected.difference(&found).collect();
            let more: Vec<_> = found.difference(&expected).collect();
            wrong.push(format!(
                "{}: not found {missed:?}, found beside it {more:?}",
                fault.name
            ));
        }
    }
    println!("{} faults, {checks} checks", faults().count());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(faults().count() >= 40);
}

#[tokio::test]
async fn process_what_cannot_be_deleted_is_told() {
    let database = Database::sqlite(PLAIN);
    let server = Server::start(&database);
    let secret = database.create_token("Suite", "idp", "compatible");
    let behind = server.client(Credentials::default());
    let fault = faults()
        .find(|fault| fault.name == "refuses DELETE")
        .expect("it is in the table");
    let front = Front::start(&behind, fault).await;
    let plan = Plan::new(Profile::Rfc, &["RFC7644-3.3-a".to_owned()]).expect("the check exists");
    let client = front.client(Credentials {
        idp: secret,
        ..Credentials::default()
    });
    let report = run(client, &plan, never(), &mut |_| {})
        .await
        .expect("the front answers");
    assert_eq!(report.left_behind.len(), 1, "{:?}", report.left_behind);
    assert!(report.to_text().contains("Could not be deleted: /Users/"));
}

/// Ctrl-C in the middle of a run: it ends early, and nothing stays.
#[tokio::test]
async fn process_an_interrupted_run_leaves_nothing() {
    let database = Database::sqlite(PLAIN);
    let server = Server::start(&database);
    let secret = database.create_token("Suite", "idp", "compatible");
    let client = server.client(Credentials {
        idp: secret,
        ..Credentials::default()
    });
    let interrupted = never();
    let plan = Plan::new(Profile::All, &[]).expect("nothing unknown is asked for");
    let mut seen = 0;
    let told = Arc::clone(&interrupted);
    let mut progress = |_: &_| {
        seen += 1;
        // Within the chapter of filters the people are there.
        if seen == 110 {
            told.store(true, Ordering::Relaxed);
        }
    };
    let report = run(client.clone(), &plan, interrupted, &mut progress)
        .await
        .expect("the server answers");
    assert_eq!((report.exit_code(), report.findings.len()), (130, 110));
    assert_eq!(report.left_behind, [""; 0]);
    let users = client
        .send(&Call::new("GET", "/Users"))
        .await
        .expect("the server answers");
    assert_eq!(users.json().expect("a list is JSON")["totalResults"], 0);
}

fn plan(fault: &Fault) -> Plan {
    let within: Vec<String> = fault
        .within
        .iter()
        .map(|&prefix| prefix.to_owned())
        .collect();
    Plan::new(Profile::All, &within).expect("the table names checks that exist")
}

fn failed(report: &Report) -> BTreeSet<&'static str> {
    let failed = report
        .findings
        .iter()
        .filter(|it| ["failed", "couldNotRun"].contains(&it.outcome.name()));
    failed.map(|finding| finding.check.id).collect()
}

fn never() -> Arc<AtomicBool> {
    Arc::new(AtomicBool::new(false))
}
