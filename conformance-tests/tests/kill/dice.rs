//! Random choices, from a seed that a failed run can be told by (`SplitMix64`).

use std::hash::{BuildHasher, RandomState};

/// A sequence of random numbers.
pub(crate) struct Dice {
    seed: u64,
    state: u64,
}

impl Dice {
    /// Another sequence in every run.
    pub(crate) fn random() -> Self {
        Self::new(RandomState::new().hash_one("dice"))
    }

    /// What the sequence began with.
    pub(crate) fn seed(&self) -> u64 {
        self.seed
    }

    /// A sequence of its own for somebody else.
    pub(crate) fn fork(&mut self) -> Self {
        Self::new(self.next())
    }

    /// At least `low` and less than `high`.
    pub(crate) fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.next() % (high - low)
    }

    /// One of `choices`, or nothing if there are none.
    pub(crate) fn choose<T: Copy>(&mut self, choices: &[T]) -> Option<T> {
        let count = u64::try_from(choices.len())
            .ok()
            .filter(|count| *count > 0)?;
        let index = usize::try_from(self.between(0, count)).ok()?;
        choices.get(index).copied()
    }

    fn new(seed: u64) -> Self {
        Self { seed, state: seed }
    }

    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.state ^ (self.state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}
