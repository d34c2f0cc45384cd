//! TLS 1.2 and 1.3 with a certificate that can be renewed while connections are open.

use std::sync::{Arc, PoisonError, RwLock};

use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::version::{TLS12, TLS13};
use tokio_rustls::TlsAcceptor;

/// A certificate with its key. Clones share it, so that a renewed one reaches all of them.
///
/// ```no_run
/// # fn example(chain: &str, key: &str, renewed: (&str, &str)) -> Result<(), Box<dyn std::error::Error>> {
/// use scim_server::edge::Certificate;
///
/// let certificate = Certificate::from_pem(chain.as_bytes(), key.as_bytes())?;
/// // Later, when both were renewed: the next handshake shows it.
/// let (chain, key) = renewed;
/// certificate.renew(chain.as_bytes(), key.as_bytes())?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Certificate(Arc<RwLock<Arc<ServerConfig>>>);

/// Why a certificate cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CertificateError {
    /// The chain is not in PEM.
    #[error("the certificate file holds no certificates in PEM (-----BEGIN CERTIFICATE-----)")]
    Chain(#[source] Option<pem::Error>),
    /// The key is not in PEM.
    #[error("the key file holds no private key in PEM (-----BEGIN PRIVATE KEY-----)")]
    Key(#[source] pem::Error),
    /// They do not belong together, or one of them is of an unknown kind.
    #[error("the certificate and the key cannot be used together")]
    Pair(#[source] rustls::Error),
}

impl Certificate {
    /// A certificate chain and its private key, both in PEM; the server's own certificate first.
    pub fn from_pem(chain: &[u8], key: &[u8]) -> Result<Certificate, CertificateError> {
        let config = config(chain, key)?;
        Ok(Certificate(Arc::new(RwLock::new(Arc::new(config)))))
    }

    /// Shows this certificate in every handshake from now on. If it cannot be used, the present
    /// one stays.
    pub fn renew(&self, chain: &[u8], key: &[u8]) -> Result<(), CertificateError> {
        let config = Arc::new(config(chain, key)?);
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = config;
        Ok(())
    }

    /// What makes the next handshake.
    pub(super) fn acceptor(&self) -> TlsAcceptor {
        let config = self.0.read().unwrap_or_else(PoisonError::into_inner);
        TlsAcceptor::from(Arc::clone(&config))
    }
}

fn config(chain: &[u8], key: &[u8]) -> Result<ServerConfig, CertificateError> {
    let chain = CertificateDer::pem_slice_iter(chain)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| CertificateError::Chain(Some(error)))?;
    if chain.is_empty() {
        return Err(CertificateError::Chain(None));
    }
    let key = PrivateKeyDer::from_pem_slice(key).map_err(CertificateError::Key)?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_protocol_versions(&[&TLS13, &TLS12])
        .map_err(CertificateError::Pair)?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(CertificateError::Pair)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}
