//! English.

pub(crate) mod audit;
pub(crate) mod changes;
pub(crate) mod conflicts;
pub(crate) mod host_groups;
pub(crate) mod hosts;
pub(crate) mod locations;
pub(crate) mod log;
pub(crate) mod provisioning;
pub(crate) mod roles;
pub(crate) mod start;

pub(crate) const NOTHING: &str = "nothing";
pub(crate) const CSV: &str = "Export CSV";
pub(crate) const MORE: &str = "Show more";
pub(crate) const COPY: &str = "Copy";
pub(crate) const COPIED: &str = "Copied";
pub(crate) const REQUIRED: &str = "(required)";
pub(crate) const FOLLOWS: &str = "What this does:";
pub(crate) const AS_TABLE: &str = "The numbers as a table";
pub(crate) const DAY: &str = "Day";
pub(crate) const YES: &str = "Yes";
pub(crate) const NO: &str = "No";
pub(crate) const SAVE: &str = "Save";
pub(crate) const CANCEL: &str = "Cancel";
pub(crate) const REASON: &str = "Reason";
pub(crate) const REASON_HINT: &str = "Stands in the audit log.";
pub(crate) const ONE_A_LINE: &str = "One to each line.";
pub(crate) const NOT_SAID: &str = "Not set";
pub(crate) const CHOOSE: &str = "Choose";

/// How many there are.
pub(crate) fn counted(count: u64) -> String {
    match count {
        1 => "1 entry".to_owned(),
        count => format!("{} entries", thousands(count)),
    }
}

/// A number that is easily read.
pub(crate) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut shown = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
}

/// So many of these.
fn many(count: u64, one: &str, several: &str) -> String {
    match count {
        1 => format!("1 {one}"),
        count => format!("{} {several}", thousands(count)),
    }
}

/// What the API says, as a sentence of a page.
pub(crate) fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string());
    let text = first.unwrap_or_default() + letters.as_str();
    // Codes are for programs.
    let text = match text.rsplit_once(" [") {
        Some((text, code)) if code.ends_with(']') => text.to_owned(),
        _ => text,
    };
    match text.ends_with(['.', '!', '?']) {
        true => text,
        false => text + ".",
    }
}

/// What surrounds every page.
pub(crate) mod layout {
    pub(crate) const NAME: &str = "Visitor hosts";
    pub(crate) const SKIP: &str = "Skip to the content";
    pub(crate) const TENANT: &str = "Tenant";
    pub(crate) const PERSON: &str = "Menu of";
    pub(crate) const SIGNED_IN: &str = "Signed in as";
    pub(crate) const SIGN_OUT: &str = "Sign out";
    pub(crate) const NAVIGATION: &str = "Main";
    pub(crate) const CRUMBS: &str = "You are here";
    pub(crate) const DIRECTORY: &str = "Directories";
    pub(crate) const PREFERENCES: &str = "Preferences";
    pub(crate) const ACCESS: &str = "Access";
}

/// What forms say.
pub(crate) mod form {
    pub(crate) fn refused_at(field: &str) -> String {
        format!("Nothing was saved. Look at the field “{field}”.")
    }
}

/// Why a page is not there.
pub(crate) mod refused {
    pub(crate) const SIGN_IN: &str = "Sign in";
    pub(crate) const START: &str = "Go to the start page";

    pub(crate) fn title(status: u16) -> &'static str {
        match status {
            401 => "Please sign in",
            403 => "You may not do this",
            404 => "There is nothing here",
            409 => "This is not possible now",
            412 => "Somebody else changed it",
            413 => "This is too much at once",
            429 => "Too many requests",
            503 => "Not now",
            _ => "This did not work",
        }
    }

    pub(crate) fn explained(status: u16) -> &'static str {
        match status {
            401 => "Your session has ended, or you have not signed in yet.",
            403 => {
                "None of your roles opens this. Somebody with the role of a tenant administrator can give you one."
            }
            404 => "The address is wrong, or what was here is gone.",
            429 => "The tenant asks more often than it may. Try again in a few seconds.",
            503 => "The server cannot answer now. Try again in a few seconds.",
            _ => "The server refused the request. Go back, look at what you sent, and try again.",
        }
    }
}

/// What was done, on the page that comes next.
pub(crate) mod done {
    pub(crate) fn sentence(what: &str) -> Option<&'static str> {
        Some(match what {
            "saved" => "Saved.",
            "created" => "Created.",
            "deleted" => "Deleted.",
            "suspended" => "The host is suspended: nobody can pick this person now.",
            "resumed" => "The suspension has ended. What the directory says is in effect.",
            "released" => "Released: what the directory says is in effect.",
            "discarded" => {
                "Discarded: the hosts stay until the directory says something else of each."
            }
            "undone" => "Undone: hosts and groups are as before the set.",
            "closed" => "Closed: the set takes nothing more.",
            "linked" => "Linked: both records are one person.",
            "keptSeparate" => "Kept separate: they are two people, and are not compared again.",
            "rejected" => "Rejected: the incoming record is refused when it is next written.",
            "decided" => "Decided on all that were chosen.",
            "revoked" => "Revoked: nothing that this connection sends is taken any more.",
            "given" => "The role is given.",
            "taken" => "The role is taken away.",
            "aliased" => "The office is an alias now, and its hosts are there.",
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_sentences() {
        let numbers = [0, 1, 999, 1_000, 100_000, 1_234_567].map(thousands);
        assert_eq!(numbers, ["0", "1", "999", "1,000", "100,000", "1,234,567"]);
        assert_eq!(sentence("name: is taken"), "Name: is taken.");
        assert_eq!(sentence("is taken [exists.own]"), "Is taken.");
    }
}
