//! What can be typed besides the commands of the library: files in, and files out.
//!
//! | file | question |
//! |---|---|
//! | `define.rs` | what can be typed, and what does `--help` teach? |
//! | `import.rs` | how does a file come in, and what is told meanwhile? |
//! | `export.rs` | how does one go out? |

mod define;
mod export;
mod import;

use std::process::ExitCode;

use anyhow::bail;
use clap::ArgMatches;
use scim_server::command::{ProductCommand, Running};

use crate::csv::FileKind;

/// The commands `hosts` and `groups`.
pub const ALL: &[ProductCommand] = &[
    ProductCommand {
        define: define::hosts,
        run: |running, matches| Box::pin(run(running, matches, FileKind::Hosts)),
    },
    ProductCommand {
        define: define::groups,
        run: |running, matches| Box::pin(run(running, matches, FileKind::Groups)),
    },
];

async fn run(
    running: &mut Running<'_>,
    matches: &ArgMatches,
    kind: FileKind,
) -> anyhow::Result<ExitCode> {
    match matches.subcommand() {
        Some(("import", matches)) => import::import(running, matches, kind).await,
        Some(("export", matches)) => export::export(running, matches, kind).await,
        _ => bail!("say import or export"),
    }
}
