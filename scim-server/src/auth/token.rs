//! Tokens, which are connections: made, rotated, revoked.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use scim_core::{ResourceId, TenantId};

use super::jwks::Jwks;
use super::keep;
use super::secret::Secret;
use super::valid::Validity;
use crate::Error;
use crate::clock::Clock;
use crate::outbound::Outbound;
use crate::service::Scopes;
use crate::store::{ConnectionId, PolicyName, Store, Token, TokenKind, Transaction, Unit};

/// The resource type of people (RFC 7643 §4.1), for whom a token can stand.
pub(crate) const PERSON_TYPE: &str = "User";

/// How long the old secret works beside a new one, unless somebody says otherwise.
pub const OVERLAP_DEFAULT: SignedDuration = SignedDuration::from_hours(1);
/// How long the old secret may work beside a new one.
pub const OVERLAP_MAX: SignedDuration = SignedDuration::from_hours(24);

/// The tokens of all tenants, and whatever else proves that somebody is the connection behind
/// one: see [`Credential`](super::Credential).
///
/// ```no_run
/// # async fn example(server: scim_server::Server) -> Result<(), scim_server::Error> {
/// use scim_server::auth::OVERLAP_DEFAULT;
/// use scim_server::store::{PolicyName, TokenKind};
///
/// let (tokens, main) = (server.tokens(), "main".parse().unwrap());
/// let policy = PolicyName::default();
/// let (token, secret) = tokens.create(&main, "Okta", TokenKind::Idp, policy, None).await?;
/// let caller = tokens.authenticate(&main, &secret.to_string()).await?;
/// assert_eq!(caller.connection, token.id);
/// // A second secret; the first works for a while.
/// let second = tokens.rotate(&main, token.id, OVERLAP_DEFAULT, None).await?;
/// assert!(second.is_some() && tokens.revoke(&main, token.id).await?);
/// # Ok(())
/// # }
/// ```
pub struct Tokens {
    pub(super) store: Arc<dyn Store>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) jwks: Jwks,
    pub(super) validity: Validity,
}

impl Tokens {
    /// Tokens as this store has them. Keys of trusted issuers are read at public addresses.
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Tokens {
        Tokens::with_outbound(store, clock, Arc::default())
    }

    /// Tokens as this store has them, and keys of trusted issuers as this way out reads them.
    pub fn with_outbound(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        outbound: Arc<Outbound>,
    ) -> Tokens {
        Tokens {
            store,
            jwks: Jwks::new(outbound, Arc::clone(&clock)),
            clock,
            validity: Validity::new(),
        }
    }

    /// A new token and its first secret.
    pub async fn create(
        &self,
        tenant: &TenantId,
        name: &str,
        kind: TokenKind,
        policy: PolicyName,
        expires: Option<Timestamp>,
    ) -> Result<(Token, Secret), Error> {
        let secret = Secret::new();
        let unit = Create {
            name: name.to_owned(),
            kind,
            policy,
            expires,
            person: None,
            hash: secret.hash(),
        };
        Ok((self.store.write(tenant, unit).await?, secret))
    }

    /// A new token that stands for the person behind a User, and its first secret; `None` when
    /// there is no such User. It sees and changes that User and nothing else.
    pub async fn create_for_person(
        &self,
        tenant: &TenantId,
        name: &str,
        person: ResourceId,
        expires: Option<Timestamp>,
    ) -> Result<Option<(Token, Secret)>, Error> {
        let secret = Secret::new();
        let unit = CreateForPerson(Create {
            name: name.to_owned(),
            // The User may belong to any connection.
            kind: TokenKind::App,
            policy: PolicyName::default(),
            expires,
            person: Some(person),
            hash: secret.hash(),
        });
        let made = self.store.write(tenant, unit).await?;
        Ok(made.map(|token| (token, secret)))
    }

    /// The first token of a tenant, for an identity provider; `None` when it has one already.
    /// Of several processes that start at once on a new database, one gets it.
    pub(crate) async fn create_first(
        &self,
        tenant: &TenantId,
        name: &str,
        expires: Timestamp,
    ) -> Result<Option<Secret>, Error> {
        let secret = Secret::new();
        let unit = CreateFirst(Create {
            name: name.to_owned(),
            kind: TokenKind::Idp,
            policy: PolicyName::default(),
            expires: Some(expires),
            person: None,
            hash: secret.hash(),
        });
        let made = self.store.write(tenant, unit).await?;
        Ok(made.then_some(secret))
    }

    /// The tokens of a tenant, oldest first.
    pub async fn list(&self, tenant: &TenantId) -> Result<Vec<Token>, Error> {
        self.store.read(tenant, List).await
    }

    /// A new secret for a token, `None` when there is no such token that was not revoked, or nobody
    /// can ask in its name.
    ///
    /// The secret used so far works for `overlap` more; older ones stop now, so that two work at
    /// most. The token itself lives until `expires`, and what it owns stays its own.
    pub async fn rotate(
        &self,
        tenant: &TenantId,
        id: ConnectionId,
        overlap: SignedDuration,
        expires: Option<Timestamp>,
    ) -> Result<Option<Secret>, Error> {
        let secret = Secret::new();
        let unit = Rotate {
            id,
            hash: secret.hash(),
            overlap: overlap.clamp(SignedDuration::ZERO, OVERLAP_MAX),
            expires,
        };
        let found = self.store.write(tenant, unit).await?;
        Ok(found.then_some(secret))
    }

