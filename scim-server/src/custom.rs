//! Resource types that are defined by JSON documents instead of code.

use std::collections::BTreeMap;
use std::sync::Arc;

use scim_core::schema::{self, Attribute, Uniqueness};
use scim_core::{ResourceType, Schema, SchemaError};
use serde::Deserialize;
use thiserror::Error;

use crate::service::{Audience, Served};

/// How the name of a file with a schema ends.
pub const SCHEMA_FILE: &str = ".schema.json";
/// How the name of a file with a resource type ends.
pub const RESOURCE_TYPE_FILE: &str = ".resource-type.json";

/// Schemas (RFC 7643 §7) and resource types (§6) as their documents say it.
///
/// The document of a resource type has four members that the RFC does not know:
///
/// - `unique`: paths whose values no two resources of a connection share, in addition to the
///   attributes whose `uniqueness` is `server` or `global`
/// - `indexed`: paths that filters find quickly
/// - `rows`: `{"attribute": "members", "types": ["User"]}`, a reference to very many resources
/// - `reverse`: `{"attribute": "groups", "of": "members"}`, filled in with those that refer here
///
/// ```
/// use scim_server::custom::Definitions;
/// use scim_server::service::users_and_groups;
///
/// let mut definitions = Definitions::default();
/// definitions.add("badge.schema.json", r#"{
///     "id": "urn:example:Badge",
///     "attributes": [{"name": "number", "type": "string", "uniqueness": "server"}]
/// }"#)?;
/// definitions.add("badge.resource-type.json", r#"{
///     "name": "Badge", "endpoint": "/Badges", "schema": "urn:example:Badge"
/// }"#)?;
/// let served = definitions.served_after(users_and_groups()?)?;
/// assert_eq!(served[2].resource_type.unique()[0].key(), "number");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Default)]
pub struct Definitions {
    schemas: BTreeMap<String, (String, Arc<Schema>)>,
    types: Vec<(String, TypeDocument)>,
}

/// Why documents define nothing that can be served.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum DefinitionError {
    /// The name says nothing about the content.
    #[error("{file}: the name must end in {SCHEMA_FILE} or {RESOURCE_TYPE_FILE}")]
    Name {
        /// The file.
        file: String,
    },
    /// Not a resource type in its JSON form.
    #[error("{file}: the resource type is not readable")]
    Json {
        /// The file.
        file: String,
        /// Where and why.
        source: serde_json::Error,
    },
    /// The schema or the paths of the resource type cannot be used.
    #[error("{file}")]
    Schema {
        /// The file.
        file: String,
        /// What is wrong.
        source: SchemaError,
    },
    /// What the document says does not fit the rest.
    #[error("{file}: {reason}")]
    Misfit {
        /// The file.
        file: String,
        /// What is wrong, and what would be right.
        reason: String,
    },
}

impl Definitions {
    /// Adds the document in a file with this name.
    pub fn add(&mut self, file: &str, text: &str) -> Result<(), DefinitionError> {
        if file.ends_with(SCHEMA_FILE) {
            return self.add_schema(file, text);
        }
        if !file.ends_with(RESOURCE_TYPE_FILE) {
            let file = file.to_owned();
            return Err(DefinitionError::Name { file });
        }
        let document: TypeDocument =
            serde_json::from_str(text).map_err(|source| DefinitionError::Json {
                file: file.to_owned(),
                source,
            })?;
        let same_name = |(_, other): &&(String, TypeDocument)| other.name == document.name;
        if let Some((other, _)) = self.types.iter().find(same_name) {
            let reason = format!("{other} defines {} already", document.name);
            return Err(misfit(file, reason));
        }
        self.types.push((file.to_owned(), document));
        Ok(())
    }

    /// The names of the types that were added.
    pub fn type_names(&self) -> impl Iterator<Item = &str> {
        self.types
            .iter()
            .map(|(_, document)| document.name.as_str())
    }

    /// What is served when these types come after `before`. A type with the name of one that is
    /// there takes its place, so that users can have an extension of one's own.
    pub fn served_after(self, before: Vec<Served>) -> Result<Vec<Served>, DefinitionError> {
        let mut served = before;
        let mut unused: Vec<&String> = self.schemas.keys().collect();
        for (file, document) in &self.types {
            unused.retain(|id| !document.names(id));
            let resource_type = self.resource_type(file, document)?;
            place(file, &mut served, resource_type)?;
        }
        if let Some((file, schema)) = unused.first().and_then(|id| self.schemas.get(*id)) {
            let reason = format!(
                "no resource type uses {}; name it as schema or in schemaExtensions",
                schema.id
            );
            return Err(misfit(file, reason));
        }
        for (file, document) in &self.types {
            known_members(file, document, &served)?;
        }
        Ok(served)
    }

