//! An export: JSON, a line for each entry, with the checkpoint at the end.

use data_encoding::{BASE64, HEXLOWER};
use jiff::Timestamp;
use scim_core::{ResourceId, TenantId, Version};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Audited, Checkpoint, Facts, Kept, KeyId, Salted};
use crate::store::{Change, ChangeBody, ConnectionId, Sealed, What};

/// A line of an export. Bytes are written in hexadecimal digits, signatures in Base64.
///
/// ```
/// use scim_server::audit::Line;
///
/// let text = r#"{"line":"export","tenant":"main","after":0,"hash":""}"#;
/// let line: Line = serde_json::from_str(text)?;
/// assert!(line.checkpoint().is_none());
/// assert_eq!(serde_json::to_string(&line)?, text);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "line", rename_all = "camelCase", deny_unknown_fields)]
pub enum Line {
    /// The first one: whose log it is, and after which number it begins.
    Export {
        /// The tenant.
        tenant: TenantId,
        /// The number before the first one.
        after: i64,
        /// The hash of that number; empty before number 1.
        hash: String,
    },
    /// An entry.
    Change {
        /// The number.
        sequence: i64,
        /// Its hash.
        hash: String,
        /// The facts; null where the change is gone or cannot be read.
        facts: Option<Box<WrittenFacts>>,
        /// The personal part; null where it is gone.
        body: Option<WrittenBody>,
        /// Is the personal part gone because it was erased?
        erased: bool,
    },
    /// A checkpoint.
    Checkpoint {
        /// The tenant.
        tenant: TenantId,
        /// The number.
        sequence: i64,
        /// Its hash.
        hash: String,
        /// When it was signed.
        at: String,
        /// With which key.
        key: String,
        /// The signature.
        signature: String,
    },
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WrittenFacts {
    /// The change.
    pub id: Uuid,
    /// When.
    pub at: String,
    /// The token that asked for it.
    pub actor: Option<Uuid>,
    /// The connection that owns the resource.
    pub owner: Option<Uuid>,
    /// Resource type.
    pub kind: String,
    /// The resource.
    pub resource: Option<Uuid>,
    /// The version it has since.
    pub version: i64,
    /// What happened.
    pub what: String,
    /// The change that was asked for, where this one followed from it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<Uuid>,
    /// What the facts say of the personal part.
    pub commitment: String,
}

/// The personal part. The texts are JSON, and written as texts because the commitment is about every
/// character of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrittenBody {
    /// Random.
    pub salt: String,
    /// The changed attributes as they were.
    pub before: Option<String>,
    /// The changed attributes as they are.
    pub after: Option<String>,
    /// What was asked for.
    pub request: Option<String>,
}

impl Line {
    /// The first line of an export that begins after this number.
    pub fn export(tenant: &TenantId, after: Option<&Sealed>) -> Line {
        Line::Export {
            tenant: tenant.clone(),
            after: after.map_or(0, |sealed| sealed.sequence),
            hash: after.map_or_else(String::new, |sealed| HEXLOWER.encode(&sealed.hash)),
        }
    }

    /// The line of an entry.
    pub fn change(entry: &Audited) -> Line {
        let facts = match &entry.facts {
            Facts::Read {
                change, commitment, ..
            } => Some(Box::new(WrittenFacts {
                id: change.id,
                at: change.at.to_string(),
                actor: change.actor.map(|actor| actor.0),
                owner: change.owner.map(|owner| owner.0),
                kind: change.kind.clone(),
                resource: change.resource.map(ResourceId::uuid),
                version: change.version.0,
                what: change.what.as_str().to_owned(),
                cause: change.cause,
                commitment: HEXLOWER.encode(commitment),
            })),
            Facts::Unreadable(_) | Facts::Gone => None,
        };
        let body = match &entry.body {
            Kept::Whole(Salted { salt, body }) => Some(WrittenBody {
                salt: HEXLOWER.encode(salt),
                before: body.before.clone(),
                after: body.after.clone(),
                request: body.request.clone(),
            }),
            Kept::Erased | Kept::Gone => None,
        };
        Line::Change {
            sequence: entry.sealed.sequence,
            hash: HEXLOWER.encode(&entry.sealed.hash),
            facts,
            body,
            erased: entry.body == Kept::Erased,
        }
    }

