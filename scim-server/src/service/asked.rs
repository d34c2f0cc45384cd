//! What every use case knows of its request, and does with what it found.

use std::borrow::Cow;
use std::sync::Arc;

use scim_core::resource::project::Projection;
use scim_core::{Document, Policy, ResourceId, Version};

use super::catalog::{Audience, Served};
use super::hook::{Changed, Coming, Hook, MemberDelta};
use super::kept::KeptRequest;
use super::members;
use super::{Caller, Source};
use crate::Error;
use crate::store::{Actor, Change, ChangeBody, Lock, Stored, Transaction, What};

pub(super) type Hooks = Arc<[Arc<dyn Hook>]>;

const ELSEWHERE: &str = "your role was given for other locations [scope.location]";

/// What every use case knows of its request.
#[derive(Clone)]
pub(super) struct Asked {
    pub(super) caller: Caller,
    pub(super) served: Arc<Served>,
    pub(super) hooks: Hooks,
    pub(super) groups: Option<Arc<Served>>,
    pub(super) projection: Projection,
    /// Where the type is kept, if that is elsewhere.
    pub(super) source: Option<Arc<dyn Source>>,
}

impl Asked {
    pub(super) fn kind(&self) -> &str {
        self.served.resource_type.name()
    }

    /// Does the answer show members, which may be many?
    pub(super) fn shows_members(&self) -> bool {
        let rows = self.served.resource_type.rows();
        rows.is_some_and(|rows| self.projection.wants(&rows.attribute))
    }

    /// Product types are always strict; for what identity providers push, the connection has a
    /// policy.
    pub(super) fn policy(&self) -> Policy {
        if self.served.resource_type.is_strict() {
            Policy::strict()
        } else {
            self.caller.policy
        }
    }

    /// What the product derives is made, replaced and deleted by the product alone.
    pub(super) fn not_derived(
        &self,
        method: &str,
        allowed: fn(&Served) -> &'static str,
    ) -> Result<(), Error> {
        match self.served.audience {
            Audience::Connections | Audience::Kept => Ok(()),
            Audience::Apps | Audience::Read => Err(Error::Method {
                method: method.to_owned(),
                allowed: allowed(&self.served).to_owned(),
            }),
        }
    }

    /// The resource, to be changed by the caller in this way: found, visible, where they may do that, at the
    /// expected version.
    pub(super) async fn to_change(
        &self,
        tx: &mut Transaction<'_>,
        id: ResourceId,
        (action, if_match): (&str, Option<Version>),
    ) -> Result<Stored, Error> {
        let stored = match &self.source {
            Some(source) => source.get(tx, id, Lock::ForUpdate).await?,
            None => tx.get_for_update(self.kind(), id).await?,
        };
        let stored = stored.ok_or_else(|| self.not_found(id))?;
        if !self.sees(&stored)? {
            return Err(self.not_found(id));
        }
        if !self.is_within(action, &stored)? {
            return Err(Error::Forbidden(ELSEWHERE));
        }
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
    pub(super) async fn only_own(
        &self,
        tx: &mut Transaction<'_>,
        stored: &Stored,
    ) -> Result<(), Error> {
        let owner = match (self.served.audience, stored.owner) {
            (Audience::Connections, owner) if owner != Some(self.caller.connection) => owner,
            (Audience::Connections | Audience::Apps | Audience::Kept | Audience::Read, _) => {
                return Ok(());
            }
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

    /// Writes what a resource becomes.
    pub(super) async fn update(
        &self,
        tx: &mut Transaction<'_>,
        before: &Stored,
        document: &Document,
        members: &MemberDelta,
    ) -> Result<Stored, Error> {
        if let Some(source) = &self.source {
            return source.update(tx, &self.caller, before, document).await;
        }
        let stored = tx.update(&self.served.resource_type, before, document)?;
        members::write(tx, self, stored.id, members);
        self.run_hooks(tx, Some(before), stored, members).await
    }

    /// What hooks make of a resource before it is written.
    pub(super) fn before_create<'d>(
        &self,
        tx: &mut Transaction<'_>,
        id: ResourceId,
        document: &'d Document,
    ) -> Result<Cow<'d, Document>, Error> {
        let mut document = Cow::Borrowed(document);
        for hook in self.hooks.iter() {
            let coming = Coming {
                caller: &self.caller,
                resource_type: &self.served.resource_type,
                id,
                document: &document,
            };
            if let Some(instead) = hook.before_create(tx, &coming)? {
                document = Cow::Owned(instead);
            }
        }
        Ok(document)
    }

    /// Runs the hooks after a resource came or changed; gives it back as they left it.
    pub(super) async fn run_hooks(
        &self,
        tx: &mut Transaction<'_>,
        before: Option<&Stored>,
        after: Stored,
        members: &MemberDelta,
    ) -> Result<Stored, Error> {
        self.tell_hooks(tx, before, Some(&after), members).await?;
        // It is pending, unless a hook has flushed.
        Ok(tx.get(self.kind(), after.id).await?.unwrap_or(after))
    }

    pub(super) async fn run_delete_hooks(
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

    pub(super) fn acts_for(&self, id: ResourceId, request: &KeptRequest<'_>) -> Actor {
        Actor {
            connection: Some(self.caller.connection),
            request: Some((id, request.line(self.caller.origin.as_deref()))),
        }
    }

    /// Keeps in the change feed that somebody asked for what is so already.
    pub(super) fn record_unchanged(
        &self,
        tx: &mut Transaction<'_>,
        stored: &Stored,
        request: &KeptRequest<'_>,
    ) {
        let change = Change {
            id: tx.new_id(),
            at: tx.now(),
            actor: Some(self.caller.connection),
            owner: stored.owner,
            kind: stored.kind.clone(),
            resource: Some(stored.id),
            version: stored.version,
            what: What::Unchanged,
            cause: None,
        };
        let body = ChangeBody {
            request: Some(request.line(self.caller.origin.as_deref())),
            ..ChangeBody::default()
        };
        tx.record(change, body);
    }

    pub(super) fn not_found(&self, id: ResourceId) -> Error {
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
