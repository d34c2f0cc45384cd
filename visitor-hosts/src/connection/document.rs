//! A connection as a resource, and a resource as a connection. Pure.

use jiff::Timestamp;
use scim_core::{Error, ResourceId};
use scim_server::edge::Cidr;
use scim_server::service::Scopes;
use scim_server::store::{Secret, SecretPurpose, Stored, Token, TokenKind};
use serde_json::{Map, Value, json};

use super::Settings;
use crate::schemas::API_TOKEN_URN;

/// What an agent or a kiosk may do of which nothing else is said.
const READ_ONLY: &str = "hosts.read hostGroups.read locations.read";
/// Members of [`Settings`] that are attributes of the resource, under the same names.
const SETTINGS: [&str; 5] = [
    "guard",
    "onExisting",
    "silentAfterHours",
    "agent",
    "lastTest",
];

/// The resource of a connection, of which these are the secrets.
pub(super) fn stored(token: &Token, secrets: &[Secret], now: Timestamp) -> Stored {
    Stored {
        kind: "ApiToken".to_owned(),
        id: ResourceId::new(token.id.0),
        owner: None,
        version: token.version,
        created: token.created,
        modified: token.modified,
        document: Value::Object(document(token, secrets, now)).to_string(),
    }
}

fn document(token: &Token, secrets: &[Secret], now: Timestamp) -> Map<String, Value> {
    let settings = Settings::of(token.settings.as_deref());
    let hint = settings.hint.clone();
    let mut kept = serde_json::to_value(settings).unwrap_or_default();
    let time = |at: Timestamp| json!(format!("{at:.3}"));
    let list = |texts: &str| json!(texts.split_ascii_whitespace().collect::<Vec<_>>());
    let mut document = Map::new();
    let mut add = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            document.insert(name.to_owned(), value);
        }
    };
    add("schemas", Some(json!([API_TOKEN_URN])));
    add("name", Some(json!(token.name)));
    add("kind", Some(json!(token.kind.as_str())));
    add("scopes", token.scopes.as_deref().map(list));
    add("hint", hint.map(Value::String));
    let asks = token.kind.can_ask() && token.revoked.is_none();
    add("basicUser", asks.then(|| json!(token.id.to_string())));
    add("expiresAt", token.expires.map(time));
    add("previousValidUntil", previous(secrets, now).map(time));
    add("allowedNetworks", token.networks.as_deref().map(list));
    add("lastUsedAt", token.last_used.map(time));
    for name in SETTINGS {
        let value = kept.get_mut(name).map(Value::take);
        add(name, value.filter(|value| !value.is_null()));
    }
    add("policy", Some(json!(token.policy.as_str())));
    let is_on = token.active && token.revoked.is_none();
    add("active", Some(json!(is_on)));
    add("revokedAt", token.revoked.map(time));
    document
}

/// Until when a secret works that a newer one replaces.
fn previous(secrets: &[Secret], now: Timestamp) -> Option<Timestamp> {
    let own = secrets
        .iter()
        .filter(|it| it.purpose == SecretPurpose::Connection);
    own.filter_map(|it| it.expires)
        .filter(|end| *end > now)
        .max()
}

/// A connection as a resource wants it to be: what the resource does not say stays as it was.
pub(super) fn token(
    was: &Token,
    document: &Map<String, Value>,
    now: Timestamp,
) -> Result<Token, Error> {
    let text = |name: &str| document.get(name).and_then(Value::as_str);
    let scopes = match list(document, "scopes") {
        Some(scopes) => Some(checked::<Scopes>("scopes", &scopes)?.to_string()),
        None if matches!(was.kind, TokenKind::Agent | TokenKind::Kiosk) => {
            Some(READ_ONLY.to_owned())
        }
        None => None,
    };
    let networks = list(document, "allowedNetworks");
    for network in networks.iter().flat_map(|all| all.split_ascii_whitespace()) {
        checked::<Cidr>("allowedNetworks", network)?;
    }
    let expires = match text("expiresAt") {
        Some(at) => Some(time("expiresAt", at)?),
        None => None,
    };
    if expires != was.expires && expires.is_some_and(|end| end <= now) {
        return Err(Error::invalid_value(
            "expiresAt",
            "send a time to come, or revoke the token",
        ));
    }
    let before = Settings::of(was.settings.as_deref());
    let mut kept = Map::new();
    for name in SETTINGS {
        if let Some(value) = document.get(name) {
            kept.insert(name.to_owned(), value.clone());
        }
    }
    let settings: Settings = serde_json::from_value(Value::Object(kept))
        .map_err(|error| Error::invalid_value("guard", error.to_string()))?;
    limits(&settings)?;
    let settings = Settings {
        hint: before.hint,
        last_test: before.last_test,
        ..settings
    };
    if was.kind == TokenKind::Agent && settings.agent.is_none() {
        let reason = "say who answers for the agent: its owner is the id of a Host";
        return Err(Error::invalid_value("agent", reason));
    }
    Ok(Token {
        name: text("name").unwrap_or_default().trim().to_owned(),
        policy: match text("policy") {
            Some(name) => checked("policy", name)?,
            None => was.policy,
        },
        active: document
            .get("active")
            .and_then(Value::as_bool)
            .unwrap_or(true),
        scopes,
        networks,
        expires,
        settings: settings.to_text(),
        ..was.clone()
    })
}

