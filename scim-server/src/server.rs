//! How a server is put together: a store, resource types, hooks, and where clients find it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::Router;
use scim_core::TenantId;

use crate::Error;
use crate::auth::{Authenticate, Sessions, Tokens};
use crate::clock::{Clock, Ids, SystemClock, TimeOrderedIds};
use crate::edge::{self, ClientAddress};
use crate::http::{App, Beside, Limits, RoutePattern, ScimService, Usage};
use crate::outbound::Outbound;
use crate::service::{Catalog, Engine, Hook, Served};
use crate::store::Store;

/// A SCIM server without its socket.
///
/// ```no_run
/// # async fn serve(store: std::sync::Arc<dyn scim_server::store::Store>) -> anyhow::Result<()> {
/// use scim_core::{ResourceType, schema};
/// use scim_server::Server;
/// use scim_server::service::{Audience, Served};
///
/// let users = ResourceType::new("User", "/Users", schema::user())
///     .unique(["userName"])
///     .build()?;
/// let server = Server::builder(store)
///     .serve([Served { resource_type: users, audience: Audience::Connections }])
///     .public_url("https://scim.example.org")
///     .build();
/// let listener = tokio::net::TcpListener::bind("127.0.0.1:8080").await?;
/// axum::serve(listener, server.router()).await?;
/// # Ok(())
/// # }
/// ```
///
/// A clone is the same server.
#[derive(Clone)]
pub struct Server(Arc<App>);

impl Server {
    /// Begins a server on this store.
    pub fn builder(store: Arc<dyn Store>) -> Builder {
        Builder {
            store,
            served: Vec::new(),
            hooks: Vec::new(),
            authenticate: None,
            outbound: Outbound::default(),
            clock: Arc::new(SystemClock),
            ids: Arc::new(TimeOrderedIds::default()),
            public_url: "http://localhost".to_owned(),
            metrics: None,
            limits: Limits::default(),
        }
    }

    /// All its URLs.
    pub fn service(&self) -> impl edge::Answers {
        ScimService(Arc::clone(&self.0))
    }

    /// The same, which are whatever a router that this one is merged into does not serve itself.
    pub fn router(&self) -> Router {
        Router::new().fallback_service(ScimService(Arc::clone(&self.0)))
    }

    /// All its URLs, and beside them the pages of a product: whatever lies below `/t/` goes straight to SCIM,
    /// as does what the pages do not serve.
    pub fn service_beside(&self, pages: Option<Router>) -> impl edge::Answers {
        Beside::new(ScimService(Arc::clone(&self.0)), pages)
    }

    /// Its tokens.
    pub fn tokens(&self) -> &Tokens {
        &self.0.tokens
    }

    /// Who has signed in to its pages.
    pub fn sessions(&self) -> &Sessions {
        &self.0.sessions
    }

    /// Its use cases.
    pub fn engine(&self) -> &Arc<Engine> {
        &self.0.engine
    }

    /// The Tenant URL: what all locations of a tenant begin with.
    pub fn base_url(&self, tenant: &TenantId) -> String {
        self.0.base_url(tenant)
    }

    /// How clients reach it: scheme, host and port, without a slash at the end.
    pub fn public_url(&self) -> &str {
        &self.0.public_url
    }

    /// How it asks others.
    pub fn outbound(&self) -> &Arc<Outbound> {
        &self.0.outbound
    }

    /// May somebody at this address try a password now? Not for a while after many wrong credentials, on whatever
    /// path they came.
    pub fn may_try(&self, client: Option<ClientAddress>) -> Result<(), Error> {
        self.0.usage.may_try(client, self.0.clock.now())
    }

    /// Notes what came of a try.
    pub fn tried(&self, client: Option<ClientAddress>, tried: Tried) {
        self.0.usage.tried(client, tried, self.0.clock.now());
    }

    /// Where it takes the time from.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.0.clock
    }

    /// Where it takes ids from.
    pub fn ids(&self) -> &Arc<dyn Ids> {
        &self.0.ids
    }

    /// Every path that is served below a tenant.
    pub fn routes(&self) -> Vec<RoutePattern> {
        self.0.routes()
    }

    /// The switch behind `/readyz`.
    pub fn readiness(&self) -> Readiness {
        self.0.readiness.clone()
    }
}

/// What came of trying a password.
///
/// ```no_run
/// # fn example(server: scim_server::Server, client: Option<scim_server::edge::ClientAddress>) {
/// use scim_server::Tried;
///
/// if server.may_try(client).is_ok() {
///     server.tried(client, Tried::Wrong);
/// }
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tried {
    /// Somebody proved who they are.
    Right,
    /// Nobody did.
    Wrong,
}

