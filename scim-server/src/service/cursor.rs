//! Cursors: places in a list that a client carries from page to page (RFC 9865).
//!
//! A cursor is sealed, so nobody makes or reads one; it is bound to the query and the connection
//! that it was given out for, and the rights of whoever brings it are looked at again. Nothing is
//! kept for it on the server.

use data_encoding::BASE64URL_NOPAD;
use jiff::{SignedDuration, Timestamp};
use scim_core::ResourceId;
use scim_core::sort::SortKey;
use serde::{Deserialize, Serialize};

use uuid::Uuid;

use crate::seal::Seal;
use crate::store::{Place, Way};
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
pub struct CursorSeal(Seal);

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
        CursorSeal(Seal::new(key, query))
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
        let bytes = serde_json::to_vec(&written).map_err(failed)?;
        let sealed = self.0.seal(&bytes)?;
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
        let opened = self.0.open(&bytes)?;
        let written: Written = serde_json::from_slice(&opened).ok()?;
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

#[cfg(test)]
mod tests {
    use scim_core::text::KEY_BYTES_MAX;

    use super::*;

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

    #[test]
    fn it_is_good_for_an_hour() {
        let cursor = cursor(SortKey::Missing);
        let text = seal(&[]).seal(&cursor).unwrap();
        assert!(seal(&[]).open(&text, at("2026-01-01T01:00:00Z")).is_ok());
        let late = seal(&[]).open(&text, at("2026-01-01T01:00:00.001Z"));
        assert!(matches!(late, Err(Error::ExpiredCursor)), "{late:?}");
    }
}
