//! Which programs the gate needs that Rust does not bring, and how they get
//! onto the machine.
//!
//! PostgreSQL, because every store test runs on both databases, and openssl, a
//! TLS client that is not ours. A C
//! compiler for the bundled SQLite is not listed: without one this program
//! would not have been linked.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use crate::run::{is_root, program, run};

/// Installs what is not there.
pub(crate) fn install() -> anyhow::Result<()> {
    if let Some(folder) = postgres_programs() {
        println!("PostgreSQL is in {}", folder.display());
    } else {
        install_package(
            "postgresql",
            "every store test runs on it as well as on SQLite",
        )?;
        if postgres_programs().is_none() {
            bail!("the package postgresql is installed but {DEBIAN}/*/bin/initdb does not exist");
        }
    }
    if !is_on_path("openssl") {
        install_package(
            "openssl",
            "the TLS tests are answered by a client that is not ours",
        )?;
    }
    Ok(())
}

fn install_package(package: &str, why: &str) -> anyhow::Result<()> {
    let by_hand = format!("apt-get update && apt-get install -y --no-install-recommends {package}");
    if !is_root() {
        bail!("{package} is missing and only root may install it; run: sudo sh -c '{by_hand}'");
    }
    println!("installing {package}: {why}");
    run(apt_get().arg("update"))?;
    run(apt_get().args(["install", "-y", "--no-install-recommends", package]))
        .with_context(|| format!("install {package} by hand, then run this again: {by_hand}"))
}

fn is_on_path(name: &str) -> bool {
    std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join(name).is_file()))
}

/// The folder with PostgreSQL's `initdb` and `pg_ctl`; the newest one wins.
pub(crate) fn postgres_programs() -> Option<PathBuf> {
    // Debian keeps them off the PATH, one folder for each major version.
    let versions = std::fs::read_dir(DEBIAN).into_iter().flatten().flatten();
    versions
        .filter_map(|version| {
            let number: u32 = version.file_name().to_str()?.parse().ok()?;
            Some((number, version.path().join("bin")))
        })
        .filter(|(_, folder)| is_complete(folder))
        .max()
        .map(|(_, folder)| folder)
        .or_else(|| {
            std::env::split_paths(&std::env::var_os("PATH")?).find(|folder| is_complete(folder))
        })
}

const DEBIAN: &str = "/usr/lib/postgresql";

fn is_complete(folder: &Path) -> bool {
    ["initdb", "pg_ctl", "postgres", "createdb"]
        .iter()
        .all(|name| folder.join(name).is_file())
}

fn apt_get() -> std::process::Command {
    let mut command = program("apt-get");
    command.env("DEBIAN_FRONTEND", "noninteractive");
    command
}
