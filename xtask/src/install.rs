//! Which programs the gate needs that Rust does not bring, and how they get
//! onto the machine.
//!
//! It is one: PostgreSQL, because every store test runs on both databases. A C
//! compiler for the bundled SQLite is not listed: without one this program
//! would not have been linked.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use crate::run::{is_root, program, run};

/// Installs PostgreSQL unless it is there.
pub(crate) fn install() -> anyhow::Result<()> {
    if let Some(folder) = postgres_programs() {
        println!("PostgreSQL is in {}", folder.display());
        return Ok(());
    }
    const BY_HAND: &str = "apt-get update && apt-get install -y --no-install-recommends postgresql";
    if !is_root() {
        bail!("PostgreSQL is missing and only root may install it; run: sudo sh -c '{BY_HAND}'");
    }
    println!("installing PostgreSQL: every store test runs on it as well as on SQLite");
    run(apt_get().arg("update"))?;
    run(apt_get().args(["install", "-y", "--no-install-recommends", "postgresql"]))
        .with_context(|| format!("install PostgreSQL by hand, then run this again: {BY_HAND}"))?;
    if postgres_programs().is_none() {
        bail!("the package postgresql is installed but {DEBIAN}/*/bin/initdb does not exist");
    }
    Ok(())
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
