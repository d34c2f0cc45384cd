//! Does the chain hold, and is it the one that was signed?

use std::collections::BTreeMap;

use scim_core::TenantId;
use uuid::Uuid;

use super::suspect::{Suspect, explain};
use super::{Audited, Checkpoint, Facts, Finding, Kept, PublicKey, Report, link};
use crate::store::Change;

/// How far numbers may have been shifted to be known again.
const SHIFT_MAX: i64 = 16;

/// Where a checkpoint was found.
///
/// ```
/// use scim_server::audit::Origin;
///
/// assert_ne!(Origin::Log, Origin::Elsewhere);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// Beside the chain.
    Log,
    /// Somebody kept it elsewhere.
    Elsewhere,
}

/// Reads a log from its beginning to its end, entry by entry, and keeps nothing of what is right.
///
/// Checkpoints are shown before the entry that has their number.
///
/// ```
/// use scim_core::Version;
/// use scim_server::audit::{Audited, Facts, Kept, Salted, Verifier, link};
/// use scim_server::store::{Change, ChangeBody, Sealed, What};
///
/// let salted = Salted::new(ChangeBody::default());
/// let commitment = salted.commitment();
/// let mut change = Change {
///     id: uuid::Uuid::nil(),
///     at: jiff::Timestamp::UNIX_EPOCH,
///     actor: None,
///     owner: None,
///     kind: "User".into(),
///     resource: None,
///     version: Version(1),
///     what: What::Created,
///     cause: None,
/// };
/// let hash = link(&[0; 32], 1, &change, &commitment);
/// change.version = Version(2);
/// let entry = Audited {
///     sealed: Sealed { sequence: 1, change_id: change.id, hash },
///     facts: Facts::Read { change, commitment, marked: true },
///     body: Kept::Whole(salted),
/// };
/// let mut verifier = Verifier::new("main".parse()?, Vec::new());
/// verifier.entry(&entry);
/// let report = verifier.finish(Vec::new());
/// let found = report.findings[0].to_string();
/// assert_eq!(found, "number 1: the facts were edited after they were sealed");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Verifier {
    tenant: TenantId,
    keys: Vec<PublicKey>,
    /// The number before the next one.
    last: i64,
    /// Its hash; `None` where it is missing.
    previous: Option<[u8; 32]>,
    /// What is to be added to a number to get the one that it was sealed as.
    shift: i64,
    /// Checkpoints of numbers that come.
    waiting: BTreeMap<i64, Vec<(Checkpoint, Origin)>>,
    /// The last number that a checkpoint agrees with.
    agreed: i64,
    suspects: Vec<Suspect>,
    report: Report,
}

impl Verifier {
    /// For the log of a tenant, and with these keys for its checkpoints. Without a key signatures
    /// are not checked.
    pub fn new(tenant: TenantId, keys: Vec<PublicKey>) -> Verifier {
        Verifier {
            tenant,
            last: 0,
            previous: Some([0; 32]),
            shift: 0,
            waiting: BTreeMap::new(),
            agreed: 0,
            suspects: Vec::new(),
            report: Report {
                signatures_checked: !keys.is_empty(),
                ..Report::default()
            },
            keys,
        }
    }

    /// Begins after this number, which had this hash: a part of a log. The hash of what comes before
    /// number 1 is known.
    #[must_use]
    pub fn after(mut self, number: i64, hash: [u8; 32]) -> Verifier {
        if number > 0 {
            (self.last, self.agreed, self.previous) = (number, number, Some(hash));
        }
        self
    }

    /// The number up to which it has read.
    pub fn last(&self) -> i64 {
        self.last
    }

    /// Shows a checkpoint. One with a wrong signature says nothing else.
    pub fn checkpoint(&mut self, checkpoint: Checkpoint, origin: Origin) {
        self.report.checkpoints += 1;
        let number = checkpoint.sequence;
        if !self.keys.is_empty() {
            let key = self.keys.iter().find(|key| key.id() == checkpoint.key);
            let finding = match key {
                None => Finding::OtherKey {
                    number,
                    key: checkpoint.key,
                },
                Some(key) if checkpoint.is_signed_with(key, &self.tenant) => {
                    let waiting = self.waiting.entry(number).or_default();
                    return waiting.push((checkpoint, origin));
                }
                Some(_) => Finding::Signature { number },
            };
            return self.report.find(finding);
        }
        let waiting = self.waiting.entry(number).or_default();
        waiting.push((checkpoint, origin));
    }

