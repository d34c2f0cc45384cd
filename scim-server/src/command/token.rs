//! `token create`, `list`, `set-policy`, `rotate` and `revoke`.

use std::io::Write;
use std::sync::Arc;

use anyhow::{Context, bail};
use jiff::{SignedDuration, Timestamp};
use scim_core::TenantId;

use super::arguments::{NewToken, Rotation};
use crate::auth::Tokens;
use crate::clock::{Clock, SystemClock};
use crate::store::{ConnectionId, PolicyName, Store, Token};

/// `token create`: the secret and nothing else, so that a script can take it.
pub(super) async fn create(
    store: &Arc<dyn Store>,
    new: &NewToken,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    must_exist(store, &new.tenant).await?;
    let expires = in_days(new.expires_days)?;
    let (_, secret) = tokens(store)
        .create(&new.tenant, &new.name, new.kind, new.policy, Some(expires))
        .await?;
    writeln!(out, "{secret}")?;
    Ok(())
}

/// `token list`
pub(super) async fn list(
    store: &Arc<dyn Store>,
    tenant: &TenantId,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    must_exist(store, tenant).await?;
    let now = SystemClock.now();
    for token in tokens(store).list(tenant).await? {
        let used = match token.last_used {
            Some(at) => format!("last used {at:.0}"),
            None => "never used".to_owned(),
        };
        let kind = token.kind.as_str();
        let state = state(&token, now);
        let Token {
            id, name, policy, ..
        } = &token;
        writeln!(out, "{id}\t{kind}\t{policy}\t{state}\t{used}\t{name}")?;
    }
    Ok(())
}

/// `token set-policy`
pub(super) async fn set_policy(
    store: &Arc<dyn Store>,
    id: ConnectionId,
    policy: PolicyName,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let (tenant, token) = find(store, id).await?;
    tokens(store).set_policy(&tenant, id, policy).await?;
    writeln!(
        out,
        "the token {id} ({}) of {tenant} is read by the policy {policy}",
        token.name
    )?;
    Ok(())
}

/// `token rotate`: the new secret and nothing else.
pub(super) async fn rotate(
    store: &Arc<dyn Store>,
    rotation: &Rotation,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let (tenant, token) = find(store, rotation.id).await?;
    let overlap = SignedDuration::from_hours(rotation.overlap_hours.into());
    let expires = in_days(rotation.expires_days)?;
    let secret = tokens(store)
        .rotate(&tenant, token.id, overlap, Some(expires))
        .await?;
    match secret {
        Some(secret) => writeln!(out, "{secret}")?,
        None => bail!("the token {} was revoked; make a new one", token.id),
    }
    Ok(())
}

/// `token revoke`
pub(super) async fn revoke(
    store: &Arc<dyn Store>,
    id: ConnectionId,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let (tenant, token) = find(store, id).await?;
    tokens(store).revoke(&tenant, id).await?;
    writeln!(out, "revoked the token {id} ({}) of {tenant}", token.name)?;
    Ok(())
}

/// When a token that is made now ends.
pub(super) fn in_days(days: u16) -> anyhow::Result<Timestamp> {
    let lifetime = SignedDuration::from_hours(24 * i64::from(days));
    SystemClock
        .now()
        .checked_add(lifetime)
        .context("the clock of this machine is near the end of time")
}

/// A token knows its tenant, and people know the token.
async fn find(store: &Arc<dyn Store>, id: ConnectionId) -> anyhow::Result<(TenantId, Token)> {
    for tenant in store.tenants().await? {
        let all = tokens(store).list(&tenant.id).await?;
        if let Some(token) = all.into_iter().find(|token| token.id == id) {
            return Ok((tenant.id, token));
        }
    }
    bail!("no tenant has a token with the id {id}; `token list` shows all of a tenant")
}

async fn must_exist(store: &Arc<dyn Store>, tenant: &TenantId) -> anyhow::Result<()> {
    let all = store.tenants().await?;
    if all.iter().any(|known| known.id == *tenant) {
        return Ok(());
    }
    bail!("there is no tenant {tenant}; make it with `tenant create {tenant}`")
}

fn tokens(store: &Arc<dyn Store>) -> Tokens {
    Tokens::new(Arc::clone(store), Arc::new(SystemClock))
}

fn state(token: &Token, now: Timestamp) -> String {
    match (token.revoked, token.expires) {
        (Some(at), _) => format!("revoked {at:.0}"),
        (None, Some(at)) if at <= now => format!("expired {at:.0}"),
        (None, Some(at)) => format!("expires {at:.0}"),
        (None, None) => "never expires".to_owned(),
    }
}
