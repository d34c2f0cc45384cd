//! Rows of `token` and `token_secret`: connections, and the hashes of their secrets.

use scim_core::{ResourceId, Version};
use uuid::Uuid;

use super::statement::{Arg, BINDS_MAX, Row, Statement, lock_suffix};
use super::{Lock, Scope};
use crate::store::{ConnectionId, PolicyName, Secret, SecretPurpose, Token, TokenKind};
use crate::{Error, StoreError};

/// What [`read`] reads of the table `token t`.
pub(super) const COLUMNS: &str = "t.id, t.kind, t.name, t.created, t.expires, t.revoked,\n\
    t.last_used, t.policy, t.person, t.active, t.scopes, t.networks, t.settings,\n\
    t.version, coalesce(t.modified, t.created)";

pub(super) fn read(row: &mut Row) -> Result<Token, Error> {
    let id = ConnectionId(row.uuid()?);
    let corrupt = |reason| StoreError::Corrupt {
        table: "token",
        row: id.to_string(),
        reason,
    };
    let kind: TokenKind = row.text()?.parse().map_err(corrupt)?;
    Ok(Token {
        id,
        kind,
        name: row.text()?,
        created: row.time()?,
        expires: row.maybe_time()?,
        revoked: row.maybe_time()?,
        last_used: row.maybe_time()?,
        policy: match row.maybe_text()? {
            Some(name) => name.parse().map_err(corrupt)?,
            None => PolicyName::default(),
        },
        person: row.maybe_uuid()?.map(ResourceId::new),
        active: row.int()? != 0,
        scopes: row.maybe_text()?,
        networks: row.maybe_text()?,
        settings: row.maybe_text()?,
        version: Version(row.int()?),
        modified: row.time()?,
    })
}

pub(super) async fn by_hash(
    scope: &mut Scope<'_>,
    hash: &[u8; 32],
) -> Result<Option<(Token, Secret)>, Error> {
    let statement = Statement::new(format!(
        "SELECT {COLUMNS}, s.hash, s.created, s.expires, s.purpose\n\
         FROM token_secret s\n\
         JOIN token t ON t.tenant_id = s.tenant_id AND t.id = s.token_id\n\
         WHERE s.tenant_id = $1 AND t.tenant_id = $1 AND s.hash = $2"
    ))
    .bind(scope.tenant)
    .bind(hash);
    let mut rows = scope.fetch("token", statement).await?;
    let Some(row) = rows.first_mut() else {
        return Ok(None);
    };
    let token = read(row)?;
    let secret = read_secret(token.id, row)?;
    Ok(Some((token, secret)))
}

pub(super) async fn by_id(
    scope: &mut Scope<'_>,
    id: Uuid,
    lock: Lock,
) -> Result<Option<Token>, Error> {
    let statement = Statement::new(format!(
        "SELECT {COLUMNS}\n\
         FROM token t\n\
         WHERE t.tenant_id = $1 AND t.id = $2{}",
        lock_suffix(scope.dialect(), lock, "\nFOR UPDATE OF t")
    ))
    .bind(scope.tenant)
    .bind(id);
    let mut rows = scope.fetch("token", statement).await?;
    rows.first_mut().map(read).transpose()
}

pub(super) async fn all(scope: &mut Scope<'_>) -> Result<Vec<Token>, Error> {
    let statement = Statement::new(format!(
        "SELECT {COLUMNS}\n\
         FROM token t\n\
         WHERE t.tenant_id = $1\n\
         ORDER BY t.id"
    ))
    .bind(scope.tenant);
    let rows = scope.fetch("token", statement).await?;
    rows.into_iter().map(|mut row| read(&mut row)).collect()
}

/// The secrets of a token, oldest first, those rotated out included.
pub(super) async fn secrets(scope: &mut Scope<'_>, token: Uuid) -> Result<Vec<Secret>, Error> {
    let statement = Statement::new(
        "SELECT hash, created, expires, purpose\n\
         FROM token_secret\n\
         WHERE tenant_id = $1 AND token_id = $2\n\
         ORDER BY created, hash",
    )
    .bind(scope.tenant)
    .bind(token);
    let rows = scope.fetch("token_secret", statement).await?;
    let token = ConnectionId(token);
    rows.into_iter()
        .map(|mut row| read_secret(token, &mut row))
        .collect()
}

