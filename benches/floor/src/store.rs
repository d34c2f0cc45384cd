//! What is stored, whichever the database.

use sqlx::PgPool;

use crate::patch::Replace;
use crate::postgres;
use crate::sqlite::Sqlite;

pub(crate) enum Store {
    Sqlite(Sqlite),
    Postgres(PgPool),
}

/// Users and groups are two tables with the same columns.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Kind {
    Users,
    Groups,
}

/// The column by which one document is found.
#[derive(Clone, Copy)]
pub(crate) enum Key {
    Id,
    Name,
}

pub(crate) enum Write {
    Create(Kind, Document),
    Patch(String, Vec<Replace>),
    AddMembers(String, Vec<String>),
    RemoveMember(String, String),
    Delete(Kind, String),
}

pub(crate) struct Document {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) text: String,
}

/// Why there is no answer, as a status.
#[derive(Clone)]
pub(crate) enum Failure {
    Missing,
    Taken,
    Broken(String),
}

impl Store {
    /// What a PATCH has made of the document, and nothing for every other write.
    pub(crate) async fn write(&self, write: Write) -> Result<Option<String>, Failure> {
        match self {
            Self::Sqlite(sqlite) => sqlite.write(write).await,
            Self::Postgres(pool) => postgres::write(pool, write).await,
        }
    }

    pub(crate) async fn one(
        &self,
        kind: Kind,
        by: Key,
        value: &str,
    ) -> Result<Option<String>, Failure> {
        match self {
            Self::Sqlite(sqlite) => sqlite.one(kind, by, value),
            Self::Postgres(pool) => postgres::one(pool, kind, by, value).await,
        }
    }

    /// Some users in the order in which they came.
    pub(crate) async fn page(&self, before: i64, count: i64) -> Result<Vec<String>, Failure> {
        match self {
            Self::Sqlite(sqlite) => sqlite.page(before, count),
            Self::Postgres(pool) => postgres::page(pool, before, count).await,
        }
    }

    pub(crate) async fn members(&self, group: &str) -> Result<Vec<String>, Failure> {
        match self {
            Self::Sqlite(sqlite) => sqlite.members(group),
            Self::Postgres(pool) => postgres::members(pool, group).await,
        }
    }

    /// How many users there are; asked once, when the floor starts.
    pub(crate) async fn total(&self) -> Result<i64, Failure> {
        match self {
            Self::Sqlite(sqlite) => sqlite.total(),
            Self::Postgres(pool) => postgres::total(pool).await,
        }
    }
}
