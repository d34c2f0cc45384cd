//! The one resource of a tenant's wishes: there from the beginning, stored when somebody first writes it.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use scim_core::{Document, ResourceId, ResourceType, SchemaError, Version};
use scim_server::Error;
use scim_server::service::{Caller, Changed, Hook, Source};
use scim_server::store::{ListQuery, Lock, Page, Stored, Transaction, answer};
use serde_json::json;

use super::settings::{self, KIND, TenantSettings};
use crate::schemas::{self, TENANT_SETTINGS_URN};

/// Serves the wishes of a tenant.
pub struct TenantHook(Arc<Wishes>);

impl TenantHook {
    /// A hook with the product's schemas.
    pub fn new() -> Result<TenantHook, SchemaError> {
        let resource_type = schemas::tenant_settings_type()?;
        Ok(TenantHook(Arc::new(Wishes(resource_type))))
    }
}

#[async_trait]
impl Hook for TenantHook {
    async fn after_change(&self, _: &mut Transaction<'_>, _: &Changed<'_>) -> Result<(), Error> {
        Ok(())
    }

    fn source(&self, kind: &str) -> Option<Arc<dyn Source>> {
        (kind == KIND).then(|| Arc::clone(&self.0) as Arc<dyn Source>)
    }
}

struct Wishes(ResourceType);

#[async_trait]
impl Source for Wishes {
    async fn get(
        &self,
        tx: &mut Transaction<'_>,
        id: ResourceId,
        lock: Lock,
    ) -> Result<Option<Stored>, Error> {
        if id != settings::id() {
            return Ok(None);
        }
        let stored = match lock {
            Lock::ForUpdate => tx.get_for_update(KIND, id).await?,
            Lock::None => tx.get(KIND, id).await?,
        };
        Ok(Some(stored.unwrap_or_else(unwritten)))
    }

    async fn list(&self, tx: &mut Transaction<'_>, query: &ListQuery<'_>) -> Result<Page, Error> {
        let one = self.get(tx, settings::id(), Lock::None).await?;
        answer::answer(query, one)
    }

    async fn update(
        &self,
        tx: &mut Transaction<'_>,
        _: &Caller,
        before: &Stored,
        document: &Document,
    ) -> Result<Stored, Error> {
        let value = serde_json::Value::Object(document.as_map().clone());
        let wishes: TenantSettings = serde_json::from_value(value)
            .map_err(|error| scim_core::Error::invalid_value(KIND, error.to_string()))?;
        let guard = wishes.guard_defaults;
        settings::in_bounds(
            "guardDefaults",
            guard.max_deactivation_percent,
            guard.hold_hours,
        )?;
        settings::is_a_silence(wishes.silent_after_hours)?;
        if before.version == NOT_YET {
            let made = tx.insert(&self.0, None, before.id, document)?;
            crate::derived::settle(tx, KIND).await?;
            return Ok(made);
        }
        tx.update(&self.0, before, document)
    }
}

/// The version of what nobody has written yet.
const NOT_YET: Version = Version(0);

fn unwritten() -> Stored {
    let document = json!({ "schemas": [TENANT_SETTINGS_URN], "name": "Visitor management" });
    Stored {
        kind: KIND.to_owned(),
        id: settings::id(),
        owner: None,
        version: NOT_YET,
        created: Timestamp::UNIX_EPOCH,
        modified: Timestamp::UNIX_EPOCH,
        document: document.to_string(),
    }
}
