//! `scim-conformance list`: which checks there are.

use std::process::ExitCode;

use conformance_tests::suite::{Plan, Profile};

/// Which checks to list.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Which checks
    #[arg(long, value_enum, default_value_t = Profile::All)]
    profile: Profile,
    /// Checks whose ids begin with this; may be given several times
    #[arg(long, value_name = "ID")]
    only: Vec<String>,
}

pub(crate) fn list(options: &Options) -> ExitCode {
    let plan = match Plan::new(options.profile, &options.only) {
        Ok(plan) => plan,
        Err(wrong) => {
            eprintln!("error: {wrong}");
            return super::usage();
        }
    };
    let mut chapter = "";
    for (found, check) in plan.checks() {
        if found.name != chapter {
            println!("{}: {}", found.name, found.title);
            chapter = found.name;
        }
        println!(
            "  {:<32} {:<6} {}",
            check.id,
            check.level.name(),
            check.requires
        );
    }
    println!("{} checks", plan.checks().len());
    ExitCode::SUCCESS
}
