//! What an answer looks like: media type, `ETag`, `Location`, and the chosen attributes.

use std::sync::Arc;

use axum::body::{Body, Bytes, HttpBody};
use axum::http::header::{
    ACCEPT, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE, ETAG, LOCATION, VARY,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use futures::stream::{StreamExt, iter, try_unfold};
use scim_core::resource::project::{self, Projection};
use scim_core::{ListResponse, Version};
use serde::Serialize;
use serde_json::Value;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{Predicate, SizeAbove};

use super::App;
use super::call::{Call, Target};
use super::stream::Writer;
use crate::resource::location;
use crate::service::{Export, Exporting, Listed, Opened, Paging, Served};
use crate::{Error, Resource, StoreError};

const SCIM_JSON: HeaderValue = HeaderValue::from_static("application/scim+json");
/// One packet: a shorter answer is no sooner there.
const COMPRESSED_BYTES_MIN: u16 = 1400;
const PLAIN_JSON: HeaderValue = HeaderValue::from_static("application/json");

/// JSON in SCIM's media type; [`negotiate`] may still choose the other.
pub(super) fn scim(status: StatusCode, body: &impl Serialize) -> Response {
    // Objects with text for keys always become JSON.
    let bytes = serde_json::to_vec(body).unwrap_or_default();
    (status, [(CONTENT_TYPE, SCIM_JSON)], bytes).into_response()
}

fn scim_text(status: StatusCode, body: String) -> Response {
    (status, [(CONTENT_TYPE, SCIM_JSON)], body).into_response()
}

/// JSON for clients that are not asking about resources.
pub(super) fn json(status: StatusCode, body: &Value) -> Response {
    (status, [(CONTENT_TYPE, PLAIN_JSON)], body.to_string()).into_response()
}

/// A resource, with what its headers say.
pub(super) fn resource(
    call: &Call<'_>,
    target: &Target,
    resource: &Resource,
    projection: &Projection,
    status: StatusCode,
) -> Result<Response, Error> {
    let base_url = call.base_url();
    let shown = shown(call.app, &target.served, &base_url, resource, projection)?;
    let response = scim_text(status, shown);
    Ok(with_headers(target, &base_url, resource, response))
}

/// A resource whose members are read while they are sent, if they are many.
pub(super) fn opened(
    call: &Call<'_>,
    target: &Target,
    opened: Opened,
    projection: &Projection,
) -> Result<Response, Error> {
    let Opened { resource, members } = opened;
    let Some(members) = members else {
        return self::resource(call, target, &resource, projection, StatusCode::OK);
    };
    let (app, base_url) = (call.app, call.base_url());
    let served = &target.served;
    let head = shown(app, served, &base_url, &resource, projection)?;
    let writer = Writer::new((app, served), base_url.clone(), projection, head, members);
    let response = ([(CONTENT_TYPE, SCIM_JSON)], writer.body()).into_response();
    Ok(with_headers(target, &base_url, &resource, response))
}

fn with_headers(
    target: &Target,
    base_url: &str,
    resource: &Resource,
    mut response: Response,
) -> Response {
    let location = location(base_url, &target.served.resource_type, &resource.stored);
    let headers = response.headers_mut();
    insert_etag(headers, resource.stored.version);
    if let Ok(location) = HeaderValue::try_from(location) {
        headers.insert(LOCATION, location);
    }
    response
}

/// A page of a list (RFC 7644 §3.4.2) over one or several resource types.
pub(super) fn list(
    call: &Call<'_>,
    targets: &[(Arc<Served>, Projection)],
    listed: &Listed,
    paging: &Paging,
) -> Result<Response, Error> {
    let base_url = call.base_url();
    let mut resources = Vec::with_capacity(listed.resources.len());
    for resource in &listed.resources {
        let is_of = |served: &Served| served.resource_type.name() == resource.stored.kind;
        let target = targets.iter().find(|(served, _)| is_of(served));
        if let Some((served, projection)) = target {
            resources.push(shown(call.app, served, &base_url, resource, projection)?);
        }
    }
    let page = ListResponse::new(listed.total as u64, resources);
    let page = match paging {
        Paging::Index(start_index) => page.starting_at(*start_index as u64),
        Paging::Cursor(_) => page.with_cursors(listed.previous.clone(), listed.next.clone()),
    };
    Ok(scim_text(
        StatusCode::OK,
        page.to_text().map_err(unwritable)?,
    ))
}

/// A list in another media type. A client learns of a failure half way by a body that is cut off.
pub(super) fn export(export: &dyn Export, first: Option<String>, exporting: Exporting) -> Response {
    let rest = try_unfold(exporting, |mut exporting| async move {
        match exporting.next().await {
            Ok(text) => Ok(text.map(|text| (Bytes::from(text), exporting))),
            Err(error) => {
                tracing::warn!(%error, "an export was cut off while it was read");
                Err(error)
            }
        }
    });
    let body = iter(first.map(|text| Ok(Bytes::from(text)))).chain(rest);
    let media_type = format!("{}; charset=utf-8", export.media_type());
    let file = format!("attachment; filename=\"{}\"", export.file_name());
    let headers = [
        (CONTENT_TYPE, media_type),
        (CONTENT_DISPOSITION, file),
        (VARY, "accept".to_owned()),
    ];
    (headers, Body::from_stream(body)).into_response()
}

/// Nothing but a status, and the version where there is one.
pub(super) fn empty(status: StatusCode, version: Option<Version>) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    if let Some(version) = version {
        insert_etag(response.headers_mut(), version);
    }
    response
}

