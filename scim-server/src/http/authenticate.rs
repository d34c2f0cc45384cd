//! Who asks: runs before every route below `/t/{tenant}` and lets only callers through.

use axum::extract::{OriginalUri, RawPathParams, Request};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use scim_core::TenantId;

use super::App;
use crate::Error;
use crate::auth::refusal;
use crate::service::Caller;

/// Leaves the [`Caller`] in the request, for the handler, and in the answer, for the log.
pub(super) async fn authenticate(
    app: &App,
    params: Option<&RawPathParams>,
    request: Request,
    next: impl AsyncFnOnce(Request) -> Response,
) -> Response {
    let (mut parts, body) = request.into_parts();
    let caller = match caller(app, params, &parts).await {
        Ok(caller) => caller,
        Err(error) => return error.into_response(),
    };
    parts.extensions.insert(caller.clone());
    let mut response = next(Request::from_parts(parts, body)).await;
    response.extensions_mut().insert(caller);
    response
}

/// A tenant that does not exist has no token either: nobody can probe for tenants.
async fn caller(
    app: &App,
    params: Option<&RawPathParams>,
    request: &Parts,
) -> Result<Caller, Error> {
    let tenant = match params {
        Some(params) => named(params),
        None => spelled(request),
    };
    let refused = || refusal(&request.headers);
    let tenant: TenantId = tenant
        .and_then(|slug| slug.parse().ok())
        .ok_or_else(refused)?;
    let caller = app.authenticate().caller(&tenant, request).await?;
    // Whoever asks, a URL never leads into another tenant.
    if caller.tenant != tenant {
        return Err(refused());
    }
    // A path that is not UTF-8 leads nowhere, and only callers learn that.
    params.map(|_| caller).ok_or(Error::NoSuchPath)
}

pub(super) fn named(params: &RawPathParams) -> Option<&str> {
    let mut params = params.iter();
    let (_, slug) = params.find(|(name, _)| *name == "tenant")?;
    Some(slug)
}

/// The tenant of a path that cannot be decoded, of which this part is plain.
fn spelled(request: &Parts) -> Option<&str> {
    let whole = request.extensions.get::<OriginalUri>()?;
    whole.path().strip_prefix("/t/")?.split('/').next()
}
