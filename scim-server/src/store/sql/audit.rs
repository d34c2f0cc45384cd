//! Rows of `seal`, `change` and `unsealed` as an auditor reads them, whatever was done to them; rows
//! of `checkpoint`.

use jiff::Timestamp;
use scim_core::ResourceId;
use uuid::Uuid;

use super::statement::{Arg, BINDS_MAX, Row, Statement};
use super::{Scope, changes};
use crate::audit::{Audited, Checkpoint, Facts, Kept, KeyId, Salted};
use crate::store::{ChangeBody, Sealed};
use crate::{Error, StoreError};

pub(super) async fn after(
    scope: &mut Scope<'_>,
    sequence: i64,
    limit: usize,
) -> Result<Vec<Audited>, Error> {
    let statement = Statement::new(format!(
        "SELECT s.sequence, s.hash, s.change_id, c.salt, c.before, c.after, c.request,\n \
         CASE WHEN c.salt IS NULL AND c.what <> 'erased' AND EXISTS (\n \
         SELECT 1 FROM change e\n \
         LEFT JOIN seal n ON n.tenant_id = $1 AND n.change_id = e.id\n \
         WHERE e.tenant_id = $1 AND e.resource IN (c.resource, c.id) AND e.what = 'erased'\n \
         AND (n.sequence IS NULL OR n.sequence > s.sequence)) THEN 1 ELSE 0 END,\n \
         CASE WHEN c.id IS NULL THEN NULL WHEN u.change_id IS NULL THEN 1 ELSE 0 END, {}\n\
         FROM seal s\n\
         LEFT JOIN change c ON c.tenant_id = $1 AND c.id = s.change_id\n\
         LEFT JOIN unsealed u ON u.tenant_id = $1 AND u.change_id = s.change_id\n\
         WHERE s.tenant_id = $1 AND s.sequence > $2\n\
         ORDER BY s.sequence",
        changes::COLUMNS
    ))
    .bind(scope.tenant)
    .bind(sequence)
    .limit(limit);
    let rows = scope.fetch("seal", statement).await?;
    rows.into_iter().map(read).collect()
}

fn read(mut row: Row) -> Result<Audited, Error> {
    let sealed = Sealed {
        sequence: row.int()?,
        hash: exactly(row.maybe_bytes()?),
        change_id: row.uuid()?,
    };
    let salt = row.maybe_bytes()?;
    let body = ChangeBody {
        before: row.maybe_text()?,
        after: row.maybe_text()?,
        request: row.maybe_text()?,
    };
    let is_erased = row.int()? == 1;
    let body = match salt {
        Some(salt) => Kept::Whole(Salted {
            salt: exactly(Some(salt)),
            body,
        }),
        None if is_erased => Kept::Erased,
        None => Kept::Gone,
    };
    let facts = match row.maybe_int()? {
        None => Facts::Gone,
        Some(mark) => match changes::read(&mut row) {
            Ok((change, commitment)) => Facts::Read {
                change,
                commitment,
                marked: mark == 1,
            },
            Err(Error::Store(StoreError::Corrupt { reason, .. })) => Facts::Unreadable(reason),
            Err(error) => return Err(error),
        },
    };
    Ok(Audited {
        sealed,
        facts,
        body,
    })
}

/// Bytes of a length that nothing has fit nothing.
fn exactly<const N: usize>(bytes: Option<Vec<u8>>) -> [u8; N] {
    let bytes = bytes.unwrap_or_default();
    bytes.try_into().unwrap_or([0; N])
}

pub(super) async fn without_number(
    scope: &mut Scope<'_>,
    after: Option<Uuid>,
    limit: usize,
) -> Result<(Vec<Uuid>, Option<Uuid>), Error> {
    let (beyond, id) = match after {
        Some(id) => (">", id),
        None => (">=", Uuid::nil()),
    };
    let statement = Statement::new(format!(
        "SELECT c.id, u.change_id, s.sequence\n\
         FROM change c\n\
         LEFT JOIN unsealed u ON u.tenant_id = $1 AND u.change_id = c.id\n\
         LEFT JOIN seal s ON s.tenant_id = $1 AND s.change_id = c.id\n\
         WHERE c.tenant_id = $1 AND c.id {beyond} $2\n\
         ORDER BY c.id"
    ))
    .bind(scope.tenant)
    .bind(id)
    .limit(limit);
    let (mut found, mut last) = (Vec::new(), None);
    for mut row in scope.fetch("change", statement).await? {
        let id = row.uuid()?;
        let is_sealed = row.maybe_uuid()?.is_none();
        if is_sealed && row.maybe_int()?.is_none() {
            found.push(id);
        }
        last = Some(id);
    }
    Ok((found, last))
}

