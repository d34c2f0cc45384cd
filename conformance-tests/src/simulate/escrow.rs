//! When something that failed is tried again, and when so much has failed that nothing is.

/// An object whose last export failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Escrow {
    failures: u32,
    due: u32,
}

/// The longest wait between two tries, in cycles.
const INTERVAL_MAX: u32 = 8;

impl Escrow {
    /// After another failure in `cycle`: 1, 2, 4, then 8 cycles later.
    pub(super) fn after(before: Option<Self>, cycle: u32) -> Self {
        let failures = before.map_or(0, |before| before.failures);
        let interval = 1_u32.checked_shl(failures).unwrap_or(INTERVAL_MAX);
        Self {
            failures: failures + 1,
            due: cycle + interval.min(INTERVAL_MAX),
        }
    }

    /// Whether it is tried again in `cycle`.
    pub(super) fn is_due(self, cycle: u32) -> bool {
        self.due <= cycle
    }
}

/// Whether a cycle with so many failures ends in quarantine: more than 40 % of at least 5,000, or
/// more than 40,000 in any case.
pub(super) fn quarantined(failures: usize, exports: usize) -> bool {
    failures > 40_000 || (failures >= 5_000 && failures * 100 > exports * 40)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_grow() {
        let mut escrow = None;
        let dues = [(1, 2), (2, 4), (4, 8), (8, 16), (16, 24)];
        for (cycle, due) in dues {
            let next = Escrow::after(escrow, cycle);
            assert!(!next.is_due(due - 1) && next.is_due(due), "{next:?}");
            escrow = Some(next);
        }
    }

    #[test]
    fn quarantine() {
        for (failures, exports, expected) in [
            (4_999, 4_999, false),
            (5_000, 12_500, false),
            (5_000, 12_499, true),
            (40_000, 1_000_000, false),
            (40_001, 1_000_000, true),
        ] {
            assert_eq!(
                quarantined(failures, exports),
                expected,
                "{failures} of {exports}"
            );
        }
    }
}
