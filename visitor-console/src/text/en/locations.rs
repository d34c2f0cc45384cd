//! Locations and their preferences.

use super::thousands;

pub(crate) const TITLE: &str = "Locations";
pub(crate) const LEAD: &str =
    "Your sites, with their preferences and the names by which directories know them.";
pub(crate) const HEADS: [&str; 6] = [
    "Name",
    "Code",
    "Aliases",
    "Time zone",
    "Approvals",
    "In use",
];
pub(crate) const NONE: &str = "There are no locations yet";
pub(crate) const NONE_TEXT: &str =
    "Make one for each site. Hosts are put there by the office that their directory names.";
pub(crate) const NEW: &str = "Add a location";
pub(crate) const DELETE: &str = "Delete";
pub(crate) const PREFERENCES: &str = "Preferences";
pub(crate) const CLOSED: &str = "Your roles let you read this, not change it.";

pub(crate) const OFFICES: &str = "Unknown offices";
pub(crate) const OFFICES_INTRO: &str =
    "Office names that directories send and that are no location. Choose one to make it an alias.";
pub(crate) const OFFICE: &str = "Office";
pub(crate) const NO_OFFICES: &str = "Every office is known";
pub(crate) const NO_OFFICES_TEXT: &str =
    "When a directory sends an office name that no location has, it appears here.";
pub(crate) const MAKE_ALIAS: &str = "Make it an alias";
pub(crate) const OF_WHICH: &str = "Alias of";
pub(crate) const ALIAS_LATER: &str =
    "Whoever comes later with this office is there too. The alias can be taken away again.";

pub(crate) fn alias_ask(office: &str) -> String {
    format!("Which location is “{office}”?")
}

pub(crate) fn alias_hosts(count: u64) -> String {
    match count {
        1 => "1 host is put there at once.".to_owned(),
        count => format!("{} hosts are put there at once.", thousands(count)),
    }
}

pub(crate) fn delete_ask(name: &str) -> String {
    format!("Delete {name}?")
}

pub(crate) const DELETE_FOLLOWS: [&str; 3] = [
    "Its hosts are nowhere again, and its offices are asked for anew.",
    "Its preferences are gone; the audit log keeps what they were.",
    "Roles that were given for it reach nothing there any more.",
];

pub(crate) const SITE: &str = "Site";
pub(crate) const NAME: &str = "Name";
pub(crate) const CODE: &str = "Code";
pub(crate) const CODE_HINT: &str = "A short name, such as HQ, by which directories may know it.";
pub(crate) const ALIASES: &str = "Aliases";
pub(crate) const ALIASES_HINT: &str = "Other names of the office, one to each line.";
pub(crate) const TIME_ZONE: &str = "Time zone";
pub(crate) const TIME_ZONE_HINT: &str = "A name of the IANA database, such as Europe/Zurich.";
pub(crate) const CAPACITY: &str = "Visitors at most";
pub(crate) const ACTIVE: &str = "In use";
pub(crate) const ADDRESS: &str = "Address";
pub(crate) const FORMATTED: &str = "As it is written";
pub(crate) const LOCALITY: &str = "Town";
pub(crate) const REGION: &str = "Region";
pub(crate) const POSTAL_CODE: &str = "Postal code";
pub(crate) const COUNTRY: &str = "Country";
pub(crate) const APPROVALS: &str = "Approvals";
pub(crate) const POLICY: &str = "Which visits need an approval";
pub(crate) const POLICIES: [(&str, &str); 4] = [
    ("", "Not set"),
    ("notRequired", "None"),
    ("watchlisted", "Those of people on a watch list"),
    ("all", "All"),
];

pub(crate) fn policy(policy: &str) -> &'static str {
    let found = POLICIES.iter().find(|(value, _)| *value == policy);
    found.map_or("", |(_, label)| label)
}

