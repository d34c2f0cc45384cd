//! SCIM requests to the server that these pages stand beside, in the name of whoever reads them.
//!
//! A page has nothing but this: what the caller may not do is refused here as it is over the network, and is
//! recorded and limited in the same way.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::header::{CONTENT_TYPE, USER_AGENT};
use axum::http::{Method, Request, StatusCode};
use scim_server::service::Caller;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::frame::Frame;
use crate::read::Read;
use crate::url;

/// The largest answer that a page reads.
const BYTES_MAX: usize = 16 << 20;
const PATCH_URN: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// The API of one tenant, as somebody.
#[derive(Clone)]
pub(crate) struct Api {
    router: Router,
    caller: Caller,
    frame: Arc<Frame>,
}

/// A request that was not done.
pub(crate) struct Refused {
    /// Why, as HTTP says it.
    pub(crate) status: StatusCode,
    /// Why, in the words of the API.
    pub(crate) detail: String,
    /// What surrounds the page that tells it.
    pub(crate) frame: Arc<Frame>,
}

/// A page of a list.
#[derive(Default)]
pub(crate) struct Listed {
    pub(crate) resources: Vec<Value>,
    pub(crate) total: u64,
    /// The cursor of the next page.
    pub(crate) next: Option<String>,
}

/// What is asked of a list, or of a resource.
#[derive(Clone, Default)]
pub(crate) struct Query(Vec<(&'static str, String)>);

impl Query {
    pub(crate) fn new() -> Query {
        Query::default()
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Query {
        self.0.push((name, value.into()));
        self
    }

    /// Resources for which this holds.
    pub(crate) fn filter(self, filter: impl Into<String>) -> Query {
        self.with("filter", filter)
    }

    /// So many of them.
    pub(crate) fn count(self, count: usize) -> Query {
        self.with("count", count.to_string())
    }

    /// In the order of an attribute.
    pub(crate) fn sorted(self, by: &'static str) -> Query {
        self.with("sortBy", by)
    }

    /// The latest first.
    pub(crate) fn newest_first(self) -> Query {
        self.with("sortBy", "at").with("sortOrder", "descending")
    }

    /// From where the page before ended.
    pub(crate) fn cursor(self, cursor: Option<&str>) -> Query {
        self.with("cursor", cursor.unwrap_or_default())
    }
}

/// A value as it stands in a filter.
pub(crate) fn quoted(value: &str) -> String {
    Value::from(value).to_string()
}

impl Api {
    pub(crate) fn new(router: Router, caller: Caller, frame: Arc<Frame>) -> Api {
        Api {
            router,
            caller,
            frame,
        }
    }

    /// One resource.
    pub(crate) async fn get(&self, endpoint: &str, id: &str) -> Result<Value, Refused> {
        self.get_with(endpoint, id, &Query::new()).await
    }

    /// One resource, with what the query asks for.
    pub(crate) async fn get_with(
        &self,
        endpoint: &str,
        id: &str,
        query: &Query,
    ) -> Result<Value, Refused> {
        let target = url::with_query(&url::path(&[endpoint, id]), &query.0);
        self.send(Method::GET, &target, None).await
    }

    /// A page of a list.
    pub(crate) async fn list(&self, endpoint: &str, query: &Query) -> Result<Listed, Refused> {
        let target = url::with_query(&url::path(&[endpoint]), &query.0);
        let mut answer = self.send(Method::GET, &target, None).await?;
        let total = answer.number("totalResults");
        let next = answer.maybe("nextCursor").map(str::to_owned);
        let resources = match answer.get_mut("Resources").map(Value::take) {
            Some(Value::Array(resources)) => resources,
            _ => Vec::new(),
        };
        Ok(Listed {
            resources,
            total,
            next,
        })
    }

    /// How many there are.
    pub(crate) async fn count(&self, endpoint: &str, filter: Option<&str>) -> Result<u64, Refused> {
        let query = match filter {
            Some(filter) => Query::new().filter(filter),
            None => Query::new(),
        };
        Ok(self.list(endpoint, &query.count(0)).await?.total)
    }

    pub(crate) async fn create(&self, endpoint: &str, body: &Value) -> Result<Value, Refused> {
        let target = url::path(&[endpoint]);
        self.send(Method::POST, &target, Some(body)).await
    }

    /// Sets these attributes; what is null is removed.
    pub(crate) async fn set(
        &self,
        endpoint: &str,
        id: &str,
        attributes: impl IntoIterator<Item = (String, Value)>,
    ) -> Result<Value, Refused> {
        let operations = attributes.into_iter().map(|(path, value)| match value {
            Value::Null => json!({ "op": "remove", "path": path }),
            value => json!({ "op": "replace", "path": path, "value": value }),
        });
        self.patch(endpoint, id, operations.collect()).await
    }

    pub(crate) async fn patch(
        &self,
        endpoint: &str,
        id: &str,
        operations: Vec<Value>,
    ) -> Result<Value, Refused> {
        let body = json!({ "schemas": [PATCH_URN], "Operations": operations });
        let target = url::path(&[endpoint, id]);
        self.send(Method::PATCH, &target, Some(&body)).await
    }

    pub(crate) async fn delete(&self, endpoint: &str, id: &str) -> Result<(), Refused> {
        let target = url::path(&[endpoint, id]);
        self.send(Method::DELETE, &target, None).await.map(drop)
    }

    /// Does what a verb says.
    pub(crate) async fn act(
        &self,
        (endpoint, id, verb): (&str, &str, &str),
        body: &Value,
    ) -> Result<Value, Refused> {
        let target = url::path(&[endpoint, id, "actions", verb]);
        self.send(Method::POST, &target, Some(body)).await
    }

    /// What a verb tells, which changes nothing.
    pub(crate) async fn tell(
        &self,
        (endpoint, id, verb): (&str, &str, &str),
    ) -> Result<Value, Refused> {
        let target = url::path(&[endpoint, id, "actions", verb]);
        self.send(Method::GET, &target, None).await
    }

    async fn send(
        &self,
        method: Method,
        target: &str,
        body: Option<&Value>,
    ) -> Result<Value, Refused> {
        let refused = |status, detail: &str| Refused {
            status,
            detail: detail.to_owned(),
            frame: Arc::clone(&self.frame),
        };
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        let request = Request::builder()
            .method(method)
            .uri(format!("/t/{}/scim/v2{target}", self.caller.tenant))
            .header(CONTENT_TYPE, "application/scim+json")
            .header(USER_AGENT, "visitor-console")
            .extension(self.caller.clone())
            .body(body);
        let Ok(request) = request else {
            // An address that is too long, or no address at all: nothing has it.
            return Err(refused(StatusCode::NOT_FOUND, ""));
        };
        let answer = match self.router.clone().oneshot(request).await {
            Ok(answer) => answer,
            Err(never) => match never {},
        };
        let status = answer.status();
        let bytes = to_bytes(answer.into_body(), BYTES_MAX).await;
        let bytes = bytes.map_err(|_| refused(StatusCode::BAD_GATEWAY, ""))?;
        let answer: Value = serde_json::from_slice(&bytes).unwrap_or_default();
        if status.is_success() {
            return Ok(answer);
        }
        Err(refused(status, answer.text("detail")))
    }
}
