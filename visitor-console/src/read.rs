//! Reading the documents that the API answers with: what is missing is empty.

use serde_json::Value;

/// Parts of a document by their paths, as in `name.givenName`.
pub(crate) trait Read {
    /// The value at a path.
    fn at(&self, path: &str) -> Option<&Value>;

    /// The text at a path, if there is one.
    fn maybe(&self, path: &str) -> Option<&str> {
        self.at(path)?.as_str()
    }

    /// The text at a path, or an empty one.
    fn text(&self, path: &str) -> &str {
        self.maybe(path).unwrap_or_default()
    }

    /// The number at a path, or 0.
    fn number(&self, path: &str) -> u64 {
        self.at(path).and_then(Value::as_u64).unwrap_or_default()
    }

    /// Is it true?
    fn flag(&self, path: &str) -> bool {
        self.at(path) == Some(&Value::Bool(true))
    }

    /// The values of what may have several.
    fn items(&self, path: &str) -> &[Value] {
        let values = self.at(path).and_then(Value::as_array);
        values.map(Vec::as_slice).unwrap_or_default()
    }

    /// Those of them that are texts.
    fn texts(&self, path: &str) -> Vec<&str> {
        self.items(path).iter().filter_map(Value::as_str).collect()
    }

    /// What people read of a value, whatever type it has.
    fn shown(&self, path: &str) -> String {
        match self.at(path) {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) => text.clone(),
            Some(value) => value.to_string(),
        }
    }
}

impl Read for Value {
    fn at(&self, path: &str) -> Option<&Value> {
        path.split('.')
            .try_fold(self, |value, name| value.get(name))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_missing_is_empty() {
        let host = json!({ "name": { "givenName": "Kim" }, "count": 3, "aliases": ["HQ", 1] });
        assert_eq!(host.text("name.givenName"), "Kim");
        assert_eq!(host.text("name.familyName.more"), "");
        assert_eq!(host.number("count"), 3);
        assert_eq!(host.texts("aliases"), ["HQ"]);
        assert_eq!(host.shown("count"), "3");
        assert!(!host.flag("count"));
    }
}
