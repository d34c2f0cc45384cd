//! Gives committed changes their numbers, within a second and in the background, and signs the last one
//! every minute.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use scim_core::TenantId;
use tokio::sync::watch;
use uuid::Uuid;

use crate::Error;
use crate::audit::{AuditKey, Checkpoint};
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
/// Checkpoints of a tenant are this far apart, but for the last one of a process.
const SIGN_EVERY: SignedDuration = SignedDuration::from_mins(1);

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
    key: Option<Arc<AuditKey>>,
    holder: Uuid,
    held: HashMap<TenantId, Held>,
    failing: bool,
}

/// A tenant whose lease is ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Held {
    until: Timestamp,
    /// `None` without a key, and until it is known.
    signed: Option<Signed>,
}

/// How far checkpoints have come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Signed {
    /// When the last one was made, or nothing was found that it does not say.
    at: Timestamp,
    /// The number that it signs; 0 when there is none.
    sequence: i64,
}

impl Sealer {
    /// Seals until `stop` says so, and then once more for what came last.
    pub async fn run(store: Arc<dyn Store>, stop: watch::Receiver<bool>) {
        Sealer::new(store, None).go_on(stop).await;
    }

    /// The same, and signs the last number of each tenant: at most once a minute, when something new
    /// was sealed, and at the end.
    pub async fn run_signing(store: Arc<dyn Store>, key: AuditKey, stop: watch::Receiver<bool>) {
        Sealer::new(store, Some(Arc::new(key))).go_on(stop).await;
    }

    fn new(store: Arc<dyn Store>, key: Option<Arc<AuditKey>>) -> Sealer {
        Sealer {
            store,
            key,
            holder: Uuid::from_bytes(random()),
            held: HashMap::new(),
            failing: false,
        }
    }

    async fn go_on(mut self, mut stop: watch::Receiver<bool>) {
        loop {
            // A closed channel means the same as its word.
            let stopped = tokio::time::timeout(ROUND_EVERY, stop.wait_for(|stop| *stop))
                .await
                .is_ok();
            let outcome = self.round(stopped).await;
            self.tell(outcome);
            if stopped {
                self.let_go().await;
                return;
            }
        }
    }

    /// All tenants; what fails for one does not keep the others waiting.
    async fn round(&mut self, is_last: bool) -> Result<(), Error> {
        let mut outcome = Ok(());
        for tenant in self.store.tenants().await? {
            let sealed = self.seal(&tenant.id, is_last).await;
            outcome = outcome.and(sealed);
        }
        outcome
    }

    async fn seal(&mut self, tenant: &TenantId, is_last: bool) -> Result<(), Error> {
        loop {
            let held = self.held.get(tenant).copied();
            let unit = Seal {
                holder: self.holder,
                lease: held.map(|held| held.until),
                sign: self.key.clone().map(|key| Sign {
                    key,
                    tenant: tenant.clone(),
                    signed: held.and_then(|held| held.signed),
                    is_last,
                }),
            };
            let Some((held, sealed)) = self.store.write(tenant, unit).await? else {
                self.held.remove(tenant);
                return Ok(());
            };
            self.held.insert(tenant.clone(), held);
            if sealed < SEALED_AT_ONCE {
                return Ok(());
            }
        }
    }

