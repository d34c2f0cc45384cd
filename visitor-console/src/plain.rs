//! What people read of a value that the log has recorded.

use serde_json::Value;

/// Lists and groups of values without their brackets: what names them is enough.
pub(crate) fn plain(text: &str) -> String {
    match serde_json::from_str::<Value>(text) {
        Ok(value @ (Value::Array(_) | Value::Object(_))) => named(&value),
        _ => text.to_owned(),
    }
}

fn named(value: &Value) -> String {
    match value {
        Value::Array(values) => {
            let names: Vec<String> = values.iter().map(named).collect();
            names.join(", ")
        }
        Value::Object(map) => {
            let names = ["code", "display", "value", "formatted"];
            let found = names.iter().find_map(|name| map.get(*name)?.as_str());
            match found {
                Some(name) => name.to_owned(),
                None => {
                    let parts: Vec<String> = map
                        .iter()
                        .map(|(name, value)| format!("{name} {}", named(value)))
                        .collect();
                    parts.join(", ")
                }
            }
        }
        Value::String(text) => text.clone(),
        value => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_named() {
        assert_eq!(plain("Sales"), "Sales");
        assert_eq!(
            plain(r#"[{"code":"idpInactive","since":"x"},{"code":"undo"}]"#),
            "idpInactive, undo"
        );
        assert_eq!(
            plain(r#"{"givenName":"Kim","familyName":"M"}"#),
            "givenName Kim, familyName M"
        );
        assert_eq!(plain("17"), "17");
    }
}
