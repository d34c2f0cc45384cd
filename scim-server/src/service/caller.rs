//! Who asks, and what of the tenant they see.

use std::sync::Arc;

use scim_core::{Policy, ResourceId, TenantId};

use super::{Audience, Origin, Places, Scopes, Served};
use crate::Error;
use crate::auth::PERSON_TYPE;
use crate::store::{ConnectionId, TokenKind};

/// Who asks, as authentication found out.
///
/// ```
/// use std::sync::Arc;
/// use scim_core::Policy;
/// use scim_server::service::{Audience, Caller, Grants, users_and_groups};
/// use scim_server::store::{ConnectionId, TokenKind};
///
/// let reader = Caller {
///     tenant: "main".parse()?,
///     connection: ConnectionId(uuid::Uuid::nil()),
///     name: "Reader".into(),
///     kind: TokenKind::App,
///     policy: Policy::strict(),
///     person: None,
///     grants: Arc::new(Grants { scopes: "*.read".parse()?, ..Grants::default() }),
///     origin: None,
/// };
/// let users = &users_and_groups()?[0];
/// assert!(reader.may(users, "read") && !reader.may(users, "write"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Whose data.
    pub tenant: TenantId,
    /// The connection, which owns what it creates.
    pub connection: ConnectionId,
    /// What people call the connection.
    pub name: Arc<str>,
    /// What it may be used for.
    pub kind: TokenKind,
    /// Which departures from the RFCs are taken from it.
    pub policy: Policy,
    /// The User it stands for (RFC 7644 §3.11); `None` for a program. A person reads this User
    /// alone, whoever keeps it.
    pub person: Option<ResourceId>,
    /// What it may do, and what the product keeps with it.
    pub grants: Arc<Grants>,
    /// Where a request to write comes from, if that is known.
    pub origin: Option<Arc<Origin>>,
}

/// What a connection may do, and what the product keeps with it.
///
/// ```
/// use scim_core::ResourceId;
/// use scim_server::service::{Grants, Places};
///
/// let north = ResourceId::new(uuid::Uuid::from_u128(1));
/// let grants = Grants {
///     scopes: "locations.read locations.write".parse()?,
///     locations: Some(Places { locations: vec![north], elsewhere: "locations.read".parse()? }),
///     ..Grants::default()
/// };
/// assert_eq!(grants.places_for("locations", "write"), Some(&[north][..]));
/// assert_eq!(grants.places_for("locations", "read"), None, "everywhere");
/// # Ok::<(), String>(())
/// ```
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Grants {
    /// What it may do.
    pub scopes: Scopes,
    /// [`Token::settings`](crate::store::Token::settings).
    pub settings: Option<String>,
    /// The places for which it was given; `None`: everywhere.
    pub locations: Option<Places>,
}

/// What a person may do besides reading who they are; nothing, unless a hook says more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rights {
    /// What they may do.
    pub scopes: Scopes,
    /// The places for which that was given; `None`: everywhere.
    pub locations: Option<Places>,
}

impl Default for Rights {
    fn default() -> Rights {
        Rights {
            scopes: Scopes::none(),
            locations: None,
        }
    }
}

impl Caller {
    /// Does one of its scopes name this action in the area of the type?
    pub fn may(&self, served: &Served, action: &str) -> bool {
        // What directories push is theirs to write, whatever role a person has.
        let is_pushed = served.audience == Audience::Connections;
        if self.person.is_some() && is_pushed && action != "read" {
            return false;
        }
        let scopes = &self.grants.scopes;
        scopes.are_all() || scopes.allow(&Scopes::area(served.resource_type.endpoint()), action)
    }

    /// Refuses what no scope of the caller names.
    pub fn permit(&self, served: &Served, action: &str) -> Result<(), Error> {
        if self.may(served, action) {
            return Ok(());
        }
        let area = Scopes::area(served.resource_type.endpoint());
        Err(Error::Scope(format!("{area}.{action}")))
    }

    /// Does one of its scopes name anything in the area of the type?
    pub(crate) fn reaches(&self, served: &Served) -> bool {
        let scopes = &self.grants.scopes;
        let is_self = self.person.is_some() && served.resource_type.name() == PERSON_TYPE;
        is_self || scopes.are_all() || scopes.reach(&Scopes::area(served.resource_type.endpoint()))
    }

    /// An identity provider sees only what it made itself, and so do files.
    pub(super) fn sees(&self, owner: Option<ConnectionId>) -> bool {
        self.sees_only().is_none_or(|only| owner == Some(only))
    }

    /// The owner that a list is cut to.
    pub(super) fn sees_only(&self) -> Option<ConnectionId> {
        match self.kind {
            TokenKind::App | TokenKind::Agent | TokenKind::Kiosk | TokenKind::Console => None,
            TokenKind::Idp | TokenKind::Csv => Some(self.connection),
        }
    }
}
