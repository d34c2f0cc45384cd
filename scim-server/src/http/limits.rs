//! What a request may cost: time, and its share of a tenant's and an address's rate.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::BoxError;
use axum::body::{Body, Bytes, HttpBody};
use axum::http::header::WWW_AUTHENTICATE;
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use hyper::body::{Frame, SizeHint};
use jiff::Timestamp;
use moka::sync::Cache;
use scim_core::TenantId;
use tokio::time::{Instant, Sleep};

use super::App;
use super::around::Answered;
use super::rate::{Left, Rate, TooOften, Used};
use crate::Error;
use crate::edge::{ClientAddress, Network};
use crate::server::Tried;
use crate::service::Caller;

const LIMIT: HeaderName = HeaderName::from_static("x-rate-limit-limit");
const REMAINING: HeaderName = HeaderName::from_static("x-rate-limit-remaining");
const RESET: HeaderName = HeaderName::from_static("x-rate-limit-reset");

/// Addresses that are remembered because of failures, and for how long after the last one.
const NETWORKS_MAX: u64 = 100_000;
const FAILURES_KEPT: Duration = Duration::from_secs(60);
/// An address that has had a valid credential so lately is not held back because of others behind
/// it.
const KNOWN_FOR: Duration = Duration::from_hours(1);

/// What requests may cost.
///
/// The default limits times and no rates: those are for the operator to choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Requests a second of one tenant, in the long run. 0: any number.
    pub rate: u32,
    /// Requests of one tenant at once, after a quiet time.
    pub rate_burst: u32,
    /// Requests a second without a valid credential from one address (IPv6: one /64), after which
    /// its credentials are not looked at. 0: any number.
    pub login_failures: u32,
    /// For the body of a request, from the end of its head; then it is refused with 408.
    pub body_time: Duration,
    /// For the answer, once the body is there or was due; then it is 503.
    pub answer_time: Duration,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            rate: 0,
            rate_burst: 0,
            login_failures: 0,
            body_time: Duration::from_secs(30),
            answer_time: Duration::from_secs(30),
        }
    }
}

/// The limits, and how far they are used.
pub(crate) struct Usage {
    limits: Limits,
    rate: Option<Rate>,
    /// Only of tenants that exist: it takes a valid credential to get here.
    tenants: Mutex<HashMap<TenantId, Used>>,
    failure_rate: Option<Rate>,
    failures: Cache<Network, Arc<Mutex<Used>>>,
    known: Cache<Network, ()>,
}

impl Usage {
    pub(crate) fn new(limits: Limits) -> Usage {
        Usage {
            limits,
            rate: Rate::new(limits.rate, limits.rate_burst),
            tenants: Mutex::default(),
            failure_rate: Rate::new(limits.login_failures, limits.login_failures),
            failures: Cache::builder()
                .max_capacity(NETWORKS_MAX)
                .time_to_idle(FAILURES_KEPT)
                .build(),
            known: Cache::builder()
                .max_capacity(NETWORKS_MAX)
                .time_to_idle(KNOWN_FOR)
                .build(),
        }
    }

    fn request(&self, rate: Rate, tenant: &TenantId, now: Timestamp) -> Result<Left, TooOften> {
        let mut tenants = self.tenants.lock().unwrap_or_else(PoisonError::into_inner);
        rate.take(tenants.entry(tenant.clone()).or_default(), now)
    }

    /// Takes a request from its tenant's rate, where no layer has done it.
    pub(super) fn admit(&self, tenant: &TenantId, now: Timestamp) -> Result<(), Error> {
        let Some(rate) = self.rate else {
            return Ok(());
        };
        let taken = self.request(rate, tenant, now);
        let refusal = |TooOften { retry_after_s, .. }| Error::TooManyRequests { retry_after_s };
        taken.map(|_| ()).map_err(refusal)
    }

    /// Takes more requests of a tenant than it has left: it waits for them afterwards.
    pub(super) fn charge(
        &self,
        tenant: &TenantId,
        requests: u32,
        now: Timestamp,
    ) -> Result<(), Error> {
        let Some(rate) = self.rate else {
            return Ok(());
        };
        let mut tenants = self.tenants.lock().unwrap_or_else(PoisonError::into_inner);
        let used = tenants.entry(tenant.clone()).or_default();
        rate.charge(used, requests, now)
            .map_err(|TooOften { retry_after_s, .. }| Error::TooManyRequests { retry_after_s })
    }

    /// When a bulk request begins no further operation, so that its answer comes in time.
    pub(super) fn bulk_due(&self) -> Instant {
        Instant::now() + self.limits.body_time + self.limits.answer_time / 2
    }

