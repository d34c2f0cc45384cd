//! A whole resource as JSON text, written from the text that is stored: no tree is built.

use jiff::Timestamp;
use jiff::fmt::temporal::DateTimePrinter;
use scim_core::ResourceType;
use serde::Serialize;
use uuid::fmt::Hyphenated;

use super::{EndpointOf, Link, Resource};

impl Resource {
    /// The same as the text of [`Resource::to_map`], for types whose answers show everything that
    /// is stored ([`ResourceType::is_shown_whole`]) and get no `$ref` inside of it.
    pub(crate) fn to_text(
        &self,
        resource_type: &ResourceType,
        base_url: &str,
        endpoint_of: EndpointOf<'_>,
    ) -> serde_json::Result<String> {
        let stored = &self.stored;
        let links: usize = self.links.iter().map(|(_, links)| links.len()).sum();
        let mut text = Vec::with_capacity(stored.document.len() + 384 + links * 256);
        let (schemas, rest) = around_id(&stored.document);
        text.push(b'{');
        if !schemas.is_empty() {
            text.extend_from_slice(schemas.as_bytes());
            text.push(b',');
        }
        let mut id = [0; Hyphenated::LENGTH];
        let id: &str = stored.id.uuid().as_hyphenated().encode_lower(&mut id);
        text.extend_from_slice(b"\"id\":");
        write_joined(&mut text, &[id])?;
        if !rest.is_empty() {
            text.push(b',');
            text.extend_from_slice(rest.as_bytes());
        }
        for (attribute, links) in &self.links {
            if links.is_empty() {
                continue;
            }
            text.push(b',');
            write(&mut text, attribute)?;
            text.extend_from_slice(b":[");
            for (place, link) in links.iter().enumerate() {
                if place > 0 {
                    text.push(b',');
                }
                write_link(&mut text, link, base_url, endpoint_of)?;
            }
            text.push(b']');
        }
        text.extend_from_slice(b",\"meta\":{\"resourceType\":");
        write(&mut text, &stored.kind)?;
        text.extend_from_slice(b",\"created\":");
        write_time(&mut text, stored.created)?;
        text.extend_from_slice(b",\"lastModified\":");
        write_time(&mut text, stored.modified)?;
        text.extend_from_slice(b",\"version\":");
        write(&mut text, &stored.version.etag())?;
        text.extend_from_slice(b",\"location\":");
        write_joined(&mut text, &[base_url, resource_type.endpoint(), "/", id])?;
        text.extend_from_slice(b"}}");
        // Only UTF-8 was written.
        Ok(String::from_utf8(text).unwrap_or_default())
    }
}

fn write_link(
    text: &mut Vec<u8>,
    Link { link, label }: &Link,
    base_url: &str,
    endpoint_of: EndpointOf<'_>,
) -> serde_json::Result<()> {
    let mut id = [0; Hyphenated::LENGTH];
    let id: &str = link.id.uuid().as_hyphenated().encode_lower(&mut id);
    text.extend_from_slice(b"{\"value\":");
    write_joined(text, &[id])?;
    if let Some(endpoint) = endpoint_of(&link.kind) {
        text.extend_from_slice(b",\"$ref\":");
        write_joined(text, &[base_url, endpoint, "/", id])?;
    }
    if let Some(display) = &link.display {
        text.extend_from_slice(b",\"display\":");
        write(text, display)?;
    }
    if let Some(label) = label {
        text.extend_from_slice(b",\"type\":");
        write(text, label)?;
    }
    text.push(b'}');
    Ok(())
}

/// A JSON string of several texts, hardly any of which needs escaping.
fn write_joined(text: &mut Vec<u8>, parts: &[&str]) -> serde_json::Result<()> {
    let is_plain = |byte: u8| byte >= b' ' && byte != b'"' && byte != b'\\';
    if !parts.iter().all(|part| part.bytes().all(is_plain)) {
        return write(text, &parts.concat());
    }
    text.push(b'"');
    for part in parts {
        text.extend_from_slice(part.as_bytes());
    }
    text.push(b'"');
    Ok(())
}

