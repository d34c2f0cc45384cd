//! `scim-conformance` without a command: runs the checks and prints a report.

use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result};
use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use conformance_tests::client::Client;
use conformance_tests::suite::{Finding, Plan, Profile, Report, run};

/// Which checks, and how to tell what came of them.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Which checks to run
    #[arg(long, value_enum, default_value_t)]
    profile: Profile,
    /// How to print the report
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Run only checks whose ids begin with this, of any profile; may be given several times
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    only: Vec<String>,
}

#[derive(Clone, Copy, Default, ValueEnum)]
enum Format {
    /// For people
    #[default]
    Text,
    /// For programs; docs/conformance.md describes it
    Json,
    /// For CI systems
    Junit,
}

pub(crate) async fn check(client: Client, options: &Options) -> Result<ExitCode> {
    let plan = match Plan::new(options.profile, &options.only) {
        Ok(plan) => plan,
        Err(wrong) => {
            eprintln!("error: {wrong}");
            return Ok(super::usage());
        }
    };
    let bar = bar(plan.checks().len());
    let mut failed = 0;
    let mut progress = |finding: &Finding| {
        failed += usize::from(finding.failed());
        bar.set_message(format!("{failed} failed, {}", finding.check.id));
        bar.inc(1);
    };
    let report = run(client, &plan, interrupts(), &mut progress).await;
    bar.finish_and_clear();
    match report {
        Ok(report) => {
            print(&report, options.format).context("the report cannot be printed")?;
            Ok(ExitCode::from(report.exit_code()))
        }
        Err(why) => {
            eprintln!("error: {why}");
            Ok(ExitCode::from(3))
        }
    }
}

/// Becomes true with the first Ctrl-C; the second ends the program at once.
fn interrupts() -> Arc<AtomicBool> {
    let interrupted = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&interrupted);
    tokio::spawn(async move {
        while tokio::signal::ctrl_c().await.is_ok() {
            if told.swap(true, Ordering::Relaxed) {
                std::process::exit(130);
            }
            eprintln!("\ndeleting what was made; Ctrl-C again leaves it there");
        }
    });
    interrupted
}

/// On a terminal only.
fn bar(checks: usize) -> ProgressBar {
    let length = u64::try_from(checks).unwrap_or(u64::MAX);
    let bar = ProgressBar::with_draw_target(Some(length), ProgressDrawTarget::stderr());
    match ProgressStyle::with_template("{bar:30} {pos}/{len} {wide_msg}") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

fn print(report: &Report, format: Format) -> io::Result<()> {
    let text = match format {
        Format::Text => report.to_text(),
        Format::Json => format!("{:#}\n", report.to_json()),
        Format::Junit => report.to_junit(),
    };
    io::stdout().lock().write_all(text.as_bytes())
}
