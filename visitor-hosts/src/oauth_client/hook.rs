//! `OAuthClients`, read from what connections trust, and written there.

use std::sync::Arc;

use async_trait::async_trait;
use scim_core::{Document, ResourceId};
use scim_server::Error;
use scim_server::auth::{TRUST_TYPE, TrustOutcome, distrust_issuer, trust_issuer, trusting};
use scim_server::service::{Caller, Changed, Hook, Source};
use scim_server::store::{
    ConnectionId, ListQuery, Lock, Page, Stored, Token, Transaction, Trust, answer,
};

use super::document;
use crate::connection::may_keep;
use crate::reference;

/// Serves `OAuthClients`.
pub struct OAuthClientHook;

#[async_trait]
impl Hook for OAuthClientHook {
    async fn after_change(&self, _: &mut Transaction<'_>, _: &Changed<'_>) -> Result<(), Error> {
        Ok(())
    }

    fn source(&self, kind: &str) -> Option<Arc<dyn Source>> {
        (kind == TRUST_TYPE).then(|| Arc::new(OAuthClients) as Arc<dyn Source>)
    }
}

/// What the connections of a tenant trust.
struct OAuthClients;

#[async_trait]
impl Source for OAuthClients {
    async fn get(
        &self,
        tx: &mut Transaction<'_>,
        id: ResourceId,
        lock: Lock,
    ) -> Result<Option<Stored>, Error> {
        tx.flush().await?;
        let connection = trusting(id);
        if lock == Lock::ForUpdate {
            // Whoever changes what a connection trusts holds the connection.
            tx.token_for_update(connection.0).await?;
        }
        let found = of(tx, connection).await?;
        Ok(found.map(|(token, trust)| document::stored(&token, &trust)))
    }

    async fn list(&self, tx: &mut Transaction<'_>, query: &ListQuery<'_>) -> Result<Page, Error> {
        let mut all = tx.trusts(None).await?;
        all.sort_by_key(|(_, trust)| trust.id());
        let all = all.iter();
        answer::answer(
            query,
            all.map(|(token, trust)| document::stored(token, trust)),
        )
    }

    async fn insert(
        &self,
        tx: &mut Transaction<'_>,
        caller: &Caller,
        document: &Document,
    ) -> Result<Stored, Error> {
        let id = reference::connection(document.get("connection"));
        let token = match id {
            Some(id) => tx.token_for_update(id.0).await?,
            None => None,
        };
        let Some(token) = token else {
            let refusal = "name an ApiToken by its id";
            return Err(scim_core::Error::invalid_value("connection", refusal).into());
        };
        may_keep(caller, &token)?;
        if of(tx, token.id).await?.is_some() {
            return Err(Error::Uniqueness {
                kind: TRUST_TYPE.to_owned(),
                attribute: "connection".to_owned(),
                value: token.id.to_string(),
            });
        }
        trust(tx, token.id, document).await
    }

    async fn update(
        &self,
        tx: &mut Transaction<'_>,
        caller: &Caller,
        before: &Stored,
        document: &Document,
    ) -> Result<Stored, Error> {
        if before.parse()?.as_map() == document.as_map() {
            return Ok(before.clone());
        }
        let token = kept(tx, caller, before).await?;
        trust(tx, token, document).await
    }

    async fn delete(
        &self,
        tx: &mut Transaction<'_>,
        caller: &Caller,
        stored: &Stored,
    ) -> Result<(), Error> {
        let token = kept(tx, caller, stored).await?;
        distrust_issuer(tx, token).await.map(drop)
    }
}

/// The connection, if the caller may keep it: whoever says whose JWTs it takes can ask in its name.
async fn kept(
    tx: &mut Transaction<'_>,
    caller: &Caller,
    stored: &Stored,
) -> Result<ConnectionId, Error> {
    let id = trusting(stored.id);
    if let Some(token) = tx.token_for_update(id.0).await? {
        may_keep(caller, &token)?;
    }
    Ok(id)
}

async fn trust(
    tx: &mut Transaction<'_>,
    id: ConnectionId,
    document: &Document,
) -> Result<Stored, Error> {
    let trusted = document::trusted(document.as_map())?;
    let same = format!(
        "{} {} {}",
        trusted.issuer, trusted.audience, trusted.subject
    );
    match trust_issuer(tx, id, trusted).await? {
        TrustOutcome::Trusted => {}
        TrustOutcome::NoToken => {
            let refusal = "this connection was revoked, or is the product's own: make another one";
            return Err(scim_core::Error::invalid_value("connection", refusal).into());
        }
        // A JWT would not say which of the two asks.
        TrustOutcome::Taken(_) => {
            return Err(Error::Uniqueness {
                kind: TRUST_TYPE.to_owned(),
                attribute: "issuer, audience and subject".to_owned(),
                value: same,
            });
        }
    }
    tx.flush().await?;
    let found = of(tx, id).await?;
    let (token, trust) = found.ok_or(Error::NoSuchPath)?;
    Ok(document::stored(&token, &trust))
}

async fn of(tx: &mut Transaction<'_>, id: ConnectionId) -> Result<Option<(Token, Trust)>, Error> {
    let all = tx.trusts(None).await?;
    Ok(all.into_iter().find(|(token, _)| token.id == id))
}
