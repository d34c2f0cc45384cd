//! The keys by which a store finds a document without reading it.

use serde_json::Value;

use super::Document;
use crate::error::Error;
use crate::path::{CompositePath, KeyPath};
use crate::schema::{ResourceType, Type};
use crate::text;

/// The keys of one document, sorted, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keys {
    /// Keys that no other resource of the same owner may have.
    pub unique: Vec<Key>,
    /// Keys that several resources may share.
    pub lookup: Vec<Key>,
}

/// One value in the form in which it is compared.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// Where the value is: `emails.value`.
    pub path: String,
    /// The value; text is folded unless its case matters.
    pub value: String,
}

/// The keys that the resource type declares. Text too long for an index is
/// refused, and the error names the attribute.
///
/// ```
/// use scim_core::{ResourceType, resource::{Policy, keys, validate}, schema};
/// use serde_json::json;
///
/// let user = ResourceType::new("User", "/Users", schema::user()).unique(["userName"]).build()?;
/// let body = json!({"schemas": [schema::USER_URN], "userName": "Zoë"});
/// let new = validate::parse_new(&user, body, &Policy::strict())?;
/// assert_eq!(keys::keys(&user, &new.document)?.unique[0].value, "zoë");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn keys(resource_type: &ResourceType, document: &Document) -> Result<Keys, Error> {
    let mut lookup = collect(resource_type.indexed(), document)?;
    for path in resource_type.composites() {
        lookup.push(joined(path, document)?);
    }
    lookup.sort_unstable();
    Ok(Keys {
        unique: collect(resource_type.unique(), document)?,
        lookup,
    })
}

/// Every document has a joined key, so that a list in its order is complete.
fn joined(path: &CompositePath, document: &Document) -> Result<Key, Error> {
    let mut values = Vec::with_capacity(path.parts().len());
    for part in path.parts() {
        let value = part.values(document.as_map()).into_iter().next();
        values.push(match value {
            Some(value) => key_value(part, value)?,
            None => None,
        });
    }
    let values: Vec<Option<&str>> = values.iter().map(Option::as_deref).collect();
    let value = path.join(&values);
    if value.len() > text::KEY_BYTES_MAX {
        return Err(Error::invalid_value(
            path.key(),
            format!(
                "the values are too long together: at most {} bytes are indexed",
                text::KEY_BYTES_MAX
            ),
        ));
    }
    Ok(Key {
        path: path.key().to_owned(),
        value,
    })
}

fn collect(paths: &[KeyPath], document: &Document) -> Result<Vec<Key>, Error> {
    let mut keys = Vec::new();
    for path in paths {
        for value in path.values(document.as_map()) {
            if let Some(value) = key_value(path, value)? {
                keys.push(Key {
                    path: path.key().to_owned(),
                    value,
                });
            }
        }
    }
    keys.sort_unstable();
    keys.dedup();
    Ok(keys)
}

/// A value as text whose order is the order of the values.
fn key_value(path: &KeyPath, value: &Value) -> Result<Option<String>, Error> {
    Ok(match value {
        Value::String(value) if path.kind() == Type::DateTime => {
            text::date_time(value).map(|time| format!("{time:.9}"))
        }
        Value::String(value) => Some(text::key_text(path, value)?),
        Value::Bool(value) => Some(value.to_string()),
        Value::Number(number) => number.as_f64().map(number_key),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    })
}

