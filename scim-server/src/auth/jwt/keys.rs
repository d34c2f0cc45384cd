//! Which keys an issuer signs with (RFC 7517), and whether it signed a JWT.

use data_encoding::BASE64URL_NOPAD;
use jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER;
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use serde_json::Value;

use super::{Refusal, UnverifiedJwt};

/// An issuer that rotates has a handful.
const KEYS_MAX: usize = 100;

/// The public keys of an issuer.
///
/// Keys of other kinds, for other uses, or symmetric ones are passed over (RFC 7517 §5).
///
/// ```
/// use scim_server::auth::jwt::KeySet;
///
/// let document = r#"{"keys": [
///     {"kty": "OKP", "crv": "Ed25519", "kid": "ed", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},
///     {"kty": "oct", "kid": "secret", "k": "c2VjcmV0"}
/// ]}"#;
/// let keys = KeySet::parse(document.as_bytes())?;
/// assert!(keys.names_one(Some("ed")) && !keys.names_one(Some("secret")));
/// # Ok::<(), scim_server::auth::jwt::NotKeys>(())
/// ```
#[derive(Debug)]
pub struct KeySet(Vec<Key>);

/// Why a text is no [`KeySet`].
#[derive(Debug, thiserror::Error)]
#[error(
    "this is no JWK Set (RFC 7517): an object whose member keys is an array of at most {KEYS_MAX} keys"
)]
pub struct NotKeys;

#[derive(Debug)]
struct Key {
    id: Option<String>,
    /// What it may be used with, whatever a token says (RFC 8725 §3.1).
    algorithms: Vec<Algorithm>,
    key: DecodingKey,
}

impl KeySet {
    /// Reads a JWK Set.
    pub fn parse(document: &[u8]) -> Result<KeySet, NotKeys> {
        #[derive(Deserialize)]
        struct Document {
            keys: Vec<Value>,
        }
        let document: Document = serde_json::from_slice(document).map_err(|_| NotKeys)?;
        if document.keys.len() > KEYS_MAX {
            return Err(NotKeys);
        }
        Ok(KeySet(document.keys.iter().filter_map(key).collect()))
    }

    /// Is there no key that signatures can be verified with?
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Does the `kid`, or its absence, name exactly one key?
    pub fn names_one(&self, kid: Option<&str>) -> bool {
        self.find(kid).is_some()
    }

    /// Did the owner of the keys sign this?
    pub fn verify(&self, jwt: &UnverifiedJwt<'_>) -> Result<(), Refusal> {
        let key = self.find(jwt.kid()).ok_or(Refusal::UnknownKey)?;
        if !key.algorithms.contains(&jwt.algorithm) {
            return Err(Refusal::KeyAlgorithm);
        }
        // Named here, not chosen by cargo features, which a program that embeds us may add to.
        let verifier = (DEFAULT_PROVIDER.verifier_factory)(&jwt.algorithm, &key.key);
        let verifier = verifier.map_err(|_| Refusal::KeyAlgorithm)?;
        verifier
            .verify(jwt.signed.as_bytes(), &jwt.signature)
            .map_err(|_| Refusal::Signature)
    }

    fn find(&self, kid: Option<&str>) -> Option<&Key> {
        let asked = |key: &&Key| kid.is_none() || key.id.as_deref() == kid;
        let mut found = self.0.iter().filter(asked);
        match (found.next(), found.next()) {
            (Some(only), None) => Some(only),
            _ => None,
        }
    }
}

