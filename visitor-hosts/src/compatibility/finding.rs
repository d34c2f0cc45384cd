//! What is worth telling, and to whom it matters.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::client::Client;
use super::needed::{NEEDED, Need, Needed};
use super::quirk::Quirk;
use super::remedy::{self, Topic};
use super::report::Setting;
use super::tally::{Seen, Sent, Tally};

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Level {
    /// Good to know: it was understood, and nothing is lost.
    Note,
    /// Something is missing or old, or will be.
    Attention,
    /// Provisioning does not do what it should.
    Broken,
}

/// One thing that is worth telling.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// A word that stays when texts change, such as `boolString`.
    pub name: String,
    /// How much it matters.
    pub level: Level,
    /// What was seen, in a sentence.
    pub text: String,
    /// What to do, on which page, in the provider's own words.
    pub remedy: String,
    /// The row of the mapping page that it is about: source and target.
    pub row: Option<String>,
}

impl Finding {
    /// What was seen and what to do, as one text: what a token keeps of it.
    ///
    /// ```
    /// use visitor_hosts::compatibility::{Finding, Level};
    ///
    /// let finding = Finding {
    ///     name: "neverSent".to_owned(),
    ///     level: Level::Note,
    ///     text: "title is never sent.".to_owned(),
    ///     remedy: "Map jobTitle.".to_owned(),
    ///     row: None,
    /// };
    /// assert_eq!(finding.in_words(), "title is never sent. Map jobTitle.");
    /// ```
    pub fn in_words(&self) -> String {
        format!("{} {}", self.text, self.remedy)
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self.level {
            Level::Note => "note",
            Level::Attention => "attention",
            Level::Broken => "broken",
        };
        writeln!(f, "{word:<10}{}: {}", self.name, self.text)?;
        writeln!(f, "          do: {}", self.remedy)?;
        match &self.row {
            Some(row) => writeln!(f, "          row: {row}"),
            None => Ok(()),
        }
    }
}

/// Refusals that make a connection broken: so many of a hundred.
pub(super) const BROKEN_PERCENT: u64 = 5;
/// Answers that take longer make a first cycle last for hours.
const SLOW_MS: f64 = 2_000.0;
/// Whole Users in a row without an attribute that all had before, until it counts as not sent any more.
const WITHOUT_MIN: u64 = 5;

/// All findings, the worst first.
pub(super) fn all(tally: &Tally<'_>, client: Client, setting: &Setting) -> Vec<Finding> {
    let mut findings = Vec::new();
    if setting.test_failed {
        let text = "The last connection test failed.".to_owned();
        findings.push(finding(
            "testFailed",
            Level::Broken,
            text,
            Topic::TestFailed,
            client,
        ));
    }
    findings.extend(refusals(tally, client));
    findings.extend(times(tally, client));
    findings.extend(references(tally, client));
    let attributes = NEEDED.iter().zip(&tally.attributes);
    for (needed, sent) in attributes {
        findings.extend(match &sent.seen {
            None => never(tally, client, needed),
            Some(seen) if is_missed(tally, sent) => stale(client, setting, needed, seen),
            Some(_) => None,
        });
    }
    for (quirk, (seen, _)) in &tally.quirks {
        if let Some(seen) = seen {
            findings.push(shape(client, *quirk, seen));
        }
    }
    // The order within a level stays.
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.level));
    findings
}

fn finding(name: &str, level: Level, text: String, topic: Topic, client: Client) -> Finding {
    Finding {
        name: name.to_owned(),
        level,
        text,
        remedy: remedy::of(topic, client),
        row: None,
    }
}

fn refusals(tally: &Tally<'_>, client: Client) -> Option<Finding> {
    if tally.refused == 0 {
        return None;
    }
    let (refused, requests) = (tally.refused, tally.requests);
    let level = if refused * 100 >= requests * BROKEN_PERCENT {
        Level::Broken
    } else {
        Level::Attention
    };
    let most = tally.reasons.iter().max_by_key(|(_, count)| **count);
    let most = most.map_or_else(String::new, |((status, reason), count)| match *status {
        0 => format!("; most often ({count}): {reason}"),
        status => format!("; most often ({count}): status {status}, {reason}"),
    });
    let requests = counted(requests, "request");
    let text = format!("{refused} of {requests} refused{most}.");
    Some(finding("refused", level, text, Topic::Refused, client))
}

fn times(tally: &Tally<'_>, client: Client) -> Option<Finding> {
    let p95 = tally.times.p95_ms().filter(|p95| *p95 > SLOW_MS)?;
    let slowest = tally.slowest.as_ref();
    let slowest = slowest.map_or_else(String::new, |(ms, id)| {
        format!("; the slowest took {ms:.0} ms, the client calls it {id}")
    });
    let text = format!("5 of 100 answers take longer than {p95:.0} ms{slowest}.");
    Some(finding(
        "slowAnswers",
        Level::Attention,
        text,
        Topic::Slow,
        client,
    ))
}

