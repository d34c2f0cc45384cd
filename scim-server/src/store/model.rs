//! The rows that a store keeps, as the library sees them.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use jiff::{SignedDuration, Timestamp};
use scim_core::sort::SortKey;
use scim_core::{Document, ResourceId, ResourceType, SortBy, SortOrder, TypedFilter, Version};
use uuid::Uuid;

use super::PolicyName;
use crate::{Error, StoreError};

/// A connection: whoever may write a resource. For now a token; its id is the token's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConnectionId(pub Uuid);

impl fmt::Display for ConnectionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for ConnectionId {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<ConnectionId, uuid::Error> {
        text.parse().map(ConnectionId)
    }
}

/// A resource as it is stored.
///
/// ```
/// # let at = jiff::Timestamp::UNIX_EPOCH;
/// # let id = scim_core::ResourceId::new(uuid::Uuid::nil());
/// # let (owner, version) = (None, scim_core::Version(1));
/// use scim_server::store::Stored;
///
/// let kim = Stored {
///     kind: "User".into(),
///     document: r#"{"userName":"kim"}"#.into(),
///     id, owner, version, created: at, modified: at,
/// };
/// assert_eq!(kim.parse()?.get("userName"), Some(&"kim".into()));
/// # Ok::<(), scim_server::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Name of its resource type.
    pub kind: String,
    /// Server-made, never anything that a client sent.
    pub id: ResourceId,
    /// The connection that may write it; `None` for what the product derives.
    pub owner: Option<ConnectionId>,
    /// Rises by one with every change.
    pub version: Version,
    /// When it was made.
    pub created: Timestamp,
    /// When it was last changed.
    pub modified: Timestamp,
    /// The document as JSON text, in the schema's spelling, without `id`, `meta`
    /// and attributes that live in rows.
    pub document: String,
}

impl Stored {
    /// The document as a tree.
    pub fn parse(&self) -> Result<Document, Error> {
        match serde_json::from_str(&self.document) {
            Ok(map) => Ok(Document::from_stored(map)),
            Err(error) => Err(StoreError::Corrupt {
                table: "resource",
                row: self.id.to_string(),
                reason: error.to_string(),
            }
            .into()),
        }
    }
}

/// One member of a group, as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberLink {
    /// The other end of the reference.
    pub id: ResourceId,
    /// Its resource type.
    pub kind: String,
    /// The connection that may write it.
    pub owner: Option<ConnectionId>,
    /// Its `displayName`, where it has one.
    pub display: Option<String>,
}

/// Somebody who may become, or is, a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberCandidate {
    /// Its id.
    pub id: ResourceId,
    /// Its resource type.
    pub kind: String,
    /// The connection that may write it.
    pub owner: Option<ConnectionId>,
    /// Is it a member already?
    pub is_member: bool,
}

/// What a list asks for.
///
/// ```
/// use scim_core::{ResourceType, SortBy, SortOrder, schema};
/// use scim_server::store::{ListPart, ListQuery, Start};
///
/// let users = ResourceType::new("User", "/Users", schema::user()).build()?;
/// let by = SortBy::parse("userName", SortOrder::Descending, &users)?;
/// let part = ListPart { resource_type: &users, filter: None, sort: Some(&by) };
/// let start = Start::Offset(100);
/// let second_page = ListQuery { parts: &[part], owner: None, start, count: 100 };
/// assert_eq!(second_page.sort_order(), Some(SortOrder::Descending));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct ListQuery<'q> {
    /// Resources of which types; without a sort the list follows this order, and in each type
    /// that of the ids.
    pub parts: &'q [ListPart<'q>],
    /// Only resources of this connection.
    pub owner: Option<ConnectionId>,
    /// Where the page begins.
    pub start: Start<'q>,
    /// How many matches to give back.
    pub count: usize,
}

