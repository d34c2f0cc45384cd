//! A connection to SQLite, and how it runs our statements.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode, StatementStatus};
use uuid::Uuid;

use crate::store::sql::Cost;
use crate::store::sql::statement::{Arg, Dialect, Executor, Row, Statement, Value};
use crate::{Error, StoreError};

const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
const STATEMENTS_CACHED: usize = 128;

/// A connection that runs our statements.
pub(super) struct SqliteExecutor {
    pub(super) connection: Connection,
    pub(super) cost: Arc<Cost>,
}

impl SqliteExecutor {
    pub(super) fn batch(&self, text: &'static str) -> Result<(), Error> {
        // Cached like every other statement: BEGIN and COMMIT run all the time.
        let mut prepared = self.connection.prepare_cached(text).map_err(store_error)?;
        prepared.execute([]).map_err(store_error)?;
        Ok(())
    }

    pub(super) fn run(
        &mut self,
        table: &'static str,
        statement: &Statement,
    ) -> Result<(u64, Vec<Row>), Error> {
        let mut prepared = self
            .connection
            .prepare_cached(&statement.text)
            .map_err(store_error)?;
        for (place, arg) in statement.args.iter().enumerate() {
            let place = place + 1;
            debug_assert_eq!(
                prepared.parameter_name(place),
                Some(format!("${place}").as_str()),
                "SQLite counts parameters as they come: {}",
                statement.text
            );
            match arg {
                Arg::Int(value) => prepared.raw_bind_parameter(place, value),
                Arg::Text(value) => prepared.raw_bind_parameter(place, value.as_deref()),
                Arg::Tenant(value) => prepared.raw_bind_parameter(place, value.as_str()),
                Arg::Uuid(value) => {
                    let bytes = value.as_ref().map(|id| id.as_bytes().as_slice());
                    prepared.raw_bind_parameter(place, bytes)
                }
                Arg::Bytes(value) => prepared.raw_bind_parameter(place, value.as_slice()),
            }
            .map_err(store_error)?;
        }
        let columns = prepared.column_count();
        let mut found = Vec::new();
        let touched = if columns == 0 {
            prepared.raw_execute().map_err(store_error)?
        } else {
            let mut rows = prepared.raw_query();
            while let Some(row) = rows.next().map_err(store_error)? {
                let mut values = Vec::with_capacity(columns);
                for column in 0..columns {
                    values.push(value(row.get_ref(column).map_err(store_error)?));
                }
                found.push(Row::new(table, values));
            }
            0
        };
        let steps = prepared.reset_status(StatementStatus::VmStep);
        self.cost.count(u64::try_from(steps).unwrap_or(0));
        Ok((touched as u64, found))
    }
}

fn value(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(value) => Value::Int(value),
        ValueRef::Text(bytes) => Value::Text(text(bytes)),
        // Most of them are ids, which need no memory of their own.
        ValueRef::Blob(bytes) => match Uuid::from_slice(bytes) {
            Ok(id) => Value::Uuid(id),
            Err(_) => Value::Bytes(bytes.to_vec()),
        },
        // STRICT tables without a REAL column never give one.
        ValueRef::Real(value) => Value::Text(value.to_string()),
    }
}

/// Checked in one go; only what is no UTF-8 after all is mended.
fn text(bytes: &[u8]) -> String {
    match str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => String::from_utf8_lossy(bytes).into_owned(),
    }
}

#[async_trait]
impl Executor for SqliteExecutor {
    fn dialect(&self) -> Dialect {
        Dialect::Sqlite
    }

    async fn fetch(
        &mut self,
        table: &'static str,
        statement: Statement,
    ) -> Result<Vec<Row>, Error> {
        Ok(self.run(table, &statement)?.1)
    }

    async fn execute(&mut self, statement: Statement) -> Result<u64, Error> {
        Ok(self.run("", &statement)?.0)
    }

    async fn execute_all(&mut self, statements: Vec<Statement>) -> Result<Vec<u64>, Error> {
        let mut statements = statements.iter();
        statements.try_fold(Vec::new(), |mut touched, statement| {
            touched.push(self.run("", statement)?.0);
            Ok(touched)
        })
    }
}

pub(super) fn connect(path: &str) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.execute_batch(
        "PRAGMA journal_mode = WAL;
         PRAGMA synchronous = FULL;
         PRAGMA foreign_keys = ON;
         PRAGMA trusted_schema = OFF;
         PRAGMA temp_store = MEMORY;
         PRAGMA cell_size_check = ON;
         PRAGMA mmap_size = 0;
         PRAGMA cache_size = -16384;",
    )?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_CACHED);
    Ok(connection)
}

pub(super) fn store_error(error: rusqlite::Error) -> Error {
    let cause = |error: rusqlite::Error| Box::new(error);
    match error.sqlite_error_code() {
        Some(ErrorCode::ConstraintViolation) => StoreError::Conflict(cause(error)),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            StoreError::Unavailable(cause(error))
        }
        Some(ErrorCode::DiskFull | ErrorCode::ReadOnly | ErrorCode::SystemIoFailure) => {
            StoreError::Full(cause(error))
        }
        _ => StoreError::Failed(cause(error)),
    }
    .into()
}
