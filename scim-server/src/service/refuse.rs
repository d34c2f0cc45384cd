//! A refused write leaves a line in the change feed: what a client tries and fails to do is the
//! first thing that its operator asks for.

use async_trait::async_trait;
use scim_core::{ResourceId, Version};
use serde_json::Value;

use super::asked::Hooks;
use super::{Caller, Refused};
use crate::Error;
use crate::store::{Actor, Change, ChangeBody, Transaction, Unit, What};

pub(super) struct Refusal {
    pub(super) caller: Caller,
    pub(super) hooks: Hooks,
    /// What the product keeps of it.
    pub(super) facts: Option<Value>,
    pub(super) kind: String,
    pub(super) id: Option<ResourceId>,
    pub(super) request: String,
}

#[async_trait]
impl Unit for Refusal {
    type Output = ();

    async fn run(&self, tx: &mut Transaction<'_>) -> Result<(), Error> {
        let change = Change {
            id: tx.new_id(),
            at: tx.now(),
            actor: Some(self.caller.connection),
            owner: Some(self.caller.connection),
            kind: self.kind.clone(),
            resource: self.id,
            version: Version(0),
            what: What::Refused,
            cause: None,
        };
        let body = ChangeBody {
            request: Some(self.request.clone()),
            ..ChangeBody::default()
        };
        tx.record(change, body);
        let Some(facts) = &self.facts else {
            return Ok(());
        };
        tx.act_for(Actor {
            connection: Some(self.caller.connection),
            request: None,
        });
        let refused = Refused {
            caller: &self.caller,
            kind: &self.kind,
            facts,
        };
        for hook in self.hooks.iter() {
            hook.after_refusal(tx, &refused).await?;
        }
        Ok(())
    }
}
