//! The documents with which a server describes itself (RFC 7643 §5 to §7).

use serde_json::{Map, Value, json};

use super::{ResourceType, Schema};

const SCHEMA_URN: &str = "urn:ietf:params:scim:schemas:core:2.0:Schema";
const RESOURCE_TYPE_URN: &str = "urn:ietf:params:scim:schemas:core:2.0:ResourceType";
const SERVICE_PROVIDER_CONFIG_URN: &str =
    "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig";

/// A schema as a resource of `/Schemas`.
pub fn schema_json(schema: &Schema, base_url: &str) -> Value {
    json!({
        "schemas": [SCHEMA_URN],
        "id": schema.id,
        "name": schema.name,
        "description": schema.description,
        "attributes": schema.attributes,
        "meta": meta("Schema", base_url, &format!("Schemas/{}", schema.id)),
    })
}

/// A resource type as a resource of `/ResourceTypes`.
///
/// ```
/// use scim_core::{ResourceType, schema::{self, discovery}};
///
/// let users = ResourceType::new("User", "/Users", schema::user()).build()?;
/// let json = discovery::resource_type_json(&users, "https://example.com/scim/v2");
/// assert_eq!(json["endpoint"], "/Users");
/// assert_eq!(json["meta"]["location"], "https://example.com/scim/v2/ResourceTypes/User");
/// # Ok::<(), scim_core::SchemaError>(())
/// ```
pub fn resource_type_json(resource_type: &ResourceType, base_url: &str) -> Value {
    let extensions: Vec<Value> = resource_type
        .extensions()
        .iter()
        .map(|extension| json!({"schema": extension.schema.id, "required": extension.required}))
        .collect();
    let location = format!("ResourceTypes/{}", resource_type.name());
    json!({
        "schemas": [RESOURCE_TYPE_URN],
        "id": resource_type.name(),
        "name": resource_type.name(),
        "endpoint": resource_type.endpoint(),
        "description": resource_type.description(),
        "schema": resource_type.schema().id,
        "schemaExtensions": extensions,
        "meta": meta("ResourceType", base_url, &location),
    })
}

/// What a server can do, of what RFC 7643 §5 asks it to tell.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Supported {
    /// The address of documentation for people.
    pub documentation_uri: Option<String>,
    /// Whether PATCH is served.
    pub patch: bool,
    /// The limits of bulk requests, if they are served.
    pub bulk: Option<Bulk>,
    /// The largest page of an answer to a filter, if filters are served.
    pub filter: Option<usize>,
    /// Whether clients can change passwords.
    pub change_password: bool,
    /// Whether answers can be sorted.
    pub sort: bool,
    /// Whether resources have entity tags.
    pub etag: bool,
    /// How clients page by cursor, if they can (RFC 9865 §4). Paging by index is the default.
    pub cursor: Option<Cursor>,
    /// How clients prove who they are.
    pub authentication_schemes: Vec<AuthenticationScheme>,
}

/// The limits of paging by cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// How many resources a page has unless the client says otherwise.
    pub page_size_default: usize,
    /// How many resources a page has at most.
    pub page_size_max: usize,
    /// For how many seconds a cursor is good.
    pub timeout_s: u64,
}

/// The limits of bulk requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bulk {
    /// How many operations one request may have.
    pub operations_max: usize,
    /// How many bytes one request may have.
    pub payload_bytes_max: usize,
}

/// A way in which clients prove who they are.
///
/// ```
/// use scim_core::schema::discovery::AuthenticationScheme;
///
/// assert_eq!(AuthenticationScheme::BEARER.kind, "oauthbearertoken");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthenticationScheme {
    /// `oauth2`, `oauthbearertoken`, `httpbasic` and so on.
    pub kind: &'static str,
    /// The name for people.
    pub name: &'static str,
    /// What it is.
    pub description: &'static str,
    /// The address of its specification.
    pub spec_uri: Option<&'static str>,
    /// Whether it is the one to choose; true for one at most.
    pub primary: bool,
}

impl AuthenticationScheme {
    /// A bearer token in the `Authorization` header (RFC 6750).
    pub const BEARER: Self = Self {
        kind: "oauthbearertoken",
        name: "Bearer token",
        description: "A token in the Authorization header",
        spec_uri: Some("https://www.rfc-editor.org/info/rfc6750"),
        primary: true,
    };

    /// Access tokens from a token endpoint (RFC 6749 §4.4).
    pub const OAUTH2: Self = Self {
        kind: "oauth2",
        name: "OAuth 2.0 client credentials",
        description: "An access token in exchange for a secret or a JWT",
        spec_uri: Some("https://www.rfc-editor.org/info/rfc6749"),
        primary: false,
    };

    /// A name and a secret in the `Authorization` header (RFC 7617).
    pub const BASIC: Self = Self {
        kind: "httpbasic",
        name: "HTTP Basic",
        description: "A user name and a secret in the Authorization header",
        spec_uri: Some("https://www.rfc-editor.org/info/rfc7617"),
        primary: false,
    };

    fn to_json(&self) -> Value {
        let mut scheme = Map::new();
        scheme.insert("type".to_owned(), self.kind.into());
        scheme.insert("name".to_owned(), self.name.into());
        scheme.insert("description".to_owned(), self.description.into());
        if let Some(spec_uri) = self.spec_uri {
            scheme.insert("specUri".to_owned(), spec_uri.into());
        }
        scheme.insert("primary".to_owned(), self.primary.into());
        Value::Object(scheme)
    }
}

