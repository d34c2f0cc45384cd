//! What an error of PostgreSQL means for the unit of work that met it.

use crate::{Error, StoreError};

/// SQLSTATE classes: PostgreSQL documentation, appendix A.
pub(super) fn store_error(error: sqlx::Error) -> Error {
    let cause = |error: sqlx::Error| Box::new(error);
    let state = error
        .as_database_error()
        .and_then(sqlx::error::DatabaseError::code)
        .map(std::borrow::Cow::into_owned);
    match (state.as_deref(), &error) {
        // Serialization failure, deadlock; a unique or foreign key that another unit's commit
        // broke between our look and our write: the next attempt sees it.
        // 22012, a division by zero: what a unit ends with did not touch the rows that it was to touch.
        (Some("40001" | "40P01" | "23505" | "23503" | "22012"), _) => {
            StoreError::Conflict(cause(error))
        }
        (Some("53100"), _) => StoreError::Full(cause(error)),
        (Some(state), _) if state.starts_with("08") || state.starts_with("57P") => {
            StoreError::Lost(cause(error))
        }
        (None, sqlx::Error::Io(_) | sqlx::Error::Protocol(_) | sqlx::Error::WorkerCrashed) => {
            StoreError::Lost(cause(error))
        }
        // 25006, read-only: a standby behind a pooler, or a server whose owner stopped writes.
        (Some("25006" | "25P03" | "53300" | "55P03" | "57014"), _)
        | (None, sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Tls(_)) => {
            StoreError::Unavailable(cause(error))
        }
        (Some(_) | None, _) => StoreError::Failed(cause(error)),
    }
    .into()
}
