//! What a client does until the server is gone, or while its database is: mixed writes, one at a
//! time.

use std::sync::Arc;
use std::time::{Duration, Instant};

use conformance_tests::client::{Answer, Call, Client};
use fastrand::Rng;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::time::sleep;

use crate::journal::{Facts, Journal, State};

/// Writes until no answer comes any more; the journal then ends with an unanswered request.
pub(crate) async fn write(
    client: Client,
    mut journal: Journal,
    groups: Arc<[String]>,
    mut dice: Rng,
) -> Journal {
    loop {
        let write = next(&mut journal, &groups, &mut dice);
        journal.begin(write.changes);
        let Ok(answer) = client.send(&write.call).await else {
            return journal;
        };
        match answer.status {
            200..=299 => {
                journal.acknowledge();
                if let Some(number) = write.versioned {
                    learn(&mut journal, number, &answer);
                }
            }
            429 => {
                // The limit belongs to the tenant; asking again at once would only be refused.
                journal.refuse();
                sleep(Duration::from_millis(100)).await;
            }
            // Whether it happened is unknown, as without an answer.
            503 => return journal,
            _ => {
                journal.problems.push(format!("{}{answer}", write.call));
                return journal;
            }
        }
    }
}

/// When a client was told what.
#[derive(Default)]
pub(crate) struct Heard {
    /// It was done.
    pub(crate) done: Vec<Instant>,
    /// It cannot be done now.
    pub(crate) unavailable: Vec<Instant>,
}

/// Writes until told to stop. What the server cannot do now is asked for again until it is done.
pub(crate) async fn write_on(
    client: Client,
    mut journal: Journal,
    groups: Arc<[String]>,
    mut dice: Rng,
    stop: watch::Receiver<bool>,
) -> (Journal, Heard) {
    let mut heard = Heard::default();
    while !*stop.borrow() {
        let write = next(&mut journal, &groups, &mut dice);
        journal.begin(write.changes);
        let mut asked = 0;
        let answer = loop {
            asked += 1;
            match client.send(&write.call).await {
                Ok(answer) if answer.status == 503 && retry_after(&answer) => {
                    heard.unavailable.push(Instant::now());
                    sleep(Duration::from_millis(50)).await;
                }
                Ok(answer) => break answer,
                Err(error) => {
                    journal.problems.push(format!("{}{error:#}", write.call));
                    return (journal, heard);
                }
            }
        };
        // It was done at a time when nobody could say so.
        let done_before = match write.call.method.as_str() {
            "POST" => answer.status == 409,
            "DELETE" => answer.status == 404,
            _ => false,
        };
        match (answer.status, write.versioned) {
            (200..=299, versioned) => {
                journal.acknowledge();
                if let Some(number) = versioned {
                    learn(&mut journal, number, &answer);
                }
                heard.done.push(Instant::now());
            }
            _ if done_before && asked > 1 => journal.acknowledge(),
            _ => {
                journal.problems.push(format!("{}{answer}", write.call));
                return (journal, heard);
            }
        }
    }
    (journal, heard)
}

fn retry_after(answer: &Answer) -> bool {
    answer.header("retry-after").is_some()
}

/// How many one client keeps, so that the last round takes no longer than the first: from then on
/// somebody is deleted where somebody would be created.
const PEOPLE: usize = 60;

struct Write {
    call: Call,
    changes: Vec<(usize, State)>,
    /// Whose id and version the answer tells.
    versioned: Option<usize>,
}

