//! Rows of `resource`: read by id or key, listed, inserted, updated, deleted.

use scim_core::{ResourceId, Version};

use super::statement::{Arg, BINDS_MAX, Dialect, Row, Statement, lock_suffix};
use super::together::Expected;
use super::{Lock, Scope};
use crate::store::{ConnectionId, Stored, Way, WriteSet};
use crate::{Error, StoreError};

macro_rules! columns {
    () => {
        "r.kind, r.id, r.owner, r.version, r.created, r.modified, r.document"
    };
}

pub(super) use columns;

pub(super) const COLUMNS: &str = columns!();
const FOR_UPDATE: &str = "\nFOR UPDATE OF r";

pub(super) fn read(mut row: Row) -> Result<Stored, Error> {
    Ok(Stored {
        kind: row.text()?,
        id: ResourceId::new(row.uuid()?),
        owner: row.maybe_uuid()?.map(ConnectionId),
        version: Version(row.int()?),
        created: row.time()?,
        modified: row.time()?,
        document: row.text()?,
    })
}

pub(super) async fn by_id(
    scope: &mut Scope<'_>,
    kind: &str,
    id: ResourceId,
    lock: Lock,
) -> Result<Option<Stored>, Error> {
    let statement = Statement::new(concat!(
        "SELECT ",
        columns!(),
        "\nFROM resource r\nWHERE r.tenant_id = $1 AND r.id = $2 AND r.kind = $3"
    ))
    .bind(scope.tenant)
    .bind(id)
    .bind(kind)
    .text(lock_suffix(scope.dialect(), lock, FOR_UPDATE));
    let rows = scope.fetch("resource", statement).await?;
    rows.into_iter().next().map(read).transpose()
}

pub(super) async fn by_ids(
    scope: &mut Scope<'_>,
    ids: &[ResourceId],
    lock: Lock,
) -> Result<Vec<Stored>, Error> {
    let mut found = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(BINDS_MAX - 1) {
        // In the order of ids, so that two units never wait for each other crosswise.
        let statement = Statement::new(format!(
            "SELECT {COLUMNS}\n\
             FROM resource r\n\
             WHERE r.tenant_id = $1 AND r.id IN ",
        ))
        .bind(scope.tenant)
        .tuple(chunk.iter().copied().map(Arg::from))
        .text("\nORDER BY r.id")
        .text(lock_suffix(scope.dialect(), lock, FOR_UPDATE));
        for row in scope.fetch("resource", statement).await? {
            found.push(read(row)?);
        }
    }
    Ok(found)
}

/// Each key is two SELECTs of a compound, of which SQLite takes 500.
const KEYS_AT_ONCE: usize = 100;

/// Resources that have any of these keys of their types, in either key table.
///
/// The keys come first, each looked up by its whole index, whatever the planner thinks: on a
/// PostgreSQL without statistics it would rather walk all resources of the type.
pub(super) async fn by_keys(
    scope: &mut Scope<'_>,
    asked: &[(&str, &[(String, String)])],
    lock: Lock,
) -> Result<Vec<Stored>, Error> {
    let mut found: Vec<Stored> = Vec::new();
    let keys = asked.iter().flat_map(|(kind, keys)| {
        let of_kind = keys.iter();
        of_kind.map(move |(attribute, value)| (*kind, attribute.as_str(), value.as_str()))
    });
    let keys: Vec<(&str, &str, &str)> = keys.collect();
    for chunk in keys.chunks(KEYS_AT_ONCE) {
        let tables = ["lookup_key", "unique_key"];
        let lookups = chunk.iter();
        let lookups = lookups.flat_map(|key| tables.map(|table| (table, *key)));
        let statement = match scope.dialect() {
            Dialect::Postgres => Statement::new("WITH found AS MATERIALIZED (\n ")
                .bind(scope.tenant)
                .joined(lookups, "\n UNION ", |statement, (table, key)| {
                    has_key(
                        statement.text("SELECT k.id FROM ").text(table).text(" k"),
                        key,
                    )
                })
                .text(&format!(
                    "\n)\nSELECT {COLUMNS}\n\
                     FROM found f CROSS JOIN resource r\n\
                     WHERE r.tenant_id = $1 AND r.id = f.id\n\
                     ORDER BY r.id"
                ))
                .text(lock_suffix(scope.dialect(), lock, FOR_UPDATE)),
            // The same without a table in between, which costs more than what is found.
            Dialect::Sqlite => Statement::new("").bind(scope.tenant).joined(
                lookups,
                "\nUNION ALL\n",
                |statement, (table, key)| {
                    let statement = statement
                        .text(concat!("SELECT ", columns!(), "\nFROM "))
                        .text(table)
                        .text(" k CROSS JOIN resource r");
                    has_key(statement, key).text(" AND r.tenant_id = $1 AND r.id = k.id")
                },
            ),
        };
        for row in scope.fetch("resource", statement).await? {
            found.push(read(row)?);
        }
    }
    found.sort_by_key(|stored| stored.id);
    found.dedup_by_key(|stored| stored.id);
    Ok(found)
}