    /// The line of a checkpoint, which is also how one is kept elsewhere.
    pub fn of_checkpoint(tenant: &TenantId, checkpoint: &Checkpoint) -> Line {
        Line::Checkpoint {
            tenant: tenant.clone(),
            sequence: checkpoint.sequence,
            hash: HEXLOWER.encode(&checkpoint.hash),
            at: checkpoint.at.to_string(),
            key: HEXLOWER.encode(&checkpoint.key.0),
            signature: BASE64.encode(&checkpoint.signature),
        }
    }

    /// Whose log an export is, the number before its first one, and the hash of that.
    pub fn beginning(&self) -> Option<(TenantId, i64, [u8; 32])> {
        match self {
            Line::Export {
                tenant,
                after,
                hash,
            } => Some((tenant.clone(), *after, bytes(hash))),
            Line::Change { .. } | Line::Checkpoint { .. } => None,
        }
    }

    /// The checkpoint of this line, and whose it is.
    pub fn checkpoint(&self) -> Option<(TenantId, Checkpoint)> {
        let Line::Checkpoint {
            tenant,
            sequence,
            hash,
            at,
            key,
            signature,
        } = self
        else {
            return None;
        };
        let checkpoint = Checkpoint {
            sequence: *sequence,
            hash: bytes(hash),
            // A time that cannot be read was not signed either.
            at: at.parse().unwrap_or(Timestamp::UNIX_EPOCH),
            key: KeyId(bytes(key)),
            signature: BASE64.decode(signature.as_bytes()).unwrap_or_default(),
        };
        Some((tenant.clone(), checkpoint))
    }

    /// The entry of this line.
    pub fn entry(&self) -> Option<Audited> {
        let Line::Change {
            sequence,
            hash,
            facts,
            body,
            erased,
        } = self
        else {
            return None;
        };
        let body = match body {
            Some(body) => Kept::Whole(Salted {
                salt: bytes(&body.salt),
                body: ChangeBody {
                    before: body.before.clone(),
                    after: body.after.clone(),
                    request: body.request.clone(),
                },
            }),
            None if *erased => Kept::Erased,
            None => Kept::Gone,
        };
        Some(Audited {
            sealed: Sealed {
                sequence: *sequence,
                change_id: facts.as_ref().map_or(Uuid::nil(), |facts| facts.id),
                hash: bytes(hash),
            },
            facts: facts.as_ref().map_or(Facts::Gone, |facts| facts.read()),
            body,
        })
    }
}

impl WrittenFacts {
    fn read(&self) -> Facts {
        let what = match self.what.parse::<What>() {
            Ok(what) => what,
            Err(reason) => return Facts::Unreadable(reason),
        };
        let Ok(at) = self.at.parse() else {
            return Facts::Unreadable(format!("{:?} is no time", self.at));
        };
        Facts::Read {
            change: Change {
                id: self.id,
                at,
                actor: self.actor.map(ConnectionId),
                owner: self.owner.map(ConnectionId),
                kind: self.kind.clone(),
                resource: self.resource.map(ResourceId::new),
                version: Version(self.version),
                what,
                cause: self.cause,
            },
            commitment: bytes(&self.commitment),
            marked: true,
        }
    }
}

/// What is no such number of bytes fits nothing, which is what it is to do.
fn bytes<const N: usize>(text: &str) -> [u8; N] {
    let bytes = HEXLOWER.decode(text.as_bytes()).unwrap_or_default();
    bytes.try_into().unwrap_or([0; N])
}
