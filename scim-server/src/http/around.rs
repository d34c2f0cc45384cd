//! What surrounds the handlers, outermost first. One layer for all that every request goes
//! through, and one for what lies below a tenant: a layer costs a request several allocations.

use std::sync::Arc;

use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{RawPathParams, Request, State};
use axum::middleware::Next;
use axum::response::Response;

use super::{App, authenticate, limits, person, response, trace};

/// Around everything.
pub(super) async fn all(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    trace::trace(&app, request, async |request| {
        response::negotiate(request, async |request| {
            limits::deadlines(&app, request, async |request| next.run(request).await).await
        })
        .await
    })
    .await
}

/// Around everything below `/t/{tenant}` that needs a valid credential.
pub(super) async fn tenant(
    State(app): State<Arc<App>>,
    params: Result<RawPathParams, RawPathParamsRejection>,
    request: Request,
    next: Next,
) -> Response {
    let params = params.ok();
    limits::login_failures(&app, request, async |request| {
        authenticate::authenticate(&app, params.as_ref(), request, async |request| {
            limits::tenant_rate(&app, request, async |request| {
                person::only_their_own(params.as_ref(), request, async |request| {
                    next.run(request).await
                })
                .await
            })
            .await
        })
        .await
    })
    .await
}

/// Around the token endpoint, which checks credentials itself.
pub(super) async fn token_endpoint(
    State(app): State<Arc<App>>,
    request: Request,
    next: Next,
) -> Response {
    limits::login_failures(&app, request, async |request| next.run(request).await).await
}
