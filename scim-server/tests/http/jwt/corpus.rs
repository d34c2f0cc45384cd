//! Every JWT of the corpus: refused for the reason that stands beside it, or taken.

use axum::http::HeaderValue;
use data_encoding::{BASE64, BASE64URL_NOPAD};
use jsonwebtoken::Algorithm;
use scim_server::auth::jwt::{KeySet, UnverifiedJwt};
use scim_server::store::{ConnectionId, Trust, TrustedKeys};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{FOLDER, Keys, encoded, good_claims, merged, trust, trusted};
use crate::support::{BASE, Scim, at};

/// How a JWT is made: `fixtures/hostile/jwt/README.md` describes the keys.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Recipe {
    name: String,
    #[serde(default)]
    header: Value,
    header_text: Option<String>,
    #[serde(default)]
    set: Value,
    #[serde(default)]
    without: Vec<String>,
    claims_text: Option<String>,
    claims_base64url: Option<String>,
    #[serde(default)]
    sign: Signed,
    token: Option<String>,
    expected: Option<String>,
}

/// With which key, or with what in place of a signature.
#[derive(Deserialize, Default, Clone, Copy)]
#[serde(rename_all = "kebab-case")]
enum Signed {
    #[default]
    Rsa,
    RsaAsRs256,
    Ec,
    Ec384,
    Ed,
    Other,
    OtherEc,
    Hmac,
    Zeros,
    Der,
    None,
}

impl Recipe {
    fn token(&self, keys: &Keys) -> String {
        let header = json!({ "alg": "RS256", "typ": "JWT", "kid": "rsa" });
        let header = merged(header, &self.header);
        let algorithm = header["alg"].as_str().unwrap_or_default().parse();
        let header = match &self.header_text {
            Some(text) => BASE64URL_NOPAD.encode(text.as_bytes()),
            None => encoded(&header),
        };
        let mut claims = merged(good_claims(), &self.set);
        for name in &self.without {
            claims.as_object_mut().unwrap().shift_remove(name);
        }
        let claims = match (&self.claims_text, &self.claims_base64url) {
            (Some(text), _) => BASE64URL_NOPAD.encode(text.as_bytes()),
            (None, Some(encoded)) => encoded.clone(),
            (None, None) => encoded(&claims),
        };
        let message = format!("{header}.{claims}");
        let algorithm = algorithm.unwrap_or(Algorithm::RS256);
        let signature = match self.sign {
            Signed::Rsa => keys.sign("rsa", rsa(algorithm), &message),
            Signed::RsaAsRs256 => keys.sign("rsa", Algorithm::RS256, &message),
            Signed::Ec => keys.sign("ec", Algorithm::ES256, &message),
            Signed::Ec384 => keys.sign("ec384", Algorithm::ES384, &message),
            Signed::Ed => keys.sign("ed", Algorithm::EdDSA, &message),
            Signed::Other => keys.sign("other", Algorithm::RS256, &message),
            Signed::OtherEc => keys.sign("other-ec", Algorithm::ES256, &message),
            Signed::Hmac => keys.sign("rsa", algorithm, &message),
            Signed::Zeros => vec![0; 64],
            Signed::Der => der(&keys.sign("ec", Algorithm::ES256, &message)),
            Signed::None => Vec::new(),
        };
        let encoded_signature = BASE64URL_NOPAD.encode(&signature);
        let Some(template) = &self.token else {
            return format!("{message}.{encoded_signature}");
        };
        let other_claims = encoded(&merged(good_claims(), &json!({ "jti": "other" })));
        let short = signature.get(..signature.len() - 1).unwrap_or_default();
        template
            .replace("{header}", &header)
            .replace("{claims}", &claims)
            .replace("{other-claims}", &other_claims)
            .replace("{signature}", &encoded_signature)
            .replace("{signature-short}", &BASE64URL_NOPAD.encode(short))
            .replace(
                "{signature-base64}",
                &BASE64.encode(&[&[0xfb, 0xff], short].concat()),
            )
            .replace("{signature-bits}", &with_last_bit(&encoded_signature))
    }
}

/// Of the last of 342 characters only two bits count.
fn with_last_bit(encoded: &str) -> String {
    let (rest, last) = encoded.split_at(encoded.len() - 1);
    let next = char::from(last.as_bytes()[0] + 1);
    format!("{rest}{next}")
}

/// Headers name algorithms of other families too.
fn rsa(named: Algorithm) -> Algorithm {
    match named {
        Algorithm::RS384 | Algorithm::RS512 | Algorithm::PS256 => named,
        _ => Algorithm::RS256,
    }
}

