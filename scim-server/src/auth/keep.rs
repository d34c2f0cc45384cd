//! How connections are written, within a unit of work: each change leaves a line in the change feed, and no
//! line holds a secret.

use jiff::SignedDuration;
use jiff::Timestamp;
use scim_core::{ResourceId, Version};
use serde_json::{Map, Value, json};

use super::valid::{earlier, is_over};
use super::{OVERLAP_MAX, access};
use crate::Error;
use crate::store::{
    self, ConnectionId, PolicyName, SecretPurpose, Token, TokenKind, Transaction, What,
};

/// What the change feed calls a connection.
pub const TOKEN_TYPE: &str = "ApiToken";

/// A connection as it begins: switched on, without an end, with all that its kind allows.
pub fn blank(tx: &mut Transaction<'_>, kind: TokenKind, name: &str) -> Token {
    Token {
        id: ConnectionId(tx.new_id()),
        kind,
        name: name.to_owned(),
        person: None,
        policy: PolicyName::default(),
        created: tx.now(),
        expires: None,
        revoked: None,
        last_used: None,
        active: true,
        scopes: None,
        networks: None,
        settings: None,
        version: Version(1),
        modified: tx.now(),
    }
}

/// Adds a connection.
pub fn add(tx: &mut Transaction<'_>, token: &Token) {
    let facts = Value::Object(facts(token)).to_string();
    tx.record_kept(place(token), What::Created, (None, Some(facts)));
    tx.put_token(token.clone());
}

/// Gives a connection its first secret, of which this is the SHA-256.
pub fn add_secret(tx: &mut Transaction<'_>, token: ConnectionId, hash: [u8; 32]) {
    tx.put_secret(store::Secret {
        token,
        purpose: SecretPurpose::Connection,
        hash,
        created: tx.now(),
        expires: None,
    });
}

/// Changes a connection, which was read to be changed; as it is then. What stays the same is not written.
pub fn change(tx: &mut Transaction<'_>, before: &Token, after: Token) -> Token {
    let (old, new) = (facts(before), facts(&after));
    if old == new {
        return before.clone();
    }
    let only = |one: &Map<String, Value>, other: &Map<String, Value>| {
        let differing = one
            .iter()
            .filter(|(name, value)| other.get(*name) != Some(value));
        let differing: Map<String, Value> = differing
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        (!differing.is_empty()).then(|| Value::Object(differing).to_string())
    };
    let after = Token {
        version: before.version.next(),
        modified: tx.now().max(before.modified),
        ..after
    };
    let differences = (only(&old, &new), only(&new, &old));
    tx.record_kept(place(&after), What::Updated, differences);
    tx.put_token(after.clone());
    after
}

/// Gives a connection, which was read to be changed, a new secret, of which this is the SHA-256. The newest
/// secret so far works for `overlap` more, older ones stop now; the connection lives until `expires`.
pub async fn rotate(
    tx: &mut Transaction<'_>,
    token: Token,
    hash: [u8; 32],
    overlap: SignedDuration,
    expires: Option<Timestamp>,
) -> Result<(), Error> {
    let id = token.id;
    let now = tx.now();
    let overlap = overlap.clamp(SignedDuration::ZERO, OVERLAP_MAX);
    if overlap == SignedDuration::ZERO {
        // Whoever leaves no overlap fears for the secret, and for what was got with it.
        access::end_all(tx, id).await?;
    }
    let mut secrets = tx.secrets(id.0).await?;
    secrets.retain(|secret| secret.purpose == SecretPurpose::Connection);
    // An attempt before this one was committed after all.
    if secrets.iter().any(|secret| secret.hash == hash) {
        return Ok(());
    }
    let live = secrets
        .into_iter()
        .rev()
        .filter(|secret| !is_over(secret.expires, now));
    for (age, secret) in live.enumerate() {
        let overlap = if age == 0 {
            overlap
        } else {
            SignedDuration::ZERO
        };
        let end = earlier(now.checked_add(overlap).ok(), token.expires);
        tx.put_secret(store::Secret {
            expires: earlier(secret.expires, end),
            ..secret
        });
    }
    let rotated = Token {
        expires,
        version: token.version.next(),
        modified: now.max(token.modified),
        ..token
    };
    let told = json!({ "rotated": true }).to_string();
    tx.record_kept(place(&rotated), What::Updated, (None, Some(told)));
    tx.put_token(rotated);
    add_secret(tx, id, hash);
    Ok(())
}

/// Ends a connection, now; `false` when there is none. What it made stays its own.
pub async fn revoke(tx: &mut Transaction<'_>, id: ConnectionId) -> Result<bool, Error> {
    let Some(token) = tx.token_for_update(id.0).await? else {
        return Ok(false);
    };
    let revoked = token.revoked.or(Some(tx.now()));
    let ended = Token {
        revoked,
        ..token.clone()
    };
    change(tx, &token, ended);
    Ok(true)
}

/// Of which resource, at which version, the change feed speaks.
fn place(token: &Token) -> (&'static str, ResourceId, Version) {
    (TOKEN_TYPE, ResourceId::new(token.id.0), token.version)
}

/// What the change feed keeps of a connection.
fn facts(token: &Token) -> Map<String, Value> {
    let mut facts = Map::new();
    let mut add = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            facts.insert(name.to_owned(), value);
        }
    };
    let time = |at: Timestamp| json!(format!("{at:.3}"));
    add("name", Some(json!(token.name)));
    add("kind", Some(json!(token.kind.as_str())));
    add("policy", Some(json!(token.policy.as_str())));
    add("active", Some(json!(token.active)));
    add("scopes", token.scopes.as_deref().map(|it| json!(it)));
    add(
        "allowedNetworks",
        token.networks.as_deref().map(|it| json!(it)),
    );
    add("expiresAt", token.expires.map(time));
    add("revokedAt", token.revoked.map(time));
    add("person", token.person.map(|it| json!(it.to_string())));
    let settings = token.settings.as_deref();
    add(
        "settings",
        settings.and_then(|it| serde_json::from_str(it).ok()),
    );
    facts
}
