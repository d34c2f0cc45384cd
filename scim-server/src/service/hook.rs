//! Where a product joins in: behaviour that runs inside the engine's unit of work.

use async_trait::async_trait;
use scim_core::{ResourceId, ResourceType};

use super::Caller;
use crate::Error;
use crate::store::{Stored, Transaction};

/// A change that the engine has decided and not yet committed.
#[derive(Debug)]
pub struct Changed<'a> {
    /// Who asked for it.
    pub caller: &'a Caller,
    /// The type of the resource.
    pub resource_type: &'a ResourceType,
    /// As it was; `None` when it is new.
    pub before: Option<&'a Stored>,
    /// As it will be; `None` when it goes.
    pub after: Option<&'a Stored>,
    /// Members that come and go.
    pub members: &'a MemberDelta,
}

/// What a change does to the rows of a resource.
///
/// ```
/// use scim_server::service::MemberDelta;
///
/// assert!(MemberDelta::default().is_empty());
/// ```
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct MemberDelta {
    /// New members.
    pub added: Vec<ResourceId>,
    /// Former members.
    pub removed: Vec<ResourceId>,
}

impl MemberDelta {
    /// Do the members stay?
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty()
    }
}

/// Behaviour of a product. What it writes is committed with the change or not at all; it may
/// run again with the unit, so it touches nothing but the transaction.
///
/// ```
/// use async_trait::async_trait;
/// use scim_core::Error as Refusal;
/// use scim_server::Error;
/// use scim_server::service::{Changed, Hook};
/// use scim_server::store::Transaction;
///
/// /// Nobody is called root.
/// struct NoRoot;
///
/// #[async_trait]
/// impl Hook for NoRoot {
///     async fn after_change(&self, _: &mut Transaction<'_>, change: &Changed<'_>) -> Result<(), Error> {
///         let Some(after) = change.after.filter(|after| after.kind == "User") else {
///             return Ok(());
///         };
///         match after.parse()?.get("userName") {
///             Some(name) if name == "root" => Err(Refusal::invalid_value("userName", "not root").into()),
///             _ => Ok(()),
///         }
///     }
/// }
/// ```
#[async_trait]
pub trait Hook: Send + Sync + 'static {
    /// Runs after the engine has decided a change.
    async fn after_change(
        &self,
        tx: &mut Transaction<'_>,
        change: &Changed<'_>,
    ) -> Result<(), Error>;

    /// Who keeps the read-only attributes of a resource, in words for the person who tried to
    /// write one; `None` for what is not this hook's.
    async fn keeper(
        &self,
        tx: &mut Transaction<'_>,
        stored: &Stored,
    ) -> Result<Option<String>, Error> {
        let (_, _) = (tx, stored);
        Ok(None)
    }
}