/// r and s as a sequence of integers, as X.509 has them; each gets a zero in front, which DER
/// allows where the first bit is set.
fn der(fixed: &[u8]) -> Vec<u8> {
    let integer = |half: &[u8]| [&[0x02, 0x21, 0x00], half].concat();
    let (r, s) = fixed.split_at(32);
    [vec![0x30, 70], integer(r), integer(s)].concat()
}

/// What the issuer of the corpus shows.
fn key_set(keys: &Keys) -> String {
    let rsa_with = |members: Value| keys.jwk_with("rsa", &members);
    Keys::document(&[
        keys.jwk("rsa"),
        keys.jwk("ec"),
        keys.jwk("ec384"),
        keys.jwk("ed"),
        keys.jwk("weak"),
        rsa_with(json!({ "kid": "twice" })),
        keys.jwk_with("other", &json!({ "kid": "twice" })),
        rsa_with(json!({ "kid": "enc", "use": "enc" })),
        json!({ "kty": "oct", "kid": "oct", "k": "c2VjcmV0" }),
    ])
}

fn recipes(file: &str) -> Vec<Recipe> {
    let text = std::fs::read_to_string(format!("{FOLDER}/{file}")).unwrap();
    let recipe = |line: &str| serde_json::from_str(line).unwrap();
    text.lines().map(recipe).collect()
}

/// The first reason that the library finds.
fn judged(token: &str, trust: &Trust, keys: &KeySet) -> Result<(), String> {
    let judge = || {
        let jwt = UnverifiedJwt::parse(token)?;
        jwt.check(trust, at("2026-01-01T00:00:00Z"))?;
        keys.verify(&jwt)
    };
    judge().map_err(|refusal| refusal.to_string())
}

fn corpus_trust(document: &str) -> Trust {
    let trusted = trusted(TrustedKeys::Document(document.to_owned()));
    Trust {
        token: ConnectionId(Uuid::nil()),
        issuer: trusted.issuer,
        audience: trusted.audience,
        subject: trusted.subject,
        claims: trusted.claims,
        keys: trusted.keys,
        created: at("2026-01-01T00:00:00Z"),
    }
}

#[tokio::test]
async fn hostile_jwts_are_refused() {
    let (scim, keys) = (Scim::start().await, Keys::read());
    let document = key_set(&keys);
    let set = KeySet::parse(document.as_bytes()).unwrap();
    let ours = corpus_trust(&document);
    trust(&scim, TrustedKeys::Document(document)).await;
    let all = recipes("refused.jsonl");
    let mut bodies = std::collections::BTreeSet::new();
    for recipe in &all {
        let token = recipe.token(&keys);
        let judged = judged(&token, &ours, &set);
        assert_eq!(
            judged,
            Err(recipe.expected.clone().unwrap()),
            "{}",
            recipe.name
        );
        let bearer = format!("Bearer {token}");
        // What no header can hold is never sent.
        if HeaderValue::from_str(&bearer).is_err() {
            continue;
        }
        let headers = [("authorization", bearer.as_str())];
        let answer = scim
            .raw("GET", &format!("{BASE}/Users"), &headers, "")
            .await;
        assert_eq!(answer.status, 401, "{}", recipe.name);
        bodies.insert(answer.to_string());
    }
    assert!(all.len() >= 80, "{}", all.len());
    // The same for every reason.
    let bodies: Vec<_> = bodies.into_iter().collect();
    insta::assert_snapshot!(bodies.join("\n"), @r#"
    401
    content-type: application/scim+json
    www-authenticate: Bearer realm="scim", error="invalid_token"
    {"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"401","detail":"a valid credential is needed: send the header `Authorization: Bearer SECRET`, or Basic with the id of the connection as user name and its secret as password"}
    "#);
}

#[tokio::test]
async fn good_jwts_are_taken() {
    let (scim, keys) = (Scim::start().await, Keys::read());
    let document = key_set(&keys);
    let set = KeySet::parse(document.as_bytes()).unwrap();
    let ours = corpus_trust(&document);
    trust(&scim, TrustedKeys::Document(document)).await;
    for recipe in recipes("accepted.jsonl") {
        let token = recipe.token(&keys);
        assert_eq!(judged(&token, &ours, &set), Ok(()), "{}", recipe.name);
        let bearer = format!("Bearer {token}");
        let headers = [("authorization", bearer.as_str())];
        let answer = scim
            .raw("GET", &format!("{BASE}/Users"), &headers, "")
            .await;
        assert_eq!(answer.status, 200, "{}: {answer}", recipe.name);
    }
}
