//! Preferences → SCIM host provisioning.

use super::thousands;

pub(crate) const TITLE: &str = "SCIM host provisioning";
pub(crate) const LEAD: &str = "Your identity provider pushes people and groups to this address; they appear as hosts and host groups.";
pub(crate) const CONNECTIONS: &str = "Connections";
pub(crate) const CONNECTIONS_INTRO: &str = "Whoever asks this server: identity providers, applications, kiosks. What a connection creates stays its own.";
pub(crate) const HEADS: [&str; 6] = ["Name", "Status", "Kind", "Last used", "Last test", "Ends"];
pub(crate) const NONE: &str = "Nothing is connected yet";
pub(crate) const NONE_TEXT: &str = "Create a connection, copy its secret into your identity provider, and test it. People appear as soon as provisioning is switched on there.";
pub(crate) const NEW: &str = "Create a connection";
pub(crate) const ADDRESS: &str = "What the identity provider needs";
pub(crate) const TENANT_URL: &str = "Tenant URL";
pub(crate) const TENANT_URL_HINT: &str =
    "In Entra: Provisioning → Admin Credentials → Tenant URL. In Okta: SCIM connector base URL.";
pub(crate) const TOKEN_URL: &str = "OAuth 2.0 token endpoint";
pub(crate) const TOKEN_URL_HINT: &str = "Only for client credentials: the client id is the id of a connection, the client secret its secret.";
pub(crate) const TABS: &str = "Pages of provisioning";
pub(crate) const MAPPING: &str = "Mapping sheet";
pub(crate) const ENTRA: &str = "Set up Entra ID";
pub(crate) const OKTA: &str = "Set up Okta";
pub(crate) const POLICIES: &str = "Policies";
pub(crate) const CONNECTION: &str = "Connection";

pub(crate) const NAME: &str = "Name";
pub(crate) const NAME_HINT: &str = "By which people know it, such as Contoso Entra ID.";
pub(crate) const KIND: &str = "Kind";
pub(crate) const KINDS: [(&str, &str); 4] = [
    ("idp", "Identity provider: writes its own people and groups"),
    ("app", "Application: reaches what its scopes name"),
    ("kiosk", "Kiosk: reads hosts, host groups and locations"),
    ("agent", "Agent: acts for a host who answers for it"),
];
pub(crate) const POLICY: &str = "Reads requests";
pub(crate) const POLICY_HINT: &str = "Which departures from the RFCs are understood.";
pub(crate) const POLICIES_OF_READING: [(&str, &str); 5] = [
    ("compatible", "As every known client sends them"),
    ("entra", "As Microsoft Entra ID sends them"),
    ("okta", "As Okta sends them"),
    ("interop", "As the interoperability profile has them"),
    ("strict", "Exactly as the RFCs have them"),
];
pub(crate) const EXPIRES: &str = "Ends on";
pub(crate) const EXPIRES_HINT: &str =
    "At the end of that day (UTC). A year from now if it is empty.";
pub(crate) const SCOPES: &str = "Scopes";
pub(crate) const SCOPES_HINT: &str =
    "One to each line, such as hosts.read or locations.*; empty: everything for an application.";
pub(crate) const NETWORKS: &str = "Allowed networks";
pub(crate) const NETWORKS_HINT: &str =
    "CIDR blocks from which it is taken, one to each line; empty: from everywhere.";
pub(crate) const ANSWERS: &str = "Who answers for the agent";
pub(crate) const ANSWERS_HINT: &str = "The user name of a host; only for an agent.";
pub(crate) const ACTIVE: &str = "Switched on";
pub(crate) const ON_EXISTING: &str = "People who are here already";
pub(crate) const ON_EXISTING_HINT: &str =
    "When the directory brings somebody whom you keep by hand or from a file.";
