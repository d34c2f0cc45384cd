//! Types that are kept elsewhere than among the resources, and are served all the same.

use async_trait::async_trait;
use scim_core::{Document, ResourceId};

use super::Caller;
use crate::Error;
use crate::store::{ListQuery, Lock, Page, Stored, Transaction};

/// Reads and writes a resource type that is kept elsewhere: connections, the change feed.
///
/// The engine asks it within its units of work and does all the rest: what the schema allows, filters, what is
/// shown. It keeps one promise of the store itself: whatever it writes leaves a line in the change feed
/// ([`Transaction::record_kept`]).
///
/// ```
/// use async_trait::async_trait;
/// use scim_core::{ResourceId, Version};
/// use scim_server::Error;
/// use scim_server::service::Source;
/// use scim_server::store::{ListQuery, Lock, Page, Stored, Transaction, answer};
///
/// /// The tenant's moons, of which there is one.
/// struct Moons;
///
/// fn moon(tx: &Transaction<'_>) -> Stored {
///     Stored {
///         kind: "Moon".to_owned(),
///         id: ResourceId::new(uuid::Uuid::from_u128(1)),
///         owner: None,
///         version: Version(1),
///         created: tx.now(),
///         modified: tx.now(),
///         document: r#"{"schemas":["urn:example:Moon"],"name":"Moon"}"#.to_owned(),
///     }
/// }
///
/// #[async_trait]
/// impl Source for Moons {
///     async fn get(&self, tx: &mut Transaction<'_>, id: ResourceId, _: Lock) -> Result<Option<Stored>, Error> {
///         Ok(Some(moon(tx)).filter(|moon| moon.id == id))
///     }
///
///     async fn list(&self, tx: &mut Transaction<'_>, query: &ListQuery<'_>) -> Result<Page, Error> {
///         answer::answer(query, [moon(tx)])
///     }
/// }
/// ```
#[async_trait]
pub trait Source: Send + Sync + 'static {
    /// The resource with this id.
    async fn get(
        &self,
        tx: &mut Transaction<'_>,
        id: ResourceId,
        lock: Lock,
    ) -> Result<Option<Stored>, Error>;

    /// A part of the resources, as [`answer`](crate::store::answer) has it. The query has one part.
    async fn list(&self, tx: &mut Transaction<'_>, query: &ListQuery<'_>) -> Result<Page, Error>;

    /// Adds a resource. What may be shown this once is given to [`Transaction::show_once`].
    async fn insert(
        &self,
        tx: &mut Transaction<'_>,
        caller: &Caller,
        document: &Document,
    ) -> Result<Stored, Error> {
        let (_, _, _) = (tx, caller, document);
        Err(Error::Forbidden("nobody makes such a resource"))
    }

    /// Replaces the document of a resource, which was read to be changed.
    async fn update(
        &self,
        tx: &mut Transaction<'_>,
        caller: &Caller,
        before: &Stored,
        document: &Document,
    ) -> Result<Stored, Error> {
        let (_, _, _, _) = (tx, caller, before, document);
        Err(Error::Forbidden("nobody changes such a resource"))
    }

    /// Removes a resource, which was read to be changed.
    async fn delete(
        &self,
        tx: &mut Transaction<'_>,
        caller: &Caller,
        stored: &Stored,
    ) -> Result<(), Error> {
        let (_, _, _) = (tx, caller, stored);
        Err(Error::Forbidden("nobody deletes such a resource"))
    }
}
