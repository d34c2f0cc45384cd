//! Work for later: who does it, and what happens when it fails or whoever did it goes away.

use std::collections::HashSet;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use futures::FutureExt;
use jiff::SignedDuration;
use scim_core::TenantId;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::error::with_causes;
use crate::service::Engine;
use crate::store::{ErasedUnit, Job, Transaction, Unit};
use crate::{Error, StoreError};

/// How often queues in which nothing is due are looked at.
const ROUND_EVERY: Duration = Duration::from_millis(500);
/// From then on somebody else may take a job up: whoever had it is slow, or gone.
const LEASE_TIME: SignedDuration = SignedDuration::from_secs(60);
/// What happens outside of the database ends before the lease does.
const OUTSIDE_TIME: Duration = Duration::from_secs(45);
/// How often a job is taken up at most.
const ATTEMPTS_MAX: i64 = 6;
/// The second attempt comes after so long, each one after it four times later.
const BACKOFF: SignedDuration = SignedDuration::from_secs(1);

/// A job that was taken up.
#[derive(Clone)]
pub struct Taken {
    /// The use cases, and through them the store.
    pub engine: Arc<Engine>,
    /// Whose job it is.
    pub tenant: TenantId,
    /// The job; how often it was taken up is counted with this time.
    pub job: Job,
}

/// What is done with the jobs of a queue. A hook names it.
///
/// A job is done by one unit of work, which also takes it out of its queue: it is done once or not at all,
/// whatever is killed when. Long work does a piece and leaves the next as a job of its own, so that
/// nobody waits for it and whoever takes it over begins where it stopped.
///
/// ```
/// use std::sync::Arc;
///
/// use async_trait::async_trait;
/// use scim_server::store::{ErasedUnit, unit};
/// use scim_server::{Error, Taken, Work};
///
/// /// Counts down, a second at a time.
/// struct Countdown;
///
/// #[async_trait]
/// impl Work for Countdown {
///     fn queue(&self) -> &'static str {
///         "countdown"
///     }
///
///     async fn unit(&self, taken: &Taken) -> Result<Arc<dyn ErasedUnit>, Error> {
///         // Here is the place for what waits: a message to be sent, a long calculation.
///         let left: u64 = taken.job.payload.parse().unwrap_or_default();
///         Ok(Arc::new(unit(move |tx| {
///             Box::pin(async move {
///                 if left > 0 {
///                     let due = tx.now() + jiff::SignedDuration::from_secs(1);
///                     tx.leave_work("countdown", due, (left - 1).to_string());
///                 }
///                 Ok(())
///             })
///         })))
///     }
/// }
/// ```
#[async_trait]
pub trait Work: Send + Sync + 'static {
    /// The queue.
    fn queue(&self) -> &'static str;

    /// The unit of work that does the job. What happens in here, outside of the database, may happen more
    /// than once and ends after 45 s; what the unit does happens once.
    async fn unit(&self, taken: &Taken) -> Result<Arc<dyn ErasedUnit>, Error>;

    /// The payload of a job that every tenant has from the beginning; `None` where there is no such job. Whoever
    /// does it leaves the next one, with [`Transaction::enqueue_once`] under the name of the queue, and so does
    /// [`given_up`](Work::given_up): there is one, however many processes there are.
    fn regular(&self) -> Option<String> {
        None
    }

    /// What is done instead after this error, such as the same in smaller pieces; `None` for another
    /// attempt some time later.
    fn instead(&self, taken: &Taken, error: &Error) -> Option<Arc<dyn ErasedUnit>> {
        let (_, _) = (taken, error);
        None
    }

    /// Says where people look that the last attempt failed, for this reason. With `None` the job is kept in
    /// a queue of the same name that ends with `.parked`, which nobody works on.
    fn given_up(&self, taken: &Taken, reason: &str) -> Option<Arc<dyn ErasedUnit>> {
        let (_, _) = (taken, reason);
        None
    }
}

