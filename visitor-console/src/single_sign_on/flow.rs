//! How a sign-in is begun at a provider, and what must come back: the code flow (OpenID Connect Core 1.0 §3.1)
//! with PKCE (RFC 7636).

use data_encoding::BASE64URL_NOPAD;
use form_urlencoded::Serializer;
use jiff::Timestamp;
use scim_core::{ResourceId, TenantId};
use scim_server::Error;
use scim_server::clock::random;
use scim_server::seal::Seal;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::SingleSignOn;
use super::provider::Provider;

/// A sign-in at a provider takes no longer.
pub(crate) const TIME_S: u32 = 600;

/// What the browser keeps while it is at the provider, sealed in a cookie: so what comes back is bound to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct UnderWay {
    /// The provider that was set up.
    pub(crate) single_sign_on: ResourceId,
    /// Comes back with the code.
    state: String,
    /// Comes back in the ID token.
    pub(crate) nonce: String,
    /// What only whoever began can show for the code.
    pub(crate) verifier: String,
    /// The page that was wanted.
    pub(crate) to: String,
    until_s: i64,
}

/// A sign-in that has begun.
#[derive(Debug)]
pub(crate) struct Begun {
    /// Where the browser goes.
    pub(crate) location: String,
    /// What it keeps.
    pub(crate) cookie: String,
}

/// What the provider sends back with the browser.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Returned {
    pub(crate) code: Option<String>,
    pub(crate) state: Option<String>,
    pub(crate) iss: Option<String>,
    pub(crate) error: Option<String>,
}

/// Why what came back is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NotTaken {
    #[error("no sign-in of this browser is under way, or it took too long")]
    Nothing,
    #[error("its state is not the one of this browser")]
    State,
    #[error("it comes from another issuer")]
    Issuer,
    #[error("the provider refused: {0}")]
    Refused(String),
    #[error("it has no code")]
    NoCode,
}

impl UnderWay {
    /// Begins to sign in to a tenant.
    pub(crate) fn begin(
        single_sign_on: &SingleSignOn,
        provider: &Provider,
        (tenant, redirect_uri): (&TenantId, &str),
        (key, now): ([u8; 32], Timestamp),
        to: &str,
    ) -> Result<Begun, Error> {
        let secret = || BASE64URL_NOPAD.encode(&random::<32>());
        let under_way = UnderWay {
            single_sign_on: single_sign_on.id,
            state: secret(),
            nonce: secret(),
            verifier: secret(),
            to: to.to_owned(),
            until_s: now.as_second() + i64::from(TIME_S),
        };
        let challenge = Sha256::digest(&under_way.verifier);
        let query = Serializer::new(String::new())
            .append_pair("response_type", "code")
            .append_pair("client_id", &single_sign_on.client_id)
            .append_pair("redirect_uri", redirect_uri)
            .append_pair("scope", &single_sign_on.scopes)
            .append_pair("state", &under_way.state)
            .append_pair("nonce", &under_way.nonce)
            .append_pair("code_challenge", &BASE64URL_NOPAD.encode(&challenge))
            .append_pair("code_challenge_method", "S256")
            .finish();
        let endpoint = &provider.authorization_endpoint;
        let joined = if endpoint.contains('?') { '&' } else { '?' };
        let written = serde_json::to_vec(&under_way)
            .map_err(|error| scim_server::StoreError::Failed(error.into()))?;
        let sealed = seal(key, tenant).seal(&written)?;
        Ok(Begun {
            location: format!("{endpoint}{joined}{query}"),
            cookie: format!("{tenant}.{}", BASE64URL_NOPAD.encode(&sealed)),
        })
    }

    /// The tenant that a cookie speaks of, and the rest of it.
    pub(crate) fn tenant(cookie: &str) -> Option<(TenantId, &str)> {
        let (tenant, sealed) = cookie.split_once('.')?;
        Some((tenant.parse().ok()?, sealed))
    }

    /// What the cookie of this browser says, if it is still good.
    pub(crate) fn open(
        sealed: &str,
        tenant: &TenantId,
        (key, now): ([u8; 32], Timestamp),
    ) -> Result<UnderWay, NotTaken> {
        let sealed = BASE64URL_NOPAD.decode(sealed.as_bytes()).ok();
        let opened = sealed.and_then(|sealed| seal(key, tenant).open(&sealed));
        let under_way: Option<UnderWay> =
            opened.and_then(|opened| serde_json::from_slice(&opened).ok());
        under_way
            .filter(|under_way| now.as_second() < under_way.until_s)
            .ok_or(NotTaken::Nothing)
    }

    /// The code, if what came back belongs to this sign-in. `state` comes first: without it, whatever else is
    /// said is said by a stranger (RFC 6749 §10.12).
    pub(crate) fn code(&self, provider: &Provider, returned: Returned) -> Result<String, NotTaken> {
        if returned.state.as_deref() != Some(&self.state) {
            return Err(NotTaken::State);
        }
        // RFC 9207 §2.4: a provider that always says who it is did not send what does not say it.
        let is_own = match &returned.iss {
            Some(issuer) => *issuer == provider.issuer,
            None => !provider.authorization_response_iss_parameter_supported,
        };
        if !is_own {
            return Err(NotTaken::Issuer);
        }
        if let Some(error) = returned.error {
            return Err(NotTaken::Refused(scim_core::error::echo(&error)));
        }
        returned.code.ok_or(NotTaken::NoCode)
    }
}

fn seal(key: [u8; 32], tenant: &TenantId) -> Seal {
    Seal::new(key, &["a sign-in under way", tenant.as_str()])
}
