//! The server that the program is, asked without a network.

use async_trait::async_trait;
use axum::Router;
use axum::body::{Body, to_bytes};
use scim_core::TenantId;
use scim_server::Server;
use tower::ServiceExt;

use super::endpoint::{Answer, Endpoint, NoAnswer, Request};
use super::remote::{http_request, read};

const BYTES_MAX: usize = 4 << 20;

/// One tenant of a server of this process. Requests take the way that others take: they are
/// authenticated, limited, recorded.
///
/// ```no_run
/// # async fn example(server: scim_server::Server, tenant: scim_core::TenantId) {
/// use visitor_hosts::doctor::{Doctor, InProcess, Provider};
///
/// let endpoint = InProcess::new(&server, &tenant, "the secret of a connection");
/// let report = Doctor::new(&endpoint, "0f6b").reading_only().examine(&[Provider::Okta]).await;
/// println!("{report}");
/// # }
/// ```
pub struct InProcess {
    router: Router,
    base: String,
    token: String,
}

impl InProcess {
    /// The tenant as the connection with this secret, or access token, reaches it.
    pub fn new(server: &Server, tenant: &TenantId, token: &str) -> InProcess {
        InProcess {
            router: server.router(),
            base: format!("/t/{tenant}/scim/v2"),
            token: token.to_owned(),
        }
    }
}

#[async_trait]
impl Endpoint for InProcess {
    async fn send(&self, request: &Request) -> Result<Answer, NoAnswer> {
        let path = format!("{}{}", self.base, request.target());
        let authorization = format!("Bearer {}", self.token);
        let request = http_request(request, &path, &authorization)?.map(Body::from);
        let answer = match self.router.clone().oneshot(request).await {
            Ok(answer) => answer,
            Err(never) => match never {},
        };
        let (parts, body) = answer.into_parts();
        let body = to_bytes(body, BYTES_MAX)
            .await
            .map_err(|error| NoAnswer(format!("the answer broke off: {error}")))?;
        Ok(read(&axum::http::Response::from_parts(
            parts,
            body.to_vec(),
        )))
    }
}
