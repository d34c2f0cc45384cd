//! The body of a request: JSON, and no more of it than its endpoint takes.

use axum::body::{Body, Bytes, HttpBody};
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use futures::StreamExt;
use scim_core::ResourceType;
use scim_core::json::check_limits;
use scim_core::schema::Type;
use serde_json::{Map, Value};

use super::limits::BodyDue;
use crate::Error;

const BYTES_MAX: usize = 1024 * 1024;
/// A group may come with all its members, and what has a file with the file.
const BYTES_MAX_OF_LARGE: usize = 10 * 1024 * 1024;

/// Bytes that a request about a resource of this type may have.
pub(super) fn limit(resource_type: &ResourceType) -> usize {
    let mut attributes = resource_type.schema().attributes.iter();
    // Certificates of people are lists of short values (RFC 7643 §4.1.2).
    let mut has_file = || attributes.any(|it| it.kind == Type::Binary && !it.multi_valued);
    if resource_type.rows().is_some() || has_file() {
        BYTES_MAX_OF_LARGE
    } else {
        BYTES_MAX
    }
}

/// Levels of nesting; no resource needs more than six.
const DEPTH_MAX: usize = 64;
/// Values of all kinds; a PATCH with all the members that it may have needs half of them.
const NODES_MAX: usize = 100_000;

/// Reads a body that may be left out; then it is an object with nothing in it.
pub(super) async fn json_or_nothing(
    headers: &HeaderMap,
    body: Body,
    sent: &mut Vec<u8>,
) -> Result<Value, Error> {
    if body.is_end_stream() {
        return Ok(Value::Object(Map::new()));
    }
    json(headers, body, BYTES_MAX, sent).await
}

/// Reads the body; `sent` holds its bytes then, unless there is too much in them to be parsed.
pub(super) async fn json(
    headers: &HeaderMap,
    body: Body,
    limit: usize,
    sent: &mut Vec<u8>,
) -> Result<Value, Error> {
    if !is_json(headers) {
        return Err(Error::MediaType);
    }
    let bytes = read(headers, body, limit).await?;
    check_limits(&bytes, DEPTH_MAX, NODES_MAX)?;
    *sent = bytes;
    serde_json::from_slice(sent).map_err(|error| {
        scim_core::Error::invalid_syntax(format!("the body is not JSON: {error}")).into()
    })
}

/// SCIM's own media type or the general one, with any parameters, or none at all.
fn is_json(headers: &HeaderMap) -> bool {
    let Some(value) = headers.get(CONTENT_TYPE) else {
        return true;
    };
    let essence = value.to_str().unwrap_or_default();
    let essence = essence.split(';').next().unwrap_or_default().trim();
    ["application/scim+json", "application/json"]
        .iter()
        .any(|json| json.eq_ignore_ascii_case(essence))
}

/// Reads bytes of any media type, up to the limit.
pub(super) async fn read(headers: &HeaderMap, body: Body, limit: usize) -> Result<Vec<u8>, Error> {
    let announced = headers
        .get(CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    let expected = announced.unwrap_or_default();
    if expected > limit || body.size_hint().lower() > limit as u64 {
        return Err(Error::BodyTooLarge { limit });
    }
    let mut bytes = Vec::new();
    let mut chunks = body.into_data_stream();
    while let Some(chunk) = chunks.next().await {
        let chunk: Bytes = chunk.map_err(broken)?;
        if bytes.len() + chunk.len() > limit {
            return Err(Error::BodyTooLarge { limit });
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// The body came too slowly, or the client went away.
fn broken(error: axum::Error) -> Error {
    if error.into_inner().is::<BodyDue>() {
        return Error::BodyTooLate;
    }
    scim_core::Error::invalid_syntax("the body ended before it was complete").into()
}
