//! Rows of `tenant_key`: secret keys that all processes share.

use super::Scope;
use super::statement::{Arg, BINDS_MAX, Row, Statement};
use crate::Error;

pub(super) async fn by_name(scope: &mut Scope<'_>, name: &str) -> Result<Option<[u8; 32]>, Error> {
    let statement = Statement::new(
        "SELECT secret\n\
         FROM tenant_key\n\
         WHERE tenant_id = $1 AND name = $2",
    )
    .bind(scope.tenant)
    .bind(name);
    let mut rows = scope.fetch("tenant_key", statement).await?;
    rows.first_mut().map(Row::hash).transpose()
}

pub(super) async fn flush(scope: &mut Scope<'_>, keys: &[(String, [u8; 32])]) -> Result<(), Error> {
    let tenant = scope.tenant;
    for chunk in keys.chunks(BINDS_MAX / 3) {
        let statement = Statement::new(
            "INSERT INTO tenant_key\n\
             (tenant_id, name, secret)\n\
             VALUES ",
        )
        .joined(chunk, ", ", |statement, (name, key)| {
            statement.tuple([Arg::from(tenant), Arg::from(name.as_str()), Arg::from(key)])
        })
        .text("\nON CONFLICT DO NOTHING");
        scope.execute(statement).await?;
    }
    Ok(())
}
