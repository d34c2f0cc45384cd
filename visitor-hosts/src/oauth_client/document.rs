//! What a connection trusts as a resource, and back. Pure.

use std::collections::BTreeMap;

use scim_core::Error;
use scim_server::auth::jwt::KeySet;
use scim_server::auth::{TRUST_TYPE, Trusted};
use scim_server::outbound::{Outbound, TargetError};
use scim_server::store::{Stored, Token, Trust, TrustedKeys};
use serde_json::{Map, Value, json};

use crate::reference;
use crate::schemas::OAUTH_CLIENT_URN;

/// The resource of what a connection trusts.
pub(super) fn stored(token: &Token, trust: &Trust) -> Stored {
    Stored {
        kind: TRUST_TYPE.to_owned(),
        id: trust.id(),
        owner: None,
        version: trust.version(),
        created: trust.created,
        modified: trust.created,
        document: Value::Object(document(token, trust)).to_string(),
    }
}

fn document(token: &Token, trust: &Trust) -> Map<String, Value> {
    let mut document = Map::new();
    let mut add = |name: &str, value: Value| document.insert(name.to_owned(), value);
    add("schemas", json!([OAUTH_CLIENT_URN]));
    add("connection", reference::to(&token.id, Some(&token.name)));
    add("issuer", json!(trust.issuer));
    add("audience", json!(trust.audience));
    add("subject", json!(trust.subject));
    if !trust.claims.is_empty() {
        let claims = trust.claims.iter();
        let claims = claims.map(|(name, value)| json!({ "name": name, "value": value }));
        add("claims", claims.collect());
    }
    match &trust.keys {
        TrustedKeys::Url(url) => add("jwksUri", json!(url)),
        TrustedKeys::Document(document) => add("jwks", json!(document)),
    };
    document
}

/// What a resource wants a connection to trust.
pub(super) fn trusted(document: &Map<String, Value>) -> Result<Trusted, Error> {
    Ok(Trusted {
        issuer: text(document, "issuer")?,
        audience: text(document, "audience")?,
        subject: text(document, "subject")?,
        claims: claims(document)?,
        keys: keys(document)?,
    })
}

fn text(document: &Map<String, Value>, name: &str) -> Result<String, Error> {
    let text = document.get(name).and_then(Value::as_str);
    let text = text.filter(|text| !text.trim().is_empty());
    let text = text.ok_or_else(|| Error::invalid_value(name, "send what the JWT will say"))?;
    Ok(text.to_owned())
}

fn claims(document: &Map<String, Value>) -> Result<BTreeMap<String, String>, Error> {
    let mut claims = BTreeMap::new();
    let all = document.get("claims").and_then(Value::as_array);
    for claim in all.into_iter().flatten() {
        let Value::Object(claim) = claim else {
            continue;
        };
        let (name, value) = (text(claim, "name"), text(claim, "value"));
        let refusal = "send the name and the value of each";
        let (Ok(name), Ok(value)) = (name, value) else {
            return Err(Error::invalid_value("claims", refusal));
        };
        if claims.insert(name.clone(), value).is_some() {
            let refusal = format!("{} stands twice", scim_core::error::echo(&name));
            return Err(Error::invalid_value("claims", refusal));
        }
    }
    Ok(claims)
}

/// What cannot be used is refused here; which private addresses are allowed is known where keys are asked for.
fn keys(document: &Map<String, Value>) -> Result<TrustedKeys, Error> {
    let of = |name: &str| document.get(name).and_then(Value::as_str);
    match (of("jwksUri"), of("jwks")) {
        (Some(url), None) => match Outbound::default().target(url) {
            Ok(_) | Err(TargetError::Scheme | TargetError::Address(_)) => {
                Ok(TrustedKeys::Url(url.to_owned()))
            }
            Err(error) => Err(Error::invalid_value("jwksUri", error.to_string())),
        },
        (None, Some(keys)) => {
            let parsed = KeySet::parse(keys.as_bytes());
            let parsed = parsed.map_err(|error| Error::invalid_value("jwks", error.to_string()))?;
            if parsed.is_empty() {
                let refusal = "it holds no public key that signatures are verified with";
                return Err(Error::invalid_value("jwks", refusal));
            }
            Ok(TrustedKeys::Document(keys.to_owned()))
        }
        _ => Err(Error::invalid_value(
            "jwksUri",
            "send either this, where the issuer shows its keys, or jwks, the keys",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(changes: &Value) -> String {
        let mut document = json!({
            "issuer": "https://login.example", "audience": "scim", "subject": "entra",
            "jwksUri": "https://login.example/keys"
        });
        for (name, value) in changes.as_object().unwrap() {
            document[name] = value.clone();
        }
        match trusted(document.as_object().unwrap()) {
            Ok(trusted) => format!("{:?} {:?}", trusted.claims, trusted.keys),
            Err(error) => error.to_string(),
        }
    }

    macro_rules! check {
        ($changes:tt, @$shown:literal) => { insta::assert_snapshot!(read(&json!($changes)), @$shown) };
    }

    #[test]
    fn what_is_taken() {
        check!({}, @r#"{} Url("https://login.example/keys")"#);
        check!({ "claims": [{ "name": "tid", "value": "1" }] }, @r#"{"tid": "1"} Url("https://login.example/keys")"#);
        // Where a closed network has its own, the server is told so when it starts.
        check!({ "jwksUri": "https://10.0.0.1/keys" }, @r#"{} Url("https://10.0.0.1/keys")"#);
    }

    #[test]
    fn what_is_refused() {
        check!({ "issuer": " " }, @"issuer: send what the JWT will say");
        check!({ "subject": null }, @"subject: send what the JWT will say");
        check!({ "jwksUri": "keys" }, @"jwksUri: this is no URL with a host, of at most 2048 bytes");
        check!({ "jwksUri": null }, @"jwksUri: send either this, where the issuer shows its keys, or jwks, the keys");
        check!({ "jwks": "{}" }, @"jwksUri: send either this, where the issuer shows its keys, or jwks, the keys");
        check!({ "jwksUri": null, "jwks": "{}" }, @"jwks: this is no JWK Set (RFC 7517): an object whose member keys is an array of at most 100 keys");
        check!({ "jwksUri": null, "jwks": "{\"keys\":[]}" }, @"jwks: it holds no public key that signatures are verified with");
        check!({ "claims": [{ "name": "tid", "value": "1" }, { "name": "tid", "value": "2" }] }, @r#"claims: "tid" stands twice"#);
        check!({ "claims": [{ "name": "tid" }] }, @"claims: send the name and the value of each");
    }
}
