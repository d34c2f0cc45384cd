//! Whether a credential is valid now, and whose it is.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use moka::sync::Cache;
use scim_core::TenantId;

use super::jwt::{Refusal, UnverifiedJwt};
use super::{Credential, Tokens, secret};
use crate::edge::Cidr;
use crate::service::{Caller, Grants, Scopes};
use crate::store::{
    self, ConnectionId, SecretPurpose, Token, Transaction, Trust, TrustedKeys, Unit,
};
use crate::{Error, Presented};

/// A revoked token is refused after this time, by every process.
const CACHE_TIME: Duration = Duration::from_secs(1);
const CACHED_MAX: u64 = 10_000;
/// `last_used` is exact to this.
const USE_NOTED_EVERY: Duration = Duration::from_secs(60);

/// What was found out lately.
pub(super) struct Validity {
    /// What was found valid within the last second, by tenant and SHA-256 of the credential. What
    /// is not valid is looked at every time.
    valid: Cache<(TenantId, [u8; 32]), Valid>,
    /// Tokens whose use was noted within the last minute.
    noted: Cache<(TenantId, ConnectionId), ()>,
}

impl Validity {
    pub(super) fn new() -> Validity {
        let age = |time| Cache::builder().max_capacity(CACHED_MAX).time_to_live(time);
        Validity {
            valid: age(CACHE_TIME).build(),
            noted: Cache::builder()
                .max_capacity(CACHED_MAX)
                .time_to_live(USE_NOTED_EVERY)
                .build(),
        }
    }
}

/// Whose a valid credential is.
#[derive(Clone)]
pub(super) struct Valid {
    pub(super) caller: Caller,
    /// From where it is taken; `None`: from everywhere.
    networks: Option<Arc<[Cidr]>>,
    until: Option<Timestamp>,
    proof: Proof,
}

/// What the credential is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Proof {
    Secret(SecretPurpose),
    Jwt,
}

impl Tokens {
    /// Who presents this secret, or this access token. Unknown, expired and revoked ones get the
    /// same answer.
    pub async fn authenticate(&self, tenant: &TenantId, secret: &str) -> Result<Caller, Error> {
        let found = self.check(tenant, &Credential::Secret(secret)).await?;
        found.ok_or(Error::Credential(Presented::Bearer))
    }

    /// Who presents this credential; `None` when it is not valid. A connection that is taken from some networks
    /// alone is not found: nobody says here from where it asks.
    pub async fn check(
        &self,
        tenant: &TenantId,
        credential: &Credential<'_>,
    ) -> Result<Option<Caller>, Error> {
        self.check_from(tenant, credential, None).await
    }

    /// The same for a request that comes from this address, which the connection may restrict.
    pub(super) async fn check_from(
        &self,
        tenant: &TenantId,
        credential: &Credential<'_>,
        client: Option<IpAddr>,
    ) -> Result<Option<Caller>, Error> {
        let found = match credential {
            Credential::Secret(secret) => self.by_secret(tenant, secret).await?,
            Credential::Jwt(jwt) => self.by_jwt(tenant, jwt).await?,
            Credential::Basic { user, secret } => self.client(tenant, user, secret).await?,
        };
        let found = found.filter(|valid| valid.comes_from(client));
        Ok(found.map(|valid| valid.caller))
    }

    /// Whose name or id, and secret, these are. An access token is no password.
    pub(super) async fn client(
        &self,
        tenant: &TenantId,
        user: &str,
        secret: &str,
    ) -> Result<Option<Valid>, Error> {
        let found = self.by_secret(tenant, secret).await?;
        Ok(found.filter(|valid| {
            valid.proof == Proof::Secret(SecretPurpose::Connection) && valid.is_called(user)
        }))
    }

    async fn by_secret(&self, tenant: &TenantId, text: &str) -> Result<Option<Valid>, Error> {
        let key = (tenant.clone(), secret::hash(text));
        if let Some(valid) = self.validity.valid.get(&key) {
            let valid = valid.still(self.clock.now());
            return Ok(valid.filter(|valid| valid.proof != Proof::Jwt));
        }
        let Some((token, secret)) = self.store.read(tenant, ByHash(key.1)).await? else {
            return Ok(None);
        };
        let proof = Proof::Secret(secret.purpose);
        Ok(self.found(key, &token, secret.expires, proof))
    }

    /// Whose JWT this is: that of the one connection which trusts what it says.
    pub(super) async fn by_jwt(
        &self,
        tenant: &TenantId,
        text: &str,
    ) -> Result<Option<Valid>, Error> {
        let key = (tenant.clone(), secret::hash(text));
        if let Some(valid) = self.validity.valid.get(&key) {
            return Ok(valid.still(self.clock.now()));
        }
        match self.verify(tenant, text).await? {
            Ok((token, until)) => Ok(self.found(key, &token, until, Proof::Jwt)),
            Err(refusal) => {
                tracing::debug!(%tenant, "a JWT was refused: {refusal}");
                Ok(None)
            }
        }
    }

