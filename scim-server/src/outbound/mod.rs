//! The one way in which the server asks others: over HTTPS, at public addresses, without
//! following anybody elsewhere. Whoever can choose an address must not reach the network behind
//! the server with it (SSRF).
//!
//! | file | question |
//! |---|---|
//! | `target.rs` | may this URL be asked at all, and by which rules? |
//! | `address.rs` | is an address public? |

mod address;
mod target;

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use axum::http::{Request, Response};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Client, redirect};
use tokio::sync::OnceCell;

use address::is_public;
pub use target::{HostPort, Target, TargetError};

const CONNECT_TIME: Duration = Duration::from_secs(10);
const TOTAL_TIME: Duration = Duration::from_secs(30);

/// Finds the addresses of a name.
///
/// ```
/// use std::{io, net::IpAddr};
///
/// use async_trait::async_trait;
/// use scim_server::outbound::{Lookup, Outbound, OutboundError};
///
/// /// A name server that leads everybody to this machine.
/// struct Hostile;
///
/// #[async_trait]
/// impl Lookup for Hostile {
///     async fn lookup(&self, _host: &str) -> io::Result<Vec<IpAddr>> {
///         Ok(vec![IpAddr::from([127, 0, 0, 1])])
///     }
/// }
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// let outbound = Outbound::default().looking_up(Hostile);
/// let answer = outbound.get("https://idp.example/keys", 1_024).await;
/// assert!(matches!(answer, Err(OutboundError::Forbidden(_))));
/// # });
/// ```
#[async_trait]
pub trait Lookup: Send + Sync + 'static {
    /// All of them.
    async fn lookup(&self, host: &str) -> io::Result<Vec<IpAddr>>;
}

/// Asks the operating system.
struct SystemLookup;

#[async_trait]
impl Lookup for SystemLookup {
    async fn lookup(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        let found = tokio::net::lookup_host((host, 0)).await?;
        Ok(found.map(|address| address.ip()).collect())
    }
}

/// Asks other servers.
///
/// ```
/// use scim_server::outbound::Outbound;
///
/// // An identity provider of a closed network, beside all public ones.
/// let outbound = Outbound::new(vec!["idp.internal:8443".parse()?]);
/// assert!(outbound.target("https://idp.internal:8443/keys").is_ok());
/// assert!(outbound.target("https://169.254.169.254/").is_err());
/// # Ok::<(), String>(())
/// ```
pub struct Outbound {
    allowed: Vec<HostPort>,
    lookup: Arc<dyn Lookup>,
    /// To public addresses alone.
    guarded: OnceCell<Client>,
    /// To those that the operator allowed.
    private: OnceCell<Client>,
}

impl Default for Outbound {
    fn default() -> Outbound {
        Outbound::new(Vec::new())
    }
}

impl Outbound {
    /// Public addresses, and these, which may be private and spoken to without TLS.
    pub fn new(allowed: Vec<HostPort>) -> Outbound {
        Outbound {
            allowed,
            lookup: Arc::new(SystemLookup),
            guarded: OnceCell::new(),
            private: OnceCell::new(),
        }
    }

    /// Finds addresses in another way than the operating system does.
    #[must_use]
    pub fn looking_up(mut self, lookup: impl Lookup) -> Outbound {
        self.lookup = Arc::new(lookup);
        self
    }

    /// The URL, if it may be asked.
    pub fn target(&self, url: &str) -> Result<Target, TargetError> {
        Target::parse(url, &self.allowed)
    }

    /// GET: the body of an answer with status 200, of at most so many bytes.
    pub async fn get(&self, url: &str, bytes_max: usize) -> Result<Vec<u8>, OutboundError> {
        let target = self.target(url)?;
        let client = self.client_for(&target).await?;
        let mut response = client.get(target.into_url()).send().await.map_err(failed)?;
        if response.status() != reqwest::StatusCode::OK {
            return Err(OutboundError::Status(response.status().as_u16()));
        }
        body(&mut response, bytes_max).await
    }