/// Texts of a multi-valued attribute, between spaces.
fn list(document: &Map<String, Value>, name: &str) -> Option<String> {
    let values = document.get(name)?.as_array()?;
    let texts: Vec<&str> = values.iter().filter_map(Value::as_str).collect();
    (!texts.is_empty()).then(|| texts.join(" "))
}

fn checked<T: std::str::FromStr<Err = String>>(name: &str, text: &str) -> Result<T, Error> {
    text.parse()
        .map_err(|reason: String| Error::invalid_value(name, reason))
}

fn time(name: &str, text: &str) -> Result<Timestamp, Error> {
    let wrong = |_| Error::invalid_value(name, "send a date and a time with a time zone");
    text.parse().map_err(wrong)
}

/// Numbers that mean something.
fn limits(settings: &Settings) -> Result<(), Error> {
    let guard = settings.guard.unwrap_or_default();
    crate::tenant::in_bounds("guard", guard.max_deactivation_percent, guard.hold_hours)?;
    crate::tenant::is_a_silence(settings.silent_after_hours)
}

#[cfg(test)]
mod tests {
    use scim_core::Version;
    use scim_server::store::ConnectionId;

    use super::*;

    fn blank(kind: TokenKind) -> Token {
        Token {
            id: ConnectionId(uuid::Uuid::from_u128(7)),
            kind,
            name: String::new(),
            person: None,
            policy: "entra".parse().unwrap(),
            created: Timestamp::UNIX_EPOCH,
            expires: None,
            revoked: None,
            last_used: None,
            active: true,
            scopes: None,
            networks: None,
            settings: Some(r#"{"hint":"scim_abcd"}"#.to_owned()),
            version: Version(1),
            modified: Timestamp::UNIX_EPOCH,
        }
    }

    fn round(kind: TokenKind, sent: &Value) -> String {
        let now = Timestamp::from_second(1_000_000).unwrap();
        match token(&blank(kind), sent.as_object().unwrap(), now) {
            Ok(token) => stored(&token, &[], now).document,
            Err(error) => error.to_string(),
        }
    }

    macro_rules! check {
        ($kind:ident, $sent:tt, @$shown:literal) => {
            insta::assert_snapshot!(round(TokenKind::$kind, &json!($sent)), @$shown)
        };
    }

    #[test]
    fn what_is_kept() {
        check!(Idp, { "name": " Entra " }, @r#"{"schemas":["urn:visitor-hosts:scim:schemas:1.0:ApiToken"],"name":"Entra","kind":"idp","hint":"scim_abcd","basicUser":"00000000-0000-0000-0000-000000000007","policy":"entra","active":true}"#);
        check!(App, { "name": "Desk", "scopes": ["hosts.*", "*.read"], "allowedNetworks": ["10.0.0.0/8"], "active": false, "policy": "strict" }, @r#"{"schemas":["urn:visitor-hosts:scim:schemas:1.0:ApiToken"],"name":"Desk","kind":"app","scopes":["hosts.*","*.read"],"hint":"scim_abcd","basicUser":"00000000-0000-0000-0000-000000000007","allowedNetworks":["10.0.0.0/8"],"policy":"strict","active":false}"#);
        check!(Kiosk, { "name": "Door" }, @r#"{"schemas":["urn:visitor-hosts:scim:schemas:1.0:ApiToken"],"name":"Door","kind":"kiosk","scopes":["hosts.read","hostGroups.read","locations.read"],"hint":"scim_abcd","basicUser":"00000000-0000-0000-0000-000000000007","policy":"entra","active":true}"#);
        check!(Idp, { "name": "Entra", "guard": { "mode": "observe", "maxDeactivations": 3, "maxDeactivationPercent": 2.5, "holdHours": 1 }, "onExisting": "autoLink" }, @r#"{"schemas":["urn:visitor-hosts:scim:schemas:1.0:ApiToken"],"name":"Entra","kind":"idp","hint":"scim_abcd","basicUser":"00000000-0000-0000-0000-000000000007","guard":{"mode":"observe","maxDeactivations":3,"maxDeactivationPercent":2.5,"holdHours":1.0},"onExisting":"autoLink","policy":"entra","active":true}"#);
    }

    #[test]
    fn what_is_refused() {
        check!(App, { "name": "a", "scopes": ["everything"] }, @r#"scopes: "everything" is no scope: write an area and an action, as hosts.read, hosts.* or *.read"#);
        check!(App, { "name": "a", "allowedNetworks": ["10.0.0.0/99"] }, @r#"allowedNetworks: "10.0.0.0/99" is no network: try 10.0.0.0/8 or 2001:db8::1"#);
        check!(App, { "name": "a", "expiresAt": "1970-01-02T00:00:00Z" }, @"expiresAt: send a time to come, or revoke the token");
        check!(App, { "name": "a", "policy": "lenient" }, @r#"policy: "lenient" is no policy: use one of compatible, strict, interop, entra, okta"#);
        check!(Agent, { "name": "a" }, @"agent: say who answers for the agent: its owner is the id of a Host");
        check!(Idp, { "name": "a", "guard": { "maxDeactivationPercent": 101.0 } }, @"guard.maxDeactivationPercent: send a share from 0 to 100");
        check!(Idp, { "name": "a", "silentAfterHours": -1.0 }, @"silentAfterHours: send 0, which means never, or up to 8,760 hours");
        check!(Idp, { "name": "a", "guard": { "holdHours": 0.0 } }, @"guard.holdHours: send a time above 0 and up to 720 hours");
    }
}
