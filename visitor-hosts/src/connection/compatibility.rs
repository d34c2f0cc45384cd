//! How well the identity provider behind a connection gets on with us, from what it sent in the last 30 days.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use scim_core::ResourceId;
use scim_server::Error;
use scim_server::store::{Lock, Span, Token, Transaction, id_at};
use serde_json::{Value, json};

use super::Settings;
use crate::compatibility::{Event, People, Report, Setting};

/// URN of the answer to `compatibility`.
const COMPATIBILITY_URN: &str = "urn:visitor-hosts:scim:api:messages:1.0:Compatibility";
/// Changes that are read at once.
const PIECE: usize = 500;
/// The newest requests that a report looks at; they are in memory at once.
const EVENTS_MAX: usize = 5_000;
/// The newest changes of the tenant among which they are looked for.
const EXAMINED_MAX: usize = 50_000;
/// References that are looked up.
const REFERENCES_MAX: usize = 10_000;

/// The Users that requests refer to and that there are.
struct Known(BTreeSet<ResourceId>);

impl People for Known {
    fn knows(&self, id: &str) -> bool {
        id.parse().is_ok_and(|id| self.0.contains(&id))
    }
}

/// The report on a connection.
pub(super) async fn of(tx: &mut Transaction<'_>, token: &Token) -> Result<Value, Error> {
    let now = tx.now();
    let mut setting = Setting::until(now);
    let test = Settings::of(token.settings.as_deref()).last_test;
    setting.test_failed = test.is_some_and(|test| test.get("result") == Some(&json!("failed")));
    let since = now.checked_sub(SignedDuration::from_hours(24 * setting.days));
    let since = since.ok().map(id_at);
    let mut events = Vec::new();
    let (mut before, mut examined, mut is_whole) = (None, 0, false);
    while events.len() < EVENTS_MAX && examined < EXAMINED_MAX {
        let span = Span {
            after: since,
            before,
            newest_first: true,
            limit: PIECE,
        };
        let piece = tx.changes(&span).await?;
        examined += piece.len();
        before = piece.last().map(|recorded| recorded.change.id);
        let own = piece.iter().filter(|it| it.change.actor == Some(token.id));
        let own = own.filter(|it| ["User", "Group"].contains(&it.change.kind.as_str()));
        events.extend(own.filter_map(|it| Event::recorded(&it.change, &it.body)));
        if piece.len() < PIECE {
            is_whole = true;
            break;
        }
    }
    let known = known(tx, &events).await?;
    let requests = events.len();
    // They were read from the newest on.
    let report = Report::of(events.into_iter().rev(), &known, &setting);
    let mut told = serde_json::to_value(&report).unwrap_or_default();
    if let Some(told) = told.as_object_mut() {
        told.insert("schemas".to_owned(), json!([COMPATIBILITY_URN]));
        told.insert(
            "looked".to_owned(),
            json!({ "requests": requests, "isWhole": is_whole }),
        );
    }
    Ok(told)
}

/// Of the ids in the bodies, those that are Users or Groups.
async fn known(tx: &mut Transaction<'_>, events: &[Event]) -> Result<Known, Error> {
    let mut named = BTreeSet::new();
    for event in events {
        collect(event.body.as_ref().unwrap_or(&Value::Null), &mut named);
        if named.len() >= REFERENCES_MAX {
            break;
        }
    }
    let named: Vec<ResourceId> = named.into_iter().collect();
    let mut known = BTreeSet::new();
    for piece in named.chunks(PIECE) {
        let found = tx.get_many(piece, Lock::None).await?;
        known.extend(found.iter().map(|stored| stored.id));
    }
    Ok(Known(known))
}

fn collect(value: &Value, named: &mut BTreeSet<ResourceId>) {
    match value {
        Value::String(text) => named.extend(text.parse::<ResourceId>().ok()),
        Value::Array(values) => values.iter().for_each(|value| collect(value, named)),
        Value::Object(map) => map.values().for_each(|value| collect(value, named)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
