//! What a request goes through, from its head to its answer. Whatever lies below `/t/` needs a valid
//! credential, known path or not.
//!
//! | file | question |
//! |---|---|
//! | `route.rs`, `routes.rs` | where does a path lead, and which paths are there? |
//! | `beside.rs` | which requests go to the pages of a product? |
//! | `around.rs` | what does every request go through? |
//! | `authenticate.rs`, `person.rs` | who asks, and what does a person reach? |
//! | `call.rs`, `query.rs`, `body.rs`, `precondition.rs` | what is asked for? |
//! | `resources.rs`, `bulk.rs`, `search.rs`, `discovery.rs`, `health.rs` | what happens? |
//! | `oauth/` | how does a client get an access token? |
//! | `limits.rs`, `rate.rs` | what may a request cost? |
//! | `response.rs`, `stream.rs` | what does an answer look like? |
//! | `error.rs` | which status has a refusal or failure? |
//! | `trace.rs` | what is logged and counted of a request? |

mod around;
mod authenticate;
mod beside;
mod body;
mod bulk;
mod call;
mod discovery;
mod error;
mod health;
mod limits;
mod oauth;
mod person;
mod precondition;
mod query;
mod rate;
mod resources;
mod response;
mod route;
mod routes;
mod search;
mod stream;
mod trace;

use std::convert::Infallible;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::ACCEPT_ENCODING;
use axum::response::Response;
use futures::TryFutureExt;
use futures::future::BoxFuture;
use scim_core::TenantId;
use tower::{Layer, Service, ServiceExt, service_fn};

pub(crate) use beside::Beside;
pub use limits::Limits;
pub(crate) use limits::Usage;
pub use routes::RoutePattern;

use crate::auth::{Authenticate, Sessions, Tokens};
use crate::clock::{Clock, Ids};
use crate::outbound::Outbound;
use crate::server::Readiness;
use crate::service::Engine;

/// What the handlers work with.
pub(crate) struct App {
    pub(crate) engine: Arc<Engine>,
    pub(crate) tokens: Tokens,
    pub(crate) sessions: Sessions,
    pub(crate) outbound: Arc<Outbound>,
    /// Another log-in than `tokens`: then there are no access tokens to get.
    pub(crate) authenticate: Option<Arc<dyn Authenticate>>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<dyn Ids>,
    /// How clients reach us, without a slash at the end.
    pub(crate) public_url: String,
    pub(crate) readiness: Readiness,
    pub(crate) usage: Usage,
    /// Shows what was counted, in the format of Prometheus.
    pub(crate) metrics: Option<Box<dyn Fn() -> String + Send + Sync>>,
}

impl App {
    /// Who says who asks.
    fn authenticate(&self) -> &dyn Authenticate {
        match &self.authenticate {
            Some(own) => own.as_ref(),
            None => &self.tokens,
        }
    }

    /// What all locations of a tenant begin with: the Tenant URL.
    pub(crate) fn base_url(&self, tenant: &TenantId) -> String {
        format!("{}/t/{tenant}/scim/v2", self.public_url)
    }
}

/// Answers requests, as tower calls it.
#[derive(Clone)]
pub(crate) struct ScimService(pub(crate) Arc<App>);

impl Service<Request> for ScimService {
    type Response = Response;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let app = Arc::clone(&self.0);
        if request.headers().contains_key(ACCEPT_ENCODING) {
            let answer = service_fn(move |request| answer(Arc::clone(&app), request));
            let answer = response::compression().layer(answer).oneshot(request);
            return Box::pin(answer.map_ok(|answer| answer.map(Body::new)));
        }
        Box::pin(answer(app, request))
    }
}

async fn answer(app: Arc<App>, request: Request) -> Result<Response, Infallible> {
    Ok(around::answer(&app, request).await)
}
