//! What an independent client finds wrong: scim2-cli tests both binaries on both databases.
//!
//! It reads the server's discovery and tries every resource type, method and attribute it finds
//! there. Its exit status is a failure unless each of its checks is a success, one that it skips
//! included. On the product it speaks as an identity provider and as an application. The latter
//! sees hosts, which are derived, while scim2-cli insists on creating what it tests:
//! `docs/scim2.md` tells what it cannot test, and nothing else may go wrong.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, bail};

use crate::install::install;
use crate::postgres::Postgres;
use crate::run::{cargo, is_root, program, run, succeeds};
use crate::server::Server;

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
    for binary in ["scim-server", PRODUCT] {
        let folder = tempfile::tempdir().context("cannot create a folder for the database")?;
        let file = format!("sqlite://{}", folder.path().join("scim.db").display());
        check(&scim2, binary, "SQLite", &file)?;
        let postgres = Postgres::start()?;
        check(&scim2, binary, "PostgreSQL", postgres.url())?;
    }
    Ok(())
}

/// Why scim2-cli cannot test what an application sees: nobody may create it, or not with random texts.
const UNTESTABLE: [&str; 2] = [
    "POST is not possible here; allowed: GET, HEAD",
    "send the name of an IANA time zone such as Europe/Zurich",
];

const PRODUCT: &str = "visitor-hosts";
const PACKAGES: [&str; 2] = ["scim2-cli==0.6.0", "scim2-tester==0.5.2"];

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

/// Makes a folder with a Python of its own, and installs what is missing for that.
pub(crate) fn make_venv(folder: &Path) -> anyhow::Result<()> {
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
    let server = start(binary, url)?;
    let told = Report::of(scim2, &server.base, &server.secret)?;
    if !told.passed || told.succeeded == 0 {
        let wrong = told.others.concat();
        bail!("on {binary} with {database}, scim2-cli found what is wrong:\n{wrong}");
    }
    let succeeded = told.succeeded;
    println!("{binary} with {database}: {succeeded} checks of scim2-cli, all SUCCESS");
    if binary != PRODUCT {
        return Ok(());
    }
    let secret = app_token(url)?;
    let told = Report::of(scim2, &server.base, &secret)?;
    let is_expected = |check: &&String| UNTESTABLE.iter().any(|reason| check.contains(reason));
    let wrong: String = told
        .others
        .iter()
        .filter(|it| !is_expected(it))
        .cloned()
        .collect();
    // An application sees all that an identity provider sees.
    if !wrong.is_empty() || told.succeeded < succeeded {
        bail!("on {binary} with {database}, as an application, scim2-cli found:\n{wrong}");
    }
    let (succeeded, untestable) = (told.succeeded, told.others.len());
    println!(
        "{binary} with {database}, as an application: {succeeded} SUCCESS, {untestable} untestable"
    );
    Ok(())
}

fn start(binary: &str, database: &str) -> anyhow::Result<Server> {
    let mut serve = program(format!("target/debug/{binary}"));
    serve.args(["serve", "--listen", "127.0.0.1:0", "--log", "warn"]);
    // scim2-cli does not wait when it is told to.
    serve.args(["--rate-limit", "0", "--database", database]);
    Server::start(&mut serve)
}

/// What the token of an application is for: of other types scim2-cli can make none, since their values mean
/// something. `docs/scim2.md` says what holds their rules instead.
const SCOPES: &str =
    "users.* groups.* hosts.* hostGroups.* locations.* unknownOffices.* changeSets.*";

/// A token that sees hosts.
fn app_token(database: &str) -> anyhow::Result<String> {
    let mut create = program(format!("target/debug/{PRODUCT}"));
    create.args(["--database", database]);
    create.args("token create --tenant main --name scim2-cli --kind app".split(' '));
    create.args(["--scopes", SCOPES]);
    let output = create.output().context("cannot create a token")?;
    if !output.status.success() {
        bail!("no token: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

/// What scim2-cli told of a server.
struct Report {
    /// Whether it ended as it does if all is well.
    passed: bool,
    succeeded: usize,
    /// The checks that were no success, each with the indented lines that explain it.
    others: Vec<String>,
}

impl Report {
    fn of(scim2: &Path, base: &str, secret: &str) -> anyhow::Result<Self> {
        let output = program(scim2)
            .args(["-u", base, "test", "-v"])
            .env(
                "SCIM_CLI_HEADERS",
                format!("Authorization: Bearer {secret}"),
            )
            .stderr(Stdio::inherit())
            .output()
            .with_context(|| format!("cannot start {}", scim2.display()))?;
        let said = String::from_utf8_lossy(&output.stdout);
        Ok(Self::read(&said, output.status.success()))
    }

    fn read(said: &str, passed: bool) -> Self {
        let mut checks: Vec<String> = Vec::new();
        for line in said.lines() {
            match checks.last_mut() {
                Some(check) if line.starts_with(' ') => check.push_str(line),
                _ => checks.push(line.to_owned()),
            }
            if let Some(check) = checks.last_mut() {
                check.push('\n');
            }
        }
        // The first line tells what is tested.
        checks.retain(|check| !check.starts_with("Performing"));
        let all = checks.len();
        checks.retain(|check| !check.starts_with("SUCCESS"));
        Self {
            passed,
            succeeded: all - checks.len(),
            others: checks,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Report;

    #[test]
    fn checks_are_told_with_what_explains_them() {
        let said = "Performing\nSUCCESS a\n  fine\nERROR b\n  why\n  how\nSUCCESS c\n";
        let report = Report::read(said, false);
        assert_eq!(report.succeeded, 2);
        assert_eq!(report.others, ["ERROR b\n  why\n  how\n"]);
    }
}