    /// Are there too many failures for another attempt?
    fn attempt(&self, rate: Rate, network: Network, now: Timestamp) -> Result<(), TooOften> {
        match self.failures.get(&network) {
            Some(used) if !self.known.contains_key(&network) => {
                let mut used = used.lock().unwrap_or_else(PoisonError::into_inner);
                rate.look(&mut used, now).map(|_| ())
            }
            _ => Ok(()),
        }
    }

    /// Refuses another try from where many were wrong.
    pub(crate) fn may_try(
        &self,
        client: Option<ClientAddress>,
        now: Timestamp,
    ) -> Result<(), Error> {
        let (Some(rate), Some(ClientAddress(address))) = (self.failure_rate, client) else {
            return Ok(());
        };
        let attempt = self.attempt(rate, Network::from(address), now);
        attempt.map_err(|TooOften { retry_after_s, .. }| Error::TooManyRequests { retry_after_s })
    }

    /// Notes what came of a try.
    pub(crate) fn tried(&self, client: Option<ClientAddress>, tried: Tried, now: Timestamp) {
        let (Some(rate), Some(ClientAddress(address))) = (self.failure_rate, client) else {
            return;
        };
        match tried {
            Tried::Right => self.knows(Network::from(address)),
            Tried::Wrong => self.failure(rate, Network::from(address), now),
        }
    }

    /// The address has a valid credential, from now on for an hour. Getting what is there starts the
    /// hour anew and costs less than writing it again, which nearly every request would do.
    fn knows(&self, network: Network) {
        if self.known.get(&network).is_none() {
            self.known.insert(network, ());
        }
    }

    fn failure(&self, rate: Rate, network: Network, now: Timestamp) {
        let used = self.failures.get_with(network, Arc::default);
        let mut used = used.lock().unwrap_or_else(PoisonError::into_inner);
        // That it was one too many is told to the next attempt.
        let _ = rate.take(&mut used, now);
    }
}

/// A body that fails with an error which `body.rs` knows when it takes too long, and the time by
/// which the answer is due.
pub(super) fn deadlines(app: &App, body: Body) -> (Body, Instant) {
    let limits = app.usage.limits;
    let now = Instant::now();
    if body.is_end_stream() {
        return (body, now + limits.answer_time);
    }
    let body_by = now + limits.body_time;
    let body = DueBody {
        body,
        due: Box::pin(tokio::time::sleep_until(body_by)),
    };
    (Body::new(body), body_by + limits.answer_time)
}

/// Takes a request from its tenant's rate. Runs after authentication, so that strangers cannot
/// use it up.
pub(super) async fn tenant_rate(
    app: &App,
    caller: &Caller,
    answer: impl Future<Output = Result<Response, Error>>,
) -> Response {
    let Some(rate) = app.usage.rate else {
        return answer.await.into_response();
    };
    let now = app.clock.now();
    let (mut response, left) = match app.usage.request(rate, &caller.tenant, now) {
        Ok(left) => (answer.await.into_response(), left),
        Err(TooOften {
            retry_after_s,
            reset_s,
        }) => {
            let error = Error::TooManyRequests { retry_after_s };
            let remaining = 0;
            (error.into_response(), Left { remaining, reset_s })
        }
    };
    let headers = response.headers_mut();
    headers.insert(LIMIT, HeaderValue::from(rate.burst));
    headers.insert(REMAINING, HeaderValue::from(left.remaining));
    headers.insert(RESET, HeaderValue::from(left.reset_s));
    response
}

/// Looks at no more credentials from an address that has sent many wrong ones.
pub(super) async fn login_failures(
    app: &App,
    request: &Parts,
    answer: impl Future<Output = Answered>,
) -> Answered {
    let client = request.extensions.get::<ClientAddress>();
    let (Some(rate), Some(ClientAddress(address))) = (app.usage.failure_rate, client) else {
        return answer.await;
    };
    let network = Network::from(*address);
    let attempt = app.usage.attempt(rate, network, app.clock.now());
    if let Err(TooOften { retry_after_s, .. }) = attempt {
        return Error::TooManyRequests { retry_after_s }.into();
    }
    let answered = answer.await;
    if answered.response.headers().contains_key(WWW_AUTHENTICATE) {
        app.usage.failure(rate, network, app.clock.now());
    } else if answered.caller.is_some() {
        app.usage.knows(network);
    }
    answered
}

/// The body did not come in time.
#[derive(Debug, thiserror::Error)]
#[error("the body did not come in time")]
pub(super) struct BodyDue;

/// A body that fails with [`BodyDue`] when it is not complete in time.
struct DueBody {
    body: Body,
    due: Pin<Box<Sleep>>,
}

impl HttpBody for DueBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        match Pin::new(&mut self.body).poll_frame(cx) {
            Poll::Ready(frame) => Poll::Ready(frame.map(|frame| frame.map_err(Into::into))),
            Poll::Pending => self
                .due
                .as_mut()
                .poll(cx)
                .map(|()| Some(Err(BodyDue.into()))),
        }
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