    /// Any request; the answer, whatever its status, with a body of at most so many bytes.
    ///
    /// ```
    /// # use axum::http::Request;
    /// # use scim_server::outbound::{Outbound, OutboundError};
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// let request = Request::post("https://10.0.0.1/hook").body(b"{}".to_vec()).unwrap();
    /// let answer = Outbound::default().ask(request, 1_024).await;
    /// assert!(matches!(answer, Err(OutboundError::Target(_))));
    /// # });
    /// ```
    pub async fn ask(
        &self,
        request: Request<Vec<u8>>,
        bytes_max: usize,
    ) -> Result<Response<Vec<u8>>, OutboundError> {
        let (parts, sent) = request.into_parts();
        let target = self.target(&parts.uri.to_string())?;
        let client = self.client_for(&target).await?;
        let asked = client.request(parts.method, target.into_url());
        let mut asked = asked.headers(parts.headers);
        // A GET with a length, even of 0, is refused by some.
        if !sent.is_empty() {
            asked = asked.body(sent);
        }
        let mut response = asked.send().await.map_err(failed)?;
        let mut answer = Response::new(body(&mut response, bytes_max).await?);
        *answer.status_mut() = response.status();
        *answer.headers_mut() = std::mem::take(response.headers_mut());
        Ok(answer)
    }

    async fn client_for(&self, target: &Target) -> Result<&Client, OutboundError> {
        if target.is_allowed_private() {
            let make = async || self.client(Which::Any);
            self.private.get_or_try_init(make).await
        } else {
            let make = async || self.client(Which::Public);
            self.guarded.get_or_try_init(make).await
        }
    }

    fn client(&self, which: Which) -> Result<Client, OutboundError> {
        let resolver = Vetting {
            lookup: Arc::clone(&self.lookup),
            which,
        };
        Client::builder()
            .dns_resolver(resolver)
            .https_only(which == Which::Public)
            // A proxy would look the name up again, and a redirect leads where nobody vetted.
            .no_proxy()
            .redirect(redirect::Policy::none())
            .referer(false)
            .connect_timeout(CONNECT_TIME)
            .timeout(TOTAL_TIME)
            .user_agent(concat!("scim-server/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(failed)
    }
}

async fn body(
    response: &mut reqwest::Response,
    bytes_max: usize,
) -> Result<Vec<u8>, OutboundError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(failed)? {
        if body.len() + chunk.len() > bytes_max {
            return Err(OutboundError::TooLarge { limit: bytes_max });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// Why there is nothing to work with.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OutboundError {
    /// The URL must not be asked.
    #[error(transparent)]
    Target(#[from] TargetError),
    /// The name leads to no public address.
    #[error(transparent)]
    Forbidden(#[from] NoPublicAddress),
    /// The answer is no document.
    #[error("the status of the answer is {0}, not 200; redirects are not followed")]
    Status(u16),
    /// The answer is larger than what was asked for can be.
    #[error("the answer is larger than {limit} bytes")]
    TooLarge {
        /// Bytes taken at most.
        limit: usize,
    },
    /// Nobody answered, not in time, or without a valid certificate.
    #[error("there was no answer")]
    Failed(#[source] reqwest::Error),
}

/// A name that leads into a private network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} has no public address; a private one must be allowed with --allow-private-outbound HOST:PORT"
)]
pub struct NoPublicAddress(String);

fn failed(error: reqwest::Error) -> OutboundError {
    let mut cause = std::error::Error::source(&error);
    while let Some(inner) = cause {
        if let Some(forbidden) = inner.downcast_ref::<NoPublicAddress>() {
            return OutboundError::Forbidden(forbidden.clone());
        }
        cause = inner.source();
    }
    OutboundError::Failed(error)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Which {
    Public,
    Any,
}

/// Connections go to the addresses that this gives and to no others: what a name leads to is
/// asked once, so it cannot lead elsewhere a moment later (DNS rebinding).
struct Vetting {
    lookup: Arc<dyn Lookup>,
    which: Which,
}

impl Resolve for Vetting {
    fn resolve(&self, name: Name) -> Resolving {
        let (lookup, which) = (Arc::clone(&self.lookup), self.which);
        Box::pin(async move {
            let mut found = lookup.lookup(name.as_str()).await?;
            if which == Which::Public {
                found.retain(|address| is_public(*address));
                if found.is_empty() {
                    return Err(NoPublicAddress(name.as_str().to_owned()).into());
                }
            }
            // Port 0 stands for that of the URL.
            let found = found.into_iter().map(|address| SocketAddr::new(address, 0));
            Ok(Box::new(found) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests;
