//! All that a server offers.

use std::sync::Arc;

use super::{ResourceType, Schema};

/// The resource types of a server.
///
/// ```
/// use scim_core::{Registry, ResourceType, schema};
///
/// let users = ResourceType::new("User", "/Users", schema::user()).build()?;
/// let groups = ResourceType::new("Group", "/Groups", schema::group()).build()?;
/// let registry = Registry::new(vec![users, groups]);
/// assert_eq!(registry.by_endpoint("Groups").map(ResourceType::name), Some("Group"));
/// assert!(registry.schema(schema::USER_URN).is_some());
/// # Ok::<(), scim_core::SchemaError>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Registry {
    resource_types: Vec<ResourceType>,
}

impl Registry {
    /// Offers these resource types. Of two with the same name or endpoint,
    /// the first is found.
    pub fn new(resource_types: Vec<ResourceType>) -> Self {
        Self { resource_types }
    }

    /// The resource types, in their order.
    pub fn resource_types(&self) -> &[ResourceType] {
        &self.resource_types
    }

    /// The resource type with this name, exactly.
    pub fn resource_type(&self, name: &str) -> Option<&ResourceType> {
        self.resource_types
            .iter()
            .find(|known| known.name() == name)
    }

    /// The resource type at this endpoint, with or without its slash.
    pub fn by_endpoint(&self, endpoint: &str) -> Option<&ResourceType> {
        let wanted = endpoint.strip_prefix('/').unwrap_or(endpoint);
        self.resource_types
            .iter()
            .find(|known| known.endpoint().strip_prefix('/') == Some(wanted))
    }

    /// The schemas in use, each once, in the order of their first use.
    pub fn schemas(&self) -> Vec<&Arc<Schema>> {
        let mut schemas: Vec<&Arc<Schema>> = Vec::new();
        for schema in self.resource_types.iter().flat_map(ResourceType::schemas) {
            if !schemas.iter().any(|known| known.id == schema.id) {
                schemas.push(schema);
            }
        }
        schemas
    }

    /// The schema with this URN in any case.
    pub fn schema(&self, urn: &str) -> Option<&Arc<Schema>> {
        self.schemas()
            .into_iter()
            .find(|schema| schema.id.eq_ignore_ascii_case(urn))
    }
}

#[cfg(test)]
mod tests {
    use super::Registry;
    use crate::schema::{self, ResourceType};

    #[test]
    fn types_and_schemas_are_found() {
        let user = |name: &str, endpoint: &str| {
            ResourceType::new(name, endpoint, schema::user())
                .extension(schema::enterprise_user())
                .build()
                .unwrap()
        };
        let registry = Registry::new(vec![user("User", "/Users"), user("Robot", "/Robots")]);
        assert_eq!(registry.resource_type("Robot").unwrap().name(), "Robot");
        assert!(registry.resource_type("robot").is_none());
        assert_eq!(registry.by_endpoint("Users").unwrap().name(), "User");
        assert_eq!(registry.by_endpoint("/Robots").unwrap().name(), "Robot");
        assert!(registry.by_endpoint("//Robots").is_none());
        assert_eq!(registry.schemas().len(), 2);
        assert!(registry.schema(&schema::USER_URN.to_lowercase()).is_some());
    }
}
