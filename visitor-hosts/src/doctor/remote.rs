//! Another server, asked over HTTP through the guarded way out.

use std::error::Error;

use async_trait::async_trait;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, LOCATION};
use axum::http::{self, HeaderMap, HeaderValue};
use scim_server::outbound::{Outbound, OutboundError, TargetError};

use super::endpoint::{Answer, Endpoint, NoAnswer, Request};

/// No answer to the doctor is larger: it makes two people and a group.
const BYTES_MAX: usize = 4 << 20;

/// A SCIM server at an address.
///
/// ```
/// use scim_server::outbound::Outbound;
/// use visitor_hosts::doctor::Remote;
///
/// let remote = Remote::new(Outbound::default(), "https://scim.example.org/scim/v2/", "secret");
/// assert!(remote.is_ok());
/// assert!(Remote::new(Outbound::default(), "http://10.0.0.1/scim/v2", "secret").is_err());
/// ```
pub struct Remote {
    outbound: Outbound,
    base: String,
    token: String,
}

impl Remote {
    /// The server whose Tenant URL this is, asked with this bearer token.
    pub fn new(outbound: Outbound, base: &str, token: &str) -> Result<Remote, TargetError> {
        outbound.target(base)?;
        // Entra's flag stands behind the address and is no part of it.
        let base = base.split('?').next().unwrap_or_default();
        Ok(Remote {
            outbound,
            base: base.trim_end_matches('/').to_owned(),
            token: token.to_owned(),
        })
    }

    async fn ask(&self, request: http::Request<Vec<u8>>) -> Result<Answer, NoAnswer> {
        let answer = self.outbound.ask(request, BYTES_MAX).await;
        let answer = answer.map_err(|error| NoAnswer(in_words(&error)))?;
        Ok(read(&answer))
    }
}

#[async_trait]
impl Endpoint for Remote {
    async fn send(&self, request: &Request) -> Result<Answer, NoAnswer> {
        let url = format!("{}{}", self.base, request.target());
        let request = http_request(request, &url, &format!("Bearer {}", self.token))?;
        self.ask(request).await
    }
}

/// The request as HTTP has it.
pub(super) fn http_request(
    request: &Request,
    url: &str,
    authorization: &str,
) -> Result<http::Request<Vec<u8>>, NoAnswer> {
    let wrong = |what: &str| NoAnswer(format!("{what} cannot be sent"));
    let mut authorization =
        HeaderValue::from_str(authorization).map_err(|_| wrong("a token with such characters"))?;
    authorization.set_sensitive(true);
    let mut asked = http::Request::builder()
        .method(request.method.as_str())
        .uri(url)
        .header(AUTHORIZATION, authorization);
    for (name, value) in &request.headers {
        asked = asked.header(name, value);
    }
    let body = match &request.body {
        Some(body) => {
            let named = request.headers.iter().map(|(name, _)| name);
            if !named
                .into_iter()
                .any(|name| name.eq_ignore_ascii_case("content-type"))
            {
                asked = asked.header(CONTENT_TYPE, "application/scim+json");
            }
            body.to_string().into_bytes()
        }
        None => Vec::new(),
    };
    asked.body(body).map_err(|_| wrong("such a request"))
}

/// What of an answer is looked at.
pub(super) fn read(answer: &http::Response<Vec<u8>>) -> Answer {
    Answer {
        status: answer.status().as_u16(),
        content_type: text(answer.headers(), &CONTENT_TYPE),
        location: text(answer.headers(), &LOCATION),
        body: String::from_utf8_lossy(answer.body()).into_owned(),
    }
}

fn text(headers: &HeaderMap, name: &http::HeaderName) -> Option<String> {
    let value = headers.get(name)?;
    Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
}

/// The cause that says most: the innermost.
fn in_words(error: &OutboundError) -> String {
    let mut cause: &dyn Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}
