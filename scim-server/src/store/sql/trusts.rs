//! Rows of `trust`: whose JWTs a connection takes for its own.

use uuid::Uuid;

use super::statement::{Arg, BINDS_MAX, Row, Statement};
use super::{Scope, tokens};
use crate::store::{Token, Trust, TrustedKeys};
use crate::{Error, StoreError};

pub(super) async fn of_issuer(
    scope: &mut Scope<'_>,
    issuer: Option<&str>,
) -> Result<Vec<(Token, Trust)>, Error> {
    let columns = tokens::COLUMNS;
    let mut statement = Statement::new(format!(
        "SELECT {columns}, u.issuer, u.audience, u.subject, u.claims, u.jwks_url, u.jwks,\n\
         u.created\n\
         FROM trust u\n\
         JOIN token t ON t.tenant_id = u.tenant_id AND t.id = u.token_id\n\
         WHERE u.tenant_id = $1 AND t.tenant_id = $1"
    ))
    .bind(scope.tenant);
    if let Some(issuer) = issuer {
        statement = statement.text(" AND u.issuer = ").arg(issuer);
    }
    let statement = statement.text("\nORDER BY u.token_id");
    let rows = scope.fetch("trust", statement).await?;
    rows.into_iter().map(|mut row| read(&mut row)).collect()
}

fn read(row: &mut Row) -> Result<(Token, Trust), Error> {
    let token = tokens::read(row)?;
    let corrupt = |reason: String| StoreError::Corrupt {
        table: "trust",
        row: format!("of the token {}", token.id),
        reason,
    };
    let (issuer, audience, subject) = (row.text()?, row.text()?, row.text()?);
    let claims = row.text()?;
    let claims = serde_json::from_str(&claims).map_err(|error| corrupt(error.to_string()))?;
    let keys = match (row.maybe_text()?, row.maybe_text()?) {
        (Some(url), None) => TrustedKeys::Url(url),
        (None, Some(document)) => TrustedKeys::Document(document),
        _ => return Err(corrupt("one of jwks_url and jwks is needed".to_owned()).into()),
    };
    let trust = Trust {
        token: token.id,
        issuer,
        audience,
        subject,
        claims,
        keys,
        created: row.time()?,
    };
    Ok((token, trust))
}

/// Removes trusts, then writes others: what goes and comes in one unit comes.
pub(super) async fn flush(
    scope: &mut Scope<'_>,
    trusts: &[Trust],
    removed: &[Uuid],
) -> Result<(), Error> {
    for chunk in removed.chunks(BINDS_MAX - 1) {
        let statement = Statement::new(
            "DELETE FROM trust\n\
             WHERE tenant_id = ",
        )
        .arg(scope.tenant)
        .text(" AND token_id IN (")
        .joined(chunk, ", ", |statement, token| statement.arg(*token))
        .text(")");
        scope.execute(statement).await?;
    }
    for chunk in trusts.chunks(BINDS_MAX / 9) {
        let tenant = scope.tenant;
        let statement = Statement::new(
            "INSERT INTO trust\n\
             (tenant_id, token_id, issuer, audience, subject, claims, jwks_url, jwks, created)\n\
             VALUES ",
        )
        .joined(chunk, ", ", |statement, trust| {
            let (url, document) = match &trust.keys {
                TrustedKeys::Url(url) => (Some(url.clone()), None),
                TrustedKeys::Document(document) => (None, Some(document.clone())),
            };
            // A map with text for keys and values always becomes JSON.
            let claims = serde_json::to_string(&trust.claims).unwrap_or_default();
            statement.tuple([
                Arg::from(tenant),
                Arg::from(trust.token.0),
                Arg::from(trust.issuer.as_str()),
                Arg::from(trust.audience.as_str()),
                Arg::from(trust.subject.as_str()),
                Arg::from(claims.as_str()),
                Arg::from(url),
                Arg::from(document),
                Arg::from(trust.created),
            ])
        })
        .text(
            "\nON CONFLICT (tenant_id, token_id) DO UPDATE\n\
             SET issuer = excluded.issuer, audience = excluded.audience,\n \
             subject = excluded.subject, claims = excluded.claims,\n \
             jwks_url = excluded.jwks_url, jwks = excluded.jwks, created = excluded.created",
        );
        scope.execute(statement).await?;
    }
    Ok(())
}
