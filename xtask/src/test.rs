//! The gate: what a change must pass, step by step, and how long each took.

use std::io::{IsTerminal, stdout};
use std::time::{Duration, Instant};

use anyhow::Context;
use clap::ValueEnum;

use crate::install::install;
use crate::postgres::{Postgres, VARIABLE};
use crate::run::{cargo, run, succeeds};
use crate::{layers, licences, scim2};

/// Check everything: format, licences, lints, docs, every test, and an independent client.
///
/// Stops at the first step that fails. PostgreSQL is installed when it is
/// missing (as root; otherwise the command is shown) and a private one runs
/// during the tests.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Run this step and no other; may be given several times
    #[arg(long, value_name = "STEP", value_enum)]
    only: Vec<Step>,
    /// What to pass to the test runner, such as a part of a test's name; then
    /// only the test step runs, without the examples in the docs
    #[arg(last = true)]
    runner: Vec<String>,
}

/// Runs the chosen steps in order and fails with the first that fails.
pub(crate) fn test(options: &Options) -> anyhow::Result<()> {
    let steps = chosen(options);
    let mut outcomes = Vec::new();
    let mut failed = Ok(());
    for step in &steps {
        let (name, checks) = step.shown();
        println!("\n== {name}: {checks}");
        let start = Instant::now();
        let outcome = step.run(&options.runner);
        outcomes.push((start.elapsed(), outcome.is_ok()));
        if outcome.is_err() {
            failed = outcome.with_context(|| format!("the step `{name}` failed"));
            break;
        }
    }
    println!();
    for (index, step) in steps.iter().enumerate() {
        println!("{}", row(*step, outcomes.get(index).copied()));
    }
    let total: Duration = outcomes.iter().map(|(took, _)| *took).sum();
    println!("{:<8}{:>8.1} s", "total", total.as_secs_f64());
    failed
}

/// Cheapest first, so that most mistakes are told early.
#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
enum Step {
    /// Every file is formatted
    Fmt,
    /// Licences, sources and bans of deny.toml; crates that lie over each other as they should
    Deny,
    /// No warning from the compiler or Clippy
    Clippy,
    /// The documentation builds and its links lead somewhere
    Doc,
    /// Every test, on SQLite and PostgreSQL
    Test,
    /// Both servers, as scim2-cli finds them
    Scim2,
}

fn chosen(options: &Options) -> Vec<Step> {
    let chosen = |step: &Step| {
        if options.only.is_empty() {
            options.runner.is_empty() || *step == Step::Test
        } else {
            options.only.contains(step)
        }
    };
    let steps = Step::value_variants().iter().copied();
    steps.filter(chosen).collect()
}

impl Step {
    /// As `--help` shows it: the name, and what it checks.
    fn shown(self) -> (String, String) {
        let value = self.to_possible_value();
        let value = value.expect("no step is hidden from --help");
        let checks = value.get_help().map(ToString::to_string);
        (value.get_name().to_owned(), checks.unwrap_or_default())
    }

    fn run(self, runner: &[String]) -> anyhow::Result<()> {
        match self {
            Self::Fmt => check_format(),
            Self::Deny => licences::check().and_then(|()| layers::check()),
            Self::Clippy => {
                let clippy = "clippy --workspace --all-targets --all-features --locked";
                let strict = ["--", "-D", "warnings"];
                run(cargo().args(clippy.split(' ')).args(strict))?;
                let benches = "clippy --workspace --all-targets --locked";
                run(cargo().args(benches.split(' ')).args(BENCHES).args(strict))
            }
            Self::Doc => {
                let doc = "doc --workspace --no-deps --all-features --locked";
                let mut command = cargo();
                run(command
                    .args(doc.split(' '))
                    .env("RUSTDOCFLAGS", "-D warnings"))
            }
            Self::Test => run_tests(runner),
            Self::Scim2 => scim2::scim2(&scim2::Options {}),
        }
    }
}

/// The other workspace that is built with this compiler. What both need is built once.
const BENCHES: [&str; 4] = [
    "--manifest-path",
    "benches/Cargo.toml",
    "--target-dir",
    "target",
];

fn check_format() -> anyhow::Result<()> {
    let [_, benches, ..] = BENCHES;
    for workspace in ["Cargo.toml", benches] {
        let mut command = cargo();
        command.args(["fmt", "--all", "--check", "--manifest-path", workspace]);
        // rustfmt, unlike the others, does not look where its output goes.
        if !stdout().is_terminal() {
            command.args(["--", "--color", "never"]);
        }
        run(&mut command).with_context(|| {
            format!("run `cargo fmt --all --manifest-path {workspace}` to format the files above")
        })?;
    }
    Ok(())
}

fn run_tests(runner: &[String]) -> anyhow::Result<()> {
    install()?;
    // Tests start these from the target folder. The features are those of the
    // tests below, or both would be built twice.
    let build = "build --workspace --bins --all-features --locked";
    run(cargo().args(build.split(' ')))?;

    let postgres = Postgres::start()?;
    println!("PostgreSQL for the tests: {}", postgres.url());
    // Either way one run names every failure.
    let tests = if succeeds(cargo().args(["nextest", "--version"])) {
        "nextest run --workspace --all-features --locked"
    } else {
        "test --workspace --all-features --locked --lib --bins --tests --no-fail-fast"
    };
    let mut command = cargo();
    command.args(tests.split(' ')).args(runner);
    // As many random cases as .cargo/config.toml says, whatever the shell has.
    command.env_remove("PROPTEST_CASES");
    run(command.env(VARIABLE, postgres.url()))?;
    if runner.is_empty() {
        let examples = "test --workspace --all-features --locked --doc";
        run(cargo().args(examples.split(' ')))?;
        let benches = "test --workspace --locked --lib --bins";
        run(cargo().args(benches.split(' ')).args(BENCHES))?;
    }
    Ok(())
}

/// A line of the table at the end.
fn row(step: Step, outcome: Option<(Duration, bool)>) -> String {
    let (name, _) = step.shown();
    let Some((took, passed)) = outcome else {
        return format!("{name:<8}{:>8}    not run", "-");
    };
    let word = if passed { "passed" } else { "FAILED" };
    format!("{name:<8}{:>8.1} s  {word}", took.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(only: &[Step], runner: &[&str], expected: &[Step]) {
        let only = only.to_vec();
        let runner = runner.iter().map(|&word| word.to_owned()).collect();
        assert_eq!(chosen(&Options { only, runner }), expected);
    }

    #[test]
    fn every_step_by_default() {
        check(&[], &[], Step::value_variants());
    }

    #[test]
    fn only_some_in_the_usual_order() {
        check(&[Step::Doc, Step::Fmt], &[], &[Step::Fmt, Step::Doc]);
    }

    #[test]
    fn a_filter_is_for_the_tests() {
        let steps = [Step::Fmt, Step::Test];
        check(&[], &["filter"], &[Step::Test]);
        check(&steps, &["filter"], &steps);
    }

    #[test]
    fn rows_line_up() {
        let took = Duration::from_millis(61_300);
        let rows = [
            row(Step::Fmt, Some((took, true))),
            row(Step::Test, Some((took, false))),
            row(Step::Doc, None),
        ];
        assert_eq!(
            rows,
            [
                "fmt         61.3 s  passed",
                "test        61.3 s  FAILED",
                "doc            -    not run"
            ]
        );
    }
}