/// The resource of `/ServiceProviderConfig`.
pub fn service_provider_config(supported: &Supported, base_url: &str) -> Value {
    let mut config = Map::new();
    config.insert("schemas".to_owned(), json!([SERVICE_PROVIDER_CONFIG_URN]));
    if let Some(uri) = &supported.documentation_uri {
        config.insert("documentationUri".to_owned(), json!(uri));
    }
    let switch = |on: bool| json!({ "supported": on });
    let schemes: Vec<Value> = supported
        .authentication_schemes
        .iter()
        .map(AuthenticationScheme::to_json)
        .collect();
    config.extend([
        ("patch".to_owned(), switch(supported.patch)),
        (
            "bulk".to_owned(),
            json!({
                "supported": supported.bulk.is_some(),
                "maxOperations": supported.bulk.map_or(0, |bulk| bulk.operations_max),
                "maxPayloadSize": supported.bulk.map_or(0, |bulk| bulk.payload_bytes_max),
            }),
        ),
        (
            "filter".to_owned(),
            json!({
                "supported": supported.filter.is_some(),
                "maxResults": supported.filter.unwrap_or(0),
            }),
        ),
        (
            "changePassword".to_owned(),
            switch(supported.change_password),
        ),
        ("sort".to_owned(), switch(supported.sort)),
        ("etag".to_owned(), switch(supported.etag)),
        ("authenticationSchemes".to_owned(), Value::Array(schemes)),
        (
            "meta".to_owned(),
            meta("ServiceProviderConfig", base_url, "ServiceProviderConfig"),
        ),
    ]);
    // The attribute is younger than the rest, so a server that has nothing to say leaves it out.
    if let Some(cursor) = supported.cursor {
        let pagination = json!({
            "cursor": true,
            "index": true,
            "defaultPaginationMethod": "index",
            "defaultPageSize": cursor.page_size_default,
            "maxPageSize": cursor.page_size_max,
            "cursorTimeout": cursor.timeout_s,
        });
        config.insert("pagination".to_owned(), pagination);
    }
    Value::Object(config)
}

fn meta(resource_type: &str, base_url: &str, path: &str) -> Value {
    let base_url = base_url.trim_end_matches('/');
    json!({"resourceType": resource_type, "location": format!("{base_url}/{path}")})
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{
        AuthenticationScheme, Bulk, Supported, resource_type_json, schema_json,
        service_provider_config,
    };
    use crate::schema::{self, ResourceType, Schema};

    const BASE: &str = "https://scim.example/v2/";

    #[test]
    fn a_schema_describes_itself() {
        let schema = Schema::from_json(
            r#"{"id": "urn:x:Badge", "name": "Badge", "attributes": [{"name": "a", "type": "boolean"}]}"#,
        )
        .unwrap();
        assert_eq!(
            schema_json(&schema, BASE),
            json!({
                "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"],
                "id": "urn:x:Badge",
                "name": "Badge",
                "description": "",
                "attributes": [{
                    "name": "a", "type": "boolean", "multiValued": false, "description": "",
                    "required": false, "mutability": "readWrite", "returned": "default",
                    "uniqueness": "none",
                }],
                "meta": {
                    "resourceType": "Schema",
                    "location": "https://scim.example/v2/Schemas/urn:x:Badge",
                },
            })
        );
    }

    #[test]
    fn a_resource_type_names_its_schemas() {
        let user = ResourceType::new("User", "/Users", schema::user())
            .description("People")
            .required_extension(schema::enterprise_user())
            .build()
            .unwrap();
        assert_eq!(
            resource_type_json(&user, BASE),
            json!({
                "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
                "id": "User",
                "name": "User",
                "endpoint": "/Users",
                "description": "People",
                "schema": schema::USER_URN,
                "schemaExtensions": [{"schema": schema::ENTERPRISE_USER_URN, "required": true}],
                "meta": {
                    "resourceType": "ResourceType",
                    "location": "https://scim.example/v2/ResourceTypes/User",
                },
            })
        );
    }

    #[test]
    fn only_what_is_supported_is_promised() {
        let off = service_provider_config(&Supported::default(), BASE);
        for feature in ["patch", "bulk", "filter", "changePassword", "sort", "etag"] {
            assert_eq!(off[feature]["supported"], json!(false), "{feature}");
        }
        let on = service_provider_config(
            &Supported {
                patch: true,
                bulk: Some(Bulk {
                    operations_max: 1000,
                    payload_bytes_max: 10_485_760,
                }),
                filter: Some(1000),
                authentication_schemes: vec![AuthenticationScheme::BEARER],
                ..Supported::default()
            },
            BASE,
        );
        assert_eq!(
            on["bulk"],
            json!({"supported": true, "maxOperations": 1000, "maxPayloadSize": 10_485_760})
        );
        assert_eq!(on["filter"], json!({"supported": true, "maxResults": 1000}));
        assert_eq!(
            on["authenticationSchemes"][0]["type"],
            json!("oauthbearertoken")
        );
        assert_eq!(
            on["meta"]["location"],
            json!("https://scim.example/v2/ServiceProviderConfig")
        );
    }
}
