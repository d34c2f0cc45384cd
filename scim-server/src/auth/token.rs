//! Tokens: made, rotated, revoked, and compared with what a request presents.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use moka::sync::Cache;
use scim_core::TenantId;

use super::bearer::REFUSAL;
use super::secret::{self, Secret};
use crate::Error;
use crate::clock::Clock;
use crate::service::Caller;
use crate::store::{self, ConnectionId, PolicyName, Store, Token, TokenKind, Transaction, Unit};

/// How long the old secret works beside a new one, unless somebody says otherwise.
pub const OVERLAP_DEFAULT: SignedDuration = SignedDuration::from_hours(1);
/// How long the old secret may work beside a new one.
pub const OVERLAP_MAX: SignedDuration = SignedDuration::from_hours(24);

/// A revoked token is refused after this time, by every process.
const CACHE_TIME: Duration = Duration::from_secs(1);
const CACHED_MAX: u64 = 10_000;
/// `last_used` is exact to this.
const USE_NOTED_EVERY: Duration = Duration::from_secs(60);

/// The tokens of all tenants.
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
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    /// What was found valid within the last second. What is not valid is looked up every time.
    valid: Cache<(TenantId, [u8; 32]), Valid>,
    /// Tokens whose use was noted within the last minute.
    noted: Cache<(TenantId, ConnectionId), ()>,
}

#[derive(Clone)]
struct Valid {
    caller: Caller,
    until: Option<Timestamp>,
}

impl Tokens {
    /// Tokens as this store has them.
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Tokens {
        Tokens {
            store,
            clock,
            valid: Cache::builder()
                .max_capacity(CACHED_MAX)
                .time_to_live(CACHE_TIME)
                .build(),
            noted: Cache::builder()
                .max_capacity(CACHED_MAX)
                .time_to_live(USE_NOTED_EVERY)
                .build(),
        }
    }

    /// Who presents this secret. Unknown, expired and revoked ones get the same answer.
    pub async fn authenticate(&self, tenant: &TenantId, text: &str) -> Result<Caller, Error> {
        let now = self.clock.now();
        let key = (tenant.clone(), secret::hash(text));
        if let Some(valid) = self.valid.get(&key) {
            return if is_over(valid.until, now) {
                Err(REFUSAL)
            } else {
                Ok(valid.caller)
            };
        }
        let found = self.store.read(tenant, ByHash(key.1)).await?;
        let (token, secret) = found.ok_or(REFUSAL)?;
        let until = earlier(token.expires, secret.expires);
        if token.revoked.is_some() || is_over(until, now) {
            return Err(REFUSAL);
        }
        self.note_use(tenant, &token, now);
        let caller = Caller {
            tenant: tenant.clone(),
            connection: token.id,
            name: token.name.into(),
            kind: token.kind,
            policy: token.policy.policy(),
        };
        let valid = Valid {
            caller: caller.clone(),
            until,
        };
        self.valid.insert(key, valid);
        Ok(caller)
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
            hash: secret.hash(),
        };
        Ok((self.store.write(tenant, unit).await?, secret))
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
            hash: secret.hash(),
        });
        let made = self.store.write(tenant, unit).await?;
        Ok(made.then_some(secret))
    }

    /// The tokens of a tenant, oldest first.
    pub async fn list(&self, tenant: &TenantId) -> Result<Vec<Token>, Error> {
        self.store.read(tenant, List).await
    }

    /// A new secret for a token, `None` when there is no such token that was not revoked.
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

    /// Ends a token; `false` when there is no such token. What it created stays its own.
    pub async fn revoke(&self, tenant: &TenantId, id: ConnectionId) -> Result<bool, Error> {
        self.store.write(tenant, Revoke(id)).await
    }

    /// Never on the way of the request, and seldom.
    fn note_use(&self, tenant: &TenantId, token: &Token, now: Timestamp) {
        let due = token
            .last_used
            .is_none_or(|last| now.duration_since(last).unsigned_abs() >= USE_NOTED_EVERY);
        let key = (tenant.clone(), token.id);
        if !due || !self.noted.entry(key).or_insert(()).is_fresh() {
            return;
        }
        let (store, tenant, id) = (Arc::clone(&self.store), tenant.clone(), token.id);
        tokio::spawn(async move {
            if let Err(error) = store.write(&tenant, NoteUse(id)).await {
                tracing::warn!(%error, connection = %id, "the last use of a token was not noted");
            }
        });
    }
}

fn is_over(until: Option<Timestamp>, now: Timestamp) -> bool {
    until.is_some_and(|until| until <= now)
}

fn earlier(one: Option<Timestamp>, other: Option<Timestamp>) -> Option<Timestamp> {
    one.into_iter().chain(other).min()
}

struct ByHash([u8; 32]);

#[async_trait]
impl Unit for ByHash {
    type Output = Option<(Token, store::Secret)>;

    async fn run(&self, tx: &mut Transaction<'_>) -> Result<Self::Output, Error> {
        tx.token_by_hash(&self.0).await
    }
}

struct Create {
    name: String,
    kind: TokenKind,
    policy: PolicyName,
    expires: Option<Timestamp>,
    hash: [u8; 32],
}

#[async_trait]
impl Unit for Create {
    type Output = Token;

    async fn run(&self, tx: &mut Transaction<'_>) -> Result<Token, Error> {
        let token = Token {
            id: ConnectionId(tx.new_id()),
            kind: self.kind,
            name: self.name.clone(),
            policy: self.policy,
            created: tx.now(),
            expires: self.expires,
            revoked: None,
            last_used: None,
        };
        tx.put_token(token.clone());
        tx.put_secret(store::Secret {
            token: token.id,
            hash: self.hash,
            created: tx.now(),
            expires: None,
        });
        Ok(token)
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
        let Some(token) = token.filter(|token| token.revoked.is_none()) else {
            return Ok(false);
        };
        let now = tx.now();
        let secrets = tx.secrets(self.id.0).await?;
        // An attempt before this one was committed after all.
        if secrets.iter().any(|secret| secret.hash == self.hash) {
            return Ok(true);
        }
        let live = secrets
            .into_iter()
            .rev()
            .filter(|secret| !is_over(secret.expires, now));
        for (age, secret) in live.enumerate() {
            let overlap = if age == 0 {
                self.overlap
            } else {
                SignedDuration::ZERO
            };
            let end = earlier(now.checked_add(overlap).ok(), token.expires);
            tx.put_secret(store::Secret {
                expires: earlier(secret.expires, end),
                ..secret
            });
        }
        let expires = self.expires;
        tx.put_token(Token { expires, ..token });
        tx.put_secret(store::Secret {
            token: self.id,
            hash: self.hash,
            created: now,
            expires: None,
        });
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
        tx.put_token(Token { policy, ..token });
        Ok(true)
    }
}

struct Revoke(ConnectionId);

#[async_trait]
impl Unit for Revoke {
    type Output = bool;

    async fn run(&self, tx: &mut Transaction<'_>) -> Result<bool, Error> {
        let Some(token) = tx.token_for_update(self.0.0).await? else {
            return Ok(false);
        };
        let revoked = Some(tx.now());
        tx.put_token(Token { revoked, ..token });
        Ok(true)
    }
}

struct NoteUse(ConnectionId);

#[async_trait]
impl Unit for NoteUse {
    type Output = ();

    async fn run(&self, tx: &mut Transaction<'_>) -> Result<(), Error> {
        if let Some(token) = tx.token_for_update(self.0.0).await? {
            let last_used = Some(tx.now());
            tx.put_token(Token { last_used, ..token });
        }
        Ok(())
    }
}
