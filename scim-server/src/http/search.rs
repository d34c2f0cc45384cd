//! Queries beside `GET /{endpoint}`: by POST, so that what is looked for stands in no address
//! (RFC 7644 §3.4.3), and over all resource types that the caller sees (§3.4.2.1).

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Method};
use axum::response::Response;
use scim_core::SearchRequest;

use super::extract::Collection;
use super::query::Query;
use super::{App, body, response};
use crate::Error;
use crate::service::{Caller, Served};

/// A query has a filter and lists of names, nothing larger.
const BYTES_MAX: usize = 64 * 1024;

/// `POST /{endpoint}/.search`.
pub(super) async fn one_type(
    State(app): State<Arc<App>>,
    Collection { caller, served }: Collection,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Error> {
    let query = sent(&headers, body).await?;
    answer(&app, &caller, &[served], &query).await
}

/// `POST /.search`.
pub(super) async fn all_types(
    State(app): State<Arc<App>>,
    caller: Caller,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Error> {
    let query = sent(&headers, body).await?;
    answer(&app, &caller, &visible(&app, &caller), &query).await
}

/// `GET /`.
pub(super) async fn root(
    State(app): State<Arc<App>>,
    caller: Caller,
    query: Query,
) -> Result<Response, Error> {
    answer(&app, &caller, &visible(&app, &caller), &query).await
}

/// Any other method of a `.search`.
pub(super) async fn other_method_of_one(_: Collection, method: Method) -> Error {
    other_method_of_all(method).await
}

/// Any other method of the `.search` of the root.
pub(super) async fn other_method_of_all(method: Method) -> Error {
    Error::Method {
        method: method.to_string(),
        allowed: "POST".to_owned(),
    }
}

/// Any other method of the root.
pub(super) async fn other_method_of_root(method: Method) -> Error {
    Error::Method {
        method: method.to_string(),
        allowed: "GET, HEAD".to_owned(),
    }
}

fn visible(app: &App, caller: &Caller) -> Vec<Arc<Served>> {
    app.engine.catalog().visible(caller.kind).cloned().collect()
}

async fn sent(headers: &HeaderMap, body: Body) -> Result<Query, Error> {
    let body = body::json(headers, body, BYTES_MAX).await?;
    Ok(SearchRequest::parse(body)?.into())
}

async fn answer(
    app: &App,
    caller: &Caller,
    types: &[Arc<Served>],
    query: &Query,
) -> Result<Response, Error> {
    let request = query.list()?;
    let mut targets = Vec::with_capacity(types.len());
    for served in types {
        let projection = query.projection(&served.resource_type)?;
        targets.push((Arc::clone(served), projection));
    }
    let listed = app.engine.search(caller, &targets, &request).await?;
    response::list(app, caller, &targets, &listed, &request.paging)
}