fn next(journal: &mut Journal, groups: &[String], dice: &mut Rng) -> Write {
    let number_of = |(number, ..): (usize, &str, &Facts)| number;
    let present: Vec<_> = journal.present().map(number_of).collect();
    let Some(number) = dice.choice(&present).copied() else {
        return create(journal, dice);
    };
    match dice.u32(0..100) {
        0..35 if present.len() < PEOPLE => create(journal, dice),
        35..55 => patch(journal, number, |facts| {
            facts.display_name = format!("Person {}", dice.u32(0..1_000_000));
            json!({"op": "Replace", "path": "displayName", "value": facts.display_name})
        }),
        55..65 => patch(journal, number, |facts| {
            facts.active = !facts.active;
            let text = if facts.active { "True" } else { "False" };
            json!({"op": "Replace", "path": "active", "value": text})
        }),
        65..80 => change_members(journal, groups, &present, dice, Membership::Add),
        80..90 => change_members(journal, groups, &present, dice, Membership::Remove),
        _ => delete(journal, number),
    }
}

fn create(journal: &mut Journal, dice: &mut Rng) -> Write {
    let number = journal.add_absent();
    let display_name = format!("Person {}", dice.u32(0..1_000_000));
    let user_name = &journal.people[number].user_name;
    let call = Call::new("POST", "/Users").with_body(json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": user_name,
        "externalId": user_name,
        "displayName": display_name,
        "active": true,
        "emails": [{"type": "work", "value": user_name, "primary": true}],
    }));
    let state = State::Present(Facts {
        display_name,
        active: true,
        groups: [].into(),
    });
    Write {
        call,
        changes: vec![(number, state)],
        versioned: Some(number),
    }
}

fn patch(journal: &Journal, number: usize, change: impl FnOnce(&mut Facts) -> Value) -> Write {
    let (id, mut facts) = present(journal, number);
    let operation = change(&mut facts);
    let call = Call::new("PATCH", format!("/Users/{id}")).with_body(operations(&operation));
    Write {
        call,
        changes: vec![(number, State::Present(facts))],
        versioned: Some(number),
    }
}

fn delete(journal: &Journal, number: usize) -> Write {
    let (id, _) = present(journal, number);
    let call = Call::new("DELETE", format!("/Users/{id}"));
    Write {
        call,
        changes: vec![(number, State::Absent)],
        versioned: None,
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Membership {
    Add,
    Remove,
}

/// One to three members in one operation: all of them change or none.
fn change_members(
    journal: &Journal,
    groups: &[String],
    people: &[usize],
    dice: &mut Rng,
    membership: Membership,
) -> Write {
    let group = dice.choice(groups).expect("there are groups");
    let mut numbers: Vec<_> = (0..3)
        .filter_map(|_| dice.choice(people).copied())
        .collect();
    numbers.sort_unstable();
    numbers.dedup();
    let (mut members, mut changes) = (Vec::new(), Vec::new());
    for number in numbers {
        let (id, mut facts) = present(journal, number);
        members.push(json!({"$ref": null, "value": id}));
        if membership == Membership::Add {
            facts.groups.insert(group.to_owned());
        } else {
            facts.groups.remove(group);
        }
        changes.push((number, State::Present(facts)));
    }
    let op = if membership == Membership::Add {
        "Add"
    } else {
        "Remove"
    };
    let operation = json!({"op": op, "path": "members", "value": members});
    let call = Call::new("PATCH", format!("/Groups/{group}")).with_body(operations(&operation));
    Write {
        call,
        changes,
        versioned: None,
    }
}

fn present(journal: &Journal, number: usize) -> (String, Facts) {
    let found = journal
        .present()
        .find(|(candidate, ..)| *candidate == number);
    let (_, id, facts) = found.expect("only those who exist are chosen");
    (id.to_owned(), facts.clone())
}

fn operations(operation: &Value) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [operation],
    })
}

/// Takes over the id and the version that an answer acknowledged.
fn learn(journal: &mut Journal, number: usize, answer: &Answer) {
    let body = answer.json().unwrap_or_default();
    let id = body["id"].as_str();
    let version = body["meta"]["version"].as_str();
    match (id, version.and_then(crate::picture::version)) {
        (Some(id), Some(version)) => {
            let person = &mut journal.people[number];
            person.id = Some(id.to_owned());
            person.version = version;
        }
        _ => journal
            .problems
            .push(format!("an answer without id or version: {answer}")),
    }
}
