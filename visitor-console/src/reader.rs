//! Who reads a page, and what they asked for: the beginning of every handler.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::header::COOKIE;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use jiff::tz::TimeZone;
use scim_server::service::Caller;

use crate::api::{Api, Refused};
use crate::frame::{Frame, Place};
use crate::part::Cell;
use crate::part::time::Time;
use crate::site::Site;
use crate::url;

/// The cookie in which `console.js` says where the reader's clock is.
const ZONE_COOKIE: &str = "console-zone";

/// The person who reads, with what they may do now.
#[derive(Clone)]
pub(crate) struct Reader {
    pub(crate) site: Site,
    pub(crate) caller: Caller,
    pub(crate) frame: Arc<Frame>,
    path: String,
    query: Vec<(String, String)>,
}

impl Reader {
    /// The API, as this person.
    pub(crate) fn api(&self) -> Api {
        let router = self.site.api.clone();
        Api::new(router, self.caller.clone(), Arc::clone(&self.frame))
    }

    /// May they do this? What they may not is not shown; the API refuses it all the same.
    pub(crate) fn may(&self, area: &str, action: &str) -> bool {
        self.caller.grants.scopes.allow(area, action)
    }

    /// The address of a page of theirs.
    pub(crate) fn path(&self, parts: &[&str]) -> String {
        let tenant = self.caller.tenant.as_str();
        url::path(&[&["console", tenant], parts].concat())
    }

    /// The address of a part of the console.
    pub(crate) fn place(&self, place: Place) -> String {
        match place.segment() {
            "" => self.path(&[]),
            segment => self.path(&[segment]),
        }
    }

    /// What the address asks for by this name, if anything.
    pub(crate) fn param(&self, name: &str) -> Option<&str> {
        let mut named = self.query.iter().filter(|(it, _)| it == name);
        let (_, value) = named.next()?;
        Some(value.trim()).filter(|value| !value.is_empty())
    }

    /// All that it asks for.
    pub(crate) fn params(&self) -> impl Iterator<Item = (&str, &str)> {
        self.query
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// This page, asked for something more.
    pub(crate) fn here_with(&self, name: &str, value: &str) -> String {
        let others = self.params().filter(|(it, _)| *it != name);
        let pairs: Vec<(&str, &str)> = others.chain([(name, value)]).collect();
        url::with_query(&self.path, &pairs)
    }

    /// A time on their clock.
    pub(crate) fn time(&self, text: &str) -> Cell {
        match text {
            "" => Cell::Nothing,
            text => Cell::Time(Time::new(text, &self.frame.zone)),
        }
    }

    /// Refuses what is nowhere.
    pub(crate) fn nowhere(&self) -> Refused {
        self.refused(StatusCode::NOT_FOUND)
    }

    /// Refuses what their roles do not open.
    pub(crate) fn closed(&self) -> Refused {
        self.refused(StatusCode::FORBIDDEN)
    }

    fn refused(&self, status: StatusCode) -> Refused {
        Refused {
            status,
            detail: String::new(),
            frame: Arc::clone(&self.frame),
        }
    }
}

impl FromRequestParts<Site> for Reader {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Reader, Refused> {
        let path = parts.uri.path().to_owned();
        let tenant = path.split('/').nth(2).unwrap_or_default().to_owned();
        let refused = |status| Refused {
            status,
            detail: String::new(),
            frame: Arc::new(Frame::bare(&tenant)),
        };
        let Some(caller) = parts.extensions.get::<Caller>().cloned() else {
            return Err(refused(StatusCode::UNAUTHORIZED));
        };
        // Whoever asks, an address never leads into another tenant.
        if caller.tenant.as_str() != tenant {
            return Err(refused(StatusCode::NOT_FOUND));
        }
        let zone = zone(&parts.headers);
        let frame = Frame::new(&tenant, &caller.name, &caller.grants.scopes, zone);
        let query = parts.uri.query().unwrap_or_default();
        Ok(Reader {
            site: site.clone(),
            caller,
            frame: Arc::new(frame),
            path,
            query: url::pairs(query.as_bytes()),
        })
    }
}

/// Where the reader's clock is, as far as that is known.
fn zone(headers: &HeaderMap) -> TimeZone {
    let cookies = headers.get_all(COOKIE).iter();
    let named = cookies
        .filter_map(|cookies| cookies.to_str().ok())
        .flat_map(|cookies| cookies.split(';'))
        .filter_map(|cookie| cookie.trim().split_once('='))
        .find(|(name, _)| *name == ZONE_COOKIE);
    let zone = named.map(|(_, zone)| zone.replace("%2F", "/"));
    zone.and_then(|zone| TimeZone::get(&zone).ok())
        .unwrap_or(TimeZone::UTC)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_is_taken_if_there_is_one() {
        let of = |cookie: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(COOKIE, cookie.parse().unwrap());
            zone(&headers).iana_name().unwrap_or("UTC").to_owned()
        };
        assert_eq!(of("a=b; console-zone=Europe%2FZurich"), "Europe/Zurich");
        assert_eq!(of("console-zone=Asia/Tokyo"), "Asia/Tokyo");
        assert_eq!(of("console-zone=../../etc/passwd"), "UTC");
        assert_eq!(of("a=b"), "UTC");
    }
}
