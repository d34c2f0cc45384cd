//! What a token request asks for, and how the client proves who it is (RFC 6749 §2.3 and §4.4,
//! RFC 7521 §4.2, RFC 7523 §2.2).

use std::borrow::Cow;

use axum::http::HeaderMap;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};

use super::error::OauthError;
use crate::auth::{ClientProof, Credential};

/// The one scope there is.
pub(super) const SCOPE: &str = "scim";

const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A request for an access token.
pub(super) struct TokenRequest {
    client_id: Option<String>,
    how: How,
}

enum How {
    Secret(String),
    Assertion(String),
}

impl TokenRequest {
    /// Reads the header and the body of a request.
    pub(super) fn read(headers: &HeaderMap, body: &[u8]) -> Result<TokenRequest, OauthError> {
        if !is_form(headers) {
            return Err(OauthError::InvalidRequest(
                "the body must be application/x-www-form-urlencoded",
            ));
        }
        let form = Form::parse(body)?;
        match form.grant_type.as_deref() {
            Some("client_credentials") => {}
            Some(_) => return Err(OauthError::UnsupportedGrantType),
            None => return Err(OauthError::InvalidRequest("grant_type is missing")),
        }
        if form.scope.as_deref().is_some_and(|scope| scope != SCOPE) {
            return Err(OauthError::InvalidScope);
        }
        let in_header = headers.contains_key(AUTHORIZATION);
        let Form {
            client_id,
            client_secret,
            client_assertion,
            client_assertion_type,
            ..
        } = form;
        match (in_header, client_secret, client_assertion) {
            (true, None, None) => in_basic(headers, client_id),
            (false, Some(secret), None) => Ok(TokenRequest {
                client_id,
                how: How::Secret(secret),
            }),
            (false, None, Some(jwt)) => match client_assertion_type.as_deref() {
                Some(JWT_BEARER) => Ok(TokenRequest {
                    client_id,
                    how: How::Assertion(jwt),
                }),
                _ => Err(OauthError::InvalidRequest(
                    "the client_assertion_type must be urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                )),
            },
            // RFC 6749 §5.2: without any client authentication the client is not valid.
            (false, None, None) => Err(OauthError::InvalidClient),
            _ => Err(OauthError::InvalidRequest(
                "a client proves who it is in one way: Basic, client_secret or client_assertion",
            )),
        }
    }

    /// What the client proves.
    pub(super) fn proof(&self) -> Option<ClientProof<'_>> {
        let client_id = self.client_id.as_deref();
        Some(match &self.how {
            How::Secret(secret) => ClientProof::Secret {
                client_id: client_id?,
                secret,
            },
            How::Assertion(jwt) => ClientProof::Assertion { client_id, jwt },
        })
    }
}

/// RFC 6749 §2.3.1: both halves are form-encoded before they are base64-encoded.
fn in_basic(headers: &HeaderMap, client_id: Option<String>) -> Result<TokenRequest, OauthError> {
    let Ok(Credential::Basic { user, secret }) = Credential::of(headers) else {
        return Err(OauthError::InvalidClient);
    };
    let (user, secret) = (decoded(&user), decoded(&secret));
    if client_id.is_some_and(|id| id != user) {
        return Err(OauthError::InvalidRequest(
            "client_id is another one than that of the Authorization header",
        ));
    }
    Ok(TokenRequest {
        client_id: Some(user),
        how: How::Secret(secret),
    })
}

/// As [`form_urlencoded`] decodes a value.
fn decoded(text: &str) -> String {
    // A pair without a name; `&` and `=` of a client that encodes nothing stay what they are.
    let escaped = text.replace('&', "%26").replace('=', "%3D");
    let mut pairs = form_urlencoded::parse(escaped.as_bytes());
    pairs
        .next()
        .map_or_else(String::new, |(name, _)| name.into_owned())
}

fn is_form(headers: &HeaderMap) -> bool {
    let value = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let essence = value.and_then(|value| value.split(';').next());
    essence.is_some_and(|essence| {
        (essence.trim()).eq_ignore_ascii_case("application/x-www-form-urlencoded")
    })
}

/// The parameters that are understood; others are ignored (RFC 6749 §3.2).
#[derive(Default)]
struct Form {
    grant_type: Option<String>,
    scope: Option<String>,
    client_id: Option<String>,
    client_secret: Option<String>,
    client_assertion: Option<String>,
    client_assertion_type: Option<String>,
}

impl Form {
    fn parse(body: &[u8]) -> Result<Form, OauthError> {
        let mut form = Form::default();
        for (name, value) in form_urlencoded::parse(body) {
            let place = match name.as_ref() {
                "grant_type" => &mut form.grant_type,
                "scope" => &mut form.scope,
                "client_id" => &mut form.client_id,
                "client_secret" => &mut form.client_secret,
                "client_assertion" => &mut form.client_assertion,
                "client_assertion_type" => &mut form.client_assertion_type,
                _ => continue,
            };
            put(place, value)?;
        }
        Ok(form)
    }
}

/// RFC 6749 §3.2: a parameter without a value counts as left out, and none stands twice.
fn put(place: &mut Option<String>, value: Cow<'_, str>) -> Result<(), OauthError> {
    if value.is_empty() {
        return Ok(());
    }
    match place.replace(value.into_owned()) {
        None => Ok(()),
        Some(_) => Err(OauthError::InvalidRequest("a parameter stands twice")),
    }
}
