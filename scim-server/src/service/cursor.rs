//! Cursors: places in a list that a client carries from page to page (RFC 9865).
//!
//! A cursor is sealed, so nobody makes or reads one; it is bound to the query and the connection
//! that it was given out for, and the rights of whoever brings it are looked at again. Nothing is
//! kept for it on the server.

use async_trait::async_trait;
use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use data_encoding::BASE64URL_NOPAD;
use jiff::{SignedDuration, Timestamp};
use moka::sync::Cache;
use scim_core::sort::SortKey;
use scim_core::{ResourceId, TenantId};
use serde::{Deserialize, Serialize};

use uuid::Uuid;

use crate::clock::random;
use crate::store::{Place, Store, Transaction, Unit, Way};
use crate::{Error, StoreError};

/// How long a cursor is good.
pub(crate) const CURSOR_TIMEOUT: SignedDuration = SignedDuration::from_hours(1);

/// Seals and opens the cursors of one query.
///
/// ```
/// use jiff::Timestamp;
/// use scim_core::sort::SortKey;
/// use scim_server::service::{Cursor, CursorSeal};
/// use scim_server::store::{Place, Way};
///
/// let now = Timestamp::UNIX_EPOCH;
/// let place = Place {
///     kind: "User".into(),
///     key: SortKey::Text("kim".into()),
///     id: "0190f3c2-1111-7000-8000-000000000001".parse().unwrap(),
/// };
/// let cursor = Cursor { place, way: Way::Forward, total: 7, issued: now };
/// let query = CursorSeal::new([1; 32], &["main", "userName"]);
/// let text = query.seal(&cursor)?;
/// assert_eq!(query.open(&text, now)?, cursor);
/// let other = CursorSeal::new([1; 32], &["main", "title"]);
/// assert!(other.open(&text, now).is_err());
/// # Ok::<(), scim_server::Error>(())
/// ```
pub struct CursorSeal {
    key: [u8; 32],
    /// What the cursors are good for.
    query: Vec<u8>,
}

/// What a cursor says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// Where the page ended that it was given out with.
    pub place: Place,
    /// On which side of it the page lies that it leads to.
    pub way: Way,
    /// How many matches there were when the paging began.
    pub total: usize,
    /// When it was given out.
    pub issued: Timestamp,
}

impl CursorSeal {
    /// For a query that these texts tell from every other one.
    pub fn new(key: [u8; 32], query: &[&str]) -> CursorSeal {
        let mut bytes = Vec::new();
        for text in query {
            // With its length, so that no two queries read alike.
            bytes.extend_from_slice(&(text.len() as u64).to_be_bytes());
            bytes.extend_from_slice(text.as_bytes());
        }
        CursorSeal { key, query: bytes }
    }

    /// The cursor as a client carries it: characters that need no escape in a URL.
    pub fn seal(&self, cursor: &Cursor) -> Result<String, Error> {
        let place = &cursor.place;
        let written = Written {
            kind: place.kind.clone(),
            key: place.key.encode(),
            id: place.id.uuid(),
            back: cursor.way == Way::Backward,
            total: cursor.total,
            issued_ms: cursor.issued.as_millisecond(),
        };
        let mut bytes = serde_json::to_vec(&written).map_err(failed)?;
        let aead = RandomizedNonceKey::new(&AES_256_GCM, &self.key).map_err(failed)?;
        let nonce = aead.seal_in_place_append_tag(self.aad(), &mut bytes);
        let mut sealed = nonce.map_err(failed)?.as_ref().to_vec();
        sealed.append(&mut bytes);
        Ok(BASE64URL_NOPAD.encode(&sealed))
    }

    /// What a cursor says that was given out for this query not too long ago.
    pub fn open(&self, text: &str, now: Timestamp) -> Result<Cursor, Error> {
        let cursor = self.read(text).ok_or(Error::InvalidCursor)?;
        let age = now.duration_since(cursor.issued);
        if age > CURSOR_TIMEOUT {
            return Err(Error::ExpiredCursor);
        }
        Ok(cursor)
    }

    fn read(&self, text: &str) -> Option<Cursor> {
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).ok()?;
        let (nonce, sealed) = bytes.split_first_chunk::<NONCE_LEN>()?;
        let (nonce, mut sealed) = (Nonce::from(nonce), sealed.to_vec());
        let aead = RandomizedNonceKey::new(&AES_256_GCM, &self.key).ok()?;
        let opened = aead.open_in_place(nonce, self.aad(), &mut sealed).ok()?;
        let written: Written = serde_json::from_slice(opened).ok()?;
        Some(Cursor {
            place: Place {
                kind: written.kind,
                key: SortKey::decode(&written.key)?,
                id: ResourceId::new(written.id),
            },
            way: if written.back {
                Way::Backward
            } else {
                Way::Forward
            },
            total: written.total,
            issued: Timestamp::from_millisecond(written.issued_ms).ok()?,
        })
    }

    fn aad(&self) -> Aad<&[u8]> {
        Aad::from(self.query.as_slice())
    }
}

/// What is inside a cursor.
#[derive(Serialize, Deserialize)]
struct Written {
    kind: String,
    key: String,
    id: Uuid,
    back: bool,
    total: usize,
    issued_ms: i64,
}

