//! A program of one's own with a SCIM server in it: the built-in store, a hook, and tokens that
//! the program has issued itself.
//!
//! `cargo run -p scim-server --example embed`, then
//! `curl -H "Authorization: Bearer let-me-in" http://127.0.0.1:8080/t/main/scim/v2/Users`.

use std::sync::Arc;

use async_trait::async_trait;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::routing::get;
use scim_core::{Policy, TenantId};
use scim_server::auth::Authenticate;
use scim_server::clock::{Clock, SystemClock, TimeOrderedIds};
use scim_server::service::{Caller, Changed, Hook, users_and_groups};
use scim_server::store::sql::Purpose;
use scim_server::store::{ConnectionId, Job, SqlStore, Store, TokenKind, Transaction};
use scim_server::{Error, Sealer, Server};
use uuid::Uuid;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let (app, store) = app("sqlite://embed.db").await?;
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let sealer = tokio::spawn(Sealer::run(store, stopped));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:8080").await?;
    axum::serve(listener, app).await?;
    stop.send_replace(true);
    sealer.await?;
    Ok(())
}

/// The routes of the program, those of SCIM among them, and where its data is.
pub(crate) async fn app(database: &str) -> anyhow::Result<(axum::Router, Arc<dyn Store>)> {
    let ids = Arc::new(TimeOrderedIds::default());
    let store = SqlStore::open(database, Purpose::Serve, Arc::new(SystemClock), ids).await?;
    store.migrate().await?;
    store
        .create_tenant(&"main".parse()?, SystemClock.now())
        .await?;

    let store: Arc<dyn Store> = Arc::new(store);
    let scim = Server::builder(Arc::clone(&store))
        .public_url("http://127.0.0.1:8080")
        .authenticate(OneKey("let-me-in"))
        .serve(users_and_groups()?)
        .hook(Arc::new(Welcome))
        .build();
    let own = axum::Router::new().route("/", get(async || "the rest of the program"));
    Ok((own.merge(scim.router()), store))
}

/// One key opens the tenant `main`, as the connection number 1.
struct OneKey(&'static str);

#[async_trait]
impl Authenticate for OneKey {
    async fn caller(&self, tenant: &TenantId, request: &Parts) -> Result<Caller, Error> {
        let expected = format!("Bearer {}", self.0);
        let sent = request.headers.get(AUTHORIZATION);
        if tenant.as_str() != "main" || sent.is_none_or(|sent| *sent != *expected) {
            return Err(Error::Unauthorized("the key is missing or wrong"));
        }
        Ok(Caller {
            tenant: tenant.clone(),
            connection: ConnectionId(Uuid::from_u128(1)),
            name: "Directory".into(),
            kind: TokenKind::Idp,
            policy: Policy::compatible(),
            person: None,
            grants: Arc::default(),
            origin: None,
        })
    }
}

/// Leaves a job for each new user, in the transaction that makes the user: both or neither.
struct Welcome;

#[async_trait]
impl Hook for Welcome {
    async fn after_change(
        &self,
        tx: &mut Transaction<'_>,
        change: &Changed<'_>,
    ) -> Result<(), Error> {
        if let (None, Some(user)) = (change.before, change.after)
            && user.kind == "User"
        {
            let job = Job {
                id: tx.new_id(),
                queue: "welcome".to_owned(),
                due: tx.now(),
                attempts: 0,
                payload: user.id.to_string(),
            };
            tx.enqueue(job);
        }
        Ok(())
    }
}