/// A dateTime with milliseconds.
fn write_time(text: &mut Vec<u8>, at: Timestamp) -> serde_json::Result<()> {
    const PRINTER: DateTimePrinter = DateTimePrinter::new().precision(Some(3));
    text.push(b'"');
    let printed = PRINTER.print_timestamp(&at, &mut *text);
    text.push(b'"');
    printed.map_err(serde::ser::Error::custom)
}

/// A JSON string.
fn write(text: &mut Vec<u8>, value: &impl Serialize) -> serde_json::Result<()> {
    serde_json::to_writer(text, value)
}

/// The members of the stored object that stand before `id`, which are the `schemas`, and those
/// after it.
fn around_id(document: &str) -> (&str, &str) {
    let inside = document
        .strip_prefix('{')
        .and_then(|it| it.strip_suffix('}'));
    let inside = inside.unwrap_or_default();
    let schemas = inside.strip_prefix("\"schemas\":[").and_then(|list| {
        let end = inside.len() - list.len() + list.find(']')? + 1;
        inside.split_at_checked(end)
    });
    let (schemas, rest) = schemas.unwrap_or(("", inside));
    (schemas, rest.strip_prefix(',').unwrap_or(rest))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use proptest::prelude::{Strategy, any, prop_assert_eq, proptest};
    use scim_core::{Document, ResourceId, ResourceType, Version, schema};
    use serde_json::{Value, json};
    use uuid::Uuid;

    use crate::resource::{Link, Resource};
    use crate::store::{MemberLink, Stored};

    const BASE_URL: &str = "https://scim.example/t/\"main\"";

    fn links() -> impl Strategy<Value = Vec<(String, Vec<Link>)>> {
        let link = (
            any::<u128>(),
            any::<bool>(),
            any::<Option<String>>(),
            any::<Option<String>>(),
        );
        let link = link.prop_map(|(id, is_user, display, label)| Link {
            link: MemberLink {
                id: ResourceId::new(Uuid::from_u128(id)),
                kind: if is_user { "User" } else { "Robot" }.to_owned(),
                owner: None,
                display,
            },
            label,
        });
        let links = proptest::collection::vec(link, 0..3);
        (links.clone(), links).prop_map(|(groups, members)| {
            vec![
                ("groups".to_owned(), groups),
                ("members".to_owned(), members),
            ]
        })
    }

    fn document() -> impl Strategy<Value = Value> {
        let value = ".{0,8}".prop_map(Value::from);
        // No document holds an `id`, `meta` or what lives in rows.
        let map = proptest::collection::btree_map("x[a-zA-Z]{0,4}", value, 0..4);
        (any::<bool>(), map).prop_map(|(has_schemas, map)| {
            let mut document = serde_json::Map::new();
            if has_schemas {
                document.insert("schemas".to_owned(), json!([schema::USER_URN, "urn:x"]));
            }
            document.extend(map);
            Value::Object(document)
        })
    }

    proptest! {
        #[test]
        fn the_text_is_that_of_the_tree(
            document in document(),
            links in links(),
            (id, version, ms) in (any::<u128>(), any::<u32>(), 0..253_402_207_200_000_i64),
        ) {
            let users = ResourceType::new("User", "/Users", schema::user()).build().unwrap();
            let at = Timestamp::from_millisecond(ms).unwrap();
            let document = Document::from_stored(document.as_object().unwrap().clone());
            let stored = Stored {
                kind: "User".to_owned(),
                id: ResourceId::new(Uuid::from_u128(id)),
                owner: None,
                version: Version(version.into()),
                created: at,
                modified: at,
                document: document.to_string(),
            };
            let resource = Resource::linked(stored, links);
            let endpoint_of = |name: &str| (name == "User").then_some("/Users");
            let tree = resource.to_map(&users, BASE_URL, &endpoint_of).unwrap();
            let text = resource.to_text(&users, BASE_URL, &endpoint_of).unwrap();
            prop_assert_eq!(text, Value::Object(tree).to_string());
        }
    }
}
