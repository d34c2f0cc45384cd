//! Whether the tests notice when the code does something else.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};

use crate::install::install;
use crate::postgres::{Postgres, VARIABLE};
use crate::run::{cargo, output, run, succeeds};

/// Change the code in one place after another and see that a test fails.
///
/// Covers what applies a PATCH, reads filters and checks resources in
/// scim-core, and the HTTP and service layers of scim-server. Of their mutants
/// a sample is tried, which stays the same when code is moved or added. Those
/// that no test can catch are left out by `.cargo/mutants.toml`, which says why
/// of each. cargo-mutants is installed when it is missing; what it found stays
/// in `target/mutants`.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// One mutant of N; 1 means all, which takes hours
    #[arg(long, value_name = "N", default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..))]
    every: u32,
    /// Which of the N samples, counted from 0
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
    /// What runs the tests, and with which arguments.
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
        // Cargo runs the examples of the documentation too.
        tests: &["--test-tool", "cargo"],
    },
    Part {
        package: "scim-server",
        files: &["scim-server/src/http/**", "scim-server/src/service/**"],
        // One test that fails is enough. Those of SQL say nothing about these files and take
        // minutes.
        tests: &[
            "--test-tool",
            "nextest",
            "--",
            "--lib",
            "--test",
            "http",
            "-E",
            "not test(store::sql) and not test(service::tests::postgres)",
            "--max-fail",
            "1:immediate",
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
    let folder = env::current_dir()?.join("target/mutants");
    let mut missed = Vec::new();
    for part in &PARTS {
        let wanted = options.package.as_deref();
        if wanted.is_some_and(|wanted| wanted != part.package) {
            continue;
        }
        if run(&mut part.command(options, &folder, postgres.url())?).is_err() {
            missed.push(part.package);
        }
    }
    if missed.is_empty() {
        return Ok(());
    }
    bail!(
        "not every mutant was caught ({}); missed.txt and timeout.txt in \
         target/mutants/*/mutants.out name them: write the test that fails, or say in \
         .cargo/mutants.toml why none can",
        missed.join(", ")
    )
}

impl Part {
    fn command(&self, options: &Options, folder: &Path, postgres: &str) -> anyhow::Result<Command> {
        let output = folder.join(self.package);
        fs::create_dir_all(&output).with_context(|| format!("cannot make {}", output.display()))?;
        let mut command = self.cargo_mutants();
        command
            .args(["--all-features", "--no-shuffle", "--colors", "never"])
            // On a busy computer, what takes five times as long need not hang.
            .args(["--minimum-test-timeout", "300"])
            .arg("--config")
            .arg(self.sample(options, &output)?)
            .arg("--output")
            .arg(output)
            .args(self.tests)
            // Small and quick to link, and the dependencies are built once.
            .env("CARGO_PROFILE_DEV_DEBUG", "false")
            .env("CARGO_TARGET_DIR", folder.join("build"))
            // Most of a law's 10,000 cases only find what is much rarer.
            .env("PROPTEST_CASES", "200")
            .env(VARIABLE, postgres);
        Ok(command)
    }

    fn cargo_mutants(&self) -> Command {
        let mut command = cargo();
        command.args(["mutants", "--package", self.package]);
        for files in self.files {
            command.args(["--file", files]);
        }
        command
    }

    /// A file of settings that names the mutants of the sample. Those that leave
    /// out a field cargo-mutants tries besides, whatever it says.
    fn sample(&self, options: &Options, folder: &Path) -> anyhow::Result<PathBuf> {
        let all = output(self.cargo_mutants().arg("--list"))?;
        let names: Vec<String> = all
            .lines()
            .filter(|mutant| sample_of(mutant, options.every) == options.from)
            .map(pattern)
            .collect();
        println!(
            "{}: {} of {} mutants",
            self.package,
            names.len(),
            all.lines().count()
        );
        let file = folder.join("sample.toml");
        // An array of texts is the same in JSON and in TOML.
        let names = serde_json::to_string(&names)?;
        fs::write(&file, format!("examine_re = {names}\n"))
            .with_context(|| format!("cannot write {}", file.display()))?;
        Ok(file)
    }
}

/// Which of `samples` a mutant belongs to, by what it changes in which file,
/// and not by the line: `src/a.rs:58:19: replace > with >= in lex`.
fn sample_of(mutant: &str, samples: u32) -> u32 {
    let (place, change) = mutant.split_once(": ").unwrap_or(("", mutant));
    let file = place.split(':').next().unwrap_or_default();
    let bytes = file.bytes().chain(change.bytes());
    bytes.map(u32::from).sum::<u32>() % samples
}

/// The regular expression of this text and no other.
fn pattern(text: &str) -> String {
    let mut pattern = "^".to_owned();
    for char in text.chars() {
        if r"\.+*?()|[]{}^$".contains(char) {
            pattern.push('\\');
        }
        pattern.push(char);
    }
    pattern + "$"
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

#[cfg(test)]
mod tests {
    use super::{pattern, sample_of};

    #[test]
    fn a_mutant_stays_in_its_sample_when_its_line_moves() {
        let before = sample_of("src/a.rs:58:19: replace > with >= in lex", 7);
        let after = sample_of("src/a.rs:60:3: replace > with >= in lex", 7);
        assert_eq!(before, after);
    }

    #[test]
    fn every_mutant_is_in_one_sample() {
        let samples: std::collections::BTreeSet<u32> = ["true", "false", "Ok(())", "0", "1", "2"]
            .map(|it| sample_of(&format!("src/a.rs:1:1: replace f -> T with {it}"), 3))
            .into();
        assert_eq!(samples, [0, 1, 2].into());
    }

    #[test]
    fn a_pattern_is_the_text_itself() {
        assert_eq!(
            pattern(r"a.rs:1:2: replace f -> (A) with vec![]"),
            r"^a\.rs:1:2: replace f -> \(A\) with vec!\[\]$"
        );
    }
}
