//! The use cases of SCIM over any resource type: create, get, list, replace, patch, delete.
//!
//! Each write is a [`Unit`](crate::store::Unit) in a file of its own; the [`Engine`] fixes what
//! must not change between attempts and runs it.

mod across;
mod catalog;
mod create;
mod delete;
mod hook;
mod kept;
mod links;
mod members;
mod patch;
mod read;
mod refuse;
mod replace;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use scim_core::resource::project::Projection;
use scim_core::{Policy, ResourceId, TenantId, Version};
use serde_json::{Value, json};

use crate::store::{Actor, ConnectionId, Store, Stored, TokenKind, Transaction};
use crate::{Error, Resource};

pub use catalog::{Audience, Catalog, Served, users_and_groups};
pub use hook::{Changed, Hook, MemberDelta};
pub use patch::Patched;
pub use read::{ListRequest, Listed};

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
    /// The User it stands for (RFC 7644 §3.11); `None` for a program. A person reaches this User
    /// alone, whoever keeps it.
    pub person: Option<ResourceId>,
}

impl Caller {
    /// An identity provider sees only what it made itself.
    fn sees(&self, owner: Option<ConnectionId>) -> bool {
        match self.kind {
            TokenKind::App => true,
            TokenKind::Idp => owner == Some(self.connection),
        }
    }

    /// The owner that a list is cut to.
    fn sees_only(&self) -> Option<ConnectionId> {
        match self.kind {
            TokenKind::App => None,
            TokenKind::Idp => Some(self.connection),
        }
    }
}

/// Serves the types of a catalog from a store.
pub struct Engine {
    store: Arc<dyn Store>,
    catalog: Catalog,
    hooks: Hooks,
}

type Hooks = Arc<[Arc<dyn Hook>]>;

impl Engine {
    /// An engine; `hooks` run in this order.
    pub fn new(store: Arc<dyn Store>, catalog: Catalog, hooks: Vec<Arc<dyn Hook>>) -> Engine {
        Engine {
            store,
            catalog,
            hooks: hooks.into(),
        }
    }

    /// The store.
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// What is served.
    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// POST (RFC 7644 §3.3).
    pub async fn create(
        &self,
        caller: &Caller,
        served: &Arc<Served>,
        body: Value,
        projection: &Projection,
    ) -> Result<Resource, Error> {
        if served.audience == Audience::Apps {
            return Err(not_here("POST", served.allowed_on_collection()));
        }
        let unit = create::Create::new(self.asked(caller, served, projection), body)?;
        self.store.write(&caller.tenant, unit).await
    }

    /// GET of one resource (RFC 7644 §3.4.1).
    pub async fn get(
        &self,
        caller: &Caller,
        served: &Arc<Served>,
        id: &str,
        projection: &Projection,
    ) -> Result<Resource, Error> {
        let id = resource_id(served, id)?;
        let asked = self.asked(caller, served, projection);
        self.store
            .read(&caller.tenant, read::Get { asked, id })
            .await
    }

    /// GET of a list (RFC 7644 §3.4.2).
    pub async fn list(
        &self,
        caller: &Caller,
        served: &Arc<Served>,
        request: &ListRequest,
        projection: &Projection,
    ) -> Result<Listed, Error> {
        let targets = [(Arc::clone(served), projection.clone())];
        self.search(caller, &targets, request).await
    }

    /// A list over several resource types (RFC 7644 §3.4.2.1), each shown in its own way.
    pub async fn search(
        &self,
        caller: &Caller,
        targets: &[(Arc<Served>, Projection)],
        request: &ListRequest,
    ) -> Result<Listed, Error> {
        let asked = targets.iter();
        let asked = asked.map(|(served, projection)| self.asked(caller, served, projection));
        let unit = read::List::new(caller, asked.collect(), request)?;
        self.store.read(&caller.tenant, unit).await
    }

    /// PATCH (RFC 7644 §3.5.2).
    pub async fn patch(
        &self,
        caller: &Caller,
        served: &Arc<Served>,
        id: &str,
        if_match: Option<Version>,
        body: Value,
        projection: &Projection,
    ) -> Result<Patched, Error> {
        let id = resource_id(served, id)?;
        let asked = self.asked(caller, served, projection);
        let unit = patch::Patch::new(asked, id, if_match, body);
        self.store.write(&caller.tenant, unit).await
    }

    /// PUT (RFC 7644 §3.5.1).
    pub async fn replace(
        &self,
        caller: &Caller,
        served: &Arc<Served>,
        id: &str,
        if_match: Option<Version>,
        body: Value,
        projection: &Projection,
    ) -> Result<Resource, Error> {
        if served.audience == Audience::Apps {
            return Err(not_here("PUT", served.allowed_on_resource()));
        }
        let id = resource_id(served, id)?;
        let asked = self.asked(caller, served, projection);
        let unit = replace::Replace {
            asked,
            id,
            if_match,
            body,
        };
        self.store.write(&caller.tenant, unit).await
    }

    /// DELETE (RFC 7644 §3.6).
    pub async fn delete(
        &self,
        caller: &Caller,
        served: &Arc<Served>,
        id: &str,
        if_match: Option<Version>,
    ) -> Result<(), Error> {
        if served.audience == Audience::Apps {
            return Err(not_here("DELETE", served.allowed_on_resource()));
        }
        let id = resource_id(served, id)?;
        let asked = self.asked(caller, served, &Projection::default());
        let unit = delete::Delete {
            asked,
            id,
            if_match,
        };
        self.store.write(&caller.tenant, unit).await
    }

