//! How requests go out: how fast, how often again, and what is counted.

use std::cell::Cell;
use std::error::Error;
use std::fmt;
use std::ops::Sub;
use std::time::Duration;

use futures::{StreamExt, TryStreamExt, stream};
use serde::Serialize;
use tokio::time::{Instant, sleep, sleep_until};

use crate::client::{Answer, Call, Client};

/// Requests that are under way at the same time.
pub(super) const AT_ONCE: usize = 8;

/// How often a request is tried in one cycle.
pub(super) const ATTEMPTS: u32 = 6;

/// The pause before the second try; it doubles.
const PAUSE: Duration = Duration::from_millis(100);

/// How often one request is told to come later before it counts as failed.
const LATER_MAX: u32 = 100;

/// Sends requests at a steady rate.
pub(super) struct Sender<'c> {
    client: &'c Client,
    /// Between two requests.
    interval: Duration,
    /// When the next may go.
    next: Cell<Instant>,
    /// Before this moment none may go: the server said so.
    hold: Cell<Instant>,
    counts: Cell<Counts>,
}

/// What has been sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// All requests, with those that were repeated.
    pub requests: u64,
    /// Repeated after no answer, or an answer that the server failed.
    pub retries: u64,
    /// Answers 429.
    pub throttled: u64,
}

impl Sub for Counts {
    type Output = Self;

    fn sub(self, before: Self) -> Self {
        Self {
            requests: self.requests - before.requests,
            retries: self.retries - before.retries,
            throttled: self.throttled - before.throttled,
        }
    }
}

/// Why there is no answer to work with: none came, or the server failed.
#[derive(Debug)]
pub(super) struct Trouble(String);

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for Trouble {}

impl<'c> Sender<'c> {
    /// At most so many requests a second; 0 stands for as many as possible.
    pub(super) fn new(client: &'c Client, rate: u32) -> Self {
        let interval = match rate {
            0 => Duration::ZERO,
            rate => Duration::from_secs(1) / rate,
        };
        let now = Instant::now();
        Self {
            client,
            interval,
            next: Cell::new(now),
            hold: Cell::new(now),
            counts: Cell::default(),
        }
    }

    pub(super) fn counts(&self) -> Counts {
        self.counts.get()
    }

    /// Sends a request that may be repeated, until there is an answer.
    pub(super) async fn send(&self, call: &Call) -> Result<Answer, Trouble> {
        let mut attempt = 1;
        loop {
            match self.once(call).await {
                Err(_) if attempt < ATTEMPTS => self.pause(attempt).await,
                result => return result,
            }
            attempt += 1;
        }
    }

    /// Sends a request that must not be repeated blindly. A server that says 429 has not done it,
    /// so it is sent again when the server wants it.
    pub(super) async fn once(&self, call: &Call) -> Result<Answer, Trouble> {
        for _ in 0..LATER_MAX {
            self.turn().await;
            self.count(|counts| counts.requests += 1);
            let answer = match self.client.send(call).await {
                Ok(answer) => answer,
                Err(error) => return Err(Trouble(format!("{error:#}"))),
            };
            match answer.status {
                429 => {
                    self.count(|counts| counts.throttled += 1);
                    self.later(&answer);
                }
                500.. => return Err(Trouble(answer.to_string())),
                _ => return Ok(answer),
            }
        }
        Err(Trouble(format!(
            "the server answered 429 {LATER_MAX} times"
        )))
    }

    /// Sends requests that depend on nothing and may be repeated; answers come in their order.
    pub(super) async fn send_all(&self, calls: Vec<Call>) -> Result<Vec<Answer>, Trouble> {
        let answers = stream::iter(calls).map(|call| async move { self.send(&call).await });
        answers.buffered(AT_ONCE).try_collect().await
    }

    /// Waits before another try, longer each time.
    pub(super) async fn pause(&self, attempt: u32) {
        self.count(|counts| counts.retries += 1);
        sleep(PAUSE * 2_u32.saturating_pow(attempt - 1)).await;
    }

    async fn turn(&self) {
        let at = self.next.get().max(Instant::now());
        self.next.set(at + self.interval);
        sleep_until(at).await;
        while self.hold.get() > Instant::now() {
            sleep_until(self.hold.get()).await;
        }
    }

    /// `Retry-After` holds for all requests, since it is the client that is too fast.
    fn later(&self, answer: &Answer) {
        let seconds = answer
            .header("retry-after")
            .and_then(|text| text.parse().ok());
        let until = Instant::now() + Duration::from_secs(seconds.unwrap_or(1));
        self.hold.set(self.hold.get().max(until));
    }

    fn count(&self, add: impl FnOnce(&mut Counts)) {
        let mut counts = self.counts.get();
        add(&mut counts);
        self.counts.set(counts);
    }
}
