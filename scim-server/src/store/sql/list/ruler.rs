//! Where the n-th resource of a type stands, and how many there are, at a cost that depends
//! neither on n nor on how many there are.
//!
//! A [`Ruler`] knows the first id and the length of every block of some hundred resources. It is
//! made by one walk over an index and follows the change feed from then on: every change that is
//! sealed is applied once, in the order of the sequence, and those that are not sealed yet are
//! applied early and remembered, so that they are not applied again when they are. Nothing is
//! written for it, so writers have nothing to wait for, and every process has rulers of its own.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use moka::sync::Cache;
use scim_core::TenantId;
use uuid::Uuid;

use crate::store::ConnectionId;

/// Resources of a block when the ruler is made.
pub(super) const BLOCK: usize = 128;
/// Passing over more than this to reach a place is not cheap any more.
const BLOCK_MAX: usize = 8 * BLOCK;
/// Blocks of all rulers that are kept, and for how long after their last use: 16 MiB at most, for
/// 80 million resources.
const BLOCKS_KEPT: u64 = 16 * 1024 * 1024 / 24;
const IDLE: Duration = Duration::from_secs(600);

/// The rulers that this process has made.
pub(in crate::store::sql) struct Rulers(Cache<Measured, Arc<Mutex<Ruler>>>);

/// What a ruler measures: the resources of a type, all of them or those of one connection.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Measured {
    pub(super) tenant: TenantId,
    pub(super) kind: String,
    pub(super) owner: Option<ConnectionId>,
}

impl Rulers {
    pub(in crate::store::sql) fn new() -> Rulers {
        Rulers(
            Cache::builder()
                .weigher(|_, ruler: &Arc<Mutex<Ruler>>| {
                    let blocks = lock(ruler).blocks.len();
                    u32::try_from(blocks).unwrap_or(u32::MAX).saturating_add(8)
                })
                .max_capacity(BLOCKS_KEPT)
                .time_to_idle(IDLE)
                .build(),
        )
    }

    pub(super) fn get(&self, measured: &Measured) -> Option<Arc<Mutex<Ruler>>> {
        self.0.get(measured)
    }

    pub(super) fn put(&self, measured: Measured, ruler: Ruler) {
        self.0.insert(measured, Arc::new(Mutex::new(ruler)));
    }

    /// It does not fit any more: the next page makes another one.
    pub(super) fn drop(&self, measured: &Measured) {
        self.0.invalidate(measured);
    }
}

/// Locks a ruler; one that somebody left in the middle of a change is found out by its page.
pub(super) fn lock(ruler: &Mutex<Ruler>) -> std::sync::MutexGuard<'_, Ruler> {
    ruler.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The ids of a set of resources, in blocks.
#[derive(Debug)]
pub(super) struct Ruler {
    blocks: Vec<Block>,
    /// Resources of a block at the end, until another one begins.
    block: usize,
    /// No id is greater, whether it is still there or not.
    end: Uuid,
    total: usize,
    /// The last change of the sequence that is in the blocks.
    sequence: i64,
    /// Changes that are in the blocks and were not sealed when they were applied.
    early: HashSet<Uuid>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Block {
    first: Uuid,
    length: usize,
}

/// What a ruler is made of.
#[derive(Debug, Default)]
pub(super) struct Snapshot {
    /// The first ids of blocks, with how many resources stand before each.
    pub(super) starts: Vec<(Uuid, usize)>,
    /// The last id.
    pub(super) end: Uuid,
    pub(super) total: usize,
    /// The last change that is sealed.
    pub(super) sequence: i64,
    /// The changes that are not.
    pub(super) early: HashSet<Uuid>,
}

/// A resource that came or went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Step {
    /// Its number, if it is sealed.
    pub(super) sequence: Option<i64>,
    pub(super) change: Uuid,
    pub(super) resource: Uuid,
    pub(super) came: bool,
}

/// A place in the order of ids: so many after this id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Spot {
    pub(super) from: Uuid,
    pub(super) skip: usize,
}

impl Ruler {
    /// A ruler of one snapshot.
    pub(super) fn new(
        Snapshot {
            starts,
            end,
            total,
            sequence,
            early,
        }: Snapshot,
        block: usize,
    ) -> Ruler {
        let ends = starts.iter().skip(1).map(|(_, before)| *before);
        let blocks = starts.iter().zip(ends.chain([total]));
        Ruler {
            blocks: blocks
                .map(|((first, before), end)| Block {
                    first: *first,
                    length: end.saturating_sub(*before),
                })
                .collect(),
            block,
            end,
            total,
            sequence,
            early,
        }
    }

    /// The last change of the sequence that it knows.
    pub(super) fn sequence(&self) -> i64 {
        self.sequence
    }

    /// How many resources there are.
    pub(super) fn total(&self) -> usize {
        self.total
    }

    /// Applies what a later snapshot has seen: all that came and went after the ruler's sequence
    /// and up to `sequence`, and all that is not sealed yet. An older snapshot than what is
    /// applied already has nothing to say.
    pub(super) fn follow(&mut self, sequence: i64, steps: &[Step]) {
        if sequence < self.sequence {
            return;
        }
        // No id comes again once it has gone, so what came can be applied before what went.
        let (came, went): (Vec<&Step>, Vec<&Step>) = steps.iter().partition(|step| step.came);
        for step in came.into_iter().chain(went) {
            let new = match step.sequence {
                Some(number) => number > self.sequence && !self.early.remove(&step.change),
                None => self.early.insert(step.change),
            };
            if new {
                self.apply(step);
            }
        }
        self.sequence = sequence;
    }

