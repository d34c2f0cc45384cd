//! A store of which nothing is kept: what is written is there for whoever asks this store, and for nobody else.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use jiff::Timestamp;
use scim_core::TenantId;

use super::{ErasedUnit, Moment, Output, Reads, Store, Tenant, Transaction};
use crate::{Error, StoreError};

/// Runs units on a real store and keeps nothing of them, so that a server on it can be tried out.
///
/// Units can run again. So each one runs in a transaction of its own, after all those that wrote before it, at
/// the moments that they had; then all of it is undone. Nobody else waits longer than for one request, nor sees
/// anything of it. What it costs grows with the square of the number of writes: it is for some dozens.
///
/// ```no_run
/// # async fn example(store: std::sync::Arc<dyn scim_server::store::Store>) -> Result<(), scim_server::Error> {
/// use std::sync::Arc;
///
/// use scim_server::store::{Rehearsal, Store, unit};
///
/// let stage: Arc<dyn Store> = Arc::new(Rehearsal::of(Arc::clone(&store)));
/// let main = "main".parse().unwrap();
/// let leave = unit(|tx| {
///     Box::pin(async move {
///         let now = tx.now();
///         tx.leave_work("mail", now, "hello".to_owned());
///         Ok(())
///     })
/// });
/// stage.write(&main, leave).await?;
/// let waiting = unit(|tx| {
///     Box::pin(async move {
///         let until = tx.now();
///         Ok(tx.claim_jobs("mail", until, 10).await?.len())
///     })
/// });
/// assert_eq!(stage.write(&main, waiting).await?, 1, "it was left on the stage");
/// # Ok(())
/// # }
/// ```
pub struct Rehearsal {
    store: Arc<dyn Store>,
    played: Mutex<Vec<Arc<Played>>>,
}

/// A unit that wrote, and when.
struct Played {
    tenant: TenantId,
    unit: Arc<dyn ErasedUnit>,
    moment: Moment,
}

impl Rehearsal {
    /// On this store, as it is from now on.
    pub fn of(store: Arc<dyn Store>) -> Rehearsal {
        Rehearsal {
            store,
            played: Mutex::default(),
        }
    }

    /// What was written for a tenant.
    fn before(&self, tenant: &TenantId) -> Vec<Arc<Played>> {
        let played = lock(&self.played);
        let of_tenant = played.iter().filter(|played| played.tenant == *tenant);
        of_tenant.cloned().collect()
    }

    async fn play(
        &self,
        tenant: &TenantId,
        unit: &Arc<dyn ErasedUnit>,
    ) -> Result<(Output, Moment), Error> {
        let scene = Arc::new(Scene {
            before: self.before(tenant),
            unit: Arc::clone(unit),
            done: Mutex::default(),
        });
        let undone: Arc<dyn ErasedUnit> = Arc::clone(&scene) as Arc<dyn ErasedUnit>;
        let outcome = self.store.write_erased(tenant, undone).await;
        let done = lock(&scene.done).take();
        match (done, outcome) {
            (Some(done), _) => Ok(done),
            (None, Err(error)) => Err(error),
            (None, Ok(_)) => Err(UNDONE),
        }
    }
}

#[async_trait]
impl Store for Rehearsal {
    async fn read_erased(
        &self,
        tenant: &TenantId,
        unit: Arc<dyn ErasedUnit>,
    ) -> Result<Output, Error> {
        if self.before(tenant).is_empty() {
            return self.store.read_erased(tenant, unit).await;
        }
        Ok(self.play(tenant, &unit).await?.0)
    }

    async fn write_erased(
        &self,
        tenant: &TenantId,
        unit: Arc<dyn ErasedUnit>,
    ) -> Result<Output, Error> {
        let (output, moment) = self.play(tenant, &unit).await?;
        lock(&self.played).push(Arc::new(Played {
            tenant: tenant.clone(),
            unit,
            moment,
        }));
        Ok(output)
    }

    async fn create_tenant(&self, _: &TenantId, _: Timestamp) -> Result<bool, Error> {
        Err(Error::Forbidden("nobody makes a tenant in a rehearsal"))
    }

