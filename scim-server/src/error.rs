//! What can go wrong in the library, as decisions somebody makes.
//! Which HTTP status each becomes is decided in `http/error.rs` alone.

use std::sync::Arc;

use scim_core::ResourceId;
use serde_json::Value;

/// A refusal or a failure.
///
/// ```
/// use scim_server::Error;
///
/// let refused = Error::Uniqueness {
///     kind: "User".into(),
///     attribute: "userName".into(),
///     value: "kim".into(),
/// };
/// assert_eq!(refused.to_string(), r#"another User already uses userName "kim""#);
/// assert_eq!(refused.code(), Some("exists.own"));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The request breaks a rule of the SCIM model.
    #[error(transparent)]
    Scim(#[from] scim_core::Error),
    /// Nothing visible to the caller has this id.
    #[error("no {kind} has the id {id}")]
    NotFound {
        /// Resource type.
        kind: String,
        /// What was asked for, cut to a length that can be shown.
        id: String,
    },
    /// A value that must be unique is in use (RFC 7644 §3.3).
    #[error("another {kind} already uses {attribute} {value:?}")]
    Uniqueness {
        /// Resource type.
        kind: String,
        /// The attribute that must be unique.
        attribute: String,
        /// The value in use.
        value: String,
    },
    /// Whoever is to be made is here already under another connection, and may not be made twice
    /// (RFC 7644 §3.3); the product says who it is.
    #[error("{}", .0.detail)]
    Exists(Box<Exists>),
    /// The attribute belongs to somebody else.
    #[error("{attribute} of {kind} {id} is kept by {owner}: change it there")]
    Owned {
        /// Resource type.
        kind: String,
        /// The resource.
        id: ResourceId,
        /// The attribute that was to be written.
        attribute: String,
        /// Who may write it, in words.
        owner: String,
    },
    /// `If-Match` names another version (RFC 7644 §3.14).
    #[error("{kind} {id} is at version {current} now; read it again before changing it")]
    VersionMismatch {
        /// Resource type.
        kind: String,
        /// The resource.
        id: ResourceId,
        /// Its entity tag.
        current: String,
    },
    /// The `Idempotency-Key` was sent with another request before.
    #[error("this Idempotency-Key was sent with another request; use a new key for a new request")]
    IdempotencyKeyReused,
    /// An operation of a circle was refused, and with it those that refer to it and each other.
    #[error(
        "operations that refer to each other are done together, and one of them is refused: {0}"
    )]
    Together(Arc<Error>),
    /// A bulk request took so long that the operation was not begun.
    #[error("the request took too long before this operation, which was not begun; send it again")]
    NotReached,
    /// The cursor was not given out for this query and caller (RFC 9865 §2.1).
    #[error(
        "this cursor is not one of this query: send the query unchanged with the last nextCursor, or an empty cursor for the first page"
    )]
    InvalidCursor,
    /// The cursor was given out too long ago (RFC 9865 §2.1).
    #[error("this cursor is too old; begin again with an empty cursor")]
    ExpiredCursor,
    /// A page by cursor has no size (RFC 9865 §2.1).
    #[error("a page by cursor has a count of 1 or more")]
    InvalidCount,
    /// More resources are to be sorted than is done for one request (RFC 7644 §3.12).
    #[error(
        "more than {limit} resources match, which is too many to sort: narrow the filter, or sort all by an indexed attribute such as userName"
    )]
    TooManyToSort {
        /// Matches sorted at most.
        limit: usize,
    },
    /// No index answers the filter, and testing resources one by one takes too long (RFC 7644 §3.12).
    #[error(
        "no index answers this filter, and testing all resources takes longer than {} s: compare an indexed attribute too, such as userName or externalId",
        limit.as_secs()
    )]
    FilterTooSlow {
        /// Longest time.
        limit: std::time::Duration,
    },
    /// No valid credential came with the request: what a log-in of one's own says.
    #[error("{0}")]
    Unauthorized(&'static str),
    /// No valid credential of ours came with the request. The text is the same for every reason,
    /// so that nobody learns how close they were.
    #[error(
        "a valid credential is needed: send the header `Authorization: Bearer SECRET`, or Basic with the id of the connection as user name and its secret as password"
    )]
    Credential(Presented),
    /// The resource does nothing of this name.
    #[error("there is no action {0} here; the documentation lists those of each resource type")]
    NoSuchAction(String),
    /// What a verb asks for cannot be done in the state that the resource is in.
    #[error("{verb} is not possible while the {kind} is {state}; possible now: {possible}")]
    Transition {
        /// Resource type.
        kind: &'static str,
        /// The verb.
        verb: &'static str,
        /// The state.
        state: String,
        /// The verbs that are possible.
        possible: String,
    },
    /// A path that stands for whoever asks, asked for by a program (RFC 7644 §3.11).
    #[error(
        "this credential stands for no person, so there is no /Me: use /Users/ID, or a token made with `token create --person ID`"
    )]
    Nobody,
    /// A path that stands for the User who asks, asked for by somebody who is none (RFC 7644 §3.11).
    #[error("no User stands behind whoever asks, so there is no /Me")]
    NoUser,
    /// The caller is known, and nobody may do this.
    #[error("{0}")]
    Forbidden(&'static str),

    /// The caller has no scope for it.
    #[error("this needs the scope {0}; whoever keeps the connection can give it [scope.missing]")]
    Scope(String),
    /// The operation exists in SCIM, and this server does not do it (RFC 7644 §3.12, 501).
    #[error("{0}")]
    Unsupported(&'static str),
    /// The method does not fit the resource.
    #[error("{method} is not possible here; allowed: {allowed}")]
    Method {
        /// What was tried.
        method: String,
        /// What the `Allow` header says.
        allowed: String,
    },
    /// Nothing is served under this path.
    #[error("nothing is served at this path; resource types are listed under /ResourceTypes")]
    NoSuchPath,
    /// The body is larger than its endpoint takes.
    #[error("the body is larger than {limit} bytes")]
    BodyTooLarge {
        /// Bytes taken at most.
        limit: usize,
    },
    /// The body was not complete in time.
    #[error("the body did not come in time; send it again, faster or in parts")]
    BodyTooLate,
    /// The tenant, or the address of the client, has sent too many requests.
    #[error("too many requests; send it again after {retry_after_s} s")]
    TooManyRequests {
        /// When it may be sent again.
        retry_after_s: u32,
    },
    /// The answer was not ready in time. Whether a write was done is not known.
    #[error(
        "the server did not answer in time; look whether the request was done, and send it again"
    )]
    AnswerTooLate,
    /// The body has a media type that is not JSON.
    #[error("the body must be application/scim+json or application/json")]
    MediaType,
    /// The store could not do its work.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Error {
    /// The word by which a program tells decisions apart that share a status and a `scimType`.
    pub fn code(&self) -> Option<&'static str> {
        match self {
            Error::Uniqueness { .. } => Some("exists.own"),
            Error::Exists(exists) => Some(exists.code),
            Error::Owned { .. } => Some("readonly.owned"),
            Error::VersionMismatch { .. } => Some("version"),
            Error::IdempotencyKeyReused => Some("idempotency"),
            Error::Transition { .. } => Some("transition"),
            Error::Together(refusal) => refusal.code(),
            Error::BodyTooLarge { .. } | Error::Scim(scim_core::Error::TooMany { .. }) => {
                Some("limits")
            }
            _ => None,
        }
    }

    /// What the product keeps of a refusal, in a unit of its own.
    pub(crate) fn facts(&self) -> Option<&Value> {
        match self {
            Error::Exists(exists) => exists.facts.as_ref(),
            Error::Together(refusal) => refusal.facts(),
            _ => None,
        }
    }
}

