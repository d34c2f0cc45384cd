//! How good it is altogether.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::{Serialize, Serializer};

use super::client::Client;
use super::event::Event;
use super::finding::{self, Finding, Level};
use super::needed::{NEEDED, Need};
use super::quirk::Quirk;
use super::tally::{People, Tally};

/// What a report is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setting {
    /// The end of the time that is looked at.
    pub now: Timestamp,
    /// How many days it is long.
    pub days: i64,
    /// After so many days an attribute that was sent before is out of date.
    pub stale_days: i64,
    /// Whether the last connection test failed.
    pub test_failed: bool,
}

impl Setting {
    /// The last 30 days; attributes are out of date after 14; no test has failed.
    ///
    /// ```
    /// use visitor_hosts::compatibility::Setting;
    ///
    /// let setting = Setting::until("2026-11-26T08:00:00Z".parse()?);
    /// assert_eq!((setting.days, setting.stale_days), (30, 14));
    /// # Ok::<(), jiff::Error>(())
    /// ```
    pub fn until(now: Timestamp) -> Setting {
        Setting {
            now,
            days: 30,
            stale_days: 14,
            test_failed: false,
        }
    }
}

/// How well a connection works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Grade {
    /// Nothing is missing.
    Good,
    /// Something is, or will be.
    Attention,
    /// The test failed, or 5 of 100 requests or more are refused.
    Broken,
    /// Nothing was sent.
    Unknown,
}

/// Requests of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Operation {
    /// The HTTP method; `refused` where the feed does not tell it.
    pub method: &'static str,
    /// The resource type.
    pub kind: &'static str,
    /// All of them.
    pub count: u64,
    /// Those that were refused.
    pub refused: u64,
}

/// A departure from the usual, and how often it was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct QuirkSeen {
    /// Which.
    pub quirk: Quirk,
    /// Requests that show it.
    pub count: u64,
    /// Requests in which it was put right.
    pub repaired: u64,
    /// When it was first seen.
    #[serde(serialize_with = "as_text")]
    pub first: Timestamp,
    /// When it was last seen.
    #[serde(serialize_with = "as_text")]
    pub last: Timestamp,
}

/// What is known of an attribute that hosts need.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AttributeSeen {
    /// The SCIM attribute.
    pub target: &'static str,
    /// How much it is needed.
    pub need: Need,
    /// Requests that held it.
    pub count: u64,
    /// When it was last sent; never, if there is no such time.
    #[serde(serialize_with = "as_text_if_any")]
    pub last: Option<Timestamp>,
}

fn as_text<S: Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(at)
}

fn as_text_if_any<S: Serializer>(at: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
    match at {
        Some(at) => serializer.collect_str(at),
        None => serializer.serialize_none(),
    }
}

/// How an identity provider gets on with us.
///
/// ```
/// use serde_json::json;
/// use visitor_hosts::compatibility::{Client, Event, Grade, Outcome, People, Report, Setting};
///
/// struct Nobody;
/// impl People for Nobody {
///     fn knows(&self, _id: &str) -> bool {
///         false
///     }
/// }
///
/// let now = "2026-11-26T08:00:00Z".parse()?;
/// let event = Event::new(now, "POST", "User", Outcome::Created).with_body(json!({
///     "userName": "ann@contoso.example",
///     "roles": [],
///     "meta": {"resourceType": "User"},
/// }));
/// let report = Report::of([event], &Nobody, &Setting::until(now));
/// assert_eq!((report.client, report.grade), (Client::Entra, Grade::Attention));
/// let missing = report.findings.iter().find(|finding| finding.text.starts_with("emails")).unwrap();
/// assert_eq!(missing.row.as_deref(), Some("mail -> emails[type eq \"work\"].value"));
/// # Ok::<(), jiff::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Who sends.
    pub client: Client,
    /// How well it works.
    pub grade: Grade,
    /// Days that are looked at.
    pub days: i64,
    /// All requests on record.
    pub requests: u64,
    /// Those that were refused.
    pub refused: u64,
    /// Their share, from 0 to 1.
    pub error_share: f64,
    /// What 95 of 100 answers took no longer than.
    pub p95_ms: Option<f64>,
    /// By method and resource type.
    pub operations: Vec<Operation>,
    /// Departures from the usual.
    pub quirks: Vec<QuirkSeen>,
    /// What hosts need.
    pub attributes: Vec<AttributeSeen>,
    /// People whose manager was never provisioned.
    pub managers_unresolved: u64,
    /// Groups with members who were never provisioned.
    pub groups_with_strangers: u64,
    /// The attributes by which people are looked for, the most frequent first.
    pub matching: Vec<String>,
    /// What is worth telling, the worst first.
    pub findings: Vec<Finding>,
}

