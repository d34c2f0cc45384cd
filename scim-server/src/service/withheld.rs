//! What a request says of attributes that stay out of documents: taken before the unit of work, kept within it.

use std::sync::Arc;

use scim_core::{Document, ResourceId};
use serde_json::{Map, Value};

use super::asked::Asked;
use super::hook::{Coming, Hook, Withheld};
use crate::Error;
use crate::store::Transaction;

/// What a hook has taken, if the request says anything of such attributes.
#[derive(Default)]
pub(super) struct Taken(Option<(Arc<dyn Hook>, Value)>);

impl Taken {
    /// Lets the hook that knows the type take these.
    pub(super) async fn from(asked: &Asked, values: &Map<String, Value>) -> Result<Taken, Error> {
        if values.is_empty() {
            return Ok(Taken(None));
        }
        let withheld = Withheld {
            caller: &asked.caller,
            resource_type: &asked.served.resource_type,
            values,
        };
        for hook in asked.hooks.iter() {
            if let Some(taken) = hook.withhold(&withheld).await? {
                return Ok(Taken(Some((Arc::clone(hook), taken))));
            }
        }
        Ok(Taken(None))
    }

    /// Does the request change anything besides the document?
    pub(super) fn is_some(&self) -> bool {
        self.0.is_some()
    }

    /// Keeps it with the resource, and gives back what the document becomes.
    pub(super) async fn keep(
        &self,
        tx: &mut Transaction<'_>,
        asked: &Asked,
        id: ResourceId,
        document: Document,
    ) -> Result<Document, Error> {
        let Some((hook, taken)) = &self.0 else {
            return Ok(document);
        };
        let coming = Coming {
            caller: &asked.caller,
            resource_type: &asked.served.resource_type,
            id,
            document: &document,
        };
        hook.keep_withheld(tx, &coming, taken).await
    }
}
