//! Why a JWT is refused. Whoever sent it does not learn it; the log does, and tests.

use super::check::LIFE_S_MAX;
use super::parse::BYTES_MAX;

/// A reason to refuse a JWT.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// Nobody needs so much.
    #[error("it is longer than {BYTES_MAX} bytes")]
    TooLong,
    /// Two dots, no more: five parts would be encrypted (RFC 7516).
    #[error("it does not consist of a header, claims and a signature")]
    Parts,
    /// RFC 7515 §2: base64url without padding, spelled in the one canonical way.
    #[error("its {0} is not base64url")]
    Encoding(&'static str),
    /// Broken, too deep, no object, or with a name that stands twice (RFC 8725 §2.4).
    #[error("its {0} is not one JSON object in which every name stands once")]
    Json(&'static str),
    /// None, symmetric, or unknown (RFC 8725 §3.1 and §3.2).
    #[error("its algorithm is none that verifies with a public key")]
    Algorithm,
    /// A header parameter that asks for more than verifying with a known key.
    #[error("its header has {0}, which is not taken from a token")]
    HeaderParameter(&'static str),
    /// RFC 8725 §3.11: it was made for something else.
    #[error("its typ is not JWT or at+jwt")]
    Type,
    /// `kid` must be a text that is not empty.
    #[error("its kid is not a text")]
    KeyId,
    /// A claim that is needed is missing, or a claim is not what RFC 7519 §4.1 says.
    #[error("its claim {0} is missing or of the wrong type")]
    Claim(&'static str),
    /// `exp` has passed.
    #[error("it has expired")]
    Expired,
    /// `nbf` or `iat` is to come.
    #[error("it is not valid yet")]
    NotYetValid,
    /// `exp` is further away than a credential of an hour or a day can be.
    #[error("it is valid for more than {LIFE_S_MAX} s")]
    ExpiresTooLate,
    /// No connection of the tenant trusts its issuer.
    #[error("no connection trusts its issuer")]
    Issuer,
    /// It was made for somebody else (RFC 8725 §3.9).
    #[error("its audience is not the trusted one")]
    Audience,
    /// It speaks of somebody else (RFC 8725 §3.8).
    #[error("its subject is not the trusted one")]
    Subject,
    /// A further claim that the connection asks for.
    #[error("its claim {0:?} has not the trusted value")]
    Untrusted(String),
    /// Two connections trust it, so it says nothing about who asks.
    #[error("several connections trust it")]
    Ambiguous,
    /// The keys of the issuer could not be read.
    #[error("the keys of its issuer are not known")]
    NoKeys,
    /// `kid` names no key or several, or there are several and no `kid`.
    #[error("its kid does not name exactly one key of the issuer")]
    UnknownKey,
    /// The key is for another algorithm (RFC 8725 §3.1).
    #[error("its algorithm is not that of the key")]
    KeyAlgorithm,
    /// Somebody else made it, or it was changed.
    #[error("its signature is wrong")]
    Signature,
}
