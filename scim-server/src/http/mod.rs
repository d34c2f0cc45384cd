//! The URL table. Whatever lies below `/t/` needs a valid credential, known path or not.
//!
//! | file | question |
//! |---|---|
//! | `around.rs` | what does every request go through? |
//! | `authenticate.rs`, `person.rs` | who asks, and what does a person reach? |
//! | `extract.rs`, `query.rs`, `body.rs`, `precondition.rs` | what is asked for? |
//! | `resources.rs`, `bulk.rs`, `search.rs`, `discovery.rs`, `health.rs` | what happens? |
//! | `oauth/` | how does a client get an access token? |
//! | `limits.rs`, `rate.rs` | what may a request cost? |
//! | `response.rs`, `stream.rs` | what does an answer look like? |
//! | `error.rs` | which status has a refusal or failure? |
//! | `trace.rs` | what is logged and counted of a request? |

mod around;
mod authenticate;
mod body;
mod bulk;
mod discovery;
mod error;
mod extract;
mod health;
mod limits;
mod oauth;
mod person;
mod precondition;
mod query;
mod rate;
mod resources;
mod response;
mod search;
mod stream;
mod trace;

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodRouter, get, post};
use scim_core::TenantId;

pub use limits::Limits;
pub(crate) use limits::Usage;

use crate::Error;
use crate::auth::{Authenticate, Tokens};
use crate::clock::{Clock, Ids};
use crate::server::Readiness;
use crate::service::Engine;

/// What the handlers work with.
pub(crate) struct App {
    pub(crate) engine: Engine,
    pub(crate) tokens: Tokens,
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

/// All URLs.
pub(crate) fn router(app: Arc<App>) -> Router {
    let collection = get(resources::list)
        .post(resources::create)
        .fallback(resources::other_method);
    let resource = get(resources::get)
        .put(resources::replace)
        .patch(resources::patch)
        .delete(resources::delete)
        .fallback(resources::other_method);
    let me = resource.clone();
    let root = get(search::root).fallback(search::other_method_of_root);
    let search_all = post(search::all_types).fallback(search::other_method_of_all);
    let search_one = post(search::one_type).fallback(search::other_method_of_one);
    let around_token = from_fn_with_state(Arc::clone(&app), around::token_endpoint);
    let tenant = Router::new()
        .route(
            "/scim/v2/ServiceProviderConfig",
            read_only(get(discovery::service_provider_config)),
        )
        .route(
            "/scim/v2/ResourceTypes",
            read_only(get(discovery::resource_types)),
        )
        .route(
            "/scim/v2/ResourceTypes/{id}",
            read_only(get(discovery::resource_type)),
        )
        .route("/scim/v2/Schemas", read_only(get(discovery::schemas)))
        .route("/scim/v2/Schemas/{id}", read_only(get(discovery::schema)))
        .route("/scim/v2/Me", me)
        .route(
            "/scim/v2/Bulk",
            post(bulk::bulk).fallback(bulk::other_method),
        )
        .route("/scim/v2/.search", search_all)
        .route("/scim/v2/{endpoint}/.search", search_one)
        .route("/scim/v2", root.clone())
        .route("/scim/v2/", root)
        .route("/scim/v2/{endpoint}", collection)
        .route("/scim/v2/{endpoint}/{id}", resource)
        .fallback(no_such_path)
        .layer(from_fn_with_state(Arc::clone(&app), around::tenant))
        .merge(oauth::token_endpoint(&app).layer(around_token));
    Router::new()
        .nest("/t/{tenant}", tenant)
        .merge(oauth::metadata_endpoint(&app))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(health::metrics))
        .fallback(no_such_path)
        .layer(response::compression())
        .layer(from_fn_with_state(Arc::clone(&app), around::all))
        .with_state(app)
}

/// Other methods are refused as SCIM refuses.
fn read_only(methods: MethodRouter<Arc<App>>) -> MethodRouter<Arc<App>> {
    methods.fallback(discovery::other_method)
}

async fn no_such_path() -> Error {
    Error::NoSuchPath
}
