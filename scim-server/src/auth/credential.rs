//! Which credential a request carries: exactly one, in the `Authorization` header, well formed.

use std::fmt;

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use data_encoding::BASE64;

use super::jwt;
use crate::{Error, Presented};

/// Longer than any secret of ours; longer ones are not even hashed.
const SECRET_BYTES_MAX: usize = 512;
/// A name of 100 characters, a secret, and what base64 adds.
const BASIC_BYTES_MAX: usize = 2 * 1024;

/// A credential, not yet checked.
///
/// ```
/// use scim_server::auth::Credential;
///
/// assert!(matches!(Credential::parse("Bearer scim_abc"), Some(Credential::Secret("scim_abc"))));
/// assert!(matches!(Credential::parse("bearer a.b.c"), Some(Credential::Jwt("a.b.c"))));
/// let basic = Credential::parse("Basic RW50cmE6c2VjcmV0");
/// assert!(matches!(basic, Some(Credential::Basic { user, .. }) if user == "Entra"));
/// assert!(Credential::parse("Digest username=x").is_none());
/// ```
#[derive(PartialEq, Eq)]
pub enum Credential<'h> {
    /// The secret of a connection, or an access token (RFC 6750 §2.1).
    Secret(&'h str),
    /// A JWT of an issuer that a connection trusts (RFC 7519): three parts of base64url.
    Jwt(&'h str),
    /// A name and a secret (RFC 7617), for clients that know nothing else.
    Basic {
        /// The id of a connection, or its name.
        user: String,
        /// Its secret.
        secret: String,
    },
}

impl<'h> Credential<'h> {
    /// The credential of a request. Whatever is wrong, the refusal is the same.
    pub fn of(headers: &'h HeaderMap) -> Result<Credential<'h>, Error> {
        let mut all = headers.get_all(AUTHORIZATION).iter();
        let only = match (all.next(), all.next()) {
            (Some(only), None) => only.to_str().ok(),
            _ => None,
        };
        only.and_then(Credential::parse)
            .ok_or_else(|| refusal(headers))
    }

    /// Reads the value of an `Authorization` header.
    pub fn parse(value: &'h str) -> Option<Credential<'h>> {
        let (scheme, rest) = value.split_once(' ')?;
        let rest = rest.trim_matches(' ');
        if rest.is_empty() || !rest.bytes().all(|byte| byte.is_ascii_graphic()) {
            return None;
        }
        if scheme.eq_ignore_ascii_case("basic") {
            basic(rest)
        } else if !scheme.eq_ignore_ascii_case("bearer") {
            None
        } else if looks_like_a_jwt(rest) {
            (rest.len() <= jwt::BYTES_MAX).then_some(Credential::Jwt(rest))
        } else {
            (rest.len() <= SECRET_BYTES_MAX).then_some(Credential::Secret(rest))
        }
    }
}

/// Never shows a secret.
impl fmt::Debug for Credential<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Credential::Secret(_) => "Secret(…)",
            Credential::Jwt(_) => "Jwt(…)",
            Credential::Basic { .. } => "Basic(…)",
        })
    }
}

/// The refusal of a request whose credential is missing, unreadable or wrong.
pub(crate) fn refusal(headers: &HeaderMap) -> Error {
    let first = headers.get(AUTHORIZATION);
    Error::Credential(match first.map(|value| value.to_str()) {
        None => Presented::Nothing,
        Some(Ok(value)) if is_basic(value) => Presented::Basic,
        Some(_) => Presented::Bearer,
    })
}

fn is_basic(value: &str) -> bool {
    let scheme = value.split(' ').next().unwrap_or_default();
    scheme.eq_ignore_ascii_case("basic")
}

