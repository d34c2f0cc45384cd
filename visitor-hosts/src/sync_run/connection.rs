//! Whose the people and groups of files are: a connection of their own, which is made when it is first needed
//! and in whose name nobody can ask.

use std::sync::Arc;

use scim_core::{Policy, TenantId};
use scim_server::auth::keep;
use scim_server::service::{Caller, Grants};
use scim_server::store::{PolicyName, Token, TokenKind, Transaction};
use scim_server::{Error, StoreError};
use uuid::Uuid;

const NAME: &str = "CSV import";

/// The connection as it writes; `None` before anything was imported.
pub(super) async fn existing(
    tx: &mut Transaction<'_>,
    tenant: &TenantId,
) -> Result<Option<Caller>, Error> {
    let mut tokens = tx.tokens().await?.into_iter();
    // One that was revoked keeps what came by it, and gets nothing new.
    let found = tokens.find(|token| token.kind == TokenKind::Csv && token.revoked.is_none());
    Ok(found.map(|token| caller(tenant, token)))
}

/// The connection as it writes, made in this unit if there is none.
pub(super) async fn made(tx: &mut Transaction<'_>, tenant: &TenantId) -> Result<Caller, Error> {
    if let Some(caller) = existing(tx, tenant).await? {
        return Ok(caller);
    }
    let strict = "strict".parse();
    let token = Token {
        policy: strict.unwrap_or_else(|_: String| PolicyName::default()),
        ..keep::blank(tx, TokenKind::Csv, NAME)
    };
    keep::add(tx, &token);
    // Users refer to it.
    tx.flush().await?;
    Ok(caller(tenant, token))
}

fn caller(tenant: &TenantId, token: Token) -> Caller {
    Caller {
        tenant: tenant.clone(),
        connection: token.id,
        name: token.name.into(),
        kind: TokenKind::Csv,
        policy: Policy::strict(),
        person: None,
        grants: Arc::new(Grants {
            settings: token.settings,
            ..Grants::default()
        }),
        origin: None,
    }
}

/// One run at a time: `false` while another one is under way. A run keeps its turn with every piece; one that
/// is never heard of again loses it.
pub(super) async fn take_turn(tx: &mut Transaction<'_>, run: Uuid) -> Result<bool, Error> {
    let until = tx.now() + jiff::SignedDuration::from_mins(3);
    tx.lease(TURN, run, until).await
}

/// The next one may begin.
pub(super) async fn give_turn_back(tx: &mut Transaction<'_>, run: Uuid) -> Result<(), Error> {
    let over = tx.now() - jiff::SignedDuration::from_millis(1);
    tx.lease(TURN, run, over).await.map(|_| ())
}

const TURN: &str = "csv import";

/// A use case that the product does not have.
pub(super) fn not_served(kind: &str) -> Error {
    let cause = format!("{kind} is not served, and the import needs it");
    StoreError::Failed(cause.into()).into()
}
