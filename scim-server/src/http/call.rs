//! What a request is about: the resource type behind its path, which the caller must be able to
//! see, and the resource.

use std::sync::Arc;

use axum::http::Method;
use axum::http::request::Parts;
use scim_core::resource::project::Projection;

use super::App;
use crate::Error;
use crate::auth::PERSON_TYPE;
use crate::service::{Caller, Request, Served};

/// A request of a caller, without its body.
pub(super) struct Call<'r> {
    pub(super) app: &'r Arc<App>,
    pub(super) parts: &'r Parts,
    pub(super) caller: &'r Caller,
}

impl<'r> Call<'r> {
    /// The types that the caller sees.
    pub(super) fn visible(&self) -> impl Iterator<Item = &'r Arc<Served>> {
        self.app.engine.catalog().visible(self.caller.kind)
    }

    /// The types that the caller may read.
    pub(super) fn readable(&self) -> impl Iterator<Item = &'r Arc<Served>> {
        let caller = self.caller;
        self.visible()
            .filter(move |served| caller.may(served, "read"))
    }

    /// The types of which the caller reads or writes anything: what discovery shows.
    pub(super) fn reachable(&self) -> impl Iterator<Item = &'r Arc<Served>> {
        let caller = self.caller;
        self.visible().filter(move |served| caller.reaches(served))
    }

    /// What all locations begin with.
    pub(super) fn base_url(&self) -> String {
        self.app.base_url(&self.caller.tenant)
    }
}

/// A collection, or a resource in it.
pub(super) struct Target {
    /// The resource type, which takes the request's method.
    pub(super) served: Arc<Served>,
    /// The resource, where the path goes on to one. The engine parses it.
    pub(super) id: Option<String>,
}

impl Target {
    pub(super) fn collection(call: &Call<'_>, endpoint: &str) -> Result<Target, Error> {
        let served = collection(call, endpoint)?;
        allow(&call.parts.method, served.allowed_on_collection())?;
        call.caller.permit(&served, action(&call.parts.method))?;
        Ok(Target { served, id: None })
    }

    pub(super) fn resource(call: &Call<'_>, endpoint: &str, id: &str) -> Result<Target, Error> {
        let served = collection(call, endpoint)?;
        allow(&call.parts.method, served.allowed_on_resource())?;
        // Who they are, everybody may read.
        if call.caller.person.is_none() || call.caller.person != id.parse().ok() {
            call.caller.permit(&served, action(&call.parts.method))?;
        }
        let id = Some(id.to_owned());
        Ok(Target { served, id })
    }

    /// What has actions; the action knows its method and its scope.
    pub(super) fn action(call: &Call<'_>, endpoint: &str, id: &str) -> Result<Target, Error> {
        let served = collection(call, endpoint)?;
        let id = Some(id.to_owned());
        Ok(Target { served, id })
    }

    /// RFC 7644 §3.11: the User that the caller stands for.
    pub(super) fn me(call: &Call<'_>) -> Result<Target, Error> {
        let person = call.caller.person.ok_or(Error::Nobody)?;
        let mut visible = call.visible();
        let served = visible.find(|served| served.resource_type.name() == PERSON_TYPE);
        let served = Arc::clone(served.ok_or(Error::NoSuchPath)?);
        allow(&call.parts.method, served.allowed_on_resource())?;
        let id = Some(person.to_string());
        Ok(Target { served, id })
    }

    /// What the caller asks about the resource type, to be answered with these attributes.
    pub(super) fn request<'a>(&self, call: &Call<'a>, projection: &Projection) -> Request<'a> {
        let request = call.app.engine.request(call.caller, &self.served);
        request.showing(projection)
    }

    /// The id, or a text that is none.
    pub(super) fn id(&self) -> &str {
        self.id.as_deref().unwrap_or_default()
    }
}

/// What a method does, as scopes name it.
fn action(method: &Method) -> &'static str {
    match *method {
        Method::GET | Method::HEAD => "read",
        _ => "write",
    }
}

/// The resource type behind an endpoint, whatever the method.
pub(super) fn collection(call: &Call<'_>, endpoint: &str) -> Result<Arc<Served>, Error> {
    let catalog = call.app.engine.catalog();
    let served = catalog.by_endpoint(call.caller.kind, endpoint);
    served.cloned().ok_or(Error::NoSuchPath)
}

/// The methods of what can only be read.
pub(super) const READING: &str = "GET, HEAD";

/// Refuses every other method than these, which are listed as an `Allow` header has them.
pub(super) fn allow(method: &Method, allowed: &str) -> Result<(), Error> {
    if allowed.split(", ").any(|one| one == method) {
        return Ok(());
    }
    Err(Error::Method {
        method: method.to_string(),
        allowed: allowed.to_owned(),
    })
}