/// Where a page of a list begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start<'q> {
    /// With the first match, of pages that go on beside places. Where counting all matches costs more than finding
    /// those of a page, a total of what was looked at will do.
    First,
    /// After so many matches, which are counted.
    Offset(usize),
    /// Beside a place where another page ended. What the first page counted is not counted again.
    At(Seek<'q>),
}

/// A page beside a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seek<'q> {
    /// The place, which need not hold a resource any more.
    pub place: &'q Place,
    /// On which side of it.
    pub way: Way,
    /// How many matches there were when the paging began.
    pub total: usize,
}

/// A direction through a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// What comes after the place.
    Forward,
    /// What comes before it; the page is in the order of the list all the same.
    Backward,
}

/// A place in a list: that of a resource as it was when a page was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Resource type, by which a list without a sort is ordered first.
    pub kind: String,
    /// What a sorted list is ordered by; missing in a list without a sort.
    pub key: SortKey,
    /// The resource.
    pub id: ResourceId,
}

/// One resource type of a list.
#[derive(Debug, Clone, Copy)]
pub struct ListPart<'q> {
    /// Resource type.
    pub resource_type: &'q ResourceType,
    /// Only resources that match.
    pub filter: Option<&'q TypedFilter>,
    /// In which order. All parts have the same direction; none has an order where the attribute
    /// does not exist, and its resources count as having no value.
    pub sort: Option<&'q SortBy>,
}

impl ListQuery<'_> {
    /// The direction of a sorted list.
    pub fn sort_order(&self) -> Option<SortOrder> {
        let mut sorts = self.parts.iter().filter_map(|part| part.sort);
        sorts.next().map(SortBy::order)
    }

    /// How many match, where so many were counted: a page beside a place says what the first one
    /// did.
    pub fn total(&self, counted: usize) -> usize {
        match self.start {
            Start::First | Start::Offset(_) => counted,
            Start::At(seek) => seek.total,
        }
    }

    /// The place of a resource in this list.
    pub fn place(&self, stored: &Stored) -> Result<Place, Error> {
        let mut parts = self.parts.iter();
        let part = parts.find(|part| part.resource_type.name() == stored.kind);
        let key = match part.and_then(|part| part.sort) {
            Some(sort) => sort.key(&super::answer::whole(stored)?),
            None => SortKey::Missing,
        };
        Ok(Place {
            kind: stored.kind.clone(),
            key,
            id: stored.id,
        })
    }
}

/// A part of a list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// How many match in all.
    pub total: usize,
    /// Those of this page, in the order of the list.
    pub resources: Vec<Stored>,
    /// Are there more beyond them, in the direction of the page?
    pub more: bool,
    /// How many resources were read to find them.
    pub examined: usize,
}

/// What happened to a resource.
///
/// ```
/// use scim_server::store::What;
///
/// assert_eq!(What::Refused.as_str(), "refused");
/// assert_eq!("erased".parse(), Ok(What::Erased));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// It was made.
    Created,
    /// It was changed.
    Updated,
    /// It was deleted.
    Deleted,
    /// A request to write was refused; nothing changed.
    Refused,
    /// A request to write asked for what is so already; nothing changed.
    Unchanged,
    /// What its changes held of a person was erased; it did not change itself.
    Erased,
}

impl What {
    /// The word that is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            What::Created => "created",
            What::Updated => "updated",
            What::Deleted => "deleted",
            What::Refused => "refused",
            What::Unchanged => "unchanged",
            What::Erased => "erased",
        }
    }
}

impl FromStr for What {
    type Err = String;

    fn from_str(text: &str) -> Result<What, String> {
        let all = [
            What::Created,
            What::Updated,
            What::Deleted,
            What::Refused,
            What::Unchanged,
            What::Erased,
        ];
        let mut all = all.into_iter();
        let found = all.find(|what| what.as_str() == text);
        found.ok_or_else(|| format!("{text:?} is nothing that happens to a resource"))
    }
}

/// On whose behalf a unit of work writes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Actor {
    /// The token that asked; `None` for the command line.
    pub connection: Option<ConnectionId>,
    /// What it asked for, as JSON, and the resource it asked to change.
    pub request: Option<(ResourceId, String)>,
}