    /// Claims first: only whoever knows what is trusted makes us ask an issuer for keys.
    async fn verify(
        &self,
        tenant: &TenantId,
        text: &str,
    ) -> Result<Result<(Token, Option<Timestamp>), Refusal>, Error> {
        let jwt = match UnverifiedJwt::parse(text) {
            Ok(jwt) => jwt,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let now = self.clock.now();
        let issuer = InIssuer(jwt.issuer().to_owned());
        let trusting = self.store.read(tenant, issuer).await?;
        let (token, trust) = match trusted(&jwt, trusting, now) {
            Ok(found) => found,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let verified = self.verify_signature(&jwt, &trust.keys).await;
        Ok(verified.map(|()| (token, jwt.until())))
    }

    /// Did somebody with these keys sign this? Keys at an address are read seldom, and kept.
    pub async fn verify_signature(
        &self,
        jwt: &UnverifiedJwt<'_>,
        keys: &TrustedKeys,
    ) -> Result<(), Refusal> {
        let keys = self.jwks.keys(keys, jwt.kid()).await;
        keys.ok_or(Refusal::NoKeys)?.verify(jwt)
    }

    /// The last look at the token itself.
    fn found(
        &self,
        key: (TenantId, [u8; 32]),
        token: &Token,
        until: Option<Timestamp>,
        proof: Proof,
    ) -> Option<Valid> {
        let now = self.clock.now();
        let until = earlier(token.expires, until);
        if !is_taken(token, now) || is_over(until, now) {
            return None;
        }
        self.note_use(&key.0, token, now);
        let valid = Valid {
            caller: caller(&key.0, token),
            networks: networks(token),
            until,
            proof,
        };
        self.validity.valid.insert(key, valid.clone());
        Some(valid)
    }

    /// Never on the way of the request, and seldom.
    fn note_use(&self, tenant: &TenantId, token: &Token, now: Timestamp) {
        let due = token
            .last_used
            .is_none_or(|last| now.duration_since(last).unsigned_abs() >= USE_NOTED_EVERY);
        let key = (tenant.clone(), token.id);
        if !due || !self.validity.noted.entry(key).or_insert(()).is_fresh() {
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

impl Valid {
    /// Is it taken from this address? Where there are networks, one that is not known is in none of them.
    fn comes_from(&self, client: Option<IpAddr>) -> bool {
        match (&self.networks, client) {
            (Some(networks), Some(client)) => networks.iter().any(|it| it.contains(client)),
            (Some(_), None) => false,
            (None, _) => true,
        }
    }

    fn still(self, now: Timestamp) -> Option<Valid> {
        (!is_over(self.until, now)).then_some(self)
    }

    /// Is this the connection, or the client that its JWT speaks of?
    pub(super) fn is_client(&self, id: &str, jwt: &str) -> bool {
        self.is_called(id) || UnverifiedJwt::parse(jwt).is_ok_and(|jwt| jwt.speaks_of(id))
    }

    /// Is this the connection's id, or what people call it?
    pub(super) fn is_called(&self, user: &str) -> bool {
        *user == *self.caller.name || user.parse() == Ok(self.caller.connection)
    }
}

/// Who asks, where a connection of a tenant does.
pub fn caller(tenant: &TenantId, token: &Token) -> Caller {
    Caller {
        tenant: tenant.clone(),
        connection: token.id,
        name: token.name.as_str().into(),
        kind: token.kind,
        policy: token.policy.policy(),
        person: token.person,
        grants: Arc::new(Grants {
            scopes: scopes(token),
            settings: token.settings.clone(),
            locations: None,
        }),
        origin: None,
    }
}

/// Is anything taken from a connection now?
pub fn is_taken(token: &Token, now: Timestamp) -> bool {
    let is_off = token.revoked.is_some() || !token.active || !token.kind.can_ask();
    !is_off && !is_over(token.expires, now)
}

/// What is stored was checked when it was written; what cannot be read allows nothing.
fn scopes(token: &Token) -> Scopes {
    match &token.scopes {
        Some(scopes) => scopes.parse().unwrap_or_else(|_| Scopes::none()),
        None => Scopes::of_kind(token.kind),
    }
}

fn networks(token: &Token) -> Option<Arc<[Cidr]>> {
    let networks = token.networks.as_deref()?.split_ascii_whitespace();
    Some(
        networks
            .filter_map(|network| network.parse().ok())
            .collect(),
    )
}

/// The one live connection that trusts what the JWT says.
fn trusted(
    jwt: &UnverifiedJwt<'_>,
    trusting: Vec<(Token, Trust)>,
    now: Timestamp,
) -> Result<(Token, Trust), Refusal> {
    let mut found = None;
    let mut refusal = Refusal::Issuer;
    for (token, trust) in trusting {
        if token.revoked.is_some() || !token.active || is_over(token.expires, now) {
            continue;
        }
        match jwt.check(&trust, now) {
            Ok(()) if found.is_some() => return Err(Refusal::Ambiguous),
            Ok(()) => found = Some((token, trust)),
            Err(reason) => refusal = reason,
        }
    }
    found.ok_or(refusal)
}

pub(super) fn is_over(until: Option<Timestamp>, now: Timestamp) -> bool {
    until.is_some_and(|until| until <= now)
}

pub(super) fn earlier(one: Option<Timestamp>, other: Option<Timestamp>) -> Option<Timestamp> {
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

struct InIssuer(String);

#[async_trait]
impl Unit for InIssuer {
    type Output = Vec<(Token, Trust)>;

    async fn run(&self, tx: &mut Transaction<'_>) -> Result<Self::Output, Error> {
        tx.trusts(Some(&self.0)).await
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
