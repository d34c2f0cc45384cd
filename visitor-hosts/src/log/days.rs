//! How much happened on each day: `ProvisioningDays`, counted from the sealed change feed as it grows, so that nobody
//! has to read a year of it to draw a month.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use scim_core::{Document, Filter, ResourceId, ResourceType, SchemaError};
use scim_server::store::{
    Change, ErasedUnit, ListPart, ListQuery, Lock, Start, Stored, Transaction, What, unit,
};
use scim_server::{Error, Taken, Work};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::schemas::{self, PROVISIONING_DAY_URN};

/// Where the job that counts waits.
const QUEUE: &str = "days";
/// How often it is counted.
const EVERY: SignedDuration = SignedDuration::from_mins(5);
/// Changes that are counted at once.
const PIECE: usize = 2_000;

/// Counts.
pub(super) struct Counting {
    days: Arc<ResourceType>,
    hosts: Arc<ResourceType>,
}

/// Up to where it was counted. It goes from one job to the next.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Counted {
    sequence: i64,
}

/// Requests of one day.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
struct Requests(BTreeMap<&'static str, u64>);

impl Counting {
    pub(super) fn new() -> Result<Counting, SchemaError> {
        Ok(Counting {
            days: Arc::new(schemas::provisioning_day_type()?),
            hosts: Arc::new(schemas::host_type()?),
        })
    }
}

#[async_trait]
impl Work for Counting {
    fn queue(&self) -> &'static str {
        QUEUE
    }

    fn regular(&self) -> Option<String> {
        Some(json!(Counted::default()).to_string())
    }

    async fn unit(&self, taken: &Taken) -> Result<Arc<dyn ErasedUnit>, Error> {
        let counted: Counted = serde_json::from_str(&taken.job.payload).unwrap_or_default();
        let (days, hosts) = (Arc::clone(&self.days), Arc::clone(&self.hosts));
        Ok(Arc::new(unit(move |tx| {
            let (days, hosts) = (Arc::clone(&days), Arc::clone(&hosts));
            let counted = counted.clone();
            Box::pin(async move { count(tx, (&days, &hosts), counted.sequence).await })
        })))
    }

    /// A count that fails is no reason to count no more.
    fn given_up(&self, taken: &Taken, _: &str) -> Option<Arc<dyn ErasedUnit>> {
        let payload = taken.job.payload.clone();
        Some(Arc::new(unit(move |tx| {
            let payload = payload.clone();
            Box::pin(async move {
                again(tx, EVERY, payload);
                Ok(())
            })
        })))
    }
}

fn again(tx: &mut Transaction<'_>, after: SignedDuration, payload: String) {
    let due = tx.now().checked_add(after).unwrap_or(Timestamp::MAX);
    tx.enqueue_once(QUEUE, QUEUE, due, payload);
}

/// Counts the next piece, and leaves the rest for later.
async fn count(
    tx: &mut Transaction<'_>,
    (days, hosts): (&ResourceType, &ResourceType),
    sequence: i64,
) -> Result<(), Error> {
    let piece = tx.sealed_after(sequence, PIECE).await?;
    let last = piece.last().map_or(sequence, |(sealed, _)| sealed.sequence);
    let mut counted = tally(piece.iter().map(|(_, change)| change));
    let rest = piece.len() == PIECE;
    if !rest {
        // What is so now belongs to today, also when nobody asked for anything.
        counted.entry(day(tx.now())).or_default();
    }
    let today = day(tx.now());
    for (day, requests) in counted {
        let states = match day == today && !rest {
            true => states(tx, hosts).await?,
            false => Vec::new(),
        };
        write(tx, days, day, (&requests, &states)).await?;
    }
    let after = match rest {
        true => SignedDuration::ZERO,
        false => EVERY,
    };
    again(tx, after, json!(Counted { sequence: last }).to_string());
    Ok(())
}