/// Answers with gzip to clients that accept it, where the answer is long enough to be worth it.
pub(super) fn compression() -> CompressionLayer<SizeAbove> {
    CompressionLayer::new().compress_when(SizeAbove::new(COMPRESSED_BYTES_MIN))
}

/// Tells caches that the answer depends on whether the client accepts gzip.
pub(super) fn vary(response: &mut Response) {
    if SizeAbove::new(COMPRESSED_BYTES_MIN).should_compress(response) {
        let headers = response.headers_mut();
        headers.append(VARY, HeaderValue::from_static("accept-encoding"));
    }
}

/// Answers `application/json` to clients that accept that and not SCIM's own media type.
pub(super) fn negotiate(asked: &HeaderMap, response: &mut Response) {
    if accepts_only_plain_json(asked) && response.headers().get(CONTENT_TYPE) == Some(&SCIM_JSON) {
        response.headers_mut().insert(CONTENT_TYPE, PLAIN_JSON);
    }
}

/// The answer to a HEAD: what GET would have, without its body (RFC 9110 §9.3.2).
pub(super) fn head(mut response: Response) -> Response {
    if let Some(length) = response.body().size_hint().exact() {
        let headers = response.headers_mut();
        headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    }
    response.map(|_| Body::empty())
}

/// The chosen parts of a resource as JSON, from the stored text where it is shown whole.
fn shown(
    app: &App,
    served: &Served,
    base_url: &str,
    resource: &Resource,
    projection: &Projection,
) -> Result<String, Error> {
    let resource_type = &served.resource_type;
    let endpoint_of = |name: &str| app.engine.catalog().endpoint_of(name);
    let whole =
        projection.is_default() && resource_type.is_shown_whole() && !resource_type.is_strict();
    if whole {
        let text = resource.to_text(resource_type, base_url, &endpoint_of);
        return text.map_err(unwritable);
    }
    let whole = resource.to_map(resource_type, base_url, &endpoint_of)?;
    let mut chosen = project::project(&whole, resource_type, projection);
    chosen.extend(resource.once.clone());
    serde_json::to_string(&chosen).map_err(unwritable)
}

/// Objects with text for keys always become JSON.
fn unwritable(error: serde_json::Error) -> Error {
    StoreError::Failed(error.into()).into()
}

fn insert_etag(headers: &mut HeaderMap, version: Version) {
    if let Ok(etag) = HeaderValue::try_from(version.etag()) {
        headers.insert(ETAG, etag);
    }
}

/// Does a client name this media type, and neither that of SCIM nor JSON?
pub(super) fn accepts_instead(headers: &HeaderMap, media_type: &str) -> bool {
    let accepted = all_accepted(headers);
    let accepts = |media_type: &str| names(&accepted, media_type);
    accepts(media_type) && !accepts("application/scim+json") && !accepts("application/json")
}

fn all_accepted(headers: &HeaderMap) -> Vec<&str> {
    let values = headers.get_all(ACCEPT).iter();
    values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(accepted)
        .collect()
}

fn names(accepted: &[&str], media_type: &str) -> bool {
    let mut accepted = accepted.iter();
    accepted.any(|accepted| accepted.eq_ignore_ascii_case(media_type))
}

fn accepts_only_plain_json(headers: &HeaderMap) -> bool {
    let accepted = all_accepted(headers);
    let accepts = |media_type: &str| names(&accepted, media_type);
    accepts("application/json")
        && !["application/scim+json", "application/*", "*/*"]
            .into_iter()
            .any(accepts)
}

/// The media range of one element of `Accept`, unless its quality is zero.
fn accepted(element: &str) -> Option<&str> {
    let mut parts = element.split(';').map(str::trim);
    let range = parts.next()?;
    let refused = parts.any(|parameter| {
        let quality = parameter.strip_prefix("q=").map(str::parse::<f32>);
        matches!(quality, Some(Ok(0.0)))
    });
    (!refused).then_some(range)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_json_only_where_nothing_else_is_accepted() {
        let check = |accept: &str, expected: bool| {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT, accept.parse().unwrap());
            assert_eq!(accepts_only_plain_json(&headers), expected, "{accept}");
        };
        check("application/json", true);
        check("Application/JSON; charset=utf-8, text/html", true);
        check("application/json, application/scim+json;q=0", true);
        check("application/scim+json", false);
        check("application/scim+json;q=0.1, application/json", false);
        check("application/json, text/plain, */*", false);
        check("text/html", false);
        let csv = |accept: &str| {
            let headers = HeaderMap::from_iter([(ACCEPT, accept.parse().unwrap())]);
            accepts_instead(&headers, "text/csv")
        };
        assert!(csv("text/csv") && csv("Text/CSV;q=0.9, */*;q=0.1"));
        assert!(!csv("*/*") && !csv("text/csv, application/scim+json") && !csv("text/csv;q=0"));
        assert!(!accepts_only_plain_json(&HeaderMap::new()));
    }
}
