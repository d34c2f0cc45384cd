//! `ApiTokens`: connections, read and written as resources.

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use scim_core::{Document, ResourceId};
use scim_server::Error;
use scim_server::auth::{OVERLAP_MAX, Secret, keep};
use scim_server::service::{Caller, Scopes, Source};
use scim_server::store::{ListQuery, Lock, Page, Stored, Token, TokenKind, Transaction, answer};
use serde_json::{Map, Value, json};

use super::{Settings, document};
use crate::{reference, tenant};

/// How long a connection lasts of which nothing else is said.
const LIFE: SignedDuration = SignedDuration::from_hours(365 * 24);
/// Characters of a secret by which people tell it from others.
const HINT: usize = 9;

/// The connections of a tenant.
pub(super) struct ApiTokens;

#[async_trait]
impl Source for ApiTokens {
    async fn get(
        &self,
        tx: &mut Transaction<'_>,
        id: ResourceId,
        lock: Lock,
    ) -> Result<Option<Stored>, Error> {
        // Connections are read from the database; what this unit did to them must be there before.
        tx.flush().await?;
        let token = match lock {
            Lock::ForUpdate => tx.token_for_update(id.uuid()).await?,
            Lock::None => tx.token(id.uuid()).await?,
        };
        match token {
            Some(token) => shown(tx, &token).await.map(Some),
            None => Ok(None),
        }
    }

    async fn list(&self, tx: &mut Transaction<'_>, query: &ListQuery<'_>) -> Result<Page, Error> {
        let mut all = Vec::new();
        for token in tx.tokens().await? {
            all.push(shown(tx, &token).await?);
        }
        answer::answer(query, all)
    }

    async fn insert(
        &self,
        tx: &mut Transaction<'_>,
        caller: &Caller,
        document: &Document,
    ) -> Result<Stored, Error> {
        let document = document.as_map();
        let kind = kind(document)?;
        let blank = Token {
            policy: tenant::settings(tx).await?.policy(),
            ..keep::blank(tx, kind, "")
        };
        let mut token = document::token(&blank, document, tx.now())?;
        if token.expires.is_none() {
            token.expires = tx.now().checked_add(LIFE).ok();
        }
        may_keep(caller, &token)?;
        answerable(tx, &token).await?;
        let secret = Secret::new();
        token.settings = hinting(token.settings.as_deref(), &secret);
        keep::add(tx, &token);
        keep::add_secret(tx, token.id, secret.hash());
        tx.show_once("secret", json!(secret.to_string()));
        Ok(document::stored(&token, &[], tx.now()))
    }

    async fn update(
        &self,
        tx: &mut Transaction<'_>,
        caller: &Caller,
        before: &Stored,
        document: &Document,
    ) -> Result<Stored, Error> {
        let was = current(tx, before.id).await?;
        may_keep(caller, &was)?;
        let is = document::token(&was, document.as_map(), tx.now())?;
        let is = match (was.revoked, was.expires, is.expires) {
            // Of what is over, only the name is still of use.
            (Some(_), _, _) => Token {
                active: was.active,
                ..is
            },
            // A token without an end is none that somebody made here.
            (None, Some(end), None) => Token {
                expires: Some(end),
                ..is
            },
            (None, _, _) => is,
        };
        may_keep(caller, &is)?;
        answerable(tx, &is).await?;
        let is = keep::change(tx, &was, is);
        let secrets = tx.secrets(is.id.0).await?;
        Ok(document::stored(&is, &secrets, tx.now()))
    }

    async fn delete(&self, _: &mut Transaction<'_>, _: &Caller, _: &Stored) -> Result<(), Error> {
        Err(Error::Forbidden(
            "a connection stays, because Users and Groups are its own: revoke it instead (POST …/actions/revoke)",
        ))
    }
}

/// A connection with its secrets, where one of them may be on its way out.
async fn shown(tx: &mut Transaction<'_>, token: &Token) -> Result<Stored, Error> {
    let age = tx.now().duration_since(token.modified);
    let secrets = if age <= OVERLAP_MAX {
        tx.secrets(token.id.0).await?
    } else {
        Vec::new()
    };
    Ok(document::stored(token, &secrets, tx.now()))
}

/// The connection that was read to be changed.
pub(super) async fn current(tx: &mut Transaction<'_>, id: ResourceId) -> Result<Token, Error> {
    let token = tx.token_for_update(id.uuid()).await?;
    token.ok_or_else(|| not_found(id))
}

pub(super) fn not_found(id: ResourceId) -> Error {
    Error::NotFound {
        kind: "ApiToken".to_owned(),
        id: id.to_string(),
    }
}

/// Where a connection is in its life, as [`LIFE`](super::hook::LIFE) has it.
pub(super) fn state(token: &Token) -> &'static str {
    if token.revoked.is_some() {
        "revoked"
    } else {
        "live"
    }
}

/// What a secret is known by beside the rest that is kept with its connection.
pub(super) fn hinting(settings: Option<&str>, secret: &Secret) -> Option<String> {
    let hint = secret.to_string().chars().take(HINT).collect();
    let settings = Settings {
        hint: Some(hint),
        ..Settings::of(settings)
    };
    settings.to_text()
}

/// Nobody gives away more than they have. What an identity provider may do is no part of that: it writes
/// its own people and sees nothing else.
pub(crate) fn may_keep(caller: &Caller, token: &Token) -> Result<(), Error> {
    if token.kind == TokenKind::Idp {
        return Ok(());
    }
    let scopes = match &token.scopes {
        Some(scopes) => scopes.parse().unwrap_or_else(|_| Scopes::default()),
        None => Scopes::of_kind(token.kind),
    };
    if caller.grants.scopes.cover(&scopes) {
        return Ok(());
    }
    Err(Error::Scope(format!(
        "{scopes} itself, to keep a token that has it"
    )))
}

fn kind(document: &Map<String, Value>) -> Result<TokenKind, Error> {
    let word = document
        .get("kind")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let kind = word.parse().ok().filter(|kind: &TokenKind| kind.can_ask());
    let refusal = "send idp, app, agent or kiosk: the product makes its own connections itself";
    kind.ok_or_else(|| scim_core::Error::invalid_value("kind", refusal).into())
}

/// Somebody who exists answers for an agent.
async fn answerable(tx: &mut Transaction<'_>, token: &Token) -> Result<(), Error> {
    let settings = Settings::of(token.settings.as_deref());
    let Some(agent) = settings.agent else {
        return Ok(());
    };
    let owner = reference::id(agent.get("owner"));
    if let Some(owner) = owner
        && tx.get("Host", owner).await?.is_some()
    {
        return Ok(());
    }
    let refusal = "name the Host who answers for the agent";
    Err(scim_core::Error::invalid_value("agent.owner", refusal).into())
}

/// Until when a connection lasts that is given a new secret.
pub(super) fn renewed(now: Timestamp, until: Option<Timestamp>) -> Option<Timestamp> {
    until.map(|until| until.max(now.checked_add(LIFE).unwrap_or(until)))
}
