//! What of a resource an answer contains (RFC 7644 §3.9).

use indexmap::IndexSet;
use serde_json::{Map, Value};

use crate::error::Error;
use crate::path::AttributePath;
use crate::schema::{Attribute, ResourceType, Returned};

/// The `attributes` and `excludedAttributes` of a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Projection {
    /// Canonical paths; `None` asks for the default set.
    attributes: Option<IndexSet<String>>,
    excluded: IndexSet<String>,
    /// Is nothing shown that is returned on request alone?
    without_requested: bool,
}

impl Projection {
    /// Reads two comma-separated lists. Names that the resource type does not
    /// know are passed over, because they select nothing.
    ///
    /// ```
    /// use scim_core::{ResourceType, resource::project::Projection, schema};
    ///
    /// let user = ResourceType::new("User", "/Users", schema::user()).build()?;
    /// let projection = Projection::parse(Some("USERNAME, name.givenName"), None, &user)?;
    /// assert!(projection.wants("userName") && !projection.wants("groups"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn parse(
        attributes: Option<&str>,
        excluded: Option<&str>,
        resource_type: &ResourceType,
    ) -> Result<Self, Error> {
        let attributes = attributes.filter(|names| !names.trim().is_empty());
        Ok(Self {
            attributes: attributes.map(|names| canonical(names, resource_type)),
            excluded: excluded
                .map(|names| canonical(names, resource_type))
                .unwrap_or_default(),
            without_requested: false,
        })
    }

    /// The same for somebody who must not see what is returned on request alone.
    ///
    /// ```
    /// use scim_core::{ResourceType, Schema, resource::project::{Projection, project}};
    /// use serde_json::json;
    ///
    /// let schema = Schema::from_json(r#"{"id": "urn:example:Badge", "attributes": [
    ///     {"name": "notes", "type": "string", "returned": "request"}]}"#)?;
    /// let badges = ResourceType::new("Badge", "/Badges", schema).build()?;
    /// let badge = json!({ "notes": "lost twice" });
    /// let shown = |projection| project(badge.as_object().unwrap(), &badges, &projection).len();
    /// let asked = Projection::parse(Some("notes"), None, &badges)?;
    /// assert_eq!((shown(asked.clone()), shown(asked.without_requested())), (1, 0));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn without_requested(self) -> Self {
        Self {
            without_requested: true,
            ..self
        }
    }

    /// Whether the request asks for nothing in particular.
    pub fn is_default(&self) -> bool {
        self.attributes.is_none() && self.excluded.is_empty()
    }

    /// Whether the answer may contain a core attribute that is returned by
    /// default, such as `members`; a server need not load it otherwise.
    pub fn wants(&self, attribute: &str) -> bool {
        !self.excludes(attribute)
            && self
                .attributes
                .as_ref()
                .is_none_or(|_| self.names(attribute))
    }

    /// Whether the client names `path` or something in it.
    fn names(&self, path: &str) -> bool {
        self.attributes
            .iter()
            .flatten()
            .any(|named| named == path || is_within(named, path))
    }

    /// Whether the client names exactly `path`.
    fn names_whole(&self, path: &str) -> bool {
        self.attributes
            .as_ref()
            .is_some_and(|named| named.contains(path))
    }

    fn excludes(&self, path: &str) -> bool {
        self.excluded.contains(path)
    }
}

/// What of `resource`, a whole resource with `id` and `meta`, is answered.
pub fn project(
    resource: &Map<String, Value>,
    resource_type: &ResourceType,
    projection: &Projection,
) -> Map<String, Value> {
    let mut shown = Map::with_capacity(resource.len());
    for (name, value) in resource {
        if name == "schemas" {
            shown.insert(name.clone(), value.clone());
        } else if let Some(extension) = resource_type.extension(name) {
            let inside = project_extension(&extension.schema.id, value, resource_type, projection);
            if !inside.is_empty() {
                shown.insert(name.clone(), Value::Object(inside));
            }
        } else if let Some(attribute) = resource_type.attribute(name)
            && let Some(value) = project_attribute(attribute, name, false, value, projection)
        {
            shown.insert(name.clone(), value);
        }
    }
    shown
}