    fn add_schema(&mut self, file: &str, text: &str) -> Result<(), DefinitionError> {
        let schema = Schema::from_json(text).map_err(|source| DefinitionError::Schema {
            file: file.to_owned(),
            source,
        })?;
        if built_in(&schema.id).is_some() {
            let reason = format!("{} is built in; choose another id", schema.id);
            return Err(misfit(file, reason));
        }
        if let Some(common) = ["id", "schemas", "meta"]
            .iter()
            .find(|name| schema.attribute(name).is_some())
        {
            let reason = format!("every resource has {common}; leave it away (RFC 7643 §3.1)");
            return Err(misfit(file, reason));
        }
        let entry = (file.to_owned(), Arc::new(schema));
        let key = entry.1.id.to_ascii_lowercase();
        match self.schemas.insert(key, entry) {
            Some((other, schema)) => {
                let reason = format!("{other} has the id {} already", schema.id);
                Err(misfit(file, reason))
            }
            None => Ok(()),
        }
    }

    fn resource_type(
        &self,
        file: &str,
        document: &TypeDocument,
    ) -> Result<ResourceType, DefinitionError> {
        let TypeDocument { name, endpoint, .. } = document;
        if document.id.as_ref().is_some_and(|id| id != name) {
            let reason = format!("id must be the name, {name:?}, or be left away");
            return Err(misfit(file, reason));
        }
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            let reason = format!("the name {name:?} must consist of letters and digits");
            return Err(misfit(file, reason));
        }
        check_endpoint(file, endpoint)?;
        let core = self.schema(file, &document.schema)?;
        let mut unique = declared_unique(&core, "");
        let mut builder = ResourceType::new(name, endpoint, core);
        if let Some(description) = &document.description {
            builder = builder.description(description);
        }
        for extension in &document.schema_extensions {
            let schema = self.schema(file, &extension.schema)?;
            unique.extend(declared_unique(&schema, &format!("{}:", schema.id)));
            builder = match extension.required {
                true => builder.required_extension(schema),
                false => builder.extension(schema),
            };
        }
        for path in &document.unique {
            if !unique.iter().any(|known| known.eq_ignore_ascii_case(path)) {
                unique.push(path.clone());
            }
        }
        builder = builder
            .unique(unique.iter().map(String::as_str))
            .indexed(document.indexed.iter().map(String::as_str));
        if let Some(rows) = &document.rows {
            builder = builder.rows(&rows.attribute, rows.types.iter().map(String::as_str));
        }
        if let Some(reverse) = &document.reverse {
            builder = builder.reverse(&reverse.attribute, &reverse.of);
        }
        builder.build().map_err(|source| DefinitionError::Schema {
            file: file.to_owned(),
            source,
        })
    }

    fn schema(&self, file: &str, urn: &str) -> Result<Arc<Schema>, DefinitionError> {
        let own = self.schemas.get(&urn.to_ascii_lowercase());
        let own = own.map(|(_, schema)| Arc::clone(schema));
        own.or_else(|| built_in(urn).map(Arc::new)).ok_or_else(|| {
            let reason = format!("no file has the schema {urn:?}; add it as a *{SCHEMA_FILE}");
            misfit(file, reason)
        })
    }
}

