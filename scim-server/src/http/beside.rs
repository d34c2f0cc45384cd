//! Which requests go to the pages of a product, and which to SCIM.

use std::convert::Infallible;
use std::task::{Context, Poll};

use axum::Router;
use axum::extract::Request;
use axum::response::Response;
use futures::future::BoxFuture;
use tower::Service;

use super::ScimService;

/// SCIM requests come first and pay nothing for the pages; what the pages do not serve is SCIM's to answer.
#[derive(Clone)]
pub(crate) struct Beside {
    scim: ScimService,
    pages: Option<Router>,
}

impl Beside {
    pub(crate) fn new(scim: ScimService, pages: Option<Router>) -> Beside {
        let pages = pages.map(|pages| pages.fallback_service(scim.clone()));
        Beside { scim, pages }
    }
}

impl Service<Request> for Beside {
    type Response = Response;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        match &mut self.pages {
            Some(pages) if !request.uri().path().starts_with("/t/") => {
                Box::pin(pages.call(request))
            }
            _ => self.scim.call(request),
        }
    }
}
