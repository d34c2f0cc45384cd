//! What is logged and counted of a request: one line, without query, names and bodies.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::response::Response;
use metrics::Label;
use tracing::{Instrument, debug, info, info_span};

use super::App;
use super::around::Answered;
use super::route::Route;
use crate::edge::ClientAddress;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const REQUEST_ID_BYTES_MAX: usize = 64;
/// A read that takes longer is told at `info`.
const SLOW: Duration = Duration::from_secs(1);

/// Runs the request in a span with its id, which the answer carries too.
pub(super) async fn trace(
    (id, begun): (Arc<str>, Instant),
    request: &Parts,
    route: &Route<'_>,
    answer: impl Future<Output = Answered>,
) -> Response {
    let method = method_name(&request.method);
    let route = route.pattern();
    let client = request.extensions.get::<ClientAddress>().copied();
    let span = info_span!("request", request.id = %id);

    let answered = answer.instrument(span.clone()).await;
    let (mut response, caller) = (answered.response, answered.caller);
    let took = begun.elapsed();
    let status = response.status().as_u16();
    span.in_scope(|| {
        macro_rules! line {
            ($level:ident) => {
                $level!(
                    method,
                    route,
                    status,
                    ms = (took.as_secs_f64() * 10_000.0).round() / 10.0,
                    tenant = caller.as_ref().map(|caller| caller.tenant.as_str()),
                    connection = caller.as_ref().map(|caller| caller.connection.to_string()),
                    "answered"
                )
            };
        }
        if is_quiet(method, response.status(), took) {
            line!(debug);
        } else {
            line!(info);
        }
        // An address may belong to a person; it is written only by whoever looks for one.
        if let Some(ClientAddress(address)) = client {
            debug!(client = %address, "came from {address}");
        }
    });
    let labels = [
        Label::from_static_parts("method", method),
        Label::from_static_parts("route", route),
        Label::new("status", status.to_string()),
    ];
    metrics::counter!("scim_http_requests_total", labels.iter()).increment(1);
    metrics::histogram!("scim_http_request_seconds", labels.iter()).record(took.as_secs_f64());
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

/// The id of a request: that which a proxy or client gave it, or a new one.
pub(super) fn id(app: &App, request: &Parts) -> Arc<str> {
    match sent_id(&request.headers) {
        Some(sent) => sent.into(),
        None => app.ids.next(app.clock.now()).to_string().into(),
    }
}

/// Identity providers read all the time: what is worth a line is what was written, refused or slow.
fn is_quiet(method: &str, status: StatusCode, took: Duration) -> bool {
    let is_read = ["GET", "HEAD"].contains(&method);
    let is_refused = status.is_client_error() || status.is_server_error();
    is_read && !is_refused && took < SLOW
}

/// The id that a proxy or client gave the request, if it can stand in a log as it is.
fn sent_id(headers: &HeaderMap) -> Option<&str> {
    let id = headers.get(REQUEST_ID)?.to_str().ok()?;
    let well_formed = (1..=REQUEST_ID_BYTES_MAX).contains(&id.len())
        && id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
    well_formed.then_some(id)
}

/// A client can make up methods; metrics would keep each of them for ever.
fn method_name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_good_read_is_quiet() {
        let quick = SLOW - Duration::from_millis(1);
        for (method, status, took, quiet) in [
            ("GET", StatusCode::OK, quick, true),
            ("HEAD", StatusCode::NOT_MODIFIED, quick, true),
            ("GET", StatusCode::OK, SLOW, false),
            ("GET", StatusCode::NOT_FOUND, quick, false),
            ("GET", StatusCode::SERVICE_UNAVAILABLE, quick, false),
            ("POST", StatusCode::CREATED, quick, false),
        ] {
            let found = is_quiet(method, status, took);
            assert_eq!(found, quiet, "{method} {status} {took:?}");
        }
    }

    #[test]
    fn ids_from_outside_are_taken_if_they_are_plain() {
        let check = |sent: &str, expected: bool| {
            let mut headers = HeaderMap::new();
            headers.insert(REQUEST_ID, sent.parse().unwrap());
            assert_eq!(sent_id(&headers), expected.then_some(sent), "{sent}");
        };
        check("4bf92f35-77b3.a_1", true);
        check(&"x".repeat(64), true);
        check(&"x".repeat(65), false);
        check("", false);
        check("a b", false);
        check("a\"b", false);
        assert_eq!(sent_id(&HeaderMap::new()), None);
    }

    #[test]
    fn methods_are_counted_by_the_names_that_scim_has() {
        for (method, counted) in [
            ("GET", "GET"),
            ("HEAD", "HEAD"),
            ("POST", "POST"),
            ("PUT", "PUT"),
            ("PATCH", "PATCH"),
            ("DELETE", "DELETE"),
            ("OPTIONS", "other"),
            ("MADE-UP", "other"),
        ] {
            assert_eq!(method_name(&method.parse().unwrap()), counted);
        }
    }
}