const CHECKPOINT: &str = "sequence, hash, at, key_id, signature";

fn read_checkpoint(mut row: Row) -> Result<Checkpoint, Error> {
    Ok(Checkpoint {
        sequence: row.int()?,
        hash: exactly(row.maybe_bytes()?),
        // A time that is none was not signed either.
        at: Timestamp::from_millisecond(row.int()?).unwrap_or(Timestamp::UNIX_EPOCH),
        key: KeyId(exactly(row.maybe_bytes()?)),
        signature: row.maybe_bytes()?.unwrap_or_default(),
    })
}

pub(super) async fn newest_checkpoint(scope: &mut Scope<'_>) -> Result<Option<Checkpoint>, Error> {
    let statement = Statement::new(format!(
        "SELECT {CHECKPOINT}\n\
         FROM checkpoint\n\
         WHERE tenant_id = $1\n\
         ORDER BY sequence DESC\n\
         LIMIT 1"
    ))
    .bind(scope.tenant);
    let rows = scope.fetch("checkpoint", statement).await?;
    rows.into_iter().next().map(read_checkpoint).transpose()
}

pub(super) async fn checkpoints_after(
    scope: &mut Scope<'_>,
    sequence: i64,
    limit: usize,
) -> Result<Vec<Checkpoint>, Error> {
    let statement = Statement::new(format!(
        "SELECT {CHECKPOINT}\n\
         FROM checkpoint\n\
         WHERE tenant_id = $1 AND sequence > $2\n\
         ORDER BY sequence"
    ))
    .bind(scope.tenant)
    .bind(sequence)
    .limit(limit);
    let rows = scope.fetch("checkpoint", statement).await?;
    rows.into_iter().map(read_checkpoint).collect()
}

pub(super) async fn flush(scope: &mut Scope<'_>, checkpoints: &[Checkpoint]) -> Result<(), Error> {
    let tenant = scope.tenant;
    for chunk in checkpoints.chunks(BINDS_MAX / 6) {
        let statement = Statement::new(
            "INSERT INTO checkpoint\n\
             (tenant_id, sequence, hash, at, key_id, signature)\n\
             VALUES ",
        )
        .joined(chunk, ", ", |statement, checkpoint| {
            statement.tuple([
                Arg::from(tenant),
                Arg::from(checkpoint.sequence),
                Arg::from(&checkpoint.hash),
                Arg::from(checkpoint.at),
                Arg::from(&checkpoint.key.0),
                Arg::Bytes(checkpoint.signature.clone()),
            ])
        })
        .text("\nON CONFLICT DO NOTHING");
        scope.execute(statement).await?;
    }
    Ok(())
}

/// `id` is that of a resource, or of one change.
pub(super) async fn erase(
    scope: &mut Scope<'_>,
    id: ResourceId,
) -> Result<Option<(String, usize)>, Error> {
    let statement = Statement::new(
        "SELECT kind\n\
         FROM change\n\
         WHERE tenant_id = $1 AND (resource = $2 OR id = $2) AND what <> 'erased'\n\
         LIMIT 1",
    )
    .bind(scope.tenant)
    .bind(id);
    let mut rows = scope.fetch("change", statement).await?;
    let Some(row) = rows.first_mut() else {
        return Ok(None);
    };
    let kind = row.text()?;
    let statement = Statement::new(
        "UPDATE change\n\
         SET before = NULL, after = NULL, request = NULL, salt = NULL\n\
         WHERE tenant_id = $1 AND (resource = $2 OR id = $2) AND what <> 'erased'\n \
         AND salt IS NOT NULL",
    )
    .bind(scope.tenant)
    .bind(id);
    let erased = scope.execute(statement).await?;
    Ok(Some((kind, usize::try_from(erased).unwrap_or(usize::MAX))))
}
