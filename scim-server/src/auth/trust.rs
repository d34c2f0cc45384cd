//! Whose JWTs a connection takes for its own: said, and taken back.

use std::collections::BTreeMap;

use async_trait::async_trait;
use scim_core::TenantId;

use super::valid::is_over;
use super::{Tokens, access};
use crate::Error;
use crate::store::{ConnectionId, Token, Transaction, Trust, TrustedKeys, Unit};

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

struct Put {
    id: ConnectionId,
    trusted: Trusted,
}

#[async_trait]
impl Unit for Put {
    type Output = TrustOutcome;

    async fn run(&self, tx: &mut Transaction<'_>) -> Result<TrustOutcome, Error> {
        let token = tx.token_for_update(self.id.0).await?;
        if token.is_none_or(|token| token.revoked.is_some() || !token.kind.can_ask()) {
            return Ok(TrustOutcome::NoToken);
        }
        let now = tx.now();
        let wanted = &self.trusted;
        let same = |(token, trust): &&(Token, Trust)| {
            token.id != self.id
                && token.revoked.is_none()
                && !is_over(token.expires, now)
                && trust.audience == wanted.audience
                && trust.subject == wanted.subject
        };
        if let Some((token, _)) = tx.trusts(Some(&wanted.issuer)).await?.iter().find(same) {
            return Ok(TrustOutcome::Taken(token.id));
        }
        let Trusted {
            issuer,
            audience,
            subject,
            claims,
            keys,
        } = wanted.clone();
        tx.put_trust(Trust {
            token: self.id,
            issuer,
            audience,
            subject,
            claims,
            keys,
            created: now,
        });
        Ok(TrustOutcome::Trusted)
    }
}

struct Remove(ConnectionId);

#[async_trait]
impl Unit for Remove {
    type Output = bool;

    async fn run(&self, tx: &mut Transaction<'_>) -> Result<bool, Error> {
        let all = tx.trusts(None).await?;
        let found = all.iter().any(|(token, _)| token.id == self.0);
        if found {
            tx.remove_trust(self.0.0);
            // What was got by its JWTs ends with it.
            access::end_all(tx, self.0).await?;
        }
        Ok(found)
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
