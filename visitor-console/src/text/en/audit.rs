//! The audit log.

pub(crate) const TITLE: &str = "Audit log";
pub(crate) const LEAD: &str = "Every change, who asked for it and what came of it, in a chain of hashes that shows whether somebody altered it.";
pub(crate) const HEADS: [&str; 6] = ["When", "Who", "What", "About", "Outcome", "Reason"];
pub(crate) const NONE: &str = "Nothing fits";
pub(crate) const NONE_TEXT: &str = "Look at a longer time, or leave out a part of the question.";
pub(crate) const SHOW_ALL: &str = "Show the whole log";
pub(crate) const FILTER: &str = "Filter";
pub(crate) const ACTION: &str = "Action";
pub(crate) const ACTION_HINT: &str = "As in host.suspend or apiToken.created.";
pub(crate) const TARGET: &str = "Id of what it is about";
pub(crate) const OUTCOME: &str = "Outcome";
pub(crate) const OUTCOMES: [(&str, &str); 4] = [
    ("", "Any"),
    ("success", "Done"),
    ("denied", "Denied"),
    ("error", "Failed"),
];
pub(crate) const FROM: &str = "From";
pub(crate) const TO: &str = "Until";
pub(crate) const LOOK: &str = "Look";
pub(crate) const LINE: &str = "Line of the log";
pub(crate) const SEQUENCE: &str = "Number";
pub(crate) const AT: &str = "When";
pub(crate) const ACTOR: &str = "Who";
pub(crate) const WHAT: &str = "What";
pub(crate) const ABOUT: &str = "About";
pub(crate) const REASON: &str = "Reason";
pub(crate) const REQUEST: &str = "Request";
pub(crate) const HASH: &str = "Hash";
pub(crate) const NOT_SEALED: &str = "Not numbered yet: that takes a second.";
pub(crate) const CHANGES: &str = "What changed";
pub(crate) const CHANGES_CLOSED: &str =
    "Values are personal: your roles do not open them, or there are none.";
pub(crate) const VERIFY: &str = "Is it whole?";
pub(crate) const VERIFY_TEXT: &str = "Whether somebody altered the log is found out where the key is: on the server, with the command below. It says which line was altered, and how.";
pub(crate) const VERIFY_COMMAND: &str = "visitor-hosts audit verify";
pub(crate) const VERIFY_LABEL: &str = "Command";
pub(crate) const THE_SERVER: &str = "The server";

pub(crate) fn outcome(outcome: &str) -> &'static str {
    match outcome {
        "success" => "Done",
        "denied" => "Denied",
        "error" => "Failed",
        _ => "Unknown",
    }
}
