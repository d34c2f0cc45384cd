//! The handlers of any resource type: list, create, get, replace, patch, delete.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Response;
use scim_core::resource::project::Projection;

use super::call::{Call, Target, allow};
use super::query::Query;
use super::{body, error, precondition, response};
use crate::Error;
use crate::service::{Export, Exporting};

/// `GET /{endpoint}` (RFC 7644 §3.4.2).
pub(super) async fn list(call: &Call<'_>, target: &Target) -> Result<Response, Error> {
    let query = Query::of(call.parts)?;
    let kind = target.served.resource_type.name();
    let export = call.app.engine.export(kind).filter(|export| {
        let headers = &call.parts.headers;
        response::accepts_instead(headers, export.media_type())
    });
    if let Some(export) = export {
        return Box::pin(exported(call, target, &query, export)).await;
    }
    let projection = query.projection(call, &target.served.resource_type)?;
    let request = query.list()?;
    let listed = target.request(call, &projection).list(&request).await?;
    let targets = [(Arc::clone(&target.served), projection)];
    response::list(call, &targets, &listed, &request.paging)
}

/// The whole list in another media type, sent while it is read.
async fn exported(
    call: &Call<'_>,
    target: &Target,
    query: &Query,
    export: &Arc<dyn Export>,
) -> Result<Response, Error> {
    query.only_a_filter()?;
    let mut exporting = Exporting::new(
        Arc::clone(&call.app.engine),
        call.caller.clone(),
        Arc::clone(&target.served),
        Arc::clone(export),
        query.filter.clone(),
    );
    let first = exporting.next().await?;
    Ok(response::export(export.as_ref(), first, exporting))
}

/// `POST /{endpoint}` (RFC 7644 §3.3).
pub(super) async fn create(
    call: &Call<'_>,
    target: &Target,
    body: Body,
) -> Result<Response, Error> {
    let query = Query::of(call.parts)?;
    let headers = &call.parts.headers;
    let mut sent = Vec::new();
    let created = async {
        let projection = query.projection(call, &target.served.resource_type)?;
        let key = precondition::idempotency_key(headers, call.caller)?;
        let body = body_of(target, headers, body, &mut sent).await?;
        let request = target.request(call, &projection);
        let resource = request.once(key).create(body).await?;
        response::resource(call, target, &resource, &projection, StatusCode::CREATED)
    };
    let created = created.await;
    keep_refusal(call, target, &sent, created).await
}

/// `GET /{endpoint}/{id}` (RFC 7644 §3.4.1).
pub(super) async fn get(call: &Call<'_>, target: &Target) -> Result<Response, Error> {
    let query = Query::of(call.parts)?;
    let projection = query.projection(call, &target.served.resource_type)?;
    let request = target.request(call, &projection);
    let opened = request.open(target.id()).await?;
    let version = opened.resource.stored.version;
    // A version says nothing of groups, which change without their members.
    let reverse = target.served.resource_type.reverse();
    let versioned = reverse.is_none_or(|reverse| !projection.wants(&reverse.attribute));
    if versioned && precondition::if_none_match(&call.parts.headers, version) {
        return Ok(response::empty(StatusCode::NOT_MODIFIED, Some(version)));
    }
    response::opened(call, target, opened, &projection)
}

/// `PUT /{endpoint}/{id}` (RFC 7644 §3.5.1).
pub(super) async fn replace(
    call: &Call<'_>,
    target: &Target,
    body: Body,
) -> Result<Response, Error> {
    let query = Query::of(call.parts)?;
    let headers = &call.parts.headers;
    let mut sent = Vec::new();
    let replaced = async {
        let projection = query.projection(call, &target.served.resource_type)?;
        let if_match = precondition::if_match(headers);
        let key = precondition::idempotency_key(headers, call.caller)?;
        let body = body_of(target, headers, body, &mut sent).await?;
        let request = target.request(call, &projection).once(key);
        let resource = request.replace(target.id(), if_match, body).await?;
        response::resource(call, target, &resource, &projection, StatusCode::OK)
    };
    let replaced = replaced.await;
    keep_refusal(call, target, &sent, replaced).await
}

