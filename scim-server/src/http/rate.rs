//! How often something may happen: the generic cell rate algorithm, which keeps one moment for
//! each key and needs no timer.

use jiff::Timestamp;

const SECOND_US: i64 = 1_000_000;

/// So many times a second, and so many at once after a quiet time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rate {
    interval_us: i64,
    burst_us: i64,
    pub(super) burst: u32,
}

/// What a key has used: the moment at which it has its whole burst again.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Used {
    until_us: i64,
    /// What was charged beyond the burst and is not made good yet, at most.
    owed_us: i64,
}

/// What is left after something has happened, or was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Left {
    /// How many more at once.
    pub(super) remaining: u32,
    /// Seconds until there is the whole burst again.
    pub(super) reset_s: u32,
}

/// It has happened too often.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TooOften {
    /// Seconds after which it may happen again; at least 1.
    pub(super) retry_after_s: u32,
    /// Seconds until there is the whole burst again.
    pub(super) reset_s: u32,
}

impl Rate {
    /// `None` stands for any rate: that is what 0 a second means.
    pub(super) fn new(per_second: u32, burst: u32) -> Option<Rate> {
        let burst = burst.max(1);
        let interval_us = (SECOND_US / i64::from(per_second.max(1))).max(1);
        (per_second > 0).then_some(Rate {
            interval_us,
            burst_us: interval_us * i64::from(burst),
            burst,
        })
    }

    /// Takes one of what is left at this moment.
    pub(super) fn take(&self, used: &mut Used, now: Timestamp) -> Result<Left, TooOften> {
        let left = self.look(used, now)?;
        used.until_us += self.interval_us;
        Ok(left)
    }

    /// Takes so many, even if less is left: those that come next wait. Whoever owes already gets
    /// nothing more, so that nobody owes more than this once.
    pub(super) fn charge(
        &self,
        used: &mut Used,
        many: u32,
        now: Timestamp,
    ) -> Result<(), TooOften> {
        if let Err(refused) = self.look(used, now)
            && used.owed_us > 0
        {
            return Err(refused);
        }
        let now_us = now.as_microsecond();
        let many_us = self.interval_us.saturating_mul(i64::from(many));
        used.until_us = used.until_us.max(now_us).saturating_add(many_us);
        used.owed_us = many_us;
        Ok(())
    }

    /// What would be left after taking one.
    pub(super) fn look(&self, used: &mut Used, now: Timestamp) -> Result<Left, TooOften> {
        let now_us = now.as_microsecond();
        // Never before now, and never later than a whole burst and what is owed, even if the clock
        // was set back.
        let latest_us = now_us.saturating_add(self.burst_us.saturating_add(used.owed_us));
        used.until_us = used.until_us.clamp(now_us, latest_us);
        if used.until_us <= now_us + self.burst_us {
            used.owed_us = 0;
        }
        let ahead_us = used.until_us - now_us;
        let wait_us = ahead_us + self.interval_us - self.burst_us;
        if wait_us > 0 {
            return Err(TooOften {
                retry_after_s: seconds(wait_us),
                reset_s: seconds(ahead_us),
            });
        }
        Ok(Left {
            remaining: u32::try_from(-wait_us / self.interval_us).unwrap_or(u32::MAX),
            reset_s: seconds(ahead_us + self.interval_us),
        })
    }
}

/// Rounded up.
fn seconds(us: i64) -> u32 {
    let seconds = us.max(0).saturating_add(SECOND_US - 1) / SECOND_US;
    u32::try_from(seconds).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millisecond(1_000_000 + ms).unwrap()
    }

    /// How many of a thousand pass at this moment.
    fn passing(rate: Rate, used: &mut Used, ms: i64) -> usize {
        let all = (0..1000).filter(|_| rate.take(used, at(ms)).is_ok());
        all.count()
    }

    #[test]
    fn a_burst_then_the_rate() {
        let rate = Rate::new(100, 200).unwrap();
        let mut used = Used::default();
        assert_eq!(passing(rate, &mut used, 0), 200);
        assert_eq!(passing(rate, &mut used, 9), 0);
        assert_eq!(passing(rate, &mut used, 10), 1);
        assert_eq!(passing(rate, &mut used, 1010), 100);
        assert_eq!(passing(rate, &mut used, 60_000), 200);
    }

    #[test]
    fn what_is_told() {
        let rate = Rate::new(2, 3).unwrap();
        let mut used = Used::default();
        let left = |remaining, reset_s| Ok(Left { remaining, reset_s });
        assert_eq!(rate.take(&mut used, at(0)), left(2, 1));
        assert_eq!(rate.take(&mut used, at(0)), left(1, 1));
        assert_eq!(rate.take(&mut used, at(0)), left(0, 2));
        let refused = TooOften {
            retry_after_s: 1,
            reset_s: 2,
        };
        assert_eq!(rate.take(&mut used, at(0)), Err(refused));
        assert_eq!(rate.look(&mut used, at(500)), left(0, 2));
        assert_eq!(rate.look(&mut used, at(60_000)), left(2, 1));
    }

    #[test]
    fn a_clock_that_is_set_back_costs_one_burst_at_most() {
        let rate = Rate::new(100, 200).unwrap();
        let mut used = Used::default();
        assert_eq!(passing(rate, &mut used, 900_000), 200);
        assert_eq!(passing(rate, &mut used, 0), 0);
        assert_eq!(passing(rate, &mut used, 0), 0);
        let later = (0..30)
            .map(|s| passing(rate, &mut used, s * 100))
            .sum::<usize>();
        assert!(later > 0, "{used:?}");
    }

    #[test]
    fn what_is_owed_is_made_good() {
        let rate = Rate::new(100, 200).unwrap();
        let mut used = Used::default();
        rate.charge(&mut used, 1_200, at(0)).unwrap();
        assert!(rate.charge(&mut used, 1_200, at(0)).is_err());
        assert_eq!(passing(rate, &mut used, 0), 0);
        let refused = rate.look(&mut used, at(0)).unwrap_err();
        assert_eq!((refused.retry_after_s, refused.reset_s), (11, 12));
        assert_eq!(passing(rate, &mut used, 10_000), 0);
        assert_eq!(passing(rate, &mut used, 10_010), 1);
        assert_eq!(passing(rate, &mut used, 60_000), 200);
        // Nothing is owed any more, so a clock that is set back costs a burst again.
        assert!(passing(rate, &mut used, 0) + passing(rate, &mut used, 3_000) > 0);
    }

    #[test]
    fn zero_stands_for_no_limit() {
        assert!(Rate::new(0, 200).is_none());
    }
}
