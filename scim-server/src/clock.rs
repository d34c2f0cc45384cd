//! Where time and ids come from: injected, so that tests and retries see the same ones.

use std::sync::Mutex;

use jiff::Timestamp;
use uuid::Uuid;

/// Tells the time of day.
///
/// ```
/// use jiff::{SignedDuration, Timestamp};
/// use scim_server::clock::{Clock, SystemClock};
///
/// /// Runs an hour late.
/// struct Late;
///
/// impl Clock for Late {
///     fn now(&self) -> Timestamp {
///         SystemClock.now() - SignedDuration::from_hours(1)
///     }
/// }
/// assert!(Late.now() < SystemClock.now());
/// ```
pub trait Clock: Send + Sync + 'static {
    /// The present moment.
    fn now(&self) -> Timestamp;
}

/// Makes ids that nobody else makes.
///
/// ```
/// use scim_server::clock::{Clock, Ids, SystemClock, TimeOrderedIds};
///
/// let (ids, now) = (TimeOrderedIds::default(), SystemClock.now());
/// assert!(ids.next(now) < ids.next(now));
/// ```
pub trait Ids: Send + Sync + 'static {
    /// A new id; later ids of one process sort after earlier ones.
    fn next(&self, now: Timestamp) -> Uuid;
}

/// The clock of the machine.
#[derive(Debug, Default, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the clock that everything else asks"
    )]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// A clock that stands where it was set.
///
/// ```
/// use jiff::Timestamp;
/// use scim_server::clock::{Clock, FixedClock};
///
/// let clock = FixedClock::new(Timestamp::UNIX_EPOCH);
/// clock.set(Timestamp::MAX);
/// assert_eq!(clock.now(), Timestamp::MAX);
/// ```
#[derive(Debug)]
pub struct FixedClock(Mutex<Timestamp>);

impl FixedClock {
    /// A clock that says `at` until it is set again.
    pub fn new(at: Timestamp) -> FixedClock {
        FixedClock(Mutex::new(at))
    }

    /// Moves the clock to `at`.
    pub fn set(&self, at: Timestamp) {
        *lock(&self.0) = at;
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        *lock(&self.0)
    }
}

/// UUIDv7 (RFC 9562 §5.7): milliseconds, a counter within the millisecond, 62 random bits.
#[derive(Default)]
pub struct TimeOrderedIds(Mutex<LastId>);

#[derive(Default)]
struct LastId {
    ms: u64,
    counter: u16,
    random: RandomBytes,
}

const COUNTER_MAX: u16 = 0x0fff;

impl Ids for TimeOrderedIds {
    fn next(&self, now: Timestamp) -> Uuid {
        let now_ms = u64::try_from(now.as_millisecond()).unwrap_or(0);
        let (ms, counter, mut bytes) = {
            let mut last = lock(&self.0);
            (last.ms, last.counter) = match (last.ms, last.counter) {
                (ms, _) if now_ms > ms => (now_ms, 0),
                (ms, counter) if counter < COUNTER_MAX => (ms, counter + 1),
                (ms, _) => (ms + 1, 0),
            };
            (last.ms, last.counter, last.random.next())
        };
        bytes[..6].copy_from_slice(&ms.to_be_bytes()[2..]);
        bytes[6..8].copy_from_slice(&(0x7000 | counter).to_be_bytes());
        bytes[8] = 0x80 | (bytes[8] & 0x3f);
        Uuid::from_bytes(bytes)
    }
}

/// Ids that count up from one: for snapshots.
#[derive(Debug, Default)]
pub struct CountingIds(Mutex<u128>);

impl Ids for CountingIds {
    fn next(&self, _now: Timestamp) -> Uuid {
        let mut last = lock(&self.0);
        *last += 1;
        Uuid::from_u128(*last)
    }
}

/// Random bytes for ids, which are no secrets: many are had at once, because each time costs a call
/// of the operating system.
#[derive(Default)]
struct RandomBytes(Vec<[u8; 16]>);

impl RandomBytes {
    fn next(&mut self) -> [u8; 16] {
        if self.0.is_empty() {
            let bytes = random::<2048>();
            let (chunks, _) = bytes.as_chunks::<16>();
            self.0.extend_from_slice(chunks);
        }
        self.0.pop().unwrap_or_default()
    }
}

/// Random bytes from the operating system, fit for secrets.
///
/// ```
/// use scim_server::clock::random;
///
/// assert_ne!(random::<32>(), random::<32>());
/// ```
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    #[expect(
        clippy::expect_used,
        clippy::disallowed_methods,
        reason = "without randomness no secret and no id can be made; everything else asks here"
    )]
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_rise_even_when_the_clock_stands_or_goes_back() {
        let ids = TimeOrderedIds::default();
        let at = Timestamp::from_millisecond(1_700_000_000_000).unwrap();
        let mut last = ids.next(at);
        for step in 0..10_000_i64 {
            let now = Timestamp::from_millisecond(1_700_000_000_000 - step % 3).unwrap();
            let next = ids.next(now);
            assert!(next > last, "{next} after {last}");
            assert_eq!(next.get_version_num(), 7);
            last = next;
        }
    }
}
