//! Whether a JSON text is an object in which nothing stands twice, and what it holds.

use std::fmt;

use scim_core::json::check_limits;
use serde::Deserialize;
use serde::de::{Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// More levels than any claim has.
const DEPTH_MAX: usize = 8;
const NODES_MAX: usize = 1_000;

/// The object, or `None`. Parsers differ in which of two equal names counts, so none may be twice
/// (RFC 7519 §4, RFC 8725 §2.4).
pub(super) fn object(bytes: &[u8]) -> Option<Map<String, Value>> {
    check_limits(bytes, DEPTH_MAX, NODES_MAX).ok()?;
    match serde_json::from_slice(bytes) {
        Ok(Once(Value::Object(map))) => Some(map),
        _ => None,
    }
}

/// A value in which no object has a name twice.
struct Once(Value);

impl<'de> Deserialize<'de> for Once {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Once, D::Error> {
        deserializer.deserialize_any(Builder).map(Once)
    }
}

struct Builder;

impl<'de> Visitor<'de> for Builder {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(Once(value)) = seq.next_element()? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some((name, Once(value))) = access.next_entry::<String, Once>()? {
            if map.insert(name, value).is_some() {
                return Err(A::Error::custom("a name stands twice"));
            }
        }
        Ok(Value::Object(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_once_at_every_depth() {
        let check = |text: &str, expected: bool| {
            assert_eq!(object(text.as_bytes()).is_some(), expected, "{text}");
        };
        check(
            r#"{"a":1,"b":[{"a":null},{"a":-1.5}],"c":{"a":true,"d":""}}"#,
            true,
        );
        check(" {\r\n \"a\" : 1 } ", true);
        check("{}", true);
        check(r#"{"a":1,"a":1}"#, false);
        check(r#"{"a":1,"\u0061":2}"#, false);
        check(r#"{"b":[{"a":1,"a":2}]}"#, false);
        check(r#"{"a":1} {}"#, false);
        check("[]", false);
        check("\u{feff}{}", false);
        check(r#"{"a":1e400}"#, false);
        check(
            &format!("{{\"a\":{}1{}}}", "[".repeat(8), "]".repeat(8)),
            false,
        );
    }

    #[test]
    fn values_are_those_of_the_parser() {
        let text = r#"{"a":[1,-2,3.5,18446744073709551615,"x\n",null,false,{"b":{}}]}"#;
        let expected: Value = serde_json::from_str(text).unwrap();
        assert_eq!(object(text.as_bytes()).map(Value::Object), Some(expected));
    }
}
