//! What a line of a file of attacks says.

use data_encoding::BASE64;
use serde::{Deserialize, Deserializer, de};
use serde_json::Value;

/// One request and the answer it must get.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Attack {
    /// What is hostile about it.
    pub name: String,
    /// `GET`, `POST`, … or what stands in its place.
    pub method: String,
    /// Below the SCIM base, as it goes over the wire, with its query; beginning with `{{base}}` or
    /// `//`, the whole request target.
    pub path: Bytes,
    /// Headers as they are sent. Without one of them, `Authorization` carries the token, and
    /// `Content-Type` is `application/scim+json` where there is a body.
    #[serde(default)]
    pub headers: Vec<(String, String)>,
    /// A body that is JSON.
    #[serde(default)]
    pub body: Option<Value>,
    /// A body that is something else.
    #[serde(default)]
    pub raw: Option<Bytes>,
    /// The status of the answer.
    pub status: u16,
    /// The `scimType` of the refusal; without it, the answer has none.
    #[serde(default)]
    pub scim_type: Option<String>,
}

/// A text, or bytes that are none, or pieces that are repeated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bytes(pub Vec<u8>);

/// A request with everything filled in.
#[derive(Debug)]
pub(super) struct Sent {
    pub(super) method: String,
    pub(super) target: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Option<Vec<u8>>,
}

impl Attack {
    /// Whether `placeholder` stands in its path or body.
    pub(super) fn names(&self, placeholder: &str) -> bool {
        let body = self.content().unwrap_or_default();
        [&self.path.0, &body].into_iter().any(|bytes| {
            let mut windows = bytes.windows(placeholder.len());
            windows.any(|window| window == placeholder.as_bytes())
        })
    }

    /// Puts what is known in the place of its placeholder.
    pub(super) fn fill(&self, known: &[(&str, String)]) -> Sent {
        let filled = |bytes: &[u8]| {
            let mut bytes = bytes.to_vec();
            for (placeholder, value) in known {
                bytes = replace(&bytes, placeholder.as_bytes(), value.as_bytes());
            }
            bytes
        };
        Sent {
            method: self.method.clone(),
            target: String::from_utf8_lossy(&filled(&self.path.0)).into_owned(),
            headers: self.headers.clone(),
            body: self.content().map(|body| filled(&body)),
        }
    }

    fn content(&self) -> Option<Vec<u8>> {
        match (&self.raw, &self.body) {
            (Some(raw), _) => Some(raw.0.clone()),
            (None, Some(body)) => Some(body.to_string().into_bytes()),
            (None, None) => None,
        }
    }
}

/// `"text"`, `{"base64": "…"}` or `{"pieces": [["text", 3], …]}`.
impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Text(String),
            Base64 { base64: String },
            Pieces { pieces: Vec<(String, usize)> },
        }
        Ok(Self(match Written::deserialize(deserializer)? {
            Written::Text(text) => text.into_bytes(),
            Written::Base64 { base64 } => BASE64
                .decode(base64.as_bytes())
                .map_err(de::Error::custom)?,
            Written::Pieces { pieces } => pieces
                .iter()
                .flat_map(|(piece, times)| piece.repeat(*times).into_bytes())
                .collect(),
        }))
    }
}

fn replace(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut replaced = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(at) = rest.windows(from.len()).position(|window| window == from) {
        let (before, after) = rest.split_at(at);
        replaced.extend_from_slice(before);
        replaced.extend_from_slice(to);
        rest = after.get(from.len()..).unwrap_or_default();
    }
    replaced.extend_from_slice(rest);
    replaced
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(written: Value, expected: &[u8]) {
        let bytes: Bytes = serde_json::from_value(written).unwrap();
        assert_eq!(bytes.0, expected);
    }

    #[test]
    fn three_ways_to_write_bytes() {
        check(json!("a"), b"a");
        check(json!({"base64": "/w=="}), b"\xff");
        check(json!({"pieces": [["[", 2], ["1", 1], ["]", 2]]}), b"[[1]]");
    }

    #[test]
    fn placeholders_are_filled_in_path_and_body() {
        let line = json!({
            "name": "", "method": "PUT", "path": "/Users/{{user}}", "status": 200,
            "body": {"id": "{{user}}-{{user}}"},
        });
        let attack: Attack = serde_json::from_value(line).unwrap();
        assert!(attack.names("{{user}}") && !attack.names("{{group}}"));
        let sent = attack.fill(&[("{{user}}", "7".to_owned())]);
        assert_eq!(sent.target, "/Users/7");
        assert_eq!(sent.body.unwrap(), br#"{"id":"7-7"}"#);
    }
}
