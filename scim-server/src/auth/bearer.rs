//! Which credential a request carries (RFC 6750 §2.1): exactly one, in the header, well formed.

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;

use crate::Error;

/// Longer than any secret of ours; longer ones are not even hashed.
const BYTES_MAX: usize = 512;

/// The same for every reason, so that nobody learns how close they were.
pub(crate) const REFUSAL: Error =
    Error::Unauthorized("a valid token is needed: send the header `Authorization: Bearer SECRET`");

/// The bearer token of a request, not yet checked.
pub(crate) fn presented(headers: &HeaderMap) -> Result<&str, Error> {
    let mut all = headers.get_all(AUTHORIZATION).iter();
    let (Some(only), None) = (all.next(), all.next()) else {
        return Err(REFUSAL);
    };
    let text = only.to_str().map_err(|_| REFUSAL)?;
    let (scheme, token) = text.split_once(' ').ok_or(REFUSAL)?;
    let token = token.trim_matches(' ');
    let well_formed = !token.is_empty()
        && token.len() <= BYTES_MAX
        && token.bytes().all(|byte| byte.is_ascii_graphic());
    if !scheme.eq_ignore_ascii_case("bearer") || !well_formed {
        return Err(REFUSAL);
    }
    Ok(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(values: &[&str], expected: Option<&str>) {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(AUTHORIZATION, value.parse().unwrap());
        }
        assert_eq!(presented(&headers).ok(), expected, "{values:?}");
    }

    #[test]
    fn one_bearer_token_in_any_case_of_the_scheme() {
        check(&["Bearer abc"], Some("abc"));
        check(&["bearer abc"], Some("abc"));
        check(&["BEARER   abc  "], Some("abc"));
    }

    #[test]
    fn nothing_else() {
        check(&[], None);
        check(&[""], None);
        check(&["Bearer"], None);
        check(&["Bearer "], None);
        check(&["Bearer\tabc"], None);
        check(&["Bearer abc def"], None);
        check(&["Basic YTpi"], None);
        check(&["abc"], None);
        check(&["Bearer abc", "Bearer abc"], None);
        check(&[&format!("Bearer {}", "x".repeat(8 * 1024))], None);
    }
}
