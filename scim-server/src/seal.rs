//! Bytes that only this server reads, and that nobody changes: sealed with AES-256-GCM under a key of the tenant.

use std::sync::Arc;

use async_trait::async_trait;
use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use moka::sync::Cache;
use scim_core::TenantId;

use crate::clock::random;
use crate::store::{Store, Transaction, Unit};
use crate::{Error, StoreError};

/// Seals and opens bytes for one purpose.
///
/// ```
/// use scim_server::seal::Seal;
///
/// let seal = Seal::new([1; 32], &["a secret of", "main"]);
/// let sealed = seal.seal(b"secret")?;
/// assert_eq!(seal.open(&sealed).as_deref(), Some(&b"secret"[..]));
/// assert_eq!(Seal::new([1; 32], &["a secret of", "other"]).open(&sealed), None);
/// # Ok::<(), scim_server::Error>(())
/// ```
pub struct Seal {
    key: [u8; 32],
    about: Vec<u8>,
}

impl Seal {
    /// For a purpose that these texts tell from every other one.
    pub fn new(key: [u8; 32], about: &[&str]) -> Seal {
        let mut bytes = Vec::new();
        for text in about {
            // With its length, so that no two purposes read alike.
            bytes.extend_from_slice(&(text.len() as u64).to_be_bytes());
            bytes.extend_from_slice(text.as_bytes());
        }
        Seal { key, about: bytes }
    }

    /// The bytes, sealed.
    pub fn seal(&self, plain: &[u8]) -> Result<Vec<u8>, Error> {
        let mut bytes = plain.to_vec();
        let aead = RandomizedNonceKey::new(&AES_256_GCM, &self.key).map_err(failed)?;
        let nonce = aead.seal_in_place_append_tag(self.aad(), &mut bytes);
        let mut sealed = nonce.map_err(failed)?.as_ref().to_vec();
        sealed.append(&mut bytes);
        Ok(sealed)
    }

    /// What was sealed for this purpose; `None` where anything is different.
    pub fn open(&self, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_LEN>()?;
        let (nonce, mut sealed) = (Nonce::from(nonce), sealed.to_vec());
        let aead = RandomizedNonceKey::new(&AES_256_GCM, &self.key).ok()?;
        let opened = aead.open_in_place(nonce, self.aad(), &mut sealed).ok()?;
        Some(opened.to_vec())
    }

    fn aad(&self) -> Aad<&[u8]> {
        Aad::from(self.about.as_slice())
    }
}

fn failed(error: impl Into<crate::Cause>) -> Error {
    StoreError::Failed(error.into()).into()
}

/// A key of each tenant, the same in every process: the first who needs it makes it.
///
/// It stands in the database as it is. Whoever can read it there can read what was sealed.
///
/// ```no_run
/// # async fn example(store: std::sync::Arc<dyn scim_server::store::Store>) -> Result<(), scim_server::Error> {
/// use scim_server::seal::{Seal, TenantKeys};
///
/// let (keys, main) = (TenantKeys::new(store, "letters"), "main".parse().unwrap());
/// let seal = Seal::new(keys.of(&main).await?, &["a letter"]);
/// # Ok(())
/// # }
/// ```
pub struct TenantKeys {
    store: Arc<dyn Store>,
    name: &'static str,
    known: Cache<TenantId, [u8; 32]>,
}

const CACHED_MAX: u64 = 10_000;

impl TenantKeys {
    /// The keys of this name.
    pub fn new(store: Arc<dyn Store>, name: &'static str) -> TenantKeys {
        TenantKeys {
            store,
            name,
            known: Cache::new(CACHED_MAX),
        }
    }

    /// That of a tenant.
    pub async fn of(&self, tenant: &TenantId) -> Result<[u8; 32], Error> {
        if let Some(key) = self.known.get(tenant) {
            return Ok(key);
        }
        let key = match self.store.read(tenant, Look(self.name)).await? {
            Some(key) => key,
            None => self.store.write(tenant, Make(self.name, random())).await?,
        };
        self.known.insert(tenant.clone(), key);
        Ok(key)
    }

    /// That of the tenant of a unit of work which writes.
    pub async fn within(tx: &mut Transaction<'_>, name: &str) -> Result<[u8; 32], Error> {
        if let Some(key) = tx.tenant_key(name).await? {
            return Ok(key);
        }
        made(tx, name, random()).await
    }
}

struct Look(&'static str);

#[async_trait]
impl Unit for Look {
    type Output = Option<[u8; 32]>;

    async fn run(&self, tx: &mut Transaction<'_>) -> Result<Option<[u8; 32]>, Error> {
        tx.tenant_key(self.0).await
    }
}

struct Make(&'static str, [u8; 32]);

#[async_trait]
impl Unit for Make {
    type Output = [u8; 32];

    async fn run(&self, tx: &mut Transaction<'_>) -> Result<[u8; 32], Error> {
        made(tx, self.0, self.1).await
    }
}

/// Makes the key, unless another process was faster: then it is that one's.
async fn made(tx: &mut Transaction<'_>, name: &str, key: [u8; 32]) -> Result<[u8; 32], Error> {
    tx.offer_tenant_key(name, key);
    tx.flush().await?;
    Ok(tx.tenant_key(name).await?.unwrap_or(key))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Fresh;

    #[test]
    fn what_is_sealed_is_good_for_one_purpose_and_key() {
        let seal = |key: u8, about: &[&str]| Seal::new([key; 32], about);
        let sealed = seal(1, &["a", "b"]).seal(b"plain").unwrap();
        assert_eq!(
            seal(1, &["a", "b"]).open(&sealed).as_deref(),
            Some(&b"plain"[..])
        );
        let mut changed = sealed.clone();
        changed[20] ^= 1;
        for (seal, sealed) in [
            (seal(1, &["ab", ""]), &sealed[..]),
            (seal(1, &["ab"]), &sealed),
            (seal(2, &["a", "b"]), &sealed),
            (seal(1, &["a", "b"]), &changed),
            (seal(1, &["a", "b"]), &sealed[..sealed.len() - 1]),
            (seal(1, &["a", "b"]), b""),
        ] {
            assert_eq!(seal.open(sealed), None);
        }
    }

    #[tokio::test]
    async fn every_tenant_has_a_key_that_all_processes_find() {
        let Fresh { store, .. } = &Fresh::sqlite().await;
        let (main, other) = ("main".parse().unwrap(), "other".parse().unwrap());
        let now = "2026-01-01T00:00:00Z".parse().unwrap();
        assert!(store.create_tenant(&other, now).await.unwrap());
        let keys = |name| TenantKeys::new(store.clone(), name);
        let process = keys("cursor");
        let key = process.of(&main).await.unwrap();
        assert_ne!(process.of(&other).await.unwrap(), key);
        assert_ne!(keys("letter").of(&main).await.unwrap(), key);
        assert_eq!(keys("cursor").of(&main).await.unwrap(), key);
    }
}
