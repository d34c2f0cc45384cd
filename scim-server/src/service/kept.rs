//! What the change feed keeps of a request: all of it but passwords, and what no answer ever shows.

use data_encoding::HEXLOWER;
use scim_core::ResourceType;
use scim_core::resource::Repairs;
use scim_core::schema::{Returned, Type};
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::Origin;

const DISCARDED: &str = "(discarded)";

/// The body of a request as JSON without the values of passwords: below a key that names one,
/// beside a `path` that does, and in JSON that came as text. The same goes for attributes of the resource
/// type that are never returned; of a file its SHA-256 is kept, which says which one it was.
#[derive(Clone)]
pub(super) struct KeptBody(String);

impl KeptBody {
    /// What was sent with a verb, which is about no attribute.
    pub(super) fn of(body: &Value) -> KeptBody {
        KeptBody::without(body, &[])
    }

    /// What was sent about a resource of a type.
    pub(super) fn about(resource_type: &ResourceType, body: &Value) -> KeptBody {
        let never = resource_type.attributes();
        let never = never.filter(|attribute| attribute.returned == Returned::Never);
        let names: Vec<Name<'_>> = never
            .map(|attribute| (attribute.name.as_str(), attribute.kind))
            .collect();
        KeptBody::without(body, &names)
    }

    fn without(body: &Value, names: &[Name<'_>]) -> KeptBody {
        let kept = WithoutSecrets { value: body, names };
        // Objects with text for keys always become JSON.
        KeptBody(serde_json::to_string(&kept).unwrap_or_default())
    }

    /// A request with this body, in which this was put right.
    pub(super) fn request<'r>(
        &'r self,
        method: &'r str,
        repairs: Option<&'r Repairs>,
    ) -> KeptRequest<'r> {
        KeptRequest {
            method,
            body: Some(self),
            repairs,
            refusal: None,
        }
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

/// A request as the change feed keeps it.
pub(super) struct KeptRequest<'r> {
    /// The method, and the verb where there is one.
    pub(super) method: &'r str,
    pub(super) body: Option<&'r KeptBody>,
    pub(super) repairs: Option<&'r Repairs>,
    /// The status and the detail with which it was refused.
    pub(super) refusal: Option<(u16, &'r str)>,
}

impl KeptRequest<'_> {
    /// The line about it: an object.
    pub(super) fn line(&self, origin: Option<&Origin>) -> String {
        let mut line = format!(r#"{{"method":"{}""#, self.method);
        if let Some(origin) = origin {
            let known = Value::Object(origin.to_map()).to_string();
            line.push(',');
            // The members of the object, without its braces.
            line.push_str(known.trim_start_matches('{').trim_end_matches('}'));
        }
        if let Some(KeptBody(body)) = self.body {
            line.push_str(r#","body":"#);
            line.push_str(body);
        }
        if let Some(repairs) = self.repairs {
            line.push_str(r#","repairs":"#);
            line.push_str(&serde_json::to_string(repairs).unwrap_or_default());
        }
        if let Some((status, detail)) = self.refusal {
            line.push_str(&format!(r#","status":{status},"detail":{}"#, json!(detail)));
        }
        line.push('}');
        line
    }
}

/// An attribute.
type Name<'t> = (&'t str, Type);

/// Writes a value without the secrets in it; no copy is made.
struct WithoutSecrets<'v> {
    value: &'v Value,
    /// Attributes that are discarded beside passwords.
    names: &'v [Name<'v>],
}

impl<'v> WithoutSecrets<'v> {
    fn inside(&self, value: &'v Value) -> WithoutSecrets<'v> {
        let names = self.names;
        WithoutSecrets { value, names }
    }

    /// Does a key or a path lead to what is discarded?
    fn is_secret(&self, text: &str) -> bool {
        names_password(text) || self.name(text).is_some()
    }

    fn name(&self, text: &str) -> Option<&Name<'v>> {
        // What stands in brackets may hold any sign.
        let text = text.split('[').next().unwrap_or(text).trim();
        let last = text.rsplit([':', '.']).next().unwrap_or(text);
        let mut names = self.names.iter();
        names.find(|(name, _)| name.eq_ignore_ascii_case(last))
    }

    /// What stands in the place of a value.
    fn instead(&self, key: &str, value: &Value) -> String {
        match (self.name(key), value) {
            (Some((_, Type::Binary)), Value::String(file)) => {
                let hash = HEXLOWER.encode(&Sha256::digest(file));
                format!("(discarded; SHA-256 {hash})")
            }
            _ => DISCARDED.to_owned(),
        }
    }
}

impl Serialize for WithoutSecrets<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.value {
            Value::Object(object) => {
                let at_secret = object.iter().any(|(key, value)| {
                    let path = value.as_str().filter(|_| key.eq_ignore_ascii_case("path"));
                    path.is_some_and(|path| self.is_secret(path))
                });
                let mut map = serializer.serialize_map(Some(object.len()))?;
                for (key, value) in object {
                    let secret =
                        self.is_secret(key) || (at_secret && key.eq_ignore_ascii_case("value"));
                    if secret {
                        map.serialize_entry(key, &self.instead(key, value))?;
                    } else {
                        map.serialize_entry(key, &self.inside(value))?;
                    }
                }
                map.end()
            }
            Value::Array(items) => {
                let mut list = serializer.serialize_seq(Some(items.len()))?;
                for item in items {
                    list.serialize_element(&self.inside(item))?;
                }
                list.end()
            }
            Value::String(text) if text.contains('{') && names_password(text) => {
                serializer.serialize_str(DISCARDED)
            }
            other => other.serialize(serializer),
        }
    }
}

