//! What can be typed besides the commands of the library.
//!
//! | file | question |
//! |---|---|
//! | `define.rs` | what can be typed, and what does `--help` teach? |
//! | `import.rs` | how does a file come in, and what is told meanwhile? |
//! | `export.rs` | how does one go out? |
//! | `admin.rs` | who signs in to the console before anybody can let others in? |
//! | `doctor.rs` | would Entra and Okta get on with a server? |

pub mod admin;
mod define;
mod doctor;
mod export;
mod import;

use std::process::ExitCode;

use anyhow::bail;
use scim_server::command::{Added, Given};

use crate::csv::FileKind;

/// All of them, as `--help` lists them.
pub const ALL: &[Added] = &[
    Added {
        define: define::hosts,
        run: |given| Box::pin(run(given, FileKind::Hosts)),
    },
    Added {
        define: define::groups,
        run: |given| Box::pin(run(given, FileKind::Groups)),
    },
    doctor::COMMAND,
    admin::COMMAND,
];

async fn run(given: Given<'_>, kind: FileKind) -> anyhow::Result<ExitCode> {
    let mut out = std::io::stdout();
    let mut running = given.running(&mut out).await?;
    let outcome = match given.matches.subcommand() {
        Some(("import", matches)) => import::import(&mut running, matches, kind).await,
        Some(("export", matches)) => export::export(&mut running, matches, kind).await,
        _ => bail!("say import or export"),
    };
    running.engine.store().close().await;
    outcome
}
