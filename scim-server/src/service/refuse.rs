//! A refused write leaves a line in the change feed: what a client tries and fails to do is the
//! first thing that its operator asks for.

use async_trait::async_trait;
use scim_core::{ResourceId, Version};
use serde_json::{Map, Value, json};

use super::Caller;
use super::kept::KeptBody;
use crate::Error;
use crate::store::{Change, ChangeBody, ConnectionId, Transaction, Unit, What};

pub(super) struct Refusal {
    pub(super) connection: ConnectionId,
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
            actor: Some(self.connection),
            owner: Some(self.connection),
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
        Ok(())
    }
}
