//! The cookie by which a browser is known again: whose session it opens.

use axum::http::header::COOKIE;
use axum::http::{HeaderMap, HeaderValue};
use scim_core::TenantId;
use scim_server::Server;
use scim_server::auth::Secret;

/// How the cookies of a server are called and kept. Under HTTPS no other host and no page without TLS can set
/// them (the prefix `__Host-`), and none is sent without TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cookies {
    is_https: bool,
}

/// What a cookie is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// The session, until the browser is closed or the session ends.
    Session,
    /// A sign-in that is under way at a provider.
    UnderWay,
}

impl Cookies {
    /// Those of a server that is reached under its public URL.
    pub(crate) fn of(server: &Server) -> Cookies {
        Cookies {
            is_https: server.public_url().starts_with("https://"),
        }
    }

    /// Is everything sent under TLS?
    pub(crate) fn is_https(self) -> bool {
        self.is_https
    }

    fn name(self, purpose: Purpose) -> &'static str {
        match (self.is_https, purpose) {
            (true, Purpose::Session) => "__Host-console",
            (false, Purpose::Session) => "console",
            (true, Purpose::UnderWay) => "__Host-console-sign-in",
            (false, Purpose::UnderWay) => "console-sign-in",
        }
    }

    /// The header that opens a session.
    pub(crate) fn session(self, tenant: &TenantId, secret: &Secret) -> Option<HeaderValue> {
        self.set(Purpose::Session, &format!("{tenant}.{secret}"), None)
    }

    /// The header that keeps what a sign-in must remember, for so many seconds.
    pub(crate) fn under_way(self, value: &str, age_s: u32) -> Option<HeaderValue> {
        self.set(Purpose::UnderWay, value, Some(age_s))
    }

    /// The header that takes a cookie away.
    pub(crate) fn gone(self, purpose: Purpose) -> Option<HeaderValue> {
        self.set(purpose, "", Some(0))
    }

    fn set(self, purpose: Purpose, value: &str, age_s: Option<u32>) -> Option<HeaderValue> {
        let name = self.name(purpose);
        let secure = if self.is_https { "; Secure" } else { "" };
        let age = age_s.map(|age| format!("; Max-Age={age}"));
        let age = age.unwrap_or_default();
        let header = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{age}");
        HeaderValue::from_str(&header).ok()
    }

    /// Whose session the browser says it has, and what would open it.
    pub(crate) fn opened(self, headers: &HeaderMap) -> Option<(TenantId, String)> {
        let value = self.value(headers, Purpose::Session)?;
        let (tenant, secret) = value.split_once('.')?;
        Some((tenant.parse().ok()?, secret.to_owned()))
    }

    /// The value of a cookie. Of two with one name, which only somebody else can have set, none counts.
    pub(crate) fn value(self, headers: &HeaderMap, purpose: Purpose) -> Option<&str> {
        let name = self.name(purpose);
        let lines = headers.get_all(COOKIE).into_iter();
        let pairs = lines
            .filter_map(|line| line.to_str().ok())
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('='));
        let mut values = pairs.filter(|(it, _)| *it == name).map(|(_, value)| value);
        match (values.next(), values.next()) {
            (Some(only), None) => Some(only),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_are_kept_from_scripts_and_other_sites() {
        let https = Cookies { is_https: true };
        let http = Cookies { is_https: false };
        let shown = |header: Option<HeaderValue>| header.unwrap().to_str().unwrap().to_owned();
        insta::assert_snapshot!(shown(https.set(Purpose::Session, "main.x", None)), @"__Host-console=main.x; Path=/; HttpOnly; SameSite=Lax; Secure");
        insta::assert_snapshot!(shown(http.set(Purpose::Session, "main.x", None)), @"console=main.x; Path=/; HttpOnly; SameSite=Lax");
        insta::assert_snapshot!(shown(https.gone(Purpose::UnderWay)), @"__Host-console-sign-in=; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=0");
    }

    #[test]
    fn one_cookie_counts() {
        let opened = |lines: &[&str]| {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(COOKIE, line.parse().unwrap());
            }
            let opened = Cookies { is_https: true }.opened(&headers);
            opened.map(|(tenant, secret)| format!("{tenant} {secret}"))
        };
        let main = Some("main scim_x".to_owned());
        assert_eq!(opened(&["__Host-console=main.scim_x"]), main);
        assert_eq!(opened(&["a=b; __Host-console=main.scim_x; c=d"]), main);
        assert_eq!(opened(&["a=b", "__Host-console=main.scim_x"]), main);
        for none in [
            "",
            "console=main.scim_x",
            "__Host-console=main",
            "__Host-console=No tenant.x",
            "__Host-console=main.scim_x; __Host-console=main.scim_y",
        ] {
            assert_eq!(opened(&[none]), None, "{none}");
        }
    }
}
