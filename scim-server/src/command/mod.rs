//! The command line, the same for every product that is built on this library.
//!
//! | file | question |
//! |---|---|
//! | `arguments.rs` | what can be typed, and what does `--help` say? |
//! | `settings.rs` | which value counts: flag, environment, file or default? |
//! | `schemas.rs` | which resource types are served? |
//! | `limits.rs`, `certificate.rs` | what may a request cost, and which certificate is shown? |
//! | `serve.rs`, `first_start.rs` | how does a server start, greet and stop? |
//! | `database.rs`, `tenant.rs`, `token.rs`, `audit/` | what do the other commands do? |
//! | `added.rs`, `running.rs` | which commands does a product add, and what do they work with? |

mod added;
mod arguments;
mod audit;
mod certificate;
mod database;
mod first_start;
mod limits;
mod running;
mod schemas;
mod serve;
mod settings;
mod tenant;
mod token;

use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use axum::Router;
use futures::future::BoxFuture;
use scim_core::{SchemaError, TenantId};

use crate::Server;
use crate::service::{Hook, Served};
use crate::telemetry;
pub use added::{Added, Given};
use arguments::{Action, Parsed, TenantAction, TokenAction};
pub use running::Running;
use settings::Settings;

/// A program with this command line.
#[derive(Debug, Clone, Copy)]
pub struct Product {
    /// What people type.
    pub name: &'static str,
    /// Its version.
    pub version: &'static str,
    /// What it is, in a line.
    pub about: &'static str,
    /// Where its data is unless somebody says otherwise.
    pub default_database: &'static str,
    /// What it serves, and its behaviour.
    pub build: fn() -> anyhow::Result<Parts>,
    /// The commands that it has beside those of the library.
    pub commands: &'static [Added],
    /// What it serves beside SCIM, if anything: pages for people. They reach the server as any client does, and
    /// requests carry the [`ClientAddress`](crate::edge::ClientAddress).
    pub pages: Option<Pages>,
    /// What else is made at the first start, for the first tenant; gives back what is said of it, which is said
    /// this once.
    pub first_start: Option<FirstStart>,
}

/// See [`Product::pages`].
pub type Pages = fn(&Server) -> Result<Router, SchemaError>;

/// See [`Product::first_start`].
pub type FirstStart = for<'s> fn(&'s Server, &'s TenantId) -> BoxFuture<'s, anyhow::Result<String>>;

/// What a product adds to the library: resource types in the order of discovery, and hooks in the
/// order in which they run.
pub type Parts = (Vec<Served>, Vec<Arc<dyn Hook>>);

/// Runs the program: 0 when it did what was asked, 1 when it could not, 2 when it was asked in a
/// way that it does not understand.
pub fn main(product: Product) -> ExitCode {
    let arguments = match arguments::parse(product, std::env::args_os()) {
        Parsed::Run(arguments) => arguments,
        Parsed::Help(text) => {
            return match write!(std::io::stdout(), "{text}") {
                Ok(()) => ExitCode::SUCCESS,
                Err(_) => ExitCode::FAILURE,
            };
        }
        Parsed::Misunderstood(sentence) => {
            eprintln!("{}: {sentence}", product.name);
            return ExitCode::from(2);
        }
    };
    let outcome = Settings::read(product, &arguments.options, &arguments.serve)
        .and_then(|settings| run(product, &settings, arguments.action));
    match outcome {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{}: {error:#}", product.name);
            ExitCode::FAILURE
        }
    }
}

fn run(product: Product, settings: &Settings, action: Action) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("the program cannot start its threads")?;
    telemetry::log(&settings.log, settings.log_format)?;
    let mut out = std::io::stdout();
    runtime.block_on(async {
        match action {
            Action::Serve => serve::serve(product, settings, &mut out).await?,
            Action::Migrate => database::migrate(settings, &mut out).await?,
            Action::Check => return database::check(product, settings, &mut out).await,
            Action::Tenant(action) => {
                let store = database::open(product, settings).await?;
                match action {
                    TenantAction::Create { slug } => {
                        tenant::create(&store, &slug, &mut out).await?;
                    }
                    TenantAction::List => tenant::list(&store, &mut out).await?,
                }
                store.close().await;
            }
            Action::Token(action) => {
                let store = database::open(product, settings).await?;
                match action {
                    TokenAction::Create(new) => token::create(&store, &new, &mut out).await?,
                    TokenAction::List { tenant } => {
                        token::list(&store, &tenant, &mut out).await?;
                    }
                    TokenAction::SetPolicy { id, policy } => {
                        token::set_policy(&store, id, policy, &mut out).await?;
                    }
                    TokenAction::Rotate(rotation) => {
                        token::rotate(&store, &rotation, &mut out).await?;
                    }
                    TokenAction::Trust(trusting) => {
                        token::trust(&store, *trusting, &mut out).await?;
                    }
                    TokenAction::Distrust { id } => token::distrust(&store, id, &mut out).await?,
                    TokenAction::Revoke { id } => token::revoke(&store, id, &mut out).await?,
                }
                store.close().await;
            }
            Action::Audit(action) => return audit::run(product, settings, action, &mut out).await,
            Action::Added(added, matches) => {
                let given = Given::new(product, settings, &matches);
                return (added.run)(given).await;
            }
        }
        Ok(ExitCode::SUCCESS)
    })
}