    /// From now on, or at most a second later, requests with this token are read by another
    /// policy; `false` when there is no such token.
    pub async fn set_policy(
        &self,
        tenant: &TenantId,
        id: ConnectionId,
        policy: PolicyName,
    ) -> Result<bool, Error> {
        self.store.write(tenant, SetPolicy { id, policy }).await
    }

    /// From now on, or at most a second later, a token may do no more than this; `false` when there is no such
    /// token.
    pub async fn limit(
        &self,
        tenant: &TenantId,
        id: ConnectionId,
        scopes: &Scopes,
    ) -> Result<bool, Error> {
        let scopes = scopes.to_string();
        self.store.write(tenant, Limit { id, scopes }).await
    }

    /// Ends a token; `false` when there is no such token. What it created stays its own.
    pub async fn revoke(&self, tenant: &TenantId, id: ConnectionId) -> Result<bool, Error> {
        self.store.write(tenant, Revoke(id)).await
    }
}

struct Create {
    name: String,
    kind: TokenKind,
    policy: PolicyName,
    expires: Option<Timestamp>,
    person: Option<ResourceId>,
    hash: [u8; 32],
}

#[async_trait]
impl Unit for Create {
    type Output = Token;

    async fn run(&self, tx: &mut Transaction<'_>) -> Result<Token, Error> {
        let token = Token {
            person: self.person,
            policy: self.policy,
            expires: self.expires,
            ..keep::blank(tx, self.kind, &self.name)
        };
        keep::add(tx, &token);
        keep::add_secret(tx, token.id, self.hash);
        Ok(token)
    }
}

struct CreateForPerson(Create);

#[async_trait]
impl Unit for CreateForPerson {
    type Output = Option<Token>;

    async fn run(&self, tx: &mut Transaction<'_>) -> Result<Option<Token>, Error> {
        let Some(person) = self.0.person else {
            return Ok(None);
        };
        match tx.get(PERSON_TYPE, person).await? {
            Some(_) => self.0.run(tx).await.map(Some),
            None => Ok(None),
        }
    }
}

struct CreateFirst(Create);

#[async_trait]
impl Unit for CreateFirst {
    type Output = bool;

    async fn run(&self, tx: &mut Transaction<'_>) -> Result<bool, Error> {
        // A lease for ever, committed with the token: whoever comes second waits here and fails.
        let holder = tx.new_id();
        if !tx.tokens().await?.is_empty()
            || !tx.lease("first token", holder, Timestamp::MAX).await?
        {
            return Ok(false);
        }
        self.0.run(tx).await?;
        Ok(true)
    }
}

struct List;

#[async_trait]
impl Unit for List {
    type Output = Vec<Token>;

    async fn run(&self, tx: &mut Transaction<'_>) -> Result<Vec<Token>, Error> {
        tx.tokens().await
    }
}

struct Rotate {
    id: ConnectionId,
    hash: [u8; 32],
    overlap: SignedDuration,
    expires: Option<Timestamp>,
}

#[async_trait]
impl Unit for Rotate {
    type Output = bool;

    async fn run(&self, tx: &mut Transaction<'_>) -> Result<bool, Error> {
        let token = tx.token_for_update(self.id.0).await?;
        let may_ask = |token: &Token| token.revoked.is_none() && token.kind.can_ask();
        let Some(token) = token.filter(may_ask) else {
            return Ok(false);
        };
        keep::rotate(tx, token, self.hash, self.overlap, self.expires).await?;
        Ok(true)
    }
}

struct SetPolicy {
    id: ConnectionId,
    policy: PolicyName,
}

#[async_trait]
impl Unit for SetPolicy {
    type Output = bool;

    async fn run(&self, tx: &mut Transaction<'_>) -> Result<bool, Error> {
        let Some(token) = tx.token_for_update(self.id.0).await? else {
            return Ok(false);
        };
        let policy = self.policy;
        let changed = Token {
            policy,
            ..token.clone()
        };
        keep::change(tx, &token, changed);
        Ok(true)
    }
}

struct Limit {
    id: ConnectionId,
    scopes: String,
}

#[async_trait]
impl Unit for Limit {
    type Output = bool;

    async fn run(&self, tx: &mut Transaction<'_>) -> Result<bool, Error> {
        let Some(token) = tx.token_for_update(self.id.0).await? else {
            return Ok(false);
        };
        let scopes = Some(self.scopes.clone());
        let limited = Token {
            scopes,
            ..token.clone()
        };
        keep::change(tx, &token, limited);
        Ok(true)
    }
}

struct Revoke(ConnectionId);

#[async_trait]
impl Unit for Revoke {
    type Output = bool;

    async fn run(&self, tx: &mut Transaction<'_>) -> Result<bool, Error> {
        keep::revoke(tx, self.0).await
    }
}
