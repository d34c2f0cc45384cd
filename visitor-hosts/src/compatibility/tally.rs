//! What is counted while the events go by. Nothing grows with their number.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use scim_core::ResourceId;
use serde_json::Value;

use super::client::Votes;
use super::event::{Event, Outcome};
use super::needed::{self, NEEDED};
use super::quirk::{self, Quirk};
use super::said;
use super::times::Times;

/// People and groups that are kept by name; more are not told apart.
const KEPT_MAX: usize = 10_000;
/// Statuses, matching attributes and reasons that are kept.
const FEW: usize = 16;
const REASON_CHARS_MAX: usize = 120;

/// Who is there now.
///
/// ```
/// use visitor_hosts::compatibility::People;
///
/// struct Nobody;
///
/// impl People for Nobody {
///     fn knows(&self, _id: &str) -> bool {
///         false
///     }
/// }
/// assert!(!Nobody.knows("7"));
/// ```
pub trait People {
    /// Whether a User of the connection has this id.
    fn knows(&self, id: &str) -> bool;
}

/// How often something was seen, and when.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen {
    pub(super) count: u64,
    pub(super) first: Timestamp,
    pub(super) last: Timestamp,
}

impl Seen {
    fn again(seen: &mut Option<Seen>, at: Timestamp) {
        let seen = seen.get_or_insert(Seen {
            count: 0,
            first: at,
            last: at,
        });
        seen.count += 1;
        seen.first = seen.first.min(at);
        seen.last = seen.last.max(at);
    }
}

/// What is known of an attribute.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sent {
    pub(super) seen: Option<Seen>,
    /// Whole Users that came with it.
    pub(super) whole: u64,
    /// Whole Users that came without it since.
    pub(super) without_since: u64,
}

/// Counts.
pub(super) struct Tally<'p> {
    people: &'p dyn People,
    pub(super) votes: Votes,
    pub(super) times: Times,
    /// By method and resource type: all, and refused.
    pub(super) operations: BTreeMap<(&'static str, &'static str), (u64, u64)>,
    pub(super) requests: u64,
    pub(super) refused: u64,
    /// Refusals by status and the beginning of what was said.
    pub(super) reasons: BTreeMap<(u16, String), u64>,
    pub(super) quirks: BTreeMap<Quirk, (Option<Seen>, u64)>,
    pub(super) attributes: [Sent; NEEDED.len()],
    /// Users that came as a whole.
    pub(super) whole_users: u64,
    /// Whether the manager that a User named last is somebody.
    managers: BTreeMap<ResourceId, bool>,
    /// Groups that were refused for a member who is nobody.
    pub(super) groups_with_strangers: BTreeSet<Option<ResourceId>>,
    pub(super) strangers_refused: u64,
    pub(super) matching: BTreeMap<String, u64>,
    /// The slowest request that the client has a name for.
    pub(super) slowest: Option<(f64, String)>,
}

