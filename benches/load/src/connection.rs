//! One connection that stays open: a request, its answer, the next request.

use std::time::Duration;

use anyhow::{Context, bail};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{self, SendRequest};
use hyper::{Method, Request, header};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::target::Target;

/// How long an answer may take; filling a large group takes a while.
const DEADLINE: Duration = Duration::from_secs(60);

/// What is asked: the path begins after the base.
pub struct Ask {
    method: Method,
    path: String,
    body: Bytes,
}

impl Ask {
    /// GET
    pub fn get(path: impl Into<String>) -> Self {
        Self::new(Method::GET, path, Bytes::new())
    }

    /// POST
    pub fn post(path: impl Into<String>, body: impl Into<Bytes>) -> Self {
        Self::new(Method::POST, path, body.into())
    }

    /// PATCH
    pub fn patch(path: impl Into<String>, body: impl Into<Bytes>) -> Self {
        Self::new(Method::PATCH, path, body.into())
    }

    /// DELETE
    pub fn delete(path: impl Into<String>) -> Self {
        Self::new(Method::DELETE, path, Bytes::new())
    }

    fn new(method: Method, path: impl Into<String>, body: Bytes) -> Self {
        Self {
            method,
            path: path.into(),
            body,
        }
    }
}

/// What came back.
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// All of it.
    pub body: Bytes,
}

/// An open connection.
pub struct Connection {
    target: Target,
    sender: SendRequest<Full<Bytes>>,
}

impl Connection {
    /// Connects.
    pub async fn open(target: &Target) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(&target.authority).await;
        let stream = stream.with_context(|| format!("cannot connect to {}", target.name))?;
        stream.set_nodelay(true)?;
        let (sender, driver) = http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(driver);
        Ok(Self {
            target: target.clone(),
            sender,
        })
    }

    /// Waits for the whole answer.
    pub async fn ask(&mut self, ask: Ask) -> anyhow::Result<Answer> {
        let Target { path, .. } = &self.target;
        let mut request = Request::builder()
            .method(ask.method)
            .uri(format!("{path}{}", ask.path))
            .header(header::HOST, &self.target.authority)
            .header(
                header::AUTHORIZATION,
                format!("Bearer {}", self.target.token),
            )
            .header(header::ACCEPT, "application/scim+json");
        if !ask.body.is_empty() {
            request = request.header(header::CONTENT_TYPE, "application/scim+json");
        }
        let request = request.body(Full::new(ask.body))?;
        let answered = async {
            self.sender.ready().await?;
            let response = self.sender.send_request(request).await?;
            let status = response.status().as_u16();
            let body = response.into_body().collect().await?.to_bytes();
            anyhow::Ok(Answer { status, body })
        };
        match timeout(DEADLINE, answered).await {
            Ok(answer) => answer.context("the connection broke"),
            Err(_) => bail!("no answer in {} s", DEADLINE.as_secs()),
        }
    }
}
