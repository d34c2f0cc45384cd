//! Gives committed changes their numbers, within a second and in the background.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use scim_core::TenantId;
use tokio::sync::watch;
use uuid::Uuid;

use crate::Error;
use crate::clock::random;
use crate::store::{Store, Transaction, Unit};

const ROUND_EVERY: Duration = Duration::from_millis(300);
/// Changes of one unit of work.
const SEALED_AT_ONCE: usize = 250;
const LEASE: &str = "sealer";
const LEASE_TIME: SignedDuration = SignedDuration::from_secs(10);
/// A lease that ends sooner than this is taken again; until then a round without changes
/// writes nothing.
const LEASE_LEFT_MIN: SignedDuration = SignedDuration::from_secs(5);

/// Seals the changes of all tenants, one process at a time.
///
/// ```no_run
/// # async fn example(store: std::sync::Arc<dyn scim_server::store::Store>) {
/// use scim_server::Sealer;
///
/// let (stop, stopped) = tokio::sync::watch::channel(false);
/// let sealer = tokio::spawn(Sealer::run(store, stopped));
/// // … serve …
/// stop.send_replace(true);
/// let _ = sealer.await;
/// # }
/// ```
pub struct Sealer {
    store: Arc<dyn Store>,
    holder: Uuid,
    leases: HashMap<TenantId, Timestamp>,
    failing: bool,
}

impl Sealer {
    /// Seals until `stop` says so, and then once more for what came last.
    pub async fn run(store: Arc<dyn Store>, mut stop: watch::Receiver<bool>) {
        let mut sealer = Sealer {
            store,
            holder: Uuid::from_bytes(random()),
            leases: HashMap::new(),
            failing: false,
        };
        loop {
            // A closed channel means the same as its word.
            let stopped = tokio::time::timeout(ROUND_EVERY, stop.wait_for(|stop| *stop))
                .await
                .is_ok();
            let outcome = sealer.round().await;
            sealer.tell(outcome);
            if stopped {
                sealer.let_go().await;
                return;
            }
        }
    }

    /// All tenants; what fails for one does not keep the others waiting.
    async fn round(&mut self) -> Result<(), Error> {
        let mut outcome = Ok(());
        for tenant in self.store.tenants().await? {
            let sealed = self.seal(&tenant.id).await;
            outcome = outcome.and(sealed);
        }
        outcome
    }

    async fn seal(&mut self, tenant: &TenantId) -> Result<(), Error> {
        loop {
            let unit = Seal {
                holder: self.holder,
                lease: self.leases.get(tenant).copied(),
            };
            let Some((lease, sealed)) = self.store.write(tenant, unit).await? else {
                self.leases.remove(tenant);
                return Ok(());
            };
            self.leases.insert(tenant.clone(), lease);
            if sealed < SEALED_AT_ONCE {
                return Ok(());
            }
        }
    }

    /// Another process need not wait for the leases to end.
    async fn let_go(&mut self) {
        for (tenant, _) in self.leases.drain() {
            let unit = LetGo(self.holder);
            if let Err(error) = self.store.write(&tenant, unit).await {
                tracing::warn!(%error, "a lease was not given back; it ends by itself");
            }
        }
    }

    /// Says it once when sealing begins to fail, and once when it works again.
    fn tell(&mut self, outcome: Result<(), Error>) {
        match outcome {
            Err(error) if !self.failing => {
                tracing::warn!(%error, "changes cannot be sealed; trying again");
                self.failing = true;
            }
            Ok(()) if self.failing => {
                tracing::info!("changes are sealed again");
                self.failing = false;
            }
            Ok(()) | Err(_) => {}
        }
    }
}

struct Seal {
    holder: Uuid,
    lease: Option<Timestamp>,
}

#[async_trait]
impl Unit for Seal {
    /// Until when the lease is ours, and how many changes were sealed; `None` when somebody
    /// else has the lease.
    type Output = Option<(Timestamp, usize)>;

    async fn run(&self, tx: &mut Transaction<'_>) -> Result<Self::Output, Error> {
        let now = tx.now();
        let lasting = self
            .lease
            .filter(|until| until.duration_since(now) > LEASE_LEFT_MIN);
        let lease = match lasting {
            Some(until) => until,
            None => {
                let until = now.checked_add(LEASE_TIME).unwrap_or(now);
                if !tx.lease(LEASE, self.holder, until).await? {
                    return Ok(None);
                }
                until
            }
        };
        Ok(Some((lease, tx.seal(SEALED_AT_ONCE).await?)))
    }
}

struct LetGo(Uuid);

#[async_trait]
impl Unit for LetGo {
    type Output = ();

    async fn run(&self, tx: &mut Transaction<'_>) -> Result<(), Error> {
        let now = tx.now();
        let over = now
            .checked_sub(SignedDuration::from_millis(1))
            .unwrap_or(now);
        tx.lease(LEASE, self.0, over).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{CountingIds, FixedClock};

    use crate::store::{Change, ChangeBody, Fresh, What, unit};

    /// A tenant with one change more than is sealed at once.
    async fn fresh() -> (Fresh, Arc<dyn Store>, TenantId) {
        let now = "2026-01-01T00:00:00Z".parse().unwrap();
        let clock = Arc::new(FixedClock::new(now));
        let fresh = Fresh::sqlite_at(clock, Arc::new(CountingIds::default())).await;
        let store: Arc<dyn Store> = fresh.store.clone();
        let tenant = "main".parse().unwrap();
        let changes = unit(|tx| {
            Box::pin(async move {
                for _ in 0..=SEALED_AT_ONCE {
                    let change = Change {
                        id: tx.new_id(),
                        at: tx.now(),
                        actor: None,
                        owner: None,
                        kind: "User".to_owned(),
                        resource: None,
                        version: scim_core::Version(0),
                        what: What::Refused,
                        cause: None,
                    };
                    tx.record(change, ChangeBody::default());
                }
                Ok(())
            })
        });
        store.write(&tenant, changes).await.unwrap();
        (fresh, store, tenant)
    }

    #[tokio::test]
    async fn the_last_round_seals_everything_in_order() {
        let (_fresh, store, tenant) = fresh().await;
        let (_stop, stopped) = watch::channel(true);
        Sealer::run(Arc::clone(&store), stopped).await;
        let sealed = unit(|tx| Box::pin(async move { tx.sealed_after(0, 1_000).await }));
        let sealed = store.read(&tenant, sealed).await.unwrap();
        let numbers: Vec<_> = sealed.iter().map(|(seal, _)| seal.sequence).collect();
        assert_eq!(numbers, (1..=251).collect::<Vec<_>>());
    }

    #[tokio::test]
    async fn one_sealer_works_and_keeps_its_lease() {
        let (_fresh, store, tenant) = fresh().await;
        let round = async |holder: u128, lease: Option<Timestamp>| {
            let holder = Uuid::from_u128(holder);
            store.write(&tenant, Seal { holder, lease }).await.unwrap()
        };
        let (lease, sealed) = round(1, None).await.unwrap();
        assert_eq!(sealed, SEALED_AT_ONCE);
        assert_eq!(round(2, None).await, None);
        assert_eq!(round(1, Some(lease)).await, Some((lease, 1)));
        assert_eq!(round(1, Some(lease)).await, Some((lease, 0)));
    }
}
