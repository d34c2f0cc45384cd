//! Change sets.

use super::{many, thousands};

pub(crate) const TITLE: &str = "Changes";
pub(crate) const LEAD: &str = "What each directory did in one go. A set that hides too many hosts is held until somebody decides.";
pub(crate) const HEADS: [&str; 5] = ["Opened", "Status", "Connection", "What it did", "Until"];
pub(crate) const NONE: &str = "There are no change sets";
pub(crate) const NONE_TEXT: &str = "A set begins when a directory hides, shows or deletes somebody. Until then there is nothing to decide.";
pub(crate) const NONE_HELD: &str = "Nothing is held";
pub(crate) const NONE_HELD_TEXT: &str =
    "When a directory hides too many hosts at once, the set waits here for your decision.";
pub(crate) const SHOW_ALL: &str = "Show all change sets";
pub(crate) const ALL: &str = "All";
pub(crate) const BY_STATE: &str = "Change sets by status";
pub(crate) const SET: &str = "Change set";
pub(crate) const OPENED: &str = "Opened";
pub(crate) const CLOSED: &str = "Closed";
pub(crate) const CONNECTION: &str = "Connection";
pub(crate) const ORIGIN: &str = "Comes from";
pub(crate) const EXPIRES: &str = "Released by itself";
pub(crate) const GUARD: &str = "Why it is held";
pub(crate) const REVERTED_BY: &str = "Undone by";
pub(crate) const SUMMARY: &str = "What it did";
pub(crate) const IMPACT: &str = "What people would notice";
pub(crate) const IMPACT_INTRO: &str =
    "If what the directory says were in effect, as things stand now.";
pub(crate) const IMPACT_HEADS: [&str; 3] = ["What", "How many", "For example"];
pub(crate) const HOSTS: &str = "Whom it hides";
pub(crate) const HOSTS_SAID: &str = "The first thousand";
pub(crate) const HOSTS_HEADS: [&str; 2] = ["Name", "Id"];
pub(crate) const HOSTS_NONE: &str = "Nobody";
pub(crate) const HOSTS_NONE_TEXT: &str = "This set hides no host.";
pub(crate) const GROUPS: &str = "Groups whose approvers are held";
pub(crate) const RELEASE: &str = "Release";
pub(crate) const DISCARD: &str = "Discard";
pub(crate) const UNDO: &str = "Undo";
pub(crate) const CLOSE: &str = "Close the set";
pub(crate) const UNDO_CHOSEN: &str = "Hosts to undo";
pub(crate) const UNDO_CHOSEN_HINT: &str =
    "Ids of hosts, one to each line; empty for all of the set.";

/// The state of a set in a word or two.
pub(crate) fn status(status: &str) -> &'static str {
    match status {
        "collecting" => "Collecting",
        "applied" => "Applied",
        "held" => "Held",
        "released" => "Released",
        "discarded" => "Discarded",
        "reverted" => "Undone",
        "partlyReverted" => "Partly undone",
        _ => "Unknown",
    }
}

/// A state in a sentence.
pub(crate) fn explained(status: &str) -> &'static str {
    match status {
        "collecting" => {
            "The directory is still at work: the set takes what it sends until it rests for ten minutes."
        }
        "applied" => {
            "Everything that the directory said is in effect. It can be undone for 30 days."
        }
        "held" => {
            "The directory hides more hosts than the guard lets pass. All of them stay visible until somebody decides."
        }
        "released" => "Somebody, or the end of the hold, let what the directory said be in effect.",
        "discarded" => "The hosts stay until the directory says something else of each of them.",
        "reverted" => "Hosts and groups are as they were before the set.",
        "partlyReverted" => "Some hosts of the set are as they were before it.",
        _ => "",
    }
}

pub(crate) fn origin(origin: &str) -> &'static str {
    match origin {
        "idp" => "Identity provider",
        "hr" => "HR system",
        "import" => "CSV import",
        "undo" => "An undo",
        "console" => "Console",
        _ => "Another client",
    }
}

/// The counts of a set, those that are not 0.
pub(crate) fn counted(name: &str, count: u64) -> String {
    match name {
        "created" => many(count, "host created", "hosts created"),
        "updated" => many(count, "host updated", "hosts updated"),
        "deactivated" => many(count, "host deactivated", "hosts deactivated"),
        "deleted" => many(count, "person deleted", "people deleted"),
        "reactivated" => many(count, "host reactivated", "hosts reactivated"),
        "groupsDeleted" => many(count, "group deleted", "groups deleted"),
        _ => many(count, "member removed", "members removed"),
    }
}

pub(crate) const NO_EFFECT: &str = "Nobody hidden or shown";

pub(crate) fn guard(limit: &str, actual: &str) -> String {
    format!("It hides {actual} hosts; the guard lets {limit} pass.")
}

pub(crate) fn impact(code: &str) -> &'static str {
    match code {
        "hostsHidden" => "Hosts that nobody could pick any more",
        "groupsLosingHosts" => "Groups that would lose hosts",
        "hostsLosingDelegates" => "Hosts who would lose whoever stands in for them",
        _ => "Something else",
    }
}

pub(crate) fn ask(verb: &str) -> &'static str {
    match verb {
        "release" => "Release this change set?",
        "discard" => "Discard this change set?",
        "undo" => "Undo this change set?",
        _ => "Close this change set?",
    }
}

pub(crate) fn follows(verb: &str, hidden: u64) -> Vec<String> {
    match verb {
        "release" => vec![
            format!("{} hidden at once: what the directory says is in effect.", many(hidden, "host is", "hosts are")),
            "It can be undone for 30 days.".to_owned(),
        ],
        "discard" => vec![
            format!("{} visible, although the directory says otherwise.", many(hidden, "host stays", "hosts stay")),
            "Each of them stays so until the directory next says something else of that person.".to_owned(),
            "The directory is not told.".to_owned(),
        ],
        "undo" => vec![
            "Hosts that the set hid can be picked again; hosts that it brought or showed are out of every choice.".to_owned(),
            "Attributes and groups are as they were, as far as nobody changed them since.".to_owned(),
            "What the directory keeps stays as it is: whatever it says anew of a person wins, for that person.".to_owned(),
            "Groups that were deleted stay deleted.".to_owned(),
        ],
        _ => vec![
            "The set takes nothing more: what the directory sends next begins another one.".to_owned(),
            "Nothing changes for any host.".to_owned(),
        ],
    }
}

pub(crate) fn more_hosts(count: u64) -> String {
    format!("{} in all", thousands(count))
}
