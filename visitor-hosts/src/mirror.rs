//! What Hosts and HostGroups share as mirrors: how they are found, and what channel they name.

use scim_core::ResourceId;
use scim_server::Error;
use scim_server::store::{Lock, Stored, TokenKind, Transaction};

/// The keys of the Host that has this User, as the one it mirrors or as a further source.
pub(crate) fn keys_of_user(user: ResourceId) -> [(String, String); 2] {
    ["user.value", "furtherSources.value"].map(|attribute| (attribute.to_owned(), user.to_string()))
}

/// The resource of type `kind` that mirrors `source`, found by its reference, locked.
pub(crate) async fn of(
    tx: &mut Transaction<'_>,
    kind: &str,
    reference: &str,
    source: ResourceId,
) -> Result<Option<Stored>, Error> {
    let key = (format!("{reference}.value"), source.to_string());
    Ok(tx.find(kind, &[key], Lock::ForUpdate).await?.pop())
}

/// The value of `source`: which channel made the record.
pub(crate) fn channel(kind: TokenKind) -> &'static str {
    match kind {
        TokenKind::Idp => "idp",
        TokenKind::Csv => "csv",
        TokenKind::App | TokenKind::Agent | TokenKind::Kiosk | TokenKind::Console => "manual",
    }
}