/// A line of the change feed: the facts, which stay. The personal part is a [`ChangeBody`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Its id.
    pub id: Uuid,
    /// When.
    pub at: Timestamp,
    /// The token that asked for it; `None` for the command line.
    pub actor: Option<ConnectionId>,
    /// The connection that owns the resource.
    pub owner: Option<ConnectionId>,
    /// Resource type.
    pub kind: String,
    /// The resource; `None` when a create was refused.
    pub resource: Option<ResourceId>,
    /// The version it has since.
    pub version: Version,
    /// What happened.
    pub what: What,
    /// The change that was asked for, where this one followed from it in the same unit of work.
    pub cause: Option<Uuid>,
}

/// A line of the change feed with all that is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// The facts.
    pub change: Change,
    /// The personal part; empty where it was erased.
    pub body: ChangeBody,
    /// Its place in the sequence; `None` until it is sealed.
    pub sealed: Option<Sealed>,
}

/// The smallest UUIDv7 of a moment: what happened from then on has a greater one.
///
/// ```
/// use scim_server::store::id_at;
///
/// let at = |text: &str| id_at(text.parse().unwrap());
/// assert!(at("2026-01-01T00:00:00Z") < at("2026-01-01T00:00:00.001Z"));
/// ```
pub fn id_at(at: Timestamp) -> Uuid {
    let ms = u64::try_from(at.as_millisecond()).unwrap_or(0);
    Uuid::from_u64_pair(ms << 16, 0)
}

/// A part of the change feed, in the order of its ids: that is, of time.
///
/// ```
/// use scim_server::store::Span;
///
/// let newest = Span { newest_first: true, limit: 100, ..Span::default() };
/// assert_eq!(newest.after, None);
/// ```
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Only changes with a greater id.
    pub after: Option<Uuid>,
    /// Only changes with a smaller id.
    pub before: Option<Uuid>,
    /// From the newest to the oldest.
    pub newest_first: bool,
    /// So many at most.
    pub limit: usize,
}

/// The personal part of a change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChangeBody {
    /// The changed attributes as they were, as JSON.
    pub before: Option<String>,
    /// The changed attributes as they are, as JSON.
    pub after: Option<String>,
    /// What was asked for and what was repaired in it, as JSON.
    pub request: Option<String>,
}

/// A committed change with its place in the tenant's sequence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// 1, 2, 3 … without a gap.
    pub sequence: i64,
    /// The change.
    pub change_id: Uuid,
    /// SHA-256 over the previous hash and this change's facts.
    pub hash: [u8; 32],
}

/// What a token may be used for.
///
/// ```
/// use scim_server::store::TokenKind;
///
/// assert_eq!("app".parse(), Ok(TokenKind::App));
/// assert_eq!(TokenKind::Idp.as_str(), "idp");
/// assert!(!TokenKind::Csv.can_ask());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// An identity provider: sees and writes what it created itself.
    Idp,
    /// An application: sees the tenant, writes what it created and what the product allows.
    App,
    /// A program that acts for people, as far as its scopes reach.
    Agent,
    /// A device at a door, as far as its scopes reach.
    Kiosk,
    /// Files that the product imports: owns what came by them. Nobody can ask in its name.
    Csv,
    /// The people who are kept in the console; nobody can ask as this connection.
    Console,
}

impl TokenKind {
    /// The word that is stored and typed.
    pub fn as_str(self) -> &'static str {
        match self {
            TokenKind::Idp => "idp",
            TokenKind::App => "app",
            TokenKind::Agent => "agent",
            TokenKind::Kiosk => "kiosk",
            TokenKind::Csv => "csv",
            TokenKind::Console => "console",
        }
    }

    /// Can somebody prove to be such a connection, with a secret or a JWT?
    pub fn can_ask(self) -> bool {
        match self {
            TokenKind::Idp | TokenKind::App | TokenKind::Agent | TokenKind::Kiosk => true,
            TokenKind::Csv | TokenKind::Console => false,
        }
    }
}

