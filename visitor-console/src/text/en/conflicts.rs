//! Conflicts.

pub(crate) const TITLE: &str = "Conflicts";
pub(crate) const LEAD: &str = "A directory brings somebody who looks like a host that is here already. Whether they are one person is for you to say.";
pub(crate) const HEADS: [&str; 6] = [
    "Incoming",
    "Already here",
    "Kind",
    "Evidence",
    "Status",
    "Opened",
];
pub(crate) const NONE: &str = "Nothing is to be decided";
pub(crate) const NONE_TEXT: &str = "When a directory brings somebody who is here already, and its connection asks, the question appears here.";
pub(crate) const BY_STATE: &str = "Conflicts by status";
pub(crate) const OPEN: &str = "Open conflicts";
pub(crate) const ALL: &str = "All";
pub(crate) const KIND: &str = "Kind";
pub(crate) const CONFLICT: &str = "Conflict";
pub(crate) const EVIDENCE: &str = "Why they look alike";
pub(crate) const CONNECTION: &str = "Brought by";
pub(crate) const POLICY: &str = "Its policy";
pub(crate) const OPENED: &str = "Opened";
pub(crate) const RESOLUTION: &str = "Decided";
pub(crate) const REASON: &str = "Because";
pub(crate) const SIDE_BY_SIDE: &str = "Side by side";
pub(crate) const RECORDS: &str = "The records";
pub(crate) const SIDE_INTRO: &str = "Rows that differ are marked.";
pub(crate) const ATTRIBUTE: &str = "Attribute";
pub(crate) const INCOMING: &str = "Incoming";
pub(crate) const EXISTING: &str = "Already here";
pub(crate) const DIFFERS: &str = "differs";
pub(crate) const INCOMING_GONE: &str =
    "The incoming record is not there: it was refused, or deleted since.";
pub(crate) const INCOMING_CLOSED: &str = "Your roles do not open the record of the directory.";
pub(crate) const LINK: &str = "One person: link";
pub(crate) const KEEP: &str = "Two people: keep separate";
pub(crate) const REJECT: &str = "Reject the incoming record";
pub(crate) const WHICH: &str = "Which host";
pub(crate) const REASON_NEEDED: &str = "A reason is needed.";
pub(crate) const BULK: &str = "Decide on those that are chosen";
pub(crate) const BULK_INTRO: &str = "Choose conflicts in the list above, then what to do with all of them. Nothing happens before you confirm it on the next page.";
pub(crate) const BULK_DO: &str = "What they are";
pub(crate) const BULK_GO: &str = "Continue";
pub(crate) const BULK_NONE: &str = "Choose one conflict at least.";
pub(crate) const BULK_ASK: &str = "Decide on these conflicts?";
pub(crate) const BULK_CONFIRM: &str = "Decide on all of them";
pub(crate) const CHOOSE_ALL: &str = "Choose all";
pub(crate) const NO_NAME: &str = "(no name)";

pub(crate) fn status(status: &str) -> &'static str {
    match status {
        "open" => "Open",
        "linked" => "Linked",
        "keptSeparate" => "Kept separate",
        "rejected" => "Rejected",
        "expired" => "Settled itself",
        _ => "Unknown",
    }
}

pub(crate) fn kind(kind: &str) -> &'static str {
    match kind {
        "existingLocalHost" => "Is here already, kept by hand or from a file",
        "twoDirectories" => "Another directory has this person",
        "hrVsDirectory" => "The HR system and a directory differ",
        "emailReused" => "Same e-mail address, another employee number",
        "ambiguousMatch" => "Several hosts fit",
        _ => "Another kind",
    }
}

pub(crate) fn policy(policy: &str) -> &'static str {
    match policy {
        "autoLink" => "Link",
        "ask" => "Ask",
        "reject" => "Reject",
        _ => "",
    }
}

pub(crate) fn verb(verb: &str) -> &'static str {
    match verb {
        "link" => LINK,
        "keepSeparate" => KEEP,
        _ => REJECT,
    }
}

pub(crate) fn ask(verb: &str) -> &'static str {
    match verb {
        "link" => "Link the two records?",
        "keepSeparate" => "Keep them separate?",
        _ => "Reject the incoming record?",
    }
}

pub(crate) fn follows(verb: &str) -> &'static [&'static str] {
    match verb {
        "link" => &[
            "Both records are one person, who keeps the host with its desk, delegates and history.",
            "From now on the host shows what the incoming directory says; the older record is kept as a further source.",
        ],
        "keepSeparate" => &[
            "The incoming person gets a host of their own at once.",
            "The two are never compared again, also when one of them comes back under another id.",
        ],
        _ => &[
            "The directory is refused (409) when it next writes this person, as long as they look alike.",
            "The host that is here stays as it is.",
        ],
    }
}

pub(crate) fn bulk(count: usize, verb: &str) -> String {
    let verb = match verb {
        "link" => "linked",
        "keepSeparate" => "kept separate",
        _ => "rejected",
    };
    match count {
        1 => format!("1 conflict is {verb}."),
        count => format!("{count} conflicts are {verb}, one after the other."),
    }
}

pub(crate) fn bulk_stopped(name: &str, reason: &str, done: usize) -> String {
    format!("{done} decided, then stopped at {name}: {reason}")
}

pub(crate) fn existing(name: &str) -> String {
    match name {
        "" => EXISTING.to_owned(),
        name => format!("{EXISTING}: {name}"),
    }
}

/// By what two records look alike.
pub(crate) fn evidence(evidence: &str) -> String {
    match evidence {
        "employeeNumber=" => "The same employee number",
        "email~" | "email=" => "The same e-mail address",
        "userName=" => "The same user name",
        "employeeNumber!=" => "But another employee number",
        other => return other.to_owned(),
    }
    .to_owned()
}
