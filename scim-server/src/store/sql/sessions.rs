//! Rows of `session`: who has signed in.

use scim_core::ResourceId;

use super::statement::{Arg, BINDS_MAX, Row, Statement};
use super::{Scope, tokens};
use crate::Error;
use crate::store::{Session, WriteSet};

pub(super) async fn by_hash(
    scope: &mut Scope<'_>,
    hash: &[u8; 32],
) -> Result<Option<Session>, Error> {
    let statement = Statement::new(
        "SELECT hash, person, name, how, created, expires\n\
         FROM session\n\
         WHERE tenant_id = $1 AND hash = $2",
    )
    .bind(scope.tenant)
    .bind(hash);
    let mut rows = scope.fetch("session", statement).await?;
    rows.first_mut().map(read).transpose()
}

pub(super) async fn of_person(
    scope: &mut Scope<'_>,
    person: ResourceId,
) -> Result<Vec<Session>, Error> {
    let statement = Statement::new(
        "SELECT hash, person, name, how, created, expires\n\
         FROM session\n\
         WHERE tenant_id = $1 AND person = $2\n\
         ORDER BY created, hash",
    )
    .bind(scope.tenant)
    .bind(person);
    let rows = scope.fetch("session", statement).await?;
    rows.into_iter().map(|mut row| read(&mut row)).collect()
}

fn read(row: &mut Row) -> Result<Session, Error> {
    Ok(Session {
        hash: row.hash()?,
        person: ResourceId::new(row.uuid()?),
        name: row.text()?,
        how: row.text()?,
        created: row.time()?,
        expires: row.time()?,
    })
}

/// Ends before it begins: what ends here is older.
pub(super) async fn flush(scope: &mut Scope<'_>, writes: &WriteSet) -> Result<(), Error> {
    tokens::remove_secrets(scope, "session", &writes.sessions_removed).await?;
    for chunk in writes.sessions_ended.chunks(BINDS_MAX - 1) {
        let statement = Statement::new(
            "DELETE FROM session\n\
             WHERE tenant_id = $1 AND person IN ",
        )
        .bind(scope.tenant)
        .tuple(chunk.iter().copied().map(Arg::from));
        scope.execute(statement).await?;
    }
    begin(scope, &writes.sessions).await
}

async fn begin(scope: &mut Scope<'_>, sessions: &[Session]) -> Result<(), Error> {
    let Some(newest) = sessions.iter().map(|session| session.created).max() else {
        return Ok(());
    };
    let statement = Statement::new(
        "DELETE FROM session\n\
         WHERE tenant_id = $1 AND expires <= $2",
    )
    .bind(scope.tenant)
    .bind(newest);
    scope.execute(statement).await?;
    let tenant = scope.tenant;
    for chunk in sessions.chunks(BINDS_MAX / 7) {
        let statement = Statement::new(
            "INSERT INTO session\n\
             (tenant_id, hash, person, name, how, created, expires)\n\
             VALUES ",
        )
        .joined(chunk, ", ", |statement, session| {
            statement.tuple([
                Arg::from(tenant),
                Arg::from(&session.hash),
                Arg::from(session.person),
                Arg::from(session.name.as_str()),
                Arg::from(session.how.as_str()),
                Arg::from(session.created),
                Arg::from(session.expires),
            ])
        })
        .text("\nON CONFLICT DO NOTHING");
        scope.execute(statement).await?;
    }
    Ok(())
}
