//! The key that signs checkpoints, and the one that verifies them: Ed25519 (RFC 8032), in PEM as
//! OpenSSL writes and reads them.

use std::fmt;

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use data_encoding::{BASE64, HEXLOWER};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{PrivatePkcs8KeyDer, SubjectPublicKeyInfoDer};
use sha2::{Digest, Sha256};

use crate::clock::random;

/// What stands before the 32 bytes of a private key (RFC 8410 §7).
const PRIVATE_PREFIX: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];
/// What stands before the 32 bytes of a public key (RFC 8410 §4).
const PUBLIC_PREFIX: [u8; 12] = [
    0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
];

/// Signs checkpoints. It is read from the configuration and never stands in the database.
///
/// ```
/// use scim_server::audit::{AuditKey, PublicKey};
///
/// let pem = AuditKey::generate();
/// let key = AuditKey::from_pem(&pem)?;
/// let public = PublicKey::from_pem(&key.public_key().to_pem())?;
/// assert_eq!(public.id(), key.public_key().id());
/// # Ok::<(), scim_server::audit::KeyError>(())
/// ```
pub struct AuditKey {
    pair: Ed25519KeyPair,
    public: PublicKey,
}

/// Why a key cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// No private key.
    #[error(
        "no private key of Ed25519 in PEM: `openssl genpkey -algorithm ed25519` makes one, and so does `serve` where there is none"
    )]
    Private,
    /// No public key.
    #[error("no public key of Ed25519 in PEM: `audit public-key` prints the one to give")]
    Public,
}

impl AuditKey {
    /// A new key, as it is kept.
    pub fn generate() -> String {
        let mut der = PRIVATE_PREFIX.to_vec();
        der.extend_from_slice(&random::<32>());
        pem("PRIVATE KEY", &der)
    }

    /// A key that was kept.
    pub fn from_pem(text: &str) -> Result<AuditKey, KeyError> {
        let wrong = |_| KeyError::Private;
        let der = PrivatePkcs8KeyDer::from_pem_slice(text.as_bytes());
        let der = der.map_err(|_| KeyError::Private)?;
        let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(der.secret_pkcs8_der());
        let pair = pair.map_err(|_| KeyError::Private)?;
        let public = pair.public_key().as_ref().try_into().map_err(wrong)?;
        Ok(AuditKey {
            pair,
            public: PublicKey(public),
        })
    }

    /// What verifies its signatures.
    pub fn public_key(&self) -> PublicKey {
        self.public
    }

    pub(super) fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.pair.sign(message).as_ref().to_vec()
    }
}

impl fmt::Debug for AuditKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AuditKey({})", self.public.id())
    }
}

/// Verifies checkpoints.
///
/// ```
/// use scim_server::audit::PublicKey;
///
/// assert!(PublicKey::from_pem("no key").is_err());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublicKey([u8; 32]);

impl PublicKey {
    /// From the text that [`PublicKey::to_pem`] gives, or `openssl pkey -pubout`.
    pub fn from_pem(text: &str) -> Result<PublicKey, KeyError> {
        let der = SubjectPublicKeyInfoDer::from_pem_slice(text.as_bytes());
        let der = der.map_err(|_| KeyError::Public)?;
        let key = der.strip_prefix(&PUBLIC_PREFIX).ok_or(KeyError::Public)?;
        key.try_into().map(PublicKey).map_err(|_| KeyError::Public)
    }

    /// As it is given to whoever verifies.
    pub fn to_pem(&self) -> String {
        pem("PUBLIC KEY", &[&PUBLIC_PREFIX[..], &self.0].concat())
    }

    /// By which checkpoints name it.
    pub fn id(&self) -> KeyId {
        KeyId(Sha256::digest(self.0).into())
    }

    pub(super) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        let key = UnparsedPublicKey::new(&ED25519, &self.0);
        key.verify(message, signature).is_ok()
    }
}

/// Names a key: the SHA-256 of the public one. It is shown by its beginning.
///
/// ```
/// use scim_server::audit::KeyId;
///
/// assert_eq!(KeyId([0xab; 32]).to_string(), "abababababababab");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyId(pub [u8; 32]);

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (shown, _) = self.0.split_at(8);
        f.write_str(&HEXLOWER.encode(shown))
    }
}

fn pem(label: &str, der: &[u8]) -> String {
    // Both kinds of key fit on one line of 64 characters.
    let text = BASE64.encode(der);
    format!("-----BEGIN {label}-----\n{text}\n-----END {label}-----\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8410 §10.1 and §10.3.
    const PRIVATE: &str = "-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC
-----END PRIVATE KEY-----
";
    const PUBLIC: &str = "-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=
-----END PUBLIC KEY-----
";

    #[test]
    fn keys_are_those_of_the_rfc() {
        let key = AuditKey::from_pem(PRIVATE).unwrap();
        assert_eq!(key.public_key().to_pem(), PUBLIC);
        assert_eq!(PublicKey::from_pem(PUBLIC).unwrap(), key.public_key());
        let signature = key.sign(b"text");
        assert!(key.public_key().verifies(b"text", &signature));
        assert!(!key.public_key().verifies(b"texts", &signature));
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for text in ["", "text", PUBLIC] {
            assert!(AuditKey::from_pem(text).is_err(), "{text}");
        }
        for text in ["", "text", PRIVATE] {
            assert!(PublicKey::from_pem(text).is_err(), "{text}");
        }
    }
}