fn failed(error: impl Into<crate::Cause>) -> Error {
    StoreError::Failed(error.into()).into()
}

/// The key of each tenant, the same in every process: the first who needs it makes it.
///
/// It stands in the database as it is. Whoever can read it there can read what the pages hold.
pub(super) struct CursorKeys(Cache<TenantId, [u8; 32]>);

const NAME: &str = "cursor";
const CACHED_MAX: u64 = 10_000;

impl CursorKeys {
    pub(super) fn new() -> CursorKeys {
        CursorKeys(Cache::new(CACHED_MAX))
    }

    pub(super) async fn of(&self, store: &dyn Store, tenant: &TenantId) -> Result<[u8; 32], Error> {
        if let Some(key) = self.0.get(tenant) {
            return Ok(key);
        }
        let key = match store.read(tenant, Look).await? {
            Some(key) => key,
            None => store.write(tenant, Make(random())).await?,
        };
        self.0.insert(tenant.clone(), key);
        Ok(key)
    }
}

struct Look;

#[async_trait]
impl Unit for Look {
    type Output = Option<[u8; 32]>;

    async fn run(&self, tx: &mut Transaction<'_>) -> Result<Option<[u8; 32]>, Error> {
        tx.tenant_key(NAME).await
    }
}

/// Makes the key, unless another process was faster: then it is that one's.
struct Make([u8; 32]);

#[async_trait]
impl Unit for Make {
    type Output = [u8; 32];

    async fn run(&self, tx: &mut Transaction<'_>) -> Result<[u8; 32], Error> {
        tx.offer_tenant_key(NAME, self.0);
        tx.flush().await?;
        Ok(tx.tenant_key(NAME).await?.unwrap_or(self.0))
    }
}

#[cfg(test)]
mod tests {
    use scim_core::text::KEY_BYTES_MAX;

    use super::*;
    use crate::store::Fresh;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn cursor(key: SortKey) -> Cursor {
        Cursor {
            place: Place {
                kind: "User".to_owned(),
                key,
                id: ResourceId::new(Uuid::from_u128(7)),
            },
            way: Way::Backward,
            total: 9,
            issued: at("2026-01-01T00:00:00Z"),
        }
    }

    fn seal(query: &[&str]) -> CursorSeal {
        CursorSeal::new([1; 32], query)
    }

    #[test]
    fn a_cursor_comes_back_as_it_was() {
        let longest = "\u{1}".repeat(KEY_BYTES_MAX);
        for key in [SortKey::Missing, SortKey::Text(longest)] {
            let cursor = cursor(key);
            let text = seal(&["a"]).seal(&cursor).unwrap();
            let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
            assert!(text.chars().all(plain), "{text}");
            let opened = seal(&["a"]).open(&text, cursor.issued).unwrap();
            assert_eq!(opened, cursor);
            assert_ne!(
                seal(&["a"]).seal(&cursor).unwrap(),
                text,
                "a nonce of its own"
            );
        }
    }

    #[test]
    fn it_is_good_for_one_query_and_key() {
        let (cursor, now) = (cursor(SortKey::Missing), at("2026-01-01T00:00:00Z"));
        let text = seal(&["a", "b"]).seal(&cursor).unwrap();
        let mut changed = text.clone();
        changed.replace_range(30..31, if &text[30..31] == "A" { "B" } else { "A" });
        for (seal, text) in [
            (seal(&["a", "c"]), text.as_str()),
            (seal(&["ab", ""]), text.as_str()),
            (seal(&["ab"]), text.as_str()),
            (CursorSeal::new([2; 32], &["a", "b"]), text.as_str()),
            (seal(&["a", "b"]), changed.as_str()),
            (seal(&["a", "b"]), &text[..text.len() - 4]),
            (seal(&["a", "b"]), "AAAA"),
            (seal(&["a", "b"]), "not base64"),
            (seal(&["a", "b"]), &"A".repeat(9 * KEY_BYTES_MAX)),
        ] {
            let refused = seal.open(text, now).unwrap_err();
            assert!(matches!(refused, Error::InvalidCursor), "{text}: {refused}");
        }
    }

    #[tokio::test]
    async fn every_tenant_has_a_key_that_all_processes_find() {
        let Fresh { store, .. } = &Fresh::sqlite().await;
        let (main, other) = ("main".parse().unwrap(), "other".parse().unwrap());
        let now = at("2026-01-01T00:00:00Z");
        assert!(store.create_tenant(&other, now).await.unwrap());
        let process = CursorKeys::new();
        let key = process.of(&**store, &main).await.unwrap();
        assert_ne!(process.of(&**store, &other).await.unwrap(), key);
        let another = CursorKeys::new();
        assert_eq!(another.of(&**store, &main).await.unwrap(), key);
    }

    #[test]
    fn it_is_good_for_an_hour() {
        let cursor = cursor(SortKey::Missing);
        let text = seal(&[]).seal(&cursor).unwrap();
        assert!(seal(&[]).open(&text, at("2026-01-01T01:00:00Z")).is_ok());
        let late = seal(&[]).open(&text, at("2026-01-01T01:00:00.001Z"));
        assert!(matches!(late, Err(Error::ExpiredCursor)), "{late:?}");
    }
}
