//! What happens with a name and a password.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use scim_core::TenantId;
use scim_server::edge::ClientAddress;
use scim_server::{Error, Tried};

use super::Desk;
use super::begin::Came;
use super::page::Typed;
use super::words;
use crate::account::{self, Attempt};

const BODY_BYTES_MAX: usize = 64 * 1024;
/// What no tenant is called. Whoever names none waits as long as whoever names a wrong one.
const NO_TENANT: &str = "-";

/// `POST /sign-in`
pub(super) async fn check(State(desk): State<Arc<Desk>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let typed = match read(body).await {
        Ok(typed) => typed,
        Err(error) => return error.into_response(),
    };
    match desk.tried(&parts, &typed).await {
        Ok(response) => response,
        Err(error) => error.into_response(),
    }
}

async fn read(body: Body) -> Result<Typed, Error> {
    let bytes = to_bytes(body, BODY_BYTES_MAX).await;
    let limit = BODY_BYTES_MAX;
    let bytes = bytes.map_err(|_| Error::BodyTooLarge { limit })?;
    Ok(Typed::read(&bytes))
}

impl Desk {
    async fn tried(&self, parts: &Parts, typed: &Typed) -> Result<Response, Error> {
        let client = parts.extensions.get::<ClientAddress>().copied();
        if self.server.may_try(client).is_err() {
            let status = StatusCode::TOO_MANY_REQUESTS;
            return Ok(self.page(status, typed, Some(words::TOO_MANY)).await);
        }
        let named: Option<TenantId> = typed.tenant.parse().ok();
        let Some(tenant) = named.or_else(|| NO_TENANT.parse().ok()) else {
            return Ok(self.wrong(client, typed).await);
        };
        let engine = self.server.engine();
        let tried = (typed.user_name.as_str(), typed.password.as_str());
        let attempt = account::signed_in(engine, &tenant, &self.accounts, tried).await?;
        let Attempt::Right(person) = attempt else {
            return Ok(self.wrong(client, typed).await);
        };
        self.server.tried(client, Tried::Right);
        let who = (&tenant, person, "password");
        match self.come_in(who, &parts.headers, &typed.to).await? {
            Came::In(response) => Ok(response),
            Came::NoRole => {
                let status = StatusCode::FORBIDDEN;
                Ok(self.page(status, typed, Some(words::NO_ROLE)).await)
            }
        }
    }

    async fn wrong(&self, client: Option<ClientAddress>, typed: &Typed) -> Response {
        self.server.tried(client, Tried::Wrong);
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        self.page(status, typed, Some(words::WRONG)).await
    }
}
