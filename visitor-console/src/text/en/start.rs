//! The start page.

use super::thousands;
use crate::page::provisioning::Condition;

pub(crate) const TITLE: &str = "Start";
pub(crate) const NEEDS: &str = "What needs you";
pub(crate) const NUMBERS: &str = "In numbers";
pub(crate) const DECIDE: &str = "Decide";
pub(crate) const LOOK: &str = "Look";
pub(crate) const OFFICES: &str = "Offices";
pub(crate) const NOTHING: &str = "Nothing waits for you";
pub(crate) const NOTHING_TEXT: &str =
    "Held change sets, conflicts and connections in trouble appear here.";
pub(crate) const FIRST: &str = "Connect your identity provider";
pub(crate) const FIRST_TEXT: &str = "Create a connection, copy its secret into Entra ID or Okta, and people appear as hosts as they are provisioned.";

pub(crate) fn lead(name: &str) -> String {
    format!("Welcome, {name}.")
}

pub(crate) fn held(connection: &str, count: &str, until: &str) -> String {
    format!(
        "{connection} hides {count} hosts at once. They stay visible until somebody decides, or until {until}."
    )
}

pub(crate) fn conflicts(count: u64) -> String {
    match count {
        1 => "1 person was brought who looks like a host that is here already.".to_owned(),
        count => format!(
            "{} people were brought who look like hosts that are here already.",
            thousands(count)
        ),
    }
}

pub(crate) fn connection(condition: Condition, name: &str, at: &str) -> String {
    match condition {
        Condition::Expired => format!("{name} ended on {at}: nothing that it sends is taken."),
        Condition::BadTest => {
            format!("The test of {name} on {at} found something that does not work.")
        }
        Condition::ExpiresSoon => format!("A secret of {name} ends on {at}. Rotate it before."),
        _ => format!(
            "Nothing has come from {name} since {at}. Look whether its provisioning is still on."
        ),
    }
}

pub(crate) fn offices(count: u64) -> String {
    match count {
        1 => "1 office name leads to no location.".to_owned(),
        count => format!("{} office names lead to no location.", thousands(count)),
    }
}

pub(crate) fn hosts(status: &str) -> &'static str {
    match status {
        "visible" => "Hosts visible",
        "heldVisible" => "Hosts held visible",
        "hidden" => "Hosts hidden",
        _ => "Hosts suspended",
    }
}

pub(crate) const NO_DAYS: &str = "Nothing is counted yet";
pub(crate) const NO_DAYS_TEXT: &str =
    "A few minutes after the first request of a directory, this shows what happened day by day.";
pub(crate) const ACTIVITY: &str = "Provisioning activity";
pub(crate) const ACTIVITY_INTRO: &str =
    "Requests of all directories, day by day (UTC), counted every five minutes.";
pub(crate) const ACTIVITY_TITLE: &str = "Requests a day, the last 14 days";
pub(crate) const ACTIVITY_SERIES: [(&str, &str); 4] = [
    ("updated", "changed somebody"),
    ("refused", "refused"),
    ("created", "brought somebody"),
    ("deleted", "deleted somebody"),
];
pub(crate) const STATES: &str = "Host states";
pub(crate) const STATES_INTRO: &str =
    "How many hosts were in which state at the end of each day (UTC).";
pub(crate) const STATES_TITLE: &str = "Hosts by state, the last 14 days";
pub(crate) const STATE_SERIES: [(&str, &str); 4] = [
    ("visible", "visible"),
    ("suspended", "suspended"),
    ("heldVisible", "held visible"),
    ("hidden", "hidden"),
];
