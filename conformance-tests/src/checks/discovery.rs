//! Does the server say about itself what RFC 7644 §4 and RFC 7643 §5 to §7 ask for, and is it so?

use serde_json::{Value, json};

use crate::client::Call;
use crate::suite::{
    Chapter, ENTERPRISE, GROUP, Probe, Profile, Said, Stop, USER, at, ensure, fail, must,
    not_applicable, should, values,
};

pub(super) static CHAPTER: Chapter = Chapter {
    name: "discovery",
    title: "discovery, RFC 7644 §4 and RFC 7643 §5 to §7",
    profile: Profile::Rfc,
    checks: &[
        must!(
            "RFC7644-4-a",
            "GET /ServiceProviderConfig answers 200 with the schema of a service provider's \
             configuration",
            "serve /ServiceProviderConfig and name its schema in schemas",
            async |t| {
                t.get("/ServiceProviderConfig").await?.status(&[200])?.has(
                    "schemas",
                    vec!["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
                )
            }
        ),
        must!(
            "RFC7644-4-b",
            "GET /ResourceTypes answers a ListResponse",
            "wrap the resource types in a ListResponse with totalResults and Resources",
            async |t| {
                let listed = t.get("/ResourceTypes").await?.list()?;
                ensure(
                    !listed.resources.is_empty(),
                    "expected resource types in Resources",
                )
            }
        ),
        must!(
            "RFC7644-4-c",
            "GET /Schemas answers a ListResponse",
            "wrap the schemas in a ListResponse with totalResults and Resources",
            async |t| {
                let listed = t.get("/Schemas").await?.list()?;
                ensure(
                    !listed.resources.is_empty(),
                    "expected schemas in Resources",
                )
            }
        ),
        must!(
            "RFC7644-4-d",
            "each schema can be retrieved by its URN below /Schemas",
            "serve /Schemas/{urn}",
            async |t| {
                for schema in told(&t.discovered().schemas, "/Schemas")? {
                    let id = at(schema, "id").as_str().unwrap_or_default();
                    t.get(&format!("/Schemas/{id}"))
                        .await?
                        .status(&[200])?
                        .has("id", id)?;
                }
                Ok(())
            }
        ),
        must!(
            "RFC7644-4-e",
            "each resource type can be retrieved by its name below /ResourceTypes",
            "serve /ResourceTypes/{name}",
            async |t| {
                for declared in told(&t.discovered().types, "/ResourceTypes")? {
                    let name = at(declared, "name").as_str().unwrap_or_default();
                    t.get(&format!("/ResourceTypes/{name}"))
                        .await?
                        .status(&[200])?
                        .has("name", name)?;
                }
                Ok(())
            }
        ),
        must!(
            "RFC7644-4-f",
            "paging parameters are passed over on /Schemas",
            "answer all schemas whatever startIndex and count say",
            async |t| {
                let all = told(&t.discovered().schemas, "/Schemas")?.len();
                let paged = t
                    .query("/Schemas", &[("startIndex", "2"), ("count", "1")])
                    .await?
                    .list()?;
                ensure(
                    paged.resources.len() == all,
                    format!(
                        "expected all {all} schemas, found {}",
                        paged.resources.len()
                    ),
                )
            }
        ),
        should!(
            "RFC7644-4-g",
            "a filter on a discovery endpoint is refused with 403",
            "refuse filter on /ServiceProviderConfig, /ResourceTypes and /Schemas with 403, so \
             that no client believes it was applied",
            async |t| {
                for path in ["/ResourceTypes", "/Schemas"] {
                    t.query(path, &[("filter", r#"name eq "User""#)])
                        .await?
                        .status(&[403])?;
                }
                Ok(())
            }
        ),
        must!(
            "RFC7644-4-h",
            "an unknown schema and an unknown resource type are answered 404",
            "answer 404 for what is not served below /Schemas and /ResourceTypes",
            async |t| {
                t.get("/Schemas/urn:example:scimconf:Nothing")
                    .await?
                    .status(&[404])?;
                t.get("/ResourceTypes/ScimconfNothing")
                    .await?
                    .status(&[404])
            }
        ),
        should!(
            "RFC7644-4-i",
            "discovery endpoints refuse POST, PUT, PATCH and DELETE with 405",
            "answer 405 with Allow: GET on discovery endpoints",
            async |t| {
                for path in ["/ServiceProviderConfig", "/ResourceTypes", "/Schemas"] {
                    for method in ["POST", "PUT", "PATCH", "DELETE"] {
                        t.send(Call::new(method, path).with_body(json!({})))
                            .await?
                            .status(&[405])?;
                    }
                }
                Ok(())
            }
        ),
        must!(
            "RFC7644-4-j",
            "what discovery lists can be reached: each resource type's endpoint answers a query",
            "serve each endpoint that /ResourceTypes lists, or do not list it",
            async |t| {
                for declared in told(&t.discovered().types, "/ResourceTypes")? {
                    let endpoint = at(declared, "endpoint").as_str().unwrap_or_default();
                    let end = endpoint
                        .trim_end_matches('/')
                        .rsplit('/')
                        .next()
                        .unwrap_or_default();
                    t.query(&format!("/{end}"), &[("count", "1")])
                        .await?
                        .list()?;
                }
                Ok(())
            }
        ),
        must!(
            "RFC7643-5-a",
            "the configuration says of patch, bulk, filter, changePassword, sort and etag \
             whether they are supported",
            "add {\"supported\": true} or false for each feature to /ServiceProviderConfig",
            async |t| {
                let mut said = config(t).await?;
                for feature in ["patch", "bulk", "filter", "changePassword", "sort", "etag"] {
                    let supported = at(said.body(), &format!("{feature}.supported")).is_boolean();
                    said = said.ensure(
                        supported,
                        format!("expected {feature}.supported to be true or false"),
                    )?;
                }
                Ok(())
            }
        ),
        must!(
            "RFC7643-5-b",
            "the configuration tells the limits of what it supports: bulk.maxOperations, \
             bulk.maxPayloadSize, filter.maxResults",
            "add the limits as integers to /ServiceProviderConfig",
            async |t| {
                let said = config(t).await?;
                for limit in [
                    "bulk.maxOperations",
                    "bulk.maxPayloadSize",
                    "filter.maxResults",
                ] {
                    ensure(
                        at(said.body(), limit).is_u64(),
                        format!("expected {limit} to be an integer"),
                    )?;
                }
                Ok(())
            }
        ),
        must!(
            "RFC7643-5-c",
            "the configuration lists authentication schemes, each with type, name and description",
            "list how clients log in under authenticationSchemes",
            async |t| {
                let said = config(t).await?;
                let schemes = at(said.body(), "authenticationSchemes");
                ensure(
                    schemes.is_array(),
                    "expected authenticationSchemes to be a list",
                )?;
                for scheme in values(schemes) {
                    for member in ["type", "name", "description"] {
                        ensure(
                            at(scheme, member).is_string(),
                            format!("expected a {member} in each authentication scheme"),
                        )?;
                    }
                }
                Ok(())
            }
        ),
        must!(
            "RFC7643-6-a",
            "each resource type has a name, an endpoint and a schema",
            "give each resource type the required attributes",
            async |t| {
                for declared in told(&t.discovered().types, "/ResourceTypes")? {
                    for member in ["name", "endpoint", "schema"] {
                        let found = at(declared, member);
                        ensure(
                            found.is_string(),
                            format!("expected {member} to be a text, found {found}"),
                        )?;
                    }
                }
                Ok(())
            }
        ),
        must!(
            "RFC7643-6-b",
            "each schema that a resource type names, its own and its extensions', is listed \
             under /Schemas",
            "serve the schema, or do not name it",
            async |t| {
                for declared in told(&t.discovered().types, "/ResourceTypes")? {
                    let extensions = values(at(declared, "schemaExtensions"))
                        .iter()
                        .map(|it| at(it, "schema"));
                    for urn in extensions.chain([at(declared, "schema")]) {
                        let urn = urn.as_str().unwrap_or_default();
                        ensure(
                            t.discovered().schema(urn).is_some(),
                            format!("expected {urn:?} among the schemas"),
                        )?;
                    }
                }
                Ok(())
            }
        ),
        must!(
            "RFC7643-6-c",
            "each extension of a resource type says whether it is required",
            "add required: true or false to each element of schemaExtensions",
            async |t| {
                let types = told(&t.discovered().types, "/ResourceTypes")?;
                for extension in types
                    .iter()
                    .flat_map(|it| values(at(it, "schemaExtensions")))
                {
                    ensure(
                        at(extension, "required").is_boolean(),
                        format!("expected required in {extension}"),
                    )?;
                }
                Ok(())
            }
        ),
        must!(
            "RFC7643-7-a",
            "each schema has an id and attributes, each with a name and a type of the RFC's list",
            "describe the attributes with the types string, boolean, decimal, integer, dateTime, \
             binary, reference and complex",
            async |t| {
                for schema in told(&t.discovered().schemas, "/Schemas")? {
                    ensure(
                        at(schema, "id").is_string(),
                        "expected an id in each schema",
                    )?;
                    for attribute in values(at(schema, "attributes")) {
                        let (name, kind) = (at(attribute, "name"), at(attribute, "type"));
                        let known = [
                            "string",
                            "boolean",
                            "decimal",
                            "integer",
                            "dateTime",
                            "binary",
                            "reference",
                            "complex",
                        ];
                        let kind = kind.as_str().unwrap_or_default();
                        ensure(
                            name.is_string() && known.contains(&kind),
                            format!("the attribute {name} has the type {kind:?}"),
                        )?;
                    }
                }
                Ok(())
            }
        ),
        must!(
            "RFC7643-7-b",
            "mutability, returned and uniqueness of attributes have values of the RFC's lists",
            "use readOnly, readWrite, immutable, writeOnly; always, never, default, request; \
             none, server, global",
            async |t| {
                let lists: [(&str, &[&str]); 3] = [
                    (
                        "mutability",
                        &["readOnly", "readWrite", "immutable", "writeOnly"],
                    ),
                    ("returned", &["always", "never", "default", "request"]),
                    ("uniqueness", &["none", "server", "global"]),
                ];
                let schemas = told(&t.discovered().schemas, "/Schemas")?;
                for attribute in schemas
                    .iter()
                    .flat_map(|schema| values(at(schema, "attributes")))
                {
                    for (member, known) in lists {
                        if let Some(found) = attribute.get(member) {
                            let fits = found.as_str().is_some_and(|found| known.contains(&found));
                            ensure(
                                fits,
                                format!("{member} of {} is {found}", at(attribute, "name")),
                            )?;
                        }
                    }
                }
                Ok(())
            }
        ),
        must!(
            "RFC7643-7-c",
            "a complex attribute lists its sub-attributes",
            "add subAttributes to each complex attribute",
            async |t| {
                let schemas = told(&t.discovered().schemas, "/Schemas")?;
                for attribute in schemas
                    .iter()
                    .flat_map(|schema| values(at(schema, "attributes")))
                {
                    let complete = at(attribute, "type") != "complex"
                        || !values(at(attribute, "subAttributes")).is_empty();
                    ensure(
                        complete,
                        format!("{} is complex without subAttributes", at(attribute, "name")),
                    )?;
                }
                Ok(())
            }
        ),
        must!(
            "RFC7643-4.1.1-a",
            "the schema of users has a required, unique userName without regard to case",
            "declare userName as required: true, uniqueness: server, caseExact: false",
            async |t| {
                t.endpoint("User")?;
                told(&t.discovered().schemas, "/Schemas")?;
                let Some(user_name) = t.discovered().attribute("User", "userName") else {
                    return fail("the schema of users has no userName");
                };
                ensure(
                    at(&user_name, "required") == true,
                    "expected required: true",
                )?;
                ensure(
                    at(&user_name, "caseExact") != true,
                    "expected caseExact: false",
                )?;
                let uniqueness = at(&user_name, "uniqueness");
                ensure(
                    uniqueness == "server" || uniqueness == "global",
                    format!("expected uniqueness: server, found {uniqueness}"),
                )
            }
        ),
        must!(
            "RFC7643-4.2-a",
            "the schema of groups has displayName and multi-valued complex members",
            "serve the schema of RFC 7643 §8.7.1 for groups",
            async |t| {
                t.endpoint("Group")?;
                told(&t.discovered().schemas, "/Schemas")?;
                let attribute = |name| t.discovered().attribute("Group", name);
                ensure(
                    attribute("displayName").is_some(),
                    "the schema of groups has no displayName",
                )?;
                let Some(members) = attribute("members") else {
                    return fail("the schema of groups has no members");
                };
                ensure(
                    at(&members, "multiValued") == true,
                    "expected members to be multiValued",
                )
            }
        ),
        must!(
            "RFC7643-3-a",
            "no two schemas and no two resource types have one name",
            "list each once",
            async |t| {
                let lists = [
                    (&t.discovered().schemas, "id"),
                    (&t.discovered().types, "name"),
                ];
                for (list, key) in lists {
                    let mut names: Vec<_> =
                        list.iter().filter_map(|it| at(it, key).as_str()).collect();
                    names.sort_unstable();
                    let all = names.len();
                    names.dedup();
                    ensure(names.len() == all, format!("a {key} is listed twice"))?;
                }
                Ok(())
            }
        ),
        should!(
            "RFC7643-3.1-a",
            "what discovery answers carries meta.resourceType and meta.location",
            "add meta with resourceType and location to configuration, resource types and schemas",
            async |t| {
                config(t)
                    .await?
                    .has("meta.resourceType", "ServiceProviderConfig")?
                    .has_some("meta.location")?;
                for (list, kind) in [
                    (&t.discovered().types, "ResourceType"),
                    (&t.discovered().schemas, "Schema"),
                ] {
                    for found in list {
                        ensure(
                            at(found, "meta.resourceType") == kind,
                            format!("expected meta.resourceType {kind:?}"),
                        )?;
                        ensure(
                            at(found, "meta.location").is_string(),
                            format!("expected meta.location in each {kind}"),
                        )?;
                    }
                }
                Ok(())
            }
        ),
        should!(
            "RFC7643-4-a",
            "the resource types User and Group are served with the core schemas",
            "list User and Group under /ResourceTypes with the URNs of RFC 7643",
            async |t| {
                for (name, urn) in [("User", USER), ("Group", GROUP)] {
                    let found = t.discovered().resource_type(name);
                    ensure(
                        found.is_some_and(|it| at(it, "schema") == urn),
                        format!("expected {name} with {urn}"),
                    )?;
                }
                Ok(())
            }
        ),
        must!(
            "RFC7643-4.3-a",
            "the enterprise extension, where it is served, has the attributes of RFC 7643",
            "serve employeeNumber, costCenter, organization, division, department and manager",
            async |t| {
                if !t
                    .discovered()
                    .extensions("User")
                    .iter()
                    .any(|urn| urn == ENTERPRISE)
                {
                    return not_applicable("the server does not serve the enterprise extension");
                }
                for name in [
                    "employeeNumber",
                    "costCenter",
                    "organization",
                    "division",
                    "department",
                    "manager",
                ] {
                    let found = t
                        .discovered()
                        .attribute("User", &format!("{ENTERPRISE}:{name}"));
                    ensure(
                        found.is_some(),
                        format!("the enterprise extension has no {name}"),
                    )?;
                }
                Ok(())
            }
        ),
    ],
};

async fn config(t: &Probe) -> Result<Said, Stop> {
    t.get("/ServiceProviderConfig").await?.status(&[200])
}

/// What was listed; without a list there is nothing to look at.
fn told<'v>(list: &'v [Value], path: &str) -> Result<&'v [Value], Stop> {
    if list.is_empty() {
        return Err(Stop::CouldNotRun(format!("{path} lists nothing")));
    }
    Ok(list)
}
