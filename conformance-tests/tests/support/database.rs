//! An empty database of its own for one test, and the commands of a program that work on it.

use std::env;
use std::path::PathBuf;
use std::process::Command;

use sqlx::{Connection, PgConnection};
use tempfile::TempDir;

/// A database that only one test uses.
pub(crate) struct Database {
    /// The binary under test, `visitor-hosts` or `scim-server`.
    program: &'static str,
    pub(crate) url: String,
    /// Removed with the test.
    _folder: Option<TempDir>,
}

impl Database {
    /// A file in a folder that vanishes afterwards.
    pub(crate) fn sqlite(program: &'static str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let url = format!("sqlite://{}", folder.path().join("scim.db").display());
        Self {
            program,
            url,
            _folder: Some(folder),
        }
    }

    /// A new database on the server that `SCIM_TEST_POSTGRES` names. `drop` and `create` are
    /// whole statements, since the name of a database cannot be an argument.
    pub(crate) async fn postgres(
        program: &'static str,
        name: &str,
        drop: &'static str,
        create: &'static str,
    ) -> Self {
        let server = env::var("SCIM_TEST_POSTGRES").expect(
            "SCIM_TEST_POSTGRES must hold the URL of a PostgreSQL server for tests: run \
             `cargo xtask test`, or `cargo xtask postgres` in another terminal and set the variable \
             to the URL that it prints",
        );
        let mut url = reqwest::Url::parse(&server).expect("SCIM_TEST_POSTGRES is a URL");
        let mut connection = PgConnection::connect(&server)
            .await
            .expect("the server that SCIM_TEST_POSTGRES names takes connections");
        for statement in [drop, create] {
            sqlx::raw_sql(statement)
                .execute(&mut connection)
                .await
                .expect(statement);
        }
        url.set_path(name);
        Self::at(program, url.into())
    }

    /// The empty database that this URL names.
    pub(crate) fn at(program: &'static str, url: String) -> Self {
        Self {
            program,
            url,
            _folder: None,
        }
    }

    /// Makes a connection of this name, under this policy, and returns its secret.
    pub(crate) fn create_token(&self, name: &str, kind: &str, policy: &str) -> String {
        let made = self.run(&[
            "token", "create", "--tenant", "main", "--name", name, "--kind", kind, "--policy",
            policy,
        ]);
        made.trim().to_owned()
    }

    /// Lets the program look for damage and contradictions; fails if there are any.
    pub(crate) fn check(&self) {
        self.run(&["check"]);
    }

    /// The program, ready for arguments, with this database.
    pub(super) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(binary(self.program));
        command.args(arguments).args(["--database", &self.url]);
        command
    }

    /// What the program prints, given these arguments and this database.
    pub(crate) fn run(&self, arguments: &[&str]) -> String {
        let output = self
            .command(arguments)
            .output()
            .expect("the program can be started");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        assert!(
            output.status.success(),
            "{} {arguments:?}: {}\n{}{}",
            self.program,
            output.status,
            text(&output.stdout),
            text(&output.stderr),
        );
        text(&output.stdout)
    }
}

/// The binary that was built beside this test.
fn binary(program: &str) -> PathBuf {
    let test = env::current_exe().expect("a test knows its own file");
    let target = test
        .parent()
        .and_then(|deps| deps.parent())
        .expect("tests stand in target/*/deps");
    let binary = target.join(format!("{program}{}", env::consts::EXE_SUFFIX));
    assert!(
        binary.exists(),
        "{} is missing: run `cargo build --workspace --bins` first",
        binary.display()
    );
    binary
}
