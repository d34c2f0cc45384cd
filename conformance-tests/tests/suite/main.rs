//! Do both binaries, on both databases, keep every rule of the RFCs under `strict`, and under
//! `compatible` break exactly those that tolerances set aside? Are they left as they were found?
//! And does the suite see what a faulty server does?

mod command;
mod faults;
mod front;
#[path = "../support/mod.rs"]
mod support;
mod table;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use conformance_tests::client::{Call, Client, Credentials};
use conformance_tests::suite::{Level, Plan, Profile, Report, run};
use support::{Database, Server};

const PRODUCT: &str = "visitor-hosts";
pub(crate) const PLAIN: &str = "scim-server";

#[tokio::test]
async fn process_product_on_sqlite() {
    breaks_what_is_known(&Database::sqlite(PRODUCT)).await;
}

#[tokio::test]
async fn process_product_on_postgres() {
    let database = Database::postgres(
        PRODUCT,
        "suite_product",
        "DROP DATABASE IF EXISTS suite_product WITH (FORCE)",
        "CREATE DATABASE suite_product",
    );
    breaks_what_is_known(&database.await).await;
}

#[tokio::test]
async fn process_plain_server_on_sqlite() {
    breaks_what_is_known(&Database::sqlite(PLAIN)).await;
}

#[tokio::test]
async fn process_plain_server_on_postgres() {
    let database = Database::postgres(
        PLAIN,
        "suite_plain",
        "DROP DATABASE IF EXISTS suite_plain WITH (FORCE)",
        "CREATE DATABASE suite_plain",
    );
    breaks_what_is_known(&database.await).await;
}

async fn breaks_what_is_known(database: &Database) {
    let server = Server::start(database);
    let under = |policy| {
        server.client(Credentials {
            idp: database.create_token(policy, "idp", policy),
            ..Credentials::default()
        })
    };

    let strict = under("strict");
    let report = check(&strict).await;
    let of_rfcs = report
        .failures()
        .filter(|finding| finding.check.level != Level::Idp);
    let of_rfcs: Vec<_> = of_rfcs.map(|finding| finding.check.id).collect();
    assert_eq!(
        of_rfcs, [""; 0],
        "under strict, every rule of the RFCs is kept"
    );
    is_left_as_found(&report, &strict).await;

    let compatible = under("compatible");
    let report = check(&compatible).await;
    let broken = report
        .failures()
        .filter(|finding| finding.check.tolerance.is_none());
    let broken: Vec<_> = broken.map(|finding| finding.check.id).collect();
    assert_eq!(broken, [""; 0], "under compatible, only what is tolerated");
    assert_eq!(
        tolerated(&report),
        tolerances(),
        "every tolerance breaks its rule, and only that"
    );
    is_left_as_found(&report, &compatible).await;
    server.kill();
    database.check();
}

async fn check(client: &Client) -> Report {
    let plan = Plan::new(Profile::All, &[]).expect("nothing unknown is asked for");
    let report = run(
        client.clone(),
        &plan,
        Arc::new(AtomicBool::new(false)),
        &mut |_| {},
    )
    .await;
    let report = report.expect("the server answers");
    assert_eq!(report.findings.len(), plan.checks().len());
    let could_not = report
        .findings
        .iter()
        .filter(|finding| finding.outcome.name() == "couldNotRun");
    assert_eq!(could_not.count(), 0, "{}", report.to_text());
    println!(
        "{} of {} checks failed, {} requests in {:.1} s",
        report.failures().count(),
        report.findings.len(),
        report.requests,
        report.elapsed.as_secs_f64()
    );
    report
}

/// The tolerances whose rules were broken.
fn tolerated(report: &Report) -> Vec<&'static str> {
    let mut found: Vec<_> = report
        .failures()
        .filter_map(|finding| finding.check.tolerance)
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// The tolerances that stand against a rule of an RFC, as the product lists them.
fn tolerances() -> Vec<&'static str> {
    let listed = scim_core::resource::policy::SWITCHES.iter();
    let mut names: Vec<_> = listed
        .filter(|it| it.against.is_some())
        .map(|it| it.name)
        .collect();
    names.sort_unstable();
    names
}

async fn is_left_as_found(report: &Report, client: &Client) {
    assert_eq!(report.left_behind, [""; 0]);
    for path in ["/Users", "/Groups"] {
        let answer = client
            .send(&Call::new("GET", path))
            .await
            .expect("the server answers");
        let total = answer.json().expect("a list is JSON")["totalResults"].clone();
        assert_eq!(total, 0, "{path}");
    }
}
