//! What may be said of a provider, and where its secret is kept.

use async_trait::async_trait;
use scim_core::Document;
use scim_server::Error;
use scim_server::service::{Changed, Coming, Hook, Withheld};
use scim_server::store::{Lock, Transaction};
use serde_json::{Value, json};

use super::{CLIENT_SECRET, EMAIL, KIND, SCOPES, key_of_active, sealed};
use crate::account::may_keep;

/// Keeps providers.
pub struct SingleSignOnHook;

#[async_trait]
impl Hook for SingleSignOnHook {
    fn before_create(
        &self,
        _: &mut Transaction<'_>,
        coming: &Coming<'_>,
    ) -> Result<Option<Document>, Error> {
        if coming.resource_type.name() != KIND {
            return Ok(None);
        }
        let mut document = coming.document.clone();
        for (name, value) in [
            ("scopes", json!(SCOPES)),
            ("matchClaim", json!(EMAIL)),
            ("active", json!(true)),
        ] {
            if document.get(name).is_none() {
                document.set(None, name, value);
            }
        }
        Ok(Some(document))
    }

    async fn withhold(&self, withheld: &Withheld<'_>) -> Result<Option<Value>, Error> {
        let secret = withheld.values.get("clientSecret");
        Ok(secret
            .filter(|_| withheld.resource_type.name() == KIND)
            .cloned())
    }

    async fn keep_withheld(
        &self,
        tx: &mut Transaction<'_>,
        coming: &Coming<'_>,
        taken: &Value,
    ) -> Result<Document, Error> {
        let kept = match taken.as_str() {
            Some(secret) => Some(sealed(tx, coming.id, secret).await?),
            None => None,
        };
        tx.keep_secret(coming.id, CLIENT_SECRET, kept);
        Ok(coming.document.clone())
    }

    async fn after_change(
        &self,
        tx: &mut Transaction<'_>,
        change: &Changed<'_>,
    ) -> Result<(), Error> {
        if change.resource_type.name() != KIND {
            return Ok(());
        }
        // Whoever chooses the provider chooses who is who.
        may_keep(change.caller)?;
        let Some(after) = change.after else {
            return Ok(());
        };
        let document = after.parse()?;
        let issuer = document.get("issuer").and_then(Value::as_str);
        check_issuer(issuer.unwrap_or_default())?;
        if document.get("active") != Some(&Value::Bool(true)) {
            return Ok(());
        }
        let active = tx.find(KIND, &[key_of_active()], Lock::None).await?;
        match active.iter().find(|other| other.id != after.id) {
            None => Ok(()),
            Some(other) => {
                let refusal = format!("switch the other one off first: {}", other.id);
                Err(scim_core::Error::invalid_value("active", refusal).into())
            }
        }
    }
}

/// OpenID Connect Discovery 1.0 §2: an https URL without query and fragment. One without TLS is never asked
/// but where an operator allows it.
fn check_issuer(issuer: &str) -> Result<(), Error> {
    let rest = issuer
        .strip_prefix("https://")
        .or_else(|| issuer.strip_prefix("http://"));
    let is_url = rest.is_some_and(|rest| {
        let plain = |sign: char| sign.is_ascii_graphic() && !"?#\\@\"<>".contains(sign);
        !rest.is_empty() && !rest.starts_with('/') && rest.chars().all(plain)
    });
    if is_url {
        return Ok(());
    }
    let refusal =
        "an issuer is a URL that begins with https:// and has neither a query nor a fragment";
    Err(scim_core::Error::invalid_value("issuer", refusal).into())
}
