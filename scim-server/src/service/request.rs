//! What a caller may ask about a resource type.

use scim_core::resource::project::Projection;
use scim_core::{ResourceId, Version};
use serde_json::Value;

use super::asked::Asked;
use super::catalog::Served;
use super::once::{IdempotencyKey, Once, Write};
use super::withheld::Taken;
use super::{
    Engine, ListRequest, Listed, Opened, Patched, Verb, act, create, delete, open, patch, read,
    replace,
};
use crate::{Error, Resource};

/// A request of a caller about one resource type, before it is said what is to be done.
///
/// ```no_run
/// # use std::sync::Arc;
/// # use scim_server::service::{Caller, Engine, Served};
/// # use serde_json::json;
/// # async fn example(engine: &Engine, caller: &Caller, users: &Arc<Served>) -> Result<(), scim_server::Error> {
/// let body = json!({
///     "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
///     "userName": "kim@example.com",
/// });
/// let kim = engine.request(caller, users).create(body).await?;
/// let id = kim.stored.id.to_string();
/// engine.request(caller, users).delete(&id, Some(kim.stored.version)).await?;
/// # Ok(())
/// # }
/// ```
pub struct Request<'e> {
    engine: &'e Engine,
    asked: Asked,
    key: Option<IdempotencyKey>,
}

impl<'e> Request<'e> {
    pub(super) fn new(engine: &'e Engine, asked: Asked) -> Request<'e> {
        Request {
            engine,
            asked,
            key: None,
        }
    }

    /// Answers with these attributes; without it, with those that are usual.
    #[must_use]
    pub fn showing(mut self, projection: &Projection) -> Request<'e> {
        self.asked.projection.clone_from(projection);
        self
    }

    /// Does a write under this key once, however often it is asked for within a day.
    #[must_use]
    pub fn once(mut self, key: Option<IdempotencyKey>) -> Request<'e> {
        self.key = key;
        self
    }

    /// POST (RFC 7644 §3.3).
    pub async fn create(self, body: Value) -> Result<Resource, Error> {
        let unit = create::Create::new(self.asked, body)?.withhold().await?;
        run(self.engine, self.key, unit).await
    }

    /// GET of one resource (RFC 7644 §3.4.1).
    pub async fn get(self, id: &str) -> Result<Resource, Error> {
        let Request { engine, asked, .. } = self;
        let id = resource_id(&asked, id)?;
        let tenant = asked.caller.tenant.clone();
        engine.store.read(&tenant, read::Get { asked, id }).await
    }

    /// The same, for whoever writes members out as they are read: a group of 100,000 is never
    /// held as a whole.
    pub async fn open(self, id: &str) -> Result<Opened, Error> {
        let Request { engine, asked, .. } = self;
        let id = resource_id(&asked, id)?;
        open::open(&engine.store, asked, id).await
    }

    /// GET of a list (RFC 7644 §3.4.2).
    pub async fn list(self, request: &ListRequest) -> Result<Listed, Error> {
        let Asked {
            caller,
            served,
            projection,
            ..
        } = self.asked;
        let targets = [(served, projection)];
        self.engine.search(&caller, &targets, request).await
    }

    /// PATCH (RFC 7644 §3.5.2).
    pub async fn patch(
        self,
        id: &str,
        if_match: Option<Version>,
        body: Value,
    ) -> Result<Patched, Error> {
        let id = resource_id(&self.asked, id)?;
        let unit = patch::Patch::new(self.asked, id, if_match, body);
        let unit = unit.withhold().await?;
        run(self.engine, self.key, unit).await
    }

    /// PUT (RFC 7644 §3.5.1).
    pub async fn replace(
        self,
        id: &str,
        if_match: Option<Version>,
        body: Value,
    ) -> Result<Resource, Error> {
        self.asked.not_derived("PUT", Served::allowed_on_resource)?;
        let id = resource_id(&self.asked, id)?;
        let unit = replace::Replace {
            asked: self.asked,
            id,
            if_match,
            body,
            taken: Taken::default(),
        };
        let unit = unit.withhold().await?;
        run(self.engine, self.key, unit).await
    }

    /// Does what a verb says; the resource as it is then, with what was found out for it.
    pub async fn act(
        self,
        id: &str,
        verb: Verb,
        if_match: Option<Version>,
        body: Value,
    ) -> Result<Resource, Error> {
        let id = resource_id(&self.asked, id)?;
        let mut unit = act::Act::new(self.asked, id, verb, if_match, body)?;
        unit.find_out(self.engine).await?;
        run(self.engine, self.key, unit).await
    }

    /// Asks what a verb tells about the resource.
    pub async fn tell(self, id: &str, verb: Verb, body: Value) -> Result<Value, Error> {
        let Request { engine, asked, .. } = self;
        let id = resource_id(&asked, id)?;
        let tenant = asked.caller.tenant.clone();
        let body = act::object(body)?;
        let unit = act::Tell {
            asked,
            id,
            verb,
            body,
        };
        engine.store.read(&tenant, unit).await
    }

    /// DELETE (RFC 7644 §3.6).
    pub async fn delete(self, id: &str, if_match: Option<Version>) -> Result<(), Error> {
        self.asked
            .not_derived("DELETE", Served::allowed_on_resource)?;
        let id = resource_id(&self.asked, id)?;
        let unit = delete::Delete {
            asked: self.asked,
            id,
            if_match,
        };
        run(self.engine, self.key, unit).await
    }
}

async fn run<U: Write>(
    engine: &Engine,
    key: Option<IdempotencyKey>,
    unit: U,
) -> Result<U::Output, Error> {
    let tenant = unit.asked().caller.tenant.clone();
    match key {
        None => engine.store.write(&tenant, unit).await,
        Some(key) => engine.store.write(&tenant, Once::new(key, unit)).await,
    }
}

fn resource_id(asked: &Asked, text: &str) -> Result<ResourceId, Error> {
    text.parse().map_err(|_| Error::NotFound {
        kind: asked.kind().to_owned(),
        id: scim_core::error::echo(text),
    })
}
