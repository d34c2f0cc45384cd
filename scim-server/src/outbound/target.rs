//! Whether a URL may be asked at all, and by which rules.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use url::{Host, Url};

use super::address::is_public;

const URL_BYTES_MAX: usize = 2_048;

/// A host and a port that an operator allows to be private: `idp.internal:8443`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostPort {
    host: Host,
    port: u16,
}

impl FromStr for HostPort {
    type Err = String;

    fn from_str(text: &str) -> Result<HostPort, String> {
        let wrong =
            || format!("{text:?} is no host and port: try idp.internal:8443 or [fd00::1]:443");
        let (host, port) = text.rsplit_once(':').ok_or_else(wrong)?;
        let port = port.parse().map_err(|_| wrong())?;
        let host = Host::parse(host).map_err(|_| wrong())?;
        Ok(HostPort { host, port })
    }
}

impl fmt::Display for HostPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

/// A URL that may be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    url: Url,
    allowed_private: bool,
}

impl Target {
    /// HTTPS at a host that is no private address; or what the operator allows.
    pub(super) fn parse(text: &str, allowed: &[HostPort]) -> Result<Target, TargetError> {
        if text.len() > URL_BYTES_MAX {
            return Err(TargetError::Url);
        }
        // Spells every form of an IPv4 address in the one with four numbers.
        let url = Url::parse(text).map_err(|_| TargetError::Url)?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(TargetError::Userinfo);
        }
        let host = url.host().ok_or(TargetError::Url)?.to_owned();
        let port = url.port_or_known_default();
        let is_allowed = |one: &HostPort| one.host == host && Some(one.port) == port;
        let allowed_private = allowed.iter().any(is_allowed);
        match url.scheme() {
            "https" => {}
            "http" if allowed_private => {}
            _ => return Err(TargetError::Scheme),
        }
        let address = match host {
            Host::Domain(_) => None,
            Host::Ipv4(address) => Some(IpAddr::V4(address)),
            Host::Ipv6(address) => Some(IpAddr::V6(address)),
        };
        match address {
            Some(address) if !allowed_private && !is_public(address) => {
                Err(TargetError::Address(address))
            }
            _ => Ok(Target {
                url,
                allowed_private,
            }),
        }
    }

    pub(super) fn is_allowed_private(&self) -> bool {
        self.allowed_private
    }

    pub(super) fn into_url(self) -> Url {
        self.url
    }
}

/// Why a URL must not be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TargetError {
    /// It is none.
    #[error("this is no URL with a host, of at most {URL_BYTES_MAX} bytes")]
    Url,
    /// A name before the host hides which host it is.
    #[error("a URL with a user name or password is not asked")]
    Userinfo,
    /// Not HTTPS.
    #[error(
        "only https:// is asked; http:// must be allowed with --allow-private-outbound HOST:PORT"
    )]
    Scheme,
    /// The address is private.
    #[error(
        "{0} is no public address; a private one must be allowed with --allow-private-outbound HOST:PORT"
    )]
    Address(IpAddr),
}
