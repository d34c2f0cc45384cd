//! The pages of hosts.

use super::{many, thousands};

pub(crate) const TITLE: &str = "Hosts";
pub(crate) const LEAD: &str =
    "The people who can receive visitors, as your directories describe them.";
pub(crate) const NAME: &str = "Name";
pub(crate) const NO_NAME: &str = "(no name)";
pub(crate) const STATUS: &str = "Status";
pub(crate) const USER_NAME: &str = "User name";
pub(crate) const KNOWN_AS: &str = "User name and e-mail";
pub(crate) const EMAIL: &str = "E-mail";
pub(crate) const DEPARTMENT: &str = "Department";
pub(crate) const OFFICE: &str = "Office";
pub(crate) const GIVEN_NAME: &str = "Given name";
pub(crate) const FAMILY_NAME: &str = "Family name";
pub(crate) const JOB: &str = "Job title";
pub(crate) const EMPLOYEE_NUMBER: &str = "Employee number";
pub(crate) const LANGUAGE: &str = "Language";
pub(crate) const PHONES: &str = "Phone numbers";
pub(crate) const MANAGER: &str = "Manager";
pub(crate) const LOCATION: &str = "Location";
pub(crate) const GROUPS: &str = "Groups";
pub(crate) const ALL: &str = "All";
pub(crate) const BY_STATE: &str = "Hosts by status";
pub(crate) const SHOW_ALL: &str = "Show all hosts";
pub(crate) const SEARCH: &str = "Find a host";
pub(crate) const SEARCH_DO: &str = "Search";
pub(crate) const SEARCH_HINT: &str =
    "The beginning of a name, a user name or an e-mail address, whatever the status.";
pub(crate) const NOBODY: &str = "Nobody was found";
pub(crate) const NONE: &str = "There are no hosts yet";
pub(crate) const NONE_NEXT: &str =
    "Connect your identity provider: the people whom it provisions appear here at once.";
pub(crate) const NONE_ASK: &str =
    "Hosts appear here as soon as a directory administrator connects an identity provider.";
pub(crate) const CONNECT: &str = "Connect an identity provider";
pub(crate) const NONE_IN_STATE: &str = "No host is in this state";

pub(crate) fn nobody(sought: &str) -> String {
    format!(
        "No name, user name or e-mail address begins with “{sought}”. Try fewer letters, or the given name first."
    )
}

pub(crate) fn none_in_state(status: &str) -> String {
    format!("Nobody is “{}” now.", self::status(status))
}

pub(crate) fn found_first(count: usize) -> String {
    format!("The first {count}; type more to find fewer")
}

/// The state of a host in a word or two.
pub(crate) fn status(status: &str) -> &'static str {
    match status {
        "visible" => "Visible",
        "hidden" => "Hidden",
        "heldVisible" => "Held visible",
        "suspended" => "Suspended",
        _ => "Unknown",
    }
}

pub(crate) const TABS: &str = "Pages of this host";
pub(crate) const DIRECTORY: &str = "Directory";
pub(crate) const PRODUCT: &str = "Product";
pub(crate) const EXPLAIN: &str = "Explain";
pub(crate) const HISTORY: &str = "History";
pub(crate) const SUSPEND: &str = "Suspend";
pub(crate) const RESUME: &str = "End the suspension";

pub(crate) const OWNER_TITLE: &str = "Who keeps this record";
pub(crate) const OWNER: &str = "Owner";
pub(crate) const CONNECTION: &str = "Connection";
pub(crate) const SOURCE: &str = "Comes from";
pub(crate) const LAST_SENT: &str = "Last sent";
pub(crate) const FURTHER: &str = "Further records";
pub(crate) const LOCKED: &str =
    "Locked: these values are changed in the directory, and appear here in the same moment.";
pub(crate) const LEFT: &str = "The directory deleted this person. What is known of them stays, so that visits keep their host.";
pub(crate) const SENT: &str = "What the directory says";

pub(crate) fn source(source: &str) -> &'static str {
    match source {
        "idp" => "Identity provider",
        "hr" => "HR system",
        "csv" => "CSV file",
        _ => "By hand",
    }
}

