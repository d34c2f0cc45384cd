//! What stands under a number of the sequence, as far as it is still there and can be read.

use crate::clock::random;
use crate::store::{Change, ChangeBody, Sealed};

/// A number of the sequence, with all that is stored under it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audited {
    /// The number and its hash.
    pub sealed: Sealed,
    /// What happened.
    pub facts: Facts,
    /// The personal part.
    pub body: Kept,
}

/// What happened, as the log still has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Facts {
    /// It can be read.
    Read {
        /// The facts.
        change: Change,
        /// What they say of the personal part.
        commitment: [u8; 32],
        /// Is the change marked as sealed?
        marked: bool,
    },
    /// It is there and says what no change says.
    Unreadable(String),
    /// There is no such change.
    Gone,
}

/// The personal part, as the log still has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kept {
    /// It is there.
    Whole(Salted),
    /// It was erased, and a change says so.
    Erased,
    /// It is not there.
    Gone,
}

/// The personal part of a change, and the salt without which nobody finds it by trying.
///
/// ```
/// use scim_server::audit::Salted;
/// use scim_server::store::ChangeBody;
///
/// let one = Salted::new(ChangeBody::default());
/// let same = Salted::new(ChangeBody::default());
/// assert_ne!(one.commitment(), same.commitment());
/// assert_eq!(one.commitment(), one.clone().commitment());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Salted {
    /// Random, of its own.
    pub salt: [u8; 16],
    /// The personal part.
    pub body: ChangeBody,
}

impl Salted {
    /// With a salt that nobody else has.
    pub fn new(body: ChangeBody) -> Salted {
        Salted {
            salt: random(),
            body,
        }
    }

    /// What the facts of the change say of it.
    pub fn commitment(&self) -> [u8; 32] {
        super::commitment(&self.salt, &self.body)
    }
}