    /// Another process need not wait for the leases to end.
    async fn let_go(&mut self) {
        for (tenant, _) in self.held.drain() {
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
    sign: Option<Sign>,
}

#[async_trait]
impl Unit for Seal {
    /// What is ours since, and how many changes were sealed; `None` when somebody else has the
    /// lease.
    type Output = Option<(Held, usize)>;

    async fn run(&self, tx: &mut Transaction<'_>) -> Result<Self::Output, Error> {
        let now = tx.now();
        let lasting = self
            .lease
            .filter(|until| until.duration_since(now) > LEASE_LEFT_MIN);
        let until = match lasting {
            Some(until) => until,
            None => {
                let until = now.checked_add(LEASE_TIME).unwrap_or(now);
                if !tx.lease(LEASE, self.holder, until).await? {
                    return Ok(None);
                }
                until
            }
        };
        let sealed = tx.seal(SEALED_AT_ONCE).await?;
        let signed = match &self.sign {
            Some(sign) => Some(sign.after(tx, sealed).await?),
            None => None,
        };
        Ok(Some((Held { until, signed }, sealed)))
    }
}

/// Signs, in the unit that seals: a number and its checkpoint are committed together.
struct Sign {
    key: Arc<AuditKey>,
    tenant: TenantId,
    signed: Option<Signed>,
    /// Does this process end?
    is_last: bool,
}

impl Sign {
    /// After so many changes were sealed here; others may have got their numbers when they were committed. Nothing
    /// is asked of the database unless a checkpoint is due.
    async fn after(&self, tx: &mut Transaction<'_>, sealed: usize) -> Result<Signed, Error> {
        let before = match self.signed {
            Some(signed) => signed,
            None => Sign::found(tx).await?,
        };
        let now = tx.now();
        // A clock that was put back is no reason to wait for the time that it had.
        let is_due = now.duration_since(before.at).abs() >= SIGN_EVERY;
        let is_end = self.is_last && sealed < SEALED_AT_ONCE;
        if !is_due && !is_end {
            return Ok(before);
        }
        let last = tx.last_sealed().await?;
        let sequence = match last.filter(|last| last.sequence != before.sequence) {
            Some(last) => {
                tx.put_checkpoint(Checkpoint::sign(&self.key, &self.tenant, &last, now));
                last.sequence
            }
            None => before.sequence,
        };
        Ok(Signed { at: now, sequence })
    }

    /// How far others have signed.
    async fn found(tx: &mut Transaction<'_>) -> Result<Signed, Error> {
        let newest = tx.newest_checkpoint().await?;
        Ok(newest.map_or(
            Signed {
                at: Timestamp::UNIX_EPOCH,
                sequence: 0,
            },
            |newest| Signed {
                at: newest.at,
                sequence: newest.sequence,
            },
        ))
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
    use crate::clock::{Clock, CountingIds, FixedClock};
    use crate::store::{Change, ChangeBody, Fresh, What, unit};

    /// A tenant with one change more than is sealed at once, where changes have no numbers when they are
    /// committed.
    async fn fresh() -> (Fresh, Arc<dyn Store>, TenantId) {
        let clock = noon();
        let of = Arc::clone(&clock) as Arc<dyn Clock>;
        let fresh = Fresh::postgres_at(of, Arc::new(CountingIds::default())).await;
        let store: Arc<dyn Store> = fresh.store.clone();
        let tenant = "main".parse().unwrap();
        record(store.as_ref(), &tenant, SEALED_AT_ONCE + 1).await;
        (fresh, store, tenant)
    }

    fn noon() -> Arc<FixedClock> {
        Arc::new(FixedClock::new("2026-01-01T12:00:00Z".parse().unwrap()))
    }

    async fn record(store: &dyn Store, tenant: &TenantId, count: usize) {
        let changes = unit(move |tx| {
            Box::pin(async move {
                for _ in 0..count {
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
        store.write(tenant, changes).await.unwrap();
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
            let sign = None;
            let seal = Seal {
                holder,
                lease,
                sign,
            };
            store.write(&tenant, seal).await.unwrap()
        };
        let (held, sealed) = round(1, None).await.unwrap();
        let lease = Some(held.until);
        assert_eq!(sealed, SEALED_AT_ONCE);
        assert_eq!(round(2, None).await, None);
        assert_eq!(round(1, lease).await, Some((held, 1)));
        assert_eq!(round(1, lease).await, Some((held, 0)));
    }

    /// The rounds of one process that signs: at which second, whether it is the last one, and how many
    /// changes came before. Statements, and the number that the newest checkpoint signs.
    async fn rounds(fresh: &Fresh, clock: &FixedClock) -> String {
        let store: Arc<dyn Store> = fresh.store.clone();
        let tenant: TenantId = "main".parse().unwrap();
        let start = clock.now();
        let pem = AuditKey::generate();
        let process = || {
            let key = Arc::new(AuditKey::from_pem(&pem).unwrap());
            Sealer::new(Arc::clone(&store), Some(key))
        };
        let mut sealer = process();
        let mut told = Vec::new();
        for (at_s, is_last, changes) in [
            (0, false, 0),
            (1, false, 2),
            (2, false, 1),
            (30, false, 0),
            (60, false, 0),
            (61, false, 0),
            (62, false, 0),
            (63, false, 1),
            (130, false, 0),
            (131, false, 0),
            (132, false, SEALED_AT_ONCE + 9),
            (133, true, 1),
        ] {
            record(store.as_ref(), &tenant, changes).await;
            clock.set(start + SignedDuration::from_secs(at_s));
            let before = fresh.store.cost().statements();
            sealer.seal(&tenant, is_last).await.unwrap();
            let cost = fresh.store.cost().statements() - before;
            let newest = unit(|tx| Box::pin(async move { tx.newest_checkpoint().await }));
            let newest = store.read(&tenant, newest).await.unwrap();
            let number = newest.map_or(0, |newest| newest.sequence);
            told.push(format!("{at_s:3} s: {cost:2} statements, {number}"));
        }
        // Another process goes on where this one stopped.
        let mut other = process();
        sealer.let_go().await;
        other.seal(&tenant, false).await.unwrap();
        let signed = other.held[&tenant].signed;
        let at = start + SignedDuration::from_secs(133);
        assert_eq!(signed, Some(Signed { at, sequence: 264 }));
        told.join("\n")
    }

    #[tokio::test]
    async fn checkpoints_are_a_minute_apart() {
        let (one, other) = (noon(), noon());
        let of = |clock: &Arc<FixedClock>| Arc::clone(clock) as Arc<dyn Clock>;
        let sqlite = Fresh::sqlite_at(of(&one), Arc::new(CountingIds::default())).await;
        let postgres = Fresh::postgres_at(of(&other), Arc::new(CountingIds::default())).await;
        insta::assert_snapshot!(rounds(&sqlite, &one).await, @r"
          0 s:  4 statements, 0
          1 s:  1 statements, 0
          2 s:  1 statements, 0
         30 s:  2 statements, 0
         60 s:  4 statements, 3
         61 s:  1 statements, 3
         62 s:  1 statements, 3
         63 s:  1 statements, 3
        130 s:  4 statements, 4
        131 s:  1 statements, 4
        132 s:  1 statements, 4
        133 s:  3 statements, 264
        ");
        insta::assert_snapshot!(rounds(&postgres, &other).await, @r"
          0 s:  4 statements, 0
          1 s:  4 statements, 0
          2 s:  4 statements, 0
         30 s:  2 statements, 0
         60 s:  4 statements, 3
         61 s:  1 statements, 3
         62 s:  1 statements, 3
         63 s:  4 statements, 3
        130 s:  4 statements, 4
        131 s:  1 statements, 4
        132 s:  8 statements, 4
        133 s:  6 statements, 264
        ");
    }
}
