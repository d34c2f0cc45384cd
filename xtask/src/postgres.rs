//! A private PostgreSQL for tests: in a folder of its own, on a port of its
//! own, and gone when whoever started it is gone.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};

use anyhow::{Context, bail};

use crate::install::{install, postgres_programs};
use crate::run::{is_root, output, program, run, succeeds};

/// The variable in which tests find the server. They create databases of their
/// own on it, and fail where it is not set.
pub(crate) const VARIABLE: &str = "SCIM_TEST_POSTGRES";

/// Start the PostgreSQL the tests need and keep it until Ctrl-C.
///
/// For running single tests: start this in one terminal, copy the line it
/// prints into another, and use cargo there as usual.
#[derive(clap::Args)]
pub(crate) struct Options {}

/// Starts PostgreSQL, says where it is, and stays until Ctrl-C.
pub(crate) fn foreground(Options {}: &Options) -> anyhow::Result<()> {
    install()?;
    let mut postgres = Postgres::start()?;
    println!("export {VARIABLE}={}", postgres.url());
    eprintln!("PostgreSQL runs until Ctrl-C");
    postgres.wait()
}

/// A running server; dropping it stops it and removes its files.
pub(crate) struct Postgres {
    url: String,
    port: u16,
    keeper: Child,
    /// The keeper lives while this is open (see postgres.sh).
    held: Option<ChildStdin>,
}

impl Postgres {
    /// Starts a server with one empty database.
    pub(crate) fn start() -> anyhow::Result<Self> {
        let programs = postgres_programs()
            .context("PostgreSQL is not installed; `cargo xtask test --only test` installs it")?;
        // Not TMPDIR: the path of a Unix socket ends at 107 bytes, and a
        // temporary folder of root's may be closed to the user who runs this.
        // The keeper removes it, whoever dies first.
        let folder = tempfile::Builder::new()
            .prefix("scim-postgres-")
            .disable_cleanup(true)
            .tempdir_in("/tmp")
            .context("cannot create a folder for PostgreSQL in /tmp")?;
        let port = free_port()?;
        let mut keeper = unprivileged("sh", folder.path())?
            .args(["-c", include_str!("postgres.sh"), "postgres.sh"])
            .args([&programs, folder.path()])
            .arg(port.to_string())
            // Ctrl-C is for the tests; the keeper ends after them.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start sh")?;
        let mut postgres = Self {
            url: format!("postgres://scim@127.0.0.1:{port}/scim"),
            port,
            held: keeper.stdin.take(),
            keeper,
        };
        let mut said = String::new();
        if let Some(stdout) = postgres.keeper.stdout.take() {
            BufReader::new(stdout).read_line(&mut said)?;
        }
        if said.trim() != "ready" {
            bail!("PostgreSQL did not start; its log is above");
        }
        Ok(postgres)
    }

    /// Where the empty database is.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Makes another empty database and says where it is.
    pub(crate) fn database(&self, name: &str) -> anyhow::Result<String> {
        let programs = postgres_programs().context("PostgreSQL is gone")?;
        let port = self.port.to_string();
        let mut create = program(programs.join("createdb"));
        create.args(["-h", "127.0.0.1", "-p", &port, "-U", "scim", name]);
        run(&mut create)?;
        Ok(format!("postgres://scim@127.0.0.1:{port}/{name}"))
    }

    /// Stays here; returns only if somebody ends the server's keeper.
    fn wait(&mut self) -> anyhow::Result<()> {
        let status = self.keeper.wait()?;
        bail!("PostgreSQL has been stopped by somebody else ({status})");
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.held = None;
        if let Err(failure) = self.keeper.wait() {
            eprintln!("cannot wait for PostgreSQL to stop: {failure}");
        }
    }
}

/// A command that runs as somebody PostgreSQL accepts, who gets the folder.
fn unprivileged(name: &str, folder: &Path) -> anyhow::Result<Command> {
    let mut command = if is_root() {
        let user = ["postgres", "nobody"]
            .into_iter()
            .find(|user| succeeds(program("id").arg(user)))
            .context("PostgreSQL refuses to run as root and there is no user `nobody` to run it")?;
        let uid: u32 = output(program("id").args(["-u", user]))?.trim().parse()?;
        let gid: u32 = output(program("id").args(["-g", user]))?.trim().parse()?;
        chown(folder, Some(uid), Some(gid))
            .with_context(|| format!("cannot give {} to {user}", folder.display()))?;
        let mut command = program("setpriv");
        command
            .arg(format!("--reuid={uid}"))
            .arg(format!("--regid={gid}"));
        command.args(["--clear-groups", name]);
        command
    } else {
        program(name)
    };
    // The developer's own server must not be taken for this one.
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(|name| name.starts_with("PG")) {
            command.env_remove(name);
        }
    }
    command.env("LC_ALL", "C.UTF-8");
    Ok(command)
}

fn free_port() -> anyhow::Result<u16> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).context("no free port on 127.0.0.1")?;
    Ok(listener.local_addr()?.port())
}

#[cfg(test)]
mod tests {
    use std::net::TcpStream;

    use super::*;

    #[test]
    fn dropping_it_stops_it_and_leaves_no_file() {
        let postgres = Postgres::start().unwrap();
        let (_, address) = postgres.url().split_once('@').unwrap();
        let (address, _) = address.split_once('/').unwrap();
        let address = address.to_owned();
        TcpStream::connect(&address).unwrap();
        let folder = folder_of(&postgres);
        assert!(folder.exists());

        drop(postgres);
        assert!(TcpStream::connect(&address).is_err());
        assert!(!folder.exists());
    }

    /// The keeper's working directory is the server's folder.
    fn folder_of(postgres: &Postgres) -> std::path::PathBuf {
        std::fs::read_link(format!("/proc/{}/cwd", postgres.keeper.id())).unwrap()
    }
}