impl FromStr for TokenKind {
    type Err = String;

    fn from_str(text: &str) -> Result<TokenKind, String> {
        [
            TokenKind::Idp,
            TokenKind::App,
            TokenKind::Agent,
            TokenKind::Kiosk,
            TokenKind::Csv,
            TokenKind::Console,
        ]
        .into_iter()
        .find(|kind| kind.as_str() == text)
        .ok_or_else(|| format!("{text:?} is not a kind of token: idp, app, agent or kiosk"))
    }
}

/// A token: a connection that may ask, without its secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Its id, which is also the id of the connection.
    pub id: ConnectionId,
    /// What it may be used for.
    pub kind: TokenKind,
    /// What people call it.
    pub name: String,
    /// The User it stands for; `None` for a program.
    pub person: Option<ResourceId>,
    /// Which departures from the RFCs are taken from it.
    pub policy: PolicyName,
    /// When it was made.
    pub created: Timestamp,
    /// From when on it is refused.
    pub expires: Option<Timestamp>,
    /// When it was revoked.
    pub revoked: Option<Timestamp>,
    /// When it was last used, to the minute.
    pub last_used: Option<Timestamp>,
    /// Is it switched on?
    pub active: bool,
    /// What it may do; see [`Scopes`](crate::service::Scopes). `None`: all that its kind allows.
    pub scopes: Option<String>,
    /// From which networks it is taken, as CIDR blocks between spaces. `None`: from everywhere.
    pub networks: Option<String>,
    /// What the product keeps with the connection, as a JSON object.
    pub settings: Option<String>,
    /// Rises by one with every change but that of `last_used`.
    pub version: Version,
    /// When it was last changed.
    pub modified: Timestamp,
}

/// What a secret may be used for.
///
/// ```
/// use scim_server::store::SecretPurpose;
///
/// assert_eq!(SecretPurpose::AccessToken.as_str(), "access_token");
/// assert_eq!("connection".parse(), Ok(SecretPurpose::Connection));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretPurpose {
    /// One of at most two that a connection has at a time: to ask, and to get access tokens.
    Connection,
    /// An access token (RFC 6749 §1.4): to ask.
    AccessToken,
}

impl SecretPurpose {
    /// The word that is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            SecretPurpose::Connection => "connection",
            SecretPurpose::AccessToken => "access_token",
        }
    }
}

impl FromStr for SecretPurpose {
    type Err = String;

    fn from_str(text: &str) -> Result<SecretPurpose, String> {
        match text {
            "connection" => Ok(SecretPurpose::Connection),
            "access_token" => Ok(SecretPurpose::AccessToken),
            _ => Err(format!("{text:?} is not the purpose of a secret")),
        }
    }
}

/// One of a token's secrets; only its hash is known.
///
/// ```
/// # let (token, created) = (scim_server::store::ConnectionId(uuid::Uuid::nil()), jiff::Timestamp::UNIX_EPOCH);
/// use scim_server::store::{Secret, SecretPurpose};
///
/// let shown = scim_server::auth::Secret::new();
/// let purpose = SecretPurpose::Connection;
/// let kept = Secret { token, purpose, hash: shown.hash(), created, expires: None };
/// assert_eq!(kept.hash.len(), 32);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Secret {
    /// Whose it is.
    pub token: ConnectionId,
    /// What it may be used for.
    pub purpose: SecretPurpose,
    /// SHA-256 of the secret.
    pub hash: [u8; 32],
    /// When it was made.
    pub created: Timestamp,
    /// From when on it is refused: set when it was rotated out.
    pub expires: Option<Timestamp>,
}

