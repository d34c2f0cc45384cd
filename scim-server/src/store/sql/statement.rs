//! One SQL text for two databases: a statement with typed arguments, and the rows it gives.

use std::borrow::Cow;
use std::fmt::Write as _;

use async_trait::async_trait;
use jiff::Timestamp;
use scim_core::{ResourceId, TenantId};
use uuid::Uuid;

use crate::{Error, StoreError};

/// More than this many arguments are sent in several statements.
pub(crate) const BINDS_MAX: usize = 1_000;

/// Which database answers; only row locks differ in the texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    Sqlite,
    Postgres,
}

/// A statement under construction: text with `$1`, `$2` … and what they stand for.
///
/// The places come first in the order of their numbers: PostgreSQL takes `$2` for a number, SQLite
/// for a name, and gives the names numbers as they come.
#[derive(Debug, Clone, Default)]
pub(crate) struct Statement {
    pub(crate) text: Cow<'static, str>,
    pub(crate) args: Vec<Arg>,
}

/// A typed argument.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Arg {
    Int(Option<i64>),
    Text(Option<String>),
    /// The tenant, which every statement names.
    Tenant(String),
    Uuid(Option<Uuid>),
    Bytes(Vec<u8>),
}

impl Statement {
    /// A statement whose text stands for itself; arguments follow with [`Statement::bind`].
    pub(crate) fn new(text: impl Into<Cow<'static, str>>) -> Statement {
        Statement {
            text: text.into(),
            args: Vec::with_capacity(8),
        }
    }

    /// The next `$n` of the text.
    pub(crate) fn bind(mut self, arg: impl Into<Arg>) -> Statement {
        self.args.push(arg.into());
        self
    }

    /// More text.
    pub(crate) fn text(mut self, text: &str) -> Statement {
        if !text.is_empty() {
            self.text.to_mut().push_str(text);
        }
        self
    }

    /// An argument and its place in the text.
    pub(crate) fn arg(mut self, arg: impl Into<Arg>) -> Statement {
        self.args.push(arg.into());
        let number = self.args.len();
        let _ = write!(self.text.to_mut(), "${number}");
        self
    }

    /// The most rows that the statement answers with.
    ///
    /// The sum is no idle one: SQLite looks at a parameter that stands alone here when it plans, and
    /// plans anew every time that one is bound.
    pub(crate) fn limit(self, rows: usize) -> Statement {
        let rows = i64::try_from(rows).unwrap_or(i64::MAX);
        self.text("\nLIMIT ").arg(rows).text(" + 0")
    }

    /// `($5, $6, $7)`.
    pub(crate) fn tuple(mut self, args: impl IntoIterator<Item = Arg>) -> Statement {
        self.text.to_mut().push('(');
        for (place, arg) in args.into_iter().enumerate() {
            if place > 0 {
                self.text.to_mut().push_str(", ");
            }
            self = self.arg(arg);
        }
        self.text.to_mut().push(')');
        self
    }

    /// The text with `$0` for the tenant, wherever it stands.
    #[cfg(any(test, feature = "store-contract"))]
    pub(crate) fn with_tenant(&self) -> String {
        let number = |number: usize| match self.args.get(number - 1) {
            Some(Arg::Tenant(_)) => 0,
            _ => number,
        };
        let mut text = String::new();
        renumber(&self.text, number, &mut text);
        text
    }

    /// Items separated by a text.
    pub(crate) fn joined<T>(
        mut self,
        items: impl IntoIterator<Item = T>,
        separator: &str,
        mut each: impl FnMut(Statement, T) -> Statement,
    ) -> Statement {
        for (place, item) in items.into_iter().enumerate() {
            if place > 0 {
                self.text.to_mut().push_str(separator);
            }
            self = each(self, item);
        }
        self
    }
}

/// Writes a text whose arguments have other numbers.
pub(crate) fn renumber(text: &str, number: impl Fn(usize) -> usize, into: &mut String) {
    let mut parts = text.split('$');
    into.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let digits = part.find(|sign: char| !sign.is_ascii_digit());
        let (digits, rest) = part.split_at(digits.unwrap_or(part.len()));
        let _ = write!(into, "${}{rest}", number(digits.parse().unwrap_or(1)));
    }
}