pub(crate) const COLOURS: &str = "Colours of the watch list that need one";
pub(crate) const COLOUR_NAMES: [(&str, &str); 4] = [
    ("red", "Red"),
    ("orange", "Orange"),
    ("yellow", "Yellow"),
    ("green", "Green"),
];
pub(crate) const MANAGE_IN: &str = "Decided";
pub(crate) const MANAGE_INS: [(&str, &str); 3] = [
    ("", "Not set"),
    ("frontDesk", "At the front desk"),
    ("workflow", "In a workflow"),
];
pub(crate) const WORKFLOW: &str = "Workflow";
pub(crate) const WORKFLOW_HINT: &str = "Its id, where visits are decided in one.";
pub(crate) const SIGN_INS: &str = "For people who sign in without an invitation too";
pub(crate) const AUTO_APPROVE: &str = "Invitations of these are approved by themselves";
pub(crate) const AUTO_APPROVE_ROLES: [(&str, &str); 3] = [
    ("tenantAdmin", "Tenant administrators"),
    ("locationAdmin", "Location administrators"),
    ("frontDesk", "Front desk"),
];
pub(crate) const NOTIFY_HOST: &str = "Tell the host what was decided";
pub(crate) const NOTIFY_INVITER: &str = "Tell who invited what was decided";
pub(crate) const PORTAL_LINK: &str = "Visitors get the link to the portal";
pub(crate) const PORTAL_LINKS: [(&str, &str); 4] = [
    ("", "Not set"),
    ("never", "Never"),
    ("onApproval", "When they are approved"),
    ("onCreate", "When they are invited"),
];
pub(crate) const AMEND: &str = "Changes of an approved visit";
pub(crate) const AMENDS: [(&str, &str); 3] = [
    ("", "Not set"),
    ("forbid", "Are not possible"),
    ("reapprove", "Are approved anew"),
];
pub(crate) const DUE_HOURS: &str = "Hours to decide in";
pub(crate) const EXPIRE_AT_START: &str = "What is not decided when the visit begins, expires";
pub(crate) const SAFETY: &str = "Safety check";
pub(crate) const ON_OUTAGE: &str = "When the check does not answer";
pub(crate) const ON_OUTAGES: [(&str, &str); 4] = [
    ("", "Not set"),
    ("failClosed", "Nobody may sign in"),
    ("failOpen", "Everybody may"),
    ("lastKnown", "As was known last"),
];
pub(crate) const TTL_MINUTES: &str = "Minutes that a decision holds";
pub(crate) const RETENTION: &str = "How long records are kept";
pub(crate) const VISIT_DAYS: &str = "Visits, in days";
pub(crate) const VISITOR_DAYS: &str = "Visitors, in days";
pub(crate) const INVITE_DAYS: &str = "Invitations, in days";
pub(crate) const BRANDING: &str = "What visitors see";
pub(crate) const LOGO: &str = "Address of the logo";
pub(crate) const COLOUR: &str = "Colour";
pub(crate) const COLOUR_HINT: &str = "As in #1f6feb.";
pub(crate) const REPLY_TO: &str = "Answers go to";
pub(crate) const DEFAULT_HOST: &str = "Host where nobody is named";
pub(crate) const DEFAULT_TYPE: &str = "Who";
pub(crate) const DEFAULT_TYPES: [(&str, &str); 3] = [
    ("", "Nobody"),
    ("Host", "A host"),
    ("HostGroup", "A host group"),
];
pub(crate) const DEFAULT_VALUE: &str = "Name";
pub(crate) const DEFAULT_VALUE_HINT: &str =
    "The user name of a host, the name of a host group, or an id.";

pub(crate) fn nobody(name: &str) -> String {
    format!("No host or host group is called “{name}”.")
}

/// What is shown to those who may not change it.
pub(crate) const SHOWN: [(&str, &str); 30] = [
    ("name", NAME),
    ("code", CODE),
    ("aliases", ALIASES),
    ("timezone", TIME_ZONE),
    ("maxCapacity", CAPACITY),
    ("active", ACTIVE),
    ("address.formatted", ADDRESS),
    ("address.locality", LOCALITY),
    ("address.region", REGION),
    ("address.postalCode", POSTAL_CODE),
    ("address.country", COUNTRY),
    ("approvals.policy", POLICY),
    ("approvals.watchlistColours", COLOURS),
    ("approvals.manageIn", MANAGE_IN),
    ("approvals.workflow", WORKFLOW),
    ("approvals.applyToSignIns", SIGN_INS),
    ("approvals.autoApproveRoles", AUTO_APPROVE),
    ("approvals.notifyHost", NOTIFY_HOST),
    ("approvals.notifyInviter", NOTIFY_INVITER),
    ("approvals.portalLink", PORTAL_LINK),
    ("approvals.amend", AMEND),
    ("approvals.decisionDueHours", DUE_HOURS),
    ("approvals.expireAtStart", EXPIRE_AT_START),
    ("safety.onOutage", ON_OUTAGE),
    ("safety.decisionTtlMinutes", TTL_MINUTES),
    ("retention.visitDays", VISIT_DAYS),
    ("retention.visitorDays", VISITOR_DAYS),
    ("retention.inviteDays", INVITE_DAYS),
    ("branding.replyTo", REPLY_TO),
    ("defaultHost.value", DEFAULT_HOST),
];
