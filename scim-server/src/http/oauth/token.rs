//! `POST /t/{tenant}/oauth/token`: an access token for a client's secret or JWT.

use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, PRAGMA};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use scim_core::TenantId;
use serde_json::json;

use super::super::around::Answered;
use super::super::call::allow;
use super::super::{App, body, response};
use super::error::OauthError;
use super::form::{SCOPE, TokenRequest};
use crate::auth::AccessToken;
use crate::service::Caller;

/// An assertion of 8 KiB, and the rest.
const BODY_BYTES_MAX: usize = 16 * 1024;

/// RFC 6749 §5: neither a token nor a refusal is kept by a cache.
pub(in super::super) async fn token(
    app: &App,
    tenant: &str,
    request: &Parts,
    body: Body,
) -> Answered {
    // RFC 6749 §3.2: POST and nothing else.
    if let Err(error) = allow(&request.method, "POST") {
        return error.into();
    }
    let (mut response, caller) = match granted(app, tenant, request, body).await {
        Ok((caller, token)) => (answer(&token), Some(caller)),
        Err(error) => (error.into_response(), None),
    };
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(PRAGMA, HeaderValue::from_static("no-cache"));
    Answered { response, caller }
}

async fn granted(
    app: &App,
    tenant: &str,
    request: &Parts,
    body: Body,
) -> Result<(Caller, AccessToken), OauthError> {
    let headers = &request.headers;
    let body = body::read(headers, body, BODY_BYTES_MAX).await?;
    let request = TokenRequest::read(headers, &body)?;
    let tenant = tenant.parse::<TenantId>();
    let (Ok(tenant), Some(proof)) = (tenant, request.proof()) else {
        return Err(OauthError::InvalidClient);
    };
    let caller = app.tokens.prove(&tenant, &proof).await?;
    let caller = caller.ok_or(OauthError::InvalidClient)?;
    app.usage.admit(&tenant, app.clock.now())?;
    let token = app.tokens.issue(&caller).await?;
    Ok((caller, token.ok_or(OauthError::InvalidClient)?))
}

/// RFC 6749 §5.1.
fn answer(token: &AccessToken) -> Response {
    let body = json!({
        "access_token": token.secret.to_string(),
        "token_type": "Bearer",
        "expires_in": token.expires_in_s,
        "scope": SCOPE,
    });
    response::json(StatusCode::OK, &body)
}