/// Somebody who has signed in; only the hash of what proves it is known.
///
/// ```
/// # let person = scim_core::ResourceId::new(uuid::Uuid::nil());
/// use scim_server::auth::Secret;
/// use scim_server::store::Session;
///
/// let shown = Secret::new();
/// let session = Session {
///     hash: shown.hash(),
///     person,
///     name: "Kim".to_owned(),
///     how: "password".to_owned(),
///     created: "2026-01-01T08:00:00Z".parse()?,
///     expires: "2026-01-01T20:00:00Z".parse()?,
/// };
/// assert!(session.is_over("2026-01-01T20:00:00Z".parse()?));
/// # Ok::<(), jiff::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// SHA-256 of the secret.
    pub hash: [u8; 32],
    /// Whose it is: a User, or another resource that stands for a person.
    pub person: ResourceId,
    /// What people call them.
    pub name: String,
    /// How they proved who they are, in a word.
    pub how: String,
    /// When it began.
    pub created: Timestamp,
    /// When it ends.
    pub expires: Timestamp,
}

impl Session {
    /// Has it ended by then?
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.expires <= now
    }
}

/// A secret that belongs to a resource: no document shows it, no change says it, and it goes with the resource.
#[derive(Clone, PartialEq, Eq)]
pub struct KeptSecret {
    /// The resource.
    pub resource: ResourceId,
    /// Which of its secrets.
    pub name: String,
    /// The secret; `None` when it goes.
    pub value: Option<Vec<u8>>,
}

impl fmt::Debug for KeptSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeptSecret({} of {}, …)", self.name, self.resource)
    }
}

/// A write that was done under an `Idempotency-Key`.
///
/// ```
/// use jiff::SignedDuration;
/// use scim_server::store::DoneOnce;
///
/// assert_eq!(DoneOnce::KEPT_FOR, SignedDuration::from_hours(24));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DoneOnce {
    /// Whose key it is.
    pub connection: ConnectionId,
    /// The key.
    pub key: String,
    /// SHA-256 of what was asked for.
    pub fingerprint: [u8; 32],
    /// When it was done.
    pub created: Timestamp,
    /// The resource that was written.
    pub resource: ResourceId,
}

impl DoneOnce {
    /// How long a key is remembered.
    pub const KEPT_FOR: SignedDuration = SignedDuration::from_hours(24);
}

/// Whose JWTs a connection takes for its own. All values are compared exactly.
///
/// ```
/// use std::collections::BTreeMap;
/// use scim_server::auth::trusting;
/// use scim_server::store::{ConnectionId, Trust, TrustedKeys};
///
/// let trust = Trust {
///     token: ConnectionId(uuid::Uuid::from_u128(7)),
///     issuer: "https://login.example".to_owned(),
///     audience: "scim".to_owned(),
///     subject: "entra".to_owned(),
///     claims: BTreeMap::new(),
///     keys: TrustedKeys::Url("https://login.example/keys".to_owned()),
///     created: jiff::Timestamp::UNIX_EPOCH,
/// };
/// // As a resource it has an id of its own, which leads back to its connection.
/// assert_ne!(trust.id().uuid(), trust.token.0);
/// assert_eq!(trusting(trust.id()), trust.token);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trust {
    /// The connection.
    pub token: ConnectionId,
    /// The claim `iss`.
    pub issuer: String,
    /// One of the values of the claim `aud`.
    pub audience: String,
    /// The claim `sub`.
    pub subject: String,
    /// Further claims that must be there, as text.
    pub claims: BTreeMap<String, String>,
    /// What signatures are verified with.
    pub keys: TrustedKeys,
    /// When it was made.
    pub created: Timestamp,
}

/// Where the keys of an issuer come from (RFC 7517).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TrustedKeys {
    /// A JWK Set is read from this address, and read again.
    Url(String),
    /// This JWK Set, as JSON.
    Document(String),
}

/// Work for later, made in the same transaction as its cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Its id.
    pub id: Uuid,
    /// Who does such work.
    pub queue: String,
    /// Not before this time.
    pub due: Timestamp,
    /// How often it was taken up.
    pub attempts: i64,
    /// What is to be done, as JSON.
    pub payload: String,
}
