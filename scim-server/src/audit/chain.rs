//! What a hash of the chain contains, and what the facts say of the personal part.

use scim_core::ResourceId;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::store::{Change, ChangeBody};

/// The hash of one link of the chain: everything that must not change unnoticed.
///
/// ```
/// use scim_core::Version;
/// use scim_server::audit::link;
/// use scim_server::store::{Change, What};
///
/// let change = Change {
///     id: uuid::Uuid::nil(),
///     at: jiff::Timestamp::UNIX_EPOCH,
///     actor: None,
///     owner: None,
///     kind: "User".into(),
///     resource: None,
///     version: Version(1),
///     what: What::Created,
///     cause: None,
/// };
/// let first = link(&[0; 32], 1, &change, &[7; 32]);
/// assert_ne!(first, link(&[0; 32], 2, &change, &[7; 32]));
/// assert_ne!(first, link(&first, 1, &change, &[7; 32]));
/// ```
pub fn link(
    previous: &[u8; 32],
    sequence: i64,
    change: &Change,
    commitment: &[u8; 32],
) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(previous);
    hash.update(sequence.to_be_bytes());
    hash.update(change.id.as_bytes());
    hash.update(change.at.as_millisecond().to_be_bytes());
    let id = |id: Option<Uuid>| id.map(Uuid::into_bytes);
    for part in [
        id(change.actor.map(|actor| actor.0)),
        id(change.owner.map(|owner| owner.0)),
        id(change.resource.map(ResourceId::uuid)),
    ] {
        field(&mut hash, part.as_ref().map(<[u8; 16]>::as_slice));
    }
    field(&mut hash, Some(change.kind.as_bytes()));
    hash.update(change.version.0.to_be_bytes());
    field(&mut hash, Some(change.what.as_str().as_bytes()));
    hash.update(commitment);
    // What was sealed before causes were kept has none.
    if let Some(cause) = change.cause {
        field(&mut hash, Some(cause.as_bytes()));
    }
    hash.finalize().into()
}

/// What the facts say of the personal part. The salt goes with the body when that is erased, so
/// that nobody can find a name by trying names.
pub(crate) fn commitment(salt: &[u8; 16], body: &ChangeBody) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(salt);
    for part in [&body.before, &body.after, &body.request] {
        field(&mut hash, part.as_deref().map(str::as_bytes));
    }
    hash.finalize().into()
}

/// A field with its length before it, so that no two lists of fields hash alike.
fn field(hash: &mut Sha256, bytes: Option<&[u8]>) {
    match bytes {
        None => hash.update(u64::MAX.to_be_bytes()),
        Some(bytes) => {
            hash.update((bytes.len() as u64).to_be_bytes());
            hash.update(bytes);
        }
    }
}
