//! What is known of a request that a connection has sent.

use jiff::Timestamp;
use scim_core::ResourceId;
use scim_server::store::{Change, ChangeBody};
use serde_json::Value;

/// One request. What the feed did not record is `None`.
///
/// ```
/// use serde_json::json;
/// use visitor_hosts::compatibility::{Event, Outcome};
///
/// let at = "2026-11-01T08:00:00Z".parse()?;
/// let event = Event::new(at, "POST", "User", Outcome::Created)
///     .with_body(json!({"userName": "ann@contoso.example"}));
/// assert!(event.body.is_some());
/// # Ok::<(), jiff::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// When.
    pub at: Timestamp,
    /// The HTTP method.
    pub method: String,
    /// The resource type: `User` or `Group`.
    pub kind: String,
    /// Which of them.
    pub resource: Option<ResourceId>,
    /// What came of it.
    pub outcome: Outcome,
    /// What was sent.
    pub body: Option<Value>,
    /// What was put right, by the names of [`Repair`](scim_core::resource::Repair).
    pub repairs: Vec<String>,
    /// Path and query.
    pub path: Option<String>,
    /// The header `User-Agent`.
    pub user_agent: Option<String>,
    /// What the client calls the request in its own log.
    pub correlation_id: Option<String>,
    /// How long the answer took.
    pub duration_ms: Option<f64>,
}

/// What came of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// A resource came.
    Created,
    /// It differs from before.
    Updated,
    /// It was so already.
    Unchanged,
    /// It is gone.
    Deleted,
    /// Something was read.
    Read,
    /// It was refused.
    Refused {
        /// The HTTP status code.
        status: Option<u16>,
        /// What the client was told.
        detail: Option<String>,
    },
}

impl Event {
    /// An event of which nothing else is known.
    pub fn new(at: Timestamp, method: &str, kind: &str, outcome: Outcome) -> Event {
        Event {
            at,
            method: method.to_owned(),
            kind: kind.to_owned(),
            resource: None,
            outcome,
            body: None,
            repairs: Vec::new(),
            path: None,
            user_agent: None,
            correlation_id: None,
            duration_ms: None,
        }
    }

    /// The same with what was sent.
    #[must_use]
    pub fn with_body(mut self, body: Value) -> Event {
        self.body = Some(body);
        self
    }

    /// A line of the change feed, if it says what was asked for: changes that follow from others do not.
    pub fn recorded(change: &Change, body: &ChangeBody) -> Option<Event> {
        let request: Value = match &body.request {
            Some(text) => serde_json::from_str(text).unwrap_or_default(),
            None if change.what.as_str() == "deleted" => Value::Null,
            None => return None,
        };
        let text = |name: &str| request[name].as_str().map(str::to_owned);
        let (usual, outcome) = match change.what.as_str() {
            "created" => ("POST", Outcome::Created),
            "updated" => ("PATCH", Outcome::Updated),
            "unchanged" => ("PATCH", Outcome::Unchanged),
            "deleted" => ("DELETE", Outcome::Deleted),
            _ => {
                let status = request["status"].as_u64();
                let outcome = Outcome::Refused {
                    status: status.and_then(|status| u16::try_from(status).ok()),
                    detail: text("detail"),
                };
                ("refused", outcome)
            }
        };
        let repairs = request["repairs"].as_array().into_iter().flatten();
        Some(Event {
            at: change.at,
            method: text("method").unwrap_or_else(|| usual.to_owned()),
            kind: change.kind.clone(),
            resource: change.resource,
            outcome,
            repairs: repairs
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect(),
            path: text("path"),
            user_agent: text("userAgent"),
            correlation_id: text("correlationId"),
            duration_ms: request["durationMs"].as_f64(),
            body: Some(request["body"].clone()).filter(|body| !body.is_null()),
        })
    }

    pub(super) fn is_refused(&self) -> bool {
        matches!(self.outcome, Outcome::Refused { .. })
    }
}

#[cfg(test)]
mod tests {
    use scim_core::Version;
    use scim_server::store::What;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn lines_of_the_feed() {
        let read = |what, request: Option<&str>| {
            let change = Change {
                id: Uuid::nil(),
                at: Timestamp::UNIX_EPOCH,
                actor: None,
                owner: None,
                kind: "User".to_owned(),
                resource: None,
                version: Version(1),
                what,
                cause: None,
            };
            let body = ChangeBody {
                request: request.map(str::to_owned),
                ..ChangeBody::default()
            };
            let event = Event::recorded(&change, &body)?;
            Some(format!(
                "{} {:?} {:?} {:?}",
                event.method, event.outcome, event.repairs, event.body
            ))
        };
        let patch = r#"{"method":"PATCH","body":{"Operations":[]},"repairs":["opCase"]}"#;
        insta::assert_snapshot!(read(What::Updated, Some(patch)).unwrap(), @r#"PATCH Updated ["opCase"] Some(Object {"Operations": Array []})"#);
        let refused = r#"{"status":400,"detail":"no"}"#;
        insta::assert_snapshot!(read(What::Refused, Some(refused)).unwrap(), @r#"refused Refused { status: Some(400), detail: Some("no") } [] None"#);
        insta::assert_snapshot!(read(What::Deleted, None).unwrap(), @"DELETE Deleted [] None");
        assert_eq!(
            read(What::Updated, None),
            None,
            "a Host that follows its User"
        );
    }
}
