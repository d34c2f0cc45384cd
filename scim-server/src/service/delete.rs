//! DELETE: a resource goes, and with it its place in every group.

use async_trait::async_trait;
use scim_core::{ResourceId, Version};

use super::asked::Asked;
use super::kept::KeptRequest;
use super::once::Write;
use crate::Error;
use crate::store::{Lock, Transaction, Unit};

pub(super) struct Delete {
    pub(super) asked: Asked,
    pub(super) id: ResourceId,
    pub(super) if_match: Option<Version>,
}

#[async_trait]
impl Unit for Delete {
    type Output = ();

    async fn run(&self, tx: &mut Transaction<'_>) -> Result<(), Error> {
        let asked = &self.asked;
        let resource_type = &asked.served.resource_type;
        let stored = asked
            .to_change(tx, self.id, ("write", self.if_match))
            .await?;
        asked.only_own(tx, &stored).await?;
        let request = KeptRequest {
            method: "DELETE",
            body: None,
            repairs: None,
            refusal: None,
        };
        tx.act_for(asked.acts_for(self.id, &request));
        if let Some(source) = &asked.source {
            return source.delete(tx, &asked.caller, &stored).await;
        }
        self.leave_groups(tx).await?;
        if let Some(rows) = resource_type.rows() {
            tx.clear_members(self.id, &rows.attribute).await?;
        }
        tx.delete(resource_type, &stored)?;
        asked.run_delete_hooks(tx, &stored).await
    }
}

impl Delete {
    /// The groups that lose the resource change too: their versions rise.
    async fn leave_groups(&self, tx: &mut Transaction<'_>) -> Result<(), Error> {
        let Some(groups) = &self.asked.groups else {
            return Ok(());
        };
        let Some(rows) = groups.resource_type.rows() else {
            return Ok(());
        };
        let owners = tx.owners(&rows.attribute, &[self.id]).await?;
        let ids: Vec<ResourceId> = owners.iter().map(|(_, group)| group.id).collect();
        for group in tx.get_many(&ids, Lock::ForUpdate).await? {
            if group.kind == groups.resource_type.name() {
                tx.touch(&groups.resource_type, &group)?;
                tx.remove_members(group.id, &rows.attribute, [self.id]);
            }
        }
        Ok(())
    }
}

#[async_trait]
impl Write for Delete {
    fn asked(&self) -> &Asked {
        &self.asked
    }

    fn fingerprint(&self) -> String {
        format!("DELETE {} {:?}", self.id, self.if_match)
    }

    fn written(&self, (): &()) -> ResourceId {
        self.id
    }

    async fn answer_again(&self, _: &mut Transaction<'_>, _: ResourceId) -> Result<(), Error> {
        Ok(())
    }
}