pub(crate) const ON_EXISTINGS: [(&str, &str); 4] = [
    ("", "Ask (as long as nothing is chosen)"),
    ("ask", "Ask: open a conflict"),
    ("autoLink", "Link: the host is theirs at once"),
    ("reject", "Reject: refuse the record (409)"),
];
pub(crate) const SILENT: &str = "Silent after hours";
pub(crate) const SILENT_HINT: &str = "After so many hours without a request people are told; 0 for never. Entra asks every 40 minutes, Okta only when something changed.";
pub(crate) const GUARD: &str = "Guard";
pub(crate) const GUARD_MODE: &str = "When too many hosts would be hidden at once";
pub(crate) const GUARD_MODES: [(&str, &str); 5] = [
    ("", "Hold (as long as nothing is chosen)"),
    ("hold", "Hold: they stay until somebody decides"),
    ("observe", "Observe: say so, and hide them"),
    ("refuse", "Refuse the request (403)"),
    ("off", "Off"),
];
pub(crate) const GUARD_MAX: &str = "Hosts at most";
pub(crate) const GUARD_PERCENT: &str = "Percent at most";
pub(crate) const GUARD_HOURS: &str = "Hours until a hold ends by itself";
pub(crate) const GUARD_HINT: &str =
    "Empty: as the tenant has it, and else 25 hosts, 10 percent, 24 hours.";

pub(crate) const ID: &str = "Id";
pub(crate) const BASIC: &str = "User name for HTTP Basic";
pub(crate) const HINT: &str = "Secret begins with";
pub(crate) const PREVIOUS: &str = "Former secret works until";
pub(crate) const CREATED: &str = "Created";
pub(crate) const LAST_USED: &str = "Last used";
pub(crate) const ENDS: &str = "Ends";
pub(crate) const REVOKED_AT: &str = "Revoked";
pub(crate) const FACTS: &str = "Credentials";
pub(crate) const EDIT: &str = "Policies of this connection";
pub(crate) const NEVER: &str = "Never";

pub(crate) const SECRET: &str = "Secret Token";
pub(crate) const SECRET_TITLE: &str = "Copy the secret now";
pub(crate) const SECRET_ONCE: &str =
    "It is shown this once, and nowhere else: the server keeps its hash only.";
pub(crate) const SECRET_DONE: &str = "I have copied it";
pub(crate) const SECRET_AFTER: &str = "What comes next";
pub(crate) const SECRET_STEPS: [&str; 3] = [
    "Paste both values into the identity provider.",
    "Press Test Connection there, and here on the page of the connection.",
    "Switch provisioning on: hosts appear as they are sent.",
];

pub(crate) const TEST: &str = "Test connection";
pub(crate) const TEST_ASK: &str = "Test this connection?";
pub(crate) const TEST_FOLLOWS: [&str; 3] = [
    "What the identity provider sends is played in the connection's name, in a rehearsal.",
    "Nothing of it is kept: no person, no change set, no line of a log.",
    "It takes a few seconds.",
];
pub(crate) const TEST_GOOD: &str = "Everything works";
pub(crate) const TEST_FAILED: &str = "Something does not work";
pub(crate) const TEST_HEADS: [&str; 3] = ["Step", "Result", "What was found"];
pub(crate) const TEST_AGAIN: &str = "Test again";
pub(crate) const LAST_TEST: &str = "Last test";

pub(crate) const ROTATE: &str = "Rotate the secret";
pub(crate) const ROTATE_ASK: &str = "Make a new secret?";
pub(crate) const ROTATE_FOLLOWS: [&str; 2] = [
    "A new secret is made and shown once.",
    "The one in use works as long as you say below, so that you can exchange it without a gap.",
];
pub(crate) const OVERLAP: &str = "Hours that the former secret works";
pub(crate) const OVERLAP_HINT: &str = "From 0, at once after a theft, to 24.";
pub(crate) const REVOKE: &str = "Revoke";
pub(crate) const REVOKE_ASK: &str = "Revoke this connection?";
pub(crate) const REVOKE_FOLLOWS: [&str; 3] = [
    "Within a second nothing is taken that is sent with its secrets.",
    "Nothing brings it back; make another connection instead.",
    "Its people and groups stay as they are.",
];

