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

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    /// A server that counts and answers 200.
    async fn counting() -> (String, Arc<AtomicU64>) {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = format!("http://{}/scim/v2", listener.local_addr().unwrap());
        let count = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&count);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let counter = Arc::clone(&counter);
                let service = service_fn(move |request: Request<Incoming>| {
                    counter.fetch_add(1, Ordering::Relaxed);
                    let body = Body::from(request.uri().to_string());
                    std::future::ready(Ok::<_, String>(Response::new(body)))
                });
                let connection = http1::Builder::new();
                tokio::spawn(connection.serve_connection(TokioIo::new(stream), service));
            }
        });
        (address, count)
    }

    #[tokio::test]
    async fn every_fault_is_what_it_says() {
        let (address, reached) = counting().await;
        let faults = Faults {
            share: 0.5,
            retry_after_s: 3,
        };
        let proxy = FaultProxy::start(&address, faults, 7).await.unwrap();
        let url = format!("{}/Users?x=%22", proxy.address());
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let mut seen = Injected::default();
        let mut lost = 0;
        for _ in 0..200 {
            let Ok(answer) = client.get(&url).send().await else {
                lost += 1;
                continue;
            };
            match answer.status().as_u16() {
                200 => {
                    assert_eq!(answer.text().await.unwrap(), "/scim/v2/Users?x=%22");
                    seen.passed += 1;
                }
                429 => {
                    assert_eq!(answer.headers()[RETRY_AFTER], "3");
                    seen.throttled += 1;
                }
                _ => seen.unavailable += 1,
            }
        }
        let injected = proxy.injected();
        let Injected {
            lost_before,
            lost_after,
            ..
        } = injected;
        let seen = Injected {
            lost_before,
            lost_after,
            ..seen
        };
        assert_eq!(seen, injected);
        assert_eq!(lost, lost_before + lost_after);
        assert_eq!(
            reached.load(Ordering::Relaxed),
            injected.passed + lost_after
        );
        assert!(
            injected.count() > 80 && lost_before > 10 && lost_after > 10,
            "{injected}"
        );
    }
}
