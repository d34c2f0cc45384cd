//! How a stored resource becomes the resource that a client sees: as a tree, of which parts can
//! be chosen, or written out as it is (`text.rs`).

mod text;

use jiff::Timestamp;
use scim_core::ResourceType;
use serde_json::{Map, Value, json};

use crate::Error;
use crate::store::{MemberLink, Stored, Transaction};

/// The endpoint of a resource type, by its name.
pub(crate) type EndpointOf<'a> = &'a dyn Fn(&str) -> Option<&'a str>;

/// A resource with what lives in rows, before projection.
///
/// ```
/// # let at = jiff::Timestamp::UNIX_EPOCH;
/// # let id = scim_core::ResourceId::new(uuid::Uuid::nil());
/// # let (owner, version) = (None, scim_core::Version(1));
/// use scim_core::{ResourceType, schema};
/// use scim_server::{Resource, store::Stored};
///
/// let users = ResourceType::new("User", "/Users", schema::user()).build()?;
/// let kim = Resource::bare(Stored {
///     kind: "User".into(),
///     document: r#"{"userName":"kim"}"#.into(),
///     id, owner, version, created: at, modified: at,
/// });
/// let shown = kim.to_map(&users, "https://scim.example", &|_| None)?;
/// assert_eq!(shown["meta"]["location"], format!("https://scim.example/Users/{id}"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Resource {
    /// The row.
    pub stored: Stored,
    /// Members or groups, where they were asked for: attribute and values.
    pub links: Vec<(String, Vec<Link>)>,
    /// What this answer shows and no other: a secret that was made just now.
    pub once: Map<String, Value>,
    /// What a verb found out, which is answered in place of the resource.
    pub found: Option<Value>,
}

/// The other end of a reference, as an answer shows it.
#[derive(Debug, Clone)]
pub struct Link {
    /// Where it leads.
    pub link: MemberLink,
    /// The value of its `type`, where the schema has that sub-attribute.
    pub label: Option<String>,
}

impl Resource {
    /// A resource without anything from rows.
    pub fn bare(stored: Stored) -> Resource {
        Resource::linked(stored, Vec::new())
    }

    pub(crate) fn linked(stored: Stored, links: Vec<(String, Vec<Link>)>) -> Resource {
        Resource {
            stored,
            links,
            once: Map::new(),
            found: None,
        }
    }

    /// The same with what the unit has to show this once.
    pub(crate) fn showing_once(mut self, tx: &mut Transaction<'_>) -> Resource {
        self.once = tx.shown_once();
        self
    }

    /// The whole resource as JSON (RFC 7643 §3), for a client that reached us at `base_url`.
    pub fn to_map(
        &self,
        resource_type: &ResourceType,
        base_url: &str,
        endpoint_of: EndpointOf<'_>,
    ) -> Result<Map<String, Value>, Error> {
        let mut map = with_id(&self.stored)?;
        for (attribute, links) in &self.links {
            if links.is_empty() {
                continue;
            }
            let values = links
                .iter()
                .map(|link| link_value(link, base_url, endpoint_of))
                .collect();
            map.insert(attribute.clone(), Value::Array(values));
        }
        if resource_type.is_strict() {
            add_references(&mut map, resource_type, base_url, endpoint_of);
        }
        let mut meta = meta(&self.stored);
        if let Some(meta) = meta.as_object_mut() {
            let location = location(base_url, resource_type, &self.stored);
            meta.insert("location".to_owned(), Value::String(location));
        }
        map.insert("meta".to_owned(), meta);
        Ok(map)
    }
}

/// Gives the references that the product made (`{value, display}`) their `$ref`. What clients
/// sent is shown as they sent it.
fn add_references(
    map: &mut Map<String, Value>,
    resource_type: &ResourceType,
    base_url: &str,
    endpoint_of: EndpointOf<'_>,
) {
    for attribute in resource_type.attributes() {
        let Some(reference) = attribute.sub("$ref") else {
            continue;
        };
        let values = match map.get_mut(&attribute.name) {
            Some(Value::Array(values)) => values.as_mut_slice(),
            Some(value) => std::slice::from_mut(value),
            None => continue,
        };
        for value in values.iter_mut().filter_map(Value::as_object_mut) {
            let kind = match (value.get("type"), reference.reference_types.as_slice()) {
                (Some(Value::String(kind)), _) | (None, [kind]) => kind.clone(),
                _ => continue,
            };
            let (Some(id), Some(endpoint)) = (
                value.get("value").and_then(Value::as_str),
                endpoint_of(&kind),
            ) else {
                continue;
            };
            let target = format!("{base_url}{endpoint}/{id}");
            value.entry("$ref").or_insert(Value::String(target));
        }
    }
}

/// Where a resource is found (RFC 7644 §3.1).
pub(crate) fn location(base_url: &str, resource_type: &ResourceType, stored: &Stored) -> String {
    format!("{base_url}{}/{}", resource_type.endpoint(), stored.id)
}

/// `meta` without the location, which depends on how the client reached us.
pub(crate) fn meta(stored: &Stored) -> Value {
    json!({
        "resourceType": stored.kind,
        "created": date_time(stored.created),
        "lastModified": date_time(stored.modified),
        "version": stored.version.etag(),
    })
}

/// RFC 7643 §2.3.5, in UTC with milliseconds.
pub(crate) fn date_time(at: Timestamp) -> String {
    format!("{at:.3}")
}

pub(crate) fn link_value(
    Link { link, label }: &Link,
    base_url: &str,
    endpoint_of: EndpointOf<'_>,
) -> Value {
    let mut value = Map::new();
    value.insert("value".to_owned(), json!(link.id.to_string()));
    if let Some(endpoint) = endpoint_of(&link.kind) {
        let reference = format!("{base_url}{endpoint}/{}", link.id);
        value.insert("$ref".to_owned(), json!(reference));
    }
    if let Some(display) = &link.display {
        value.insert("display".to_owned(), json!(display));
    }
    if let Some(label) = label {
        value.insert("type".to_owned(), json!(label));
    }
    Value::Object(value)
}

/// The document with its id after `schemas`, where readers look for it.
pub(crate) fn with_id(stored: &Stored) -> Result<Map<String, Value>, Error> {
    let mut map = stored.parse()?.into_map();
    let place = usize::from(map.contains_key("schemas"));
    map.shift_insert(place, "id".to_owned(), json!(stored.id.to_string()));
    Ok(map)
}
