//! How a statement is run on PostgreSQL, and its rows are read.

use async_trait::async_trait;
use sqlx::postgres::{PgArguments, PgConnection, PgRow};
use sqlx::{
    Arguments as _, AssertSqlSafe, Column as _, Connection as _, Postgres, Row as _, Transaction,
    TypeInfo as _,
};
use uuid::Uuid;

use super::super::Cost;
use super::super::statement::{Arg, Dialect, Executor, Row, Statement, Value, renumber};
use super::error::store_error;
use crate::{Error, StoreError};

/// Counts and runs the statements of one connection.
pub(super) struct PgExecutor<'c> {
    session: Session<'c>,
    cost: &'c Cost,
    /// Were the last statements of the unit sent, and are they committed if they arrive?
    committing: bool,
}

/// What statements run in.
enum Session<'c> {
    /// Each is a transaction of its own.
    Plain(&'c mut PgConnection),
    /// So is each that only reads; the first one that locks or writes begins a transaction.
    Before(&'c mut PgConnection),
    /// A transaction.
    Within(Transaction<'c, Postgres>),
    /// It could not begin.
    Broken,
}

impl<'c> PgExecutor<'c> {
    /// For statements that need no transaction.
    pub(super) fn plain(connection: &'c mut PgConnection, cost: &'c Cost) -> PgExecutor<'c> {
        PgExecutor {
            session: Session::Plain(connection),
            cost,
            committing: false,
        }
    }

    /// For a unit that writes, which has a transaction from when it needs one. A unit that has locked nothing and
    /// writes once, at its end, needs none: what it writes is one statement.
    pub(super) fn writing(connection: &'c mut PgConnection, cost: &'c Cost) -> PgExecutor<'c> {
        PgExecutor {
            session: Session::Before(connection),
            cost,
            committing: false,
        }
    }

    pub(super) async fn begin(&mut self) -> Result<(), Error> {
        self.session = match std::mem::replace(&mut self.session, Session::Broken) {
            Session::Before(connection) => {
                self.cost.wait();
                Session::Within(connection.begin().await.map_err(store_error)?)
            }
            session => session,
        };
        Ok(())
    }

    /// Were the last statements of the unit sent, and are they committed if they arrive?
    pub(super) fn is_committing(&self) -> bool {
        self.committing
    }

    /// The transaction that has begun.
    pub(super) fn into_transaction(self) -> Option<Transaction<'c, Postgres>> {
        match self.session {
            Session::Within(transaction) => Some(transaction),
            Session::Plain(_) | Session::Before(_) | Session::Broken => None,
        }
    }

    fn connection(&mut self) -> Result<&mut PgConnection, Error> {
        match &mut self.session {
            Session::Plain(connection) | Session::Before(connection) => Ok(connection),
            Session::Within(transaction) => Ok(transaction),
            Session::Broken => Err(StoreError::Lost("no transaction could begin".into()).into()),
        }
    }

    async fn rows(&mut self, statement: Statement) -> Result<Vec<PgRow>, Error> {
        self.cost.note(&statement);
        let args = arguments(statement.args)?;
        sqlx::query_with(AssertSqlSafe(statement.text), args)
            .fetch_all(self.connection()?)
            .await
            .map_err(store_error)
    }
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
        if !only_reads(&statement.text) {
            self.begin().await?;
        }
        let rows = self.rows(statement).await?;
        rows.iter()
            .map(|row| Ok(Row::new(table, values(row)?)))
            .collect()
    }

    async fn execute(&mut self, statement: Statement) -> Result<u64, Error> {
        self.begin().await?;
        self.cost.note(&statement);
        let args = arguments(statement.args)?;
        let done = sqlx::query_with(AssertSqlSafe(statement.text), args)
            .execute(self.connection()?)
            .await
            .map_err(store_error)?;
        Ok(done.rows_affected())
    }

    async fn execute_all(&mut self, statements: Vec<Statement>) -> Result<Vec<u64>, Error> {
        self.begin().await?;
        let statements = match <[Statement; 1]>::try_from(statements) {
            Ok([one]) => return Ok(vec![self.execute(one).await?]),
            Err(several) => several,
        };
        self.counted(&statements, all_of(&statements)).await
    }

    async fn execute_last(
        &mut self,
        statements: Vec<Statement>,
        expected: &[Option<usize>],
    ) -> Result<Vec<u64>, Error> {
        if !matches!(self.session, Session::Before(_)) {
            return self.execute_all(statements).await;
        }
        self.committing = true;
        let statement = if_as_expected(all_of(&statements), expected);
        self.counted(&statements, statement).await
    }
}

