//! The keys of issuers, as they show them: read when needed, seldom, and kept.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::FutureExt;
use futures::future::{BoxFuture, Shared};
use jiff::{SignedDuration, Timestamp};

use super::jwt::KeySet;
use crate::clock::Clock;
use crate::error::with_causes;
use crate::outbound::Outbound;
use crate::store::TrustedKeys;

/// An issuer is not asked more often, however many unknown keys are named.
const ASKED_EVERY: SignedDuration = SignedDuration::from_secs(30);
/// A key that an issuer has withdrawn is refused after this time.
const FRESH_FOR: SignedDuration = SignedDuration::from_mins(5);
/// While an issuer does not answer, its keys stay good for so long.
const KEPT_FOR: SignedDuration = SignedDuration::from_hours(24);

/// A request waits so long for an issuer; then the keys that are there must do.
const WAITED: Duration = Duration::from_secs(10);

const DOCUMENT_BYTES_MAX: usize = 1024 * 1024;

/// The JWK Sets of all issuers that connections trust.
pub(super) struct Jwks {
    outbound: Arc<Outbound>,
    clock: Arc<dyn Clock>,
    /// By address. Addresses come from operators, so there are few.
    sources: Mutex<HashMap<String, Arc<Source>>>,
}

#[derive(Default)]
struct Source(Mutex<State>);

#[derive(Default)]
struct State {
    /// The last document, and when it was read.
    read: Option<(Arc<KeySet>, Timestamp)>,
    /// When the issuer was last asked, with or without success.
    asked: Option<Timestamp>,
    /// What is being asked now.
    flight: Option<Flight>,
}

type Flight = Shared<BoxFuture<'static, ()>>;

impl Jwks {
    pub(super) fn new(outbound: Arc<Outbound>, clock: Arc<dyn Clock>) -> Jwks {
        Jwks {
            outbound,
            clock,
            sources: Mutex::default(),
        }
    }

    /// The keys in which to look for `kid`; `None` when there are none.
    pub(super) async fn keys(
        &self,
        trusted: &TrustedKeys,
        kid: Option<&str>,
    ) -> Option<Arc<KeySet>> {
        let url = match trusted {
            TrustedKeys::Document(document) => {
                return KeySet::parse(document.as_bytes()).ok().map(Arc::new);
            }
            TrustedKeys::Url(url) => url,
        };
        let source = Arc::clone(lock(&self.sources).entry(url.clone()).or_default());
        let now = self.clock.now();
        // Looking, deciding to ask, and asking are one step: whoever comes meanwhile sees it.
        let flight = {
            let mut state = lock(&source.0);
            let known = state.usable(now).filter(|keys| keys.names_one(kid));
            match known {
                Some(keys) if state.is_fresh(now) => return Some(keys),
                _ if state.may_ask(now) => {
                    state.asked = Some(now);
                    let flight = self.ask(url.clone(), Arc::clone(&source));
                    state.flight = Some(flight.clone());
                    Some(flight)
                }
                // Somebody is asking, or nobody answered just now: the keys that are there do.
                Some(keys) => return Some(keys),
                None => state.flight.clone(),
            }
        };
        if let Some(flight) = flight {
            let _ = tokio::time::timeout(WAITED, flight).await;
        }
        lock(&source.0).usable(now)
    }

    /// In a task of its own, so that a client that goes away leaves the others their answer.
    fn ask(&self, url: String, source: Arc<Source>) -> Flight {
        let (outbound, clock) = (Arc::clone(&self.outbound), Arc::clone(&self.clock));
        let asking = tokio::spawn(async move {
            match read(&outbound, &url).await {
                Ok(keys) => lock(&source.0).read = Some((Arc::new(keys), clock.now())),
                Err(error) => {
                    let error = with_causes(error.as_ref());
                    tracing::warn!("the keys at {url} could not be read: {error}");
                }
            }
        });
        asking.map(|_| ()).boxed().shared()
    }
}

async fn read(outbound: &Outbound, url: &str) -> Result<KeySet, crate::Cause> {
    let document = outbound.get(url, DOCUMENT_BYTES_MAX).await?;
    Ok(KeySet::parse(&document)?)
}

impl State {
    fn usable(&self, now: Timestamp) -> Option<Arc<KeySet>> {
        let (keys, at) = self.read.as_ref()?;
        (now.duration_since(*at) <= KEPT_FOR).then(|| Arc::clone(keys))
    }

    fn is_fresh(&self, now: Timestamp) -> bool {
        let read = self.read.as_ref();
        read.is_some_and(|(_, at)| now.duration_since(*at) < FRESH_FOR)
    }

    fn may_ask(&self, now: Timestamp) -> bool {
        let asked = self.asked;
        asked.is_none_or(|at| now.duration_since(at) >= ASKED_EVERY)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
