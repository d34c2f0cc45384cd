//! What a JWT says, believed or not.

use data_encoding::BASE64URL_NOPAD;
use jsonwebtoken::{Algorithm, AlgorithmFamily};
use serde_json::{Map, Value};

use super::{Refusal, json};

/// A JWT is never longer.
pub const BYTES_MAX: usize = 8 * 1024;

const KID_BYTES_MAX: usize = 512;

/// Parameters that bring keys, tell where keys are, or change what is signed. Keys come from what
/// the connection trusts and never from the token (RFC 8725 §3.10); extensions that must be
/// understood are none (RFC 7515 §4.1.11), `b64` among them (RFC 7797 §6).
const FORBIDDEN: [&str; 7] = ["jku", "jwk", "x5u", "x5c", "crit", "b64", "zip"];

/// A JWT whose form is right and whose signature nobody has looked at.
///
/// ```
/// use scim_server::auth::jwt::{Refusal, UnverifiedJwt};
///
/// assert_eq!(UnverifiedJwt::parse("a.b").err(), Some(Refusal::Parts));
/// // {"alg":"none"}
/// let unsigned = UnverifiedJwt::parse("eyJhbGciOiJub25lIn0.e30.");
/// assert_eq!(unsigned.err(), Some(Refusal::Algorithm));
/// ```
#[derive(Debug)]
pub struct UnverifiedJwt<'t> {
    pub(super) algorithm: Algorithm,
    pub(super) kid: Option<String>,
    pub(super) issuer: String,
    pub(super) subject: String,
    pub(super) audience: Vec<String>,
    /// Seconds since 1970, as the other times.
    pub(super) expires: i64,
    pub(super) not_before: Option<i64>,
    pub(super) issued: Option<i64>,
    pub(super) claims: Map<String, Value>,
    /// The header and the claims as they were sent: what is signed.
    pub(super) signed: &'t str,
    pub(super) signature: Vec<u8>,
}

impl<'t> UnverifiedJwt<'t> {
    /// Reads a JWT in compact form (RFC 7515 §7.1).
    pub fn parse(text: &'t str) -> Result<UnverifiedJwt<'t>, Refusal> {
        if text.len() > BYTES_MAX {
            return Err(Refusal::TooLong);
        }
        let (signed, signature) = text.rsplit_once('.').ok_or(Refusal::Parts)?;
        let (header, claims) = signed.split_once('.').ok_or(Refusal::Parts)?;
        if claims.contains('.') {
            return Err(Refusal::Parts);
        }
        let header = object(header, "header")?;
        let algorithm = algorithm(&header)?;
        if let Some(name) = FORBIDDEN.iter().find(|name| header.contains_key(**name)) {
            return Err(Refusal::HeaderParameter(name));
        }
        check_type(&header)?;
        let kid = kid(&header)?;
        let claims = object(claims, "payload")?;
        let signature = decode(signature, "signature")?;
        Ok(UnverifiedJwt {
            algorithm,
            kid,
            issuer: text_of(&claims, "iss")?,
            subject: text_of(&claims, "sub")?,
            audience: audience(&claims)?,
            expires: time(&claims, "exp")?.ok_or(Refusal::Claim("exp"))?,
            not_before: time(&claims, "nbf")?,
            issued: time(&claims, "iat")?,
            claims,
            signed,
            signature,
        })
    }

    /// Whom it says it is from.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// What it claims under this name.
    pub fn claim(&self, name: &str) -> Option<&Value> {
        self.claims.get(name)
    }

    /// Which key it says it is signed with.
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }
}

fn decode(part: &str, name: &'static str) -> Result<Vec<u8>, Refusal> {
    let decoded = BASE64URL_NOPAD.decode(part.as_bytes());
    decoded.map_err(|_| Refusal::Encoding(name))
}

fn object(part: &str, name: &'static str) -> Result<Map<String, Value>, Refusal> {
    json::object(&decode(part, name)?).ok_or(Refusal::Json(name))
}

fn algorithm(header: &Map<String, Value>) -> Result<Algorithm, Refusal> {
    let named = header.get("alg").and_then(Value::as_str);
    let algorithm: Option<Algorithm> = named.and_then(|name| name.parse().ok());
    algorithm
        .filter(|algorithm| algorithm.family() != AlgorithmFamily::Hmac)
        .ok_or(Refusal::Algorithm)
}

/// RFC 7519 §5.1 and RFC 9068 §2.1: the value is a media type, whose `application/` may be left
/// out.
fn check_type(header: &Map<String, Value>) -> Result<(), Refusal> {
    let Some(value) = header.get("typ") else {
        return Ok(());
    };
    let value = value.as_str().unwrap_or_default().to_ascii_lowercase();
    match value.strip_prefix("application/").unwrap_or(&value) {
        "jwt" | "at+jwt" => Ok(()),
        _ => Err(Refusal::Type),
    }
}

fn kid(header: &Map<String, Value>) -> Result<Option<String>, Refusal> {
    match header.get("kid") {
        None => Ok(None),
        Some(Value::String(kid)) if (1..=KID_BYTES_MAX).contains(&kid.len()) => {
            Ok(Some(kid.clone()))
        }
        Some(_) => Err(Refusal::KeyId),
    }
}

fn text_of(claims: &Map<String, Value>, name: &'static str) -> Result<String, Refusal> {
    match claims.get(name) {
        Some(Value::String(text)) if !text.is_empty() => Ok(text.clone()),
        _ => Err(Refusal::Claim(name)),
    }
}

/// RFC 7519 §4.1.3: one text, or an array of them.
fn audience(claims: &Map<String, Value>) -> Result<Vec<String>, Refusal> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let all: Option<Vec<String>> = match claims.get("aud") {
        Some(Value::Array(values)) => values.iter().map(text).collect(),
        Some(value) => text(value).map(|only| vec![only]),
        None => None,
    };
    all.ok_or(Refusal::Claim("aud"))
}

/// RFC 7519 §2, `NumericDate`: seconds, perhaps with a fraction, which is left off.
fn time(claims: &Map<String, Value>, name: &'static str) -> Result<Option<i64>, Refusal> {
    /// The year 9999; what is later is no time.
    const LAST: f64 = 253_402_300_799.0;
    let Some(value) = claims.get(name) else {
        return Ok(None);
    };
    let seconds = match value {
        Value::Number(number) => number.as_f64(),
        _ => None,
    };
    let seconds = seconds.filter(|seconds| (0.0..=LAST).contains(seconds));
    #[expect(clippy::cast_possible_truncation, reason = "it was just bounded")]
    let whole = seconds.map(|seconds| seconds.floor() as i64);
    whole.map(Some).ok_or(Refusal::Claim(name))
}
