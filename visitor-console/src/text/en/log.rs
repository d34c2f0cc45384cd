//! The log of requests.

pub(crate) const TITLE: &str = "Event log";
pub(crate) const LEAD: &str =
    "Each request to write that a directory sent, also those that changed nothing or were refused.";
pub(crate) const HEADS: [&str; 6] = ["When", "Connection", "Request", "About", "Result", "Took"];
pub(crate) const NEWEST: &str = "The latest first";
pub(crate) const NONE: &str = "Nothing was sent yet";
pub(crate) const NONE_TEXT: &str =
    "As soon as a connected directory sends a person or a group, its requests appear here, live.";
pub(crate) const NONE_SUCH: &str = "No request fits";
pub(crate) const NONE_SUCH_TEXT: &str = "Look at another result, or at all of them.";
pub(crate) const SHOW_ALL: &str = "Show all requests";
pub(crate) const BY_RESULT: &str = "Requests by result";
pub(crate) const ALL: &str = "All";
pub(crate) const EVENT: &str = "Request";
pub(crate) const AT: &str = "When";
pub(crate) const CONNECTION: &str = "Connection";
pub(crate) const CLIENT: &str = "Client";
pub(crate) const ABOUT: &str = "About";
pub(crate) const RESULT: &str = "Result";
pub(crate) const HTTP_STATUS: &str = "HTTP status";
pub(crate) const DETAIL: &str = "Why";
pub(crate) const TOOK: &str = "Took";
pub(crate) const QUIRKS: &str = "Put right in it";
pub(crate) const CORRELATION: &str = "Correlation id";
pub(crate) const HOST: &str = "Host";
pub(crate) const HOST_GROUP: &str = "Host group";
pub(crate) const SENT: &str = "What was sent";
pub(crate) const BODY: &str = "Body";
pub(crate) const NO_BODY: &str = "The request had no body, or it was erased.";
pub(crate) const BODY_CLOSED: &str = "What was sent is personal: your roles do not open it.";
pub(crate) const CHANGED: &str = "What changed";
pub(crate) const CHANGED_HEADS: [&str; 3] = ["Attribute", "Before", "After"];
pub(crate) const CHANGED_NONE: &str = "Nothing changed";
pub(crate) const CHANGED_NONE_TEXT: &str =
    "Either everything was so already, or the request was refused.";
pub(crate) const EFFECTS: &str = "What followed";
pub(crate) const EFFECT_HEADS: [&str; 3] = ["What", "Happened", "Attributes"];
pub(crate) const REPLAY: &str = "Replay";
pub(crate) const REPLAY_LEAD: &str = "What the same request would do today: on the resource as it was then, read as the connection is read now. Nothing is written.";
pub(crate) const REPLAY_SAME: &str = "The same would happen today.";
pub(crate) const REPLAY_OTHER: &str = "Something else would happen today.";
pub(crate) const REPLAY_WAS: &str = "What happened then";
pub(crate) const REPLAY_WOULD: &str = "What would happen today";
pub(crate) const REPLAY_HOST: &str = "What would change of the host";
pub(crate) const LIVE_ON: &str = "Live: new requests appear by themselves";
pub(crate) const LIVE_OFF: &str = "Not live now: trying again";
pub(crate) const LIVE_WAITING: &str = "Load the page again to see what is new";

/// What came of a request.
pub(crate) fn result(result: &str) -> &'static str {
    match result {
        "created" => "Created",
        "updated" => "Updated",
        "unchanged" => "Unchanged",
        "deactivated" => "Deactivated",
        "deleted" => "Deleted",
        "conflict" => "Conflict",
        "rejected" => "Rejected",
        _ => "Unknown",
    }
}

/// What happened to a resource.
pub(crate) fn what(what: &str) -> &'static str {
    match what {
        "created" => "Came",
        "updated" => "Changed",
        "deleted" => "Went",
        "unchanged" => "Stayed",
        "refused" => "Refused",
        "erased" => "Erased",
        _ => "Happened",
    }
}

/// Who the client is.
pub(crate) fn client(client: &str) -> &'static str {
    match client {
        "entra" => "Microsoft Entra ID",
        "okta" => "Okta",
        "onelogin" => "OneLogin",
        "jumpcloud" => "JumpCloud",
        "google" => "Google",
        _ => "Another client",
    }
}

pub(crate) fn took(ms: &str) -> String {
    match ms {
        "" => String::new(),
        ms => format!("{ms} ms"),
    }
}
