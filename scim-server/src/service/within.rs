//! What a product writes in the name of a connection, in a unit of work of its own.

use scim_core::ResourceId;
use scim_core::resource::project::Projection;
use serde_json::Value;

use super::asked::Asked;
use super::create::Create;
use super::patch::Patch;
use super::replace::Replace;
use super::withheld::Taken;
use crate::Error;
use crate::store::{Stored, Transaction, Unit};

/// Writes of a caller about one resource type, with all that a request has: the schema, what is unique,
/// hooks, and a line in the change feed.
///
/// ```no_run
/// # use std::sync::Arc;
/// # use scim_server::service::{Caller, Engine};
/// # use serde_json::json;
/// use scim_server::store::unit;
///
/// # async fn example(engine: Arc<Engine>, caller: Caller) -> anyhow::Result<()> {
/// let tenant = caller.tenant.clone();
/// let users = Arc::new(engine.within(&caller, "User").ok_or_else(|| anyhow::anyhow!("no users"))?);
/// // Both, or neither.
/// let both = unit(move |tx| {
///     let users = Arc::clone(&users);
///     Box::pin(async move {
///         for name in ["ann", "bob"] {
///             let schemas = ["urn:ietf:params:scim:schemas:core:2.0:User"];
///             users.create(tx, json!({ "schemas": schemas, "userName": name })).await?;
///         }
///         Ok(())
///     })
/// });
/// engine.store().write(&tenant, both).await?;
/// # Ok(())
/// # }
/// ```
pub struct Within(Asked);

impl Within {
    pub(super) fn new(mut asked: Asked) -> Within {
        // Nobody looks at the answer, so nothing is read for it.
        let resource_type = &asked.served.resource_type;
        asked.projection = Projection::parse(Some("id"), None, resource_type).unwrap_or_default();
        Within(asked)
    }

    /// What POST does (RFC 7644 §3.3).
    pub async fn create(&self, tx: &mut Transaction<'_>, body: Value) -> Result<Stored, Error> {
        let create = Create::new(self.0.clone(), body)?;
        Ok(create.run(tx).await?.stored)
    }

    /// What PUT does (RFC 7644 §3.5.1).
    pub async fn replace(
        &self,
        tx: &mut Transaction<'_>,
        id: ResourceId,
        body: Value,
    ) -> Result<Stored, Error> {
        let replace = Replace {
            asked: self.0.clone(),
            id,
            if_match: None,
            body,
            taken: Taken::default(),
        };
        Ok(replace.run(tx).await?.stored)
    }

    /// What PATCH does (RFC 7644 §3.5.2).
    pub async fn patch(
        &self,
        tx: &mut Transaction<'_>,
        id: ResourceId,
        body: Value,
    ) -> Result<Stored, Error> {
        let patch = Patch::new(self.0.clone(), id, None, body);
        Ok(patch.run(tx).await?.resource.stored)
    }
}
