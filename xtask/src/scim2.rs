//! What an independent client finds wrong: scim2-cli tests both binaries on both databases.
//!
//! It reads the server's discovery and tries every resource type, method and attribute it finds
//! there. Its exit status is a failure unless each of its checks is a success, one that it skips
//! included. On the product it speaks as an identity provider: it insists on creating what it
//! tests, and hosts are derived.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use anyhow::{Context, bail};

use crate::install::install;
use crate::postgres::Postgres;
use crate::run::{cargo, is_root, program, run, succeeds};

/// Let scim2-cli test both servers, on SQLite and PostgreSQL.
///
/// scim2-cli is installed by pip into a folder of its own below target/;
/// Python is installed when it is missing (as root; otherwise the command is
/// shown).
#[derive(clap::Args)]
pub(crate) struct Options {}

/// Runs the tests of scim2-cli and tells the number of its successes.
pub(crate) fn scim2(Options {}: &Options) -> anyhow::Result<()> {
    install()?;
    let scim2 = scim2_cli()?;
    // The features are those of the tests, or the server would be built twice.
    let build = "build --workspace --bins --all-features --locked";
    run(cargo().args(build.split(' ')))?;
    for binary in ["scim-server", "visitor-hosts"] {
        let folder = tempfile::tempdir().context("cannot create a folder for the database")?;
        let file = format!("sqlite://{}", folder.path().join("scim.db").display());
        check(&scim2, binary, "SQLite", &file)?;
        let postgres = Postgres::start()?;
        check(&scim2, binary, "PostgreSQL", postgres.url())?;
    }
    Ok(())
}

const PACKAGES: [&str; 2] = ["scim2-cli==0.6.0", "scim2-tester==0.5.2"];
const START_DEADLINE: Duration = Duration::from_secs(30);

/// Installs the packages unless they are there.
fn scim2_cli() -> anyhow::Result<PathBuf> {
    let folder = Path::new("target/scim2");
    let python = folder.join("bin/python");
    let check = "from importlib.metadata import version as v; \
                 assert [v(p) for p in ('scim2-cli', 'scim2-tester')] == ['0.6.0', '0.5.2']";
    if !succeeds(program(&python).args(["-c", check])) {
        make_venv(folder)?;
        let install = "-m pip install --quiet --disable-pip-version-check";
        run(program(&python).args(install.split(' ')).args(PACKAGES))?;
    }
    Ok(folder.join("bin/scim2"))
}

fn make_venv(folder: &Path) -> anyhow::Result<()> {
    const BY_HAND: &str =
        "apt-get update && apt-get install -y --no-install-recommends python3-venv";
    // Debian leaves `ensurepip` out of python3, and venv fails half way without it.
    if !succeeds(program("python3").args(["-c", "import venv, ensurepip"])) {
        if !is_root() {
            bail!(
                "Python 3 with venv is missing and only root may install it; run: sudo sh -c '{BY_HAND}'"
            );
        }
        run(program("sh")
            .args(["-c", BY_HAND])
            .env("DEBIAN_FRONTEND", "noninteractive"))?;
    }
    run(program("python3")
        .args(["-m", "venv", "--clear"])
        .arg(folder))
}

fn check(scim2: &Path, binary: &str, database: &str, url: &str) -> anyhow::Result<()> {
    let server = Server::start(binary, url)?;
    let output = program(scim2)
        .args(["-u", &server.base, "test", "-v"])
        .env(
            "SCIM_CLI_HEADERS",
            format!("Authorization: Bearer {}", server.secret),
        )
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("cannot start {}", scim2.display()))?;
    let said = String::from_utf8_lossy(&output.stdout);
    let succeeded = said
        .lines()
        .filter(|line| line.starts_with("SUCCESS"))
        .count();
    if !output.status.success() || succeeded == 0 {
        bail!(
            "on {binary} with {database}, scim2-cli found what is wrong ({}):\n{}",
            output.status,
            others(&said)
        );
    }
    println!("{binary} with {database}: {succeeded} checks of scim2-cli, all SUCCESS");
    Ok(())
}

/// What was no success: each such line with the indented ones that explain it.
fn others(said: &str) -> String {
    let mut shown = String::new();
    let mut explains = true;
    for line in said.lines() {
        if !line.starts_with(' ') {
            explains = !line.starts_with("SUCCESS");
        }
        if explains {
            shown.push_str(line);
            shown.push('\n');
        }
    }
    shown
}

/// A server on an empty database; dropping it ends it.
struct Server {
    process: Child,
    base: String,
    secret: String,
}

impl Server {
    /// Reads from what the first start prints where it is and who may ask.
    fn start(binary: &str, database: &str) -> anyhow::Result<Self> {
        let mut process = program(format!("target/debug/{binary}"))
            .args(["serve", "--listen", "127.0.0.1:0", "--log", "warn"])
            // scim2-cli does not wait when it is told to.
            .args(["--rate-limit", "0"])
            .args(["--database", database])
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start target/debug/{binary}"))?;
        let stdout = process.stdout.take().context("stdout is piped")?;
        let mut server = Self {
            process,
            base: String::new(),
            secret: String::new(),
        };
        let lines = lines(stdout);
        while server.base.is_empty() || server.secret.is_empty() {
            let line = lines
                .recv_timeout(START_DEADLINE)
                .context("the server printed no Tenant URL and Secret Token")?;
            if let Some((_, url)) = line.split_once("Tenant URL:") {
                url.trim().clone_into(&mut server.base);
            }
            if let Some((_, secret)) = line.split_once("Secret Token:") {
                secret.trim().clone_into(&mut server.secret);
            }
        }
        Ok(server)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let ended = self.process.kill().and_then(|()| self.process.wait());
        if let Err(failure) = ended {
            eprintln!("cannot end the server: {failure}");
        }
    }
}

/// Reads to the end, so that the server never waits for us.
fn lines(output: impl Read + Send + 'static) -> Receiver<String> {
    let (found, lines) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            let _nobody_waits = found.send(line);
        }
    });
    lines
}

#[cfg(test)]
mod tests {
    use super::others;

    #[test]
    fn successes_are_left_out() {
        let said = "Performing\nSUCCESS a\n  fine\nERROR b\n  why\nSUCCESS c\n";
        assert_eq!(others(said), "Performing\nERROR b\n  why\n");
    }
}
