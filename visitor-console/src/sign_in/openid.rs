//! What happens at a provider's, and with what comes back.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use scim_core::TenantId;
use scim_server::Error;

use super::begin::Came;
use super::page::Typed;
use super::{CALLBACK, Desk, Why, place, words};
use crate::session::Purpose;
use crate::single_sign_on::{self, Returned, TIME_S, UnderWay};

/// `GET /sign-in/openid`: to the provider of a tenant.
pub(super) async fn begin(State(desk): State<Arc<Desk>>, RawQuery(query): RawQuery) -> Response {
    let typed = Typed::read(query.unwrap_or_default().as_bytes());
    match desk.begun(&typed).await {
        Ok(response) => response,
        Err(error) => error.into_response(),
    }
}

/// `GET /sign-in/openid/callback`: back from there.
pub(super) async fn end(
    State(desk): State<Arc<Desk>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let returned = returned(query.unwrap_or_default().as_bytes());
    let mut response = match desk.ended(&headers, returned).await {
        Ok(response) => response,
        Err(error) => error.into_response(),
    };
    // What came back is looked at once.
    if let Some(gone) = desk.cookies.gone(Purpose::UnderWay) {
        response.headers_mut().append(SET_COOKIE, gone);
    }
    response
}

fn returned(query: &[u8]) -> Returned {
    let mut returned = Returned::default();
    for (name, value) in form_urlencoded::parse(query) {
        let place = match &*name {
            "code" => &mut returned.code,
            "state" => &mut returned.state,
            "iss" => &mut returned.iss,
            "error" => &mut returned.error,
            _ => continue,
        };
        *place = Some(value.into_owned());
    }
    returned
}

impl Desk {
    fn redirect_uri(&self) -> String {
        format!("{}{CALLBACK}", self.server.public_url())
    }

    async fn begun(&self, typed: &Typed) -> Result<Response, Error> {
        let tenant: Option<TenantId> = typed.tenant.parse().ok();
        let found = match &tenant {
            Some(tenant) => single_sign_on::active(self.server.engine(), tenant).await?,
            None => None,
        };
        let (Some(tenant), Some(found)) = (tenant, found) else {
            return Ok(Redirect::to(&place(None, &typed.to, Why::Nobody)).into_response());
        };
        let provider = match self.providers.of(&found.issuer).await {
            Ok(provider) => provider,
            Err(error) => {
                tracing::warn!(%tenant, "the provider {} cannot be used: {}", found.issuer, shown(&error));
                let status = StatusCode::BAD_GATEWAY;
                return Ok(self.page(status, typed, Some(words::UNREACHABLE)).await);
            }
        };
        let sealed_by = (self.keys.of(&tenant).await?, self.server.clock().now());
        let here = (&tenant, self.redirect_uri());
        let here = (here.0, here.1.as_str());
        let begun = UnderWay::begin(&found, &provider, here, sealed_by, &typed.to)?;
        let mut response = Redirect::to(&begun.location).into_response();
        if let Some(cookie) = self.cookies.under_way(&begun.cookie, TIME_S) {
            response.headers_mut().append(SET_COOKIE, cookie);
        }
        Ok(response)
    }

    async fn ended(&self, headers: &HeaderMap, returned: Returned) -> Result<Response, Error> {
        let cookie = self.cookies.value(headers, Purpose::UnderWay);
        let Some((tenant, sealed)) = cookie.and_then(UnderWay::tenant) else {
            return Ok(self.not_in(None, words::NOT_TAKEN).await);
        };
        let key = self.keys.of(&tenant).await?;
        let opened = UnderWay::open(sealed, &tenant, (key, self.server.clock().now()));
        let found = single_sign_on::active(self.server.engine(), &tenant).await?;
        let (Ok(under_way), Some(found)) = (opened, found) else {
            return Ok(self.not_in(Some(&tenant), words::NOT_TAKEN).await);
        };
        if under_way.single_sign_on != found.id {
            return Ok(self.not_in(Some(&tenant), words::NOT_TAKEN).await);
        }
        let Ok(provider) = self.providers.of(&found.issuer).await else {
            return Ok(self.not_in(Some(&tenant), words::UNREACHABLE).await);
        };
        let code = match under_way.code(&provider, returned) {
            Ok(code) => code,
            Err(reason) => {
                tracing::warn!(%tenant, "what a provider sent back is not taken: {reason}");
                return Ok(self.not_in(Some(&tenant), words::NOT_TAKEN).await);
            }
        };
        let redirect_uri = self.redirect_uri();
        let secret = found.opened_secret(key);
        let claimed = single_sign_on::claimed(
            &self.server,
            &self.providers,
            (&found, &provider),
            (&under_way, &code, &redirect_uri),
            secret.as_deref(),
        );
        let user_name = match claimed.await {
            Ok(user_name) => user_name,
            Err(reason) => {
                tracing::warn!(%tenant, "nobody was signed in through a provider: {}", shown(&reason));
                return Ok(self.not_in(Some(&tenant), words::REFUSED).await);
            }
        };
        let engine = self.server.engine();
        let person = single_sign_on::identify(engine, &tenant, &self.accounts, user_name).await?;
        let Some(person) = person else {
            return Ok(self.not_in(Some(&tenant), words::UNKNOWN).await);
        };
        let who = (&tenant, person, "openid");
        match self.come_in(who, headers, &under_way.to).await? {
            Came::In(response) => Ok(response),
            Came::NoRole => Ok(self.not_in(Some(&tenant), words::NO_ROLE).await),
        }
    }

    /// The sign-in page, which says why they are not in.
    async fn not_in(&self, tenant: Option<&TenantId>, message: &'static str) -> Response {
        let typed = Typed {
            tenant: tenant.map(ToString::to_string).unwrap_or_default(),
            ..Typed::default()
        };
        self.page(StatusCode::FORBIDDEN, &typed, Some(message))
            .await
    }
}

/// An error with all its causes, for the log.
fn shown(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
