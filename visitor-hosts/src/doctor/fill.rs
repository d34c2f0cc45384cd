//! What is known when a step is sent: the names of the run, and what earlier answers told.

use serde_json::{Map, Value};

/// Values by their names, which stand as `{{name}}` in a script.
#[derive(Debug, Default)]
pub(super) struct Known(Map<String, Value>);

/// A name that nothing has told.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unknown(pub(super) String);

impl Known {
    pub(super) fn learn(&mut self, name: &str, value: Value) {
        self.0.insert(name.to_owned(), value);
    }

    pub(super) fn get(&self, name: &str) -> Result<&Value, Unknown> {
        self.0.get(name).ok_or_else(|| Unknown(name.to_owned()))
    }

    /// The text with the names replaced.
    pub(super) fn text(&self, template: &str) -> Result<String, Unknown> {
        let mut filled = String::new();
        let mut rest = template;
        while let Some((before, after)) = rest.split_once("{{") {
            let Some((name, after)) = after.split_once("}}") else {
                break;
            };
            filled.push_str(before);
            match self.get(name)? {
                Value::String(text) => filled.push_str(text),
                other => filled.push_str(&other.to_string()),
            }
            rest = after;
        }
        filled.push_str(rest);
        Ok(filled)
    }

    /// The JSON with the names replaced in all its texts.
    pub(super) fn json(&self, template: &Value) -> Result<Value, Unknown> {
        Ok(match template {
            Value::String(text) => Value::String(self.text(text)?),
            Value::Array(items) => {
                let items: Result<_, _> = items.iter().map(|item| self.json(item)).collect();
                Value::Array(items?)
            }
            Value::Object(object) => {
                let filled = object.iter().map(|(key, value)| {
                    let (key, value) = (self.text(key)?, self.json(value)?);
                    Ok((key, value))
                });
                Value::Object(filled.collect::<Result<_, Unknown>>()?)
            }
            other => other.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_are_replaced_wherever_they_stand() {
        let mut known = Known::default();
        known.learn("user", json!("7"));
        let filled =
            known.json(&json!({"path": "/Users/{{user}}", "all": ["{{user}}{{user}}", 1]}));
        insta::assert_snapshot!(filled.unwrap(), @r#"{"path":"/Users/7","all":["77",1]}"#);
        assert_eq!(known.text("{{group}}"), Err(Unknown("group".to_owned())));
    }
}
