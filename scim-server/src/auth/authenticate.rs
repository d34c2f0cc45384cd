//! Who may say who asks: tokens of ours, or whatever a program that embeds the server has.

use async_trait::async_trait;
use axum::http::request::Parts;
use scim_core::TenantId;

use super::credential::refusal;
use super::{Credential, Tokens};
use crate::Error;
use crate::edge::ClientAddress;
use crate::service::Caller;

/// Finds out who asks. Without another one, a server asks its [`Tokens`].
///
/// It runs before every URL below `/t/{tenant}`, and a request without a caller goes no further.
///
/// ```
/// use std::sync::Arc;
///
/// use async_trait::async_trait;
/// use axum::http::request::Parts;
/// use scim_core::{Policy, TenantId};
/// use scim_server::Error;
/// use scim_server::auth::Authenticate;
/// use scim_server::service::Caller;
/// use scim_server::store::{ConnectionId, TokenKind};
///
/// /// A gateway in front has checked the certificate and says whose it is.
/// struct Gateway;
///
/// #[async_trait]
/// impl Authenticate for Gateway {
///     async fn caller(&self, tenant: &TenantId, request: &Parts) -> Result<Caller, Error> {
///         let Some(id) = request.extensions.get::<ConnectionId>() else {
///             return Err(Error::Unauthorized("come through the gateway"));
///         };
///         Ok(Caller {
///             tenant: tenant.clone(),
///             connection: *id,
///             name: "Gateway".into(),
///             kind: TokenKind::Idp,
///             policy: Policy::entra(),
///             person: None,
///             grants: Arc::default(),
///             origin: None,
///         })
///     }
/// }
/// ```
#[async_trait]
pub trait Authenticate: Send + Sync + 'static {
    /// The caller behind a request for a tenant, which the caller must name as its own.
    ///
    /// The tenant stands in the URL and need not exist: refuse those that you do not know with
    /// the same [`Error::Unauthorized`] as everybody else, so that nobody can probe for tenants.
    async fn caller(&self, tenant: &TenantId, request: &Parts) -> Result<Caller, Error>;
}

#[async_trait]
impl Authenticate for Tokens {
    async fn caller(&self, tenant: &TenantId, request: &Parts) -> Result<Caller, Error> {
        let credential = Credential::of(&request.headers)?;
        let client = request
            .extensions
            .get::<ClientAddress>()
            .map(|client| client.0);
        let found = self.check_from(tenant, &credential, client).await?;
        found.ok_or_else(|| refusal(&request.headers))
    }
}
