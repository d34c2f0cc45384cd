//! What a server says about itself, and what a check may therefore ask of it.

use serde_json::{Map, Value, json};

use super::said::{at, split_urn, values};

/// The URN of the core schema of users.
pub(crate) const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
/// The URN of the core schema of groups.
pub(crate) const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
/// The URN of the extension for enterprises.
pub(crate) const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// The answers of the three discovery endpoints; null or empty where there was none.
#[derive(Clone, Debug, Default)]
pub(crate) struct Discovered {
    pub(crate) config: Value,
    pub(crate) types: Vec<Value>,
    pub(crate) schemas: Vec<Value>,
}

impl Discovered {
    /// Whether the configuration says that something is supported: `patch`, `bulk`, `filter`,
    /// `sort`, `etag`, `changePassword`; none if it says nothing.
    pub(crate) fn supports(&self, feature: &str) -> Option<bool> {
        let said = at(&self.config, &format!("{feature}.supported"));
        said.as_bool()
    }

    /// Where resources of a type are, without a slash at the end.
    pub(crate) fn endpoint(&self, name: &str) -> Option<String> {
        if self.types.is_empty() {
            return match name {
                "User" => Some("/Users".to_owned()),
                "Group" => Some("/Groups".to_owned()),
                _ => None,
            };
        }
        let endpoint = at(self.resource_type(name)?, "endpoint").as_str()?;
        // An absolute address ends as the relative one.
        let end = endpoint.trim_end_matches('/').rsplit('/').next()?;
        Some(format!("/{end}"))
    }

    pub(crate) fn resource_type(&self, name: &str) -> Option<&Value> {
        let urn = core(name);
        self.types.iter().find(|declared| {
            at(declared, "name") == name || urn.is_some_and(|urn| at(declared, "schema") == urn)
        })
    }

    pub(crate) fn schema(&self, urn: &str) -> Option<&Value> {
        self.schemas.iter().find(|schema| {
            at(schema, "id")
                .as_str()
                .is_some_and(|id| id.eq_ignore_ascii_case(urn))
        })
    }

    /// The extensions of a type, by URN.
    pub(crate) fn extensions(&self, name: &str) -> Vec<String> {
        let declared = self
            .resource_type(name)
            .map(|found| at(found, "schemaExtensions"));
        let declared = declared.map(values).unwrap_or_default();
        let urn = |extension: &Value| at(extension, "schema").as_str().map(str::to_owned);
        declared.iter().filter_map(urn).collect()
    }

    /// The definition of an attribute of a type, as `/Schemas` has it: `userName`,
    /// `name.givenName`, `urn:…:User:department`. A server without schemas is taken to have the
    /// attributes of RFC 7643.
    pub(crate) fn attribute(&self, name: &str, path: &str) -> Option<Value> {
        if ["id", "externalId", "meta", "schemas"].contains(&path) {
            return Some(json!({"name": path, "type": "string", "mutability": "readWrite"}));
        }
        let (extension, path) = split_urn(path);
        if self.schemas.is_empty() {
            return Some(json!({"name": path, "type": "string", "mutability": "readWrite"}));
        }
        let urn = match extension {
            Some(urn)
                if self.types.is_empty() || self.extensions(name).iter().any(|e| e == urn) =>
            {
                urn
            }
            Some(_) => return None,
            None => core(name)?,
        };
        let mut attributes = values(at(self.schema(urn)?, "attributes"));
        let mut found = None;
        for part in path.split('.') {
            let attribute = attributes.iter().find(|attribute| {
                at(attribute, "name")
                    .as_str()
                    .is_some_and(|name| name.eq_ignore_ascii_case(part))
            })?;
            attributes = values(at(attribute, "subAttributes"));
            found = Some(attribute.clone());
        }
        found
    }

    /// Adds what a schema requires and a body lacks, so that a server with more required
    /// attributes than the RFC can be tested.
    pub(crate) fn complete(&self, name: &str, body: &mut Value) {
        let Some(urn) = core(name) else { return };
        if let (Some(schema), Some(members)) = (self.schema(urn), body.as_object_mut()) {
            require(values(at(schema, "attributes")), members);
        }
    }
}

fn core(name: &str) -> Option<&'static str> {
    match name {
        "User" => Some(USER),
        "Group" => Some(GROUP),
        _ => None,
    }
}

fn require(attributes: &[Value], members: &mut Map<String, Value>) {
    for attribute in attributes {
        let Some(name) = at(attribute, "name").as_str() else {
            continue;
        };
        let is_required = at(attribute, "required") == true
            && at(attribute, "mutability") != "readOnly"
            && !["id", "meta", "schemas"].contains(&name);
        if is_required && !members.contains_key(name) {
            let value = sample(attribute);
            let many = at(attribute, "multiValued") == true;
            members.insert(name.to_owned(), if many { json!([value]) } else { value });
        }
    }
}

/// Some value of the attribute's type.
fn sample(attribute: &Value) -> Value {
    match at(attribute, "type").as_str().unwrap_or("string") {
        "boolean" => json!(false),
        "integer" => json!(1),
        "decimal" => json!(1.5),
        "dateTime" => json!("2026-01-01T00:00:00Z"),
        "binary" => json!("c2NpbQ=="),
        "reference" => json!("https://example.com/scim"),
        "complex" => {
            let mut members = Map::new();
            require(values(at(attribute, "subAttributes")), &mut members);
            Value::Object(members)
        }
        _ => match values(at(attribute, "canonicalValues")).first() {
            Some(canonical) => canonical.clone(),
            None => json!("scimconf"),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn discovered() -> Discovered {
        Discovered {
            config: json!({"bulk": {"supported": false}}),
            types: vec![
                json!({"name": "User", "endpoint": "https://scim.example/v2/Users/",
                "schema": USER, "schemaExtensions": [{"schema": ENTERPRISE}]}),
            ],
            schemas: vec![
                json!({"id": USER, "attributes": [
                    {"name": "userName", "required": true},
                    {"name": "badge", "type": "complex", "required": true, "subAttributes": [
                        {"name": "number", "type": "integer", "required": true}]},
                ]}),
                json!({"id": ENTERPRISE, "attributes": [{"name": "department"}]}),
            ],
        }
    }

    #[test]
    fn what_is_said() {
        let discovered = discovered();
        assert_eq!(discovered.supports("bulk"), Some(false));
        assert_eq!(discovered.supports("sort"), None);
        assert_eq!(discovered.endpoint("User").as_deref(), Some("/Users"));
        assert_eq!(discovered.endpoint("Group"), None);
        assert!(discovered.attribute("User", "badge.number").is_some());
        assert!(discovered.attribute("User", "title").is_none());
        assert!(
            discovered
                .attribute("User", &format!("{ENTERPRISE}:department"))
                .is_some()
        );
    }

    #[test]
    fn required_attributes_are_added() {
        let mut body = json!({"userName": "ann"});
        discovered().complete("User", &mut body);
        assert_eq!(body, json!({"userName": "ann", "badge": {"number": 1}}));
    }
}
