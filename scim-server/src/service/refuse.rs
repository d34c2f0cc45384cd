//! A refused write leaves a line in the change feed: what a client tries and fails to do is the
//! first thing that its operator asks for.

use async_trait::async_trait;
use scim_core::{ResourceId, Version};

use crate::Error;
use crate::store::{Change, ChangeBody, ConnectionId, Transaction, Unit, What};

pub(super) struct Refusal {
    pub(super) connection: ConnectionId,
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
            actor: Some(self.connection),
            owner: Some(self.connection),
            kind: self.kind.clone(),
            resource: self.id,
            version: Version(0),
            what: What::Refused,
        };
        let body = ChangeBody {
            request: Some(self.request.clone()),
            ..ChangeBody::default()
        };
        tx.record(change, body);
        Ok(())
    }
}
