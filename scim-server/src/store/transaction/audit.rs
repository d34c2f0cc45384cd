//! The audit log: read with everything that is stored, signed, and freed of what is personal.

use scim_core::{ResourceId, Version};
use serde_json::json;
use uuid::Uuid;

use super::Transaction;
use crate::Error;
use crate::audit::{Audited, Checkpoint};
use crate::store::{Change, ChangeBody, Sealed, What};

impl Transaction<'_> {
    /// The last number of the sequence.
    pub async fn last_sealed(&mut self) -> Result<Option<Sealed>, Error> {
        self.backend.last_sealed().await
    }

    /// Numbers after `sequence` with everything that is stored under them, in order. What cannot be
    /// read is told, not refused.
    pub async fn audited_after(
        &mut self,
        sequence: i64,
        limit: usize,
    ) -> Result<Vec<Audited>, Error> {
        self.backend.audited_after(sequence, limit).await
    }

    /// Of the next changes after this one, in the order of their ids: those that are marked as sealed
    /// and have no number, and the last one that was looked at.
    pub async fn sealed_without_number(
        &mut self,
        after: Option<Uuid>,
        limit: usize,
    ) -> Result<(Vec<Uuid>, Option<Uuid>), Error> {
        self.backend.sealed_without_number(after, limit).await
    }

    /// The checkpoint with the highest number.
    pub async fn newest_checkpoint(&mut self) -> Result<Option<Checkpoint>, Error> {
        self.backend.newest_checkpoint().await
    }

    /// Checkpoints after this number, in order.
    pub async fn checkpoints_after(
        &mut self,
        sequence: i64,
        limit: usize,
    ) -> Result<Vec<Checkpoint>, Error> {
        self.backend.checkpoints_after(sequence, limit).await
    }

    /// Keeps a checkpoint; nothing happens when its number has one.
    pub fn put_checkpoint(&mut self, checkpoint: Checkpoint) {
        self.rest.checkpoints.push(checkpoint);
    }

    /// Erases what the changes of a resource hold of a person, its former values and the requests
    /// that were sent, and records that and why; the reason stays, so it names nobody. The facts stay
    /// too: that it was changed, when, and by which connection. How many changes were freed; `None`
    /// when the resource never changed.
    ///
    /// The id of a change stands for that change alone: of one that is about no resource, or of one
    /// among many that names a person.
    ///
    /// The resource itself is left as it is, and so is what other resources know of the same person.
    pub async fn erase(&mut self, id: ResourceId, reason: &str) -> Result<Option<usize>, Error> {
        self.flush().await?;
        let Some((kind, erased)) = self.backend.erase(id).await? else {
            return Ok(None);
        };
        if erased > 0 {
            let change = Change {
                id: self.new_id(),
                at: self.now(),
                actor: self.actor.connection,
                owner: None,
                kind,
                resource: Some(id),
                version: Version::NEVER,
                what: What::Erased,
                cause: None,
            };
            let body = ChangeBody {
                request: Some(json!({ "reason": reason, "changes": erased }).to_string()),
                ..ChangeBody::default()
            };
            self.record(change, body);
        }
        Ok(Some(erased))
    }
}
