//! Which status and which body a refusal or a failure has (RFC 7644 §3.12). No other file
//! chooses the status of an error.

use axum::http::header::{ALLOW, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use scim_core::{ErrorBody, ScimType};

use super::response;
use crate::error::with_causes;
use crate::{Error, Presented, StoreError};

const BEARER: &str = "Bearer realm=\"scim\"";
const BEARER_INVALID: &str = "Bearer realm=\"scim\", error=\"invalid_token\"";
/// RFC 7617 §2.1: names may hold any character.
pub(super) const BASIC: &str = "Basic realm=\"scim\", charset=\"UTF-8\"";

const CODE: HeaderName = HeaderName::from_static("scim-error-code");

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let body = body(&self);
        let mut response = response::scim(status(&self), &body);
        let headers = response.headers_mut();
        if let Some(code) = self.code() {
            headers.insert(CODE, HeaderValue::from_static(code));
        }
        for (name, value) in header(&self) {
            headers.append(name, value);
        }
        response
    }
}

/// What the client is told; what failed inside is logged.
pub(super) fn body(error: &Error) -> ErrorBody {
    let status = status(error);
    if let Error::Store(error) = error
        && status.is_server_error()
    {
        // Causes name tables and rows, never what a client sent.
        tracing::error!("{}", with_causes(error));
    }
    ErrorBody {
        status: status.as_u16(),
        scim_type: scim_type(error),
        detail: detail(error),
    }
}

/// Is the error a refusal that the change feed keeps? Then its status and detail.
///
/// Not kept: what says nothing about a resource, as a method or a scope that is not there, alone or in a Bulk
/// request, and what an attacker could send without end.
pub(super) fn refusal(error: &Error) -> Option<(u16, String)> {
    let status = status(error);
    let kept = status.is_client_error()
        && !matches!(
            status,
            StatusCode::UNAUTHORIZED
                | StatusCode::NOT_FOUND
                | StatusCode::REQUEST_TIMEOUT
                | StatusCode::PAYLOAD_TOO_LARGE
                | StatusCode::TOO_MANY_REQUESTS
        )
        && !matches!(error, Error::Scope(_) | Error::Method { .. });
    kept.then(|| (status.as_u16(), detail(error)))
}

/// The answer of `/readyz` while no requests should come.
pub(super) fn not_ready(why: &'static str) -> Response {
    (StatusCode::SERVICE_UNAVAILABLE, why).into_response()
}

pub(super) fn status(error: &Error) -> StatusCode {
    match error {
        Error::Scim(error) => {
            StatusCode::from_u16(error.status()).unwrap_or(StatusCode::BAD_REQUEST)
        }
        Error::NotFound { .. }
        | Error::NoSuchPath
        | Error::NoSuchAction(_)
        | Error::Nobody
        | Error::NoUser => StatusCode::NOT_FOUND,
        Error::Uniqueness { .. } | Error::Exists(_) | Error::Transition { .. } => {
            StatusCode::CONFLICT
        }
        Error::Owned { .. }
        | Error::TooManyToSort { .. }
        | Error::FilterTooSlow { .. }
        | Error::InvalidCursor
        | Error::ExpiredCursor
        | Error::InvalidCount => StatusCode::BAD_REQUEST,
        Error::VersionMismatch { .. } => StatusCode::PRECONDITION_FAILED,
        Error::IdempotencyKeyReused => StatusCode::UNPROCESSABLE_ENTITY,
        Error::Unauthorized(_) | Error::Credential(_) => StatusCode::UNAUTHORIZED,
        Error::Forbidden(_) | Error::Scope(_) => StatusCode::FORBIDDEN,
        Error::Unsupported(_) => StatusCode::NOT_IMPLEMENTED,
        Error::Method { .. } => StatusCode::METHOD_NOT_ALLOWED,
        Error::BodyTooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
        Error::BodyTooLate => StatusCode::REQUEST_TIMEOUT,
        Error::TooManyRequests { .. } => StatusCode::TOO_MANY_REQUESTS,
        Error::AnswerTooLate | Error::NotReached => StatusCode::SERVICE_UNAVAILABLE,
        Error::Together(refusal) => status(refusal),
        Error::MediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Error::Store(error) => store_status(error),
    }
}

