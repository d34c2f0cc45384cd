//! What goes wrong between a client and a server: a proxy that refuses some requests and loses
//! others.
//!
//! Which request meets which fault follows from a seed and from the order in which requests come.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result};
use fastrand::Rng;
use hyper::body::Incoming;
use hyper::header::{CONNECTION, HOST, RETRY_AFTER, TRANSFER_ENCODING};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use reqwest::Body;
use serde::Serialize;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

/// How much goes wrong.
#[derive(Clone, Copy, Debug)]
pub struct Faults {
    /// Of all requests, between 0 and 1.
    pub share: f64,
    /// What answers 429 say in `Retry-After`.
    pub retry_after_s: u32,
}

/// How often what went wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Injected {
    /// Passed on and answered.
    pub passed: u64,
    /// Answered 429.
    pub throttled: u64,
    /// Answered 503.
    pub unavailable: u64,
    /// The connection was closed before the request had been passed on.
    pub lost_before: u64,
    /// The request was passed on, and the connection closed instead of the answer.
    pub lost_after: u64,
}

impl Injected {
    /// All faults.
    pub fn count(&self) -> u64 {
        self.throttled + self.unavailable + self.lost_before + self.lost_after
    }
}

impl fmt::Display for Injected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} times 429, {} times 503, {} requests lost, {} answers lost, {} passed",
            self.throttled, self.unavailable, self.lost_before, self.lost_after, self.passed
        )
    }
}

/// A proxy on a port of its own, which ends when it is dropped.
pub struct FaultProxy {
    address: String,
    chance: Arc<Chance>,
    accepting: JoinHandle<()>,
}

impl FaultProxy {
    /// Stands before the server at `address`, which begins with `http://`.
    pub async fn start(address: &str, faults: Faults, seed: u64) -> Result<Self> {
        let target = reqwest::Url::parse(address).context("the address is no URL")?;
        let listener = TcpListener::bind(("127.0.0.1", 0))
            .await
            .context("no port is free for the proxy")?;
        let mut own = target.clone();
        let port = listener.local_addr()?.port();
        let moved = own.set_host(Some("127.0.0.1")).is_ok() && own.set_port(Some(port)).is_ok();
        anyhow::ensure!(moved, "{address} names no host");
        let chance = Arc::new(Chance {
            faults,
            state: Mutex::new((Rng::with_seed(seed), Injected::default())),
        });
        let upstream = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .context("the proxy's own client cannot be set up")?;
        let forward = Arc::new(Forward {
            target,
            upstream,
            chance: Arc::clone(&chance),
        });
        Ok(Self {
            address: own.to_string(),
            chance,
            accepting: tokio::spawn(accept(listener, forward)),
        })
    }

    /// What clients use instead of the server's address.
    pub fn address(&self) -> &str {
        self.address.trim_end_matches('/')
    }

    /// What has gone wrong so far.
    pub fn injected(&self) -> Injected {
        self.chance.state().1
    }
}

impl Drop for FaultProxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

struct Chance {
    faults: Faults,
    state: Mutex<(Rng, Injected)>,
}

/// What happens to a request.
#[derive(Clone, Copy, Debug)]
enum Fate {
    Pass,
    Throttle,
    Refuse,
    LoseBefore,
    LoseAfter,
}

impl Chance {
    fn draw(&self) -> Fate {
        let mut state = self.state();
        let (rng, injected) = &mut *state;
        let dice = (rng.f64() < self.faults.share).then(|| rng.u8(..4));
        let (fate, counter) = match dice {
            None => (Fate::Pass, &mut injected.passed),
            Some(0) => (Fate::Throttle, &mut injected.throttled),
            Some(1) => (Fate::Refuse, &mut injected.unavailable),
            Some(2) => (Fate::LoseBefore, &mut injected.lost_before),
            Some(_) => (Fate::LoseAfter, &mut injected.lost_after),
        };
        *counter += 1;
        fate
    }

    fn state(&self) -> std::sync::MutexGuard<'_, (Rng, Injected)> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Forward {
    target: reqwest::Url,
    upstream: reqwest::Client,
    chance: Arc<Chance>,
}

/// Connections end with the set that holds them.
async fn accept(listener: TcpListener, forward: Arc<Forward>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                if let Ok((stream, _)) = accepted {
                    connections.spawn(serve(stream, Arc::clone(&forward)));
                }
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn serve(stream: TcpStream, forward: Arc<Forward>) {
    let service = service_fn(|request| {
        let forward = Arc::clone(&forward);
        async move { forward.answer(request).await }
    });
    // An error of the service closes the connection without an answer, which is what it is for.
    let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    let _lost = connection.await;
}

impl Forward {
    async fn answer(&self, request: Request<Incoming>) -> Result<Response<Body>> {
        let (status, retry_after_s) = match self.chance.draw() {
            Fate::Pass => return self.pass(request).await,
            Fate::LoseBefore => anyhow::bail!("the request is lost"),
            Fate::LoseAfter => {
                let answer = self.send(request).await?;
                answer.bytes().await?;
                anyhow::bail!("the answer is lost")
            }
            Fate::Throttle => (
                StatusCode::TOO_MANY_REQUESTS,
                Some(self.chance.faults.retry_after_s),
            ),
            Fate::Refuse => (StatusCode::SERVICE_UNAVAILABLE, None),
        };
        let answer = Response::builder().status(status);
        let answer = match retry_after_s {
            Some(seconds) => answer.header(RETRY_AFTER, seconds),
            None => answer,
        };
        Ok(answer.body(Body::from(""))?)
    }

    async fn pass(&self, request: Request<Incoming>) -> Result<Response<Body>> {
        let mut answer = Response::<Body>::from(self.send(request).await?);
        for name in [CONNECTION, TRANSFER_ENCODING] {
            answer.headers_mut().remove(name);
        }
        Ok(answer)
    }

    async fn send(&self, request: Request<Incoming>) -> Result<reqwest::Response> {
        let (mut head, body) = request.into_parts();
        for name in [HOST, CONNECTION, TRANSFER_ENCODING] {
            head.headers.remove(name);
        }
        let mut url = self.target.clone();
        url.set_path(head.uri.path());
        url.set_query(head.uri.query());
        let request = self
            .upstream
            .request(head.method, url)
            .headers(head.headers);
        Ok(request.body(Body::wrap(body)).send().await?)
    }
}