/// The key, if signatures can be verified with it.
fn key(jwk: &Value) -> Option<Key> {
    #[derive(Deserialize)]
    struct Jwk {
        kty: String,
        kid: Option<String>,
        alg: Option<String>,
        r#use: Option<String>,
        key_ops: Option<Vec<String>>,
        crv: Option<String>,
        n: Option<String>,
        e: Option<String>,
        x: Option<String>,
        y: Option<String>,
    }
    let jwk = Jwk::deserialize(jwk).ok()?;
    let is_for_signatures = jwk.r#use.is_none_or(|purpose| purpose == "sig")
        && (jwk.key_ops).is_none_or(|operations| operations.iter().any(|one| one == "verify"));
    if !is_for_signatures {
        return None;
    }
    let (mut algorithms, key) = match (jwk.kty.as_str(), jwk.crv.as_deref()) {
        ("RSA", None) => {
            let (n, e) = (decoded(jwk.n)?, decoded(jwk.e)?);
            let all = Algorithm::RS256.family().algorithms().to_vec();
            (all, DecodingKey::from_rsa_raw_components(&n, &e))
        }
        ("EC", Some("P-256")) => (vec![Algorithm::ES256], point(jwk.x, jwk.y, 32)?),
        ("EC", Some("P-384")) => (vec![Algorithm::ES384], point(jwk.x, jwk.y, 48)?),
        ("OKP", Some("Ed25519")) => {
            let key = DecodingKey::from_ed_der(&decoded(jwk.x)?);
            (vec![Algorithm::EdDSA], key)
        }
        _ => return None,
    };
    if let Some(only) = jwk.alg {
        let only: Algorithm = only.parse().ok()?;
        algorithms.retain(|algorithm| *algorithm == only);
    }
    (!algorithms.is_empty()).then_some(Key {
        id: jwk.kid,
        algorithms,
        key,
    })
}

fn decoded(part: Option<String>) -> Option<Vec<u8>> {
    BASE64URL_NOPAD.decode(part?.as_bytes()).ok()
}

/// SEC 1 §2.3.3, uncompressed.
fn point(x: Option<String>, y: Option<String>, bytes: usize) -> Option<DecodingKey> {
    let (x, y) = (decoded(x)?, decoded(y)?);
    let whole = [&[4], x.as_slice(), y.as_slice()].concat();
    (x.len() == bytes && y.len() == bytes).then(|| DecodingKey::from_ec_der(&whole))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(document: &str) -> Option<usize> {
        KeySet::parse(document.as_bytes())
            .ok()
            .map(|set| set.0.len())
    }

    #[test]
    fn what_cannot_verify_is_passed_over() {
        let rsa =
            |more: &str| format!(r#"{{"keys":[{{"kty":"RSA","n":"AQAB","e":"AQAB"{more}}}]}}"#);
        assert_eq!(keys(&rsa("")), Some(1));
        assert_eq!(
            keys(&rsa(r#","use":"sig","alg":"PS384","kid":"a""#)),
            Some(1)
        );
        assert_eq!(keys(&rsa(r#","use":"enc""#)), Some(0));
        assert_eq!(keys(&rsa(r#","key_ops":["encrypt"]"#)), Some(0));
        assert_eq!(keys(&rsa(r#","alg":"RSA-OAEP""#)), Some(0));
        assert_eq!(keys(&rsa(r#","alg":"HS256""#)), Some(0));
        assert_eq!(keys(&rsa(r#","alg":"ES256""#)), Some(0));
        assert_eq!(keys(&rsa(r#","kid":7"#)), Some(0));
        assert_eq!(
            keys(r#"{"keys":[{"kty":"oct","k":"AQAB"},7,{"kty":"new"}]}"#),
            Some(0)
        );
        assert_eq!(
            keys(r#"{"keys":[{"kty":"EC","crv":"P-256","x":"AQAB","y":"AQAB"}]}"#),
            Some(0)
        );
        assert_eq!(keys(r#"{"keys":[]}"#), Some(0));
        for broken in ["", "[]", "{}", r#"{"keys":{}}"#, "<html>"] {
            assert_eq!(keys(broken), None, "{broken}");
        }
    }

    #[test]
    fn a_kid_names_one_key() {
        let key = |kid: &str| format!(r#"{{"kty":"RSA","n":"AQAB","e":"AQAB","kid":"{kid}"}}"#);
        let set = |kids: &[&str]| {
            let all: Vec<String> = kids.iter().map(|kid| key(kid)).collect();
            KeySet::parse(format!(r#"{{"keys":[{}]}}"#, all.join(",")).as_bytes()).unwrap()
        };
        for (kids, kid, expected) in [
            (&["a", "b"][..], Some("a"), true),
            (&["a", "b"], Some("c"), false),
            (&["a", "a"], Some("a"), false),
            (&["a", "b"], None, false),
            (&["a"], None, true),
            (&["a"], Some("A"), false),
            (&[], None, false),
        ] {
            assert_eq!(set(kids).names_one(kid), expected, "{kids:?} {kid:?}");
        }
    }
}
