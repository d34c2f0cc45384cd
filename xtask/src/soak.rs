//! Whether the kill and race tests still hold after many rounds.

use crate::install::install;
use crate::postgres::{Postgres, VARIABLE};
use crate::run::{cargo, run, succeeds};

/// Run the kill and race tests for longer, as released.
///
/// These are the tests whose names begin with `soak_`. The gate runs them with
/// few rounds; here the number of rounds is multiplied (tests read the factor
/// from the variable `SCIM_SOAK`) and everything is built in release.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// How many times the rounds of the gate to run
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
}

/// Runs the soak tests against a PostgreSQL of their own.
pub(crate) fn soak(options: &Options) -> anyhow::Result<()> {
    install()?;
    let postgres = Postgres::start()?;
    let build = "build --release --workspace --exclude xtask --bins --all-features --locked";
    run(cargo().args(build.split(' ')))?;
    let mut tests = cargo();
    if succeeds(cargo().args(["nextest", "--version"])) {
        tests.args(["nextest", "run", "--profile", "soak"]);
    } else {
        tests.arg("test");
    }
    tests
        .args("--release --workspace --exclude xtask --all-features --locked soak_".split(' '))
        .env("SCIM_SOAK", options.rounds.to_string())
        .env(VARIABLE, postgres.url());
    run(&mut tests)
}