/// `PATCH /{endpoint}/{id}` (RFC 7644 §3.5.2).
pub(super) async fn patch(call: &Call<'_>, target: &Target, body: Body) -> Result<Response, Error> {
    let query = Query::of(call.parts)?;
    let headers = &call.parts.headers;
    let mut sent = Vec::new();
    let patched = async {
        let projection = query.projection(call, &target.served.resource_type)?;
        let if_match = precondition::if_match(headers);
        let key = precondition::idempotency_key(headers, call.caller)?;
        let body = body_of(target, headers, body, &mut sent).await?;
        let request = target.request(call, &projection).once(key);
        let patched = request.patch(target.id(), if_match, body).await?;
        // The answer must not cost what the group weighs, unless the client asks for it.
        if patched.members_only && projection.is_default() {
            if !precondition::prefers_representation(headers) {
                let version = patched.resource.stored.version;
                return Ok(response::empty(StatusCode::NO_CONTENT, Some(version)));
            }
            let request = target.request(call, &projection);
            let opened = request.open(target.id()).await?;
            return response::opened(call, target, opened, &projection);
        }
        let resource = &patched.resource;
        response::resource(call, target, resource, &projection, StatusCode::OK)
    };
    let patched = patched.await;
    keep_refusal(call, target, &sent, patched).await
}

/// `DELETE /{endpoint}/{id}` (RFC 7644 §3.6).
pub(super) async fn delete(call: &Call<'_>, target: &Target) -> Result<Response, Error> {
    let headers = &call.parts.headers;
    let deleted = async {
        let if_match = precondition::if_match(headers);
        let key = precondition::idempotency_key(headers, call.caller)?;
        let request = target.request(call, &Projection::default()).once(key);
        request.delete(target.id(), if_match).await?;
        Ok(response::empty(StatusCode::NO_CONTENT, None))
    };
    let deleted = deleted.await;
    keep_refusal(call, target, &[], deleted).await
}

/// `/{endpoint}/{id}/actions/{verb}`: what no method of HTTP says. POST changes the resource, GET tells
/// something about it.
pub(super) async fn action(
    call: &Call<'_>,
    target: &Target,
    verb: &str,
    body: Body,
) -> Result<Response, Error> {
    let verb = call.app.engine.verb(&target.served, verb)?;
    allow(&call.parts.method, verb.methods())?;
    let action = if verb.tells { "read" } else { verb.name };
    call.caller.permit(&target.served, action)?;
    let query = Query::of(call.parts)?;
    let projection = query.projection(call, &target.served.resource_type)?;
    if verb.tells {
        let body = match call.parts.method {
            Method::POST => {
                body::json_or_nothing(&call.parts.headers, body, &mut Vec::new()).await?
            }
            _ => serde_json::json!({}),
        };
        let request = target.request(call, &projection);
        let told = request.tell(target.id(), verb, body).await?;
        return Ok(response::scim(StatusCode::OK, &told));
    }
    let headers = &call.parts.headers;
    let mut sent = Vec::new();
    let done = async {
        let if_match = precondition::if_match(headers);
        let key = precondition::idempotency_key(headers, call.caller)?;
        let body = body::json_or_nothing(headers, body, &mut sent).await?;
        let request = target.request(call, &projection).once(key);
        let resource = request.act(target.id(), verb, if_match, body).await?;
        if let Some(found) = &resource.found {
            return Ok(response::scim(StatusCode::OK, found));
        }
        response::resource(call, target, &resource, &projection, StatusCode::OK)
    };
    let done = done.await;
    keep_refusal(call, target, &sent, done).await
}

async fn body_of(
    target: &Target,
    headers: &HeaderMap,
    body: Body,
    sent: &mut Vec<u8>,
) -> Result<serde_json::Value, Error> {
    let limit = body::limit(&target.served.resource_type);
    body::json(headers, body, limit, sent).await
}

/// A write that was refused leaves a line in the change feed.
async fn keep_refusal(
    call: &Call<'_>,
    target: &Target,
    sent: &[u8],
    outcome: Result<Response, Error>,
) -> Result<Response, Error> {
    if let Err(error) = &outcome
        && let Some((status, detail)) = error::refusal(error)
    {
        // What is no JSON is not kept.
        let body = serde_json::from_slice(sent).ok();
        let asked = (
            call.parts.method.as_str(),
            target.id.as_deref(),
            body.as_ref(),
        );
        let engine = &call.app.engine;
        engine
            .record_refusal(
                call.caller,
                &target.served,
                asked,
                (error, (status, &detail)),
            )
            .await;
    }
    outcome
}
