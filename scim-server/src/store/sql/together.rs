//! What a flush writes, sent at once where each statement is a round trip.
//!
//! The database may run what is sent together in any order, so a statement goes with others on its table only where
//! all of them add rows, or change one each.

use super::statement::Statement;
use super::{Scope, keys};
use crate::store::write_set::KeyRow;
use crate::{Error, StoreError};

/// How many rows a statement touches.
pub(super) enum Expected {
    /// So many as there are.
    Any,
    /// So many; fewer, and another unit was faster: this one runs again.
    Rows(usize),
    /// As many as these unique keys, unless another resource has one of them.
    Keys(Vec<KeyRow>),
    /// So many; if there are fewer, this statement adds what is missing.
    RowsOr(usize, Statement),
}

impl Expected {
    fn rows(&self) -> Option<usize> {
        match self {
            Expected::Any => None,
            Expected::Rows(rows) | Expected::RowsOr(rows, _) => Some(*rows),
            Expected::Keys(keys) => Some(keys.len()),
        }
    }

    async fn check(self, scope: &mut Scope<'_>, touched: u64) -> Result<(), Error> {
        let touched = usize::try_from(touched).unwrap_or(usize::MAX);
        match self {
            Expected::Rows(expected) if touched != expected => {
                let cause = format!("{touched} rows of {expected} were as they had been read");
                Err(StoreError::Conflict(cause.into()).into())
            }
            Expected::Keys(keys) if touched != keys.len() => Err(keys::taken(scope, &keys).await),
            Expected::RowsOr(expected, statement) if touched != expected => {
                scope.executor.execute(statement).await.map(drop)
            }
            Expected::Any | Expected::Rows(_) | Expected::Keys(_) | Expected::RowsOr(..) => Ok(()),
        }
    }
}

/// A statement that was not sent yet.
pub(super) struct Waiting {
    table: &'static str,
    statement: Statement,
    expected: Expected,
}

impl Waiting {
    /// Are the rows of both their own, whichever runs first?
    fn goes_with(&self, other: &Waiting) -> bool {
        let both = |verb| {
            [self, other]
                .iter()
                .all(|it| it.statement.text.starts_with(verb))
        };
        self.table != other.table || both("INSERT") || both("UPDATE")
    }
}

impl Scope<'_> {
    /// Writes rows of a table, with what follows.
    pub(super) async fn write(
        &mut self,
        table: &'static str,
        statement: Statement,
        expected: Expected,
    ) -> Result<(), Error> {
        let waiting = Waiting {
            table,
            statement,
            expected,
        };
        if !self.waiting.iter().all(|before| before.goes_with(&waiting)) {
            self.send().await?;
        }
        self.waiting.push(waiting);
        Ok(())
    }

    /// Sends what waits.
    pub(super) async fn send(&mut self) -> Result<(), Error> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let (statements, expected) = self.take_waiting();
        let touched = self.executor.execute_all(statements).await?;
        self.sent(expected, touched).await
    }

    /// Sends what waits when the unit has nothing more to ask.
    pub(super) async fn send_last(&mut self) -> Result<(), Error> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let (statements, expected) = self.take_waiting();
        let rows: Vec<_> = expected.iter().map(Expected::rows).collect();
        let touched = self.executor.execute_last(statements, &rows).await?;
        self.sent(expected, touched).await
    }

    fn take_waiting(&mut self) -> (Vec<Statement>, Vec<Expected>) {
        let waiting = std::mem::take(&mut self.waiting).into_iter();
        waiting
            .map(|waiting| (waiting.statement, waiting.expected))
            .unzip()
    }

    async fn sent(&mut self, expected: Vec<Expected>, touched: Vec<u64>) -> Result<(), Error> {
        for (expected, touched) in expected.into_iter().zip(touched) {
            expected.check(self, touched).await?;
        }
        Ok(())
    }
}
