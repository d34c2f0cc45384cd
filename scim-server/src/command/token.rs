//! `token create`, `list`, `set-policy`, `rotate`, `trust`, `distrust` and `revoke`.

use std::io::Write;
use std::sync::Arc;

use anyhow::{Context, bail};
use jiff::{SignedDuration, Timestamp};
use scim_core::TenantId;

use super::arguments::{Keys, NewToken, Rotation, Trusting};
use super::tenant;
use crate::auth::jwt::KeySet;
use crate::auth::{Tokens, TrustOutcome, Trusted};
use crate::clock::{Clock, SystemClock};
use crate::outbound::{Outbound, TargetError};
use crate::store::{ConnectionId, PolicyName, Store, Token, TrustedKeys};

/// `token create`: the secret and nothing else, so that a script can take it.
pub(super) async fn create(
    store: &Arc<dyn Store>,
    new: &NewToken,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    tenant::must_exist(store.as_ref(), &new.tenant).await?;
    let expires = in_days(new.expires_days)?;
    let tokens = tokens(store);
    let (tenant, name) = (&new.tenant, new.name.as_str());
    let (token, secret) = match new.person {
        Some(person) => {
            let made = tokens.create_for_person(tenant, name, person, Some(expires));
            made.await?
                .with_context(|| format!("{tenant} has no User with the id {person}"))?
        }
        None => {
            let made = tokens.create(tenant, name, new.kind, new.policy, Some(expires));
            made.await?
        }
    };
    if let Some(scopes) = &new.scopes {
        tokens.limit(tenant, token.id, scopes).await?;
    }
    writeln!(out, "{secret}")?;
    Ok(())
}

/// `token list`
pub(super) async fn list(
    store: &Arc<dyn Store>,
    tenant: &TenantId,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    tenant::must_exist(store.as_ref(), tenant).await?;
    let now = SystemClock.now();
    let tokens = tokens(store);
    let trusts = tokens.trusts(tenant).await?;
    for token in tokens.list(tenant).await? {
        let used = match token.last_used {
            Some(at) => format!("last used {at:.0}"),
            None => "never used".to_owned(),
        };
        let kind = token.kind.as_str();
        let state = state(&token, now);
        let Token {
            id, name, policy, ..
        } = &token;
        write!(out, "{id}\t{kind}\t{policy}\t{state}\t{used}\t{name}")?;
        if let Some(person) = token.person {
            write!(out, "\tis {person}")?;
        }
        if let Some(trust) = trusts.iter().find(|trust| trust.token == *id) {
            write!(out, "\ttrusts {}", trust.issuer)?;
        }
        writeln!(out)?;
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
    must_ask(&token)?;
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

/// `token trust`
pub(super) async fn trust(
    store: &Arc<dyn Store>,
    trusting: Trusting,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let (tenant, token) = find(store, trusting.id).await?;
    must_ask(&token)?;
    let trusted = Trusted {
        issuer: trusting.issuer,
        audience: trusting.audience,
        subject: trusting.subject,
        claims: trusting.claim.into_iter().collect(),
        keys: keys(trusting.keys, out)?,
    };
    let issuer = trusted.issuer.clone();
    match tokens(store).trust(&tenant, token.id, trusted).await? {
        TrustOutcome::Trusted => {}
        TrustOutcome::NoToken => bail!("the token {} was revoked; make a new one", token.id),
        TrustOutcome::Taken(other) => bail!(
            "the token {other} of {tenant} trusts the same issuer, audience and subject; \
             `token distrust {other}` frees them"
        ),
    }
    let Token { id, name, .. } = token;
    writeln!(out, "the token {id} ({name}) of {tenant} trusts {issuer}")?;
    Ok(())
}

/// Read once, or looked at: what the server will not be able to use is refused here.
fn keys(keys: Keys, out: &mut impl Write) -> anyhow::Result<TrustedKeys> {
    let (url, file) = (keys.jwks_url, keys.jwks);
    if let Some(file) = file {
        let shown = file.display();
        let cannot = || format!("cannot read {shown}");
        let document = std::fs::read_to_string(&file).with_context(cannot)?;
        let parsed = KeySet::parse(document.as_bytes()).with_context(cannot)?;
        if parsed.is_empty() {
            bail!("{shown} holds no public key that signatures are verified with");
        }
        return Ok(TrustedKeys::Document(document));
    }
    let url = url.context("--jwks-url or --jwks is needed")?;
    match Outbound::default().target(&url) {
        Ok(_) => {}
        // Not known here is what `serve` will be allowed.
        Err(private @ (TargetError::Scheme | TargetError::Address(_))) => {
            writeln!(out, "note: {private} where the server is started")?;
        }
        Err(error) => bail!("--jwks-url: {error}"),
    }
    Ok(TrustedKeys::Url(url))
}

/// `token distrust`
pub(super) async fn distrust(
    store: &Arc<dyn Store>,
    id: ConnectionId,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let (tenant, token) = find(store, id).await?;
    if !tokens(store).distrust(&tenant, id).await? {
        bail!(
            "the token {id} ({}) of {tenant} trusts no issuer",
            token.name
        );
    }
    writeln!(
        out,
        "the token {id} ({}) of {tenant} trusts no issuer now",
        token.name
    )?;
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

/// What nobody can ask by gets neither secrets nor trust.
fn must_ask(token: &Token) -> anyhow::Result<()> {
    if token.kind.can_ask() {
        return Ok(());
    }
    let Token { id, name, .. } = token;
    bail!("nobody can ask in the name of the connection {id} ({name}): it is the product's own")
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