impl From<i64> for Arg {
    fn from(value: i64) -> Arg {
        Arg::Int(Some(value))
    }
}

impl From<Timestamp> for Arg {
    fn from(value: Timestamp) -> Arg {
        Arg::Int(Some(value.as_millisecond()))
    }
}

impl From<Option<Timestamp>> for Arg {
    fn from(value: Option<Timestamp>) -> Arg {
        Arg::Int(value.map(Timestamp::as_millisecond))
    }
}

impl From<&str> for Arg {
    fn from(value: &str) -> Arg {
        Arg::Text(Some(value.to_owned()))
    }
}

impl From<Option<String>> for Arg {
    fn from(value: Option<String>) -> Arg {
        Arg::Text(value)
    }
}

impl From<&TenantId> for Arg {
    fn from(value: &TenantId) -> Arg {
        Arg::Tenant(value.as_str().to_owned())
    }
}

impl From<Uuid> for Arg {
    fn from(value: Uuid) -> Arg {
        Arg::Uuid(Some(value))
    }
}

impl From<Option<Uuid>> for Arg {
    fn from(value: Option<Uuid>) -> Arg {
        Arg::Uuid(value)
    }
}

impl From<ResourceId> for Arg {
    fn from(value: ResourceId) -> Arg {
        Arg::Uuid(Some(value.uuid()))
    }
}

impl From<&[u8; 32]> for Arg {
    fn from(value: &[u8; 32]) -> Arg {
        Arg::Bytes(value.to_vec())
    }
}

/// A column of an answer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Null,
    Int(i64),
    Text(String),
    Uuid(Uuid),
    Bytes(Vec<u8>),
}

/// A row of an answer.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) table: &'static str,
    pub(crate) values: std::vec::IntoIter<Value>,
}

impl Row {
    pub(crate) fn new(table: &'static str, values: Vec<Value>) -> Row {
        Row {
            table,
            values: values.into_iter(),
        }
    }

    fn corrupt(&self, reason: &str) -> Error {
        let row = format!("{} columns before the end", self.values.len());
        StoreError::Corrupt {
            table: self.table,
            row,
            reason: reason.to_owned(),
        }
        .into()
    }

    fn next(&mut self) -> Value {
        self.values.next().unwrap_or(Value::Null)
    }

    /// Has this column, counted from the next one, no value?
    pub(crate) fn is_null(&self, place: usize) -> bool {
        matches!(self.values.as_slice().get(place), None | Some(Value::Null))
    }

    /// The next column, a number.
    pub(crate) fn int(&mut self) -> Result<i64, Error> {
        match self.next() {
            Value::Int(value) => Ok(value),
            _ => Err(self.corrupt("a number is missing")),
        }
    }

    /// The next column, a number or nothing.
    pub(crate) fn maybe_int(&mut self) -> Result<Option<i64>, Error> {
        match self.next() {
            Value::Null => Ok(None),
            Value::Int(value) => Ok(Some(value)),
            _ => Err(self.corrupt("not a number")),
        }
    }

    /// The next column, text.
    pub(crate) fn text(&mut self) -> Result<String, Error> {
        match self.next() {
            Value::Text(value) => Ok(value),
            _ => Err(self.corrupt("a text is missing")),
        }
    }

    /// The next column, text or nothing.
    pub(crate) fn maybe_text(&mut self) -> Result<Option<String>, Error> {
        match self.next() {
            Value::Null => Ok(None),
            Value::Text(value) => Ok(Some(value)),
            _ => Err(self.corrupt("not a text")),
        }
    }

    /// The next column, an id.
    pub(crate) fn uuid(&mut self) -> Result<Uuid, Error> {
        self.maybe_uuid()?
            .ok_or_else(|| self.corrupt("an id is missing"))
    }

