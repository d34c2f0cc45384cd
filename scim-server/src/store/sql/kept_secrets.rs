//! Rows of `kept_secret`: secrets of resources, which go with them.

use scim_core::ResourceId;

use super::Scope;
use super::statement::{Arg, BINDS_MAX, Statement};
use crate::Error;
use crate::store::KeptSecret;

pub(super) async fn by_name(
    scope: &mut Scope<'_>,
    resource: ResourceId,
    name: &str,
) -> Result<Option<Vec<u8>>, Error> {
    let statement = Statement::new(
        "SELECT value\n\
         FROM kept_secret\n\
         WHERE tenant_id = $1 AND resource_id = $2 AND name = $3",
    )
    .bind(scope.tenant)
    .bind(resource)
    .bind(name);
    let mut rows = scope.fetch("kept_secret", statement).await?;
    match rows.first_mut() {
        Some(row) => row.maybe_bytes(),
        None => Ok(None),
    }
}

pub(super) async fn flush(scope: &mut Scope<'_>, kept: &[KeptSecret]) -> Result<(), Error> {
    let tenant = scope.tenant;
    for gone in kept.iter().filter(|kept| kept.value.is_none()) {
        let statement = Statement::new(
            "DELETE FROM kept_secret\n\
             WHERE tenant_id = $1 AND resource_id = $2 AND name = $3",
        )
        .bind(tenant)
        .bind(gone.resource)
        .bind(gone.name.as_str());
        scope.execute(statement).await?;
    }
    let values = kept
        .iter()
        .filter_map(|kept| Some((kept, kept.value.as_deref()?)));
    let values: Vec<(&KeptSecret, &[u8])> = values.collect();
    for chunk in values.chunks(BINDS_MAX / 4) {
        let statement = Statement::new(
            "INSERT INTO kept_secret\n\
             (tenant_id, resource_id, name, value)\n\
             VALUES ",
        )
        .joined(chunk, ", ", |statement, (kept, value)| {
            statement.tuple([
                Arg::from(tenant),
                Arg::from(kept.resource),
                Arg::from(kept.name.as_str()),
                Arg::Bytes(value.to_vec()),
            ])
        })
        .text(
            "\nON CONFLICT (tenant_id, resource_id, name) DO UPDATE\n\
             SET value = excluded.value",
        );
        scope.execute(statement).await?;
    }
    Ok(())
}
