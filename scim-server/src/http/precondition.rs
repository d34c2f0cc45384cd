//! `If-Match`, `If-None-Match`, `Prefer` and `Idempotency-Key`: on what a request depends (RFC 9110
//! §13, RFC 7240, draft-ietf-httpapi-idempotency-key-header).

use axum::http::header::{IF_MATCH, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderName};
use scim_core::Version;

use crate::Error;
use crate::service::{Caller, IdempotencyKey};
use crate::store::TokenKind;

/// The version that a resource must have, if the request names one.
///
/// Versions only rise, so of several that a client has seen only the highest can still be the
/// present one. What is no entity tag of ours fits no resource.
pub(super) fn if_match(headers: &HeaderMap) -> Option<Version> {
    match tags(headers, &IF_MATCH)? {
        Tags::Any => None,
        Tags::Versions(versions) => Some(versions.into_iter().max().unwrap_or(Version::NEVER)),
    }
}

/// Does the client have this version already?
pub(super) fn if_none_match(headers: &HeaderMap, current: Version) -> bool {
    match tags(headers, &IF_NONE_MATCH) {
        None => false,
        Some(Tags::Any) => true,
        Some(Tags::Versions(versions)) => versions.contains(&current),
    }
}

/// Does the client ask for the resource where it would get an empty answer?
pub(super) fn prefers_representation(headers: &HeaderMap) -> bool {
    let prefers = headers.get_all("prefer").iter();
    prefers
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split([',', ';']))
        .any(|wish| wish.trim().eq_ignore_ascii_case("return=representation"))
}

/// The name of a write, which is then done once. Identity providers send none and find what they
/// lost by their own keys, so only applications have one.
pub(super) fn idempotency_key(
    headers: &HeaderMap,
    caller: &Caller,
) -> Result<Option<IdempotencyKey>, Error> {
    if caller.kind == TokenKind::Idp {
        return Ok(None);
    }
    let mut keys = headers.get_all("idempotency-key").iter();
    match (keys.next(), keys.next()) {
        (None, _) => Ok(None),
        (Some(key), None) => key.to_str().unwrap_or_default().parse().map(Some),
        (Some(_), Some(_)) => "".parse().map(Some),
    }
}

enum Tags {
    Any,
    Versions(Vec<Version>),
}

fn tags(headers: &HeaderMap, name: &HeaderName) -> Option<Tags> {
    let mut versions = None;
    for value in headers.get_all(name) {
        let versions = versions.get_or_insert_with(Vec::new);
        let text = value.to_str().unwrap_or_default();
        if text.trim() == "*" {
            return Some(Tags::Any);
        }
        versions.extend(text.split(',').filter_map(Version::from_etag));
    }
    versions.map(Tags::Versions)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: &'static str, values: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(name, value.parse().unwrap());
        }
        headers
    }

    #[test]
    fn if_match_names_one_version_or_none() {
        let table: [(&[&str], Option<i64>); 12] = [
            (&[], None),
            (&["*"], None),
            (&[r#"W/"3""#], Some(3)),
            (&[r#""3""#], Some(3)),
            (&[r#"W/"2", W/"3" ,"1""#], Some(3)),
            (&[r#"W/"2""#, r#"W/"3""#], Some(3)),
            (&["3"], Some(0)),
            (&[""], Some(0)),
            (&[r#"W/"03""#], Some(0)),
            (&[r#"w/"3""#], Some(0)),
            (&[r#"W/"-3""#], Some(0)),
            (&[r#"W/"99999999999999999999""#], Some(0)),
        ];
        for (values, expected) in table {
            let found = if_match(&headers("if-match", values));
            assert_eq!(found, expected.map(Version), "{values:?}");
        }
    }

    #[test]
    fn if_none_match_knows_the_version_or_not() {
        let check = |value: &str, expected: bool| {
            let headers = headers("if-none-match", &[value]);
            assert_eq!(if_none_match(&headers, Version(3)), expected, "{value}");
        };
        check(r#"W/"3""#, true);
        check(r#"W/"2", "3""#, true);
        check("*", true);
        check(r#"W/"2""#, false);
        check("3", false);
        assert!(!if_none_match(&HeaderMap::new(), Version(3)));
    }

    #[test]
    fn a_preference_may_stand_among_others() {
        let check = |value: &str, expected: bool| {
            let headers = headers("prefer", &[value]);
            assert_eq!(prefers_representation(&headers), expected, "{value}");
        };
        check("return=representation", true);
        check("respond-async, Return=Representation", true);
        check("return=minimal", false);
    }
}