    /// The next column, an id or nothing.
    pub(crate) fn maybe_uuid(&mut self) -> Result<Option<Uuid>, Error> {
        match self.next() {
            Value::Null => Ok(None),
            Value::Uuid(value) => Ok(Some(value)),
            Value::Bytes(_) => Err(self.corrupt("an id has 16 bytes")),
            Value::Int(_) | Value::Text(_) => Err(self.corrupt("not an id")),
        }
    }

    /// The next column, 32 bytes.
    pub(crate) fn hash(&mut self) -> Result<[u8; 32], Error> {
        match self.next() {
            Value::Bytes(bytes) => bytes
                .try_into()
                .map_err(|_| self.corrupt("a hash has 32 bytes")),
            _ => Err(self.corrupt("a hash is missing")),
        }
    }

    /// The next column, bytes of any length or nothing.
    pub(crate) fn maybe_bytes(&mut self) -> Result<Option<Vec<u8>>, Error> {
        match self.next() {
            Value::Null => Ok(None),
            Value::Bytes(bytes) => Ok(Some(bytes)),
            // As many bytes as an id has.
            Value::Uuid(bytes) => Ok(Some(bytes.as_bytes().to_vec())),
            _ => Err(self.corrupt("not bytes")),
        }
    }

    /// The next column, a time.
    pub(crate) fn time(&mut self) -> Result<Timestamp, Error> {
        let ms = self.int()?;
        Timestamp::from_millisecond(ms).map_err(|_| self.corrupt("not a time"))
    }

    /// The next column, a time or nothing.
    pub(crate) fn maybe_time(&mut self) -> Result<Option<Timestamp>, Error> {
        match self.maybe_int()? {
            None => Ok(None),
            Some(ms) => match Timestamp::from_millisecond(ms) {
                Ok(at) => Ok(Some(at)),
                Err(_) => Err(self.corrupt("not a time")),
            },
        }
    }
}

/// Runs statements in one transaction of one database.
#[async_trait]
pub(crate) trait Executor: Send {
    /// Which database this is.
    fn dialect(&self) -> Dialect;

    /// Runs a statement that answers with rows of `table`.
    async fn fetch(&mut self, table: &'static str, statement: Statement)
    -> Result<Vec<Row>, Error>;

    /// Runs a statement; how many rows it touched.
    async fn execute(&mut self, statement: Statement) -> Result<u64, Error>;

    /// Runs several statements, none of which sees what another one does; how many rows each touched.
    async fn execute_all(&mut self, statements: Vec<Statement>) -> Result<Vec<u64>, Error>;

    /// The same where the unit ends. Each comes with the number of rows that it must touch, where that matters: a
    /// database that commits with them takes back all of them unless it does.
    async fn execute_last(
        &mut self,
        statements: Vec<Statement>,
        expected: &[Option<usize>],
    ) -> Result<Vec<u64>, Error> {
        let _ = expected;
        self.execute_all(statements).await
    }
}

/// The suffix, where it is one that locks rows against change: SQLite has one writer anyway.
pub(crate) fn lock_suffix(
    dialect: Dialect,
    lock: super::Lock,
    suffix: &'static str,
) -> &'static str {
    match (dialect, lock) {
        (Dialect::Postgres, super::Lock::ForUpdate) => suffix,
        (Dialect::Postgres, super::Lock::None) | (Dialect::Sqlite, _) => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_no_plan() {
        let statement = Statement::new("SELECT 1\nFROM t").limit(5);
        insta::assert_snapshot!(statement.text, @r"
        SELECT 1
        FROM t
        LIMIT $1 + 0
        ");
    }

    #[test]
    fn arguments_are_numbered_in_order() {
        let statement =
            Statement::new("INSERT INTO t VALUES ").joined([1, 2], ", ", |statement, number| {
                statement.tuple([Arg::from(number), Arg::from("x")])
            });
        insta::assert_snapshot!(statement.text, @"INSERT INTO t VALUES ($1, $2), ($3, $4)");
        assert_eq!(statement.args.len(), 4);
    }
}
