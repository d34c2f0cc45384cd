//! SQLite in a file: a reader for each thread, and one thread that writes for all.

use std::cell::RefCell;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;

use anyhow::Context;
use rusqlite::{Connection, OptionalExtension};
use tokio::sync::oneshot;

use crate::patch;
use crate::store::{Document, Failure, Key, Kind, Write};

pub(crate) struct Sqlite {
    file: String,
    writer: Sender<Job>,
}

/// Answered after the COMMIT.
struct Job(Write, oneshot::Sender<Result<Option<String>, Failure>>);

const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS users (
        seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL UNIQUE, text TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS groups (
        seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL UNIQUE, text TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS members (
        group_id TEXT NOT NULL, user_id TEXT NOT NULL, PRIMARY KEY (group_id, user_id)) WITHOUT ROWID;";
const SETTINGS: &str = "
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA busy_timeout = 5000;
    PRAGMA cache_size = -65536;
    PRAGMA mmap_size = 268435456;";
/// The most writes of one transaction.
const BATCH: usize = 512;

impl Sqlite {
    pub(crate) fn open(file: &str) -> anyhow::Result<Self> {
        let connection = connect(file).with_context(|| format!("cannot open {file}"))?;
        connection.execute_batch(TABLES)?;
        let (writer, jobs) = mpsc::channel();
        thread::spawn(move || write_all(&connection, &jobs));
        Ok(Self {
            file: file.to_owned(),
            writer,
        })
    }

    pub(crate) async fn write(&self, write: Write) -> Result<Option<String>, Failure> {
        let (answer, answered) = oneshot::channel();
        let gone = || Failure::Broken("the writer has ended".to_owned());
        self.writer.send(Job(write, answer)).map_err(|_| gone())?;
        answered.await.map_err(|_| gone())?
    }

    pub(crate) fn one(&self, kind: Kind, by: Key, value: &str) -> Result<Option<String>, Failure> {
        let statement = match (kind, by) {
            (Kind::Users, Key::Id) => "SELECT text FROM users WHERE id = ?1",
            (Kind::Users, Key::Name) => "SELECT text FROM users WHERE name = ?1",
            (Kind::Groups, Key::Id) => "SELECT text FROM groups WHERE id = ?1",
            (Kind::Groups, Key::Name) => "SELECT text FROM groups WHERE name = ?1",
        };
        self.read(|connection| {
            let mut statement = connection.prepare_cached(statement)?;
            statement.query_row([value], |row| row.get(0)).optional()
        })
    }

    pub(crate) fn page(&self, before: i64, count: i64) -> Result<Vec<String>, Failure> {
        self.read(|connection| {
            let mut statement = connection
                .prepare_cached("SELECT text FROM users ORDER BY seq LIMIT ?2 OFFSET ?1")?;
            statement
                .query_map((before, count), |row| row.get(0))?
                .collect()
        })
    }

    pub(crate) fn members(&self, group: &str) -> Result<Vec<String>, Failure> {
        self.read(|connection| {
            let mut statement =
                connection.prepare_cached("SELECT user_id FROM members WHERE group_id = ?1")?;
            statement.query_map([group], |row| row.get(0))?.collect()
        })
    }

    pub(crate) fn total(&self) -> Result<i64, Failure> {
        self.read(|connection| {
            connection.query_row("SELECT count(*) FROM users", (), |row| row.get(0))
        })
    }

    /// Reads in the thread that asks: nothing is quicker.
    fn read<T>(
        &self,
        query: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, Failure> {
        thread_local! {
            static READER: RefCell<Option<Connection>> = const { RefCell::new(None) };
        }
        READER.with_borrow_mut(|reader| {
            let connection = match reader {
                Some(connection) => connection,
                None => reader.insert(connect(&self.file)?),
            };
            Ok(query(connection)?)
        })
    }
}

fn connect(file: &str) -> rusqlite::Result<Connection> {
    let connection = Connection::open(file)?;
    connection.execute_batch(SETTINGS)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

/// Commits whatever waits, together.
fn write_all(connection: &Connection, jobs: &Receiver<Job>) {
    while let Ok(first) = jobs.recv() {
        let mut next = Some(first);
        let mut answers = Vec::new();
        let begun = connection.execute_batch("BEGIN IMMEDIATE");
        while let Some(Job(write, answer)) = next {
            answers.push((answer, run(connection, write)));
            next = if answers.len() < BATCH {
                jobs.try_recv().ok()
            } else {
                None
            };
        }
        let committed = begun.and_then(|()| connection.execute_batch("COMMIT"));
        let committed = committed.map_err(Failure::from);
        for (answer, outcome) in answers {
            let _nobody_waits = answer.send(committed.clone().and(outcome));
        }
    }
}

fn run(connection: &Connection, write: Write) -> Result<Option<String>, Failure> {
    let execute = |statement: &str, values: &[&str]| {
        let mut statement = connection.prepare_cached(statement)?;
        statement.execute(rusqlite::params_from_iter(values))
    };
    match write {
        Write::Create(kind, Document { id, name, text }) => {
            let statement = match kind {
                Kind::Users => "INSERT INTO users (id, name, text) VALUES (?1, ?2, ?3)",
                Kind::Groups => "INSERT INTO groups (id, name, text) VALUES (?1, ?2, ?3)",
            };
            execute(statement, &[&id, &name, &text])?;
        }
        Write::Patch(id, operations) => {
            let mut statement =
                connection.prepare_cached("SELECT text FROM users WHERE id = ?1")?;
            let text: Option<String> = statement.query_row([&id], |row| row.get(0)).optional()?;
            let text = patch::apply(&text.ok_or(Failure::Missing)?, operations)?;
            execute("UPDATE users SET text = ?2 WHERE id = ?1", &[&id, &text])?;
            return Ok(Some(text));
        }
        Write::AddMembers(group, users) => {
            for user in users {
                execute(
                    "INSERT OR IGNORE INTO members VALUES (?1, ?2)",
                    &[&group, &user],
                )?;
            }
        }
        Write::RemoveMember(group, user) => {
            let statement = "DELETE FROM members WHERE group_id = ?1 AND user_id = ?2";
            execute(statement, &[&group, &user])?;
        }
        Write::Delete(kind, id) => {
            let statement = match kind {
                Kind::Users => "DELETE FROM users WHERE id = ?1",
                Kind::Groups => "DELETE FROM groups WHERE id = ?1",
            };
            if execute(statement, &[&id])? == 0 {
                return Err(Failure::Missing);
            }
            if kind == Kind::Groups {
                execute("DELETE FROM members WHERE group_id = ?1", &[&id])?;
            }
        }
    }
    Ok(None)
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::ConstraintViolation) => Self::Taken,
            _ => Self::Broken(error.to_string()),
        }
    }
}