/// Collects what a [`Server`] is made of.
///
/// ```no_run
/// # fn example(store: std::sync::Arc<dyn scim_server::store::Store>) -> anyhow::Result<()> {
/// use scim_server::service::users_and_groups;
/// use scim_server::{Limits, Server};
///
/// let server = Server::builder(store)
///     .public_url("https://scim.example.org")
///     .limits(Limits { login_failures: 20, ..Limits::default() })
///     .serve(users_and_groups()?)
///     .build();
/// let router = server.router();
/// # Ok(())
/// # }
/// ```
pub struct Builder {
    store: Arc<dyn Store>,
    served: Vec<Served>,
    hooks: Vec<Arc<dyn Hook>>,
    authenticate: Option<Arc<dyn Authenticate>>,
    outbound: Outbound,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
    public_url: String,
    metrics: Option<Box<dyn Fn() -> String + Send + Sync>>,
    limits: Limits,
}

impl Builder {
    /// Serves these resource types too; discovery keeps the order.
    #[must_use]
    pub fn serve(mut self, served: impl IntoIterator<Item = Served>) -> Builder {
        self.served.extend(served);
        self
    }

    /// Runs a hook in every write, after those given before.
    #[must_use]
    pub fn hook(self, hook: Arc<dyn Hook>) -> Builder {
        self.hooks([hook])
    }

    /// Runs these hooks in every write, in this order, after those given before.
    #[must_use]
    pub fn hooks(mut self, hooks: impl IntoIterator<Item = Arc<dyn Hook>>) -> Builder {
        self.hooks.extend(hooks);
        self
    }

    /// Finds out in this way who asks, instead of by [tokens](Server::tokens).
    #[must_use]
    pub fn authenticate(mut self, authenticate: impl Authenticate) -> Builder {
        self.authenticate = Some(Arc::new(authenticate));
        self
    }

    /// Reads the keys of trusted issuers in this way, instead of at public addresses alone.
    #[must_use]
    pub fn outbound(mut self, outbound: Outbound) -> Builder {
        self.outbound = outbound;
        self
    }

    /// Asks this clock for the time at which tokens expire. The store has its own.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Builder {
        self.clock = clock;
        self
    }

    /// Takes the ids of requests from here.
    #[must_use]
    pub fn ids(mut self, ids: Arc<dyn Ids>) -> Builder {
        self.ids = ids;
        self
    }

    /// How clients reach the server, for locations: scheme, host and port.
    #[must_use]
    pub fn public_url(mut self, url: &str) -> Builder {
        url.trim_end_matches('/').clone_into(&mut self.public_url);
        self
    }

    /// What `/metrics` shows. Without it there is no such path.
    #[must_use]
    pub fn metrics(mut self, show: impl Fn() -> String + Send + Sync + 'static) -> Builder {
        self.metrics = Some(Box::new(show));
        self
    }

    /// What requests may cost.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Builder {
        self.limits = limits;
        self
    }

    /// The server.
    pub fn build(self) -> Server {
        let (store, clock) = (Arc::clone(&self.store), Arc::clone(&self.clock));
        let sessions = Sessions::new(Arc::clone(&store), Arc::clone(&clock));
        let outbound = Arc::new(self.outbound);
        let tokens = Tokens::with_outbound(store, clock, Arc::clone(&outbound));
        Server(Arc::new(App {
            engine: Arc::new(Engine::new(
                self.store,
                Catalog::new(self.served),
                self.hooks,
            )),
            authenticate: self.authenticate,
            tokens,
            outbound,
            sessions,
            clock: self.clock,
            ids: self.ids,
            public_url: self.public_url,
            readiness: Readiness::default(),
            usage: Usage::new(self.limits),
            metrics: self.metrics,
        }))
    }
}

/// May the server get requests? On until it is switched off.
///
/// ```no_run
/// # async fn example(server: scim_server::Server) {
/// let readiness = server.readiness();
/// // When asked to stop: load balancers look elsewhere before the socket closes.
/// readiness.off();
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Readiness(Arc<AtomicBool>);

impl Default for Readiness {
    fn default() -> Readiness {
        Readiness(Arc::new(AtomicBool::new(true)))
    }
}

impl Readiness {
    /// From now on `/readyz` says no, so that no new requests are sent here.
    pub fn off(&self) {
        self.0.store(false, Ordering::Relaxed);
    }

    pub(crate) fn is_on(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
