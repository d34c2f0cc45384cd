//! Whose JWTs a connection takes for its own: said, and taken back.

use std::collections::BTreeMap;

use async_trait::async_trait;
use jiff::SignedDuration;
use scim_core::{ResourceId, TenantId, Version};
use serde_json::json;
use uuid::Uuid;

use super::valid::is_over;
use super::{Tokens, access};
use crate::Error;
use crate::store::{ConnectionId, Token, Transaction, Trust, TrustedKeys, Unit, What};

/// What a JWT must say to be taken for a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trusted {
    /// The claim `iss`.
    pub issuer: String,
    /// One of the values of the claim `aud`.
    pub audience: String,
    /// The claim `sub`.
    pub subject: String,
    /// Further claims that must be there, as text.
    pub claims: BTreeMap<String, String>,
    /// What signatures are verified with.
    pub keys: TrustedKeys,
}

/// What came of an attempt to trust.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TrustOutcome {
    /// From now on, instead of what the connection trusted before.
    Trusted,
    /// There is no such token that was not revoked and can ask.
    NoToken,
    /// This connection trusts the same; a JWT would not say which of the two asks.
    Taken(ConnectionId),
}

impl Tokens {
    /// Lets a connection prove who it is with JWTs of an issuer, beside its secrets.
    pub async fn trust(
        &self,
        tenant: &TenantId,
        id: ConnectionId,
        trusted: Trusted,
    ) -> Result<TrustOutcome, Error> {
        self.store.write(tenant, Put { id, trusted }).await
    }

    /// Takes no more JWTs for a connection, at once or a second later; `false` when it trusted no
    /// issuer.
    pub async fn distrust(&self, tenant: &TenantId, id: ConnectionId) -> Result<bool, Error> {
        self.store.write(tenant, Remove(id)).await
    }

    /// What the connections of a tenant trust.
    pub async fn trusts(&self, tenant: &TenantId) -> Result<Vec<Trust>, Error> {
        self.store.read(tenant, All).await
    }
}

/// What the change feed calls what a connection trusts.
pub const TRUST_TYPE: &str = "OAuthClient";

impl Trust {
    /// Its id as a resource: another one than that of its connection, from which it follows.
    pub fn id(&self) -> ResourceId {
        ResourceId::new(turned(self.token.0))
    }

    /// Its version as a resource: it is written whole each time.
    pub fn version(&self) -> Version {
        Version(self.created.as_millisecond())
    }
}

/// The connection of what is trusted under this id.
pub fn trusting(id: ResourceId) -> ConnectionId {
    ConnectionId(turned(id.uuid()))
}

fn turned(id: Uuid) -> Uuid {
    // "trust", in the random part of a UUIDv7.
    Uuid::from_u128(id.as_u128() ^ 0x0074_7275_7374)
}

/// Lets a connection prove who it is with JWTs of an issuer, within a unit of work.
pub async fn trust_issuer(
    tx: &mut Transaction<'_>,
    id: ConnectionId,
    trusted: Trusted,
) -> Result<TrustOutcome, Error> {
    let token = tx.token_for_update(id.0).await?;
    if token.is_none_or(|token| token.revoked.is_some() || !token.kind.can_ask()) {
        return Ok(TrustOutcome::NoToken);
    }
    let now = tx.now();
    let same = |(token, trust): &&(Token, Trust)| {
        token.id != id
            && token.revoked.is_none()
            && !is_over(token.expires, now)
            && trust.audience == trusted.audience
            && trust.subject == trusted.subject
    };
    if let Some((token, _)) = tx.trusts(Some(&trusted.issuer)).await?.iter().find(same) {
        return Ok(TrustOutcome::Taken(token.id));
    }
    let all = tx.trusts(None).await?;
    let before = all.into_iter().find(|(token, _)| token.id == id);
    let before = before.map(|(_, trust)| trust);
    // A clock that stands still or goes back must not give a version twice.
    let after_that = |was: &Trust| was.created.checked_add(SignedDuration::from_millis(1)).ok();
    let created = before
        .as_ref()
        .and_then(after_that)
        .map_or(now, |next| next.max(now));
    let Trusted {
        issuer,
        audience,
        subject,
        claims,
        keys,
    } = trusted;
    let trust = Trust {
        token: id,
        issuer,
        audience,
        subject,
        claims,
        keys,
        created,
    };
    let what = before.as_ref().map_or(What::Created, |_| What::Updated);
    let differs = (before.as_ref().map(facts), Some(facts(&trust)));
    tx.record_kept((TRUST_TYPE, trust.id(), trust.version()), what, differs);
    tx.put_trust(trust);
    Ok(TrustOutcome::Trusted)
}

/// Takes no more JWTs for a connection, within a unit of work; `false` when it trusted no issuer.
pub async fn distrust_issuer(tx: &mut Transaction<'_>, id: ConnectionId) -> Result<bool, Error> {
    let all = tx.trusts(None).await?;
    let Some((_, trust)) = all.into_iter().find(|(token, _)| token.id == id) else {
        return Ok(false);
    };
    let place = (TRUST_TYPE, trust.id(), trust.version().next());
    tx.record_kept(place, What::Deleted, (Some(facts(&trust)), None));
    tx.remove_trust(id.0);
    // What was got by its JWTs ends with it.
    access::end_all(tx, id).await?;
    Ok(true)
}

/// What the change feed keeps of it.
fn facts(trust: &Trust) -> String {
    let mut facts = json!({
        "connection": { "value": trust.token.to_string() },
        "issuer": trust.issuer,
        "audience": trust.audience,
        "subject": trust.subject,
        "claims": trust.claims,
    });
    let (name, keys) = match &trust.keys {
        TrustedKeys::Url(url) => ("jwksUri", url),
        TrustedKeys::Document(document) => ("jwks", document),
    };
    if let Some(facts) = facts.as_object_mut() {
        facts.insert(name.to_owned(), json!(keys));
    }
    facts.to_string()
}

struct Put {
    id: ConnectionId,
    trusted: Trusted,
}

#[async_trait]
impl Unit for Put {
    type Output = TrustOutcome;

    async fn run(&self, tx: &mut Transaction<'_>) -> Result<TrustOutcome, Error> {
        trust_issuer(tx, self.id, self.trusted.clone()).await
    }
}

struct Remove(ConnectionId);

#[async_trait]
impl Unit for Remove {
    type Output = bool;

    async fn run(&self, tx: &mut Transaction<'_>) -> Result<bool, Error> {
        distrust_issuer(tx, self.0).await
    }
}

struct All;

#[async_trait]
impl Unit for All {
    type Output = Vec<Trust>;

    async fn run(&self, tx: &mut Transaction<'_>) -> Result<Vec<Trust>, Error> {
        let all = tx.trusts(None).await?;
        Ok(all.into_iter().map(|(_, trust)| trust).collect())
    }
}
