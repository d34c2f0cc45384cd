//! What a bare PATCH of a user costs: read JSON, set one value, print JSON.

use serde::Deserialize;
use serde_json::Value;

use crate::store::Failure;

/// An operation that the load sends; `op` is taken for granted.
#[derive(Deserialize)]
pub(crate) struct Replace {
    path: String,
    value: Value,
}

/// Sets an attribute, or the value of the work e-mail.
pub(crate) fn apply(document: &str, operations: Vec<Replace>) -> Result<String, Failure> {
    let mut document: Value =
        serde_json::from_str(document).map_err(|error| Failure::Broken(error.to_string()))?;
    for Replace { path, value } in operations {
        if !path.starts_with("emails[") {
            document[path.as_str()] = value;
            continue;
        }
        for email in document["emails"].as_array_mut().into_iter().flatten() {
            if email["type"] == "work" {
                email["value"] = value.clone();
            }
        }
    }
    Ok(document.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, expected: &str) {
        let document = r#"{"title":"a","emails":[{"type":"work","value":"a"},{"type":"home"}]}"#;
        let operations = format!(r#"[{{"path":{path:?},"value":"b"}}]"#);
        let operations = serde_json::from_str(&operations).unwrap();
        assert_eq!(apply(document, operations).ok().unwrap(), expected);
    }

    #[test]
    fn an_attribute() {
        check(
            "title",
            r#"{"title":"b","emails":[{"type":"work","value":"a"},{"type":"home"}]}"#,
        );
    }

    #[test]
    fn the_work_email() {
        check(
            "emails[type eq \"work\"].value",
            r#"{"title":"a","emails":[{"type":"work","value":"b"},{"type":"home"}]}"#,
        );
    }
}
