//! Who asks: runs before every route below `/t/{tenant}` and lets only callers through.

use std::sync::Arc;

use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{RawPathParams, Request, State};
use axum::http::HeaderMap;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use scim_core::TenantId;

use super::App;
use crate::Error;
use crate::auth::{REFUSAL, presented};
use crate::service::Caller;

/// Leaves the [`Caller`] in the request, for the handler, and in the answer, for the log.
pub(super) async fn authenticate(
    State(app): State<Arc<App>>,
    params: Result<RawPathParams, RawPathParamsRejection>,
    mut request: Request,
    next: Next,
) -> Response {
    let caller = match caller(&app, params.ok(), request.headers()).await {
        Ok(caller) => caller,
        Err(error) => return error.into_response(),
    };
    request.extensions_mut().insert(caller.clone());
    let mut response = next.run(request).await;
    response.extensions_mut().insert(caller);
    response
}

/// A tenant that does not exist has no token either: nobody can probe for tenants.
async fn caller(
    app: &App,
    params: Option<RawPathParams>,
    headers: &HeaderMap,
) -> Result<Caller, Error> {
    let secret = presented(headers)?;
    // A path that is not UTF-8 leads nowhere.
    let params = params.ok_or(Error::NoSuchPath)?;
    let tenant = params.iter().find(|(name, _)| *name == "tenant");
    match tenant.map(|(_, slug)| slug.parse::<TenantId>()) {
        Some(Ok(tenant)) => app.tokens.authenticate(&tenant, secret).await,
        Some(Err(_)) | None => Err(REFUSAL),
    }
}