    async fn tenants(&self) -> Result<Vec<Tenant>, Error> {
        self.store.tenants().await
    }

    async fn ready(&self) -> Result<(), Error> {
        self.store.ready().await
    }

    /// The store that it is on stays open.
    async fn close(&self) {}
}

/// How a scene ends, so that the store undoes it. Nobody hears of it.
const UNDONE: Error = Error::Store(StoreError::Unit("it was a rehearsal"));

/// Everything that was written before, then a unit; and all of it is undone.
struct Scene {
    before: Vec<Arc<Played>>,
    unit: Arc<dyn ErasedUnit>,
    done: Mutex<Option<(Output, Moment)>>,
}

#[async_trait]
impl ErasedUnit for Scene {
    async fn run_erased(&self, tx: &mut Transaction<'_>) -> Result<Output, Error> {
        for played in &self.before {
            tx.within(played.unit.as_ref(), &played.moment).await?;
        }
        let moment = tx.moment().again();
        let output = tx.within(self.unit.as_ref(), &moment).await?;
        *lock(&self.done) = Some((output, moment));
        Err(UNDONE)
    }

    fn reads_erased(&self) -> Reads {
        Reads::Many
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::users_and_groups;
    use crate::store::{Fresh, Lock, unit};
    use scim_core::{Document, ResourceId};
    use serde_json::json;

    /// Makes a user, and refuses one whose name is `nobody` after it was written.
    async fn make(store: &dyn Store, name: &'static str) -> Result<ResourceId, Error> {
        let users = users_and_groups().unwrap().swap_remove(0).resource_type;
        let main = "main".parse().unwrap();
        let make = unit(move |tx| {
            let users = users.clone();
            Box::pin(async move {
                let id = ResourceId::new(tx.new_id());
                let user = json!({ "userName": name });
                let user = Document::from_stored(user.as_object().unwrap().clone());
                tx.insert(&users, None, id, &user)?;
                tx.flush().await?;
                if name == "nobody" {
                    return Err(Error::Forbidden("nobody is nobody"));
                }
                Ok(id)
            })
        });
        store.write(&main, make).await
    }

    async fn found(store: &dyn Store, name: &'static str) -> Option<ResourceId> {
        let main = "main".parse().unwrap();
        let find = unit(move |tx| {
            Box::pin(async move {
                let key = ("userName".to_owned(), name.to_owned());
                Ok(tx.find("User", &[key], Lock::None).await?.pop())
            })
        });
        store.read(&main, find).await.unwrap().map(|user| user.id)
    }

    #[tokio::test]
    async fn what_was_written_is_there_on_the_stage_alone() {
        for fresh in [Fresh::sqlite().await, Fresh::postgres().await] {
            let store: Arc<dyn Store> = fresh.store.clone();
            let ann = make(store.as_ref(), "ann").await.unwrap();
            let stage: Arc<dyn Store> = Arc::new(Rehearsal::of(Arc::clone(&store)));
            let bob = make(stage.as_ref(), "bob").await.unwrap();
            let cid = make(stage.as_ref(), "cid").await.unwrap();
            // What is refused is undone there too, and what is taken is taken.
            for name in ["nobody", "ann", "bob"] {
                make(stage.as_ref(), name).await.unwrap_err();
            }
            let names = ["ann", "bob", "cid", "nobody"];
            let mut told = Vec::new();
            for store in [&stage, &store] {
                for name in names {
                    told.push(found(store.as_ref(), name).await);
                }
            }
            // Their ids stay what they were said to be.
            let on_stage = [Some(ann), Some(bob), Some(cid), None];
            assert_eq!(told, [on_stage, [Some(ann), None, None, None]].concat());
            // What is written for good meanwhile is there too.
            let dan = make(store.as_ref(), "dan").await.unwrap();
            assert_eq!(found(stage.as_ref(), "dan").await, Some(dan));
            assert!(stage.ready().await.is_ok() && stage.tenants().await.unwrap().len() == 1);
        }
    }
}
