//! What the sign-in page shows.

use std::sync::Arc;

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use form_urlencoded::Serializer;
use scim_core::TenantId;
use scim_server::Error;

use super::{Desk, OPENID, begin, words};
use crate::single_sign_on;

/// The page, with what was typed.
#[derive(Template)]
#[template(path = "sign_in.html")]
struct Page<'p> {
    tenant: &'p str,
    /// Is the tenant asked for, since there are several?
    asks_tenant: bool,
    user_name: &'p str,
    to: &'p str,
    message: Option<&'static str>,
    provider: Option<Button>,
}

/// The way to a provider.
struct Button {
    text: String,
    href: String,
}

/// What was asked for, and what was typed.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Typed {
    pub(super) tenant: String,
    pub(super) user_name: String,
    pub(super) password: String,
    pub(super) to: String,
    pub(super) ended: bool,
}

impl Typed {
    /// From a query or a form.
    pub(super) fn read(text: &[u8]) -> Typed {
        let mut typed = Typed::default();
        for (name, value) in form_urlencoded::parse(text) {
            let value = value.into_owned();
            match &*name {
                "tenant" => typed.tenant = value.trim().to_owned(),
                "user_name" => typed.user_name = value.trim().to_owned(),
                "password" => typed.password = value,
                "to" if begin::is_page(&value) => typed.to = value,
                "ended" => typed.ended = true,
                _ => {}
            }
        }
        typed
    }
}

/// `GET /sign-in`
pub(super) async fn show(State(desk): State<Arc<Desk>>, RawQuery(query): RawQuery) -> Response {
    let typed = Typed::read(query.unwrap_or_default().as_bytes());
    let message = typed.ended.then_some(words::ENDED);
    desk.page(StatusCode::OK, &typed, message).await
}

impl Desk {
    /// The page with a message, and all that was typed but the password.
    pub(super) async fn page(
        &self,
        status: StatusCode,
        typed: &Typed,
        message: Option<&'static str>,
    ) -> Response {
        match self.written(typed, message).await {
            Ok(page) => (status, Html(page)).into_response(),
            Err(error) => error.into_response(),
        }
    }

    async fn written(&self, typed: &Typed, message: Option<&'static str>) -> Result<String, Error> {
        let mut tenants = self.server.engine().store().tenants().await?;
        let only = tenants.pop().filter(|_| tenants.is_empty());
        let named = if typed.tenant.is_empty() {
            only.as_ref().map(|tenant| tenant.id.clone())
        } else {
            typed.tenant.parse().ok()
        };
        let named_text = named
            .as_ref()
            .map_or(typed.tenant.as_str(), TenantId::as_str);
        let page = Page {
            tenant: named_text,
            asks_tenant: only.is_none(),
            user_name: &typed.user_name,
            to: &typed.to,
            message,
            provider: match &named {
                Some(tenant) => self.button(tenant, &typed.to).await?,
                None => None,
            },
        };
        let written = page.render();
        written.map_err(|error| scim_server::StoreError::Failed(error.into()).into())
    }

    async fn button(&self, tenant: &TenantId, to: &str) -> Result<Option<Button>, Error> {
        let active = single_sign_on::active(self.server.engine(), tenant).await?;
        Ok(active.map(|active| {
            let query = Serializer::new(String::new())
                .append_pair("tenant", tenant.as_str())
                .append_pair("to", to)
                .finish();
            Button {
                text: words::with(&active.name),
                href: format!("{OPENID}?{query}"),
            }
        }))
    }
}
