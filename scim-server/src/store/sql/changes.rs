//! Rows of `change` and `change_body`: the facts, and the personal part they commit to.

use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::Scope;
use super::resources::expect_rows;
use super::statement::{Arg, BINDS_MAX, Row, Statement};
use crate::clock::random;
use crate::store::{Change, ChangeBody, ConnectionId, What};
use crate::{Error, StoreError};
use scim_core::{ResourceId, Version};

pub(super) const COLUMNS: &str =
    "c.id, c.at, c.actor, c.owner, c.kind, c.resource, c.version, c.what, c.commitment";

pub(super) fn read(row: &mut Row) -> Result<(Change, [u8; 32]), Error> {
    let change = Change {
        id: row.uuid()?,
        at: row.time()?,
        actor: row.maybe_uuid()?.map(ConnectionId),
        owner: row.maybe_uuid()?.map(ConnectionId),
        kind: row.text()?,
        resource: row.maybe_uuid()?.map(ResourceId::new),
        version: Version(row.int()?),
        what: what(&row.text()?)?,
    };
    Ok((change, row.hash()?))
}

fn what(word: &str) -> Result<What, Error> {
    [What::Created, What::Updated, What::Deleted, What::Refused]
        .into_iter()
        .find(|what| what.as_str() == word)
        .ok_or_else(|| {
            StoreError::Corrupt {
                table: "change",
                row: word.to_owned(),
                reason: "unknown word in column what".to_owned(),
            }
            .into()
        })
}

pub(super) async fn exists(scope: &mut Scope<'_>, id: Uuid) -> Result<bool, Error> {
    let statement = Statement::new("SELECT 1\nFROM change\nWHERE tenant_id = $1 AND id = $2")
        .bind(scope.tenant)
        .bind(id);
    Ok(!scope.fetch("change", statement).await?.is_empty())
}

pub(super) async fn flush(
    scope: &mut Scope<'_>,
    changes: &[(Change, ChangeBody)],
) -> Result<(), Error> {
    let tenant = scope.tenant;
    for chunk in changes.chunks(BINDS_MAX / 10) {
        let salts: Vec<[u8; 16]> = chunk.iter().map(|_| random()).collect();
        let facts = Statement::new(
            "INSERT INTO change\n\
             (tenant_id, id, at, actor, owner, kind, resource, version, what, commitment)\n\
             VALUES ",
        )
        .joined(
            chunk.iter().zip(&salts),
            ", ",
            |statement, ((change, body), salt)| {
                statement.tuple([
                    Arg::from(tenant),
                    Arg::from(change.id),
                    Arg::from(change.at),
                    Arg::from(change.actor.map(|actor| actor.0)),
                    Arg::from(change.owner.map(|owner| owner.0)),
                    Arg::from(change.kind.as_str()),
                    Arg::from(change.resource.map(ResourceId::uuid)),
                    Arg::from(change.version.0),
                    Arg::from(change.what.as_str()),
                    Arg::from(&commitment(salt, body)),
                ])
            },
        )
        .text("\nON CONFLICT DO NOTHING");
        expect_rows(scope.execute(facts).await?, chunk.len())?;
        let bodies = Statement::new(
            "INSERT INTO change_body\n\
             (tenant_id, id, before, after, request, salt)\n\
             VALUES ",
        )
        .joined(
            chunk.iter().zip(&salts),
            ", ",
            |statement, ((change, body), salt)| {
                statement.tuple([
                    Arg::from(tenant),
                    Arg::from(change.id),
                    Arg::from(body.before.clone()),
                    Arg::from(body.after.clone()),
                    Arg::from(body.request.clone()),
                    Arg::Bytes(salt.to_vec()),
                ])
            },
        );
        expect_rows(scope.execute(bodies).await?, chunk.len())?;
    }
    Ok(())
}

/// What the facts say of the personal part. The salt goes with the body when that is erased, so
/// that nobody can find a name by trying names.
fn commitment(salt: &[u8; 16], body: &ChangeBody) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(salt);
    for part in [&body.before, &body.after, &body.request] {
        field(&mut hash, part.as_deref().map(str::as_bytes));
    }
    hash.finalize().into()
}

/// The hash of one link of the chain: everything that must not change unnoticed.
pub(super) fn link(
    previous: &[u8; 32],
    sequence: i64,
    change: &Change,
    commitment: &[u8; 32],
) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(previous);
    hash.update(sequence.to_be_bytes());
    hash.update(change.id.as_bytes());
    hash.update(change.at.as_millisecond().to_be_bytes());
    let id = |id: Option<Uuid>| id.map(Uuid::into_bytes);
    for part in [
        id(change.actor.map(|actor| actor.0)),
        id(change.owner.map(|owner| owner.0)),
        id(change.resource.map(ResourceId::uuid)),
    ] {
        field(&mut hash, part.as_ref().map(<[u8; 16]>::as_slice));
    }
    field(&mut hash, Some(change.kind.as_bytes()));
    hash.update(change.version.0.to_be_bytes());
    field(&mut hash, Some(change.what.as_str().as_bytes()));
    hash.update(commitment);
    hash.finalize().into()
}

/// A field with its length before it, so that no two lists of fields hash alike.
fn field(hash: &mut Sha256, bytes: Option<&[u8]>) {
    match bytes {
        None => hash.update(u64::MAX.to_be_bytes()),
        Some(bytes) => {
            hash.update((bytes.len() as u64).to_be_bytes());
            hash.update(bytes);
        }
    }
}
