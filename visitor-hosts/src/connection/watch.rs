//! Who is told what of a connection before somebody misses it: that it will end, and that nothing comes from its
//! directory any more. Looked at regularly; what was told stands in the job that looks.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use scim_server::auth::{OVERLAP_MAX, is_taken};
use scim_server::store::{ErasedUnit, Secret, SecretPurpose, Token, TokenKind, Transaction, unit};
use scim_server::{Error, Taken, Work};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Settings;
use crate::tenant;

/// Where the job that looks waits.
const QUEUE: &str = "connections";
/// Where notices wait for whoever sends them.
const NOTICES: &str = "notices";
/// How often it is looked.
const EVERY: SignedDuration = SignedDuration::from_mins(15);
/// How long before its end a connection is spoken of.
const BEFORE_END: SignedDuration = SignedDuration::from_hours(14 * 24);

/// Looks after the connections of each tenant.
pub(super) struct Watching;

/// What was told already. It goes from one job to the next.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Told {
    /// By the id of a connection: its ends, and those of its secrets, that somebody was told of.
    ends: BTreeMap<String, BTreeSet<String>>,
    /// When a connection that went silent was last heard of.
    silent: BTreeMap<String, String>,
}

#[async_trait]
impl Work for Watching {
    fn queue(&self) -> &'static str {
        QUEUE
    }

    fn regular(&self) -> Option<String> {
        Some(json!({}).to_string())
    }

    async fn unit(&self, taken: &Taken) -> Result<Arc<dyn ErasedUnit>, Error> {
        let told: Told = serde_json::from_str(&taken.job.payload).unwrap_or_default();
        Ok(Arc::new(unit(move |tx| {
            let told = told.clone();
            Box::pin(async move {
                let told = look(tx, told).await?;
                again(tx, json!(told).to_string());
                Ok(())
            })
        })))
    }

    /// A look that fails is no reason to look no more.
    fn given_up(&self, taken: &Taken, _: &str) -> Option<Arc<dyn ErasedUnit>> {
        let told = taken.job.payload.clone();
        Some(Arc::new(unit(move |tx| {
            let told = told.clone();
            Box::pin(async move {
                again(tx, told);
                Ok(())
            })
        })))
    }
}

fn again(tx: &mut Transaction<'_>, told: String) {
    let due = tx.now().checked_add(EVERY).unwrap_or(Timestamp::MAX);
    tx.enqueue_once(QUEUE, QUEUE, due, told);
}

/// Leaves the notices that are due; what was told then.
async fn look(tx: &mut Transaction<'_>, before: Told) -> Result<Told, Error> {
    let now = tx.now();
    let wanted = tenant::settings(tx).await?;
    let mut told = Told::default();
    for token in tx.tokens().await? {
        if !is_taken(&token, now) {
            continue;
        }
        let id = token.id.to_string();
        let ends = ends(tx, &token, now).await?;
        let known = before.ends.get(&id).cloned().unwrap_or_default();
        for (end, text) in ends {
            let end = format!("{end:.3}");
            if !known.contains(&end) {
                notice(tx, "tokenExpiring", &token, ("expiresAt", &end), &text);
            }
            told.ends.entry(id.clone()).or_default().insert(end);
        }
        let own = Settings::of(token.settings.as_deref()).silent_after_hours;
        let hours = own.unwrap_or(wanted.silent_after_hours());
        if let Some(last) = silent_since(&token, hours, now) {
            let text = format!(
                "Nothing has come from {} since {last:.0}. Look whether its provisioning is still running; if that \
                 is as it should be, say silentAfterHours for it.",
                token.name
            );
            let last = format!("{last:.3}");
            if before.silent.get(&id) != Some(&last) {
                notice(tx, "directorySilent", &token, ("lastUsedAt", &last), &text);
            }
            told.silent.insert(id, last);
        }
    }
    Ok(told)
}

/// The ends of a connection and of its secrets that are near.
async fn ends(
    tx: &mut Transaction<'_>,
    token: &Token,
    now: Timestamp,
) -> Result<Vec<(Timestamp, String)>, Error> {
    let name = &token.name;
    let mut ends = Vec::new();
    if let Some(end) = token.expires.filter(|end| is_near(*end, now)) {
        let text = format!(
            "{name} expires at {end:.0}, and nothing that it sends is taken after that. Give it a new secret \
             (rotate), or another expiresAt."
        );
        ends.push((end, text));
    }
    // One secret is on its way out only where a newer one has come lately.
    if now.duration_since(token.modified) > OVERLAP_MAX {
        return Ok(ends);
    }
    let secrets = tx.secrets(token.id.0).await?;
    let former = secrets.iter().filter_map(|secret| former_end(secret, now));
    ends.extend(former.filter(|end| Some(*end) != token.expires).map(|end| {
        let text = format!(
            "The former secret of {name} works until {end:.0}. Whoever still sends it needs the new one by then."
        );
        (end, text)
    }));
    Ok(ends)
}

fn former_end(secret: &Secret, now: Timestamp) -> Option<Timestamp> {
    let is_own = secret.purpose == SecretPurpose::Connection;
    secret.expires.filter(|end| is_own && is_near(*end, now))
}

fn is_near(end: Timestamp, now: Timestamp) -> bool {
    end > now && end.duration_since(now) <= BEFORE_END
}

/// When a directory was last heard of, if that is too long ago. One that never sent anything is not set up yet.
fn silent_since(token: &Token, hours: f64, now: Timestamp) -> Option<Timestamp> {
    let last = token.last_used.filter(|_| token.kind == TokenKind::Idp)?;
    let ago = now.duration_since(last).as_secs_f64();
    (hours > 0.0 && ago >= hours * 3_600.0).then_some(last)
}

fn notice(
    tx: &mut Transaction<'_>,
    kind: &str,
    token: &Token,
    (name, at): (&str, &str),
    text: &str,
) {
    let mut payload = json!({ "kind": kind, "connection": token.id.to_string(), "text": text });
    if let Some(payload) = payload.as_object_mut() {
        payload.insert(name.to_owned(), json!(at));
    }
    let now = tx.now();
    tx.leave_work(NOTICES, now, payload.to_string());
}