fn looks_like_a_jwt(token: &str) -> bool {
    let base64url = |part: &str| {
        (part.bytes()).all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    token.bytes().filter(|byte| *byte == b'.').count() == 2 && token.split('.').all(base64url)
}

/// RFC 7617 §2: the first colon ends the name; neither half has control characters.
fn basic(encoded: &str) -> Option<Credential<'static>> {
    if encoded.len() > BASIC_BYTES_MAX {
        return None;
    }
    let bytes = BASE64.decode(encoded.as_bytes()).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    if text.chars().any(char::is_control) {
        return None;
    }
    let (user, secret) = text.split_once(':')?;
    let sizes = !user.is_empty() && (1..=SECRET_BYTES_MAX).contains(&secret.len());
    sizes.then(|| Credential::Basic {
        user: user.to_owned(),
        secret: secret.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(values: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(AUTHORIZATION, value.parse().unwrap());
        }
        match Credential::of(&headers) {
            Ok(Credential::Secret(secret)) => format!("secret {secret}"),
            Ok(Credential::Jwt(jwt)) => format!("jwt {jwt}"),
            Ok(Credential::Basic { user, secret }) => format!("basic {user} {secret}"),
            Err(Error::Credential(presented)) => format!("{presented:?}"),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn one_credential_in_any_case_of_the_scheme() {
        for (value, expected) in [
            ("Bearer abc", "secret abc"),
            ("bearer abc", "secret abc"),
            ("BEARER   abc  ", "secret abc"),
            ("Bearer a.b", "secret a.b"),
            ("Bearer a.b.c", "jwt a.b.c"),
            ("Bearer a.b.", "jwt a.b."),
            ("Bearer a.b.c.d.e", "secret a.b.c.d.e"),
            ("Bearer a.b.c=", "secret a.b.c="),
            // "Entra ID:s3cret"
            ("Basic RW50cmEgSUQ6czNjcmV0", "basic Entra ID s3cret"),
            // "a:b:c", of which the secret has the second colon
            ("bAsIc YTpiOmM=", "basic a b:c"),
            // "Zoë:x"
            ("Basic Wm/Dqzp4", "basic Zoë x"),
        ] {
            assert_eq!(shown(&[value]), expected, "{value}");
        }
    }

    #[test]
    fn nothing_else() {
        let long = format!("Bearer {}", "x".repeat(8 * 1024));
        let long_jwt = format!("Bearer a.{}.c", "x".repeat(8 * 1024));
        let long_basic = format!("Basic {}", BASE64.encode(&[b'a'; 4096]));
        for (values, expected) in [
            (&[][..], "Nothing"),
            (&[""], "Bearer"),
            (&["Bearer"], "Bearer"),
            (&["Bearer "], "Bearer"),
            (&["Bearer\tabc"], "Bearer"),
            (&["Bearer abc def"], "Bearer"),
            (&["abc"], "Bearer"),
            (&["Digest YTpi"], "Bearer"),
            (&["Bearer abc", "Bearer abc"], "Bearer"),
            (&["Basic YTpi", "Bearer abc"], "Basic"),
            (&[&long], "Bearer"),
            (&[&long_jwt], "Bearer"),
            (&["Basic"], "Basic"),
            (&["Basic "], "Basic"),
            (&[&long_basic], "Basic"),
            // No colon, no name, no secret.
            (&["Basic YWI="], "Basic"),
            (&["Basic OmI="], "Basic"),
            (&["Basic YTo="], "Basic"),
            // A line feed, bytes that are no text, and base64 that is not canonical.
            (&["Basic YQo6Yg=="], "Basic"),
            (&["Basic /zpi"], "Basic"),
            (&["Basic YTpiOmN="], "Basic"),
            (&["Basic YTpiOmM"], "Basic"),
        ] {
            assert_eq!(shown(values), expected, "{values:?}");
        }
    }

    #[test]
    fn debug_output_holds_no_secret() {
        let shown = ["Bearer hush", "Bearer hush.a.b", "Basic YTpodXNo"]
            .map(|value| format!("{:?}", Credential::parse(value)));
        assert_eq!(shown, ["Some(Secret(…))", "Some(Jwt(…))", "Some(Basic(…))"]);
    }
}
