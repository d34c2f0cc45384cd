//! Which preferences of a Location fit together. Pure: a document in, the first contradiction out.

use jiff::tz::TimeZone;
use scim_core::Error;
use serde_json::{Map, Value};

/// Refuses preferences that contradict each other or mean nothing.
pub(super) fn check(location: &Map<String, Value>) -> Result<(), Error> {
    time_zone(location)?;
    names(location)?;
    approvals(location)?;
    retention(location)?;
    match number(location, "maxCapacity") {
        Some(..0) => refuse(
            "maxCapacity",
            "send 0 or more, or leave it out for no limit",
        ),
        _ => Ok(()),
    }
}

/// Names are compared as they are.
fn names(location: &Map<String, Value>) -> Result<(), Error> {
    let aliases = location.get("aliases").and_then(Value::as_array);
    let aliases = aliases.into_iter().flatten().filter_map(Value::as_str);
    let aliases = aliases.map(|alias| ("aliases", alias));
    let names = ["name", "code"].into_iter();
    let names = names.filter_map(|name| Some((name, text(location, name)?)));
    for (attribute, name) in names.chain(aliases) {
        if name.trim() != name || name.is_empty() {
            return refuse(attribute, "send a name without spaces around it");
        }
    }
    Ok(())
}

fn time_zone(location: &Map<String, Value>) -> Result<(), Error> {
    let name = text(location, "timezone").unwrap_or_default();
    match TimeZone::get(name) {
        Ok(_) => Ok(()),
        Err(_) => refuse(
            "timezone",
            "send the name of an IANA time zone such as Europe/Zurich",
        ),
    }
}

/// Who decides on invites, and what may leave before.
fn approvals(location: &Map<String, Value>) -> Result<(), Error> {
    let Some(approvals) = object(location, "approvals") else {
        return Ok(());
    };
    let policy = text(approvals, "policy").unwrap_or("notRequired");
    if text(approvals, "portalLink") == Some("onCreate") && policy != "notRequired" {
        return refuse(
            "approvals.portalLink",
            "a link that leaves at once needs the policy notRequired [portal.needsNoApproval]",
        );
    }
    if text(approvals, "manageIn") == Some("workflow") {
        if policy == "notRequired" {
            let reason = "a workflow needs the policy all or watchlisted";
            return refuse("approvals.manageIn", reason);
        }
        if !approvals.contains_key("workflow") {
            let reason = "name the workflow that gets the tickets";
            return refuse("approvals.workflow", reason);
        }
    }
    let colours = approvals.get("watchlistColours").and_then(Value::as_array);
    if colours.is_some_and(|colours| !colours.is_empty()) && policy != "watchlisted" {
        let reason = "colours need the policy watchlisted";
        return refuse("approvals.watchlistColours", reason);
    }
    match number(approvals, "decisionDueHours") {
        Some(..1) => refuse("approvals.decisionDueHours", "send 1 or more"),
        _ => Ok(()),
    }
}

/// A visit is forgotten no later than its visitor.
fn retention(location: &Map<String, Value>) -> Result<(), Error> {
    let Some(retention) = object(location, "retention") else {
        return Ok(());
    };
    for (name, path) in [
        ("visitDays", "retention.visitDays"),
        ("visitorDays", "retention.visitorDays"),
        ("inviteDays", "retention.inviteDays"),
    ] {
        if matches!(number(retention, name), Some(..1)) {
            return refuse(path, "send 1 day or more, or leave it out");
        }
    }
    match (
        number(retention, "visitDays"),
        number(retention, "visitorDays"),
    ) {
        (Some(visit), Some(visitor)) if visit > visitor => refuse(
            "retention.visitDays",
            "visits must not be kept longer than their visitors",
        ),
        _ => Ok(()),
    }
}

fn refuse(attribute: &str, reason: &str) -> Result<(), Error> {
    Err(Error::invalid_value(attribute, reason))
}

fn object<'v>(of: &'v Map<String, Value>, name: &str) -> Option<&'v Map<String, Value>> {
    of.get(name)?.as_object()
}

fn text<'v>(of: &'v Map<String, Value>, name: &str) -> Option<&'v str> {
    of.get(name)?.as_str()
}

fn number(of: &Map<String, Value>, name: &str) -> Option<i64> {
    of.get(name)?.as_i64()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn said(mut location: Value) -> String {
        let location = location.as_object_mut().unwrap();
        location.entry("timezone").or_insert(json!("Europe/London"));
        match check(location) {
            Ok(()) => "fits".to_owned(),
            Err(error) => error.to_string(),
        }
    }

    macro_rules! check {
        ($location:tt, @$said:literal) => { insta::assert_snapshot!(said(json!($location)), @$said) };
    }

    #[test]
    fn time_zones() {
        check!({}, @"fits");
        check!({ "timezone": "Asia/Kathmandu" }, @"fits");
        check!({ "timezone": "Mars/Olympus" }, @"timezone: send the name of an IANA time zone such as Europe/Zurich");
        check!({ "timezone": "" }, @"timezone: send the name of an IANA time zone such as Europe/Zurich");
    }

    #[test]
    fn names() {
        check!({ "name": "Quay 1", "code": "Q1", "aliases": ["The Quay"] }, @"fits");
        check!({ "name": "Quay " }, @"name: send a name without spaces around it");
        check!({ "aliases": ["a", " b"] }, @"aliases: send a name without spaces around it");
        check!({ "code": "" }, @"code: send a name without spaces around it");
    }

    #[test]
    fn approvals() {
        check!({ "approvals": { "policy": "all", "portalLink": "onApproval" } }, @"fits");
        check!({ "approvals": { "policy": "notRequired", "portalLink": "onCreate" } }, @"fits");
        check!({ "approvals": { "policy": "all", "portalLink": "onCreate" } }, @"approvals.portalLink: a link that leaves at once needs the policy notRequired [portal.needsNoApproval]");
        check!({ "approvals": { "policy": "notRequired", "manageIn": "workflow" } }, @"approvals.manageIn: a workflow needs the policy all or watchlisted");
        check!({ "approvals": { "policy": "all", "manageIn": "workflow" } }, @"approvals.workflow: name the workflow that gets the tickets");
        check!({ "approvals": { "policy": "all", "watchlistColours": ["red"] } }, @"approvals.watchlistColours: colours need the policy watchlisted");
        check!({ "approvals": { "policy": "watchlisted", "watchlistColours": ["red"] } }, @"fits");
        check!({ "approvals": { "policy": "all", "decisionDueHours": 0 } }, @"approvals.decisionDueHours: send 1 or more");
    }

    #[test]
    fn numbers() {
        check!({ "maxCapacity": -1 }, @"maxCapacity: send 0 or more, or leave it out for no limit");
        check!({ "maxCapacity": 0, "retention": { "visitDays": 30, "visitorDays": 30 } }, @"fits");
        check!({ "retention": { "visitDays": 31, "visitorDays": 30 } }, @"retention.visitDays: visits must not be kept longer than their visitors");
        check!({ "retention": { "inviteDays": 0 } }, @"retention.inviteDays: send 1 day or more, or leave it out");
    }
}
