//! Rows of `seal`: committed changes in one sequence per tenant, as a hash chain.
//!
//! Only what is committed is seen here, so a change that commits late gets a later number
//! instead of being passed over. The primary key keeps two sealers from giving one number twice.

use jiff::Timestamp;
use uuid::Uuid;

use super::statement::{Arg, Dialect, Statement};
use super::{Numbered, Scope, changes, resources::expect_rows};
use crate::Error;
use crate::audit::link;
use crate::store::{Change, Sealed};

pub(super) async fn lease(
    scope: &mut Scope<'_>,
    name: &str,
    holder: Uuid,
    now: Timestamp,
    until: Timestamp,
) -> Result<bool, Error> {
    let statement = Statement::new(
        "INSERT INTO lease\n\
         (tenant_id, name, holder, until)\n\
         VALUES ($1, $2, $3, $4)\n\
         ON CONFLICT (tenant_id, name) DO UPDATE\n\
         SET holder = excluded.holder, until = excluded.until\n\
         WHERE lease.holder = excluded.holder OR lease.until < $5",
    )
    .bind(scope.tenant)
    .bind(name)
    .bind(holder)
    .bind(until)
    .bind(now);
    Ok(scope.execute(statement).await? == 1)
}

pub(super) async fn seal(scope: &mut Scope<'_>, limit: usize) -> Result<usize, Error> {
    // The oldest of them is said once more: a PostgreSQL without statistics would rather walk over all changes than
    // look each of them up, and so it begins there.
    let statement = Statement::new(format!(
        "SELECT {}\n\
         FROM (\n \
         SELECT u.change_id FROM unsealed u\n \
         WHERE u.tenant_id = $1\n \
         ORDER BY u.change_id",
        changes::COLUMNS
    ))
    .bind(scope.tenant)
    .limit(limit.min(MOST))
    .text(
        ") n\n\
         CROSS JOIN change c\n\
         WHERE c.tenant_id = $1 AND c.id = n.change_id\n \
         AND c.id >= (\n \
         SELECT o.change_id FROM unsealed o\n \
         WHERE o.tenant_id = $1\n \
         ORDER BY o.change_id\n \
         LIMIT 1)\n\
         ORDER BY c.id",
    );
    let unsealed = scope.fetch("change", statement).await?;
    if unsealed.is_empty() {
        return Ok(0);
    }
    let unsealed: Vec<Numbered> = unsealed
        .into_iter()
        .map(|mut row| changes::read(&mut row))
        .collect::<Result<_, _>>()?;
    let last = Last::of(scope).await?;
    number(scope, last, &unsealed).await?;
    let ids = unsealed.iter().map(|(change, _)| Arg::from(change.id));
    let statement = Statement::new("DELETE FROM unsealed\nWHERE tenant_id = $1 AND change_id IN ")
        .bind(scope.tenant)
        .tuple(ids);
    expect_rows(scope.execute(statement).await?, unsealed.len())?;
    Ok(unsealed.len())
}

/// How far the sequence of a tenant has come.
#[derive(Debug, Clone, Copy)]
pub(super) struct Last {
    sequence: i64,
    hash: [u8; 32],
}

impl Last {
    pub(super) async fn of(scope: &mut Scope<'_>) -> Result<Last, Error> {
        let nothing = Last {
            sequence: 0,
            hash: [0; 32],
        };
        Ok(last(scope).await?.map_or(nothing, |last| Last {
            sequence: last.sequence,
            hash: last.hash,
        }))
    }
}

/// Gives these changes the numbers after the last one; the last one of them. Whoever was quicker has the
/// number: then this is a conflict.
pub(super) async fn number(
    scope: &mut Scope<'_>,
    last: Last,
    changes: &[Numbered],
) -> Result<Last, Error> {
    let tenant = scope.tenant;
    let at_once = match scope.dialect() {
        // Statements cost little there, but for those whose text is not known yet.
        Dialect::Sqlite => 32,
        Dialect::Postgres => MOST,
    };
    let Last {
        mut sequence,
        mut hash,
    } = last;
    for chunk in changes.chunks(at_once) {
        let statement = Statement::new(
            "INSERT INTO seal\n\
             (tenant_id, sequence, change_id, hash)\n\
             VALUES ",
        )
        .joined(chunk, ", ", |statement, (change, commitment)| {
            sequence += 1;
            hash = link(&hash, sequence, change, commitment);
            statement.tuple([
                Arg::from(tenant),
                Arg::from(sequence),
                Arg::from(change.id),
                Arg::from(&hash),
            ])
        });
        expect_rows(scope.execute(statement).await?, chunk.len())?;
    }
    Ok(Last { sequence, hash })
}

/// Rows of one statement at four arguments each.
const MOST: usize = super::statement::BINDS_MAX / 4;

pub(super) async fn last(scope: &mut Scope<'_>) -> Result<Option<Sealed>, Error> {
    let statement = Statement::new(
        "SELECT sequence, hash, change_id\n\
         FROM seal\n\
         WHERE tenant_id = $1\n\
         ORDER BY sequence DESC\n\
         LIMIT 1",
    )
    .bind(scope.tenant);
    let mut rows = scope.fetch("seal", statement).await?;
    let Some(row) = rows.first_mut() else {
        return Ok(None);
    };
    Ok(Some(Sealed {
        sequence: row.int()?,
        hash: row.hash()?,
        change_id: row.uuid()?,
    }))
}

pub(super) async fn after(
    scope: &mut Scope<'_>,
    sequence: i64,
    limit: usize,
) -> Result<Vec<(Sealed, Change)>, Error> {
    let statement = Statement::new(format!(
        "SELECT s.sequence, s.hash, {}\n\
         FROM seal s\n\
         JOIN change c ON c.tenant_id = s.tenant_id AND c.id = s.change_id\n\
         WHERE s.tenant_id = $1 AND c.tenant_id = $1 AND s.sequence > $2\n\
         ORDER BY s.sequence",
        changes::COLUMNS
    ))
    .bind(scope.tenant)
    .bind(sequence)
    .limit(limit);
    let mut found = Vec::new();
    for mut row in scope.fetch("seal", statement).await? {
        let (sequence, hash) = (row.int()?, row.hash()?);
        let (change, _) = changes::read(&mut row)?;
        let sealed = Sealed {
            sequence,
            change_id: change.id,
            hash,
        };
        found.push((sealed, change));
    }
    Ok(found)
}

/// Makes every hash of the chain again; the first number whose hash is another one.
pub(super) async fn first_broken_link(scope: &mut Scope<'_>) -> Result<Option<i64>, Error> {
    let (mut last, mut hash) = (0, [0; 32]);
    loop {
        let statement = Statement::new(format!(
            "SELECT s.sequence, s.hash, {}\n\
             FROM seal s\n\
             JOIN change c ON c.tenant_id = s.tenant_id AND c.id = s.change_id\n\
             WHERE s.tenant_id = $1 AND c.tenant_id = $1 AND s.sequence > $2\n\
             ORDER BY s.sequence\n\
             LIMIT 1000",
            changes::COLUMNS
        ))
        .bind(scope.tenant)
        .bind(last);
        let rows = scope.fetch("seal", statement).await?;
        if rows.is_empty() {
            return Ok(None);
        }
        for mut row in rows {
            let (sequence, stored) = (row.int()?, row.hash()?);
            let (change, commitment) = changes::read(&mut row)?;
            hash = link(&hash, sequence, &change, &commitment);
            if hash != stored {
                return Ok(Some(sequence));
            }
            last = sequence;
        }
    }
}
