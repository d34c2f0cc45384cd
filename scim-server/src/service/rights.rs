//! What a person may do now: the hooks know.

use async_trait::async_trait;
use scim_core::ResourceId;

use super::Rights;
use super::asked::Hooks;
use crate::Error;
use crate::store::{Reads, Transaction, Unit};

pub(super) struct Ask {
    pub(super) hooks: Hooks,
    pub(super) person: ResourceId,
}

#[async_trait]
impl Unit for Ask {
    type Output = Rights;

    async fn run(&self, tx: &mut Transaction<'_>) -> Result<Rights, Error> {
        for hook in self.hooks.iter() {
            if let Some(rights) = hook.rights(tx, self.person).await? {
                return Ok(rights);
            }
        }
        Ok(Rights::default())
    }

    fn reads(&self) -> Reads {
        Reads::Many
    }
}
