//! Which resource types are served, and to whom.

use std::sync::Arc;

use scim_core::{ResourceType, SchemaError, schema};

use crate::store::TokenKind;

/// Who sees a resource type, and what they may do with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// Pushed by connections: each writes what it made itself, applications read everything.
    Connections,
    /// Derived by the product: applications read it and change what its schema lets them.
    Apps,
    /// A view: applications read it, and nobody writes it.
    Read,
    /// Kept by applications, which make, change and delete it; it belongs to the tenant, to none of them.
    Kept,
}

/// A resource type with its audience.
///
/// ```
/// use scim_server::service::users_and_groups;
///
/// let users = &users_and_groups()?[0];
/// assert_eq!(users.resource_type.name(), "User");
/// assert_eq!(users.allowed_on_collection(), "GET, HEAD, POST");
/// # Ok::<(), scim_core::SchemaError>(())
/// ```
#[derive(Debug)]
pub struct Served {
    /// The type.
    pub resource_type: ResourceType,
    /// For whom.
    pub audience: Audience,
}

impl Served {
    /// The methods of `/{endpoint}`, as an `Allow` header has them.
    pub fn allowed_on_collection(&self) -> &'static str {
        match self.audience {
            Audience::Connections | Audience::Kept => "GET, HEAD, POST",
            Audience::Apps | Audience::Read => "GET, HEAD",
        }
    }

    /// The methods of `/{endpoint}/{id}`.
    pub fn allowed_on_resource(&self) -> &'static str {
        match self.audience {
            Audience::Connections | Audience::Kept => "GET, HEAD, PUT, PATCH, DELETE",
            Audience::Apps => "GET, HEAD, PATCH",
            Audience::Read => "GET, HEAD",
        }
    }
}

/// All resource types that are served.
///
/// ```
/// use scim_server::service::{Catalog, users_and_groups};
/// use scim_server::store::TokenKind;
///
/// let catalog = Catalog::new(users_and_groups()?);
/// assert!(catalog.by_endpoint(TokenKind::Idp, "Users").is_some());
/// assert_eq!(catalog.endpoint_of("Group"), Some("/Groups"));
/// # Ok::<(), scim_core::SchemaError>(())
/// ```
#[derive(Debug)]
pub struct Catalog(Vec<Arc<Served>>);

impl Catalog {
    /// A catalog in this order, which discovery keeps.
    pub fn new(served: Vec<Served>) -> Catalog {
        Catalog(served.into_iter().map(Arc::new).collect())
    }

    /// The types that tokens of a kind see, in discovery as elsewhere.
    pub fn visible(&self, kind: TokenKind) -> impl Iterator<Item = &Arc<Served>> {
        self.0.iter().filter(move |served| {
            kind != TokenKind::Idp || served.audience == Audience::Connections
        })
    }

    /// The type behind `/{endpoint}`, given without the slash; exactly as it is spelled.
    pub fn by_endpoint(&self, kind: TokenKind, endpoint: &str) -> Option<&Arc<Served>> {
        self.visible(kind)
            .find(|served| served.resource_type.endpoint().strip_prefix('/') == Some(endpoint))
    }

    /// The endpoint of a type, by the type's name.
    pub fn endpoint_of(&self, name: &str) -> Option<&str> {
        let named = |served: &&Arc<Served>| served.resource_type.name() == name;
        self.0
            .iter()
            .find(named)
            .map(|served| served.resource_type.endpoint())
    }
}

/// Users and Groups as RFC 7643 has them: what the plain server serves.
pub fn users_and_groups() -> Result<Vec<Served>, SchemaError> {
    let users = ResourceType::new("User", "/Users", schema::user())
        .description("People")
        .extension(schema::enterprise_user())
        .unique(["userName", "externalId"])
        .indexed(["emails.value", "displayName"])
        .reverse("groups", "members")
        .build()?;
    let groups = ResourceType::new("Group", "/Groups", schema::group())
        .description("Groups of people and of groups")
        .unique(["externalId"])
        .indexed(["displayName"])
        .rows("members", ["User", "Group"])
        .build()?;
    let served = [users, groups].map(|resource_type| Served {
        resource_type,
        audience: Audience::Connections,
    });
    Ok(served.into())
}
