//! What a verification found, in sentences for whoever has to decide what it means.

use std::fmt;

use jiff::Timestamp;
use uuid::Uuid;

use super::KeyId;

/// Something in the log that is not as it was recorded.
///
/// ```
/// use scim_server::audit::Finding;
///
/// let missing = Finding::Missing { from: 3, to: 4 };
/// assert_eq!(missing.to_string(), "numbers 3 to 4 are missing: they were deleted");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Finding {
    /// The facts are others than those that were sealed.
    Edited {
        /// The number.
        number: i64,
    },
    /// The facts are none at all.
    Unreadable {
        /// The number.
        number: i64,
        /// Why.
        reason: String,
    },
    /// The hash is another one, and the facts are right.
    HashEdited {
        /// The number.
        number: i64,
    },
    /// The personal part is another one.
    BodyEdited {
        /// The number.
        number: i64,
    },
    /// The personal part is gone without an erasure.
    BodyGone {
        /// The number.
        number: i64,
    },
    /// The number is there, its change is not.
    ChangeGone {
        /// The number.
        number: i64,
    },
    /// Numbers are missing.
    Missing {
        /// The first one.
        from: i64,
        /// The last one.
        to: i64,
    },
    /// A number that comes after itself, or before 1.
    Impossible {
        /// The number.
        number: i64,
    },
    /// Changes were taken out, and what follows has their numbers.
    Deleted {
        /// The number before which they were.
        before: i64,
        /// How many.
        count: i64,
    },
    /// Changes were put in, and what follows has other numbers.
    Inserted {
        /// The first number that one of them may have.
        from: i64,
        /// The last one.
        to: i64,
        /// How many.
        count: i64,
    },
    /// What follows has other numbers, and why cannot be seen.
    Renumbered {
        /// The first number.
        from: i64,
        /// Which it was.
        was: i64,
    },
    /// A change has the place of another one.
    Moved {
        /// Where it was sealed.
        was: i64,
        /// Where it is now.
        now: i64,
    },
    /// A change is marked as sealed, and no number names it.
    NoNumber {
        /// The change.
        change: Uuid,
    },
    /// A change has a number and is marked as not sealed.
    NoMark {
        /// The number.
        number: i64,
    },
    /// The chain ends before a number that was signed.
    CutOff {
        /// The last number that is there.
        last: i64,
        /// The number that was signed.
        signed: i64,
        /// When.
        at: Timestamp,
    },
    /// The chain holds, and is not the one that was signed.
    SealedAnew {
        /// The last number that another checkpoint agrees with.
        after: i64,
        /// The number that was signed with another hash.
        signed: i64,
        /// When.
        at: Timestamp,
    },
    /// The signature of a checkpoint is wrong.
    Signature {
        /// The number it names.
        number: i64,
    },
    /// A checkpoint is signed with a key that is none of those given.
    OtherKey {
        /// The number it names.
        number: i64,
        /// The key.
        key: KeyId,
    },
    /// A checkpoint that was kept elsewhere is not in the database.
    NotInDatabase {
        /// The number it names.
        number: i64,
    },
    /// Nothing is signed at all.
    NotSigned,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Finding::Edited { number } => {
                write!(
                    f,
                    "number {number}: the facts were edited after they were sealed"
                )
            }
            Finding::Unreadable { number, reason } => {
                write!(
                    f,
                    "number {number}: the facts were edited and say nothing: {reason}"
                )
            }
            Finding::HashEdited { number } => write!(f, "number {number}: the hash was edited"),
            Finding::BodyEdited { number } => write!(
                f,
                "number {number}: the personal part was edited: the facts were recorded with another one"
            ),
            Finding::BodyGone { number } => write!(
                f,
                "number {number}: the personal part was deleted, and no erasure is recorded after it"
            ),
            Finding::ChangeGone { number } => {
                write!(
                    f,
                    "number {number}: the change was deleted; its number is left"
                )
            }
            Finding::Missing { from, to } if from == to => {
                write!(f, "number {from} is missing: it was deleted")
            }
            Finding::Missing { from, to } => {
                write!(f, "numbers {from} to {to} are missing: they were deleted")
            }
            Finding::Impossible { number } => {
                write!(f, "number {number} does not belong there: it was inserted")
            }
            Finding::Deleted { before, count } => write!(
                f,
                "number {before}: {} before it, and what follows was renumbered",
                counted(*count, "deleted")
            ),
            Finding::Inserted { from, to, count } => write!(
                f,
                "numbers {from} to {to}: {} among them, and what follows was renumbered",
                counted(*count, "inserted")
            ),
            Finding::Renumbered { from, was } => {
                write!(f, "number {from}: it was sealed as number {was}, and so on")
            }
            Finding::Moved { was, now } => write!(
                f,
                "number {now}: what stands there was sealed as number {was}: the order was changed"
            ),
            Finding::NoNumber { change } => write!(
                f,
                "the change {change} is marked as sealed and has no number: it was inserted, or its number deleted"
            ),
            Finding::NoMark { number } => {
                write!(f, "number {number}: the change is marked as not sealed")
            }
            Finding::CutOff { last, signed, at } => write!(
                f,
                "the end was cut off: number {last} is the last one, and number {signed} was signed at {at:.0}"
            ),
            Finding::SealedAnew { after, signed, at } => write!(
                f,
                "numbers {} to {signed}: something was changed and sealed anew: number {signed} had another hash when it was signed at {at:.0}",
                after + 1
            ),
            Finding::Signature { number } => {
                write!(f, "the checkpoint of number {number} has a wrong signature")
            }
            Finding::OtherKey { number, key } => write!(
                f,
                "the checkpoint of number {number} is signed with another key, {key}"
            ),
            Finding::NotInDatabase { number } => write!(
                f,
                "the checkpoint of number {number} was kept elsewhere and is not in the database: it was deleted"
            ),
            Finding::NotSigned => f.write_str("no checkpoint signs any of it"),
        }
    }
}

