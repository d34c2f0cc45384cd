//! PostgreSQL through a pool: a statement for each request, a transaction for a PATCH.

use anyhow::Context;
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;

use crate::patch;
use crate::store::{Document, Failure, Key, Kind, Write};

const TABLES: [&str; 3] = [
    "CREATE TABLE IF NOT EXISTS users (
        seq BIGSERIAL PRIMARY KEY, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL UNIQUE, text TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS groups (
        seq BIGSERIAL PRIMARY KEY, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL UNIQUE, text TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS members (
        group_id TEXT NOT NULL, user_id TEXT NOT NULL, PRIMARY KEY (group_id, user_id))",
];
const CONNECTIONS: u32 = 16;

/// A pool whose connections are all open already.
pub(crate) async fn connect(url: &str) -> anyhow::Result<PgPool> {
    let pool = PgPoolOptions::new()
        .max_connections(CONNECTIONS)
        .min_connections(CONNECTIONS)
        .connect(url)
        .await
        .context("cannot connect to PostgreSQL")?;
    for table in TABLES {
        sqlx::query(table).execute(&pool).await?;
    }
    Ok(pool)
}

pub(crate) async fn write(pool: &PgPool, write: Write) -> Result<Option<String>, Failure> {
    match write {
        Write::Create(kind, Document { id, name, text }) => {
            let statement = match kind {
                Kind::Users => "INSERT INTO users (id, name, text) VALUES ($1, $2, $3)",
                Kind::Groups => "INSERT INTO groups (id, name, text) VALUES ($1, $2, $3)",
            };
            let insert = sqlx::query(statement).bind(id).bind(name).bind(text);
            insert.execute(pool).await?;
        }
        Write::Patch(id, operations) => {
            let mut transaction = pool.begin().await?;
            let text: Option<String> =
                sqlx::query_scalar("SELECT text FROM users WHERE id = $1 FOR UPDATE")
                    .bind(&id)
                    .fetch_optional(&mut *transaction)
                    .await?;
            let text = patch::apply(&text.ok_or(Failure::Missing)?, operations)?;
            sqlx::query("UPDATE users SET text = $2 WHERE id = $1")
                .bind(&id)
                .bind(&text)
                .execute(&mut *transaction)
                .await?;
            transaction.commit().await?;
            return Ok(Some(text));
        }
        Write::AddMembers(group, users) => {
            let statement =
                "INSERT INTO members SELECT $1, unnest($2::text[]) ON CONFLICT DO NOTHING";
            let insert = sqlx::query(statement).bind(group).bind(users);
            insert.execute(pool).await?;
        }
        Write::RemoveMember(group, user) => {
            let statement = "DELETE FROM members WHERE group_id = $1 AND user_id = $2";
            let delete = sqlx::query(statement).bind(group).bind(user);
            delete.execute(pool).await?;
        }
        Write::Delete(kind, id) => {
            let statement = match kind {
                Kind::Users => "DELETE FROM users WHERE id = $1",
                Kind::Groups => "DELETE FROM groups WHERE id = $1",
            };
            let deleted = sqlx::query(statement).bind(&id).execute(pool).await?;
            if deleted.rows_affected() == 0 {
                return Err(Failure::Missing);
            }
            if kind == Kind::Groups {
                let delete = sqlx::query("DELETE FROM members WHERE group_id = $1").bind(id);
                delete.execute(pool).await?;
            }
        }
    }
    Ok(None)
}

pub(crate) async fn one(
    pool: &PgPool,
    kind: Kind,
    by: Key,
    value: &str,
) -> Result<Option<String>, Failure> {
    let statement = match (kind, by) {
        (Kind::Users, Key::Id) => "SELECT text FROM users WHERE id = $1",
        (Kind::Users, Key::Name) => "SELECT text FROM users WHERE name = $1",
        (Kind::Groups, Key::Id) => "SELECT text FROM groups WHERE id = $1",
        (Kind::Groups, Key::Name) => "SELECT text FROM groups WHERE name = $1",
    };
    let query = sqlx::query_scalar(statement).bind(value);
    Ok(query.fetch_optional(pool).await?)
}

pub(crate) async fn page(pool: &PgPool, before: i64, count: i64) -> Result<Vec<String>, Failure> {
    let query = sqlx::query_scalar("SELECT text FROM users ORDER BY seq LIMIT $2 OFFSET $1");
    Ok(query.bind(before).bind(count).fetch_all(pool).await?)
}

pub(crate) async fn members(pool: &PgPool, group: &str) -> Result<Vec<String>, Failure> {
    let query = sqlx::query_scalar("SELECT user_id FROM members WHERE group_id = $1");
    Ok(query.bind(group).fetch_all(pool).await?)
}

pub(crate) async fn total(pool: &PgPool) -> Result<i64, Failure> {
    let query = sqlx::query_scalar("SELECT count(*) FROM users");
    Ok(query.fetch_one(pool).await?)
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        match error.as_database_error() {
            Some(known) if known.is_unique_violation() => Self::Taken,
            _ => Self::Broken(error.to_string()),
        }
    }
}
