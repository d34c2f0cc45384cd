//! How somebody decides on a conflict: by a verb, or by writing `resolution`.

use async_trait::async_trait;
use scim_core::{ResourceId, SchemaError};
use scim_server::Error;
use scim_server::service::{Acting, Changed, Hook, Refused, Verb};
use scim_server::store::{Stored, Transaction};
use serde_json::{Map, Value};

use super::conflict::KIND;
use super::resolve::{self, Decision, KEEP_SEPARATE, LINK, REJECT};
use super::settle::Ownership;
use crate::source::Source;
use crate::verb;

const VERBS: &[Verb] = &[
    Verb {
        kind: KIND,
        name: LINK,
        tells: false,
    },
    Verb {
        kind: KIND,
        name: KEEP_SEPARATE,
        tells: false,
    },
    Verb {
        kind: KIND,
        name: REJECT,
        tells: false,
    },
];

/// Ends conflicts as somebody decides, and keeps those whose people were refused.
pub struct ConflictHook {
    ownership: Ownership,
}

impl ConflictHook {
    /// A hook with the product's schemas.
    pub fn new() -> Result<ConflictHook, SchemaError> {
        Ok(ConflictHook {
            ownership: Ownership::new()?,
        })
    }

    /// Somebody wrote `resolution`, which is the verb that it names.
    async fn resolution(
        &self,
        tx: &mut Transaction<'_>,
        before: &Stored,
        after: &Stored,
    ) -> Result<(), Error> {
        let document = after.parse()?;
        let Some(Value::Object(resolution)) = document.get("resolution") else {
            return Err(what_to_do());
        };
        let action = resolution.get("action").and_then(Value::as_str);
        let action = action.and_then(resolve::action).ok_or_else(what_to_do)?;
        let decision = Decision {
            action,
            reason: resolve::reason(resolution)?,
            existing: None,
        };
        let state = resolve::state(before)?;
        self.ownership.resolve(tx, after, &state, &decision).await
    }
}

fn what_to_do() -> Error {
    let reason = "say link, keepSeparate or reject, and why";
    scim_core::Error::invalid_value("resolution.action", reason).into()
}

#[async_trait]
impl Hook for ConflictHook {
    async fn after_change(
        &self,
        tx: &mut Transaction<'_>,
        change: &Changed<'_>,
    ) -> Result<(), Error> {
        match (change.resource_type.name(), change.before, change.after) {
            (KIND, Some(before), Some(after)) => self.resolution(tx, before, after).await,
            _ => Ok(()),
        }
    }

    async fn after_refusal(
        &self,
        tx: &mut Transaction<'_>,
        refused: &Refused<'_>,
    ) -> Result<(), Error> {
        if refused.kind != "User" {
            return Ok(());
        }
        let source = Source::of_caller(refused.caller);
        self.ownership.refused(tx, source, refused.facts).await
    }

    fn verbs(&self) -> &'static [Verb] {
        VERBS
    }

    async fn act(&self, tx: &mut Transaction<'_>, acting: &Acting<'_>) -> Result<(), Error> {
        let (existing, rest) = existing(acting)?;
        verb::only_a_reason(&rest)?;
        let decision = Decision {
            action: acting.verb.name,
            reason: resolve::reason(acting.body)?,
            existing,
        };
        let state = resolve::state(acting.stored)?;
        let stored = acting.stored;
        self.ownership.resolve(tx, stored, &state, &decision).await
    }

    async fn keeper(
        &self,
        _: &mut Transaction<'_>,
        stored: &Stored,
    ) -> Result<Option<String>, Error> {
        Ok((stored.kind == KIND).then(|| "the product".to_owned()))
    }
}

/// The Host that `link` names, and what else was sent.
fn existing(acting: &Acting<'_>) -> Result<(Option<ResourceId>, Map<String, Value>), Error> {
    let mut rest = acting.body.clone();
    let named = match acting.verb.name {
        LINK => rest.shift_remove("existing"),
        _ => None,
    };
    let Some(named) = named else {
        return Ok((None, rest));
    };
    let id = named.as_str().and_then(|id| id.parse().ok());
    match id {
        Some(id) => Ok((Some(id), rest)),
        None => {
            let reason = "send the id of one of the existing hosts";
            Err(scim_core::Error::invalid_value("existing", reason).into())
        }
    }
}
