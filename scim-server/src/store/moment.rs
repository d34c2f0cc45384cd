//! The time and the ids of one unit of work, the same in every attempt.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use uuid::Uuid;

use crate::clock::{Clock, Ids};

/// When a unit of work happens, and which ids it hands out.
///
/// ```
/// use std::sync::Arc;
///
/// use scim_server::clock::{Clock, FixedClock, TimeOrderedIds};
/// use scim_server::store::Moment;
///
/// let clock = FixedClock::new("2026-01-31T08:00:00.1234567Z".parse()?);
/// let moment = Moment::new(&clock, Arc::new(TimeOrderedIds::default()));
/// assert_eq!(moment.now(), "2026-01-31T08:00:00.123Z".parse()?);
/// # Ok::<(), jiff::Error>(())
/// ```
pub struct Moment {
    now: Timestamp,
    ids: Arc<dyn Ids>,
    made: Mutex<Vec<Uuid>>,
}

impl Moment {
    /// The present moment.
    pub fn new(clock: &dyn Clock, ids: Arc<dyn Ids>) -> Moment {
        Moment {
            now: clock.now(),
            ids,
            made: Mutex::default(),
        }
    }

    /// The time at which the unit happens, cut to milliseconds as it is stored.
    pub fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(self.now.as_millisecond()).unwrap_or(self.now)
    }

    /// The same moment for the same unit in another transaction.
    pub(super) fn again(&self) -> Moment {
        let made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        Moment {
            now: self.now,
            ids: Arc::clone(&self.ids),
            made: Mutex::new(made.clone()),
        }
    }

    /// The id with this number; the same number gives the same id in every attempt.
    pub(crate) fn id(&self, number: usize) -> Uuid {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        while made.len() <= number {
            made.push(self.ids.next(self.now));
        }
        made.get(number).copied().unwrap_or_default()
    }
}
