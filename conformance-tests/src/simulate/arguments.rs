//! The command line of `scim-conformance simulate`.

use anyhow::Result;
use clap::{Args, Subcommand, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};

use super::{Afterwards, Entra, Okta, Quirk, Report, Simulation, Speaker, run};
use crate::client::Client;
use crate::faults::Faults;

/// Plays an identity provider with a directory that changes, and compares both ends after each cycle.
#[derive(Args)]
pub struct Arguments {
    #[command(subcommand)]
    provider: Provider,
}

#[derive(Subcommand)]
enum Provider {
    /// Microsoft Entra ID: looks for people and groups, creates, patches, disables and deletes them
    Entra {
        /// Send what Entra sends with the flag aadOptscim062020 in its Tenant URL
        #[arg(long)]
        entra_flag: bool,
        #[command(flatten)]
        run: Run,
    },
    /// Okta: imports, assigns, updates and deactivates people, and pushes groups
    Okta {
        /// How profiles and groups are written
        #[arg(long, value_enum, default_value_t = Flow::Put)]
        flow: Flow,
        #[command(flatten)]
        run: Run,
    },
}

#[derive(Clone, Copy, ValueEnum)]
enum Flow {
    /// Whole resources, as applications made in the wizard
    Put,
    /// Changes, as applications of the integration network
    Patch,
}

#[derive(Args)]
struct Run {
    /// People in the directory at the beginning
    #[arg(long, default_value_t = 100)]
    users: u32,
    /// Groups in the directory at the beginning
    #[arg(long, default_value_t = 10)]
    groups: u32,
    /// Cycles; between two, the directory changes
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    cycles: u32,
    /// What the directory and the faults follow from; random unless given
    #[arg(long)]
    seed: Option<u64>,
    /// Requests in a second; 0 sends as fast as answers come
    #[arg(long, default_value_t = 25)]
    rate: u32,
    /// Share of requests that are refused or lost on the way, such as 0.02
    #[arg(long, value_name = "SHARE", value_parser = share)]
    faults: Option<f64>,
    /// A habit that the provider is given beside its own; may be given several times
    #[arg(long, value_name = "NAME", value_enum)]
    quirk: Vec<Quirk>,
    /// Delete all users and groups of the run at its end
    #[arg(long)]
    clean_up: bool,
    /// How the report is printed
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    Text,
    Json,
}

fn share(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(share) if (0.0..=0.5).contains(&share) => Ok(share),
        _ => Err("a share lies between 0 and 0.5".to_owned()),
    }
}

impl Arguments {
    /// Plays what was asked for; gives the report, and the same as the text to be printed.
    pub async fn run(self, client: &Client) -> Result<(Report, String)> {
        let (speaker, options) = match self.provider {
            Provider::Entra { entra_flag, run } => {
                let entra = if entra_flag {
                    Entra::Flag
                } else {
                    Entra::Usual
                };
                (Speaker::Entra(entra), run)
            }
            Provider::Okta { flow, run } => {
                let okta = match flow {
                    Flow::Put => Okta::Put,
                    Flow::Patch => Okta::Patch,
                };
                (Speaker::Okta(okta), run)
            }
        };
        let report = run(&options.simulation(speaker), client, &progress()?).await?;
        let text = match options.format {
            Format::Text => report.to_string(),
            Format::Json => serde_json::to_string_pretty(&report)? + "\n",
        };
        Ok((report, text))
    }
}

impl Run {
    fn simulation(&self, client: Speaker) -> Simulation {
        Simulation {
            client,
            users: self.users,
            groups: self.groups,
            cycles: self.cycles,
            seed: self.seed.unwrap_or_else(|| fastrand::u64(..)),
            // Not from the seed: a run that is repeated must not meet what it made before.
            tag: format!("sim{:08x}", fastrand::u32(..)),
            rate: self.rate,
            faults: self.faults.map(|share| Faults {
                share,
                retry_after_s: 1,
            }),
            quirks: self.quirk.iter().copied().collect(),
            afterwards: if self.clean_up {
                Afterwards::CleanUp
            } else {
                Afterwards::Keep
            },
        }
    }
}

/// Drawn on a terminal only.
fn progress() -> Result<ProgressBar> {
    let style = ProgressStyle::with_template("{elapsed} {msg} {wide_bar} {pos}/{len} {per_sec}");
    Ok(ProgressBar::new(0).with_style(style?))
}
