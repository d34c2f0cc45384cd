//! How a statement is run on PostgreSQL, and its rows are read.

use async_trait::async_trait;
use sqlx::postgres::{PgArguments, PgConnection, PgRow};
use sqlx::{Arguments as _, AssertSqlSafe, Column as _, Row as _, TypeInfo as _};
use uuid::Uuid;

use super::super::Cost;
use super::super::statement::{Arg, Dialect, Executor, Row, Statement, Value};
use super::error::store_error;
use crate::{Error, StoreError};

/// Counts and runs the statements of one connection.
pub(super) struct PgExecutor<'c> {
    pub(super) connection: &'c mut PgConnection,
    pub(super) cost: &'c Cost,
}

#[async_trait]
impl Executor for PgExecutor<'_> {
    fn dialect(&self) -> Dialect {
        Dialect::Postgres
    }

    async fn fetch(
        &mut self,
        table: &'static str,
        statement: Statement,
    ) -> Result<Vec<Row>, Error> {
        self.cost.note(&statement.text);
        let args = arguments(statement.args)?;
        let rows = sqlx::query_with(AssertSqlSafe(statement.text), args)
            .fetch_all(&mut *self.connection)
            .await
            .map_err(store_error)?;
        rows.iter()
            .map(|row| Ok(Row::new(table, values(row)?)))
            .collect()
    }

    async fn execute(&mut self, statement: Statement) -> Result<u64, Error> {
        self.cost.note(&statement.text);
        let args = arguments(statement.args)?;
        let done = sqlx::query_with(AssertSqlSafe(statement.text), args)
            .execute(&mut *self.connection)
            .await
            .map_err(store_error)?;
        Ok(done.rows_affected())
    }
}

fn arguments(args: Vec<Arg>) -> Result<PgArguments, Error> {
    let mut arguments = PgArguments::default();
    for arg in args {
        match arg {
            Arg::Int(value) => arguments.add(value),
            Arg::Text(value) => arguments.add(value),
            Arg::Uuid(value) => arguments.add(value),
            Arg::Bytes(value) => arguments.add(value),
        }
        .map_err(StoreError::Failed)?;
    }
    Ok(arguments)
}

fn values(row: &PgRow) -> Result<Vec<Value>, Error> {
    row.columns()
        .iter()
        .map(|column| {
            let place = column.ordinal();
            let value = match column.type_info().name() {
                "INT8" => row
                    .try_get::<Option<i64>, _>(place)
                    .map(|v| v.map(Value::Int)),
                "INT4" => row
                    .try_get::<Option<i32>, _>(place)
                    .map(|v| v.map(|v| Value::Int(v.into()))),
                "UUID" => row
                    .try_get::<Option<Uuid>, _>(place)
                    .map(|v| v.map(Value::Uuid)),
                "BYTEA" => row
                    .try_get::<Option<Vec<u8>>, _>(place)
                    .map(|v| v.map(Value::Bytes)),
                _ => row
                    .try_get::<Option<String>, _>(place)
                    .map(|v| v.map(Value::Text)),
            };
            Ok(value.map_err(store_error)?.unwrap_or(Value::Null))
        })
        .collect()
}
