//! A server that stands before the real one and is faulty in one way.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use conformance_tests::client::{Client, Credentials};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::table::Fault;

/// Serves until it is dropped.
pub(crate) struct Front {
    base: String,
    public_base: String,
    serving: JoinHandle<()>,
}

struct Behind {
    http: reqwest::Client,
    /// The base of the real server, and the path in it.
    base: String,
    path: String,
    fault: &'static Fault,
}

impl Front {
    pub(crate) async fn start(real: &Client, fault: &'static Fault) -> Self {
        let http = reqwest::Client::builder()
            .no_proxy()
            .build()
            .expect("a client can be made");
        let base = real.address().to_owned();
        let path = reqwest::Url::parse(&base).expect("a URL").path().to_owned();
        let behind = Arc::new(Behind {
            http,
            base,
            path: path.clone(),
            fault,
        });
        let listener = TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port is free");
        let address = listener.local_addr().expect("it listens");
        let router = Router::new().fallback(pass).with_state(behind);
        let serving = tokio::spawn(async move {
            axum::serve(listener, router)
                .await
                .expect("it serves until it is dropped");
        });
        Self {
            base: format!("http://{address}{path}"),
            public_base: real.base().to_owned(),
            serving,
        }
    }

    pub(crate) fn client(&self, credentials: Credentials) -> Client {
        Client::new(&self.base, credentials)
            .expect("the address begins with http://")
            .with_public_base(&self.public_base)
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// A request on its way to the real server.
pub(crate) struct Asked {
    pub(crate) method: String,
    /// Below the base.
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

/// An answer on its way back.
#[derive(Clone)]
pub(crate) struct Told {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Asked {
    /// Takes parameters out of the query.
    pub(crate) fn forget(&mut self, names: &[&str]) {
        self.query
            .retain(|(name, _)| !names.contains(&name.as_str()));
    }

    pub(crate) fn parameter(&self, name: &str) -> &str {
        let found = self.query.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value)
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value)
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }

    /// Changes every operation of a PATCH.
    pub(crate) fn operations(&mut self, change: impl Fn(&mut Value)) {
        let mut body = self.json();
        if self.method == "PATCH" && body["Operations"].is_array() {
            body["Operations"]
                .as_array_mut()
                .into_iter()
                .flatten()
                .for_each(change);
            self.body = body.to_string();
        }
    }
}

impl Told {
    pub(crate) fn error(status: u16, scim_type: &str) -> Self {
        let error = serde_json::json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
            "status": status.to_string(), "scimType": scim_type, "detail": "as the fault has it",
        });
        Self {
            status,
            headers: vec![(
                "content-type".to_owned(),
                "application/scim+json".to_owned(),
            )],
            body: error.to_string(),
        }
    }

    pub(crate) fn drop_header(&mut self, name: &str) {
        self.headers.retain(|(known, _)| known != name);
    }

    /// Changes the body where it is JSON.
    pub(crate) fn json(&mut self, change: impl FnOnce(&mut Value)) {
        if let Ok(mut body) = serde_json::from_str(&self.body) {
            change(&mut body);
            self.body = body.to_string();
        }
    }

    /// Changes each resource: the body, or those of the list that it is.
    pub(crate) fn resources(&mut self, change: impl Fn(&mut Value)) {
        if self.status >= 300 {
            return;
        }
        self.json(|body| match body.get_mut("Resources") {
            Some(listed) => listed.as_array_mut().into_iter().flatten().for_each(change),
            None => change(body),
        });
    }
}

async fn pass(State(behind): State<Arc<Behind>>, request: Request) -> Response {
    let mut asked = asked(request, &behind.path).await;
    let mut told = match (behind.fault.asked)(&mut asked) {
        Some(told) => told,
        None => behind.forward(&asked).await,
    };
    (behind.fault.told)(&asked, &mut told);
    let mut response =
        Response::builder().status(StatusCode::from_u16(told.status).expect("a status"));
    for (name, value) in &told.headers {
        response = response.header(name, value);
    }
    response.body(Body::from(told.body)).expect("a response")
}

async fn asked(request: Request, base: &str) -> Asked {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, 50_000_000).await.unwrap_or_default();
    let url = reqwest::Url::parse(&format!("http://front{}", parts.uri)).expect("a URI");
    let path = parts.uri.path();
    let headers = parts.headers.iter().map(|(name, value)| {
        (
            name.as_str().to_owned(),
            String::from_utf8_lossy(value.as_bytes()).into_owned(),
        )
    });
    Asked {
        method: parts.method.as_str().to_owned(),
        path: path.strip_prefix(base).unwrap_or(path).to_owned(),
        query: url.query_pairs().into_owned().collect(),
        headers: headers
            .filter(|(name, _)| !["host", "content-length"].contains(&name.as_str()))
            .collect(),
        body: String::from_utf8_lossy(&body).into_owned(),
    }
}

impl Behind {
    async fn forward(&self, asked: &Asked) -> Told {
        let mut url = reqwest::Url::parse(&format!("{}{}", self.base, asked.path)).expect("a URL");
        if !asked.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&asked.query);
        }
        let method = asked.method.parse().expect("a method");
        let mut request = self.http.request(method, url);
        for (name, value) in &asked.headers {
            request = request.header(name, value);
        }
        let answer = request
            .body(asked.body.clone())
            .send()
            .await
            .expect("the server answers");
        let headers = answer.headers().iter().map(|(name, value)| {
            (
                name.as_str().to_owned(),
                String::from_utf8_lossy(value.as_bytes()).into_owned(),
            )
        });
        Told {
            status: answer.status().as_u16(),
            headers: headers
                .filter(|(name, _)| {
                    !["content-length", "transfer-encoding"].contains(&name.as_str())
                })
                .collect(),
            body: answer.text().await.expect("an answer has an end"),
        }
    }
}