fn counted(count: i64, done: &str) -> String {
    match count {
        1 => format!("a change was {done}"),
        count => format!("{count} changes were {done}"),
    }
}

/// What a verification saw.
///
/// ```
/// use scim_server::audit::Report;
///
/// let nothing = Report::default();
/// assert!(nothing.is_whole());
/// assert_eq!(nothing.to_string(), "whole: nothing was sealed yet");
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Numbers that were looked at.
    pub changes: u64,
    /// The first and the last of them.
    pub numbers: Option<(i64, i64)>,
    /// Changes whose personal part was erased.
    pub erased: u64,
    /// Checkpoints that were looked at.
    pub checkpoints: u64,
    /// The last checkpoint that agrees with the chain: its number, its time, and its key.
    pub signed: Option<(i64, Timestamp, KeyId)>,
    /// Was there a key to check signatures with?
    pub signatures_checked: bool,
    /// What is wrong, in the order in which it was found.
    pub findings: Vec<Finding>,
    /// How much more is wrong than is told.
    pub more: u64,
}

impl Report {
    /// Findings that are told; more are counted.
    pub const FINDINGS_MAX: usize = 100;

    /// Is everything as it was recorded?
    pub fn is_whole(&self) -> bool {
        self.findings.is_empty()
    }

    pub(super) fn find(&mut self, finding: Finding) {
        if self.findings.len() < Report::FINDINGS_MAX {
            self.findings.push(finding);
        } else {
            self.more += 1;
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let found = self.findings.len() as u64 + self.more;
        match found {
            0 => f.write_str("whole: ")?,
            1 => f.write_str("not whole, 1 finding: ")?,
            found => write!(f, "not whole, {found} findings: ")?,
        }
        let Some((first, last)) = self.numbers else {
            return f.write_str("nothing was sealed yet");
        };
        match self.changes {
            1 => write!(f, "1 change, number {last}")?,
            changes => write!(f, "{changes} changes, numbers {first} to {last}")?,
        }
        match (self.signed, self.signatures_checked) {
            (None, _) => f.write_str("; nothing is signed")?,
            (Some((number, at, key)), true) => {
                write!(
                    f,
                    "; signed up to number {number} at {at:.0} with the key {key}"
                )?;
            }
            (Some((number, at, _)), false) => write!(
                f,
                "; a checkpoint of {at:.0} agrees up to number {number}, but its signature was not checked: no key was given"
            )?,
        }
        match self.erased {
            0 => Ok(()),
            1 => f.write_str("; 1 personal part was erased"),
            erased => write!(f, "; {erased} personal parts were erased"),
        }
    }
}
