//! What is measured with and what is measured: built in release, started on empty databases.

use std::path::PathBuf;

use anyhow::Context;
use clap::ValueEnum;
use tempfile::TempDir;

use crate::install::install;
use crate::postgres::Postgres;
use crate::run::{cargo, program, run};
use crate::server::Server;

#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
pub(super) enum Database {
    /// A file each, with synchronous=FULL
    Sqlite,
    /// A database each in a private PostgreSQL, with fsync
    Postgres,
}

/// Whatever can be started.
#[derive(Clone, Copy)]
pub(super) enum Program {
    Floor,
    Plain,
    Product,
}

/// Where databases are made; they are gone when it is dropped.
pub(super) struct Machine {
    /// Below target/, which is on a disk: in a tmpfs a COMMIT would cost nothing.
    folder: TempDir,
    postgres: Option<Postgres>,
}

impl Machine {
    /// Builds everything.
    pub(super) fn prepare(database: Database) -> anyhow::Result<Self> {
        let ours = "build --release --package scim-server --package visitor-hosts --bins --locked";
        run(cargo().args(ours.split(' ')))?;
        let benches = "build --release --manifest-path benches/Cargo.toml --package floor \
                       --package load --locked --target-dir target";
        run(cargo().args(benches.split_ascii_whitespace()))?;
        let postgres = match database {
            Database::Sqlite => None,
            Database::Postgres => {
                install()?;
                Some(Postgres::start()?)
            }
        };
        let folder = tempfile::Builder::new()
            .prefix("bench-")
            .tempdir_in("target")
            .context("cannot make a folder below target/")?;
        Ok(Self { folder, postgres })
    }

    pub(super) fn database(&self) -> Database {
        match self.postgres {
            None => Database::Sqlite,
            Some(_) => Database::Postgres,
        }
    }

    /// Starts a server on a database of this name, which nobody has used.
    pub(super) fn start(&self, started: Program, name: &str) -> anyhow::Result<Server> {
        let url = match &self.postgres {
            Some(postgres) => postgres.database(name)?,
            None => {
                let file = self.folder.path().join(format!("{name}.db"));
                format!("sqlite://{}", file.display())
            }
        };
        let mut command = match started {
            Program::Floor => program(release("floor")),
            Program::Plain => program(release("scim-server")),
            Program::Product => program(release("visitor-hosts")),
        };
        match started {
            Program::Floor => command.arg(url),
            Program::Plain | Program::Product => command
                .args("serve --listen 127.0.0.1:0 --log warn --rate-limit 0 --database".split(' '))
                .arg(url),
        };
        Server::start(&mut command)
    }
}

pub(super) fn release(name: &str) -> PathBuf {
    PathBuf::from("target/release").join(name)
}
