//! What the server says of itself as an authorization server (RFC 8414).

use axum::http::{Method, StatusCode};
use axum::response::Response;
use scim_core::TenantId;
use serde_json::json;

use super::super::call::{READING, allow};
use super::super::{App, response};
use crate::Error;

/// `GET /.well-known/oauth-authorization-server/t/{tenant}`, the same for tenants that do not
/// exist: nobody can probe for them.
pub(in super::super) fn metadata(
    app: &App,
    method: &Method,
    tenant: &str,
) -> Result<Response, Error> {
    if app.authenticate.is_some() {
        return Err(Error::NoSuchPath);
    }
    // Nobody changes what the server is.
    allow(method, READING)?;
    let tenant: TenantId = tenant.parse().map_err(|_| Error::NoSuchPath)?;
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
    Ok(response::json(StatusCode::OK, &metadata))
}