impl PgExecutor<'_> {
    /// Runs one statement of several, as [`all_of`] makes it.
    async fn counted(
        &mut self,
        parts: &[Statement],
        statement: Statement,
    ) -> Result<Vec<u64>, Error> {
        (1..parts.len()).for_each(|_| self.cost.count(0));
        let rows = self.rows(statement).await?;
        let row = rows.first();
        let row = row.ok_or_else(|| StoreError::Failed("nothing was counted".into()))?;
        let count = |place| row.try_get::<i64, _>(place).map_err(store_error);
        let counts = (0..parts.len()).map(|place| Ok(u64::try_from(count(place)?).unwrap_or(0)));
        counts.collect()
    }
}

/// Does a statement neither lock nor change anything?
fn only_reads(text: &str) -> bool {
    let changes = ["FOR UPDATE", "INSERT INTO", "UPDATE ", "DELETE FROM"];
    !changes.iter().any(|words| text.contains(words))
}

/// Each part counts what it touches; unless that is what is expected, the statement fails, and with it everything
/// that it would have written.
fn if_as_expected(statement: Statement, expected: &[Option<usize>]) -> Statement {
    let counts = expected.iter().enumerate();
    let counts = counts.filter_map(|(place, rows)| rows.map(|rows| (place, rows)));
    let statement = statement.text(",\n1 / CASE WHEN TRUE");
    let statement = counts.fold(statement, |statement, (place, rows)| {
        let count = format!("\nAND (SELECT count(*) FROM part_{place}) = ");
        let rows = i64::try_from(rows).unwrap_or(i64::MAX);
        statement.text(&count).arg(rows)
    });
    statement.text("\nTHEN 1 ELSE 0 END")
}

/// One statement of several, which answers how many rows each of them touched.
fn all_of(statements: &[Statement]) -> Statement {
    let (mut text, mut args) = (String::from("WITH "), Vec::new());
    for (place, part) in statements.iter().enumerate() {
        let separator = if place > 0 { ",\n" } else { "" };
        text.push_str(separator);
        text.push_str(&format!("part_{place} AS (\n"));
        renumber(&part.text, |number| number + args.len(), &mut text);
        text.push_str("\nRETURNING 1)");
        args.extend(part.args.iter().cloned());
    }
    for place in 0..statements.len() {
        text.push_str(if place > 0 { ",\n" } else { "\nSELECT\n" });
        text.push_str(&format!("(SELECT count(*) FROM part_{place})"));
    }
    Statement {
        text: text.into(),
        args,
    }
}

fn arguments(args: Vec<Arg>) -> Result<PgArguments, Error> {
    let mut arguments = PgArguments::default();
    for arg in args {
        match arg {
            Arg::Int(value) => arguments.add(value),
            Arg::Text(value) => arguments.add(value),
            Arg::Tenant(value) => arguments.add(value),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_statements_become_one() {
        let one =
            Statement::new("INSERT INTO a (x, y)\nVALUES ").tuple([Arg::from(1), Arg::from("x")]);
        let other = Statement::new("UPDATE b SET x = $1 WHERE y = $2 AND z = $1");
        let other = other.bind(2).bind("y");
        let both = all_of(&[one, other]);
        insta::assert_snapshot!(both.text, @r"
        WITH part_0 AS (
        INSERT INTO a (x, y)
        VALUES ($1, $2)
        RETURNING 1),
        part_1 AS (
        UPDATE b SET x = $3 WHERE y = $4 AND z = $3
        RETURNING 1)
        SELECT
        (SELECT count(*) FROM part_0),
        (SELECT count(*) FROM part_1)
        ");
        assert_eq!(both.args.len(), 4);
    }
}
