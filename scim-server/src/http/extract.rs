//! What a request is about: the resource type behind its path, which the caller must be able to
//! see, and the resource.

use std::sync::Arc;

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use scim_core::resource::project::Projection;

use super::App;
use crate::Error;
use crate::auth::{PERSON_TYPE, refusal};
use crate::service::{Caller, Request, Served};

/// A collection, or a resource in it.
pub(super) struct Target {
    /// Who asks.
    pub(super) caller: Caller,
    /// The resource type, which takes the request's method.
    pub(super) served: Arc<Served>,
    /// The resource, where the path goes on to one. The engine parses it.
    pub(super) id: Option<String>,
}

impl Target {
    /// What the caller asks about the resource type, to be answered with these attributes.
    pub(super) fn request<'a>(&self, app: &'a App, projection: &Projection) -> Request<'a> {
        let request = app.engine.request(&self.caller, &self.served);
        request.showing(projection)
    }

    /// The id, or a text that is none.
    pub(super) fn id(&self) -> &str {
        self.id.as_deref().unwrap_or_default()
    }
}

/// A collection, whatever the method.
pub(super) struct Collection {
    /// Who asks.
    pub(super) caller: Caller,
    /// The resource type.
    pub(super) served: Arc<Served>,
}

impl FromRequestParts<Arc<App>> for Collection {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Collection, Error> {
        let caller = Caller::from_request_parts(parts, app).await?;
        let endpoint = path_param(parts, app, "endpoint").await?;
        let endpoint = endpoint.unwrap_or_default();
        let served = app.engine.catalog().by_endpoint(caller.kind, &endpoint);
        let served = Arc::clone(served.ok_or(Error::NoSuchPath)?);
        Ok(Collection { caller, served })
    }
}

impl FromRequestParts<Arc<App>> for Target {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Target, Error> {
        let (Collection { caller, served }, id) = asked_for(parts, app).await?;
        let allowed = match id {
            Some(_) => served.allowed_on_resource(),
            None => served.allowed_on_collection(),
        };
        if !allowed.split(", ").any(|method| method == parts.method) {
            return Err(Error::Method {
                method: parts.method.to_string(),
                allowed: allowed.to_owned(),
            });
        }
        Ok(Target { caller, served, id })
    }
}

/// RFC 7644 §3.11: `/Me`, which names no endpoint, is the User that the caller stands for.
async fn asked_for(
    parts: &mut Parts,
    app: &Arc<App>,
) -> Result<(Collection, Option<String>), Error> {
    if path_param(parts, app, "endpoint").await?.is_some() {
        let collection = Collection::from_request_parts(parts, app).await?;
        return Ok((collection, path_param(parts, app, "id").await?));
    }
    let caller = Caller::from_request_parts(parts, app).await?;
    let person = caller.person.ok_or(Error::Nobody)?;
    let mut visible = app.engine.catalog().visible(caller.kind);
    let served = visible.find(|served| served.resource_type.name() == PERSON_TYPE);
    let served = Arc::clone(served.ok_or(Error::NoSuchPath)?);
    Ok((Collection { caller, served }, Some(person.to_string())))
}

/// Default deny: without `authenticate.rs` nobody is a caller.
impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Caller, Error> {
        let caller = parts.extensions.get::<Caller>().cloned();
        caller.ok_or_else(|| refusal(&parts.headers))
    }
}

/// The last part of a path below `/ResourceTypes` or `/Schemas`.
pub(super) struct Name(pub(super) String);

impl FromRequestParts<Arc<App>> for Name {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Name, Error> {
        let name = path_param(parts, app, "id").await?;
        name.map(Name).ok_or(Error::NoSuchPath)
    }
}

/// Percent-decoded; what is not UTF-8 then leads nowhere.
async fn path_param(
    parts: &mut Parts,
    app: &Arc<App>,
    wanted: &str,
) -> Result<Option<String>, Error> {
    let params = RawPathParams::from_request_parts(parts, app)
        .await
        .map_err(|_| Error::NoSuchPath)?;
    let found = params.iter().find(|(name, _)| *name == wanted);
    Ok(found.map(|(_, value)| value.to_owned()))
}
