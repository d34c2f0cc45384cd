//! Whether a service provider keeps up with an identity provider, cycle after cycle: a directory
//! that changes, a client that remembers what it has exported, and a comparison of both ends.
//!
//! | file | question |
//! |---|---|
//! | `directory/` | who is there, and what changes between two cycles? |
//! | `plan.rs` | what has to be done? |
//! | `provider.rs`, `entra/`, `okta/` | what would a provider send for that? |
//! | `quirk.rs`, `quirky.rs`, `bend.rs` | which habits may it be given, and how do they show? |
//! | `work.rs`, `send.rs` | which request follows which answer, how fast and how often again? |
//! | `cycle.rs`, `escrow.rs` | in which order, and when is it given up? |
//! | `agreement.rs`, `hosts.rs` | does the server tell what the directory says? |
//!
//! Planning is pure: directory and exports in, requests out. `docs/simulate.md` tells which rules of
//! the providers are followed.

mod agreement;
mod arguments;
mod bend;
mod clean_up;
mod cycle;
mod directory;
mod entra;
mod escrow;
mod export;
mod hosts;
mod list;
mod okta;
mod plan;
mod provider;
mod quirk;
mod quirky;
mod report;
#[cfg(test)]
mod scripted;
mod send;
#[cfg(test)]
mod testing;
mod values;
mod work;

use anyhow::Result;
use indicatif::ProgressBar;
use tokio::time::Instant;

pub use arguments::Arguments;
pub use cycle::Tally;
pub use entra::Entra;
pub use okta::Okta;
pub use quirk::{Quirk, Quirks};
pub use report::{Cycle, Differences, Kind, Report};
pub use send::Counts;

use crate::client::{Client, Credential};
use crate::faults::{FaultProxy, Faults};
use agreement::Expectation;
use cycle::Engine;
use directory::Directory;
use provider::Provider;
use quirky::Quirky;
use send::Sender;

/// Cycles without changes that may follow the last one, as long as something waits to be tried
/// again.
const RETRY_CYCLES: u32 = 8;

/// What is simulated.
#[derive(Clone, Debug)]
pub struct Simulation {
    /// Who speaks.
    pub client: Speaker,
    /// People in the directory at the beginning.
    pub users: u32,
    /// Groups in the directory at the beginning.
    pub groups: u32,
    /// Cycles, the initial one included.
    pub cycles: u32,
    /// What the directory and the faults are made from.
    pub seed: u64,
    /// Part of every name and id; nothing else at the server may hold it.
    pub tag: String,
    /// Requests in a second; 0 for as many as possible.
    pub rate: u32,
    /// What goes wrong between client and server.
    pub faults: Option<Faults>,
    /// Habits that the provider is given beside its own.
    pub quirks: Quirks,
    /// What happens to the resources of the run at its end.
    pub afterwards: Afterwards,
}

/// Which identity provider speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speaker {
    /// Microsoft Entra ID.
    Entra(Entra),
    /// Okta.
    Okta(Okta),
}

/// What happens to the resources of a run at its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Afterwards {
    /// They stay.
    Keep,
    /// They are deleted.
    CleanUp,
}

/// Plays all cycles against `client` and compares after each. With an application's token, hosts
/// and host groups are compared too. What goes wrong stands in the report; an error means that the
/// proxy could not start, or that what was made could not be deleted.
pub async fn run(
    simulation: &Simulation,
    client: &Client,
    progress: &ProgressBar,
) -> Result<Report> {
    let proxy = match simulation.faults {
        Some(faults) => Some(FaultProxy::start(client.address(), faults, simulation.seed).await?),
        None => None,
    };
    let client = match &proxy {
        Some(proxy) => client.clone().at(proxy.address()),
        None => client.clone(),
    };
    let provider: &dyn Provider = match &simulation.client {
        Speaker::Entra(entra) => entra,
        Speaker::Okta(okta) => okta,
    };
    let quirky = Quirky::new(provider, &simulation.quirks);
    let provider: &dyn Provider = &quirky;
    let sender = Sender::new(&client, simulation.rate);
    let mut engine = Engine::new(provider, &sender, progress);
    let Simulation {
        tag, users, groups, ..
    } = simulation;
    let mut directory = Directory::new(tag, *users, *groups, simulation.seed);

    let hosts = if client.has(Credential::App) {
        Hosts::Compared
    } else {
        Hosts::Left
    };

    let mut cycles: Vec<Cycle> = Vec::new();
    for number in 1..=simulation.cycles + RETRY_CYCLES {
        let kind = match number {
            1 => Kind::Initial,
            _ if number <= simulation.cycles => Kind::Incremental,
            _ if engine.waits() => Kind::Retry,
            _ => break,
        };
        if kind == Kind::Incremental {
            directory.change();
        }
        progress.reset();
        progress.set_length(0);
        progress.set_message(format!("cycle {number}"));
        let (begin, before) = (Instant::now(), sender.counts());
        let tally = engine.run(&directory).await;
        let (seconds, sent) = (begin.elapsed().as_secs_f64(), sender.counts() - before);
        progress.set_message(format!("cycle {number}: comparing"));
        let expected = Expectation::new(&directory, provider, &engine);
        let differences = compare(&expected, &sender, provider, tag, hosts).await;
        let differences =
            differences.unwrap_or_else(|error| vec![format!("nothing to compare: {error:#}")]);
        cycles.push(Cycle {
            number,
            kind,
            seconds,
            sent,
            tally,
            differences: Differences::new(differences),
        });
    }
    let cleaned_up = match simulation.afterwards {
        Afterwards::Keep => None,
        Afterwards::CleanUp => Some(clean_up::clean_up(&sender, tag).await?),
    };
    progress.finish_and_clear();
    Ok(Report {
        provider: format!("{:?}", simulation.client),
        seed: simulation.seed,
        tag: tag.clone(),
        cycles,
        quirks: quirky.shown(),
        faults: proxy.map(|proxy| proxy.injected()),
        cleaned_up,
    })
}

/// Whether what the product derives is compared.
#[derive(Clone, Copy)]
enum Hosts {
    Compared,
    Left,
}

async fn compare(
    expected: &Expectation,
    sender: &Sender<'_>,
    provider: &dyn Provider,
    tag: &str,
    hosts: Hosts,
) -> Result<Vec<String>> {
    let mut differences = expected.differences(sender, provider, tag).await?;
    if let Hosts::Compared = hosts {
        differences.extend(hosts::differences(sender, expected, tag).await?);
    }
    Ok(differences)
}