fn has_key(statement: Statement, (kind, attribute, value): (&str, &str, &str)) -> Statement {
    statement
        .text("\nWHERE k.tenant_id = $1 AND k.kind = ")
        .arg(kind)
        .text(" AND k.attribute = ")
        .arg(attribute)
        .text(" AND k.value = ")
        .arg(value)
}

/// How a list finds its candidates.
pub(super) enum Candidates {
    /// Every resource of the type.
    All,
    /// The one with this id.
    Id(ResourceId),
    /// Those that have this key, in `unique_key` or `lookup_key`.
    Key {
        table: &'static str,
        attribute: String,
        value: String,
    },
}

pub(super) async fn count(
    scope: &mut Scope<'_>,
    kind: &str,
    owner: Option<ConnectionId>,
) -> Result<usize, Error> {
    let statement = Statement::new(
        "SELECT count(*)\n\
         FROM resource r\n\
         WHERE r.tenant_id = $1 AND r.kind = $2",
    )
    .bind(scope.tenant)
    .bind(kind);
    let mut rows = scope.fetch("resource", owned(statement, owner)).await?;
    let total = rows.first_mut().map_or(Ok(0), Row::int)?;
    Ok(usize::try_from(total).unwrap_or(0))
}

/// How many resources of the type have this key.
pub(super) async fn count_with_key(
    scope: &mut Scope<'_>,
    kind: &str,
    table: &str,
    (attribute, value): (&str, &str),
) -> Result<usize, Error> {
    let statement = Statement::new(format!(
        "SELECT count(*)\n\
         FROM {table} k\n\
         WHERE k.tenant_id = $1 AND k.kind = $2 AND k.attribute = $3 AND k.value = $4"
    ))
    .bind(scope.tenant)
    .bind(kind)
    .bind(attribute)
    .bind(value);
    let mut rows = scope.fetch("lookup_key", statement).await?;
    let total = rows.first_mut().map_or(Ok(0), Row::int)?;
    Ok(usize::try_from(total).unwrap_or(0))
}

/// `count` resources of the type in the order of ids, from this one on or from the first, after
/// passing over `offset`.
pub(super) async fn page(
    scope: &mut Scope<'_>,
    kind: &str,
    owner: Option<ConnectionId>,
    from: Option<ResourceId>,
    offset: usize,
    count: usize,
) -> Result<Vec<Stored>, Error> {
    let statement = Statement::new(format!(
        "SELECT {COLUMNS}\n\
         FROM resource r\n\
         WHERE r.tenant_id = $1 AND r.kind = $2"
    ))
    .bind(scope.tenant)
    .bind(kind);
    let mut statement = owned(statement, owner);
    if let Some(from) = from {
        statement = statement.text(" AND r.id >= ").arg(from);
    }
    let statement = statement
        .text("\nORDER BY r.id")
        .limit(count)
        .text(" OFFSET ")
        .arg(i64::try_from(offset).unwrap_or(i64::MAX));
    let rows = scope.fetch("resource", statement).await?;
    rows.into_iter().map(read).collect()
}

/// The next resources of the type on one side of an id, those next to it first.
pub(super) async fn beside(
    scope: &mut Scope<'_>,
    kind: &str,
    owner: Option<ConnectionId>,
    way: Way,
    from: Option<ResourceId>,
    limit: usize,
) -> Result<Vec<Stored>, Error> {
    candidates(scope, kind, owner, &Candidates::All, (way, from), limit).await
}

