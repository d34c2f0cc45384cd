//! Rows of `change` and `change_body`: the facts, and the personal part they commit to.

use uuid::Uuid;

use super::Scope;
use super::resources::expect_rows;
use super::statement::{Arg, BINDS_MAX, Row, Statement};
use crate::audit::commitment;
use crate::clock::random;
use crate::store::{Change, ChangeBody, ConnectionId};
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
        what: row.text()?.parse().map_err(corrupt)?,
    };
    Ok((change, row.hash()?))
}

fn corrupt(reason: String) -> Error {
    StoreError::Corrupt {
        table: "change",
        row: "column what".to_owned(),
        reason,
    }
    .into()
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