pub(crate) fn further(name: &str, by: &str) -> String {
    match by {
        "" => name.to_owned(),
        by => format!("{name}, kept by {by}"),
    }
}

pub(crate) fn phone(number: &str, kind: &str) -> String {
    match kind {
        "" => number.to_owned(),
        kind => format!("{number} ({kind})"),
    }
}

pub(crate) const PRODUCT_TITLE: &str = "What belongs to visitor management";
pub(crate) const PRODUCT_INTRO: &str = "No directory says this, and none overwrites it. It stays when the person leaves and comes back.";
pub(crate) const PRODUCT_CLOSED: &str = "Your roles let you read this, not change it.";
pub(crate) const DESK: &str = "Desk or floor";
pub(crate) const EXTENSION: &str = "Phone extension";
pub(crate) const ABSENT: &str = "Absent until";
pub(crate) const ABSENT_HINT: &str = "Until then, notices go to those who stand in.";
pub(crate) const KIOSK: &str = "Can be found at the kiosk";
pub(crate) const VISITOR_TYPES: &str = "Kinds of visitors";
pub(crate) const NOTES: &str = "Notes";
pub(crate) const NOTES_HINT: &str = "Only those with the right to sensitive values read this.";
pub(crate) const DELEGATES: &str = "Stand in for this person";
pub(crate) const DELEGATES_HINT: &str = "User names of other hosts, one to each line.";
pub(crate) const WAY_1: &str = "First way of notice";
pub(crate) const WAY_2: &str = "Second way of notice";
pub(crate) const WAY_3: &str = "Third way of notice";
pub(crate) const CHANNEL: &str = "By";
pub(crate) const CHANNELS: [(&str, &str); 5] = [
    ("", "Not used"),
    ("email", "E-mail"),
    ("sms", "Text message"),
    ("chat", "Chat"),
    ("webhook", "Webhook"),
];
pub(crate) const ADDRESS: &str = "Address";
pub(crate) const ADDRESS_HINT: &str =
    "An address, a number or a name; empty for what the directory says.";
pub(crate) const EVENTS: &str = "Told of";
pub(crate) const EVENT_NAMES: [(&str, &str); 4] = [
    ("arrival", "Arrivals"),
    ("decision", "Decisions"),
    ("reminder", "Reminders"),
    ("cancel", "Cancellations"),
];

pub(crate) fn no_such_host(name: &str) -> String {
    format!("No host has the user name “{name}”.")
}

pub(crate) const REASONS: &str = "What holds now";
pub(crate) const REASONS_INTRO: &str =
    "The first rule that holds decides. When it ends, the next one does.";
pub(crate) const REASON_HEADS: [&str; 5] = ["Rule", "Effect", "Meaning", "Since", "Because of"];
pub(crate) const NO_REASONS: &str = "No rule holds";
pub(crate) const NO_REASONS_TEXT: &str = "Nothing hides this person, and nothing is missing.";
pub(crate) const OTHERS: &str = "What does not hold";
pub(crate) const OTHERS_INTRO: &str = "These rules were looked at too.";
pub(crate) const OTHER_HEADS: [&str; 2] = ["Rule", "What it would mean"];
pub(crate) const DECIDES: &str = "Decides";
pub(crate) const WARNS: &str = "A warning";
pub(crate) const ALSO_HOLDS: &str = "Holds too";
pub(crate) const CHANGE_SET: &str = "Change set";
pub(crate) const IN_CONFLICT: &str =
    "Somebody else looks like this person. Until that is decided, nothing changes here.";

/// A rule in a few words.
pub(crate) fn reason_name(code: &str) -> &'static str {
    match code {
        "manualSuspension" => "Suspended by hand",
        "massDeactivationHold" => "Held by the guard",
        "undo" => "Kept by an undo",
        "undoHides" => "Hidden by an undo",
        "idpDeleted" => "Deleted in the directory",
        "idpInactive" => "Inactive in the directory",
        "hostVisibleFalse" => "Not a host by the directory's wish",
        "noContactRoute" => "No way of notice",
        "officeUnresolved" => "Unknown office",
        _ => "Another rule",
    }
}

