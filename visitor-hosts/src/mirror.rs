//! What Hosts and HostGroups share as mirrors: how they are found, and where they come from.

use scim_core::ResourceId;
use scim_server::Error;
use scim_server::service::Changed;
use scim_server::store::{ConnectionId, Lock, Stored, TokenKind, Transaction};

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

/// The connection that keeps a record.
pub(crate) struct Origin {
    pub(crate) connection: ConnectionId,
    pub(crate) name: String,
    pub(crate) kind: TokenKind,
}

/// Where a record comes from, whoever changed it: people change what their directory made.
pub(crate) async fn origin(
    tx: &mut Transaction<'_>,
    change: &Changed<'_>,
    record: &Stored,
) -> Result<Origin, Error> {
    let caller = change.caller;
    let keeper = match record.owner {
        Some(owner) if owner != caller.connection => tx.token(owner.0).await?,
        Some(_) | None => None,
    };
    Ok(match keeper {
        Some(token) => Origin {
            connection: token.id,
            name: token.name,
            kind: token.kind,
        },
        None => Origin {
            connection: caller.connection,
            name: caller.name.to_string(),
            kind: caller.kind,
        },
    })
}

/// The value of `source`: which channel made the record.
pub(crate) fn channel(kind: TokenKind) -> &'static str {
    match kind {
        TokenKind::Idp => "idp",
        TokenKind::App => "manual",
    }
}