fn store_status(error: &StoreError) -> StatusCode {
    match error {
        StoreError::Conflict(_) | StoreError::Lost(_) | StoreError::Unavailable(_) => {
            StatusCode::SERVICE_UNAVAILABLE
        }
        StoreError::Full(_) => StatusCode::INSUFFICIENT_STORAGE,
        StoreError::NoTenant(_) => StatusCode::NOT_FOUND,
        StoreError::Corrupt { .. } | StoreError::Unit(_) | StoreError::Failed(_) => {
            StatusCode::INTERNAL_SERVER_ERROR
        }
    }
}

fn scim_type(error: &Error) -> Option<ScimType> {
    match error {
        Error::Scim(error) => error.scim_type(),
        Error::Uniqueness { .. } | Error::Exists(_) => Some(ScimType::Uniqueness),
        Error::Owned { .. } => Some(ScimType::Mutability),
        Error::TooManyToSort { .. } | Error::FilterTooSlow { .. } => Some(ScimType::TooMany),
        Error::Together(refusal) => scim_type(refusal),
        Error::InvalidCursor => Some(ScimType::InvalidCursor),
        Error::ExpiredCursor => Some(ScimType::ExpiredCursor),
        Error::InvalidCount => Some(ScimType::InvalidCount),
        _ => None,
    }
}

/// For the person who reads it; about the store, nothing of what is inside.
fn detail(error: &Error) -> String {
    let text = match error {
        Error::Store(error) => match store_status(error) {
            StatusCode::SERVICE_UNAVAILABLE => {
                "the database cannot take the request now; send it again in a second".to_owned()
            }
            StatusCode::INSUFFICIENT_STORAGE => {
                "the database cannot write now; reading still works".to_owned()
            }
            StatusCode::NOT_FOUND => Error::NoSuchPath.to_string(),
            _ => "the server failed; its log says why, beside the x-request-id of this answer"
                .to_owned(),
        },
        // Of a failure inside the store nothing is told here either.
        Error::Together(refusal) if matches!(**refusal, Error::Store(_)) => {
            return detail(refusal);
        }
        error => error.to_string(),
    };
    match error.code() {
        Some(code) => format!("{text} [{code}]"),
        None => text,
    }
}

fn header(error: &Error) -> Vec<(HeaderName, HeaderValue)> {
    let plain = |name, text| vec![(name, HeaderValue::from_static(text))];
    match error {
        Error::Unauthorized(_) => plain(WWW_AUTHENTICATE, BEARER),
        // RFC 6750 §3: whoever sent no bearer token did nothing wrong with it.
        Error::Credential(Presented::Nothing | Presented::Basic) => challenges(BEARER),
        Error::Credential(Presented::Bearer) => challenges(BEARER_INVALID),
        Error::TooManyRequests { retry_after_s } => {
            vec![(RETRY_AFTER, HeaderValue::from(*retry_after_s))]
        }
        Error::AnswerTooLate => plain(RETRY_AFTER, "1"),
        Error::Method { allowed, .. } => {
            let allowed = allowed.parse().ok();
            allowed
                .map(|allowed| (ALLOW, allowed))
                .into_iter()
                .collect()
        }
        Error::Store(error) if store_status(error) == StatusCode::SERVICE_UNAVAILABLE => {
            plain(RETRY_AFTER, "1")
        }
        _ => Vec::new(),
    }
}

