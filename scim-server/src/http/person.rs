//! What a person reaches: their own User, by both of its paths, and discovery.

use axum::extract::{MatchedPath, RawPathParams, Request};
use axum::response::{IntoResponse, Response};
use scim_core::ResourceId;

use crate::Error;
use crate::service::Caller;

/// Paths that show nobody's data, below `/t/{tenant}`.
const DISCOVERY: [&str; 5] = [
    "/scim/v2/ServiceProviderConfig",
    "/scim/v2/ResourceTypes",
    "/scim/v2/ResourceTypes/{id}",
    "/scim/v2/Schemas",
    "/scim/v2/Schemas/{id}",
];
const OWN: &str = "/scim/v2/Me";
const RESOURCE: &str = "/scim/v2/{endpoint}/{id}";

/// Refuses everything else to callers that stand for a person (RFC 7644 §3.11). New paths are
/// closed to them until somebody opens them here.
pub(super) async fn only_their_own(
    params: Option<&RawPathParams>,
    request: Request,
    next: impl AsyncFnOnce(Request) -> Response,
) -> Response {
    let caller = request.extensions().get::<Caller>();
    let Some(person) = caller.and_then(|caller| caller.person) else {
        return next(request).await;
    };
    let route = request.extensions().get::<MatchedPath>();
    let route = route.map_or("", MatchedPath::as_str);
    let route = route.strip_prefix("/t/{tenant}").unwrap_or_default();
    if DISCOVERY.contains(&route)
        || route == OWN
        || (route == RESOURCE && params.is_some_and(|params| names(params, person)))
    {
        return next(request).await;
    }
    Error::Forbidden("this credential stands for a person, who reaches /Me and nothing else")
        .into_response()
}

fn names(params: &RawPathParams, person: ResourceId) -> bool {
    let id = params.iter().find(|(name, _)| *name == "id");
    id.and_then(|(_, id)| id.parse().ok()) == Some(person)
}
