//! How many hosts may go at once, and how long a set collects. Pure.

use jiff::{SignedDuration, Timestamp};

use crate::connection::Guard;
use crate::tenant::GuardDefaults;

/// Hosts that a set may hide where nobody said otherwise: so many in any case, or this share of the people of
/// its connection.
const HOSTS: u64 = 25;
const PERCENT: f64 = 10.0;
/// How long a hold lasts where nobody said otherwise.
const HOLD_HOURS: f64 = 24.0;
/// A set ends when nothing came for so long, or when it is so old.
pub(super) const IDLE: SignedDuration = SignedDuration::from_mins(10);
/// How often a process looks whether there is a set for a connection that is at work: after `close`, what comes
/// so soon may belong to no set.
pub(super) const LOOKED_EVERY: SignedDuration = SignedDuration::from_secs(10);
/// How often it is noted that a connection is at work.
pub(super) const NOTED_EVERY: SignedDuration = SignedDuration::from_secs(60);
const AGE: SignedDuration = SignedDuration::from_hours(2);

/// What a connection and its tenant want of the guard.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Wanted {
    pub(super) connection: Guard,
    pub(super) tenant: GuardDefaults,
}

impl Wanted {
    /// The most hosts that a set hides without being held.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        clippy::cast_sign_loss,
        reason = "a share of people, who are not that many"
    )]
    pub(super) fn limit(self, people: usize) -> u64 {
        let (own, all) = (self.connection, self.tenant);
        let percent = own
            .max_deactivation_percent
            .or(all.max_deactivation_percent);
        let share = people as f64 * percent.unwrap_or(PERCENT) / 100.0;
        self.hosts().max(share as u64)
    }

    /// So many hosts are hidden in any case.
    pub(super) fn hosts(self) -> u64 {
        let own = self.connection.max_deactivations;
        own.or(self.tenant.max_deactivations).unwrap_or(HOSTS)
    }

    /// How long a hold lasts.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "hours are between 0 and 720, as they were checked"
    )]
    pub(super) fn hold(self) -> SignedDuration {
        let hours = self.connection.hold_hours.or(self.tenant.hold_hours);
        SignedDuration::from_secs((hours.unwrap_or(HOLD_HOURS) * 3_600.0) as i64)
    }
}

/// Does a set that began and was last changed then take what comes now?
pub(super) fn collects(began: Timestamp, last: Timestamp, now: Timestamp) -> bool {
    now.duration_since(last) < IDLE && now.duration_since(began) < AGE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_but_never_so_few_that_a_small_company_is_held() {
        let nothing = Wanted::default();
        let limits = [0, 10, 250, 260, 500, 100_000].map(|people| nothing.limit(people));
        assert_eq!(limits, [25, 25, 25, 26, 50, 10_000]);
        assert_eq!(nothing.hold(), SignedDuration::from_hours(24));
    }

    #[test]
    fn the_connection_decides_before_its_tenant() {
        let tenant = GuardDefaults {
            max_deactivations: Some(5),
            max_deactivation_percent: Some(50.0),
            hold_hours: Some(0.5),
        };
        let connection = Guard {
            max_deactivation_percent: Some(2.5),
            ..Guard::default()
        };
        let wanted = Wanted { connection, tenant };
        assert_eq!([100, 400].map(|people| wanted.limit(people)), [5, 10]);
        assert_eq!(wanted.hold(), SignedDuration::from_mins(30));
    }

    #[test]
    fn a_set_ends_when_it_is_idle_or_old() {
        let at = |minutes: i64| Timestamp::from_second(minutes * 60).unwrap();
        assert!(collects(at(0), at(0), at(9)));
        assert!(!collects(at(0), at(0), at(10)));
        assert!(collects(at(0), at(115), at(119)));
        assert!(!collects(at(0), at(119), at(120)));
    }
}
