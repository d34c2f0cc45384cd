//! Whether a JSON text is small enough to be parsed.

use crate::error::Error;

/// Refuses a JSON text whose arrays and objects are nested deeper than
/// `depth_max`, or which holds more than `nodes_max` values: objects, arrays,
/// texts, numbers, booleans and nulls, without the names of members.
///
/// One pass over the bytes, without allocation, so that a small body cannot
/// become a large tree. Whether the text is JSON at all is for the parser to
/// say: what it would refuse may pass here.
///
/// ```
/// use scim_core::json::check_limits;
///
/// let body = br#"{"emails": [{"value": "a@b.c"}, {"value": "d]]]]"}]}"#;
/// assert!(check_limits(body, 3, 6).is_ok());
/// assert_eq!(
///     check_limits(body, 2, 6).unwrap_err().to_string(),
///     "the JSON is nested too deeply: at most 2 levels are accepted",
/// );
/// assert_eq!(check_limits(body, 3, 5).unwrap_err().status(), 413);
/// ```
pub fn check_limits(bytes: &[u8], depth_max: usize, nodes_max: usize) -> Result<(), Error> {
    let mut depth = 0_usize;
    let mut nodes = 0_usize;
    let mut in_word = false;
    let mut rest = bytes.iter();
    while let Some(byte) = rest.next() {
        let was_in_word = std::mem::take(&mut in_word);
        match byte {
            b'{' | b'[' => {
                depth += 1;
                nodes += 1;
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            b'"' => {
                nodes += 1;
                skip_string(&mut rest);
            }
            // What stood before it was a name. Its value follows, so that
            // counting the name a moment too long refuses nothing more.
            b':' => nodes = nodes.saturating_sub(1),
            b',' | b' ' | b'\t' | b'\r' | b'\n' => {}
            _ => {
                in_word = true;
                nodes += usize::from(!was_in_word);
            }
        }
        if depth > depth_max {
            return Err(Error::invalid_syntax(format!(
                "the JSON is nested too deeply: at most {depth_max} levels are accepted"
            )));
        }
        if nodes > nodes_max {
            return Err(Error::TooMany {
                what: "JSON values",
                limit: nodes_max,
            });
        }
    }
    Ok(())
}

/// Goes to the end of a string whose opening quote was taken.
fn skip_string(rest: &mut std::slice::Iter<'_, u8>) {
    while let Some(byte) = rest.next() {
        match byte {
            b'"' => return,
            b'\\' => {
                rest.next();
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Map, Value};

    use super::check_limits;

    /// The least limits that the text passes.
    fn size(text: &str) -> (usize, usize) {
        let bytes = text.as_bytes();
        let depth = (0..).find(|depth| check_limits(bytes, *depth, usize::MAX).is_ok());
        let nodes = (0..).find(|nodes| check_limits(bytes, usize::MAX, *nodes).is_ok());
        (depth.unwrap(), nodes.unwrap())
    }

    #[test]
    fn depth_and_values_are_counted() {
        for (text, expected) in [
            ("", (0, 0)),
            ("null", (0, 1)),
            ("-1.5e+3", (0, 1)),
            (r#""[[[""#, (0, 1)),
            (r#""\"[\\""#, (0, 1)),
            ("[]", (1, 1)),
            ("[1,2 , 3]", (1, 4)),
            ("[[1],[2]]", (2, 5)),
            (r#"{"a":1}"#, (1, 2)),
            (r#"{"a":{"b":[true,"x:y"]},"c":null}"#, (3, 6)),
        ] {
            assert_eq!(size(text), expected, "{text}");
        }
    }

    #[test]
    fn broken_text_is_left_to_the_parser() {
        for text in ["]]]", "\"", "\"\\", "{:::", "\u{feff}"] {
            assert!(check_limits(text.as_bytes(), 1, 1).is_ok(), "{text}");
        }
    }

    #[test]
    fn a_bomb_is_refused_at_its_limit() {
        let deep = "[".repeat(1_000_000);
        assert!(check_limits(deep.as_bytes(), 64, usize::MAX).is_err());
        let wide = format!("[{}1]", "1,".repeat(1_000_000));
        assert!(check_limits(wide.as_bytes(), 64, 100_000).is_err());
    }

    proptest! {
        #[test]
        fn the_count_is_that_of_the_tree(value in json()) {
            let (depth, nodes) = measured(&value);
            for text in [value.to_string(), serde_json::to_string_pretty(&value).unwrap()] {
                let bytes = text.as_bytes();
                prop_assert!(check_limits(bytes, depth, nodes).is_ok());
                prop_assert!(check_limits(bytes, depth, nodes - 1).is_err());
                prop_assert!(depth == 0 || check_limits(bytes, depth - 1, nodes).is_err());
            }
        }
    }

    fn json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "[\"\\\\:,{}\\[\\] a\u{e4}\n]{0,6}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            let members = prop::collection::vec(("[a\":\\\\]{0,3}", inner.clone()), 0..4);
            prop_oneof![
                prop::collection::vec(inner, 0..4).prop_map(Value::Array),
                members.prop_map(|members| Value::Object(Map::from_iter(members))),
            ]
        })
    }

    fn measured(value: &Value) -> (usize, usize) {
        let inner: Vec<(usize, usize)> = match value {
            Value::Array(values) => values.iter().map(measured).collect(),
            Value::Object(map) => map.values().map(measured).collect(),
            _ => return (0, 1),
        };
        let deepest = inner.iter().map(|(depth, _)| *depth).max().unwrap_or(0);
        let nodes: usize = inner.iter().map(|(_, nodes)| *nodes).sum();
        (deepest + 1, nodes + 1)
    }
}