    fn apply(&mut self, step: &Step) {
        let after = self
            .blocks
            .partition_point(|block| block.first <= step.resource);
        if step.came {
            self.total += 1;
            // Ids rise, so most resources come at the end. One that comes late, between others of
            // the last block, begins none.
            let at_end = step.resource > self.end;
            self.end = self.end.max(step.resource);
            match self.blocks.get_mut(after.saturating_sub(1)) {
                Some(block) if !(at_end && block.length >= self.block) => {
                    block.first = block.first.min(step.resource);
                    block.length += 1;
                }
                _ => self.blocks.push(Block {
                    first: step.resource,
                    length: 1,
                }),
            }
        } else if let Some(block) = self.blocks.get_mut(after.saturating_sub(1)) {
            self.total = self.total.saturating_sub(1);
            block.length = block.length.saturating_sub(1);
            if block.length == 0 {
                self.blocks.remove(after.saturating_sub(1));
            }
        }
    }

    /// Where the resource after this many stands; `None` where there are not so many.
    pub(super) fn spot(&self, offset: usize) -> Option<Spot> {
        let mut skip = offset;
        for block in &self.blocks {
            if skip < block.length {
                let from = block.first;
                return Some(Spot { from, skip });
            }
            skip -= block.length;
        }
        None
    }

    /// Has a block grown so that reaching its end costs more than it should?
    pub(super) fn is_worn(&self) -> bool {
        self.blocks.iter().any(|block| block.length > BLOCK_MAX)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeSet, HashSet};

    use proptest::prelude::{Strategy, any, prop_assert_eq, prop_oneof, proptest};
    use uuid::Uuid;

    use super::{Ruler, Snapshot, Spot, Step};

    /// What happens to a set of resources and to its ruler.
    #[derive(Debug, Clone)]
    enum Event {
        Comes(u16),
        Goes(u16),
        /// All changes so far get their numbers.
        Sealed,
        /// A page is read.
        Read,
    }

    /// A database gives the steps in any order.
    fn in_some_order(mut steps: Vec<Step>, turn: usize) -> Vec<Step> {
        let middle = turn % steps.len().max(1);
        steps.rotate_left(middle);
        if turn.is_multiple_of(2) {
            steps.reverse();
        }
        steps
    }

    fn event() -> impl Strategy<Value = Event> {
        prop_oneof![
            4 => any::<u16>().prop_map(Event::Comes),
            2 => any::<u16>().prop_map(Event::Goes),
            1 => proptest::strategy::Just(Event::Sealed),
            2 => proptest::strategy::Just(Event::Read),
        ]
    }

    /// The feed, as a database would have it.
    #[derive(Default)]
    struct Feed {
        steps: Vec<Step>,
        sealed: i64,
    }

    impl Feed {
        fn add(&mut self, resource: Uuid, came: bool) {
            let change = Uuid::from_u128(self.steps.len() as u128);
            let sequence = None;
            self.steps.push(Step {
                sequence,
                change,
                resource,
                came,
            });
        }

        fn seal(&mut self) {
            for step in self.steps.iter_mut().filter(|step| step.sequence.is_none()) {
                self.sealed += 1;
                step.sequence = Some(self.sealed);
            }
        }

        fn after(&self, known: i64) -> Vec<Step> {
            let new = |step: &&Step| step.sequence.is_none_or(|number| number > known);
            self.steps.iter().filter(new).copied().collect()
        }
    }

    /// A ruler of these, as the database would have it made.
    fn made(ids: &BTreeSet<Uuid>, feed: &Feed, block: usize) -> Ruler {
        let starts: Vec<(Uuid, usize)> = ids.iter().copied().zip(0..).step_by(block).collect();
        let early: HashSet<Uuid> = feed.after(feed.sealed).iter().map(|it| it.change).collect();
        let snapshot = Snapshot {
            starts,
            end: ids.last().copied().unwrap_or_default(),
            total: ids.len(),
            sequence: feed.sealed,
            early,
        };
        Ruler::new(snapshot, block)
    }

    proptest! {
        #[test]
        fn every_place_is_that_of_the_list(
            before in proptest::collection::btree_set(any::<u16>(), 0..40),
            events in proptest::collection::vec(event(), 0..40),
            block in 1..9_usize,
        ) {
            let id = |number: u16| Uuid::from_u128(number.into());
            let mut ids: BTreeSet<Uuid> = before.into_iter().map(id).collect();
            let mut feed = Feed::default();
            let mut ruler = made(&ids, &feed, block);
            // Ids are never used again.
            let mut used = ids.clone();
            for (turn, event) in events.into_iter().enumerate() {
                match event {
                    Event::Comes(number) => if used.insert(id(number)) {
                        ids.insert(id(number));
                        feed.add(id(number), true);
                    },
                    Event::Goes(number) => {
                        // The one next to this, so that there mostly is one.
                        let next = ids.range(id(number)..).next().copied();
                        if let Some(next) = next {
                            ids.remove(&next);
                            feed.add(next, false);
                        }
                    }
                    Event::Sealed => feed.seal(),
                    Event::Read => {
                        let steps = in_some_order(feed.after(ruler.sequence()), turn);
                        ruler.follow(feed.sealed, &steps);
                    }
                }
            }
            ruler.follow(feed.sealed, &feed.after(ruler.sequence()));
            prop_assert_eq!(ruler.total(), ids.len());
            for (offset, id) in ids.iter().enumerate() {
                let Some(Spot { from, skip }) = ruler.spot(offset) else {
                    panic!("no place for {offset} in {ruler:?}");
                };
                prop_assert_eq!(ids.range(from..).nth(skip), Some(id), "{} in {:?}", offset, ruler);
            }
            prop_assert_eq!(ruler.spot(ids.len()), None);
        }
    }
}
