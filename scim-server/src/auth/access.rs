//! Access tokens: what a connection gets for its secret or its JWT, for an hour
//! (RFC 6749 §4.4, RFC 7523 §2.2).

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use scim_core::TenantId;

use super::valid::{earlier, is_over};
use super::{Secret, Tokens};
use crate::Error;
use crate::service::Caller;
use crate::store::{self, ConnectionId, SecretPurpose, Transaction, Unit};

/// How long an access token lives.
pub const ACCESS_TOKEN_LIFE: SignedDuration = SignedDuration::from_hours(1);
/// Of one connection. A client that asks for more loses the oldest.
const LIVE_MAX: usize = 100;

/// How a client of the token endpoint proves who it is.
#[derive(PartialEq, Eq)]
pub(crate) enum ClientProof<'r> {
    /// RFC 6749 §2.3.1.
    Secret { client_id: &'r str, secret: &'r str },
    /// RFC 7523 §2.2.
    Assertion {
        client_id: Option<&'r str>,
        jwt: &'r str,
    },
}

/// An access token, new.
pub(crate) struct AccessToken {
    pub(crate) secret: Secret,
    pub(crate) expires_in_s: i64,
}

impl Tokens {
    /// Which connection the client is; `None` when it is not who it says.
    ///
    /// An assertion may come again while it is valid. Entra sends the one that it has until it
    /// ends, and gives it no `jti`; and since it is as good as an access token at every other URL,
    /// refusing it at one would keep nobody out.
    pub(crate) async fn prove(
        &self,
        tenant: &TenantId,
        proof: &ClientProof<'_>,
    ) -> Result<Option<Caller>, Error> {
        let found = match proof {
            ClientProof::Secret { client_id, secret } => {
                self.client(tenant, client_id, secret).await?
            }
            ClientProof::Assertion { client_id, jwt } => {
                let found = self.by_jwt(tenant, jwt).await?;
                // RFC 7521 §4.2: a client_id, where there is one, names the same client.
                found.filter(|valid| client_id.is_none_or(|id| valid.is_client(id, jwt)))
            }
        };
        Ok(found.map(|valid| valid.caller))
    }

    /// A new access token of a connection; `None` when it has ended meanwhile.
    pub(crate) async fn issue(&self, caller: &Caller) -> Result<Option<AccessToken>, Error> {
        let secret = Secret::new();
        let unit = Issue {
            token: caller.connection,
            hash: secret.hash(),
        };
        let issued = self.store.write(&caller.tenant, unit).await?;
        Ok(issued.map(|(made, expires)| AccessToken {
            secret,
            expires_in_s: expires.duration_since(made).as_secs(),
        }))
    }
}

struct Issue {
    token: ConnectionId,
    hash: [u8; 32],
}

#[async_trait]
impl Unit for Issue {
    /// When it was made, and when it ends.
    type Output = Option<(Timestamp, Timestamp)>;

    async fn run(&self, tx: &mut Transaction<'_>) -> Result<Self::Output, Error> {
        let now = tx.now();
        let token = tx.token_for_update(self.token.0).await?;
        let live = token.filter(|token| {
            token.revoked.is_none() && token.active && !is_over(token.expires, now)
        });
        let Some(token) = live else {
            return Ok(None);
        };
        let mut others = tx.secrets(self.token.0).await?;
        others.retain(|secret| {
            secret.purpose == SecretPurpose::AccessToken && secret.hash != self.hash
        });
        let live = others.iter().filter(|secret| !is_over(secret.expires, now));
        // Oldest first, so what is too much comes first.
        let mut too_many = (live.count() + 1).saturating_sub(LIVE_MAX);
        for secret in others {
            let over = is_over(secret.expires, now);
            if over || too_many > 0 {
                too_many -= usize::from(!over);
                tx.remove_secret(secret.hash);
            }
        }
        let end = now.checked_add(ACCESS_TOKEN_LIFE).unwrap_or(Timestamp::MAX);
        let expires = earlier(Some(end), token.expires).unwrap_or(end);
        tx.put_secret(store::Secret {
            token: self.token,
            purpose: SecretPurpose::AccessToken,
            hash: self.hash,
            created: now,
            expires: Some(expires),
        });
        Ok(Some((now, expires)))
    }
}

/// Ends all access tokens of a connection.
pub(super) async fn end_all(tx: &mut Transaction<'_>, id: ConnectionId) -> Result<(), Error> {
    for secret in tx.secrets(id.0).await? {
        if secret.purpose == SecretPurpose::AccessToken {
            tx.remove_secret(secret.hash);
        }
    }
    Ok(())
}