fn project_extension(
    urn: &str,
    value: &Value,
    resource_type: &ResourceType,
    projection: &Projection,
) -> Map<String, Value> {
    let schema = resource_type
        .extension(urn)
        .map(|extension| &extension.schema);
    let (Some(schema), Some(attributes)) = (schema, value.as_object()) else {
        return Map::new();
    };
    let whole = projection.names_whole(urn);
    attributes
        .iter()
        .filter_map(|(name, value)| {
            let attribute = schema.attribute(name)?;
            if projection.excludes(urn) && attribute.returned != Returned::Always {
                return None;
            }
            let path = format!("{urn}:{name}");
            let value = project_attribute(attribute, &path, whole, value, projection)?;
            Some((name.clone(), value))
        })
        .collect()
}

/// The value at `path`, or what of it is shown. `within` says that the client
/// named what the attribute is part of.
fn project_attribute(
    attribute: &Attribute,
    path: &str,
    within: bool,
    value: &Value,
    projection: &Projection,
) -> Option<Value> {
    let named = projection.names(path);
    let shown = match attribute.returned {
        Returned::Always => true,
        Returned::Never => false,
        Returned::Request => named && !projection.excludes(path) && !projection.without_requested,
        Returned::Default => {
            let asked = projection.attributes.is_none() || named || within;
            asked && !projection.excludes(path)
        }
    };
    if !shown {
        return None;
    }
    if attribute.sub_attributes.is_empty() {
        return Some(value.clone());
    }
    let whole = within || projection.names_whole(path);
    let sub = |value: &Value| project_object(attribute, path, whole, value, projection);
    match value {
        Value::Array(values) => {
            let values: Vec<_> = values.iter().filter_map(sub).collect();
            (!values.is_empty()).then_some(Value::Array(values))
        }
        single => sub(single),
    }
}

fn project_object(
    attribute: &Attribute,
    path: &str,
    whole: bool,
    value: &Value,
    projection: &Projection,
) -> Option<Value> {
    let Value::Object(object) = value else {
        return Some(value.clone());
    };
    // An attribute that is always returned comes whole unless the client
    // chose among its parts.
    let whole = whole || (attribute.returned == Returned::Always && !projection.names(path));
    let object: Map<String, Value> = object
        .iter()
        .filter_map(|(name, value)| {
            let sub = attribute.sub(name)?;
            let path = format!("{path}.{name}");
            let value = project_attribute(sub, &path, whole, value, projection)?;
            Some((name.clone(), value))
        })
        .collect();
    (!object.is_empty()).then_some(Value::Object(object))
}

fn canonical(names: &str, resource_type: &ResourceType) -> IndexSet<String> {
    names
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .filter_map(|name| {
            if let Some(extension) = resource_type.extension(name) {
                return Some(extension.schema.id.clone());
            }
            let path = AttributePath::parse(name).ok()?;
            Some(path.resolve(resource_type).ok()?.key())
        })
        .collect()
}

