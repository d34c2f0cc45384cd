//! Queries beside `GET /{endpoint}`: by POST, so that what is looked for stands in no address
//! (RFC 7644 §3.4.3), and over all resource types that the caller sees (§3.4.2.1).

use std::sync::Arc;

use axum::body::Body;
use axum::response::Response;
use scim_core::SearchRequest;

use super::call::Call;
use super::query::Query;
use super::{body, response};
use crate::Error;
use crate::service::Served;

/// A query has a filter and lists of names, nothing larger.
const BYTES_MAX: usize = 64 * 1024;

/// The query of a `.search`.
pub(super) async fn sent(call: &Call<'_>, body: Body) -> Result<Query, Error> {
    let body = body::json(&call.parts.headers, body, BYTES_MAX, &mut Vec::new()).await?;
    Ok(SearchRequest::parse(body)?.into())
}

/// `POST /{endpoint}/.search`.
pub(super) async fn one_type(
    call: &Call<'_>,
    served: Arc<Served>,
    query: &Query,
) -> Result<Response, Error> {
    answer(call, vec![served], query).await
}

/// `POST /.search`, and `GET /`.
pub(super) async fn all_types(call: &Call<'_>, query: &Query) -> Result<Response, Error> {
    let engine = &call.app.engine;
    let types = call.readable().filter(|served| engine.is_resource(served));
    answer(call, types.cloned().collect(), query).await
}

async fn answer(
    call: &Call<'_>,
    types: Vec<Arc<Served>>,
    query: &Query,
) -> Result<Response, Error> {
    let request = query.list()?;
    let mut targets = Vec::with_capacity(types.len());
    for served in types {
        let projection = query.projection(call, &served.resource_type)?;
        targets.push((served, projection));
    }
    let engine = &call.app.engine;
    let listed = engine.search(call.caller, &targets, &request).await?;
    response::list(call, &targets, &listed, &request.paging)
}