impl<'p> Tally<'p> {
    pub(super) fn new(people: &'p dyn People) -> Tally<'p> {
        Tally {
            people,
            votes: Votes::default(),
            times: Times::default(),
            operations: BTreeMap::new(),
            requests: 0,
            refused: 0,
            reasons: BTreeMap::new(),
            quirks: BTreeMap::new(),
            attributes: [Sent::default(); NEEDED.len()],
            whole_users: 0,
            managers: BTreeMap::new(),
            groups_with_strangers: BTreeSet::new(),
            strangers_refused: 0,
            matching: BTreeMap::new(),
            slowest: None,
        }
    }

    pub(super) fn count(&mut self, event: &Event) {
        self.requests += 1;
        let key = (method(&event.method), kind(&event.kind));
        let (all, refused) = self.operations.entry(key).or_default();
        *all += 1;
        *refused += u64::from(event.is_refused());
        self.votes.count(event);
        if let Some(ms) = event.duration_ms {
            self.times.count(ms);
            let slower = self.slowest.as_ref().is_none_or(|(known, _)| ms > *known);
            if let Some(id) = event.correlation_id.as_ref().filter(|_| slower) {
                self.slowest = Some((ms, id.clone()));
            }
        }
        for quirk in Quirk::of(event) {
            let (seen, repaired) = self.quirks.entry(quirk).or_default();
            Seen::again(seen, event.at);
            *repaired += u64::from(event.repairs.iter().any(|repair| repair == quirk.name()));
        }
        if let Some(attribute) = event.path.as_deref().and_then(quirk::filter_attribute)
            && event.kind == "User"
            && (self.matching.len() < FEW || self.matching.contains_key(&attribute))
        {
            *self.matching.entry(attribute).or_default() += 1;
        }
        if let Outcome::Refused { status, detail } = &event.outcome {
            self.count_refusal(
                event,
                status.unwrap_or(0),
                detail.as_deref().unwrap_or_default(),
            );
        } else if let (Some(body), "User") = (&event.body, event.kind.as_str()) {
            self.count_attributes(event, body);
        }
    }

    fn count_refusal(&mut self, event: &Event, status: u16, detail: &str) {
        self.refused += 1;
        let reason = (status, reason(detail));
        if self.reasons.len() < FEW || self.reasons.contains_key(&reason) {
            *self.reasons.entry(reason).or_default() += 1;
        }
        if event.kind == "Group" && self.names_a_stranger(event, detail) {
            self.strangers_refused += 1;
            if self.groups_with_strangers.len() < KEPT_MAX {
                self.groups_with_strangers.insert(event.resource);
            }
        }
    }

    fn names_a_stranger(&self, event: &Event, detail: &str) -> bool {
        if detail.starts_with("members: no ") {
            return true;
        }
        let mut stranger = false;
        if let Some(body) = &event.body {
            said::each(body, &mut |path, value| {
                let member = path.starts_with("members") && path.ends_with("value");
                stranger |= member && value.as_str().is_some_and(|id| !self.people.knows(id));
            });
        }
        stranger
    }

    fn count_attributes(&mut self, event: &Event, body: &Value) {
        let whole = body.get("Operations").is_none();
        let mut sent = [false; NEEDED.len()];
        let mut manager = None;
        said::each(body, &mut |path, value| {
            for place in needed::at(path) {
                if let Some(sent) = sent.get_mut(place) {
                    *sent = true;
                }
            }
            let names_manager =
                path.starts_with("enterprise:manager") || path.starts_with("manager");
            if names_manager && !path.ends_with("$ref") && !path.ends_with("displayName") {
                manager = value.as_str().map(|id| self.people.knows(id));
            }
        });
        self.whole_users += u64::from(whole);
        for (attribute, sent) in self.attributes.iter_mut().zip(sent) {
            if sent {
                Seen::again(&mut attribute.seen, event.at);
                attribute.whole += u64::from(whole);
                attribute.without_since = 0;
            } else {
                attribute.without_since += u64::from(whole);
            }
        }
        if let (Some(known), Some(user)) = (manager, event.resource)
            && (self.managers.len() < KEPT_MAX || self.managers.contains_key(&user))
        {
            self.managers.insert(user, known);
        }
    }

    /// People whose manager is somebody, and people whose manager is nobody.
    pub(super) fn managers(&self) -> (u64, u64) {
        let count = |wanted: bool| {
            self.managers
                .values()
                .filter(|known| **known == wanted)
                .count()
        };
        (count(true) as u64, count(false) as u64)
    }
}

/// What a client was told, without the values and ids that differ each time.
fn reason(detail: &str) -> String {
    let before_value = detail.split(['"', '\'']).next().unwrap_or_default();
    let is_id = |word: &str| word.parse::<ResourceId>().is_ok();
    let words = before_value.split_whitespace();
    let words: Vec<&str> = words
        .map(|word| if is_id(word) { "…" } else { word })
        .collect();
    words.join(" ").chars().take(REASON_CHARS_MAX).collect()
}

fn method(text: &str) -> &'static str {
    let known = ["GET", "POST", "PUT", "PATCH", "DELETE"];
    known
        .into_iter()
        .find(|known| *known == text)
        .unwrap_or("refused")
}

fn kind(text: &str) -> &'static str {
    let known = ["User", "Group"];
    known
        .into_iter()
        .find(|known| *known == text)
        .unwrap_or("other")
}
