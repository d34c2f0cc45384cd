//! A server that answers from a script and keeps what it was asked, for the tests of the client.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use reqwest::Body;
use serde_json::Value;
use tokio::net::TcpListener;

use crate::client::{Client, Credentials};

/// One answer of a script.
pub(super) enum Line {
    /// A status and a body.
    Answer(u16, Value),
    /// The connection is closed instead.
    HangUp,
}

/// A server with a script; each connection may ask for the next line.
#[derive(Clone)]
pub(super) struct Scripted(Arc<Mutex<State>>);

struct State {
    script: VecDeque<Line>,
    asked: Vec<String>,
}

impl Scripted {
    /// The server and a client of it.
    pub(super) async fn start(script: impl IntoIterator<Item = Line>) -> (Self, Client) {
        let scripted = Self(Arc::new(Mutex::new(State {
            script: script.into_iter().collect(),
            asked: Vec::new(),
        })));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let server = scripted.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let server = server.clone();
                let service =
                    service_fn(move |request| std::future::ready(server.answer(&request)));
                let connection = http1::Builder::new();
                tokio::spawn(connection.serve_connection(TokioIo::new(stream), service));
            }
        });
        let client = Client::new(&address, Credentials::default()).unwrap();
        (scripted, client)
    }

    fn answer(&self, request: &Request<Incoming>) -> Result<Response<Body>, String> {
        let mut state = self.0.lock().unwrap();
        state
            .asked
            .push(format!("{} {}", request.method(), request.uri().path()));
        match state.script.pop_front() {
            Some(Line::Answer(status, body)) => Ok(Response::builder()
                .status(status)
                .header("Retry-After", "0")
                .body(Body::from(body.to_string()))
                .unwrap()),
            Some(Line::HangUp) => Err("hung up".to_owned()),
            None => panic!("the script has no answer for {}", request.uri()),
        }
    }

    /// The requests, in their order; the whole script was played.
    pub(super) fn asked(&self) -> String {
        let state = self.0.lock().unwrap();
        assert!(
            state.script.is_empty(),
            "{} lines are left",
            state.script.len()
        );
        state.asked.join("\n")
    }
}
