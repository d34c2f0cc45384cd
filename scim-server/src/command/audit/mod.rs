//! `audit`: is the log whole, what is in it, and what is personal in it no longer?
//!
//! | file | question |
//! |---|---|
//! | `key.rs` | which key signs, and which one verifies? |
//! | `verify.rs` | is the log, or an export of it, whole? |
//! | `export.rs` | what is written for somebody else? |
//! | `erase.rs` | what is taken out? |
//! | `counter.rs` | how far has it come? |

mod counter;
mod erase;
mod export;
mod key;
mod verify;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use scim_core::{ResourceId, TenantId};

use super::settings::Settings;
use super::tenant;
use super::{Product, database};
use crate::store::Store;

use counter::Counter;
pub(super) use key::key_of_server;

/// What can be done with the audit log.
#[derive(Subcommand)]
pub(super) enum AuditAction {
    /// Tell what was edited, inserted, deleted, reordered or cut off since it was recorded
    ///
    /// Every change has a number and a hash that contains the hash before it; `serve` signs the last one
    /// every minute. All hashes are made again and compared, also with the signatures. Each finding is a
    /// line; the exit code is 0 when there is none and 1 otherwise.
    ///
    /// Changes that were cut off together with their checkpoints leave no trace in the database: keep a
    /// checkpoint elsewhere now and then (`audit checkpoint`) and show it with --checkpoint.
    Verify(Verifying),
    /// Print the newest checkpoint, as a line of JSON to be kept elsewhere
    Checkpoint {
        /// Whose; all tenants unless given
        #[arg(long, value_name = "SLUG")]
        tenant: Option<TenantId>,
    },
    /// Write the log as lines of JSON, which `audit verify --file` verifies without a database
    ///
    /// The last line is the newest checkpoint of what is written. The lines hold personal data: what
    /// was recorded and not erased.
    Export(Exporting),
    /// Take out what the log holds of a person; the facts and the chain stay whole
    ///
    /// Gone are the former values and the requests that were sent; what happened to which id, when and
    /// by which connection stays. That and why it was done is recorded, and stays too. This is final.
    ///
    /// Name everything that holds the data of the person: the User and, in a product with hosts, the
    /// Host that was made of it. Other resources whose changes mention what was erased are listed
    /// afterwards, so that none is forgotten; name those that are about the same person too. The id of
    /// a change, as `audit export` shows it, stands for that change alone: one of a group, or a refused
    /// create, which has no resource. What is stored of the person now is not touched: delete it first.
    Erase(Erasing),
    /// Print the public key, for those who verify without the private one
    PublicKey,
}

/// What is to be verified.
#[derive(Args)]
pub(super) struct Verifying {
    /// Whose log; all tenants unless given
    #[arg(long, value_name = "SLUG", conflicts_with = "file")]
    tenant: Option<TenantId>,
    /// A public key that checkpoints may be signed with, in PEM; several, where the key was changed
    /// [default: that of --audit-key]
    #[arg(long, value_name = "FILE")]
    public_key: Vec<PathBuf>,
    /// A file with checkpoints that were kept elsewhere; may be given several times
    #[arg(long, value_name = "FILE")]
    checkpoint: Vec<PathBuf>,
    /// An export to be verified instead of the database
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
}

/// What is to be exported.
#[derive(Args)]
pub(super) struct Exporting {
    /// Whose log; needed where there are several tenants
    #[arg(long, value_name = "SLUG")]
    tenant: Option<TenantId>,
    /// The first number
    #[arg(long, value_name = "SEQ", default_value_t = 1, value_parser = clap::value_parser!(i64).range(1..))]
    from: i64,
    /// The last number; all there are unless given
    #[arg(long, value_name = "SEQ", value_parser = clap::value_parser!(i64).range(1..))]
    to: Option<i64>,
    /// A new file, for its owner alone; standard output unless given
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// What is to be erased.
#[derive(Args)]
pub(super) struct Erasing {
    /// Resources whose changes are freed of what is personal, or single changes
    #[arg(required = true, value_name = "RESOURCE-ID", value_parser = resource_id)]
    ids: Vec<ResourceId>,
    /// Whose log
    #[arg(long, value_name = "SLUG")]
    tenant: TenantId,
    /// Why; it stays in the log, so name nobody: "request 2026-17"
    #[arg(long, value_name = "TEXT", value_parser = reason)]
    reason: String,
}

fn resource_id(text: &str) -> Result<ResourceId, &'static str> {
    text.parse()
        .map_err(|_| "no id of a resource; the server shows it as `id`")
}

const REASON_CHARS_MAX: usize = 200;

fn reason(text: &str) -> Result<String, &'static str> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > REASON_CHARS_MAX {
        return Err("a reason has 1 to 200 characters");
    }
    Ok(text.to_owned())
}

/// Does what is asked for.
pub(super) async fn run(
    product: Product,
    settings: &Settings,
    action: AuditAction,
    out: &mut impl Write,
) -> anyhow::Result<ExitCode> {
    let open = async || database::open(product, settings).await;
    let (store, code) = match action {
        AuditAction::PublicKey => {
            write!(out, "{}", key::public_key(settings)?.to_pem())?;
            return Ok(ExitCode::SUCCESS);
        }
        AuditAction::Verify(verifying) => {
            let keys = key::public_keys(settings, &verifying.public_key)?;
            let (tenant, kept) = (verifying.tenant.as_ref(), &verifying.checkpoint);
            if let Some(file) = &verifying.file {
                return verify::file(file, &keys, kept, out);
            }
            let store = open().await?;
            let code = verify::database(store.as_ref(), tenant, &keys, kept, out).await?;
            (store, code)
        }
        AuditAction::Checkpoint { tenant } => {
            let store = open().await?;
            export::checkpoints(store.as_ref(), tenant.as_ref(), out).await?;
            (store, ExitCode::SUCCESS)
        }
        AuditAction::Export(exporting) => {
            let store = open().await?;
            export::export(store.as_ref(), &exporting, out).await?;
            (store, ExitCode::SUCCESS)
        }
        AuditAction::Erase(erasing) => {
            let store = open().await?;
            erase::erase(store.as_ref(), &erasing, out).await?;
            (store, ExitCode::SUCCESS)
        }
    };
    store.close().await;
    Ok(code)
}

/// This tenant, or all.
async fn tenants(store: &dyn Store, one: Option<&TenantId>) -> anyhow::Result<Vec<TenantId>> {
    if let Some(one) = one {
        return Ok(vec![tenant::one(store, Some(one)).await?]);
    }
    let all = store.tenants().await?.into_iter();
    Ok(all.map(|tenant| tenant.id).collect())
}