fn references(tally: &Tally<'_>, client: Client) -> Vec<Finding> {
    let mut findings = Vec::new();
    let (resolved, unresolved) = tally.managers();
    if unresolved > 0 {
        let all = resolved + unresolved;
        let text = format!(
            "The manager of {unresolved} of {all} people who have one was never provisioned."
        );
        let mut found = finding(
            "managerUnresolved",
            Level::Attention,
            text,
            Topic::Manager,
            client,
        );
        let manager = NEEDED
            .iter()
            .find(|needed| needed.target.ends_with(":manager"));
        found.row = manager.and_then(|needed| remedy::row(needed, client));
        findings.push(found);
    }
    if tally.strangers_refused > 0 {
        let refused = counted(tally.strangers_refused, "change");
        let groups = counted(tally.groups_with_strangers.len() as u64, "group");
        let text = format!(
            "{refused} of {groups} refused, because of members who were never provisioned."
        );
        findings.push(finding(
            "memberOutOfScope",
            Level::Attention,
            text,
            Topic::Member,
            client,
        ));
    }
    findings
}

fn never(tally: &Tally<'_>, client: Client, needed: &Needed) -> Option<Finding> {
    if tally.whole_users == 0 {
        return None;
    }
    let (target, lacking) = (needed.target, needed.lacking);
    let level = match needed.need {
        Need::Optional => Level::Note,
        Need::Recommended | Need::Required => Level::Attention,
    };
    Some(Finding {
        name: "neverSent".to_owned(),
        level,
        text: format!("{target} is never sent: {lacking}."),
        remedy: remedy::of(Topic::Never(needed), client),
        row: remedy::row(needed, client),
    })
}

/// An attribute that only some people have is missed later. One that comes in changes alone, as managers
/// do, is never missed.
fn is_missed(tally: &Tally<'_>, sent: &Sent) -> bool {
    let before = tally.whole_users - sent.without_since;
    sent.whole > 0 && sent.without_since * sent.whole >= WITHOUT_MIN * before
}

fn stale(client: Client, setting: &Setting, needed: &Needed, seen: &Seen) -> Option<Finding> {
    let since = setting.now.duration_since(seen.last);
    if since < SignedDuration::from_hours(24 * setting.stale_days) {
        return None;
    }
    let (target, last) = (needed.target, day(seen.last));
    Some(Finding {
        name: "staleAttribute".to_owned(),
        level: Level::Attention,
        text: format!(
            "{target} was sent until {last} and has not been since, although whole people were: what hosts show of it may be out of date."
        ),
        remedy: remedy::of(Topic::Stale(needed), client),
        row: remedy::row(needed, client),
    })
}

fn shape(client: Client, quirk: Quirk, seen: &Seen) -> Finding {
    let (changes, requests) = (
        counted(seen.count, "change"),
        counted(seen.count, "request"),
    );
    let understood = "that was understood";
    let (level, text) = match quirk {
        Quirk::OpCase => (
            Level::Note,
            format!("{changes} with op in capitals (Add, Replace, Remove): {understood}."),
        ),
        Quirk::BoolString => (
            Level::Note,
            format!("{requests} with a boolean as text (\"True\", \"False\"): {understood}."),
        ),
        Quirk::ValuePathWithoutType => (
            Level::Attention,
            format!(
                "{changes} of a list without saying which of its values is meant (emails.value): all of \
                 them were changed, whatever their type."
            ),
        ),
        Quirk::MemberRemoveByValue => (
            Level::Note,
            format!(
                "{changes} that took members out by naming them in the value, not in the path: {understood}."
            ),
        ),
        Quirk::MemberRemoveByFilter => (
            Level::Note,
            format!(
                "{changes} that took members out by paths such as members[value eq \"…\"]: {understood}."
            ),
        ),
        Quirk::UrnFlattening => (
            Level::Note,
            format!("{requests} with an extension and its attribute as one key: {understood}."),
        ),
        Quirk::ExtensionUndeclared => (
            Level::Note,
            format!("{requests} with an extension that schemas does not name: {understood}."),
        ),
        Quirk::RolesAsJsonString => (
            Level::Note,
            format!(
                "{requests} with a role as JSON within a text: {understood}. Hosts need no roles."
            ),
        ),
        Quirk::ManagerAsText => (
            Level::Note,
            format!("{changes} with the manager as text, not as an object: {understood}."),
        ),
        Quirk::UnknownAttributeIgnored => (
            Level::Note,
            format!("{requests} with attributes that no schema has: those were passed over."),
        ),
        Quirk::SpecialCharacterFilter => (
            Level::Attention,
            format!(
                "{requests} with a login name that has special characters (apostrophe, plus, accents), by \
                 which people are looked for: they may not be found again, and be made twice."
            ),
        ),
    };
    finding(quirk.name(), level, text, Topic::Shape(quirk), client)
}

fn counted(count: u64, one: &str) -> String {
    if count == 1 {
        format!("1 {one}")
    } else {
        format!("{count} {one}s")
    }
}

pub(super) fn day(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}