/// The bits of a float sort like the number once the sign is turned over.
fn number_key(number: f64) -> String {
    // 0.0 and -0.0 are one number.
    let bits = (number + 0.0).to_bits();
    let sign = 1_u64 << 63;
    let ordered = if bits & sign == 0 { bits | sign } else { !bits };
    format!("{ordered:016x}")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{keys, number_key};
    use crate::ResourceType;
    use crate::resource::{Document, Policy, validate};
    use crate::schema::{self, Schema};
    use crate::text::KEY_BYTES_MAX;

    fn shown(body: Value) -> String {
        let user = ResourceType::new("User", "/Users", schema::user())
            .unique(["userName", "externalId"])
            .indexed(["emails.value", "active", "displayName"])
            .build()
            .unwrap();
        let document = validate::parse_new(&user, body, &Policy::compatible())
            .unwrap()
            .document;
        match keys(&user, &document) {
            Ok(keys) => {
                let line = |keys: Vec<super::Key>| {
                    let shown: Vec<_> = keys
                        .iter()
                        .map(|it| format!("{}={}", it.path, it.value))
                        .collect();
                    shown.join(" ")
                };
                format!("{} | {}", line(keys.unique), line(keys.lookup))
            }
            Err(error) => error.to_string(),
        }
    }

    macro_rules! check {
        ($body:tt, @$shown:literal) => { insta::assert_snapshot!(shown(json!($body)), @$shown) };
    }

    #[test]
    fn case_matters_only_where_the_schema_says() {
        check!({"userName": "ANN", "externalId": "ANN"}, @"externalId=ANN userName=ann | ");
    }
    #[test]
    fn every_value_of_a_list_once() {
        check!(
            {"userName": "a", "emails": [{"value": "B@x"}, {"value": "a@x"}, {"value": "b@X", "type": "home"}], "active": true},
            @"userName=a | active=true emails.value=a@x emails.value=b@x"
        );
    }
    #[test]
    fn long_text_is_refused_by_name() {
        let shown = shown(json!({"userName": "a", "displayName": "x".repeat(513)}));
        insta::assert_snapshot!(shown, @"displayName: the value is too long: at most 512 bytes are indexed");
    }
    #[test]
    fn joined_keys_sort_by_their_parts() {
        let user = ResourceType::new("User", "/Users", schema::user())
            .indexed(["title", "active + title"])
            .build()
            .unwrap();
        let key = |body: Value| {
            let mut map = body.as_object().unwrap().clone();
            map.insert("userName".to_owned(), json!("a"));
            let body = Value::Object(map);
            let document = validate::parse_new(&user, body, &Policy::compatible())
                .unwrap()
                .document;
            let keys = keys(&user, &document)?.lookup;
            let joined = keys.into_iter().find(|key| key.path == "active + title");
            Ok::<_, crate::Error>(joined.unwrap().value)
        };
        let sorted = [
            json!({}),
            json!({"title": "A"}),
            json!({"active": false}),
            json!({"active": false, "title": "B"}),
            json!({"active": true, "title": "a"}),
            json!({"active": true, "title": "aB"}),
            json!({"active": true, "title": "B"}),
        ];
        assert!(sorted.map(|body| key(body).unwrap()).is_sorted());
        let empty = key(json!({"active": true, "title": "x"})).unwrap().len() - 1;
        let filled =
            |bytes: usize| key(json!({"active": true, "title": "x".repeat(bytes - empty)}));
        assert_eq!(filled(KEY_BYTES_MAX).unwrap().len(), KEY_BYTES_MAX);
        assert_eq!(
            filled(KEY_BYTES_MAX + 1).unwrap_err().to_string(),
            "active + title: the values are too long together: at most 512 bytes are indexed"
        );
    }
    #[test]
    fn a_moment_has_one_key_however_it_is_written() {
        let schema = Schema::from_json(
            r#"{"id": "urn:example:Badge", "attributes": [{"name": "issued", "type": "dateTime"}]}"#,
        );
        let badge = ResourceType::new("Badge", "/Badges", schema.unwrap())
            .indexed(["issued"])
            .build()
            .unwrap();
        let key = |issued: &str| {
            let mut document = Document::default();
            document.set(None, "issued", json!(issued));
            keys(&badge, &document).unwrap().lookup.remove(0).value
        };
        let moment = "2026-01-31T08:00:00.000000000Z";
        assert_eq!(key("2026-01-31T08:00:00Z"), moment);
        assert_eq!(key("2026-01-31T09:00:00.0+01:00"), moment);
    }
    #[test]
    fn numbers_sort_like_numbers() {
        let numbers = [-1e9, -2.0, -0.5, 0.0, 0.5, 2.0, 10.0, 1e9];
        assert!(numbers.map(number_key).is_sorted());
        assert_eq!(number_key(-0.0), number_key(0.0));
    }
}