    /// Keeps a refused write in the change feed, in a unit of its own.
    pub async fn record_refusal(
        &self,
        caller: &Caller,
        served: &Arc<Served>,
        id: Option<&str>,
        status: u16,
        detail: &str,
    ) {
        let unit = refuse::Refusal {
            connection: caller.connection,
            kind: served.resource_type.name().to_owned(),
            id: id.and_then(|id| id.parse().ok()),
            request: json!({ "status": status, "detail": detail }).to_string(),
        };
        if let Err(error) = self.store.write(&caller.tenant, unit).await {
            tracing::warn!(%error, "a refusal could not be recorded");
        }
    }

    fn asked(&self, caller: &Caller, served: &Arc<Served>, projection: &Projection) -> Asked {
        Asked {
            caller: caller.clone(),
            served: Arc::clone(served),
            hooks: Arc::clone(&self.hooks),
            groups: self.group_type(served),
            projection: projection.clone(),
        }
    }

    /// The type whose rows list resources of `served`: Group for User, and for Group itself.
    fn group_type(&self, served: &Served) -> Option<Arc<Served>> {
        let name = served.resource_type.name();
        let lists = |group: &&Arc<Served>| {
            let rows = group.resource_type.rows();
            rows.is_some_and(|rows| rows.member_types.iter().any(|member| member == name))
        };
        self.catalog.visible(TokenKind::App).find(lists).cloned()
    }
}

/// What every use case knows of its request.
struct Asked {
    caller: Caller,
    served: Arc<Served>,
    hooks: Hooks,
    groups: Option<Arc<Served>>,
    projection: Projection,
}

impl Asked {
    fn kind(&self) -> &str {
        self.served.resource_type.name()
    }

    /// Product types are always strict; for what identity providers push, the connection has a
    /// policy.
    fn policy(&self) -> Policy {
        if self.served.resource_type.is_strict() {
            Policy::strict()
        } else {
            self.caller.policy
        }
    }

    /// The resource, to be changed by the caller: found, visible, at the expected version.
    async fn to_change(
        &self,
        tx: &mut Transaction<'_>,
        id: ResourceId,
        if_match: Option<Version>,
    ) -> Result<Stored, Error> {
        let stored = tx
            .get_for_update(self.kind(), id)
            .await?
            .filter(|stored| self.caller.sees(stored.owner))
            .ok_or_else(|| self.not_found(id))?;
        if if_match.is_some_and(|version| version != stored.version) {
            return Err(Error::VersionMismatch {
                kind: stored.kind,
                id,
                current: stored.version.etag(),
            });
        }
        Ok(stored)
    }

    /// Refuses to change what another connection keeps.
    async fn only_own(&self, tx: &mut Transaction<'_>, stored: &Stored) -> Result<(), Error> {
        let owner = match (self.served.audience, stored.owner) {
            (Audience::Connections, _) if self.caller.person == Some(stored.id) => return Ok(()),
            (Audience::Connections, owner) if owner != Some(self.caller.connection) => owner,
            (Audience::Connections | Audience::Apps, _) => return Ok(()),
        };
        let name = match owner {
            Some(owner) => tx.token(owner.0).await?.map(|token| token.name),
            None => None,
        };
        Err(Error::Owned {
            kind: stored.kind.clone(),
            id: stored.id,
            attribute: "every attribute".to_owned(),
            owner: connection_in_words(name.as_deref()),
        })
    }

    /// Runs the hooks after a resource came or changed; gives it back as they left it.
    async fn run_hooks(
        &self,
        tx: &mut Transaction<'_>,
        before: Option<&Stored>,
        after: Stored,
        members: &MemberDelta,
    ) -> Result<Stored, Error> {
        self.tell_hooks(tx, before, Some(&after), members).await?;
        // It is pending, so this asks no database.
        Ok(tx.get(self.kind(), after.id).await?.unwrap_or(after))
    }

    async fn run_delete_hooks(
        &self,
        tx: &mut Transaction<'_>,
        before: &Stored,
    ) -> Result<(), Error> {
        let members = MemberDelta::default();
        self.tell_hooks(tx, Some(before), None, &members).await
    }

    async fn tell_hooks(
        &self,
        tx: &mut Transaction<'_>,
        before: Option<&Stored>,
        after: Option<&Stored>,
        members: &MemberDelta,
    ) -> Result<(), Error> {
        let change = Changed {
            caller: &self.caller,
            resource_type: &self.served.resource_type,
            before,
            after,
            members,
        };
        for hook in self.hooks.iter() {
            hook.after_change(tx, &change).await?;
        }
        Ok(())
    }

    fn acts_for(&self, id: ResourceId, request: &Value) -> Actor {
        Actor {
            connection: Some(self.caller.connection),
            request: Some((id, request.to_string())),
        }
    }

    fn not_found(&self, id: ResourceId) -> Error {
        Error::NotFound {
            kind: self.kind().to_owned(),
            id: id.to_string(),
        }
    }
}

/// A connection as error texts name it.
pub fn connection_in_words(name: Option<&str>) -> String {
    match name {
        Some(name) => format!("the connection {name:?}"),
        None => "a connection that no longer exists".to_owned(),
    }
}

fn resource_id(served: &Served, text: &str) -> Result<ResourceId, Error> {
    text.parse().map_err(|_| Error::NotFound {
        kind: served.resource_type.name().to_owned(),
        id: scim_core::error::echo(text),
    })
}

fn not_here(method: &str, allowed: &str) -> Error {
    Error::Method {
        method: method.to_owned(),
        allowed: allowed.to_owned(),
    }
}