pub(crate) const REPORT: &str = "Compatibility report";
pub(crate) const REPORT_FINDINGS: &str = "Findings";
pub(crate) const FINDING_HEADS: [&str; 3] = ["Level", "What", "What to do"];
pub(crate) const NO_FINDINGS: &str = "Nothing was found";
pub(crate) const NO_FINDINGS_TEXT: &str =
    "What this connection sends is complete and was understood.";
pub(crate) const REPORT_ATTRIBUTES: &str = "Attributes";
pub(crate) const ATTRIBUTE_HEADS: [&str; 4] = ["Attribute", "Needed", "Times sent", "Last sent"];
pub(crate) const REPORT_REQUESTS: &str = "Requests";
pub(crate) const REQUEST_HEADS: [&str; 4] = ["Request", "About", "How many", "Refused"];
pub(crate) const QUIRKS: &str = "Departures from the RFCs";
pub(crate) const QUIRK_HEADS: [&str; 4] = ["Departure", "Seen", "Put right", "Last"];
pub(crate) const NO_REQUESTS: &str = "Nothing was sent";
pub(crate) const NO_REQUESTS_TEXT: &str =
    "When the identity provider sends its first people, this report says what is missing.";

pub(crate) fn report_lead(client: &str, days: u64, requests: u64, refused: u64) -> String {
    format!(
        "{client}, the last {days} days: {} requests, {} refused.",
        thousands(requests),
        thousands(refused)
    )
}

pub(crate) fn grade(grade: &str) -> &'static str {
    match grade {
        "good" => "Good",
        "attention" => "Needs attention",
        "broken" => "Broken",
        _ => "Nothing sent yet",
    }
}

pub(crate) fn verdict(verdict: &str) -> &'static str {
    match verdict {
        "good" => "Works",
        "attention" => "Attention",
        "broken" => "Broken",
        _ => "Not tried",
    }
}

pub(crate) fn level(level: &str) -> &'static str {
    match level {
        "broken" => "Broken",
        "attention" => "Attention",
        _ => "Note",
    }
}

pub(crate) fn need(need: &str) -> &'static str {
    match need {
        "required" => "Required",
        "recommended" => "Recommended",
        _ => "Optional",
    }
}

/// How a connection is.
pub(crate) const LIVE: &str = "In use";
pub(crate) const UNUSED: &str = "Not used yet";
pub(crate) const OFF: &str = "Switched off";
pub(crate) const REVOKED: &str = "Revoked";
pub(crate) const EXPIRED: &str = "Ended";
pub(crate) const EXPIRES_SOON: &str = "Ends soon";
pub(crate) const QUIET: &str = "Silent";
pub(crate) const BAD_TEST: &str = "Test failed";

pub(crate) fn kind(kind: &str) -> &'static str {
    match kind {
        "idp" => "Identity provider",
        "app" => "Application",
        "agent" => "Agent",
        "kiosk" => "Kiosk",
        "csv" => "CSV files",
        _ => "Console",
    }
}

pub(crate) fn tested(result: &str) -> &'static str {
    match result {
        "ok" => "Passed",
        "" => "",
        _ => "Failed",
    }
}

pub(crate) const SETTINGS_LEAD: &str =
    "What holds for all connections that do not say otherwise themselves.";
pub(crate) const SETTINGS_CLOSED: &str = "Your roles let you read this, not change it.";
pub(crate) const TENANT_NAME: &str = "Name of the tenant";
pub(crate) const LOCALE: &str = "Language";
pub(crate) const LOCALE_HINT: &str = "A language tag such as en or de-CH.";
pub(crate) const NEW_POLICY: &str = "New connections read requests";
pub(crate) const MATCH_ORDER: &str = "By what people are known again";
pub(crate) const MATCH_ORDER_HINT: &str =
    "One to each line, what counts most first: employeeNumber, email, userName.";