/// Does the work that the hooks of an engine leave for later.
///
/// ```no_run
/// # async fn example(server: scim_server::Server) {
/// use std::sync::Arc;
/// use scim_server::Worker;
///
/// let (stop, stopped) = tokio::sync::watch::channel(false);
/// let worker = Worker::new(Arc::clone(server.engine()));
/// let worker = tokio::spawn(worker.run(stopped));
/// // … serve …
/// stop.send_replace(true);
/// let _ = worker.await;
/// # }
/// ```
pub struct Worker {
    engine: Arc<Engine>,
    works: Vec<Arc<dyn Work>>,
    begun: Arc<Begun>,
}

/// The queues and tenants that have their regular job, as far as this worker has looked.
#[derive(Default)]
struct Begun(Mutex<HashSet<(&'static str, TenantId)>>);

impl Worker {
    /// A worker for all queues that the hooks of an engine name.
    pub fn new(engine: Arc<Engine>) -> Worker {
        let works = engine.works();
        Worker {
            engine,
            works,
            begun: Arc::default(),
        }
    }

    /// A worker for one of these queues alone.
    pub fn on(engine: Arc<Engine>, queue: &str) -> Worker {
        let mut worker = Worker::new(engine);
        worker.works.retain(|work| work.queue() == queue);
        worker
    }

    /// Works until `stop` says so; a job that was begun is finished. Queues do not wait for each other, and
    /// tenants take turns.
    pub async fn run(self, stop: watch::Receiver<bool>) {
        let mut queues = JoinSet::new();
        for work in self.works {
            let queue = Queue {
                engine: Arc::clone(&self.engine),
                work,
                begun: Arc::clone(&self.begun),
                failing: false,
            };
            queues.spawn(queue.run(stop.clone()));
        }
        while queues.join_next().await.is_some() {}
    }

    /// Does one job of each queue of a tenant, where one is due; `false` when none was.
    pub async fn once(&self, tenant: &TenantId) -> Result<bool, Error> {
        let mut worked = false;
        for work in &self.works {
            self.begun
                .begin(&self.engine, work.as_ref(), tenant)
                .await?;
            worked |= one(&self.engine, work.as_ref(), tenant).await?;
        }
        Ok(worked)
    }
}

struct Queue {
    engine: Arc<Engine>,
    work: Arc<dyn Work>,
    begun: Arc<Begun>,
    failing: bool,
}

impl Queue {
    async fn run(mut self, mut stop: watch::Receiver<bool>) {
        loop {
            let worked = self.round(&stop).await;
            let wait = if worked { Duration::ZERO } else { ROUND_EVERY };
            // A closed channel means the same as its word.
            let stopped = tokio::time::timeout(wait, stop.wait_for(|stop| *stop));
            if stopped.await.is_ok() {
                return;
            }
        }
    }

    /// A job of each tenant; what fails for one does not keep the others waiting.
    async fn round(&mut self, stop: &watch::Receiver<bool>) -> bool {
        let tenants = match self.engine.store().tenants().await {
            Ok(tenants) => tenants,
            Err(error) => {
                self.tell(Err(error));
                return false;
            }
        };
        let mut worked = false;
        let mut outcome = Ok(());
        for tenant in tenants {
            if *stop.borrow() {
                break;
            }
            let (engine, work) = (&self.engine, self.work.as_ref());
            let one = async {
                self.begun.begin(engine, work, &tenant.id).await?;
                one(engine, work, &tenant.id).await
            };
            match one.await {
                Ok(done) => worked |= done,
                Err(error) => outcome = Err(error),
            }
        }
        self.tell(outcome);
        worked
    }

    /// Says it once when the queue cannot be worked on, and once when it can again.
    fn tell(&mut self, outcome: Result<(), Error>) {
        let queue = self.work.queue();
        match outcome {
            Err(error) if !self.failing => {
                tracing::warn!(%error, queue, "work for later cannot be taken up; trying again");
                self.failing = true;
            }
            Ok(()) if self.failing => {
                tracing::info!(queue, "work for later is taken up again");
                self.failing = false;
            }
            Ok(()) | Err(_) => {}
        }
    }
}

impl Begun {
    /// Leaves the regular job of a queue, where there is to be one and none waits.
    async fn begin(
        &self,
        engine: &Engine,
        work: &dyn Work,
        tenant: &TenantId,
    ) -> Result<(), Error> {
        let place = (work.queue(), tenant.clone());
        let Some(payload) = work.regular().filter(|_| !self.lock().contains(&place)) else {
            return Ok(());
        };
        let queue = place.0;
        engine
            .store()
            .write(tenant, Begin { queue, payload })
            .await?;
        self.lock().insert(place);
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, HashSet<(&'static str, TenantId)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Leaves a job that there is one of.
struct Begin {
    queue: &'static str,
    payload: String,
}

#[async_trait]
impl Unit for Begin {
    type Output = ();

    async fn run(&self, tx: &mut Transaction<'_>) -> Result<(), Error> {
        let now = tx.now();
        tx.enqueue_once(self.queue, self.queue, now, self.payload.clone());
        Ok(())
    }
}

/// Takes up the next job that is due; `false` when none is.
async fn one(engine: &Arc<Engine>, work: &dyn Work, tenant: &TenantId) -> Result<bool, Error> {
    let queue = work.queue();
    let Some(job) = engine.store().write(tenant, Claim(queue)).await? else {
        return Ok(false);
    };
    let taken = Taken {
        engine: Arc::clone(engine),
        tenant: tenant.clone(),
        job,
    };
    if taken.job.attempts > ATTEMPTS_MAX {
        give_up(work, &taken, "every attempt to do it was cut off").await?;
        return Ok(true);
    }
    if let Err(error) = attempt(work, &taken).await {
        failed(work, &taken, &error).await?;
    }
    Ok(true)
}

async fn attempt(work: &dyn Work, taken: &Taken) -> Result<(), Error> {
    let unit = AssertUnwindSafe(work.unit(taken)).catch_unwind();
    let unit = match tokio::time::timeout(OUTSIDE_TIME, unit).await {
        Ok(Ok(unit)) => unit?,
        Ok(Err(_)) => return Err(StoreError::Unit("it panicked").into()),
        Err(_) => return Err(StoreError::Unit("it took too long").into()),
    };
    finish(taken, unit).await
}

async fn failed(work: &dyn Work, taken: &Taken, error: &Error) -> Result<(), Error> {
    if let Some(unit) = work.instead(taken, error) {
        return finish(taken, unit).await;
    }
    let reason = with_causes(error);
    let Job { id, attempts, .. } = taken.job;
    if attempts >= ATTEMPTS_MAX {
        return give_up(work, taken, &reason).await;
    }
    let queue = work.queue();
    tracing::warn!(tenant = %taken.tenant, queue, job.id = %id, attempts, "a job failed and is tried again: {reason}");
    let job = taken.job.clone();
    let factor = 4_i32.saturating_pow(u32::try_from(attempts - 1).unwrap_or(0));
    finish(taken, Arc::new(Later(job, BACKOFF * factor))).await
}

async fn give_up(work: &dyn Work, taken: &Taken, reason: &str) -> Result<(), Error> {
    let (queue, id) = (work.queue(), taken.job.id);
    tracing::error!(tenant = %taken.tenant, queue, job.id = %id, "a job is given up: {reason}");
    let unit = work.given_up(taken, reason);
    let parked = || -> Arc<dyn ErasedUnit> { Arc::new(Park(taken.job.clone())) };
    finish(taken, unit.unwrap_or_else(parked)).await
}

async fn finish(taken: &Taken, unit: Arc<dyn ErasedUnit>) -> Result<(), Error> {
    let job = taken.job.clone();
    let store = taken.engine.store();
    store.write(&taken.tenant, Finish { job, unit }).await
}

struct Claim(&'static str);

#[async_trait]
impl Unit for Claim {
    type Output = Option<Job>;

    async fn run(&self, tx: &mut Transaction<'_>) -> Result<Option<Job>, Error> {
        let until = tx.now() + LEASE_TIME;
        Ok(tx.claim_jobs(self.0, until, 1).await?.pop())
    }
}

/// Keeps a job that is given up. Its id is free for what comes under the same name.
struct Park(Job);

#[async_trait]
impl Unit for Park {
    type Output = ();

    async fn run(&self, tx: &mut Transaction<'_>) -> Result<(), Error> {
        let Park(job) = self;
        let parked = Job {
            id: tx.new_id(),
            queue: format!("{}.parked", job.queue),
            ..job.clone()
        };
        tx.enqueue(parked);
        Ok(())
    }
}

/// Takes a job out of its queue and does it, if nobody else has it meanwhile.
struct Finish {
    job: Job,
    unit: Arc<dyn ErasedUnit>,
}

#[async_trait]
impl Unit for Finish {
    type Output = ();

    async fn run(&self, tx: &mut Transaction<'_>) -> Result<(), Error> {
        if tx.finish_job(&self.job).await? {
            self.unit.run_erased(tx).await?;
        }
        Ok(())
    }
}

/// Puts a job back; how often it was taken up stays counted.
struct Later(Job, SignedDuration);

#[async_trait]
impl Unit for Later {
    type Output = ();

    async fn run(&self, tx: &mut Transaction<'_>) -> Result<(), Error> {
        let Later(job, after) = self;
        let due = tx.now() + *after;
        tx.enqueue(Job { due, ..job.clone() });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{Clock, CountingIds, FixedClock};
    use crate::service::{Catalog, Changed, Hook};
    use crate::store::{Fresh, unit};

    fn later(clock: &FixedClock, by: SignedDuration) {
        clock.set(clock.now() + by);
    }

    /// Does what the payload says.
    struct Says;

    #[async_trait]
    impl Work for Says {
        fn queue(&self) -> &'static str {
            "says"
        }

        async fn unit(&self, taken: &Taken) -> Result<Arc<dyn ErasedUnit>, Error> {
            match taken.job.payload.as_str() {
                "panic" => panic!("as it was told"),
                "fail" => Err(Error::Forbidden("not today")),
                "split" => Err(Error::NotReached),
                _ => Ok(done("done")),
            }
        }

        fn instead(&self, _: &Taken, error: &Error) -> Option<Arc<dyn ErasedUnit>> {
            matches!(error, Error::NotReached).then(|| done("instead"))
        }
    }

    /// Leaves a line in a queue that nobody works on.
    fn done(payload: &'static str) -> Arc<dyn ErasedUnit> {
        Arc::new(unit(move |tx| {
            Box::pin(async move {
                enqueue(tx, "log", payload);
                Ok(())
            })
        }))
    }

    fn enqueue(tx: &mut Transaction<'_>, queue: &str, payload: &str) {
        let now = tx.now();
        tx.leave_work(queue, now, payload.to_owned());
    }

    struct Names;

    #[async_trait]
    impl Hook for Names {
        async fn after_change(
            &self,
            _: &mut Transaction<'_>,
            _: &Changed<'_>,
        ) -> Result<(), Error> {
            Ok(())
        }

        fn works(&self) -> Vec<Arc<dyn Work>> {
            vec![Arc::new(Says), Arc::new(Counts)]
        }
    }

    /// Counts up by one an hour.
    struct Counts;

    #[async_trait]
    impl Work for Counts {
        fn queue(&self) -> &'static str {
            "counts"
        }

        fn regular(&self) -> Option<String> {
            Some("0".to_owned())
        }

        async fn unit(&self, taken: &Taken) -> Result<Arc<dyn ErasedUnit>, Error> {
            let count: u32 = taken.job.payload.parse().unwrap();
            Ok(Arc::new(unit(move |tx| {
                Box::pin(async move {
                    let due = tx.now() + SignedDuration::from_hours(1);
                    tx.enqueue_once("counts", "counts", due, (count + 1).to_string());
                    Ok(())
                })
            })))
        }
    }

    struct Bench {
        _fresh: Fresh,
        clock: Arc<FixedClock>,
        engine: Arc<Engine>,
        tenant: TenantId,
    }

    impl Bench {
        async fn with(payload: &'static str) -> Bench {
            let now = "2026-01-01T00:00:00Z".parse().unwrap();
            let clock = Arc::new(FixedClock::new(now));
            let fresh = Fresh::sqlite_at(clock.clone(), Arc::new(CountingIds::default())).await;
            let hooks: Vec<Arc<dyn Hook>> = vec![Arc::new(Names)];
            let engine = Engine::new(fresh.store.clone(), Catalog::new(Vec::new()), hooks);
            let bench = Bench {
                engine: Arc::new(engine),
                clock,
                tenant: "main".parse().unwrap(),
                _fresh: fresh,
            };
            let leave = unit(move |tx| {
                Box::pin(async move {
                    enqueue(tx, "says", payload);
                    Ok(())
                })
            });
            bench.write(leave).await;
            bench
        }

        async fn write<U: Unit>(&self, unit: U) -> U::Output {
            self.engine.store().write(&self.tenant, unit).await.unwrap()
        }

        /// What waits in a queue, and how often it was taken up; it is taken up by this.
        async fn waits(&self, queue: &'static str) -> Vec<String> {
            later(&self.clock, SignedDuration::from_mins(1));
            let jobs = unit(move |tx| {
                Box::pin(async move {
                    let until = tx.now();
                    tx.claim_jobs(queue, until, 10).await
                })
            });
            let jobs = self.write(jobs).await.into_iter();
            jobs.map(|job| format!("{} {}", job.payload, job.attempts))
                .collect()
        }

        async fn once(&self) -> bool {
            let worker = Worker::on(Arc::clone(&self.engine), "says");
            worker.once(&self.tenant).await.unwrap()
        }
    }

    #[tokio::test]
    async fn a_regular_job_is_there_once_and_goes_on() {
        let bench = Bench::with("work").await;
        for _ in 0..3 {
            // Each is a process of its own that begins.
            for _ in 0..2 {
                let worker = Worker::on(Arc::clone(&bench.engine), "counts");
                while worker.once(&bench.tenant).await.unwrap() {}
            }
            later(&bench.clock, SignedDuration::from_mins(30));
        }
        // At the beginning, and after an hour.
        later(&bench.clock, SignedDuration::from_hours(1));
        assert_eq!(bench.waits("counts").await, ["2 1"]);
    }

    #[tokio::test]
    async fn a_job_is_done_once() {
        let bench = Bench::with("work").await;
        assert!(bench.once().await);
        assert!(!bench.once().await);
        assert_eq!(bench.waits("log").await, ["done 1"]);
        assert!(bench.waits("says").await.is_empty());
    }

    #[tokio::test]
    async fn whoever_is_killed_is_followed_after_the_lease() {
        let bench = Bench::with("work").await;
        // Taken up, and never heard of again.
        let lost = bench.write(Claim("says")).await.unwrap();
        assert!(!bench.once().await);
        later(&bench.clock, LEASE_TIME + SignedDuration::from_secs(1));
        assert!(bench.once().await);
        // Who comes back from the dead does nothing.
        let unit = done("twice");
        bench.write(Finish { job: lost, unit }).await;
        assert_eq!(bench.waits("log").await, ["done 1"]);
    }

    #[tokio::test]
    async fn what_fails_is_tried_later_and_parked_in_the_end() {
        for payload in ["fail", "panic"] {
            let bench = Bench::with(payload).await;
            let mut waited = 1;
            for _ in 1..ATTEMPTS_MAX {
                assert!(bench.once().await);
                assert!(!bench.once().await, "not at once");
                later(&bench.clock, SignedDuration::from_secs(waited));
                waited *= 4;
            }
            assert!(bench.once().await);
            assert!(bench.waits("says").await.is_empty());
            assert_eq!(bench.waits("says.parked").await, [format!("{payload} 7")]);
        }
    }

    #[tokio::test]
    async fn something_else_may_be_done_instead() {
        let bench = Bench::with("split").await;
        assert!(bench.once().await);
        assert_eq!(bench.waits("log").await, ["instead 1"]);
        assert!(bench.waits("says").await.is_empty());
    }

    #[tokio::test]
    async fn it_stops_when_it_is_told() {
        let bench = Bench::with("work").await;
        let (stop, stopped) = watch::channel(false);
        let worker = tokio::spawn(Worker::new(Arc::clone(&bench.engine)).run(stopped));
        // Whatever it has done by then, it ends.
        stop.send_replace(true);
        worker.await.unwrap();
    }
}
