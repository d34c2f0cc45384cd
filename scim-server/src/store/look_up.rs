//! What a look for one resource asks: by what it is known, and with which links it is shown.

use scim_core::ResourceId;

use super::ConnectionId;

/// One resource that is looked for, and what is to be shown with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LookUp<'q> {
    /// Its resource type.
    pub kind: &'q str,
    /// What is known of it.
    pub by: By<'q>,
    /// The links that are wanted too.
    pub side: Option<Side<'q>>,
}

/// What tells one resource from all others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By<'q> {
    /// Its id.
    Id(ResourceId),
    /// A unique value among those of one connection, as its key has it.
    Unique {
        /// The attribute, as the keys call it.
        attribute: &'q str,
        /// The value, as the keys have it.
        value: &'q str,
        /// The connection.
        owner: ConnectionId,
    },
}

/// From which side of its member rows a resource is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side<'q> {
    /// The members that it lists in this attribute: the first ones, in the order of their ids.
    Members {
        /// The attribute.
        attribute: &'q str,
        /// Members at most.
        limit: usize,
    },
    /// The resources that list it in this attribute of theirs.
    Owners {
        /// The attribute.
        attribute: &'q str,
    },
}