/// The requests of each day.
fn tally<'c>(changes: impl Iterator<Item = &'c Change>) -> BTreeMap<Date, Requests> {
    let mut counted: BTreeMap<Date, Requests> = BTreeMap::new();
    for change in changes {
        let is_request = change.cause.is_none()
            && change.actor.is_some()
            && ["User", "Group"].contains(&change.kind.as_str());
        let name = match change.what {
            What::Created => "created",
            What::Updated => "updated",
            What::Deleted => "deleted",
            What::Unchanged => "unchanged",
            What::Refused => "refused",
            What::Erased => continue,
        };
        if is_request {
            let requests = counted.entry(day(change.at)).or_default();
            *requests.0.entry(name).or_default() += 1;
        }
    }
    counted
}

fn day(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::UTC).date()
}

/// How many hosts are in which state.
async fn states(
    tx: &mut Transaction<'_>,
    hosts: &ResourceType,
) -> Result<Vec<(&'static str, u64)>, Error> {
    let mut states = Vec::new();
    for status in ["visible", "heldVisible", "hidden", "suspended"] {
        let filter = format!("effectiveStatus eq {}", json!(status));
        let filter = Filter::parse(&filter).map_err(scim_core::Error::from)?;
        let filter = filter.resolve(hosts)?;
        let part = ListPart {
            resource_type: hosts,
            filter: Some(&filter),
            sort: None,
        };
        let query = ListQuery {
            parts: &[part],
            owner: None,
            start: Start::Offset(0),
            count: 0,
        };
        states.push((status, tx.list(&query).await?.total as u64));
    }
    Ok(states)
}

/// Adds the requests to a day and sets its states; a day that stays as it is is not written.
async fn write(
    tx: &mut Transaction<'_>,
    days: &ResourceType,
    day: Date,
    (requests, states): (&Requests, &[(&'static str, u64)]),
) -> Result<(), Error> {
    let key = ("day".to_owned(), day.to_string());
    let found = tx.find("ProvisioningDay", &[key], Lock::ForUpdate).await?;
    let found: Option<Stored> = found.into_iter().next();
    let was = match &found {
        Some(stored) => stored.parse()?.into_map(),
        None => Map::new(),
    };
    let is = added(&was, day, requests, states);
    let has_something = is
        .iter()
        .any(|(_, value)| value.as_u64().is_some_and(|count| count > 0));
    match found {
        Some(_) if was == is => Ok(()),
        Some(stored) => tx
            .update(days, &stored, &Document::from_stored(is))
            .map(drop),
        // A tenant that nothing was sent to needs no day.
        None if !has_something => Ok(()),
        None => {
            let id = ResourceId::new(tx.new_id());
            tx.insert(days, None, id, &Document::from_stored(is))
                .map(drop)
        }
    }
}

fn added(
    was: &Map<String, Value>,
    day: Date,
    requests: &Requests,
    states: &[(&'static str, u64)],
) -> Map<String, Value> {
    let mut is = was.clone();
    is.insert("schemas".to_owned(), json!([PROVISIONING_DAY_URN]));
    is.insert("day".to_owned(), json!(day.to_string()));
    for (name, count) in &requests.0 {
        let before = was.get(*name).and_then(Value::as_u64).unwrap_or_default();
        is.insert((*name).to_owned(), json!(before + count));
    }
    for (name, count) in states {
        is.insert((*name).to_owned(), json!(count));
    }
    is
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_grows_and_its_states_are_the_last_ones() {
        let day: Date = "2026-11-26".parse().unwrap();
        let first = Requests([("created", 2), ("refused", 1)].into());
        let second = Requests([("created", 3)].into());
        let is = added(&Map::new(), day, &first, &[("visible", 2), ("hidden", 0)]);
        let is = added(&is, day, &second, &[("visible", 4), ("hidden", 1)]);
        insta::assert_snapshot!(Value::Object(is), @r#"{"schemas":["urn:visitor-hosts:scim:schemas:1.0:ProvisioningDay"],"day":"2026-11-26","created":5,"refused":1,"visible":4,"hidden":1}"#);
    }
}
