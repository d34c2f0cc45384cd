//! Does the product's compatibility report name each quirk that a simulated provider was told to show,
//! with a remedy, and do both ends still agree?
//!
//! The product runs in this process; what its change feed recorded becomes the events of the report.

use std::collections::BTreeSet;
use std::sync::Arc;

use conformance_tests::client::{Client, Credentials};
use conformance_tests::simulate::{
    Afterwards, Entra, Okta, Quirk, Quirks, Report as Played, Simulation, Speaker, run,
};
use indicatif::ProgressBar;
use jiff::{SignedDuration, Timestamp};
use scim_core::{ResourceId, Version};
use scim_server::edge::{self, Edge};
use scim_server::store::{
    Change, ChangeBody, ConnectionId, Fresh, PolicyName, Store, TokenKind, What,
};
use scim_server::{Limits, Server};
use tokio::sync::watch;
use uuid::Uuid;
use visitor_hosts::compatibility::{
    Client as Guess, Event, Finding, Grade, People, Report, Setting,
};

/// The end of the month that the cycles are spread over.
const NOW: &str = "2026-11-26T08:00:00Z";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn entra_as_it_comes() {
    let (played, report) = play(Speaker::Entra(Entra::Usual), &[]).await;
    assert!(played.agrees(), "{played}");
    assert_eq!(
        (report.client, report.refused),
        (Guess::Entra, 0),
        "{report}"
    );
    let names: BTreeSet<_> = report.findings.iter().map(|it| it.name.as_str()).collect();
    for expected in [
        "opCase",
        "boolString",
        "memberRemoveByValue",
        "managerAsText",
    ] {
        assert!(names.contains(expected), "{expected}\n{report}");
    }
    // All of that is understood. Login names of some people have signs.
    let serious = attention(&report);
    assert_eq!(serious, ["specialCharacterFilter"], "{report}");
}

