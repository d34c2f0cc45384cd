//! What the change feed keeps of a body: all of it but passwords.

use serde_json::{Value, json};

/// A body without the values of passwords: below a key that names one, beside a `path` that
/// does, and in JSON that came as text.
pub(super) fn without_password(body: &Value) -> Value {
    match body {
        Value::Object(map) => {
            let at_password = map.iter().any(|(key, value)| {
                key.eq_ignore_ascii_case("path") && value.as_str().is_some_and(names_password)
            });
            let kept = |(key, value): (&String, &Value)| {
                let secret =
                    names_password(key) || (at_password && key.eq_ignore_ascii_case("value"));
                let value = if secret {
                    json!("(discarded)")
                } else {
                    without_password(value)
                };
                (key.clone(), value)
            };
            map.iter().map(kept).collect()
        }
        Value::Array(items) => items.iter().map(without_password).collect(),
        Value::String(text) if text.contains('{') && names_password(text) => json!("(discarded)"),
        other => other.clone(),
    }
}

fn names_password(text: &str) -> bool {
    text.to_lowercase().contains("password")
}

#[cfg(test)]
mod tests {
    use super::*;

    macro_rules! check {
        ($body:tt, @$shown:literal) => {
            insta::assert_snapshot!(without_password(&json!($body)), @$shown)
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
