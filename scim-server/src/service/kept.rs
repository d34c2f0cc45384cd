//! What the change feed keeps of a request: all of it but passwords.

use scim_core::resource::Repairs;
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};
use serde_json::Value;

use super::Origin;

const DISCARDED: &str = "(discarded)";

/// The body of a request as JSON without the values of passwords: below a key that names one,
/// beside a `path` that does, and in JSON that came as text.
#[derive(Clone)]
pub(super) struct KeptBody(String);

impl KeptBody {
    pub(super) fn of(body: &Value) -> KeptBody {
        // Objects with text for keys always become JSON.
        KeptBody(serde_json::to_string(&WithoutPassword(body)).unwrap_or_default())
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
        line.push('}');
        line
    }
}

/// Writes a value without the passwords in it; no copy is made.
struct WithoutPassword<'v>(&'v Value);

impl Serialize for WithoutPassword<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Object(object) => {
                let at_password = object.iter().any(|(key, value)| {
                    key.eq_ignore_ascii_case("path") && value.as_str().is_some_and(names_password)
                });
                let mut map = serializer.serialize_map(Some(object.len()))?;
                for (key, value) in object {
                    let secret =
                        names_password(key) || (at_password && key.eq_ignore_ascii_case("value"));
                    if secret {
                        map.serialize_entry(key, DISCARDED)?;
                    } else {
                        map.serialize_entry(key, &WithoutPassword(value))?;
                    }
                }
                map.end()
            }
            Value::Array(items) => {
                let mut list = serializer.serialize_seq(Some(items.len()))?;
                for item in items {
                    list.serialize_element(&WithoutPassword(item))?;
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
    use serde_json::json;

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
}