fn read_secret(token: ConnectionId, row: &mut Row) -> Result<Secret, Error> {
    Ok(Secret {
        token,
        hash: row.hash()?,
        created: row.time()?,
        expires: row.maybe_time()?,
        purpose: match row.maybe_text()? {
            Some(word) => word.parse().map_err(|reason| StoreError::Corrupt {
                table: "token_secret",
                row: format!("of the token {token}"),
                reason,
            })?,
            None => SecretPurpose::Connection,
        },
    })
}

pub(super) async fn flush_tokens(scope: &mut Scope<'_>, tokens: &[Token]) -> Result<(), Error> {
    let tenant = scope.tenant;
    for chunk in tokens.chunks(BINDS_MAX / 16) {
        let statement = Statement::new(
            "INSERT INTO token\n\
             (tenant_id, id, kind, name, created, expires, revoked, last_used, policy, person,\n \
             active, scopes, networks, settings, version, modified)\n\
             VALUES ",
        )
        .joined(chunk, ", ", |statement, token| {
            statement.tuple([
                Arg::from(tenant),
                Arg::from(token.id.0),
                Arg::from(token.kind.as_str()),
                Arg::from(token.name.as_str()),
                Arg::from(token.created),
                Arg::from(token.expires),
                Arg::from(token.revoked),
                Arg::from(token.last_used),
                Arg::from(token.policy.as_str()),
                Arg::from(token.person.map(ResourceId::uuid)),
                Arg::from(i64::from(token.active)),
                Arg::from(token.scopes.clone()),
                Arg::from(token.networks.clone()),
                Arg::from(token.settings.clone()),
                Arg::from(token.version.0),
                Arg::from(token.modified),
            ])
        })
        .text(
            "\nON CONFLICT (tenant_id, id) DO UPDATE\n\
             SET name = excluded.name, policy = excluded.policy, expires = excluded.expires,\n \
             revoked = coalesce(token.revoked, excluded.revoked),\n \
             last_used = coalesce(excluded.last_used, token.last_used),\n \
             active = excluded.active, scopes = excluded.scopes,\n \
             networks = excluded.networks, settings = excluded.settings,\n \
             version = excluded.version, modified = excluded.modified",
        );
        scope.execute(statement).await?;
    }
    Ok(())
}

pub(super) async fn flush_secrets(scope: &mut Scope<'_>, secrets: &[Secret]) -> Result<(), Error> {
    let tenant = scope.tenant;
    for chunk in secrets.chunks(BINDS_MAX / 6) {
        let statement = Statement::new(
            "INSERT INTO token_secret\n\
             (tenant_id, hash, token_id, created, expires, purpose)\n\
             VALUES ",
        )
        .joined(chunk, ", ", |statement, secret| {
            statement.tuple([
                Arg::from(tenant),
                Arg::from(&secret.hash),
                Arg::from(secret.token.0),
                Arg::from(secret.created),
                Arg::from(secret.expires),
                Arg::from(secret.purpose.as_str()),
            ])
        })
        .text(
            "\nON CONFLICT (tenant_id, hash) DO UPDATE\n\
             SET expires = excluded.expires",
        );
        scope.execute(statement).await?;
    }
    Ok(())
}

/// Removes secrets, which either table that has some knows by their hashes.
pub(super) async fn remove_secrets(
    scope: &mut Scope<'_>,
    table: &'static str,
    hashes: &[[u8; 32]],
) -> Result<(), Error> {
    for chunk in hashes.chunks(BINDS_MAX - 1) {
        let statement = Statement::new(format!("DELETE FROM {table}\nWHERE tenant_id = "))
            .arg(scope.tenant)
            .text(" AND hash IN (")
            .joined(chunk, ", ", Statement::arg)
            .text(")");
        scope.execute(statement).await?;
    }
    Ok(())
}
