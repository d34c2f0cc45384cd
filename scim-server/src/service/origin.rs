//! Where a request to write comes from, as the change feed keeps it.

use std::time::Instant;

use serde_json::{Map, Value, json};

/// Bytes of what a client says of itself that are kept.
const NAME_BYTES_MAX: usize = 200;

/// What is known of a request besides who asks for what.
///
/// ```
/// use std::time::Instant;
/// use scim_server::service::Origin;
///
/// let origin = Origin {
///     path: "/Users".to_owned(),
///     correlation_id: "4bf92f35".to_owned(),
///     user_agent: Some("Okta SCIM Client 1.0.0".to_owned()),
///     began: Instant::now(),
/// };
/// assert_eq!(origin.to_map()["correlationId"], "4bf92f35");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The path below the Tenant URL.
    pub path: String,
    /// The id under which logs of both sides have it.
    pub correlation_id: String,
    /// What the client calls itself (`User-Agent`).
    pub user_agent: Option<String>,
    /// When its head had been read.
    pub began: Instant,
}

impl Origin {
    /// As the change feed keeps it; `durationMs` is how long the request has taken until then.
    pub fn to_map(&self) -> Map<String, Value> {
        let mut map = Map::new();
        map.insert("path".to_owned(), json!(short(&self.path)));
        map.insert("correlationId".to_owned(), json!(self.correlation_id));
        if let Some(name) = &self.user_agent {
            map.insert("userAgent".to_owned(), json!(short(name)));
        }
        let ms = (self.began.elapsed().as_secs_f64() * 10_000.0).round() / 10.0;
        map.insert("durationMs".to_owned(), json!(ms));
        map
    }
}

fn short(text: &str) -> &str {
    let mut end = text.len().min(NAME_BYTES_MAX);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}
