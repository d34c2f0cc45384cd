//! How long answers take, in a bounded space: counts of times that lie within a tenth of each other.

/// From 0.1 ms by tenths to more than a minute.
const BUCKETS: usize = 144;
const SMALLEST_MS: f64 = 0.1;
const STEP: f64 = 1.1;

/// Counts of durations.
#[derive(Debug)]
pub(super) struct Times {
    counts: [u64; BUCKETS],
    all: u64,
    longest_ms: f64,
}

impl Default for Times {
    fn default() -> Times {
        Times {
            counts: [0; BUCKETS],
            all: 0,
            longest_ms: 0.0,
        }
    }
}

impl Times {
    pub(super) fn count(&mut self, ms: f64) {
        let mut end = SMALLEST_MS;
        let mut place = 0;
        while end < ms && place + 1 < BUCKETS {
            end *= STEP;
            place += 1;
        }
        if let Some(count) = self.counts.get_mut(place) {
            *count += 1;
            self.all += 1;
            self.longest_ms = self.longest_ms.max(ms);
        }
    }

    /// What 95 of 100 took no longer than, too high by a tenth at most.
    pub(super) fn p95_ms(&self) -> Option<f64> {
        if self.all == 0 {
            return None;
        }
        let wanted = (self.all * 95).div_ceil(100);
        let (mut seen, mut end) = (0, SMALLEST_MS);
        for count in self.counts {
            seen += count;
            if seen >= wanted {
                break;
            }
            end *= STEP;
        }
        Some((end.min(self.longest_ms) * 10.0).round() / 10.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearly_all_took_no_longer() {
        let mut times = Times::default();
        assert_eq!(times.p95_ms(), None);
        for ms in 1..=100 {
            times.count(f64::from(ms));
        }
        let p95 = times.p95_ms().unwrap();
        assert!((95.0..=105.0).contains(&p95), "{p95}");
        for _ in 0..100 {
            times.count(1e9);
        }
        assert!(times.p95_ms().unwrap() > 60_000.0);
    }
}
