//! Rows of `idempotency`: keys under which something was done.

use jiff::Timestamp;
use scim_core::ResourceId;

use super::Scope;
use super::resources::expect_rows;
use super::statement::{Arg, BINDS_MAX, Statement};
use crate::Error;
use crate::store::{ConnectionId, DoneOnce};

pub(super) async fn done_once(
    scope: &mut Scope<'_>,
    connection: ConnectionId,
    key: &str,
    since: Timestamp,
) -> Result<Option<DoneOnce>, Error> {
    let statement = Statement::new(
        "SELECT fingerprint, created, resource\n\
         FROM idempotency\n\
         WHERE tenant_id = $1 AND token_id = $2 AND key = $3 AND created > $4",
    )
    .bind(scope.tenant)
    .bind(connection.0)
    .bind(key)
    .bind(since);
    let mut rows = scope.fetch("idempotency", statement).await?;
    let Some(row) = rows.first_mut() else {
        return Ok(None);
    };
    Ok(Some(DoneOnce {
        connection,
        key: key.to_owned(),
        fingerprint: row.hash()?,
        created: row.time()?,
        resource: ResourceId::new(row.uuid()?),
    }))
}

pub(super) async fn flush(scope: &mut Scope<'_>, done: &[DoneOnce]) -> Result<(), Error> {
    let Some(newest) = done.iter().map(|done| done.created).max() else {
        return Ok(());
    };
    let statement = Statement::new(
        "DELETE FROM idempotency\n\
         WHERE tenant_id = $1 AND created <= $2",
    )
    .bind(scope.tenant)
    .bind(newest - DoneOnce::KEPT_FOR);
    scope.execute(statement).await?;
    let tenant = scope.tenant;
    for chunk in done.chunks(BINDS_MAX / 6) {
        let statement = Statement::new(
            "INSERT INTO idempotency\n\
             (tenant_id, token_id, key, fingerprint, created, resource)\n\
             VALUES ",
        )
        .joined(chunk, ", ", |statement, done| {
            statement.tuple([
                Arg::from(tenant),
                Arg::from(done.connection.0),
                Arg::from(done.key.as_str()),
                Arg::from(&done.fingerprint),
                Arg::from(done.created),
                Arg::from(done.resource.uuid()),
            ])
        })
        .text("\nON CONFLICT DO NOTHING");
        expect_rows(scope.execute(statement).await?, chunk.len())?;
    }
    Ok(())
}
