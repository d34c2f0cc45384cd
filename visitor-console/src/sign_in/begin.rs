//! How a session begins, and where the browser goes then.

use axum::http::HeaderMap;
use axum::http::header::SET_COOKIE;
use axum::response::{IntoResponse, Redirect, Response};
use jiff::SignedDuration;
use scim_core::TenantId;
use scim_server::Error;
use scim_server::auth::{Person, as_person};

use super::Desk;
use crate::session::Purpose;

/// Whoever has signed in does it again after a working day.
const SESSION_LIFE: SignedDuration = SignedDuration::from_hours(12);

/// What comes of somebody who has proved who they are.
pub(super) enum Came {
    /// Their session has begun.
    In(Response),
    /// They may do nothing here.
    NoRole,
}

impl Desk {
    /// Begins a session with a secret of its own, whatever the browser had before: nobody prepares one for
    /// somebody else.
    pub(super) async fn come_in(
        &self,
        (tenant, person, how): (&TenantId, Person, &str),
        headers: &HeaderMap,
        to: &str,
    ) -> Result<Came, Error> {
        let caller = as_person(tenant, &person);
        match self.server.engine().with_rights(caller).await {
            Ok(caller) if !caller.grants.scopes.are_none() => {}
            Ok(_) | Err(Error::Forbidden(_)) => return Ok(Came::NoRole),
            Err(error) => return Err(error),
        }
        let sessions = self.server.sessions();
        if let Some((tenant, secret)) = self.cookies.opened(headers) {
            sessions.end(&tenant, &secret).await?;
        }
        let until = self.server.clock().now() + SESSION_LIFE;
        let secret = sessions.begin(tenant, person, how, until).await?;
        let mut response = Redirect::to(&page_of(tenant, to)).into_response();
        let cookies = [
            self.cookies.session(tenant, &secret),
            self.cookies.gone(Purpose::UnderWay),
        ];
        for cookie in cookies.into_iter().flatten() {
            response.headers_mut().append(SET_COOKIE, cookie);
        }
        Ok(Came::In(response))
    }
}

/// Where to: the page that was wanted, if it is one of this tenant.
fn page_of(tenant: &TenantId, to: &str) -> String {
    let start = format!("/console/{tenant}");
    let rest = to.strip_prefix(start.as_str());
    let is_below = rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']));
    if is_below && is_page(to) {
        to.to_owned()
    } else {
        start
    }
}

/// Is it a page of the console? Whatever else a link says, nobody is sent elsewhere by it.
pub(super) fn is_page(to: &str) -> bool {
    let path = to.split('?').next().unwrap_or_default();
    let plain = |sign: u8| sign.is_ascii_graphic() && !b"\\<>\"#".contains(&sign);
    to.starts_with("/console/")
        && to.len() <= 2_000
        && to.bytes().all(plain)
        && !path.contains("//")
        && !path.split('/').any(|part| part == "..")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_sent_elsewhere() {
        let main = "main".parse().unwrap();
        for (to, expected) in [
            ("/console/main/hosts", "/console/main/hosts"),
            (
                "/console/main/hosts?q=a%2Fb&x=//y",
                "/console/main/hosts?q=a%2Fb&x=//y",
            ),
            ("/console/main", "/console/main"),
            ("/console/main?a", "/console/main?a"),
            ("", "/console/main"),
            ("/console/other/hosts", "/console/main"),
            ("/console/mainly", "/console/main"),
            ("/console//evil.example", "/console/main"),
            ("/console/main//evil.example", "/console/main"),
            ("/console/main/../../sign-out", "/console/main"),
            ("//evil.example/console/main", "/console/main"),
            ("https://evil.example/console/main", "/console/main"),
            ("/\\evil.example", "/console/main"),
            ("/console/main/\\evil.example", "/console/main"),
            ("/console/main/a\r\nset-cookie: x", "/console/main"),
            ("javascript:alert(1)", "/console/main"),
            ("/t/main/scim/v2/Users", "/console/main"),
        ] {
            assert_eq!(page_of(&main, to), expected, "{to:?}");
        }
    }
}