fn names_password(text: &str) -> bool {
    const WORD: &[u8] = b"password";
    let mut windows = text.as_bytes().windows(WORD.len());
    windows.any(|window| window.eq_ignore_ascii_case(WORD))
}

#[cfg(test)]
mod tests {
    use super::*;

    macro_rules! check {
        ($body:tt, @$shown:literal) => {
            insta::assert_snapshot!(KeptBody::of(&json!($body)).as_str(), @$shown)
        };
    }

    #[test]
    fn passwords_are_not_kept_wherever_they_stand() {
        check!({"userName": "a", "password": "p"}, @r#"{"userName":"a","password":"(discarded)"}"#);
        check!({"PASSWORD": ["p"], "urn:x:User:password": {"value": "p"}}, @r#"{"PASSWORD":"(discarded)","urn:x:User:password":"(discarded)"}"#);
        check!({"Operations": [{"op": "add", "Path": "Password", "value": "p"}]}, @r#"{"Operations":[{"op":"add","Path":"Password","value":"(discarded)"}]}"#);
        check!({"op": "add", "value": {"password": "p", "title": "t"}}, @r#"{"op":"add","value":{"password":"(discarded)","title":"t"}}"#);
        check!({"value": "{\"password\":\"p\"}"}, @r#"{"value":"(discarded)"}"#);
        check!({"path": "title", "value": "the password keeper"}, @r#"{"path":"title","value":"the password keeper"}"#);
    }

    #[test]
    fn what_is_never_returned_is_not_kept() {
        let kept = |body: &Value| {
            KeptBody::without(body, &[("file", Type::Binary), ("pin", Type::String)]).0
        };
        insta::assert_snapshot!(kept(&json!({"FILE": "f", "urn:x:Run:pin": "1", "fileKind": "k"})),
            @r#"{"FILE":"(discarded; SHA-256 252f10c83610ebca1a059c0bae8255eba2f95be4d1d7bcfa89d7248a82d9f111)","urn:x:Run:pin":"(discarded)","fileKind":"k"}"#);
        insta::assert_snapshot!(kept(&json!({"op": "add", "path": "file", "value": "f"})),
            @r#"{"op":"add","path":"file","value":"(discarded)"}"#);
    }
}
