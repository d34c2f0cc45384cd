//! Every difference between an expected body and the one that came, each with its JSON pointer.

use std::fmt;

use serde_json::{Map, Value};

use super::captures::Captures;
use super::pattern::Pattern;

/// All differences; none means that `actual` is what `expected` asks for. Placeholders that fit
/// are kept in `captures`, also beside a difference.
pub(super) fn compare(
    expected: &Pattern,
    actual: &Value,
    captures: &mut Captures,
) -> Vec<Difference> {
    let mut comparison = Comparison {
        captures,
        differences: Vec::new(),
    };
    comparison.value("", expected, actual);
    comparison.differences
}

/// One place where an answer is another one than expected.
#[derive(Debug, PartialEq, Eq)]
pub struct Difference {
    /// Where, as a JSON pointer (RFC 6901).
    pub pointer: String,
    /// What is wrong there, in the words of a log line.
    pub reason: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pointer = if self.pointer.is_empty() {
            "body"
        } else {
            &self.pointer
        };
        write!(f, "{pointer}: {}", self.reason)
    }
}

struct Comparison<'c> {
    captures: &'c mut Captures,
    differences: Vec<Difference>,
}

impl Comparison<'_> {
    fn value(&mut self, pointer: &str, expected: &Pattern, actual: &Value) {
        match (expected, actual) {
            (Pattern::Any, Value::Null) => self.report(pointer, "expected a value, found null"),
            (Pattern::Any | Pattern::Maybe, _) => {}
            (Pattern::Text(template), Value::String(text)) => {
                if let Err(reason) = template.fit(text, self.captures) {
                    self.report(pointer, reason);
                }
            }
            (Pattern::Literal(literal), actual) if literal == actual => {}
            (Pattern::Array(expected), Value::Array(actual)) => {
                self.elements(pointer, expected, actual);
            }
            (Pattern::Object(expected), Value::Object(actual)) => {
                self.members(pointer, expected, actual);
            }
            _ => self.report(pointer, format!("expected {expected}, found {actual}")),
        }
    }

    fn members(
        &mut self,
        pointer: &str,
        expected: &[(String, Pattern)],
        actual: &Map<String, Value>,
    ) {
        for (key, pattern) in expected {
            let pointer = below(pointer, key);
            match actual.get(key) {
                Some(value) => self.value(&pointer, pattern, value),
                None if *pattern == Pattern::Maybe => {}
                None => self.report(&pointer, format!("missing, expected {pattern}")),
            }
        }
        for (key, value) in actual {
            if !expected.iter().any(|(name, _)| name == key) {
                self.report(&below(pointer, key), format!("unexpected: {value}"));
            }
        }
    }

    /// Pairs every expected element with one that fits; what is left over on both sides is
    /// compared in order, so that a report names the key and not the whole element.
    fn elements(&mut self, pointer: &str, expected: &[Pattern], actual: &[Value]) {
        let mut left: Vec<(usize, &Value)> = actual.iter().enumerate().collect();
        let mut unmet = Vec::new();
        for pattern in expected {
            match left.iter().position(|(_, value)| self.fits(pattern, value)) {
                Some(found) => {
                    left.remove(found);
                }
                None => unmet.push(pattern),
            }
        }
        let mut left = left.into_iter();
        for pattern in unmet {
            match left.next() {
                Some((index, value)) => self.value(&format!("{pointer}/{index}"), pattern, value),
                None => self.report(pointer, format!("missing an element {pattern}")),
            }
        }
        for (index, value) in left {
            self.report(
                &format!("{pointer}/{index}"),
                format!("unexpected: {value}"),
            );
        }
    }

    /// Keeps the captures of the trial only if nothing differs.
    fn fits(&mut self, expected: &Pattern, actual: &Value) -> bool {
        let mut captures = self.captures.clone();
        let fits = compare(expected, actual, &mut captures).is_empty();
        if fits {
            *self.captures = captures;
        }
        fits
    }

    fn report(&mut self, pointer: &str, reason: impl Into<String>) {
        self.differences.push(Difference {
            pointer: pointer.to_owned(),
            reason: reason.into(),
        });
    }
}

fn below(pointer: &str, key: &str) -> String {
    format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use insta::assert_snapshot;
    use serde_json::json;

    fn shown(expected: Value, actual: &Value) -> String {
        let pattern = Pattern::parse(expected).unwrap();
        let found = compare(&pattern, actual, &mut Captures::new("http://a"));
        found
            .iter()
            .map(Difference::to_string)
            .collect::<Vec<_>>()
            .join("\n")
    }

    macro_rules! check {
        ($expected:tt, $actual:tt, @$shown:literal) => {
            assert_snapshot!(shown(json!($expected), &json!($actual)), @$shown)
        };
    }

    #[test]
    fn the_order_of_keys_does_not_count() {
        check!({"a": 1, "b": true}, {"b": true, "a": 1}, @"");
    }

    #[test]
    fn missing_unexpected_and_different_keys() {
        check!({"a": 1, "b": "x", "c": true}, {"a": 2, "c": true, "d": null}, @r#"
        /a: expected 1, found 2
        /b: missing, expected "x"
        /d: unexpected: null
        "#);
    }

    #[test]
    fn a_string_is_no_boolean() {
        check!({"active": false}, {"active": "False"}, @r#"/active: expected false, found "False""#);
    }

    #[test]
    fn the_order_of_elements_does_not_count() {
        check!(["{{id:a}}", {"v": 1}, {"v": 2}], [{"v": 2}, {"v": 1}, "x"], @"");
    }

    #[test]
    fn the_number_of_elements_counts() {
        check!([1, 1], [1], @"body: missing an element 1");
        check!([1], [1, 1], @"/1: unexpected: 1");
    }

    #[test]
    fn the_key_in_the_element_is_named() {
        check!({"e": [{"t": "work", "v": 1}]}, {"e": [{"t": "work", "v": 2}]}, @"/e/0/v: expected 1, found 2");
    }

    #[test]
    fn an_optional_key() {
        check!({"a": "{{maybe}}"}, {}, @"");
        check!({"a": "{{maybe}}"}, {"a": [1]}, @"");
    }

    #[test]
    fn any_value_must_be_there() {
        check!({"a": "{{any}}", "b": "{{any}}"}, {"a": [1]}, @"/b: missing, expected {{any}}");
    }

    #[test]
    fn a_captured_value_must_come_again() {
        check!({"a": "{{id:x}}", "b": "{{base}}/{{id:x}}"}, {"a": "1", "b": "http://a/2"}, @"/b: expected http://a/1, found http://a/2");
    }

    #[test]
    fn a_slash_in_a_key() {
        check!({}, {"a/b~": 1}, @"/a~1b~0: unexpected: 1");
    }
}
