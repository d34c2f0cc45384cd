//! What the server says of itself as an authorization server (RFC 8414).

use std::sync::Arc;

use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{RawPathParams, State};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use scim_core::TenantId;
use serde_json::json;

use super::super::authenticate::named;
use super::super::{App, discovery, response};
use crate::Error;

/// `GET /.well-known/oauth-authorization-server/t/{tenant}`, the same for tenants that do not
/// exist: nobody can probe for them.
pub(super) async fn metadata(
    State(app): State<Arc<App>>,
    params: Result<RawPathParams, RawPathParamsRejection>,
) -> Response {
    let params = params.ok();
    let slug = params.as_ref().and_then(named);
    let Some(tenant) = slug.and_then(|slug| slug.parse::<TenantId>().ok()) else {
        return Error::NoSuchPath.into_response();
    };
    let issuer = format!("{}/t/{tenant}", app.public_url);
    let metadata = json!({
        "issuer": issuer,
        "token_endpoint": format!("{issuer}/oauth/token"),
        "grant_types_supported": ["client_credentials"],
        "response_types_supported": [],
        "scopes_supported": [super::form::SCOPE],
        "token_endpoint_auth_methods_supported": [
            "client_secret_basic", "client_secret_post", "private_key_jwt"
        ],
        "token_endpoint_auth_signing_alg_values_supported": [
            "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"
        ],
    });
    response::json(StatusCode::OK, &metadata)
}

/// Nobody changes what the server is.
pub(super) async fn other_method(method: Method) -> Error {
    discovery::other_method(method).await
}
