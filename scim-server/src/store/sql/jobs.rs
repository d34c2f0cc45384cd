//! Rows of `job`: work for later, claimed in two steps with a lease.

use jiff::Timestamp;
use uuid::Uuid;

use super::Scope;
use super::statement::{Arg, BINDS_MAX, Row, Statement};
use super::together::Expected;
use crate::Error;
use crate::store::Job;

fn read(row: &mut Row) -> Result<Job, Error> {
    Ok(Job {
        id: row.uuid()?,
        queue: row.text()?,
        due: row.time()?,
        attempts: row.int()?,
        payload: row.text()?,
    })
}

pub(super) async fn claim(
    scope: &mut Scope<'_>,
    queue: &str,
    now: Timestamp,
    until: Timestamp,
    limit: usize,
) -> Result<Vec<Job>, Error> {
    let statement = Statement::new(
        "SELECT id, queue, due, attempts, payload\n\
         FROM job\n\
         WHERE tenant_id = $1 AND queue = $2 AND due <= $3 AND lease < $3\n\
         ORDER BY due, id",
    )
    .bind(scope.tenant)
    .bind(queue)
    .bind(now)
    .limit(limit);
    let mut claimed = Vec::new();
    for mut row in scope.fetch("job", statement).await? {
        let mut job = read(&mut row)?;
        let statement = Statement::new(
            "WITH claim (tenant_id, id, attempts, lease) AS (VALUES ($1, $2, $3, $4))\n\
             UPDATE job\n\
             SET lease = claim.lease, attempts = job.attempts + 1\n\
             FROM claim\n\
             WHERE job.tenant_id = $1 AND job.id = claim.id AND job.attempts = claim.attempts",
        )
        .bind(scope.tenant)
        .bind(job.id)
        .bind(job.attempts)
        .bind(until);
        // Zero rows: another worker was faster.
        if scope.execute(statement).await? == 1 {
            job.attempts += 1;
            claimed.push(job);
        }
    }
    Ok(claimed)
}

pub(super) async fn finish(scope: &mut Scope<'_>, id: Uuid, attempts: i64) -> Result<bool, Error> {
    let statement = Statement::new(
        "DELETE FROM job\n\
         WHERE tenant_id = $1 AND id = $2 AND attempts = $3",
    )
    .bind(scope.tenant)
    .bind(id)
    .bind(attempts);
    Ok(scope.execute(statement).await? == 1)
}

pub(super) async fn flush(scope: &mut Scope<'_>, jobs: &[Job]) -> Result<(), Error> {
    for chunk in jobs.chunks(BINDS_MAX / 7) {
        let statement = new_rows(scope, chunk);
        let expected = Expected::Rows(chunk.len());
        scope.write("job", statement, expected).await?;
    }
    Ok(())
}

/// Those that wait already stay as they are.
pub(super) async fn flush_once(scope: &mut Scope<'_>, jobs: &[Job]) -> Result<(), Error> {
    for chunk in jobs.chunks(BINDS_MAX / 7) {
        let statement = new_rows(scope, chunk);
        scope.write("job", statement, Expected::Any).await?;
    }
    Ok(())
}

fn new_rows(scope: &Scope<'_>, jobs: &[Job]) -> Statement {
    let tenant = scope.tenant;
    Statement::new(
        "INSERT INTO job\n\
         (tenant_id, id, queue, due, lease, attempts, payload)\n\
         VALUES ",
    )
    .joined(jobs, ", ", |statement, job| {
        statement.tuple([
            Arg::from(tenant),
            Arg::from(job.id),
            Arg::from(job.queue.as_str()),
            Arg::from(job.due),
            Arg::from(0),
            Arg::from(job.attempts),
            Arg::from(job.payload.as_str()),
        ])
    })
    .text("\nON CONFLICT DO NOTHING")
}
