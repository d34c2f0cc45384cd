//! What a provider says of itself (OpenID Connect Discovery 1.0 §4): asked when it is needed, and kept for a
//! while.

use std::sync::Arc;
use std::time::Duration;

use moka::sync::Cache;
use scim_server::outbound::Outbound;
use serde::Deserialize;

const KEPT_FOR: Duration = Duration::from_secs(600);
const KEPT_MAX: u64 = 1_000;
const BYTES_MAX: usize = 256 * 1024;

/// What a provider says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Provider {
    pub(crate) issuer: String,
    pub(crate) authorization_endpoint: String,
    pub(crate) token_endpoint: String,
    pub(crate) jwks_uri: String,
    /// Where more is told of whoever signed in than an ID token holds.
    pub(crate) userinfo_endpoint: Option<String>,
    /// How clients prove who they are; where it says nothing, by HTTP Basic.
    #[serde(default)]
    token_endpoint_auth_methods_supported: Vec<String>,
    /// Does it say in what it sends back who it is (RFC 9207)?
    #[serde(default)]
    pub(crate) authorization_response_iss_parameter_supported: bool,
}

impl Provider {
    /// Is the secret sent in the body? Otherwise in a header, which every provider takes that says nothing.
    pub(crate) fn wants_secret_in_body(&self) -> bool {
        let known = &self.token_endpoint_auth_methods_supported;
        let takes = |method: &str| known.iter().any(|it| it == method);
        takes("client_secret_post") && !takes("client_secret_basic")
    }
}

/// Why a provider cannot be used now.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unusable {
    #[error("its discovery document cannot be read")]
    Unread(#[source] scim_server::outbound::OutboundError),
    #[error("its discovery document is none")]
    NotJson(#[source] serde_json::Error),
    #[error("its discovery document speaks of the issuer {0:?}")]
    Other(String),
    #[error("its {0} must not be asked")]
    Endpoint(&'static str),
}

/// All providers.
#[derive(Clone)]
pub(crate) struct Providers {
    outbound: Arc<Outbound>,
    known: Cache<String, Arc<Provider>>,
}

impl Providers {
    pub(crate) fn new(outbound: Arc<Outbound>) -> Providers {
        Providers {
            outbound,
            known: Cache::builder()
                .max_capacity(KEPT_MAX)
                .time_to_live(KEPT_FOR)
                .build(),
        }
    }

    pub(crate) fn outbound(&self) -> &Outbound {
        &self.outbound
    }

    /// The provider that is this issuer.
    pub(crate) async fn of(&self, issuer: &str) -> Result<Arc<Provider>, Unusable> {
        if let Some(known) = self.known.get(issuer) {
            return Ok(known);
        }
        let base = issuer.trim_end_matches('/');
        let url = format!("{base}/.well-known/openid-configuration");
        let document = self.outbound.get(&url, BYTES_MAX).await;
        let document = document.map_err(Unusable::Unread)?;
        let provider: Provider = serde_json::from_slice(&document).map_err(Unusable::NotJson)?;
        // §4.3: whoever answers in another's place is refused.
        if provider.issuer != issuer {
            return Err(Unusable::Other(scim_core::error::echo(&provider.issuer)));
        }
        for (name, url) in [
            ("authorization_endpoint", &provider.authorization_endpoint),
            ("token_endpoint", &provider.token_endpoint),
            ("jwks_uri", &provider.jwks_uri),
        ] {
            if self.outbound.target(url).is_err() {
                return Err(Unusable::Endpoint(name));
            }
        }
        let userinfo = provider.userinfo_endpoint.as_deref();
        if userinfo.is_some_and(|url| self.outbound.target(url).is_err()) {
            return Err(Unusable::Endpoint("userinfo_endpoint"));
        }
        let provider = Arc::new(provider);
        self.known.insert(issuer.to_owned(), Arc::clone(&provider));
        Ok(provider)
    }
}
