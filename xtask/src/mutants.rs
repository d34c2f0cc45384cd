//! Whether the tests notice when the code does something else.

use std::env;
use std::fs;
use std::process::Command;

use anyhow::{Context, bail};

use crate::install::install;
use crate::postgres::{Postgres, VARIABLE};
use crate::run::{cargo, run, succeeds};

/// Change the code in one place after another and see that a test fails.
///
/// Covers what applies a PATCH, reads filters and checks resources in
/// scim-core, and the HTTP and service layers of scim-server. Those mutants
/// that no test can catch are left out by `.cargo/mutants.toml`, which says why
/// of each. cargo-mutants is installed when it is missing; what it found stays
/// in `target/mutants`.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Every N-th mutant; 1 means all, which takes hours
    #[arg(long, value_name = "N", default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..))]
    every: u32,
    /// Start with this one of the first N, so that other samples can be drawn
    #[arg(long, value_name = "K", default_value_t = 0)]
    from: u32,
    /// Only this crate
    #[arg(long, value_name = "CRATE")]
    package: Option<String>,
}

/// What is changed, and which tests are to notice.
struct Part {
    package: &'static str,
    files: &'static [&'static str],
    /// For nextest: which tests run. Those of SQL say nothing about these files
    /// and take minutes.
    tests: &'static [&'static str],
}

const PARTS: [Part; 2] = [
    Part {
        package: "scim-core",
        files: &[
            "scim-core/src/patch/**",
            "scim-core/src/filter/**",
            "scim-core/src/resource/**",
        ],
        tests: &[],
    },
    Part {
        package: "scim-server",
        files: &["scim-server/src/http/**", "scim-server/src/service/**"],
        tests: &[
            "--lib",
            "--test",
            "http",
            "-E",
            "not test(store::sql) and not test(service::tests::postgres)",
        ],
    },
];

/// Tests the mutants of each part against the tests of its own crate.
pub(crate) fn mutants(options: &Options) -> anyhow::Result<()> {
    if options.from >= options.every {
        bail!("--from counts from 0 and is less than --every");
    }
    install()?;
    install_tools()?;
    let postgres = Postgres::start()?;
    let mut missed = Vec::new();
    for part in &PARTS {
        let wanted = options.package.as_deref();
        if wanted.is_some_and(|wanted| wanted != part.package) {
            continue;
        }
        if run(&mut part.command(options, postgres.url())?).is_err() {
            missed.push(part.package);
        }
    }
    if missed.is_empty() {
        return Ok(());
    }
    bail!(
        "not every mutant was caught ({}); target/mutants/*/mutants.out/missed.txt names them: \
         write the test that fails, or say in .cargo/mutants.toml why none can",
        missed.join(", ")
    )
}

impl Part {
    fn command(&self, options: &Options, postgres: &str) -> anyhow::Result<Command> {
        let folder = env::current_dir()?.join("target/mutants");
        let output = folder.join(self.package);
        fs::create_dir_all(&output).with_context(|| format!("cannot make {}", output.display()))?;
        let mut command = cargo();
        command.args(["mutants", "--package", self.package, "--all-features"]);
        for files in self.files {
            command.args(["--file", files]);
        }
        let shard = format!("{}/{}", options.from, options.every);
        command.args(["--shard", &shard, "--sharding", "round-robin"]);
        command.args([
            "--test-tool",
            "nextest",
            "--no-shuffle",
            "--colors",
            "never",
        ]);
        command.arg("--output").arg(output);
        command.arg("--").args(self.tests);
        command
            // Small and quick to link, and the dependencies are built once.
            .env("CARGO_PROFILE_DEV_DEBUG", "false")
            .env("CARGO_TARGET_DIR", folder.join("build"))
            // Most of a law's 10,000 cases only find what is much rarer.
            .env("PROPTEST_CASES", "200")
            .env(VARIABLE, postgres);
        Ok(command)
    }
}

fn install_tools() -> anyhow::Result<()> {
    for name in ["mutants", "nextest"] {
        if !succeeds(cargo().args([name, "--version"])) {
            let package = format!("cargo-{name}");
            println!("installing {package}");
            run(cargo().args(["install", &package, "--locked"]))
                .with_context(|| format!("install it: cargo install {package} --locked"))?;
        }
    }
    Ok(())
}
