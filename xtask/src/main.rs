//! What a developer or CI runs in this repository: `cargo xtask --help`.
//!
//! - [`test`](mod@test) is the gate: every check a change must pass, in order;
//! - [`soak`] runs the kill and race tests for longer;
//! - [`bench`](mod@bench) compares the servers with what storing costs at least;
//! - [`fuzz`](mod@fuzz) feeds hostile input to what reads it;
//! - [`mutants`](mod@mutants) changes the code and sees that the tests notice;
//! - [`scim2`](mod@scim2) lets an independent client test both servers;
//! - [`peers`](mod@peers) runs the conformance suite against two other servers;
//! - [`postgres`] starts the private PostgreSQL all of them test against.

mod bench;
mod fuzz;
mod install;
mod layers;
mod licences;
mod mutants;
mod peers;
mod postgres;
mod run;
mod scim2;
mod server;
mod soak;
mod spdx;
mod test;

use std::env;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;
use clap::{Parser, Subcommand};

/// Everything this repository needs done, from a clean machine on.
///
/// `cargo xtask test` is the gate: it passes exactly when a change may be
/// merged. CI runs the same command.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    Test(test::Options),
    Soak(soak::Options),
    Bench(bench::Options),
    Fuzz(fuzz::Options),
    Mutants(mutants::Options),
    Scim2(scim2::Options),
    Peers(peers::Options),
    Postgres(postgres::Options),
}

fn main() -> ExitCode {
    match run_task(&Arguments::parse().task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure:#}");
            ExitCode::FAILURE
        }
    }
}

fn run_task(task: &Task) -> anyhow::Result<()> {
    // Paths below are relative to the workspace, wherever this was typed.
    let folder = env::var_os("CARGO_MANIFEST_DIR").context("run this as `cargo xtask`")?;
    env::set_current_dir(Path::new(&folder).join(".."))?;
    match task {
        Task::Test(options) => test::test(options),
        Task::Soak(options) => soak::soak(options),
        Task::Bench(options) => bench::bench(options),
        Task::Fuzz(options) => fuzz::fuzz(options),
        Task::Mutants(options) => mutants::mutants(options),
        Task::Scim2(options) => scim2::scim2(options),
        Task::Peers(options) => peers::peers(options),
        Task::Postgres(options) => postgres::foreground(options),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        super::Arguments::command().debug_assert();
    }
}
