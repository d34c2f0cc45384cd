//! Several plain values as one key: `status + dueAt`.

use std::fmt;

use super::KeyPath;

/// The paths of a key that is joined of several values, in their order.
///
/// The joined text sorts like the list of the values: first by the first
/// part, then by the second, and a part without a value before all that have
/// one. A store that compares texts byte by byte can therefore answer "status
/// is pending, by due time" from one index.
///
/// ```
/// # use scim_core::{ResourceType, schema};
/// let user = ResourceType::new("User", "/Users", schema::user())
///     .indexed(["active + userName"])
///     .build()?;
/// let path = &user.composites()[0];
/// assert_eq!(path.key(), "active + userName");
/// assert!(path.join(&[Some("false"), Some("zoe")]) < path.join(&[Some("true"), None]));
/// # Ok::<(), scim_core::SchemaError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CompositePath {
    key: String,
    parts: Vec<KeyPath>,
}

/// What stands between two parts. Nothing sorts before it, because U+0000 is
/// refused in documents.
const SEPARATOR: char = '\u{1}';
/// What stands before a separator, or before itself, that is part of a value.
const ESCAPE: char = '\u{2}';

impl CompositePath {
    pub(crate) fn new(parts: Vec<KeyPath>) -> Self {
        let names: Vec<&str> = parts.iter().map(KeyPath::key).collect();
        Self {
            key: names.join(" + "),
            parts,
        }
    }

    /// The paths as text, which names the key in the store.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The paths of the parts.
    pub fn parts(&self) -> &[KeyPath] {
        &self.parts
    }

    /// The key of these values, which have the form of single keys. With
    /// fewer values than there are parts it is what all keys that begin with
    /// them begin with, so that a store can look for a range.
    pub fn join(&self, values: &[Option<&str>]) -> String {
        let mut joined = String::new();
        for (at, value) in values.iter().take(self.parts.len()).enumerate() {
            for char in value.unwrap_or_default().chars() {
                if matches!(char, SEPARATOR | ESCAPE) {
                    joined.push(ESCAPE);
                }
                joined.push(char);
            }
            if at + 1 < self.parts.len() {
                joined.push(SEPARATOR);
            }
        }
        joined
    }
}

impl fmt::Display for CompositePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.key)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::CompositePath;
    use crate::schema::{self, ResourceType};

    fn path() -> CompositePath {
        let built = ResourceType::new("User", "/Users", schema::user())
            .indexed(["TITLE+nickname +  displayName"])
            .build()
            .unwrap();
        built.composites()[0].clone()
    }

    #[test]
    fn names_are_canonical() {
        assert_eq!(path().key(), "title + nickName + displayName");
    }

    #[test]
    fn the_first_parts_are_a_prefix() {
        let all = path().join(&[Some("a"), Some("b"), Some("c")]);
        assert_eq!(all, "a\u{1}b\u{1}c");
        assert!(all.starts_with(&path().join(&[Some("a"), Some("b")])));
        let other = path().join(&[Some("ab"), Some("b"), Some("c")]);
        assert!(!other.starts_with(&path().join(&[Some("a")])));
    }

    proptest! {
        #[test]
        fn joined_text_sorts_like_the_parts(left in parts(), right in parts()) {
            let path = path();
            let joined = |parts: &[Option<String>]| {
                let parts: Vec<Option<&str>> = parts.iter().map(Option::as_deref).collect();
                path.join(&parts)
            };
            prop_assert_eq!(left.cmp(&right), joined(&left).cmp(&joined(&right)));
        }
    }

    fn parts() -> impl Strategy<Value = Vec<Option<String>>> {
        let text = "[\u{1}-\u{4}ab\u{e4}]{1,3}";
        prop::collection::vec(prop::option::of(text), 3)
    }
}