/// A resource type (RFC 7643 §6), and what else we need to know of it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct TypeDocument {
    #[serde(default, rename = "schemas")]
    _schemas: serde::de::IgnoredAny,
    #[serde(default, rename = "meta")]
    _meta: serde::de::IgnoredAny,
    id: Option<String>,
    name: String,
    endpoint: String,
    description: Option<String>,
    schema: String,
    #[serde(default)]
    schema_extensions: Vec<ExtensionDocument>,
    #[serde(default)]
    unique: Vec<String>,
    #[serde(default)]
    indexed: Vec<String>,
    rows: Option<RowsDocument>,
    reverse: Option<ReverseDocument>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ExtensionDocument {
    schema: String,
    #[serde(default)]
    required: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RowsDocument {
    attribute: String,
    types: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ReverseDocument {
    attribute: String,
    of: String,
}

impl TypeDocument {
    fn names(&self, urn: &str) -> bool {
        let extensions = self.schema_extensions.iter();
        let mut all = extensions
            .map(|extension| &extension.schema)
            .chain([&self.schema]);
        all.any(|named| named.eq_ignore_ascii_case(urn))
    }
}

fn misfit(file: &str, reason: String) -> DefinitionError {
    let file = file.to_owned();
    DefinitionError::Misfit { file, reason }
}

fn built_in(urn: &str) -> Option<Schema> {
    [schema::user(), schema::group(), schema::enterprise_user()]
        .into_iter()
        .find(|schema| schema.id.eq_ignore_ascii_case(urn))
}

/// What the schema itself says is unique.
fn declared_unique(schema: &Schema, prefix: &str) -> Vec<String> {
    let unique = |attribute: &&Attribute| {
        attribute.uniqueness != Uniqueness::None
            && !attribute.is_complex()
            && !attribute.multi_valued
    };
    let found = schema.attributes.iter().filter(unique);
    found
        .map(|attribute| format!("{prefix}{}", attribute.name))
        .collect()
}

fn check_endpoint(file: &str, endpoint: &str) -> Result<(), DefinitionError> {
    const TAKEN: [&str; 5] = [
        "ServiceProviderConfig",
        "ResourceTypes",
        "Schemas",
        "Bulk",
        "Me",
    ];
    let segment = endpoint.strip_prefix('/').unwrap_or_default();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    if segment.is_empty() || !segment.bytes().all(plain) {
        let reason = format!("the endpoint {endpoint:?} must look like \"/Badges\"");
        return Err(misfit(file, reason));
    }
    if TAKEN
        .iter()
        .any(|taken| taken.eq_ignore_ascii_case(segment))
    {
        let reason = format!("the endpoint {endpoint} belongs to the protocol; choose another");
        return Err(misfit(file, reason));
    }
    Ok(())
}

/// Puts the type where one of its name stands, or at the end.
fn place(
    file: &str,
    served: &mut Vec<Served>,
    resource_type: ResourceType,
) -> Result<(), DefinitionError> {
    let audience = Audience::Connections;
    let name = resource_type.name();
    let same_place = served.iter().find(|other| {
        other.resource_type.name() != name
            && other.resource_type.endpoint() == resource_type.endpoint()
    });
    if let Some(other) = same_place {
        let (other, endpoint) = (other.resource_type.name(), resource_type.endpoint());
        let reason = format!("the endpoint {endpoint} belongs to {other}; choose another");
        return Err(misfit(file, reason));
    }
    let same_name = served
        .iter_mut()
        .find(|other| other.resource_type.name() == name);
    let new = Served {
        resource_type,
        audience,
    };
    match same_name {
        Some(other) => *other = new,
        None => served.push(new),
    }
    Ok(())
}

fn known_members(
    file: &str,
    document: &TypeDocument,
    served: &[Served],
) -> Result<(), DefinitionError> {
    let types = || served.iter().map(|served| &served.resource_type);
    let members = document.rows.iter().flat_map(|rows| &rows.types);
    for member in members {
        if !types().any(|known| known.name() == member) {
            let reason = format!("rows names the type {member:?}, which does not exist");
            return Err(misfit(file, reason));
        }
    }
    let Some(reverse) = &document.reverse else {
        return Ok(());
    };
    let lists = |other: &ResourceType| {
        other.rows().is_some_and(|rows| {
            rows.attribute.eq_ignore_ascii_case(&reverse.of)
                && rows.member_types.contains(&document.name)
        })
    };
    if types().any(lists) {
        return Ok(());
    }
    let (of, name) = (&reverse.of, &document.name);
    let reason = format!("reverse needs another type whose rows {of:?} may hold a {name}");
    Err(misfit(file, reason))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::users_and_groups;

    const BADGE: &str = r#"{"id": "urn:x:Badge", "attributes": [
        {"name": "number", "type": "string", "uniqueness": "server"},
        {"name": "color", "type": "string"},
        {"name": "holders", "type": "complex", "multiValued": true, "subAttributes": [{"name": "value", "type": "string"}]}]}"#;

    /// The types that are served, or why none is.
    fn told(files: &[(&str, &str)]) -> String {
        let mut definitions = Definitions::default();
        let added = files
            .iter()
            .try_for_each(|(file, text)| definitions.add(file, text));
        let served = added.and_then(|()| definitions.served_after(users_and_groups().unwrap()));
        match served {
            Ok(served) => {
                let types = served.iter().map(|served| {
                    let unique = served.resource_type.unique().iter();
                    let unique: Vec<_> = unique.map(|path| path.key().to_owned()).collect();
                    format!("{}({})", served.resource_type.name(), unique.join(" "))
                });
                types.collect::<Vec<_>>().join(", ")
            }
            Err(error) => format!("{:#}", anyhow::Error::new(error)),
        }
    }

    /// A badge type with these further members.
    fn badge(more: &str) -> String {
        let text =
            format!(r#"{{"name": "Badge", "endpoint": "/Badges", "schema": "urn:x:Badge"{more}}}"#);
        told(&[("b.schema.json", BADGE), ("b.resource-type.json", &text)])
    }

    macro_rules! check {
        ($told:expr, @$shown:literal) => { insta::assert_snapshot!($told, @$shown) };
    }

    #[test]
    fn types_come_after_those_that_are_there_or_take_their_place() {
        check!(told(&[]), @"User(userName externalId), Group(externalId)");
        check!(badge(""), @"User(userName externalId), Group(externalId), Badge(number)");
        check!(badge(r#", "id": "Badge", "schemas": ["x"], "meta": {}, "unique": ["NUMBER", "color"]"#), @"User(userName externalId), Group(externalId), Badge(number color)");
        let user = r#"{"name": "User", "endpoint": "/Users", "schema": "urn:ietf:params:scim:schemas:core:2.0:User",
            "schemaExtensions": [{"schema": "urn:x:badge"}]}"#;
        check!(told(&[("b.schema.json", BADGE), ("u.resource-type.json", user)]), @"User(userName urn:x:Badge:number), Group(externalId)");
    }

    #[test]
    fn mistakes_are_told_with_the_file() {
        check!(told(&[("badge.json", "{}")]), @"badge.json: the name must end in .schema.json or .resource-type.json");
        check!(told(&[("b.schema.json", "{")]), @"b.schema.json: the schema is not readable: EOF while parsing an object at line 1 column 1");
        check!(told(&[("b.schema.json", BADGE), ("c.schema.json", BADGE)]), @"c.schema.json: b.schema.json has the id urn:x:Badge already");
        check!(told(&[("b.schema.json", BADGE)]), @"b.schema.json: no resource type uses urn:x:Badge; name it as schema or in schemaExtensions");
        check!(told(&[("u.schema.json", r#"{"id": "urn:ietf:params:scim:schemas:core:2.0:user", "attributes": []}"#)]), @"u.schema.json: urn:ietf:params:scim:schemas:core:2.0:user is built in; choose another id");
        check!(told(&[("u.schema.json", r#"{"id": "urn:x:a", "attributes": [{"name": "ID", "type": "string"}]}"#)]), @"u.schema.json: every resource has id; leave it away (RFC 7643 §3.1)");
        check!(told(&[("t.resource-type.json", r#"{"name": "T"}"#)]), @"t.resource-type.json: the resource type is not readable: missing field `endpoint` at line 1 column 13");
        check!(told(&[("t.resource-type.json", r#"{"name": "T", "endpoint": "/Ts", "schema": "urn:x:T"}"#)]), @r#"t.resource-type.json: no file has the schema "urn:x:T"; add it as a *.schema.json"#);
        check!(badge(r#", "id": "badge""#), @r#"b.resource-type.json: id must be the name, "Badge", or be left away"#);
        check!(badge(r#", "uniqe": []"#), @"b.resource-type.json: the resource type is not readable: unknown field `uniqe`, expected one of `schemas`, `meta`, `id`, `name`, `endpoint`, `description`, `schema`, `schemaExtensions`, `unique`, `indexed`, `rows`, `reverse` at line 1 column 73");
        check!(badge(r#", "indexed": ["colour"]"#), @r#"b.resource-type.json: the resource type Badge has no attribute for "colour": the path "colour" cannot be used: Badge has no attribute "colour""#);
        check!(badge(r#", "rows": {"attribute": "holders", "types": ["Robot"]}"#), @r#"b.resource-type.json: rows names the type "Robot", which does not exist"#);
        check!(badge(r#", "rows": {"attribute": "color", "types": ["User"]}"#), @r#"b.resource-type.json: the resource type Badge has no attribute for "color": it must be multi-valued and have the sub-attribute value"#);
        check!(badge(r#", "reverse": {"attribute": "holders", "of": "members"}"#), @r#"b.resource-type.json: reverse needs another type whose rows "members" may hold a Badge"#);
    }

    #[test]
    fn endpoints_and_names_are_plain_and_free() {
        let told = |name: &str, endpoint: &str| {
            let text = format!(
                r#"{{"name": "{name}", "endpoint": "{endpoint}", "schema": "urn:x:Badge"}}"#
            );
            told(&[("b.schema.json", BADGE), ("t.resource-type.json", &text)])
        };
        check!(told("Badge", "Badges"), @r#"t.resource-type.json: the endpoint "Badges" must look like "/Badges""#);
        check!(told("Badge", "/a/b"), @r#"t.resource-type.json: the endpoint "/a/b" must look like "/Badges""#);
        check!(told("Badge", "/me"), @"t.resource-type.json: the endpoint /me belongs to the protocol; choose another");
        check!(told("Badge", "/Users"), @"t.resource-type.json: the endpoint /Users belongs to User; choose another");
        check!(told("a b", "/Badges"), @r#"t.resource-type.json: the name "a b" must consist of letters and digits"#);
    }
}
