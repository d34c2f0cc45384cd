//! What was done to entries that do not follow from the one before them.
//!
//! A hash contains the one before it, the number and the facts. Where a link does not hold, trying
//! the facts of other places, the numbers nearby and the hashes that were right tells what happened.

use std::collections::BTreeMap;

use super::{Finding, link};
use crate::store::Change;

/// An entry that does not follow from the one before it.
pub(super) struct Suspect {
    pub(super) number: i64,
    /// The hash of the number before, as it is stored.
    pub(super) previous: [u8; 32],
    /// Its own hash, as it is stored.
    pub(super) hash: [u8; 32],
    pub(super) change: Change,
    pub(super) commitment: [u8; 32],
}

impl Suspect {
    /// The hash that its facts have as this number.
    fn hash_as(&self, number: i64, previous: &[u8; 32]) -> [u8; 32] {
        link(previous, number, &self.change, &self.commitment)
    }
}

/// What was done to each of these, which stand in the order of their numbers.
pub(super) fn explain(suspects: &[Suspect]) -> Vec<Finding> {
    let mut findings = Vec::new();
    // The hashes that numbers had, where another one is stored.
    let mut right: BTreeMap<i64, [u8; 32]> = BTreeMap::new();
    for (place, suspect) in suspects.iter().enumerate() {
        let number = suspect.number;
        let before = right.get(&(number - 1)).copied();
        if let Some(before) = before
            && suspect.hash_as(number, &before) == suspect.hash
        {
            // It follows from what stood before it.
            continue;
        }
        let previous = before.unwrap_or(suspect.previous);
        if let Some((now, hash)) = moved(suspects, suspect, &previous) {
            right.insert(number, hash);
            findings.push(Finding::Moved { was: number, now });
            continue;
        }
        let own = suspect.hash_as(number, &previous);
        let next = suspects.get(place + 1).filter(|it| it.number == number + 1);
        if next.is_some_and(|next| next.hash_as(number + 1, &own) == next.hash) {
            right.insert(number, own);
            findings.push(Finding::HashEdited { number });
            continue;
        }
        findings.push(Finding::Edited { number });
    }
    findings
}

/// Where the change stands that was sealed in this place, and its hash.
fn moved(suspects: &[Suspect], place: &Suspect, previous: &[u8; 32]) -> Option<(i64, [u8; 32])> {
    let others = suspects.iter().filter(|other| other.number != place.number);
    let mut fitting = others.filter_map(|other| {
        let hash = other.hash_as(place.number, previous);
        // The hash has moved with its change, or stayed where it was.
        let fits = hash == other.hash || hash == place.hash;
        fits.then_some((other.number, hash))
    });
    fitting.next()
}