/// What a quirk adds to the findings: for each the finding of its name, with a remedy.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_quirk_of_entra_is_named_with_its_remedy() {
    for quirk in Quirks::each() {
        // As it comes, Entra takes members out by value and writes op with capitals.
        let entra = match quirk {
            Quirk::MemberRemoveByFilter => Entra::Flag,
            _ => Entra::Usual,
        };
        let (played, report) = play(Speaker::Entra(entra), &[quirk]).await;
        named(quirk, &played, &report);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_quirks_at_once() {
    for speaker in [
        Speaker::Entra(Entra::Usual),
        Speaker::Entra(Entra::Flag),
        Speaker::Okta(Okta::Put),
        Speaker::Okta(Okta::Patch),
    ] {
        let (played, report) = play(speaker, &[Quirk::All]).await;
        println!("{played}\n{report}");
        for quirk in Quirks::each() {
            // Where addresses are never sent, none is changed. Okta sends a PUT of all that it has read.
            let hidden = matches!(
                (speaker, quirk),
                (_, Quirk::ValuePathWithoutType)
                    | (
                        Speaker::Okta(Okta::Put),
                        Quirk::OpCase | Quirk::MemberRemoveByFilter | Quirk::StaleAttribute
                    )
            );
            if !hidden {
                named(quirk, &played, &report);
            }
        }
    }
}

fn named(quirk: Quirk, played: &Played, report: &Report) {
    let name = quirk.name();
    assert!(played.agrees(), "{name}\n{played}");
    let shown = played.quirks.get(&name).copied();
    assert!(shown > Some(0), "{name} was never shown\n{played}");
    let of_name = |finding: &&Finding| finding.name == name;
    let finding = report.findings.iter().find(of_name);
    let finding = finding.unwrap_or_else(|| panic!("{name} is not among the findings\n{report}"));
    let words = finding.remedy.split_whitespace().count();
    assert!(words > 5, "{finding}");
    assert_ne!(report.grade, Grade::Unknown);
}

fn attention(report: &Report) -> Vec<&str> {
    let notes = |finding: &&Finding| format!("{:?}", finding.level) != "Note";
    report
        .findings
        .iter()
        .filter(notes)
        .map(|finding| finding.name.as_str())
        .collect()
}

/// Plays a provider against a product of its own, and reports on what that recorded.
async fn play(client: Speaker, quirks: &[Quirk]) -> (Played, Report) {
    let fresh = Fresh::sqlite().await;
    let store: Arc<dyn Store> = fresh.store.clone();
    let limits = Limits {
        rate: 0,
        ..Limits::default()
    };
    let server = Server::builder(store)
        .limits(limits)
        .serve(visitor_hosts::served().unwrap())
        .hooks(visitor_hosts::hooks().unwrap())
        .build();
    let tenant = "main".parse().unwrap();
    let tokens = server.tokens();
    let made = tokens.create(
        &tenant,
        "Directory",
        TokenKind::Idp,
        PolicyName::default(),
        None,
    );
    let (token, secret) = made.await.unwrap();

    let listener = edge::bind(&["127.0.0.1:0".parse().unwrap()]).unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = watch::channel(false);
    let serving = tokio::spawn(edge::serve(
        listener,
        server.service(),
        Edge::default(),
        stopped,
    ));
    let credentials = Credentials {
        idp: secret.to_string(),
        ..Credentials::default()
    };
    let base = format!("http://{address}/t/main/scim/v2");
    let http = Client::new(&base, credentials).unwrap();
    let simulation = Simulation {
        client,
        users: 40,
        groups: 4,
        cycles: 6,
        seed: 7,
        tag: "sim7".to_owned(),
        rate: 0,
        faults: None,
        quirks: quirks.iter().copied().collect(),
        afterwards: Afterwards::Keep,
    };
    let played = run(&simulation, &http, &ProgressBar::hidden())
        .await
        .unwrap();
    stop.send_replace(true);
    serving.await.unwrap();

    let events = events(&fresh, token.id);
    let there = Users(
        events
            .iter()
            .filter(|event| event.kind == "User")
            .filter_map(|event| event.resource)
            .collect(),
    );
    let report = Report::of(
        over_a_month(events),
        &there,
        &Setting::until(NOW.parse().unwrap()),
    );
    (played, report)
}

/// Whoever was ever created counts as somebody.
struct Users(BTreeSet<ResourceId>);

impl People for Users {
    fn knows(&self, id: &str) -> bool {
        id.parse().is_ok_and(|id| self.0.contains(&id))
    }
}

/// What a connection asked for, in order.
#[expect(
    clippy::disallowed_types,
    reason = "this reads the file of a server, as nobody but a test does"
)]
fn events(fresh: &Fresh, connection: ConnectionId) -> Vec<Event> {
    let file = fresh.url.strip_prefix("sqlite://").unwrap();
    let database = rusqlite::Connection::open(file).unwrap();
    let text = "SELECT c.id, c.kind, c.resource, c.version, c.what, c.request \
                FROM change c \
                WHERE c.tenant_id = 'main' AND c.actor = ?1 AND c.kind IN ('User', 'Group') ORDER BY c.id";
    let mut statement = database.prepare(text).unwrap();
    let uuid = |bytes: Vec<u8>| Uuid::from_slice(&bytes).unwrap();
    let rows = statement.query_map([connection.0.as_bytes().as_slice()], |row| {
        let resource: Option<Vec<u8>> = row.get(2)?;
        let what: String = row.get(4)?;
        let change = Change {
            id: uuid(row.get(0)?),
            at: Timestamp::UNIX_EPOCH,
            actor: Some(connection),
            owner: Some(connection),
            kind: row.get(1)?,
            resource: resource.map(|id| ResourceId::new(uuid(id))),
            version: Version(row.get(3)?),
            what: [
                What::Created,
                What::Updated,
                What::Deleted,
                What::Refused,
                What::Unchanged,
            ]
            .into_iter()
            .find(|known| known.as_str() == what)
            .expect("a word of the feed"),
            cause: None,
        };
        let body = ChangeBody {
            request: row.get(5)?,
            ..ChangeBody::default()
        };
        Ok(Event::recorded(&change, &body))
    });
    rows.unwrap().filter_map(Result::unwrap).collect()
}

/// A minute of requests as a month of them: the first 29 days before the end, the last at the end.
fn over_a_month(events: Vec<Event>) -> impl Iterator<Item = Event> {
    let end: Timestamp = NOW.parse().unwrap();
    let count = i64::try_from(events.len()).unwrap();
    let step = SignedDuration::from_hours(29 * 24) / i32::try_from(count.max(1)).unwrap();
    events
        .into_iter()
        .enumerate()
        .map(move |(place, mut event)| {
            let after = i32::try_from(count).unwrap() - 1 - i32::try_from(place).unwrap();
            event.at = end - step * after;
            event
        })
}