impl Report {
    /// The report on the events of one connection, from the oldest to the newest.
    pub fn of(
        events: impl IntoIterator<Item = Event>,
        people: &dyn People,
        setting: &Setting,
    ) -> Report {
        let mut tally = Tally::new(people);
        let oldest = SignedDuration::from_hours(24 * setting.days);
        for event in events {
            if setting.now.duration_since(event.at) <= oldest && event.at <= setting.now {
                tally.count(&event);
            }
        }
        let client = tally.votes.winner();
        let findings = match tally.requests {
            0 if !setting.test_failed => Vec::new(),
            _ => finding::all(&tally, client, setting),
        };
        let share = |part: u64| part as f64 / tally.requests.max(1) as f64;
        Report {
            client,
            grade: grade(&tally, &findings),
            days: setting.days,
            requests: tally.requests,
            refused: tally.refused,
            error_share: share(tally.refused),
            p95_ms: tally.times.p95_ms(),
            operations: operations(&tally),
            quirks: quirks(&tally),
            attributes: attributes(&tally),
            managers_unresolved: tally.managers().1,
            groups_with_strangers: tally.groups_with_strangers.len() as u64,
            matching: matching(&tally),
            findings,
        }
    }
}

/// Notes do not count: Entra as it comes would never be good.
fn grade(tally: &Tally<'_>, findings: &[Finding]) -> Grade {
    match findings.iter().map(|finding| finding.level).max() {
        Some(Level::Broken) => Grade::Broken,
        _ if tally.requests == 0 => Grade::Unknown,
        Some(Level::Attention) => Grade::Attention,
        Some(Level::Note) | None => Grade::Good,
    }
}

fn operations(tally: &Tally<'_>) -> Vec<Operation> {
    let all = tally.operations.iter();
    all.map(|((method, kind), (count, refused))| Operation {
        method,
        kind,
        count: *count,
        refused: *refused,
    })
    .collect()
}

fn quirks(tally: &Tally<'_>) -> Vec<QuirkSeen> {
    let all = tally.quirks.iter();
    all.filter_map(|(quirk, (seen, repaired))| {
        let seen = seen.as_ref()?;
        Some(QuirkSeen {
            quirk: *quirk,
            count: seen.count,
            repaired: *repaired,
            first: seen.first,
            last: seen.last,
        })
    })
    .collect()
}

fn attributes(tally: &Tally<'_>) -> Vec<AttributeSeen> {
    let all = NEEDED.iter().zip(&tally.attributes);
    all.map(|(needed, sent)| AttributeSeen {
        target: needed.target,
        need: needed.need,
        count: sent.seen.map_or(0, |seen| seen.count),
        last: sent.seen.map(|seen| seen.last),
    })
    .collect()
}

fn matching(tally: &Tally<'_>) -> Vec<String> {
    let mut all: Vec<(&String, &u64)> = tally.matching.iter().collect();
    all.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    all.into_iter()
        .map(|(attribute, _)| attribute.clone())
        .collect()
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let grade = match self.grade {
            Grade::Good => "good",
            Grade::Attention => "attention",
            Grade::Broken => "broken",
            Grade::Unknown => "unknown",
        };
        let Report {
            days,
            requests,
            refused,
            ..
        } = self;
        writeln!(f, "{grade}: {} in the last {days} days", self.client.name())?;
        write!(f, "{requests} requests, {refused} refused")?;
        match self.p95_ms {
            Some(p95) => writeln!(f, ", 95 of 100 answered within {p95} ms")?,
            None => writeln!(f)?,
        }
        for operation in &self.operations {
            let Operation {
                method,
                kind,
                count,
                refused,
            } = operation;
            writeln!(f, "  {method:<8}{kind:<7}{count:>7}, {refused} refused")?;
        }
        if !self.matching.is_empty() {
            writeln!(f, "people are looked for by {}", self.matching.join(", "))?;
        }
        for quirk in &self.quirks {
            let (first, last) = (finding::day(quirk.first), finding::day(quirk.last));
            let (name, count, repaired) = (quirk.quirk.name(), quirk.count, quirk.repaired);
            writeln!(
                f,
                "  {name:<24}{count:>7}, {repaired} put right, {first} to {last}"
            )?;
        }
        for attribute in &self.attributes {
            let (target, count) = (attribute.target, attribute.count);
            match attribute.last {
                Some(last) => writeln!(
                    f,
                    "  {count:>7} times {target}, last {}",
                    finding::day(last)
                )?,
                None => writeln!(f, "    never      {target}")?,
            }
        }
        for finding in &self.findings {
            write!(f, "{finding}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