/// A rule in a sentence.
pub(crate) fn reason(code: &str) -> &'static str {
    match code {
        "manualSuspension" => {
            "Somebody suspended this host. Whatever the directory says, nobody can pick them until the suspension is ended."
        }
        "massDeactivationHold" => {
            "The directory hides many people at once. This host stays until somebody releases or discards the change set."
        }
        "undo" => {
            "Somebody undid the change set that hid this host. That lasts until the directory says anything else of the person."
        }
        "undoHides" => {
            "Somebody undid the change set that showed this host. That lasts until the directory says anything else of the person."
        }
        "idpDeleted" => {
            "The directory deleted this person, or took them out of the scope of provisioning."
        }
        "idpInactive" => "The directory says that this person is not active (active is false).",
        "hostVisibleFalse" => {
            "The directory says that this person is not to be a host (hostVisible is false)."
        }
        "noContactRoute" => {
            "There is neither a work e-mail address nor another way of notice, so nobody can tell this host that a visitor came."
        }
        "officeUnresolved" => {
            "The office that the directory names is no location. Make it an alias of one under Locations."
        }
        _ => "A rule that this page does not know.",
    }
}

pub(crate) fn is_warning(code: &str) -> bool {
    ["noContactRoute", "officeUnresolved"].contains(&code)
}

pub(crate) fn because(status: &str, reason: &str) -> String {
    format!("{}: {reason}", self::status(status))
}

pub(crate) fn nothing_against(status: &str) -> String {
    format!(
        "{}: no rule hides this person, so they can be picked as a host.",
        self::status(status)
    )
}

pub(crate) const HISTORY_TITLE: &str = "What happened";
pub(crate) const HISTORY_SAID: &str = "The newest hundred changes, the latest first";
pub(crate) const HISTORY_HEADS: [&str; 4] = ["When", "What", "Changes", "Because of"];
pub(crate) const NO_HISTORY: &str = "Nothing is recorded";
pub(crate) const NO_HISTORY_TEXT: &str = "Changes of this host appear here as they happen.";
pub(crate) const THE_SERVER: &str = "The server";

pub(crate) fn changed(attribute: &str, before: &str, after: &str) -> String {
    match (before, after) {
        ("", "") => format!("{attribute} changed"),
        ("", after) => format!("{attribute}: {after}"),
        (before, "") => format!("{attribute}: {before} removed"),
        (before, after) => format!("{attribute}: {before} → {after}"),
    }
}

pub(crate) const SUSPEND_STAYS: &str =
    "The directory is not told, and cannot end it. Only “End the suspension” does.";
pub(crate) const RESUME_VISIBLE: &str =
    "The host is visible again: nothing else hides this person.";

pub(crate) fn suspend_ask(name: &str) -> String {
    format!("Suspend {name}?")
}

pub(crate) fn suspend_status(status: &str) -> String {
    match status {
        "visible" | "heldVisible" => {
            "Nobody can pick this person as a host any more, from now on and everywhere.".to_owned()
        }
        status => format!(
            "The host is {} already, and stays out of every choice also when the directory shows them again.",
            self::status(status).to_lowercase()
        ),
    }
}

pub(crate) fn suspend_groups(count: u64) -> String {
    format!("They stay in {}.", many(count, "group", "groups"))
}

pub(crate) fn suspend_delegates(count: u64) -> String {
    match count {
        1 => "1 host names this person to stand in, and loses that.".to_owned(),
        count => format!(
            "{} hosts name this person to stand in, and lose that.",
            thousands(count)
        ),
    }
}

pub(crate) fn resume_ask(name: &str) -> String {
    format!("End the suspension of {name}?")
}

pub(crate) fn resume_then(code: &str) -> String {
    let then = match code {
        "massDeactivationHold" | "undo" => "The host can be picked again",
        _ => "The host stays hidden",
    };
    format!("{then}, because this holds too: {}", reason(code))
}