/// The next candidates on one side of an id, those next to it first.
///
/// A key comes first, looked up by its whole index, as in [`by_keys`] and for the same reason.
pub(super) async fn candidates(
    scope: &mut Scope<'_>,
    kind: &str,
    owner: Option<ConnectionId>,
    which: &Candidates,
    (way, from): (Way, Option<ResourceId>),
    limit: usize,
) -> Result<Vec<Stored>, Error> {
    let (beyond, order) = match way {
        Way::Forward => (" > ", ""),
        Way::Backward => (" < ", " DESC"),
    };
    let beside = |statement: Statement, column: &str| match from {
        Some(from) => statement.text(&format!(" AND {column}{beyond}")).arg(from),
        None => statement,
    };
    if let (
        Candidates::Key {
            table,
            attribute,
            value,
        },
        Some(owner),
        None,
    ) = (which, owner, from)
        && *table == "unique_key"
    {
        return owned_by_key(scope, kind, owner, attribute, value).await;
    }
    let statement = Statement::new("").bind(scope.tenant).bind(kind);
    let statement = match which {
        Candidates::All | Candidates::Id(_) => statement.text(&format!(
            "SELECT {COLUMNS}\n\
             FROM resource r\n\
             WHERE r.tenant_id = $1 AND r.kind = $2"
        )),
        Candidates::Key {
            table,
            attribute,
            value,
        } => {
            let found = statement
                .text("WITH found AS MATERIALIZED (\n SELECT k.id FROM ")
                .text(table)
                .text(" k\n WHERE k.tenant_id = $1 AND k.kind = $2 AND k.attribute = ")
                .arg(attribute.as_str())
                .text(" AND k.value = ")
                .arg(value.as_str());
            let found = beside(found, "k.id");
            // What another connection owns is passed over later, so that nobody knows here how
            // many are needed.
            let found = match owner {
                None => found.text(&format!("\n ORDER BY k.id{order}")).limit(limit),
                Some(_) => found,
            };
            found.text(&format!(
                "\n)\nSELECT {COLUMNS}\n\
                 FROM found f CROSS JOIN resource r\n\
                 WHERE r.tenant_id = $1 AND r.id = f.id AND r.kind = $2"
            ))
        }
    };
    let statement = owned(statement, owner);
    let statement = match which {
        Candidates::Id(id) => beside(statement.text(" AND r.id = ").arg(*id), "r.id"),
        Candidates::All => beside(statement, "r.id"),
        Candidates::Key { .. } => statement,
    };
    let statement = statement
        .text(&format!("\nORDER BY r.id{order}"))
        .limit(limit);
    let rows = scope.fetch("resource", statement).await?;
    rows.into_iter().map(read).collect()
}

/// The one resource of an owner that has this unique value. The whole key is known, so that no planner
/// has to guess.
async fn owned_by_key(
    scope: &mut Scope<'_>,
    kind: &str,
    owner: ConnectionId,
    attribute: &str,
    value: &str,
) -> Result<Vec<Stored>, Error> {
    let statement = Statement::new(concat!(
        "SELECT ",
        columns!(),
        "\nFROM unique_key k CROSS JOIN resource r\n\
         WHERE k.tenant_id = $1 AND k.kind = $2 AND k.attribute = $3 AND k.value = $4\n \
         AND k.scope = $5 AND r.tenant_id = $1 AND r.id = k.id AND r.kind = $2"
    ))
    .bind(scope.tenant)
    .bind(kind)
    .bind(attribute)
    .bind(value)
    .bind(owner.0);
    let rows = scope.fetch("resource", statement).await?;
    rows.into_iter().map(read).collect()
}

pub(super) fn owned(statement: Statement, owner: Option<ConnectionId>) -> Statement {
    match owner {
        Some(owner) => statement.text(" AND r.owner = ").arg(owner.0),
        None => statement,
    }
}

pub(super) async fn flush(scope: &mut Scope<'_>, writes: &WriteSet) -> Result<(), Error> {
    delete(scope, writes).await?;
    insert(scope, &writes.inserted).await?;
    update(scope, &writes.updated).await
}

async fn delete(scope: &mut Scope<'_>, writes: &WriteSet) -> Result<(), Error> {
    for chunk in writes.deleted.chunks((BINDS_MAX - 1) / 2) {
        let statement = Statement::new(
            "DELETE FROM resource\nWHERE tenant_id = $1 AND (id, version) IN (VALUES ",
        )
        .bind(scope.tenant)
        .joined(chunk, ", ", |statement, (id, version)| {
            statement.tuple([Arg::from(*id), Arg::from(version.0)])
        })
        .text(")");
        let expected = Expected::Rows(chunk.len());
        scope.write("resource", statement, expected).await?;
    }
    Ok(())
}

async fn insert(scope: &mut Scope<'_>, resources: &[Stored]) -> Result<(), Error> {
    for chunk in resources.chunks(BINDS_MAX / 9) {
        let statement = rows(scope, chunk).text("\nON CONFLICT DO NOTHING");
        let expected = Expected::Rows(chunk.len());
        scope.write("resource", statement, expected).await?;
    }
    Ok(())
}

