//! What can be done with an `ApiToken` besides changing its attributes.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::SignedDuration;
use scim_server::auth::{OVERLAP_DEFAULT, Secret, keep};
use scim_server::service::{Acting, Changed, FindingOut, Hook, Source, States, Transition, Verb};
use scim_server::store::{Token, Transaction};
use scim_server::{Error, Work};
use serde_json::{Map, Value, json};

use super::source::{self, ApiTokens};
use super::watch::Watching;
use super::{compatibility, try_out};
use crate::verb;

const ROTATE: &str = "rotate";
const REVOKE: &str = "revoke";
pub(super) const TEST: &str = "test";
/// The longest time for which two secrets work side by side.
const OVERLAP_HOURS_MAX: i64 = 24;

const VERBS: &[Verb] = &[
    Verb {
        kind: "ApiToken",
        name: ROTATE,
        tells: false,
    },
    Verb {
        kind: "ApiToken",
        name: REVOKE,
        tells: false,
    },
    Verb {
        kind: "ApiToken",
        name: TEST,
        tells: false,
    },
    Verb {
        kind: "ApiToken",
        name: "compatibility",
        tells: true,
    },
];

/// The life of a connection.
pub(super) const LIFE: States = States {
    kind: "ApiToken",
    table: &[
        Transition {
            from: "live",
            verb: ROTATE,
            to: "live",
        },
        Transition {
            from: "live",
            verb: REVOKE,
            to: "revoked",
        },
        Transition {
            from: "live",
            verb: TEST,
            to: "live",
        },
    ],
};

/// Serves `ApiTokens`.
pub struct ApiTokenHook;

#[async_trait]
impl Hook for ApiTokenHook {
    async fn after_change(&self, _: &mut Transaction<'_>, _: &Changed<'_>) -> Result<(), Error> {
        Ok(())
    }

    fn source(&self, kind: &str) -> Option<Arc<dyn Source>> {
        (kind == "ApiToken").then(|| Arc::new(ApiTokens) as Arc<dyn Source>)
    }

    fn works(&self) -> Vec<Arc<dyn Work>> {
        vec![Arc::new(Watching)]
    }

    fn verbs(&self) -> &'static [Verb] {
        VERBS
    }

    async fn find_out(&self, asked: &FindingOut<'_>) -> Result<Option<Value>, Error> {
        if asked.verb.name != TEST {
            return Ok(None);
        }
        // It is the largest of all that happens on the way of a request.
        Box::pin(try_out::find_out(asked)).await.map(Some)
    }

    async fn act(&self, tx: &mut Transaction<'_>, acting: &Acting<'_>) -> Result<(), Error> {
        let token = source::current(tx, acting.stored.id).await?;
        source::may_keep(acting.caller, &token)?;
        if !token.kind.can_ask() {
            return Err(Error::Forbidden(
                "this connection is the product's own: it has no secret and does not end",
            ));
        }
        LIFE.after(source::state(&token), acting.verb.name)?;
        match (acting.verb.name, acting.found) {
            (REVOKE, _) => {
                verb::only_a_reason(acting.body)?;
                keep::revoke(tx, token.id).await?;
            }
            (TEST, Some(found)) => {
                try_out::may_be_tested(&token)?;
                try_out::keep(tx, &token, found);
            }
            (ROTATE, _) => rotate(tx, token, overlap(acting.body)?).await?,
            (name, _) => return Err(Error::NoSuchAction(name.to_owned())),
        }
        Ok(())
    }

    async fn tell(&self, tx: &mut Transaction<'_>, acting: &Acting<'_>) -> Result<Value, Error> {
        let token = tx.token(acting.stored.id.uuid()).await?;
        let token = token.ok_or(Error::NoSuchPath)?;
        compatibility::of(tx, &token).await
    }
}

/// A second secret beside the first, which goes on for a while.
async fn rotate(
    tx: &mut Transaction<'_>,
    token: Token,
    overlap: SignedDuration,
) -> Result<(), Error> {
    let secret = Secret::new();
    let hinting = Token {
        settings: source::hinting(token.settings.as_deref(), &secret),
        ..token.clone()
    };
    let expires = source::renewed(tx.now(), token.expires);
    keep::rotate(tx, hinting, secret.hash(), overlap, expires).await?;
    tx.show_once("secret", json!(secret.to_string()));
    Ok(())
}

fn overlap(body: &Map<String, Value>) -> Result<SignedDuration, Error> {
    for name in body.keys() {
        if name != "overlapHours" && name != "reason" {
            let name = scim_core::error::echo(name);
            let refusal = "this action takes overlapHours and a reason";
            return Err(scim_core::Error::invalid_value(&name, refusal).into());
        }
    }
    let Some(hours) = body.get("overlapHours") else {
        return Ok(OVERLAP_DEFAULT);
    };
    let hours = hours
        .as_i64()
        .filter(|hours| (0..=OVERLAP_HOURS_MAX).contains(hours));
    let refusal = "send a whole number of hours from 0 to 24";
    let hours = hours.ok_or_else(|| scim_core::Error::invalid_value("overlapHours", refusal))?;
    Ok(SignedDuration::from_hours(hours))
}
