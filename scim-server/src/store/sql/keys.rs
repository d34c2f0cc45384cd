//! Rows of `unique_key` and `lookup_key`.

use super::Scope;
use super::statement::{Arg, BINDS_MAX, Row, Statement};
use super::together::Expected;
use crate::Error;
use crate::store::KeyChanges;
use crate::store::write_set::KeyRow;

pub(super) async fn flush_unique(scope: &mut Scope<'_>, keys: &KeyChanges) -> Result<(), Error> {
    remove(scope, "unique_key", &keys.removed).await?;
    let tenant = scope.tenant;
    // A value that another resource has keeps its row: the count tells.
    // SQLite keeps a table in between for several rows, and none for one.
    if let [(row, value)] = &keys.changed[..] {
        let statement = changed_row(scope, "unique_key", row, value).text(
            " AND scope = $7\n \
             AND NOT EXISTS (\n \
             SELECT 1 FROM unique_key taken\n \
             WHERE taken.tenant_id = $2 AND taken.kind = $3\n \
             AND taken.attribute = $4 AND taken.value = $1\n \
             AND taken.scope = $7)",
        );
        let expected = Expected::Keys(vec![with_value(row, value)]);
        let statement = statement.bind(row.scope);
        scope.write("unique_key", statement, expected).await?;
    }
    for chunk in several(&keys.changed).chunks(BINDS_MAX / 6) {
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
        let expected = Expected::Keys(with_new_values(chunk));
        scope.write("unique_key", statement, expected).await?;
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
        let expected = Expected::Keys(chunk.to_vec());
        scope.write("unique_key", statement, expected).await?;
    }
    Ok(())
}

pub(super) async fn flush_lookup(scope: &mut Scope<'_>, keys: &KeyChanges) -> Result<(), Error> {
    remove(scope, "lookup_key", &keys.removed).await?;
    if let [(row, value)] = &keys.changed[..] {
        let statement = changed_row(scope, "lookup_key", row, value);
        let expected = moved(scope, &keys.changed);
        scope.write("lookup_key", statement, expected).await?;
    }
    for chunk in several(&keys.changed).chunks(BINDS_MAX / 6) {
        let statement = changed_rows(scope, chunk).text(
            ")\nUPDATE lookup_key\n\
             SET value = new.value\n\
             FROM new\n\
             WHERE lookup_key.tenant_id = $1 AND lookup_key.kind = new.kind\n \
             AND lookup_key.attribute = new.attribute AND lookup_key.value = new.old\n \
             AND lookup_key.id = new.id",
        );
        scope
            .write("lookup_key", statement, moved(scope, chunk))
            .await?;
    }
    for chunk in keys.added.chunks(BINDS_MAX / 5) {
        let statement = lookup_rows(scope, chunk);
        let expected = Expected::Rows(chunk.len());
        scope.write("lookup_key", statement, expected).await?;
    }
    Ok(())
}

/// Rows that are changed by one statement, unless it is one row.
fn several<T>(rows: &[T]) -> &[T] {
    if rows.len() == 1 { &[] } else { rows }
}

/// Keys as they will be.
fn with_new_values(changed: &[(KeyRow, String)]) -> Vec<KeyRow> {
    let changed = changed.iter();
    changed.map(|(row, value)| with_value(row, value)).collect()
}

fn with_value(row: &KeyRow, value: &str) -> KeyRow {
    KeyRow {
        value: value.to_owned(),
        ..row.clone()
    }
}

/// One key whose value changes.
fn changed_row(scope: &Scope<'_>, table: &str, row: &KeyRow, value: &str) -> Statement {
    Statement::new(format!(
        "UPDATE {table}\n\
         SET value = $1\n\
         WHERE tenant_id = $2 AND kind = $3 AND attribute = $4 AND value = $5 AND id = $6"
    ))
    .bind(value)
    .bind(scope.tenant)
    .bind(row.kind.as_str())
    .bind(row.attribute.as_str())
    .bind(row.value.as_str())
    .bind(row.id)
}

/// What was stored before its type got the index has no key that could change: then it gets one.
fn moved(scope: &Scope<'_>, changed: &[(KeyRow, String)]) -> Expected {
    let added = lookup_rows(scope, &with_new_values(changed)).text("\nON CONFLICT DO NOTHING");
    Expected::RowsOr(changed.len(), added)
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
        scope.write(table, statement, Expected::Any).await?;
    }
    Ok(())
}

/// Names the first of these values that another resource has. Nothing waits to be sent.
pub(super) async fn taken(scope: &mut Scope<'_>, wanted: &[KeyRow]) -> Error {
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
        let holder = match scope.executor.fetch("unique_key", statement).await {
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
