//! Roles and access.

pub(crate) const TITLE: &str = "Roles and access";
pub(crate) const LEAD: &str =
    "Who may do what. A role ends at once when the directory lets its person go.";
pub(crate) const HEADS: [&str; 6] = ["Who", "Role", "Where", "Until", "Reason", "Take away"];
pub(crate) const NONE: &str = "Nobody has a role yet";
pub(crate) const NONE_TEXT: &str = "Give one to a host, or to a host group: then the directory that fills the group decides who has it.";
pub(crate) const GIVE: &str = "Give a role";
pub(crate) const GIVE_INTRO: &str = "Nobody gives a role that may more than they may themselves. Give a role to a group only where you trust the directory that fills it.";
pub(crate) const TAKE: &str = "Take away";
pub(crate) const ROLE: &str = "Role";
pub(crate) const TO_WHAT: &str = "To";
pub(crate) const PRINCIPALS: [(&str, &str); 2] = [
    ("Host", "One host"),
    ("HostGroup", "All hosts of a host group"),
];
pub(crate) const TO_WHOM: &str = "Name";
pub(crate) const TO_WHOM_HINT: &str =
    "The user name of the host, the name of the host group, or an id.";
pub(crate) const WHERE: &str = "Only at these locations";
pub(crate) const WHERE_HINT: &str = "Binds location administrators; no choice means everywhere.";
pub(crate) const UNTIL: &str = "Until";
pub(crate) const UNTIL_HINT: &str = "The end of that day (UTC); empty for no end.";
pub(crate) const EVERYWHERE: &str = "Everywhere";
pub(crate) const FOR_EVER: &str = "No end";
pub(crate) const MEANINGS: &str = "What each role opens";
pub(crate) const MEANINGS_INTRO: &str =
    "People and groups of a directory are changed in the directory, whatever role somebody has.";
pub(crate) const MEANING_HEADS: [&str; 2] = ["Role", "May"];
pub(crate) const TAKE_FOLLOWS: &str =
    "With the next request nothing of that is open any more, unless another role opens it.";
pub(crate) const TAKE_GROUP: &str = "That holds for all hosts of the group.";

/// The roles: their values, what they are called, and what they open.
pub(crate) const ROLES: [(&str, &str, &str); 10] = [
    ("tenantAdmin", "Tenant administrator", "Everything."),
    (
        "directoryAdmin",
        "Directory administrator",
        "Connections and what they trust, change sets, conflicts, imports, the event log, and hosts.",
    ),
    (
        "locationAdmin",
        "Location administrator",
        "Locations with their preferences, and what belongs to the product of the hosts there.",
    ),
    (
        "auditor",
        "Auditor",
        "Read everything but connections, settings, people and unknown offices.",
    ),
    ("inviter", "Inviter", "Read hosts and locations."),
    ("approver", "Approver", "Read hosts and locations."),
    (
        "frontDesk",
        "Front desk",
        "Read hosts, host groups and locations.",
    ),
    (
        "complianceOfficer",
        "Compliance officer",
        "Read hosts and locations.",
    ),
    (
        "hrAdmin",
        "HR administrator",
        "Read hosts, locations and imports.",
    ),
    ("integrationAgent", "Integration agent", "Read locations."),
];

pub(crate) fn role(role: &str) -> &'static str {
    let found = ROLES.iter().find(|(value, ..)| *value == role);
    found.map_or("Another role", |(_, name, _)| name)
}

pub(crate) fn meaning(role: &str) -> String {
    let found = ROLES.iter().find(|(value, ..)| *value == role);
    let opens = found.map_or("", |(.., meaning)| meaning);
    format!("The role opens: {opens}")
}

pub(crate) fn take_ask(role: &str, who: &str) -> String {
    format!("Take the role “{role}” away from {who}?")
}

pub(crate) fn nobody(name: &str) -> String {
    match name {
        "" => "Say to whom.".to_owned(),
        name => format!("No host or host group is called “{name}”."),
    }
}
