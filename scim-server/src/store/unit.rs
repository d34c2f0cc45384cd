//! The unit of work, and the store that runs it.

use std::any::Any;
use std::sync::Arc;

use async_trait::async_trait;
use futures::future::BoxFuture;
use jiff::Timestamp;
use scim_core::TenantId;

use super::Transaction;
use crate::Error;

/// Work on one tenant's data that can run again.
///
/// A unit waits for nothing but its transaction: SQLite runs units one after another on one
/// thread and refuses those that wait for something else.
///
/// ```
/// use async_trait::async_trait;
/// use scim_core::ResourceId;
/// use scim_server::Error;
/// use scim_server::store::{Transaction, Unit};
///
/// /// How many members a group has.
/// struct Size(ResourceId);
///
/// #[async_trait]
/// impl Unit for Size {
///     type Output = usize;
///
///     async fn run(&self, tx: &mut Transaction<'_>) -> Result<usize, Error> {
///         Ok(tx.member_ids(self.0, "members").await?.len())
///     }
/// }
/// ```
#[async_trait]
pub trait Unit: Send + Sync + 'static {
    /// What the unit gives back.
    type Output: Send + 'static;

    /// Does the work. An error undoes all of it.
    async fn run(&self, tx: &mut Transaction<'_>) -> Result<Self::Output, Error>;

    /// How much the unit reads, when nothing is to be written.
    fn reads(&self) -> Reads {
        Reads::Few
    }
}

/// How much a [`Unit`] reads. It decides how SQLite runs a read, and changes nothing in what is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reads {
    /// A few rows, in one snapshot.
    Few,
    /// A few rows, in one snapshot, unless it takes many to find out which.
    Page,
    /// Maybe many rows: on a thread of its own, in one snapshot.
    Many,
}

/// A unit of work from a closure.
///
/// ```
/// # use scim_server::store::unit;
/// let names = unit(|tx| Box::pin(async move { tx.tokens().await }));
/// # let _ = names;
/// ```
pub fn unit<T, F>(run: F) -> impl Unit<Output = T>
where
    T: Send + 'static,
    F: for<'t> Fn(&'t mut Transaction<'_>) -> BoxFuture<'t, Result<T, Error>>
        + Send
        + Sync
        + 'static,
{
    Closure(run)
}

struct Closure<F>(F);

#[async_trait]
impl<T, F> Unit for Closure<F>
where
    T: Send + 'static,
    F: for<'t> Fn(&'t mut Transaction<'_>) -> BoxFuture<'t, Result<T, Error>>
        + Send
        + Sync
        + 'static,
{
    type Output = T;

    async fn run(&self, tx: &mut Transaction<'_>) -> Result<T, Error> {
        (self.0)(tx).await
    }
}

/// What an [`ErasedUnit`] gives back.
pub type Output = Box<dyn Any + Send>;

/// A [`Unit`] of any output type, as a [`Store`] gets it.
///
/// ```no_run
/// # async fn example(tx: &mut scim_server::store::Transaction<'_>) -> Result<(), scim_server::Error> {
/// use scim_server::store::{ErasedUnit, unit};
///
/// // What a store of one's own does with a unit, inside a transaction that it began.
/// let unit = unit(|tx| Box::pin(async move { tx.tokens().await }));
/// let output = unit.run_erased(tx).await?;
/// # Ok(())
/// # }
/// ```
#[async_trait]
pub trait ErasedUnit: Send + Sync + 'static {
    /// [`Unit::run`].
    async fn run_erased(&self, tx: &mut Transaction<'_>) -> Result<Output, Error>;

    /// [`Unit::reads`].
    fn reads_erased(&self) -> Reads;
}

#[async_trait]
impl<U: Unit> ErasedUnit for U {
    async fn run_erased(&self, tx: &mut Transaction<'_>) -> Result<Output, Error> {
        Ok(Box::new(self.run(tx).await?))
    }

    fn reads_erased(&self) -> Reads {
        self.reads()
    }
}

/// A tenant, as the command line lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tenant {
    /// Its slug, which is also its id.
    pub id: TenantId,
    /// When it was made.
    pub created: Timestamp,
}

/// Where resources live. Object-safe; call [`Store::read`](trait.Store.html#method.read) and
/// [`Store::write`](trait.Store.html#method.write), which bring the types back.
///
/// ```no_run
/// # async fn example(store: &dyn scim_server::store::Store) -> anyhow::Result<()> {
/// use scim_server::store::unit;
///
/// let main = "main".parse()?;
/// let tokens = store.read(&main, unit(|tx| Box::pin(async move { tx.tokens().await }))).await?;
/// println!("{} tokens in {main}", tokens.len());
/// # Ok(())
/// # }
/// ```
#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// Runs a unit that only reads.
    async fn read_erased(
        &self,
        tenant: &TenantId,
        unit: Arc<dyn ErasedUnit>,
    ) -> Result<Output, Error>;

    /// Runs a unit, as often as needed, and commits what it wrote.
    async fn write_erased(
        &self,
        tenant: &TenantId,
        unit: Arc<dyn ErasedUnit>,
    ) -> Result<Output, Error>;

    /// Makes a tenant; `false` when it exists already.
    async fn create_tenant(&self, tenant: &TenantId, created: Timestamp) -> Result<bool, Error>;

    /// All tenants, by name.
    async fn tenants(&self) -> Result<Vec<Tenant>, Error>;

    /// Is the database there and of the right version?
    async fn ready(&self) -> Result<(), Error>;

    /// Waits for what is under way and closes the connections.
    async fn close(&self);
}

impl dyn Store {
    /// Runs a unit that only reads.
    pub async fn read<U: Unit>(&self, tenant: &TenantId, unit: U) -> Result<U::Output, Error> {
        Ok(typed::<U>(self.read_erased(tenant, Arc::new(unit)).await?))
    }

    /// Runs a unit, as often as needed, and commits what it wrote.
    pub async fn write<U: Unit>(&self, tenant: &TenantId, unit: U) -> Result<U::Output, Error> {
        Ok(typed::<U>(self.write_erased(tenant, Arc::new(unit)).await?))
    }
}

fn typed<U: Unit>(output: Output) -> U::Output {
    #[expect(
        clippy::expect_used,
        reason = "`run_erased` of the same unit made the box"
    )]
    let output = output
        .downcast::<U::Output>()
        .expect("a unit gives back its own output type");
    *output
}
