//! A whole resource as JSON text, written from the text that is stored: no tree is built.

use scim_core::ResourceType;
use serde::Serialize;

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
        text.extend_from_slice(b"\"id\":");
        write(&mut text, &format_args!("{}", stored.id))?;
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
        write(&mut text, &format_args!("{:.3}", stored.created))?;
        text.extend_from_slice(b",\"lastModified\":");
        write(&mut text, &format_args!("{:.3}", stored.modified))?;
        text.extend_from_slice(b",\"version\":");
        write(&mut text, &stored.version.etag())?;
        text.extend_from_slice(b",\"location\":");
        let endpoint = resource_type.endpoint();
        write(
            &mut text,
            &format_args!("{base_url}{endpoint}/{}", stored.id),
        )?;
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
    text.extend_from_slice(b"{\"value\":");
    write(text, &format_args!("{}", link.id))?;
    if let Some(endpoint) = endpoint_of(&link.kind) {
        text.extend_from_slice(b",\"$ref\":");
        write(text, &format_args!("{base_url}{endpoint}/{}", link.id))?;
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
