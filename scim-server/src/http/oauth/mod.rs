//! How a client gets an access token (RFC 6749 §4.4), and where it reads that it can (RFC 8414).
//!
//! | file | question |
//! |---|---|
//! | `token.rs` | what does the token endpoint answer? |
//! | `form.rs` | what does a token request ask for, and how does the client prove who it is? |
//! | `metadata.rs` | what does the server say of itself? |
//! | `error.rs` | which status and error code has a refusal? |

mod error;
mod form;
mod metadata;
mod token;

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};

use super::App;

/// `/oauth/token` below a tenant. It checks credentials itself.
pub(super) fn token_endpoint(app: &App) -> Router<Arc<App>> {
    if app.authenticate.is_some() {
        return Router::new();
    }
    let token = post(token::token).fallback(token::other_method);
    Router::new().route("/oauth/token", token)
}

/// RFC 8414 §3.1: the path of the issuer stands behind the well-known one.
pub(super) fn metadata_endpoint(app: &App) -> Router<Arc<App>> {
    if app.authenticate.is_some() {
        return Router::new();
    }
    let metadata = get(metadata::metadata).fallback(metadata::other_method);
    let path = "/.well-known/oauth-authorization-server/t/{tenant}";
    Router::new().route(path, metadata)
}