/// Whether `inner` is a part of `outer`: a sub-attribute, or an attribute of
/// an extension.
fn is_within(inner: &str, outer: &str) -> bool {
    inner
        .strip_prefix(outer)
        .is_some_and(|rest| rest.starts_with(['.', ':']))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Projection, project};
    use crate::ResourceType;
    use crate::schema::{self, ENTERPRISE_USER_URN, Schema};

    fn shown(attributes: Option<&str>, excluded: Option<&str>) -> String {
        let user = ResourceType::new("User", "/Users", schema::user())
            .extension(schema::enterprise_user())
            .build()
            .unwrap();
        let resource = json!({
            "schemas": ["s"], "id": "1", "userName": "ann", "password": "secret",
            "name": {"givenName": "Ann", "familyName": "Lee"},
            "emails": [{"value": "a@x", "type": "work"}, {"value": "b@x"}],
            ENTERPRISE_USER_URN: {"department": "d", "manager": {"value": "2", "displayName": "B"}},
            "meta": {"resourceType": "User"},
        });
        let Value::Object(resource) = resource else {
            return String::new();
        };
        let projection = Projection::parse(attributes, excluded, &user).unwrap();
        let shown = Value::Object(project(&resource, &user, &projection)).to_string();
        shown.replace(ENTERPRISE_USER_URN, "urn")
    }

    macro_rules! check {
        ($attributes:expr, $excluded:expr, @$shown:literal) => {
            insta::assert_snapshot!(shown($attributes, $excluded), @$shown)
        };
    }

    #[test]
    fn by_default_all_but_secrets() {
        check!(None, None, @r#"{"schemas":["s"],"id":"1","userName":"ann","name":{"givenName":"Ann","familyName":"Lee"},"emails":[{"value":"a@x","type":"work"},{"value":"b@x"}],"urn":{"department":"d","manager":{"value":"2","displayName":"B"}},"meta":{"resourceType":"User"}}"#);
    }
    #[test]
    fn id_and_schemas_are_always_there() {
        check!(Some("username"), None, @r#"{"schemas":["s"],"id":"1","userName":"ann"}"#);
    }
    #[test]
    fn unknown_names_select_nothing() {
        check!(Some("nothing,[,"), None, @r#"{"schemas":["s"],"id":"1"}"#);
    }
    #[test]
    fn an_empty_list_asks_for_nothing_in_particular() {
        assert_eq!(shown(Some(" "), Some("")), shown(None, None));
    }
    #[test]
    fn parts_of_a_list() {
        check!(Some("emails.type"), None, @r#"{"schemas":["s"],"id":"1","emails":[{"type":"work"}]}"#);
    }
    #[test]
    fn what_is_always_shown_comes_whole_unless_parts_are_chosen() {
        let schema = Schema::from_json(
            r#"{"id": "urn:example:Badge", "attributes": [
                {"name": "number", "type": "integer"},
                {"name": "label", "type": "complex", "returned": "always", "subAttributes": [
                    {"name": "text", "type": "string"}, {"name": "color", "type": "string"}]}]}"#,
        );
        let badge = ResourceType::new("Badge", "/Badges", schema.unwrap())
            .build()
            .unwrap();
        let resource = json!({"number": 1, "label": {"text": "A", "color": "red"}});
        let shown = |attributes| {
            let projection = Projection::parse(Some(attributes), None, &badge).unwrap();
            Value::Object(project(resource.as_object().unwrap(), &badge, &projection)).to_string()
        };
        insta::assert_snapshot!(shown("number"), @r#"{"number":1,"label":{"text":"A","color":"red"}}"#);
        insta::assert_snapshot!(shown("label"), @r#"{"label":{"text":"A","color":"red"}}"#);
        insta::assert_snapshot!(shown("label.color"), @r#"{"label":{"color":"red"}}"#);
    }
    #[test]
    fn a_secret_is_never_shown() {
        check!(Some("password"), None, @r#"{"schemas":["s"],"id":"1"}"#);
    }
    #[test]
    fn an_extension_by_its_urn() {
        check!(Some(ENTERPRISE_USER_URN), None, @r#"{"schemas":["s"],"id":"1","urn":{"department":"d","manager":{"value":"2","displayName":"B"}}}"#);
    }
    #[test]
    fn a_part_of_an_attribute_of_an_extension() {
        check!(Some(&format!("{ENTERPRISE_USER_URN}:manager.value")), None, @r#"{"schemas":["s"],"id":"1","urn":{"manager":{"value":"2"}}}"#);
    }
    #[test]
    fn excluded_whole_and_in_part() {
        check!(None, Some(&format!("id,meta,emails,name.familyName,{ENTERPRISE_USER_URN}")), @r#"{"schemas":["s"],"id":"1","userName":"ann","name":{"givenName":"Ann"}}"#);
    }
    #[test]
    fn servers_can_ask_before_they_load() {
        let user = ResourceType::new("User", "/Users", schema::user())
            .build()
            .unwrap();
        let parse = |attributes, excluded| Projection::parse(attributes, excluded, &user).unwrap();
        let wants = |attributes, excluded| parse(attributes, excluded).wants("groups");
        assert!(wants(None, None));
        assert!(wants(Some("groups.value"), None));
        assert!(!wants(Some("userName"), None));
        assert!(!wants(None, Some("Groups")));
        assert!(parse(None, None).is_default() && parse(Some(" "), Some("")).is_default());
        assert!(!parse(Some("groups"), None).is_default());
        assert!(!parse(None, Some("groups")).is_default());
    }
}
