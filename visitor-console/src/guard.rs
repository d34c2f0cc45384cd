//! What surrounds every page: headers that keep others out of it, forms of other sites, and whose session it is.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{
    ACCEPT, CACHE_CONTROL, CONTENT_SECURITY_POLICY, HOST, ORIGIN, REFERRER_POLICY, SET_COOKIE,
    STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Redirect, Response};
use scim_core::TenantId;
use scim_server::service::Caller;
use scim_server::{Error, Server};

use crate::session::{Cookies, Purpose};
use crate::sign_in::{self, Why};

/// Nothing is loaded from elsewhere, nothing stands in the page that runs, and nobody frames it.
const CONTENT_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
    connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
const HEADERS: [(HeaderName, &str); 7] = [
    (CONTENT_SECURITY_POLICY, CONTENT_POLICY),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (X_FRAME_OPTIONS, "DENY"),
    (REFERRER_POLICY, "same-origin"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    ),
];
/// Of what has none of its own, as assets have.
const NOT_KEPT: &str = "no-store";
const HTTPS_ONLY: &str = "max-age=31536000";
const FETCH_SITE: &str = "sec-fetch-site";

/// What the guard knows.
#[derive(Clone)]
pub(crate) struct Guard {
    server: Server,
    cookies: Cookies,
    /// Scheme, host and port of our own pages.
    origin: Arc<str>,
}

impl Guard {
    pub(crate) fn new(server: &Server) -> Guard {
        Guard {
            server: server.clone(),
            cookies: Cookies::of(server),
            origin: server.public_url().into(),
        }
    }

    /// Pages for whoever has signed in: each request carries the [`Caller`], with what they may do now.
    pub(crate) fn signed_in(&self, pages: Router) -> Router {
        pages.layer(middleware::from_fn_with_state(self.clone(), session))
    }

    /// Everything that a browser gets.
    pub(crate) fn around(&self, pages: Router) -> Router {
        pages.layer(middleware::from_fn_with_state(self.clone(), around))
    }
}

async fn around(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    let mut response = if guard.is_from_elsewhere(&request) {
        (StatusCode::FORBIDDEN, "this was sent from another site").into_response()
    } else {
        next.run(request).await
    };
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers
        .entry(CACHE_CONTROL)
        .or_insert(HeaderValue::from_static(NOT_KEPT));
    if guard.cookies.is_https() {
        let value = HeaderValue::from_static(HTTPS_ONLY);
        headers.insert(STRICT_TRANSPORT_SECURITY, value);
    }
    response
}

impl Guard {
    /// Does it change something, and was not sent by a page of ours? Browsers say where a request comes from; one
    /// that does not is none.
    fn is_from_elsewhere(&self, request: &Request) -> bool {
        if [Method::GET, Method::HEAD].contains(request.method()) {
            return false;
        }
        let headers = request.headers();
        match text(headers, FETCH_SITE) {
            Some(site) => site != "same-origin",
            None => !self.is_own_origin(headers),
        }
    }

    /// The public URL, or the host that was asked: another site can choose neither.
    fn is_own_origin(&self, headers: &HeaderMap) -> bool {
        let Some(origin) = text(headers, ORIGIN.as_str()) else {
            return false;
        };
        let host = origin.split_once("://").map(|(_, host)| host);
        *origin == *self.origin || (host.is_some() && host == text(headers, HOST.as_str()))
    }
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

async fn session(State(guard): State<Guard>, mut request: Request, next: Next) -> Response {
    let wanted = wanted(request.uri().path());
    // Nothing that a network delivers becomes an extension: whoever put it there has found out who asks.
    if request.extensions().get::<Caller>().is_some() {
        return next.run(request).await;
    }
    let why = match guard.caller(request.headers(), wanted.as_ref()).await {
        Ok(Ok(caller)) => {
            request.extensions_mut().insert(caller);
            return next.run(request).await;
        }
        Ok(Err(why)) => why,
        // The log has it; what it was is nothing for a page.
        Err(error) => return error.into_response(),
    };
    guard.turned_away(&request, wanted.as_ref(), why)
}

/// The tenant of a page.
fn wanted(path: &str) -> Option<TenantId> {
    let segment = path.strip_prefix("/console/")?.split('/').next()?;
    segment.parse().ok()
}

impl Guard {
    /// Who has signed in to this tenant, with what they may do now; or why nobody has.
    async fn caller(
        &self,
        headers: &HeaderMap,
        wanted: Option<&TenantId>,
    ) -> Result<Result<Caller, Why>, Error> {
        let opened = self.cookies.opened(headers);
        let Some((tenant, secret)) = opened.filter(|(tenant, _)| Some(tenant) == wanted) else {
            return Ok(Err(Why::Nobody));
        };
        let sessions = self.server.sessions();
        let Some(caller) = sessions.caller(&tenant, &secret).await? else {
            return Ok(Err(Why::Ended));
        };
        match self.server.engine().with_rights(caller).await {
            Ok(caller) => Ok(Ok(caller)),
            // Their directory has let them go, or the account is off.
            Err(Error::Forbidden(_)) => {
                sessions.end(&tenant, &secret).await?;
                Ok(Err(Why::Ended))
            }
            Err(error) => Err(error),
        }
    }

    /// To the sign-in page, and from there back to what was wanted.
    fn turned_away(&self, request: &Request, tenant: Option<&TenantId>, why: Why) -> Response {
        let headers = request.headers();
        let to = request.uri().path_and_query();
        let to = match *request.method() {
            Method::GET | Method::HEAD => to.map_or("", |to| to.as_str()),
            // A form is not sent again.
            _ => "",
        };
        let place = sign_in::place(tenant, to, why);
        let streams = text(headers, ACCEPT.as_str()) == Some("text/event-stream");
        let mut response = if streams {
            StatusCode::FORBIDDEN.into_response()
        } else if headers.contains_key("hx-request") {
            // A part of a page is not replaced by the sign-in page: all of it is.
            let mut response = StatusCode::NO_CONTENT.into_response();
            if let Ok(place) = HeaderValue::from_str(&place) {
                response.headers_mut().insert("hx-redirect", place);
            }
            response
        } else {
            Redirect::to(&place).into_response()
        };
        if why == Why::Ended
            && let Some(gone) = self.cookies.gone(Purpose::Session)
        {
            response.headers_mut().append(SET_COOKIE, gone);
        }
        response
    }
}
