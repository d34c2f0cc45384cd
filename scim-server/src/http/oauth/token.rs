//! `POST /t/{tenant}/oauth/token`: an access token for a client's secret or JWT.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{RawPathParams, State};
use axum::http::header::{CACHE_CONTROL, PRAGMA};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use scim_core::TenantId;
use serde_json::json;

use super::super::authenticate::named;
use super::super::{App, body, response};
use super::error::OauthError;
use super::form::{SCOPE, TokenRequest};
use crate::Error;
use crate::auth::AccessToken;
use crate::service::Caller;

/// An assertion of 8 KiB, and the rest.
const BODY_BYTES_MAX: usize = 16 * 1024;

/// RFC 6749 §5: neither a token nor a refusal is kept by a cache.
pub(super) async fn token(
    State(app): State<Arc<App>>,
    params: Result<RawPathParams, RawPathParamsRejection>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let mut response = match granted(&app, params.ok(), &headers, body).await {
        Ok((caller, token)) => answer(caller, &token),
        Err(error) => error.into_response(),
    };
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(PRAGMA, HeaderValue::from_static("no-cache"));
    response
}

/// RFC 6749 §3.2: POST and nothing else.
pub(super) async fn other_method(method: Method) -> Error {
    Error::Method {
        method: method.to_string(),
        allowed: "POST".to_owned(),
    }
}

async fn granted(
    app: &App,
    params: Option<RawPathParams>,
    headers: &HeaderMap,
    body: Body,
) -> Result<(Caller, AccessToken), OauthError> {
    let body = body::read(headers, body, BODY_BYTES_MAX).await?;
    let request = TokenRequest::read(headers, &body)?;
    let tenant = params.as_ref().and_then(named);
    let tenant: Option<TenantId> = tenant.and_then(|slug| slug.parse().ok());
    let (Some(tenant), Some(proof)) = (tenant, request.proof()) else {
        return Err(OauthError::InvalidClient);
    };
    let caller = app.tokens.prove(&tenant, &proof).await?;
    let caller = caller.ok_or(OauthError::InvalidClient)?;
    app.usage.admit(&tenant, app.clock.now())?;
    let token = app.tokens.issue(&caller).await?;
    Ok((caller, token.ok_or(OauthError::InvalidClient)?))
}

/// RFC 6749 §5.1. The caller is for the log, and for the limit of wrong attempts.
fn answer(caller: Caller, token: &AccessToken) -> Response {
    let body = json!({
        "access_token": token.secret.to_string(),
        "token_type": "Bearer",
        "expires_in": token.expires_in_s,
        "scope": SCOPE,
    });
    let mut response = response::json(StatusCode::OK, &body);
    response.extensions_mut().insert(caller);
    response
}
