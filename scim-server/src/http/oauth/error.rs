//! Which status and which error code a refusal of the token endpoint has (RFC 6749 §5.2): clients
//! of OAuth know no SCIM errors.

use axum::http::header::WWW_AUTHENTICATE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::super::error::BASIC;
use super::super::response;
use crate::Error;

/// Why there is no access token.
#[derive(Debug, thiserror::Error)]
pub(super) enum OauthError {
    /// The request cannot be read.
    #[error("{0}")]
    InvalidRequest(&'static str),
    /// The client is not who it says; the same for every reason, and for tenants that do not
    /// exist.
    #[error(
        "the client is unknown, or its secret or its assertion is not valid; client_id is the id of the connection, or its name"
    )]
    InvalidClient,
    /// Not `client_credentials`.
    #[error("the grant_type must be client_credentials")]
    UnsupportedGrantType,
    /// Not ours.
    #[error("the scope must be scim, or left out")]
    InvalidScope,
    /// No fault of the request as OAuth sees it: too large, too many, or the store failed.
    #[error(transparent)]
    Other(#[from] Error),
}

impl IntoResponse for OauthError {
    fn into_response(self) -> Response {
        let (status, code) = match self {
            OauthError::InvalidRequest(_) => (StatusCode::BAD_REQUEST, "invalid_request"),
            OauthError::InvalidClient => (StatusCode::UNAUTHORIZED, "invalid_client"),
            OauthError::UnsupportedGrantType => (StatusCode::BAD_REQUEST, "unsupported_grant_type"),
            OauthError::InvalidScope => (StatusCode::BAD_REQUEST, "invalid_scope"),
            OauthError::Other(error) => return error.into_response(),
        };
        let body = json!({ "error": code, "error_description": self.to_string() });
        let mut response = response::json(status, &body);
        if status == StatusCode::UNAUTHORIZED {
            let challenge = HeaderValue::from_static(BASIC);
            response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
        }
        response
    }
}
