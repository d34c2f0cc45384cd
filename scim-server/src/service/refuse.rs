//! A refused write leaves a line in the change feed: what a client tries and fails to do is the
//! first thing that its operator asks for.

use async_trait::async_trait;
use scim_core::{ResourceId, Version};
use serde_json::{Map, Value, json};

use super::asked::Hooks;
use super::kept::KeptBody;
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

/// What the change feed keeps of a request that was refused.
pub(super) fn line(
    caller: &Caller,
    method: &str,
    body: Option<&Value>,
    (status, detail): (u16, &str),
) -> String {
    let mut line = Map::new();
    line.insert("method".to_owned(), json!(method));
    if let Some(origin) = &caller.origin {
        line.extend(origin.to_map());
    }
    if let Some(body) = body {
        // What was kept is JSON again.
        let kept = serde_json::from_str(KeptBody::of(body).as_str()).unwrap_or_default();
        line.insert("body".to_owned(), kept);
    }
    line.insert("status".to_owned(), json!(status));
    line.insert("detail".to_owned(), json!(detail));
    Value::Object(line).to_string()
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
