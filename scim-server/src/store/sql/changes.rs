//! Rows of `change`: the facts, and the personal part they commit to; rows of `unsealed`.

use uuid::Uuid;

use super::Scope;
use super::statement::{Arg, BINDS_MAX, Row, Statement};
use super::together::Expected;
use crate::audit::commitment;
use crate::clock::random;
use crate::store::{Change, ChangeBody, ConnectionId, Recorded, Sealed, Span};
use crate::{Error, StoreError};
use scim_core::{ResourceId, Version};

pub(super) const COLUMNS: &str = "c.id, c.at, c.actor, c.owner, c.kind, c.resource, c.version, c.what, c.cause,\n\
     c.commitment";

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
        cause: row.maybe_uuid()?,
    };
    Ok((change, row.hash()?))
}

/// A change with its body and its seal, as [`recorded`] reads it.
const RECORDED: &str = "c.before, c.after, c.request, s.sequence, s.hash\n\
     FROM change c\n\
     LEFT JOIN seal s ON s.tenant_id = $1 AND s.change_id = c.id\n\
     WHERE c.tenant_id = $1";

fn recorded(row: &mut Row) -> Result<Recorded, Error> {
    let (change, _) = read(row)?;
    let body = ChangeBody {
        before: row.maybe_text()?,
        after: row.maybe_text()?,
        request: row.maybe_text()?,
    };
    let sealed = match row.maybe_int()? {
        Some(sequence) => Some(Sealed {
            sequence,
            change_id: change.id,
            hash: row.hash()?,
        }),
        None => None,
    };
    Ok(Recorded {
        change,
        body,
        sealed,
    })
}

async fn all(scope: &mut Scope<'_>, statement: Statement) -> Result<Vec<Recorded>, Error> {
    let rows = scope.fetch("change", statement).await?;
    rows.into_iter().map(|mut row| recorded(&mut row)).collect()
}

/// A part of the change feed.
pub(super) async fn span(scope: &mut Scope<'_>, span: &Span) -> Result<Vec<Recorded>, Error> {
    let statement = Statement::new(format!("SELECT {COLUMNS}, {RECORDED}")).bind(scope.tenant);
    let order = if span.newest_first { " DESC" } else { "" };
    let statement = within(statement, span).text(&format!("\nORDER BY c.id{order}"));
    all(scope, statement.limit(span.limit)).await
}

fn within(mut statement: Statement, span: &Span) -> Statement {
    if let Some(after) = span.after {
        statement = statement.text(" AND c.id > ").arg(after);
    }
    if let Some(before) = span.before {
        statement = statement.text(" AND c.id < ").arg(before);
    }
    statement
}

/// One line of the change feed.
pub(super) async fn one(scope: &mut Scope<'_>, id: Uuid) -> Result<Option<Recorded>, Error> {
    let statement = Statement::new(format!("SELECT {COLUMNS}, {RECORDED} AND c.id = $2"))
        .bind(scope.tenant)
        .bind(id);
    Ok(all(scope, statement).await?.pop())
}

/// The part of the change feed that is about one resource, by version: the ids of two processes need not agree on
/// what came first.
pub(super) async fn of_resource(
    scope: &mut Scope<'_>,
    resource: ResourceId,
    span: &Span,
) -> Result<Vec<Recorded>, Error> {
    let statement = Statement::new(format!("SELECT {COLUMNS}, {RECORDED} AND c.resource = $2"))
        .bind(scope.tenant)
        .bind(resource);
    let order = if span.newest_first { " DESC" } else { "" };
    let order = format!("\nORDER BY c.version{order}, c.id{order}");
    let statement = within(statement, span).text(&order);
    all(scope, statement.limit(span.limit)).await
}

/// How far behind a change what follows from it may stand: ids begin with the time.
const EFFECTS_WITHIN_MS: u64 = 5_000;
/// Changes that one may cause and that are shown.
const EFFECTS_MAX: usize = 1_000;

/// What followed from a change in the same unit of work.
pub(super) async fn effects(
    scope: &mut Scope<'_>,
    change: &Change,
) -> Result<Vec<Recorded>, Error> {
    let statement = Statement::new(format!(
        "SELECT {COLUMNS}, {RECORDED} AND c.id > $2 AND c.id < $3 AND c.cause = $2\n\
         ORDER BY c.id"
    ))
    .bind(scope.tenant)
    .bind(change.id)
    .bind(later(change.id, EFFECTS_WITHIN_MS));
    all(scope, statement.limit(EFFECTS_MAX)).await
}

/// The first UUIDv7 of so many milliseconds later.
fn later(id: Uuid, ms: u64) -> Uuid {
    let (at, _) = id.as_u64_pair();
    Uuid::from_u64_pair((at >> 16).saturating_add(ms) << 16, 0)
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
    for chunk in changes.chunks(BINDS_MAX / 15) {
        let salts: Vec<[u8; 16]> = chunk.iter().map(|_| random()).collect();
        let commitments = chunk.iter().zip(&salts);
        let commitments = commitments.map(|((_, body), salt)| commitment(salt, body));
        let commitments: Vec<[u8; 32]> = commitments.collect();
        let all: Vec<_> = chunk.iter().zip(salts.iter().zip(&commitments)).collect();
        let rows = Statement::new(
            "INSERT INTO change\n\
             (tenant_id, id, at, actor, owner, kind, resource, version, what, cause, commitment,\n \
             before, after, request, salt)\n\
             VALUES ",
        )
        .joined(
            &all,
            ", ",
            |statement, ((change, body), (salt, commitment))| {
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
                    Arg::from(change.cause),
                    Arg::from(*commitment),
                    Arg::from(body.before.clone()),
                    Arg::from(body.after.clone()),
                    Arg::from(body.request.clone()),
                    Arg::Bytes(salt.to_vec()),
                ])
            },
        )
        .text("\nON CONFLICT DO NOTHING");
        let expected = Expected::Rows(chunk.len());
        scope.write("change", rows, expected).await?;
        let changes = chunk.iter().map(|(change, _)| change);
        match &mut scope.numbered {
            Some(numbered) => numbered.extend(changes.cloned().zip(commitments)),
            None => {
                let rows: Vec<_> = changes.collect();
                let marks = Statement::new("INSERT INTO unsealed\n(tenant_id, change_id)\nVALUES ")
                    .joined(&rows, ", ", |statement, change| {
                        statement.tuple([Arg::from(tenant), Arg::from(change.id)])
                    });
                let expected = Expected::Rows(chunk.len());
                scope.write("unsealed", marks, expected).await?;
            }
        }
    }
    Ok(())
}