pub(crate) const MAPPING_LEAD: &str = "Make the attribute mappings of your identity provider those of this table, and delete the others.";
pub(crate) const MAPPING_HEADS: [&str; 5] = [
    "SCIM attribute",
    "Entra ID",
    "Okta",
    "Needed",
    "Becomes the host's",
];
pub(crate) const MAPPING_ROWS: [[&str; 5]; 16] = [
    [
        "userName",
        "userPrincipalName (matching, 1)",
        "userName",
        "Required",
        "login name",
    ],
    [
        "externalId",
        "objectId (matching, 2)",
        "externalId",
        "Recommended",
        "stable key",
    ],
    [
        "active",
        "Switch([IsSoftDeleted], , \"False\", \"True\", \"True\", \"False\")",
        "sent by Okta itself",
        "Required",
        "visibility",
    ],
    [
        "name.givenName",
        "givenName",
        "user.firstName",
        "Required",
        "given name",
    ],
    [
        "name.familyName",
        "surname",
        "user.lastName",
        "Required",
        "family name",
    ],
    [
        "displayName",
        "displayName",
        "user.displayName",
        "Recommended",
        "shown name",
    ],
    [
        "emails[type eq \"work\"].value",
        "mail",
        "user.email",
        "Required",
        "address for notices",
    ],
    [
        "phoneNumbers[type eq \"mobile\"].value",
        "mobile",
        "user.mobilePhone",
        "Optional",
        "mobile number",
    ],
    [
        "phoneNumbers[type eq \"work\"].value",
        "telephoneNumber",
        "user.primaryPhone",
        "Optional",
        "work number",
    ],
    ["title", "jobTitle", "user.title", "Optional", "job title"],
    [
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
        "department",
        "user.department",
        "Optional",
        "department",
    ],
    [
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber",
        "employeeId",
        "user.employeeNumber",
        "Recommended",
        "key by which a person who comes back is known again",
    ],
    [
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager",
        "manager",
        "not mapped",
        "Optional",
        "manager",
    ],
    [
        "urn:ietf:params:scim:schemas:extension:visitorhost:2.0:User:officeLocation",
        "physicalDeliveryOfficeName",
        "an attribute of your own",
        "Optional",
        "office, which becomes a location",
    ],
    [
        "urn:ietf:params:scim:schemas:extension:visitorhost:2.0:User:hostVisible",
        "extensionAttribute1",
        "an attribute of your own",
        "Optional",
        "“false” hides the host",
    ],
    [
        "preferredLanguage",
        "preferredLanguage",
        "user.preferredLanguage",
        "Optional",
        "language of notices",
    ],
];

pub(crate) const ENTRA_LEAD: &str = "Entra must reach this server from the internet over HTTPS. It works in cycles of about 40 minutes; “Provision on demand” shows one person at once.";
pub(crate) const ENTRA_STEPS: [&str; 7] = [
    "Create a connection here, of the kind identity provider, and copy its secret.",
    "In Entra open Enterprise applications → New application → Create your own application, and choose “any other application”.",
    "Open Provisioning, and choose the mode Automatic.",
    "As Tenant URL enter the one of this page, as Secret Token the secret of the connection.",
    "Press Test Connection, and save.",
    "Make the attribute mappings those of the mapping sheet; delete mappings that are not in it.",
    "Assign the users and groups that are to be hosts, and switch provisioning On.",
];
pub(crate) const OKTA_LEAD: &str = "Okta sends what changes at once, and nothing when nothing changes: set “Silent after hours” of its connection to 0, or to a long time.";
pub(crate) const OKTA_STEPS: [&str; 7] = [
    "Create a connection here, of the kind identity provider, and copy its secret.",
    "In Okta open Applications → Browse App Catalog, and add “SCIM 2.0 Test App (Header Auth)”, or enable SCIM provisioning of an application of your own under General → App Settings.",
    "Open Provisioning → Integration → Configure API Integration. As base URL enter the Tenant URL of this page, as API token the secret (for Header Auth with “Bearer ” before it), and userName as the unique identifier.",
    "Press Test API Credentials, and save.",
    "Under Provisioning → To App switch on Create Users, Update User Attributes and Deactivate Users.",
    "Make the attribute mappings those of the mapping sheet.",
    "Under Assignments assign the people who are to be hosts, and under Push Groups the groups: not the same groups for both.",
];

pub(crate) fn no_such_host(name: &str) -> String {
    format!("No host has the user name “{name}”.")
}
