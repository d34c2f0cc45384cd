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
pub(crate) const PRINCIPALS: [(&str, &str); 3] = [
    ("Host", "One host"),
    ("HostGroup", "All hosts of a host group"),
    ("ConsoleAccount", "An account of this console"),
];
pub(crate) const TO_WHOM: &str = "Name";
pub(crate) const TO_WHOM_HINT: &str =
    "The user name of the host or the account, the name of the host group, or an id.";
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

pub(crate) const TABS: &str = "Pages of access";
pub(crate) const ROLES_TAB: &str = "Roles";
pub(crate) const ACCOUNTS: &str = "Accounts";
pub(crate) const ACCOUNTS_LEAD: &str = "Who signs in here with a password. People whom a directory keeps can sign in with their provider too.";
pub(crate) const ACCOUNT_HEADS: [&str; 5] = [
    "User name",
    "Name",
    "Status",
    "Last signed in",
    "Password of",
];
pub(crate) const NO_ACCOUNTS: &str = "There are no accounts";
pub(crate) const NO_ACCOUNTS_TEXT: &str =
    "Make one for each person who signs in with a password, and give it a role.";
pub(crate) const NEW_ACCOUNT: &str = "Add an account";
pub(crate) const ACCOUNT: &str = "Account";
pub(crate) const USER_NAME: &str = "User name";
pub(crate) const DISPLAY_NAME: &str = "Name";
pub(crate) const IS_USER: &str = "Is the person";
pub(crate) const IS_USER_HINT: &str =
    "The id of their User, if a directory keeps one: then it ends when the directory lets them go.";
pub(crate) const PASSWORD: &str = "Password";
pub(crate) const PASSWORD_NEW_HINT: &str = "Tell it to them in person; they change it here.";
pub(crate) const PASSWORD_HINT: &str =
    "Empty: it stays as it is. A new one ends all their sessions.";
pub(crate) const MAY_SIGN_IN: &str = "May sign in";
pub(crate) const IN_USE: &str = "In use";
pub(crate) const OFF: &str = "Switched off";
pub(crate) const LOCKED: &str = "Locked";
pub(crate) const LOCKED_UNTIL: &str = "Locked until";
pub(crate) const LAST_SIGN_IN: &str = "Last signed in";
pub(crate) const PASSWORD_CHANGED: &str = "Password of";
pub(crate) const DELETE: &str = "Delete";
pub(crate) const DELETE_FOLLOWS: [&str; 2] = [
    "All sessions of the account end at once, and nobody can sign in with it.",
    "The audit log keeps what was done with it.",
];
pub(crate) const SIGN_ON: &str = "Single sign-on";
pub(crate) const SIGN_ON_LEAD: &str = "People sign in with their OpenID Connect provider, such as Entra ID or Okta. Nobody gets an account by that: whoever signs in needs a role.";
pub(crate) const CALLBACK: &str = "Redirect URI";
pub(crate) const CALLBACK_HINT: &str =
    "Enter it at the provider, where the application is registered.";
pub(crate) const PROVIDER: &str = "Provider";
pub(crate) const PROVIDER_NAME: &str = "Name on the button";
pub(crate) const ISSUER: &str = "Issuer";
pub(crate) const ISSUER_HINT: &str =
    "Its HTTPS address, such as https://login.microsoftonline.com/TENANT-ID/v2.0.";
pub(crate) const CLIENT_ID: &str = "Client id";
pub(crate) const CLIENT_SECRET: &str = "Client secret";
pub(crate) const CLIENT_SECRET_HINT: &str = "Empty: it stays as it is.";
pub(crate) const SCOPES: &str = "Scopes";
pub(crate) const SCOPES_HINT: &str = "Empty: openid email profile.";
pub(crate) const CLAIM: &str = "Claim by which people are found";
pub(crate) const CLAIM_HINT: &str = "Empty: email, where the provider has verified it.";
pub(crate) const SWITCHED_ON: &str = "Switched on";

pub(crate) fn delete_ask(name: &str) -> String {
    format!("Delete the account {name}?")
}

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
        name => format!("Nobody is called “{name}”."),
    }
}
