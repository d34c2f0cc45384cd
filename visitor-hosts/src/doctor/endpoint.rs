//! What is asked, and what answers.

use std::fmt;

use async_trait::async_trait;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

/// Everything that could mean something in a query is encoded, as Entra and Okta do it.
const QUERY: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// A request of an identity provider; the endpoint adds who asks.
///
/// ```
/// use visitor_hosts::doctor::Request;
///
/// let request = Request::new("GET", "/Users").with("filter", "userName eq \"o'neil+1\"");
/// assert_eq!(request.target(), "/Users?filter=userName%20eq%20%22o%27neil%2B1%22");
/// assert_eq!(request.to_string(), "GET /Users?filter=userName eq \"o'neil+1\"");
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// `GET`, `POST`, `PUT`, `PATCH` or `DELETE`.
    pub method: String,
    /// Below the SCIM base address, beginning with a slash.
    pub path: String,
    /// Names and values, not encoded.
    pub query: Vec<(String, String)>,
    /// Beside `Authorization`.
    pub headers: Vec<(String, String)>,
    /// JSON.
    pub body: Option<Value>,
}

impl Request {
    /// A request without query, headers and body.
    pub fn new(method: &str, path: &str) -> Request {
        Request {
            method: method.to_owned(),
            path: path.to_owned(),
            query: Vec::new(),
            headers: Vec::new(),
            body: None,
        }
    }

    /// The same with one more name and value in its query.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Request {
        self.query.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Path and query as they go over the wire.
    pub fn target(&self) -> String {
        let pairs = self.query.iter().map(|(name, value)| {
            let value = utf8_percent_encode(value, QUERY);
            format!("{name}={value}")
        });
        let query: Vec<String> = pairs.collect();
        if query.is_empty() {
            self.path.clone()
        } else {
            format!("{}?{}", self.path, query.join("&"))
        }
    }
}

/// As people read it: nothing is encoded, and the body, or the operations of a PATCH, stand behind.
impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)?;
        for (at, (name, value)) in self.query.iter().enumerate() {
            let sign = if at == 0 { '?' } else { '&' };
            write!(f, "{sign}{name}={value}")?;
        }
        let Some(body) = &self.body else {
            return Ok(());
        };
        // What else a PATCH has is always the same.
        match body["Operations"].as_array() {
            Some(operations) => operations.iter().try_for_each(|one| write!(f, " {one}")),
            None => write!(f, " {body}"),
        }
    }
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status code.
    pub status: u16,
    /// `Content-Type`, if there is one.
    pub content_type: Option<String>,
    /// `Location`, if there is one.
    pub location: Option<String>,
    /// The body; empty when there is none.
    pub body: String,
}

impl Answer {
    pub(super) fn json(&self) -> Option<Value> {
        serde_json::from_str(&self.body).ok()
    }
}

/// Why nothing came back, in a sentence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NoAnswer(pub String);

/// A SCIM server, asked as one connection.
///
/// ```
/// use async_trait::async_trait;
/// use visitor_hosts::doctor::{Answer, Doctor, Endpoint, NoAnswer, Provider, Request};
///
/// /// A server that has nothing and takes nothing.
/// struct Empty;
///
/// #[async_trait]
/// impl Endpoint for Empty {
///     async fn send(&self, _request: &Request) -> Result<Answer, NoAnswer> {
///         let list = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
///                        "totalResults":0,"itemsPerPage":0,"startIndex":1}"#;
///         Ok(Answer {
///             status: 200,
///             content_type: Some("application/scim+json".to_owned()),
///             location: None,
///             body: list.to_owned(),
///         })
///     }
/// }
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let doctor = Doctor::new(&Empty, "0f6b").reading_only();
/// let report = doctor.examine(&[Provider::Entra, Provider::Okta]).await;
/// assert!(report.passed());
/// # });
/// ```
#[async_trait]
pub trait Endpoint: Send + Sync {
    /// Asks it.
    async fn send(&self, request: &Request) -> Result<Answer, NoAnswer>;
}