/// Every way in, each in a header of its own: not all clients read a list.
fn challenges(bearer: &'static str) -> Vec<(HeaderName, HeaderValue)> {
    [bearer, BASIC]
        .map(|challenge| (WWW_AUTHENTICATE, HeaderValue::from_static(challenge)))
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Exists;

    fn shown(error: &Error) -> String {
        let status = status(error).as_u16();
        let scim_type = scim_type(error).map_or("-", ScimType::as_str);
        let headers = header(error).into_iter();
        let headers: String = headers
            .map(|(name, value)| format!(" {name}={value:?}"))
            .collect();
        format!("{status} {scim_type}{headers}: {}", detail(error))
    }

    macro_rules! check {
        ($error:expr, @$shown:literal) => { insta::assert_snapshot!(shown(&$error), @$shown) };
    }

    #[test]
    fn the_store_tells_nothing_of_its_inside() {
        let cause = || "secret table".into();
        check!(StoreError::Unavailable(cause()).into(), @r#"503 - retry-after="1": the database cannot take the request now; send it again in a second"#);
        check!(StoreError::Lost(cause()).into(), @r#"503 - retry-after="1": the database cannot take the request now; send it again in a second"#);
        check!(StoreError::Full(cause()).into(), @"507 -: the database cannot write now; reading still works");
        check!(StoreError::Failed(cause()).into(), @"500 -: the server failed; its log says why, beside the x-request-id of this answer");
        check!(Error::AnswerTooLate, @r#"503 - retry-after="1": the server did not answer in time; look whether the request was done, and send it again"#);
        check!(StoreError::NoTenant("acme".to_owned()).into(), @"404 -: nothing is served at this path; resource types are listed under /ResourceTypes");
    }

    #[test]
    fn a_challenge_names_every_way_in() {
        check!(Error::Credential(Presented::Nothing), @r#"401 - www-authenticate="Bearer realm=\"scim\"" www-authenticate="Basic realm=\"scim\", charset=\"UTF-8\"": a valid credential is needed: send the header `Authorization: Bearer SECRET`, or Basic with the id of the connection as user name and its secret as password"#);
        check!(Error::Credential(Presented::Basic), @r#"401 - www-authenticate="Bearer realm=\"scim\"" www-authenticate="Basic realm=\"scim\", charset=\"UTF-8\"": a valid credential is needed: send the header `Authorization: Bearer SECRET`, or Basic with the id of the connection as user name and its secret as password"#);
        check!(Error::Credential(Presented::Bearer), @r#"401 - www-authenticate="Bearer realm=\"scim\", error=\"invalid_token\"" www-authenticate="Basic realm=\"scim\", charset=\"UTF-8\"": a valid credential is needed: send the header `Authorization: Bearer SECRET`, or Basic with the id of the connection as user name and its secret as password"#);
        check!(Error::Unauthorized("come through the gateway"), @r#"401 - www-authenticate="Bearer realm=\"scim\"": come through the gateway"#);
    }

    #[test]
    fn codes_stand_at_the_end() {
        check!(Error::FilterTooSlow { limit: std::time::Duration::from_secs(10) }, @"400 tooMany: no index answers this filter, and testing all resources takes longer than 10 s: compare an indexed attribute too, such as userName or externalId");
        check!(Error::BodyTooLarge { limit: 7 }, @"413 -: the body is larger than 7 bytes [limits]");
        check!(scim_core::Error::TooMany { what: "operations", limit: 7 }.into(), @"413 -: too many operations: at most 7 in one request [limits]");
        check!(
            Error::Uniqueness { kind: "User".to_owned(), attribute: "userName".to_owned(), value: "a".to_owned() },
            @r#"409 uniqueness: another User already uses userName "a" [exists.own]"#
        );
        let exists = Exists {
            code: "exists.other",
            detail: "she is here".to_owned(),
            facts: None,
        };
        check!(Error::Exists(Box::new(exists)), @"409 uniqueness: she is here [exists.other]");
    }

    #[test]
    fn refusals_are_kept_unless_they_say_nothing_about_a_resource() {
        assert_eq!(refusal(&Error::MediaType).map(|kept| kept.0), Some(415));
        assert!(refusal(&Error::NoSuchPath).is_none());
        assert!(refusal(&Error::BodyTooLarge { limit: 1 }).is_none());
        assert!(refusal(&Error::BodyTooLate).is_none());
        assert!(refusal(&Error::TooManyRequests { retry_after_s: 1 }).is_none());
        assert!(refusal(&StoreError::Unit("it panicked").into()).is_none());
    }
}
