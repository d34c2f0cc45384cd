//! Rows of `unique_key` and `lookup_key`.

use super::Scope;
use super::resources::expect_rows;
use super::statement::{Arg, BINDS_MAX, Row, Statement};
use crate::Error;
use crate::store::KeyChanges;
use crate::store::write_set::KeyRow;

pub(super) async fn flush_unique(scope: &mut Scope<'_>, keys: &KeyChanges) -> Result<(), Error> {
    remove(scope, "unique_key", &keys.removed).await?;
    let tenant = scope.tenant;
    // A value that another resource has keeps its row: the count tells.
    for chunk in keys.changed.chunks(BINDS_MAX / 6) {
        let statement = changed_rows(scope, chunk).text(
            ")\nUPDATE unique_key\n\
             SET value = new.value\n\
             FROM new\n\
             WHERE unique_key.tenant_id = $1 AND unique_key.kind = new.kind\n \
             AND unique_key.attribute = new.attribute AND unique_key.value = new.old\n \
             AND unique_key.id = new.id\n \
             AND NOT EXISTS (\n \
             SELECT 1 FROM unique_key taken\n \
             WHERE taken.tenant_id = $1 AND taken.kind = new.kind\n \
             AND taken.attribute = new.attribute AND taken.value = new.value\n \
             AND taken.scope = unique_key.scope)",
        );
        if usize::try_from(scope.execute(statement).await?) != Ok(chunk.len()) {
            return Err(taken(scope, &with_new_values(chunk)).await);
        }
    }
    for chunk in keys.added.chunks(BINDS_MAX / 6) {
        let statement = Statement::new(
            "INSERT INTO unique_key\n\
             (tenant_id, kind, attribute, value, scope, id)\n\
             VALUES ",
        )
        .joined(chunk, ", ", |statement, row| {
            statement.tuple([
                Arg::from(tenant),
                Arg::from(row.kind.as_str()),
                Arg::from(row.attribute.as_str()),
                Arg::from(row.value.as_str()),
                Arg::from(row.scope),
                Arg::from(row.id),
            ])
        })
        .text("\nON CONFLICT DO NOTHING");
        if usize::try_from(scope.execute(statement).await?) != Ok(chunk.len()) {
            return Err(taken(scope, chunk).await);
        }
    }
    Ok(())
}

pub(super) async fn flush_lookup(scope: &mut Scope<'_>, keys: &KeyChanges) -> Result<(), Error> {
    remove(scope, "lookup_key", &keys.removed).await?;
    for chunk in keys.changed.chunks(BINDS_MAX / 6) {
        let statement = changed_rows(scope, chunk).text(
            ")\nUPDATE lookup_key\n\
             SET value = new.value\n\
             FROM new\n\
             WHERE lookup_key.tenant_id = $1 AND lookup_key.kind = new.kind\n \
             AND lookup_key.attribute = new.attribute AND lookup_key.value = new.old\n \
             AND lookup_key.id = new.id",
        );
        if usize::try_from(scope.execute(statement).await?) == Ok(chunk.len()) {
            continue;
        }
        // What was stored before its type got the index has no key that could change.
        let added = with_new_values(chunk);
        let statement = lookup_rows(scope, &added).text("\nON CONFLICT DO NOTHING");
        scope.execute(statement).await?;
    }
    for chunk in keys.added.chunks(BINDS_MAX / 5) {
        let statement = lookup_rows(scope, chunk);
        expect_rows(scope.execute(statement).await?, chunk.len())?;
    }
    Ok(())
}

/// Keys as they will be.
fn with_new_values(changed: &[(KeyRow, String)]) -> Vec<KeyRow> {
    let new = |(row, value): &(KeyRow, String)| KeyRow {
        value: value.clone(),
        ..row.clone()
    };
    changed.iter().map(new).collect()
}

fn lookup_rows(scope: &Scope<'_>, rows: &[KeyRow]) -> Statement {
    let tenant = scope.tenant;
    Statement::new(
        "INSERT INTO lookup_key\n\
         (tenant_id, kind, attribute, value, id)\n\
         VALUES ",
    )
    .joined(rows, ", ", |statement, row| {
        statement.tuple([
            Arg::from(tenant),
            Arg::from(row.kind.as_str()),
            Arg::from(row.attribute.as_str()),
            Arg::from(row.value.as_str()),
            Arg::from(row.id),
        ])
    })
}

/// `WITH new (…) AS (VALUES …`, one row per key whose value changes; `$1` is the tenant, which the
/// first row begins with.
fn changed_rows(scope: &Scope<'_>, changed: &[(KeyRow, String)]) -> Statement {
    let tenant = scope.tenant;
    Statement::new("WITH new (tenant_id, kind, attribute, old, value, id) AS (VALUES ").joined(
        changed,
        ", ",
        |statement, (row, value)| {
            statement.tuple([
                Arg::from(tenant),
                Arg::from(row.kind.as_str()),
                Arg::from(row.attribute.as_str()),
                Arg::from(row.value.as_str()),
                Arg::from(value.as_str()),
                Arg::from(row.id),
            ])
        },
    )
}

async fn remove(
    scope: &mut Scope<'_>,
    table: &'static str,
    removed: &[KeyRow],
) -> Result<(), Error> {
    let tenant = scope.tenant;
    for chunk in removed.chunks(BINDS_MAX / 5) {
        // As a table: in a list of values SQLite does not look for the rows by their keys. `$1` is the tenant, which
        // the first row begins with.
        let statement =
            Statement::new("WITH gone (tenant_id, kind, attribute, value, id) AS (VALUES ")
                .joined(chunk, ", ", |statement, row| {
                    statement.tuple([
                        Arg::from(tenant),
                        Arg::from(row.kind.as_str()),
                        Arg::from(row.attribute.as_str()),
                        Arg::from(row.value.as_str()),
                        Arg::from(row.id),
                    ])
                })
                .text(&format!(
                    ")\nDELETE FROM {table}\n\
             WHERE tenant_id = $1 AND (kind, attribute, value, id) IN (\n \
             SELECT gone.kind, gone.attribute, gone.value, gone.id FROM gone)"
                ));
        scope.execute(statement).await?;
    }
    Ok(())
}

/// Names the first of these values that another resource has.
async fn taken(scope: &mut Scope<'_>, wanted: &[KeyRow]) -> Error {
    for row in wanted {
        let statement = Statement::new(
            "SELECT id\n\
             FROM unique_key\n\
             WHERE tenant_id = $1 AND kind = $2 AND attribute = $3 AND value = $4 AND scope = $5",
        )
        .bind(scope.tenant)
        .bind(row.kind.as_str())
        .bind(row.attribute.as_str())
        .bind(row.value.as_str())
        .bind(row.scope);
        let holder = match scope.fetch("unique_key", statement).await {
            Ok(mut rows) => rows.first_mut().map(Row::uuid).transpose(),
            Err(error) => return error,
        };
        match holder {
            Ok(Some(holder)) if holder != row.id.uuid() => {
                return Error::Uniqueness {
                    kind: row.kind.clone(),
                    attribute: row.attribute.clone(),
                    value: row.value.clone(),
                };
            }
            Ok(_) => {}
            Err(error) => return error,
        }
    }
    // Whoever had the value is gone again.
    crate::StoreError::Conflict("a unique value was in use for a moment".into()).into()
}
