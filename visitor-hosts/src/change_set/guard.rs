//! How many hosts may go at once, and how long a set collects. Pure.

use jiff::{SignedDuration, Timestamp};

/// Hosts that a set may hide: so many in any case, or this share of the people of its connection.
const HOSTS: u64 = 25;
const PERCENT: u64 = 10;
/// A set ends when nothing came for so long, or when it is so old.
const IDLE: SignedDuration = SignedDuration::from_mins(10);
const AGE: SignedDuration = SignedDuration::from_hours(2);

/// The most hosts that a set hides without being held.
pub(super) fn limit(people: usize) -> u64 {
    let people = u64::try_from(people).unwrap_or(u64::MAX);
    HOSTS.max(people.saturating_mul(PERCENT) / 100)
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
        let limits = [0, 10, 250, 260, 500, 100_000].map(limit);
        assert_eq!(limits, [25, 25, 25, 26, 50, 10_000]);
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
