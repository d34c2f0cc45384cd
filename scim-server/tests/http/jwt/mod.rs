//! JWTs of an issuer that a connection trusts: refused and taken as `fixtures/hostile/jwt` says,
//! and verified with keys that rotate.

mod corpus;
mod rotation;
mod token;

use std::collections::BTreeMap;

use data_encoding::{BASE64, BASE64URL_NOPAD};
use jsonwebtoken::{Algorithm, EncodingKey};
use scim_server::auth::{TrustOutcome, Trusted};
use scim_server::store::{ConnectionId, TrustedKeys};
use serde_json::{Value, json};

use super::support::Scim;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/hostile/jwt");

/// What the corpus, and every other test here, trusts.
fn trusted(keys: TrustedKeys) -> Trusted {
    let claims = [("appid", "app"), ("tid", "tid")];
    Trusted {
        issuer: "https://login.example/tid/v2.0".to_owned(),
        audience: "api://scim".to_owned(),
        subject: "subject".to_owned(),
        claims: BTreeMap::from(claims.map(|(name, value)| (name.to_owned(), value.to_owned()))),
        keys,
    }
}

/// Lets the identity provider of `main` be trusted with these keys; its id.
pub(crate) async fn trust(scim: &Scim, keys: TrustedKeys) -> ConnectionId {
    let main = "main".parse().unwrap();
    let tokens = scim.server.tokens();
    let id = tokens.list(&main).await.unwrap()[0].id;
    let outcome = tokens.trust(&main, id, trusted(keys)).await.unwrap();
    assert_eq!(outcome, TrustOutcome::Trusted);
    id
}

/// Key pairs of tests, by name.
pub(crate) struct Keys(Value);

impl Keys {
    pub(crate) fn read() -> Keys {
        let text = std::fs::read_to_string(format!("{FOLDER}/keys.json")).unwrap();
        Keys(serde_json::from_str(&text).unwrap())
    }

    pub(crate) fn jwk(&self, name: &str) -> Value {
        self.0[name]["jwk"].clone()
    }

    /// The JWK with other members.
    fn jwk_with(&self, name: &str, members: &Value) -> Value {
        merged(self.jwk(name), members)
    }

    pub(crate) fn document(keys: &[Value]) -> String {
        json!({ "keys": keys }).to_string()
    }

    fn private(&self, name: &str) -> Vec<u8> {
        let text = self.0[name]["private"].as_str().unwrap();
        BASE64.decode(text.as_bytes()).unwrap()
    }

    /// The signature as bytes.
    fn sign(&self, name: &str, algorithm: Algorithm, message: &str) -> Vec<u8> {
        let key = match algorithm {
            Algorithm::HS256 | Algorithm::HS384 | Algorithm::HS512 => {
                let public = self.jwk(name)["n"].as_str().unwrap().to_owned();
                EncodingKey::from_secret(public.as_bytes())
            }
            Algorithm::ES256 | Algorithm::ES384 => EncodingKey::from_ec_der(&self.private(name)),
            Algorithm::EdDSA => EncodingKey::from_ed_der(&self.private(name)),
            _ => EncodingKey::from_rsa_der(&self.private(name)),
        };
        let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key, algorithm).unwrap();
        BASE64URL_NOPAD.decode(signature.as_bytes()).unwrap()
    }

    /// A JWT that is good at the time of the tests, signed with this key under this `kid`.
    pub(crate) fn good(&self, name: &str, kid: &str) -> String {
        self.claiming(name, kid, &good_claims())
    }

    /// The same, and unlike every other one.
    fn good_numbered(&self, name: &str, kid: &str, number: usize) -> String {
        let number = json!({ "jti": number.to_string() });
        self.claiming(name, kid, &merged(good_claims(), &number))
    }

    /// The same so many seconds later.
    pub(crate) fn good_at(&self, name: &str, kid: &str, seconds: i64) -> String {
        let now = NOW_S + seconds;
        let times = json!({ "iat": now, "nbf": now, "exp": now + 3_600 });
        self.claiming(name, kid, &merged(good_claims(), &times))
    }

    fn claiming(&self, name: &str, kid: &str, claims: &Value) -> String {
        let header = json!({ "alg": "RS256", "typ": "JWT", "kid": kid });
        let message = format!("{}.{}", encoded(&header), encoded(claims));
        let signature = self.sign(name, Algorithm::RS256, &message);
        format!("{message}.{}", BASE64URL_NOPAD.encode(&signature))
    }
}

/// 2026-01-01T00:00:00Z, when all tests happen.
const NOW_S: i64 = 1_767_225_600;

fn good_claims() -> Value {
    json!({
        "iss": "https://login.example/tid/v2.0",
        "sub": "subject",
        "aud": "api://scim",
        "appid": "app",
        "tid": "tid",
        "iat": NOW_S,
        "nbf": NOW_S,
        "exp": NOW_S + 3_600,
    })
}

fn encoded(value: &Value) -> String {
    BASE64URL_NOPAD.encode(value.to_string().as_bytes())
}

fn merged(mut base: Value, members: &Value) -> Value {
    for (name, value) in members.as_object().into_iter().flatten() {
        base[name] = value.clone();
    }
    base
}