fn rows<'s>(scope: &Scope<'_>, resources: impl IntoIterator<Item = &'s Stored>) -> Statement {
    let tenant = scope.tenant;
    Statement::new(
        "INSERT INTO resource\n\
         (tenant_id, id, kind, owner, version, created, modified, document, display)\n\
         VALUES ",
    )
    .joined(resources, ", ", |statement, stored| {
        statement.tuple([
            Arg::from(tenant),
            Arg::from(stored.id),
            Arg::from(stored.kind.as_str()),
            Arg::from(stored.owner.map(|owner| owner.0)),
            Arg::from(stored.version.0),
            Arg::from(stored.created),
            Arg::from(stored.modified),
            Arg::from(stored.document.as_str()),
            Arg::from(display(stored)),
        ])
    })
}

async fn update(scope: &mut Scope<'_>, resources: &[(Version, Stored)]) -> Result<(), Error> {
    if let [(version, stored)] = resources {
        let statement = update_one(scope, *version, stored);
        let expected = Expected::Rows(1);
        return scope.write("resource", statement, expected).await;
    }
    if scope.dialect() == Dialect::Sqlite {
        return update_in_place(scope, resources).await;
    }
    let tenant = scope.tenant;
    for chunk in resources.chunks(BINDS_MAX / 8) {
        let statement = Statement::new(
            "WITH new (tenant_id, id, version, owner, next, modified, document, display) AS (VALUES ",
        );
        // `$1` is the tenant, which the first row begins with.
        let statement = statement
            .joined(chunk, ", ", |statement, (version, stored)| {
                statement.tuple([
                    Arg::from(tenant),
                    Arg::from(stored.id),
                    Arg::from(version.0),
                    Arg::from(stored.owner.map(|owner| owner.0)),
                    Arg::from(stored.version.0),
                    Arg::from(stored.modified),
                    Arg::from(stored.document.as_str()),
                    Arg::from(display(stored)),
                ])
            })
            .text(
                ")\nUPDATE resource\n\
                 SET owner = new.owner, version = new.next, modified = new.modified,\n \
                 document = new.document, display = new.display\n\
                 FROM new\n\
                 WHERE resource.tenant_id = $1 AND resource.id = new.id AND resource.version = new.version",
            );
        let expected = Expected::Rows(chunk.len());
        scope.write("resource", statement, expected).await?;
    }
    Ok(())
}

/// As rows that are there already, for which SQLite keeps no table in between. None of them can have gone since it
/// was read: nobody else writes meanwhile.
async fn update_in_place(
    scope: &mut Scope<'_>,
    resources: &[(Version, Stored)],
) -> Result<(), Error> {
    for chunk in resources.chunks(BINDS_MAX / 9) {
        let stored = chunk.iter().map(|(_, stored)| stored);
        let statement = rows(scope, stored).text(
            "\nON CONFLICT (tenant_id, id) DO UPDATE\n\
             SET owner = excluded.owner, version = excluded.version, modified = excluded.modified,\n \
             document = excluded.document, display = excluded.display\n\
             WHERE resource.version = excluded.version - 1",
        );
        let expected = Expected::Rows(chunk.len());
        scope.write("resource", statement, expected).await?;
    }
    Ok(())
}

fn update_one(scope: &Scope<'_>, version: Version, stored: &Stored) -> Statement {
    Statement::new(
        "UPDATE resource\n\
         SET owner = $1, version = $2, modified = $3, document = $4, display = $5\n\
         WHERE tenant_id = $6 AND id = $7 AND version = $8",
    )
    .bind(stored.owner.map(|owner| owner.0))
    .bind(stored.version.0)
    .bind(stored.modified)
    .bind(stored.document.as_str())
    .bind(display(stored))
    .bind(scope.tenant)
    .bind(stored.id)
    .bind(version.0)
}

/// What members of groups are shown with.
fn display(stored: &Stored) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct Named {
        #[serde(rename = "displayName")]
        display_name: Option<String>,
    }
    let named: Named = serde_json::from_str(&stored.document).ok()?;
    named.display_name
}

/// Fewer rows than expected: another unit was faster, and this one runs again.
pub(super) fn expect_rows(touched: u64, expected: usize) -> Result<(), Error> {
    if usize::try_from(touched) == Ok(expected) {
        return Ok(());
    }
    let cause = format!("{touched} rows of {expected} were as they had been read");
    Err(StoreError::Conflict(cause.into()).into())
}
