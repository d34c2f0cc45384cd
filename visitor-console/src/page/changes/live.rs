//! News for open pages, as server-sent events. A message says that something happened, and nothing of what: the
//! page asks for that itself, as its reader.
//!
//! However many pages are open, there is one look a second for each tenant: the first listener begins it, the last
//! one ends it. It is made as one of those who listen.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use axum::http::StatusCode;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use scim_core::TenantId;
use tokio::sync::watch;

use crate::api::{Api, Query, Refused};
use crate::read::Read;
use crate::reader::Reader;

/// How often somebody looks.
const EVERY: Duration = Duration::from_secs(1);
/// How long a stream lasts; the browser begins another one, which is asked again who listens.
const LASTS: Duration = Duration::from_secs(60);
/// Listeners of one tenant.
const LISTENERS_MAX: usize = 256;

/// Who looks, tenant by tenant.
#[derive(Default)]
pub(crate) struct Live(Mutex<HashMap<TenantId, Weak<Channel>>>);

/// What is known of one tenant.
struct Channel {
    news: watch::Sender<String>,
    /// Those who listen, by the numbers of their streams.
    listeners: Mutex<Vec<(u64, Api)>>,
}

/// One stream; its end is the end of its place among the listeners.
struct Listening {
    channel: Arc<Channel>,
    number: u64,
    news: watch::Receiver<String>,
    until: tokio::time::Instant,
}

impl Drop for Listening {
    fn drop(&mut self) {
        locked(&self.channel.listeners).retain(|(number, _)| *number != self.number);
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What it holds is whole at every moment.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(super) async fn news(reader: Reader) -> Result<Response, Refused> {
    let api = reader.api();
    // Whoever may not read it is told so at once, with the reason.
    look(&api).await?;
    let tenant = reader.caller.tenant.clone();
    let Some(listening) = reader.site.live.listen(tenant, api) else {
        return Err(Refused {
            status: StatusCode::TOO_MANY_REQUESTS,
            detail: String::new(),
            frame: Arc::clone(&reader.frame),
        });
    };
    let stream = futures::stream::unfold(listening, |mut listening| async move {
        let changed = listening.news.changed();
        match tokio::time::timeout_at(listening.until, changed).await {
            Ok(Ok(())) => {
                let seen = listening.news.borrow_and_update().clone();
                let event = Event::default().event("news").data(seen);
                Some((Ok::<_, Infallible>(event), listening))
            }
            Ok(Err(_)) | Err(_) => None,
        }
    });
    let mut response = Sse::new(stream)
        .keep_alive(KeepAlive::default())
        .into_response();
    let headers = response.headers_mut();
    // Proxies that collect an answer would never send this one.
    headers.insert(
        "x-accel-buffering",
        axum::http::HeaderValue::from_static("no"),
    );
    Ok(response)
}

impl Live {
    fn listen(&self, tenant: TenantId, api: Api) -> Option<Listening> {
        let mut tenants = locked(&self.0);
        tenants.retain(|_, channel| channel.strong_count() > 0);
        let channel = match tenants.get(&tenant).and_then(Weak::upgrade) {
            Some(channel) => channel,
            None => {
                let channel = Arc::new(Channel {
                    news: watch::Sender::default(),
                    listeners: Mutex::default(),
                });
                tenants.insert(tenant, Arc::downgrade(&channel));
                tokio::spawn(look_on(Arc::downgrade(&channel)));
                channel
            }
        };
        let mut listeners = locked(&channel.listeners);
        if listeners.len() >= LISTENERS_MAX {
            return None;
        }
        let number = listeners.last().map_or(0, |(number, _)| number + 1);
        listeners.push((number, api));
        drop(listeners);
        Some(Listening {
            number,
            news: channel.news.subscribe(),
            until: tokio::time::Instant::now() + LASTS,
            channel,
        })
    }
}

/// Looks until nobody listens any more.
async fn look_on(channel: Weak<Channel>) {
    let mut every = tokio::time::interval(EVERY);
    every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut last: Option<String> = None;
    loop {
        every.tick().await;
        let Some(channel) = channel.upgrade() else {
            return;
        };
        let asking = locked(&channel.listeners).last().cloned();
        let Some((number, api)) = asking else {
            continue;
        };
        match look(&api).await {
            Ok(seen) => {
                if last.as_ref().is_some_and(|last| *last != seen) {
                    channel.news.send_replace(seen.clone());
                }
                last = Some(seen);
            }
            // Whoever may not read it any more learns nothing more; the next one asks in a second.
            Err(refused) if refused.status == StatusCode::FORBIDDEN => {
                locked(&channel.listeners).retain(|(it, _)| *it != number);
            }
            Err(_) => {}
        }
    }
}

/// What there is now, in a word that differs when it does.
async fn look(api: &Api) -> Result<String, Refused> {
    let newest = Query::new()
        .with("attributes", "id")
        .newest_first()
        .count(1)
        .cursor(None);
    let newest = api.list("ProvisioningEvents", &newest).await?;
    let held = api.count("ChangeSets", Some("status eq \"held\"")).await?;
    let event = newest
        .resources
        .first()
        .map_or("", |event| event.text("id"));
    Ok(format!("{event} {held}"))
}