    /// Shows the next entry.
    pub fn entry(&mut self, entry: &Audited) {
        let number = entry.sealed.sequence;
        if number <= self.last {
            return self.report.find(Finding::Impossible { number });
        }
        let next = self.last + 1;
        if number > next {
            let to = number - 1;
            self.report.find(Finding::Missing { from: next, to });
            // What does it follow from? Nobody knows any more.
            (self.previous, self.shift) = (None, 0);
        }
        self.report.changes += 1;
        let (first, _) = self.report.numbers.unwrap_or((number, number));
        self.report.numbers = Some((first, number));
        match &entry.facts {
            Facts::Gone => self.report.find(Finding::ChangeGone { number }),
            Facts::Unreadable(reason) => self.report.find(Finding::Unreadable {
                number,
                reason: reason.clone(),
            }),
            Facts::Read {
                change,
                commitment,
                marked,
            } => {
                if !marked {
                    self.report.find(Finding::NoMark { number });
                }
                if let Some(previous) = self.previous {
                    self.link(&previous, entry, change, commitment);
                }
                match &entry.body {
                    Kept::Whole(salted) if salted.commitment() == *commitment => {}
                    Kept::Whole(_) => self.report.find(Finding::BodyEdited { number }),
                    Kept::Erased => self.report.erased += 1,
                    Kept::Gone => self.report.find(Finding::BodyGone { number }),
                }
            }
        }
        (self.last, self.previous) = (number, Some(entry.sealed.hash));
        // A checkpoint names the number that it had then.
        self.compare(number + self.shift, entry);
    }

    /// Everything was shown. These are marked as sealed, and no number names them.
    pub fn finish(mut self, without_number: Vec<Uuid>) -> Report {
        for change in without_number {
            self.report.find(Finding::NoNumber { change });
        }
        for finding in explain(&self.suspects) {
            self.report.find(finding);
        }
        let last = self.last + self.shift;
        let ahead = self.waiting.range(last + 1..).next_back();
        let ahead = ahead.and_then(|(number, all)| Some((*number, all.first()?.0.at)));
        if let Some((signed, at)) = ahead {
            self.report.find(Finding::CutOff { last, signed, at });
        }
        for (number, all) in std::mem::take(&mut self.waiting) {
            self.must_be_in_the_log(number, &all);
        }
        let nothing_signed = self.report.checkpoints == 0 && self.report.changes > 0;
        if nothing_signed && !self.keys.is_empty() {
            self.report.find(Finding::NotSigned);
        }
        self.report
    }

    fn link(
        &mut self,
        previous: &[u8; 32],
        entry: &Audited,
        change: &Change,
        commitment: &[u8; 32],
    ) {
        let number = entry.sealed.sequence;
        let fits =
            |shift: i64| link(previous, number + shift, change, commitment) == entry.sealed.hash;
        if fits(self.shift) {
            return;
        }
        // A chain that does not hold anywhere is not tried everywhere.
        if self.suspects.len() == Report::FINDINGS_MAX {
            self.report.more += 1;
            return;
        }
        let near = std::iter::once(0).chain((1..=SHIFT_MAX).flat_map(|by| [by, -by]));
        match near.into_iter().find(|shift| fits(*shift)) {
            Some(shift) => self.shifted(number, shift),
            None => self.suspects.push(Suspect {
                number,
                previous: *previous,
                hash: entry.sealed.hash,
                change: change.clone(),
                commitment: *commitment,
            }),
        }
    }

    /// From here on, numbers are others than they were: something was taken out or put in right
    /// before, where a link does not hold.
    fn shifted(&mut self, number: i64, shift: i64) {
        let by = shift - self.shift;
        self.shift = shift;
        let broken_before = self.suspects.last().map(|suspect| suspect.number);
        let finding = if broken_before != Some(number - 1) {
            Finding::Renumbered {
                from: number,
                was: number + shift,
            }
        } else if by > 0 {
            self.suspects.pop();
            Finding::Deleted {
                before: number - 1,
                count: by,
            }
        } else {
            let (from, to) = (number - 1 + by, number - 1);
            self.suspects.retain(|suspect| suspect.number < from);
            Finding::Inserted {
                from,
                to,
                count: -by,
            }
        };
        self.report.find(finding);
    }

    /// Is this the chain that was signed?
    fn compare(&mut self, number: i64, entry: &Audited) {
        let Some(all) = self.waiting.remove(&number) else {
            return;
        };
        let hash = entry.sealed.hash;
        let other = all.iter().find(|(checkpoint, _)| checkpoint.hash != hash);
        match (other, all.first()) {
            (Some((checkpoint, _)), _) => {
                let suspect = self.suspects.last().map(|suspect| suspect.number);
                if suspect == Some(entry.sealed.sequence) {
                    // What was done to it is told anyway; maybe its number is another one.
                    self.waiting.insert(number, all);
                    return;
                }
                self.report.find(Finding::SealedAnew {
                    after: self.agreed,
                    signed: number,
                    at: checkpoint.at,
                });
            }
            (None, Some((checkpoint, _))) => {
                self.agreed = number;
                self.report.signed = Some((number, checkpoint.at, checkpoint.key));
            }
            (None, None) => {}
        }
        self.must_be_in_the_log(number, &all);
    }

    fn must_be_in_the_log(&mut self, number: i64, all: &[(Checkpoint, Origin)]) {
        if all.iter().all(|(_, origin)| *origin == Origin::Elsewhere) && !all.is_empty() {
            self.report.find(Finding::NotInDatabase { number });
        }
    }
}
