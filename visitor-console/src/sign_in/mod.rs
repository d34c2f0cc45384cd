//! Signing in and out.
//!
//! | file | question |
//! |---|---|
//! | `page.rs` | what does the sign-in page show? |
//! | `password.rs` | what happens with a name and a password? |
//! | `openid.rs` | what happens at a provider's, and with what comes back? |
//! | `begin.rs` | how does a session begin, and where does the browser go? |
//! | `words.rs` | what is said? |

mod begin;
mod openid;
mod page;
mod password;
mod words;

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::SET_COOKIE;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use form_urlencoded::Serializer;
use scim_core::{ResourceType, SchemaError, TenantId};
use scim_server::Server;
use scim_server::seal::TenantKeys;

use crate::account;
use crate::session::{Cookies, Purpose};
use crate::single_sign_on::{self, Providers};

/// The page itself.
const SIGN_IN: &str = "/sign-in";
const OPENID: &str = "/sign-in/openid";
const CALLBACK: &str = "/sign-in/openid/callback";

/// Why somebody is asked to sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Why {
    /// They have not yet.
    Nobody,
    /// Their session has ended.
    Ended,
}

/// What signing in works with.
pub(crate) struct Desk {
    server: Server,
    cookies: Cookies,
    accounts: ResourceType,
    providers: Providers,
    keys: TenantKeys,
}

/// Where people sign in and out, and what leads there.
pub(crate) fn routes(server: &Server) -> Result<Router, SchemaError> {
    let store = Arc::clone(server.engine().store());
    let desk = Desk {
        server: server.clone(),
        cookies: Cookies::of(server),
        accounts: account::resource_type()?,
        providers: Providers::new(Arc::clone(server.outbound())),
        keys: TenantKeys::new(store, single_sign_on::KEY),
    };
    Ok(Router::new()
        .route("/", get(enter))
        .route("/console", get(enter))
        .route(SIGN_IN, get(page::show).post(password::check))
        .route(OPENID, get(openid::begin))
        .route(CALLBACK, get(openid::end))
        .route("/sign-out", post(leave))
        .route("/console/{tenant}/sign-out", post(leave))
        .with_state(Arc::new(desk)))
}

/// The address of the sign-in page for a tenant, from which the browser goes on to the page that was wanted.
pub(crate) fn place(tenant: Option<&TenantId>, to: &str, why: Why) -> String {
    let mut query = Serializer::new(String::new());
    if let Some(tenant) = tenant {
        query.append_pair("tenant", tenant.as_str());
    }
    if begin::is_page(to) {
        query.append_pair("to", to);
    }
    if why == Why::Ended {
        query.append_pair("ended", "true");
    }
    let query = query.finish();
    if query.is_empty() {
        return SIGN_IN.to_owned();
    }
    format!("{SIGN_IN}?{query}")
}

/// `/` and `/console`: to the pages of whoever has signed in.
async fn enter(State(desk): State<Arc<Desk>>, headers: HeaderMap) -> Redirect {
    match desk.cookies.opened(&headers) {
        Some((tenant, _)) => Redirect::to(&format!("/console/{tenant}")),
        None => Redirect::to(SIGN_IN),
    }
}

/// Ends the session of this browser.
async fn leave(State(desk): State<Arc<Desk>>, headers: HeaderMap) -> Response {
    let mut tenant = None;
    if let Some((of, secret)) = desk.cookies.opened(&headers) {
        if let Err(error) = desk.server.sessions().end(&of, &secret).await {
            return error.into_response();
        }
        tenant = Some(of);
    }
    let mut response = Redirect::to(&place(tenant.as_ref(), "", Why::Nobody)).into_response();
    if let Some(gone) = desk.cookies.gone(Purpose::Session) {
        response.headers_mut().append(SET_COOKIE, gone);
    }
    response
}
