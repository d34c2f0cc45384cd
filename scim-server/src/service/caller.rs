//! Who asks, and what of the tenant they see.

use std::sync::Arc;

use scim_core::{Policy, ResourceId, TenantId};

use crate::store::{ConnectionId, TokenKind};

/// Who asks, as authentication found out.
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
}

impl Caller {
    /// An identity provider sees only what it made itself, and so do files.
    pub(super) fn sees(&self, owner: Option<ConnectionId>) -> bool {
        match self.kind {
            TokenKind::App => true,
            TokenKind::Idp | TokenKind::Csv => owner == Some(self.connection),
        }
    }

    /// The owner that a list is cut to.
    pub(super) fn sees_only(&self) -> Option<ConnectionId> {
        match self.kind {
            TokenKind::App => None,
            TokenKind::Idp | TokenKind::Csv => Some(self.connection),
        }
    }
}
