//! A signature under the chain: that a number had this hash at this time.

use jiff::Timestamp;
use scim_core::TenantId;

use super::{AuditKey, KeyId, PublicKey};
use crate::store::Sealed;

/// Keeps a signature of ours from meaning anything else.
const PURPOSE: &[u8] = b"scim-server audit checkpoint 1\0";

/// A signed place of the chain. Whoever keeps one elsewhere knows later whether everything up to its
/// number is still what it was.
///
/// ```
/// use scim_server::audit::{AuditKey, Checkpoint};
/// use scim_server::store::Sealed;
///
/// let (main, other) = ("main".parse()?, "other".parse()?);
/// let last = Sealed { sequence: 7, change_id: uuid::Uuid::nil(), hash: [1; 32] };
/// let key = AuditKey::from_pem(&AuditKey::generate())?;
/// let checkpoint = Checkpoint::sign(&key, &main, &last, jiff::Timestamp::UNIX_EPOCH);
/// assert!(checkpoint.is_signed_with(&key.public_key(), &main));
/// assert!(!checkpoint.is_signed_with(&key.public_key(), &other));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The number.
    pub sequence: i64,
    /// Its hash, and so that of everything before it.
    pub hash: [u8; 32],
    /// When it was signed.
    pub at: Timestamp,
    /// With which key.
    pub key: KeyId,
    /// Ed25519 over all of this and the tenant.
    pub signature: Vec<u8>,
}

impl Checkpoint {
    /// Signs the last number of a tenant.
    pub fn sign(key: &AuditKey, tenant: &TenantId, last: &Sealed, at: Timestamp) -> Checkpoint {
        let mut checkpoint = Checkpoint {
            sequence: last.sequence,
            hash: last.hash,
            at,
            key: key.public_key().id(),
            signature: Vec::new(),
        };
        checkpoint.signature = key.sign(&checkpoint.message(tenant));
        checkpoint
    }

    /// Was it signed with this key, for this tenant?
    pub fn is_signed_with(&self, key: &PublicKey, tenant: &TenantId) -> bool {
        key.verifies(&self.message(tenant), &self.signature)
    }

    fn message(&self, tenant: &TenantId) -> Vec<u8> {
        let tenant = tenant.as_str().as_bytes();
        [
            PURPOSE,
            &(tenant.len() as u64).to_be_bytes(),
            tenant,
            &self.sequence.to_be_bytes(),
            &self.hash,
            &self.at.as_millisecond().to_be_bytes(),
            &self.key.0,
        ]
        .concat()
    }
}
