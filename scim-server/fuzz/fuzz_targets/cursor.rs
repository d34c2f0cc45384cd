//! Cursors: what a client makes up is refused, and what was sealed comes back as it was, for its own
//! query alone.
#![no_main]

use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use scim_core::ResourceId;
use scim_core::sort::SortKey;
use scim_server::service::{Cursor, CursorSeal};
use scim_server::store::{Place, Way};
use uuid::Uuid;

fuzz_target!(|text: &str| {
    let seal = CursorSeal::new([7; 32], &["main", "userName"]);
    let now = Timestamp::UNIX_EPOCH;
    assert!(seal.open(text, now).is_err());
    let Some(key) = SortKey::decode(text) else {
        return;
    };
    let cursor = Cursor {
        place: Place {
            kind: "User".to_owned(),
            key,
            id: ResourceId::new(Uuid::from_u128(1)),
        },
        way: Way::Backward,
        total: text.len(),
        issued: now,
    };
    let Ok(sealed) = seal.seal(&cursor) else {
        panic!("a place has a cursor");
    };
    // A key of a stored value has 512 bytes at most; a longer one has no cursor that is taken.
    if text.len() <= 512 {
        assert_eq!(seal.open(&sealed, now).ok().as_ref(), Some(&cursor));
    }
    let other = CursorSeal::new([7; 32], &["main", text]);
    assert!(other.open(&sealed, now).is_err() || text == "userName");
    let at = text.len() % sealed.len();
    let mut spoiled = sealed.into_bytes();
    spoiled[at] = if spoiled[at] == b'A' { b'B' } else { b'A' };
    let spoiled = String::from_utf8(spoiled).unwrap_or_default();
    assert!(seal.open(&spoiled, now).is_err());
});
