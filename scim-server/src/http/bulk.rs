//! `POST /Bulk` (RFC 7644 §3.7): several writes in one request, each answered as it would be alone.

use axum::body::Body;
use axum::http::StatusCode;
use axum::response::Response;
use scim_core::message::BulkOperation;
use scim_core::message::{BulkResponse, BulkResult};
use scim_core::schema::discovery::Bulk;
use scim_core::{BulkRequest, ErrorBody, ResourceId};

use super::call::Call;
use super::{body, error, precondition, response};
use crate::Error;
use crate::service::{BulkDone, BulkOutcome};

/// What one request may hold; the service provider configuration says so.
pub(super) const LIMITS: Bulk = Bulk {
    operations_max: 1_000,
    payload_bytes_max: 10 * 1024 * 1024,
};

/// `POST /Bulk`.
pub(super) async fn bulk(call: &Call<'_>, body: Body) -> Result<Response, Error> {
    let Call { app, caller, parts } = call;
    let headers = &parts.headers;
    let due = app.usage.bulk_due();
    let key = precondition::idempotency_key(headers, caller)?;
    let body = body::json(headers, body, LIMITS.payload_bytes_max, &mut Vec::new()).await?;
    let request = BulkRequest::parse(body, LIMITS.operations_max)?;
    // The request itself was charged as one.
    let more = u32::try_from(request.operations.len().saturating_sub(1)).unwrap_or(u32::MAX);
    app.usage.charge(&caller.tenant, more, app.clock.now())?;
    let outcomes = app.engine.bulk(caller, &request, key.as_ref(), due).await;
    let mut results = Vec::with_capacity(outcomes.len());
    for outcome in outcomes {
        let operation = request.operations.get(outcome.place);
        keep_refusal(call, &outcome, operation).await;
        if let Some(operation) = operation {
            results.push(BulkResult {
                bulk_id: operation.bulk_id.clone(),
                location: location(call, &outcome),
                version: version(&outcome),
                response: refusal(&outcome),
                ..BulkResult::new(operation.method, status(&outcome).as_u16())
            });
        }
    }
    Ok(response::scim(StatusCode::OK, &BulkResponse::new(results)))
}

/// A refused write leaves a line in the change feed, as if it had come alone.
async fn keep_refusal(call: &Call<'_>, outcome: &BulkOutcome, operation: Option<&BulkOperation>) {
    if let (Err(refused), Some(served)) = (&outcome.result, &outcome.served)
        && let Some((status, detail)) = error::refusal(refused)
    {
        let method = operation.map_or("POST", |operation| operation.method.as_str());
        let body = operation.and_then(|operation| operation.data.as_ref());
        let asked = (method, outcome.id.as_deref(), body);
        let engine = &call.app.engine;
        engine
            .record_refusal(call.caller, served, asked, (refused, (status, &detail)))
            .await;
    }
}

/// RFC 7644 §3.7.3: required, except where a POST failed.
fn location(call: &Call<'_>, outcome: &BulkOutcome) -> Option<String> {
    let (served, id) = (outcome.served.as_ref()?, outcome.id.as_ref()?);
    // What is no id leads nowhere.
    let id: ResourceId = id.parse().ok()?;
    let endpoint = served.resource_type.endpoint();
    Some(format!("{}{endpoint}/{id}", call.base_url()))
}

fn version(outcome: &BulkOutcome) -> Option<String> {
    let resource = outcome.result.as_ref().ok()?.resource()?;
    Some(resource.stored.version.etag())
}

fn status(outcome: &BulkOutcome) -> StatusCode {
    match &outcome.result {
        Ok(BulkDone::Created(_)) => StatusCode::CREATED,
        Ok(BulkDone::Patched(patched)) if patched.members_only => StatusCode::NO_CONTENT,
        Ok(BulkDone::Replaced(_) | BulkDone::Patched(_)) => StatusCode::OK,
        Ok(BulkDone::Deleted) => StatusCode::NO_CONTENT,
        Err(refused) => error::status(refused),
    }
}

fn refusal(outcome: &BulkOutcome) -> Option<ErrorBody> {
    outcome.result.as_ref().err().map(error::body)
}