/// Who is here already, as a product says it.
///
/// ```
/// use scim_server::{Error, Exists};
///
/// let refused = Error::Exists(Box::new(Exists {
///     code: "exists.unmanaged",
///     detail: "a person with this userName is kept by hand".into(),
///     facts: None,
/// }));
/// assert_eq!(refused.code(), Some("exists.unmanaged"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exists {
    /// The word by which a program tells it apart.
    pub code: &'static str,
    /// One sentence that names the attribute and where somebody can decide.
    pub detail: String,
    /// What [`Hook::after_refusal`](crate::service::Hook::after_refusal) gets.
    pub facts: Option<Value>,
}

/// What came in place of a valid credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presented {
    /// No `Authorization` header.
    Nothing,
    /// A name and a password (RFC 7617).
    Basic,
    /// A bearer token (RFC 6750), or what cannot be read.
    Bearer,
}

/// Why a store failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Another unit was in the way; running the unit again may succeed.
    #[error("another unit of work was in the way")]
    Conflict(#[source] Cause),
    /// The connection broke; the unit may or may not have been committed.
    #[error("the connection to the database broke")]
    Lost(#[source] Cause),
    /// The database cannot take the request now; later it may.
    #[error("the database is not available")]
    Unavailable(#[source] Cause),
    /// The disk is full or read-only.
    #[error("the database cannot write: disk full or read-only")]
    Full(#[source] Cause),
    /// What is stored cannot be read.
    #[error("row {row} of table {table} cannot be read: {reason}")]
    Corrupt {
        /// Table.
        table: &'static str,
        /// Key of the row, or what is known of it.
        row: String,
        /// What is wrong.
        reason: String,
    },
    /// A unit of work waited for something else than its transaction, or panicked.
    #[error("a unit of work misbehaved: {0}")]
    Unit(&'static str),
    /// No tenant has this name.
    #[error("there is no tenant {0:?}; make it with `tenant create`")]
    NoTenant(String),
    /// Anything else.
    #[error("the database failed")]
    Failed(#[source] Cause),
}

/// The error of a library that lies underneath.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

/// An error with all its causes, for the log.
pub(crate) fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
