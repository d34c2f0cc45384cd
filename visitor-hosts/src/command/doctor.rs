//! `doctor URL`: would Entra and Okta get on with the server at this address?

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::doctor::{Doctor, Provider, Remote};
use anyhow::{Context, bail};
use clap::{Args, Command, FromArgMatches};
use scim_server::clock::{Clock, Ids, SystemClock, TimeOrderedIds};
use scim_server::command::{Added, Given};
use scim_server::outbound::{HostPort, Outbound};

/// The exit code of a program that was interrupted, as shells have it.
const INTERRUPTED: i32 = 130;

/// The line of [`ALL`](super::ALL).
pub(super) const COMMAND: Added = Added {
    define: || Arguments::augment_args(Command::new("doctor")),
    run: |given| Box::pin(run(given)),
};

/// Play Entra and Okta against a SCIM server, and explain each failure
///
/// Sends the requests that Microsoft Entra ID and Okta really send, in their order, and tells in plain
/// words what fails, what that means and what to change. What it makes is named scim-doctor-… and is
/// deleted at the end. Exits with 0 if provisioning will work, with 1 if it will not.
#[derive(Args)]
struct Arguments {
    /// The Tenant URL, as in `https://scim.example.org/t/main/scim/v2`
    #[arg(value_name = "URL")]
    url: String,
    #[command(flatten)]
    token: Token,
    /// Whose requests are sent
    #[arg(long = "as", value_name = "entra|okta|both", default_value = "both", value_parser = providers)]
    providers: Providers,
    /// Write nothing: send only what is read when a connection is tested
    #[arg(long)]
    read_only: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// A private address that may be asked, without TLS too; may be given several times
    #[arg(long, value_name = "HOST:PORT", value_delimiter = ',')]
    allow_private_outbound: Vec<HostPort>,
}

/// Where the bearer token is; never on the command line, which everybody on the machine can read.
#[derive(Args)]
#[group(required = true, multiple = false)]
struct Token {
    /// The environment variable that holds the token
    #[arg(long, value_name = "NAME")]
    token_env: Option<String>,
    /// The file that holds the token
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
}

#[derive(Clone)]
struct Providers(Vec<Provider>);

fn providers(text: &str) -> Result<Providers, String> {
    if text == "both" {
        return Ok(Providers(Provider::ALL.to_vec()));
    }
    let provider = text.parse().map_err(|_| "entra, okta or both".to_owned())?;
    Ok(Providers(vec![provider]))
}

async fn run(given: Given<'_>) -> anyhow::Result<ExitCode> {
    let arguments = Arguments::from_arg_matches(given.matches)?;
    let token = arguments.token.read()?;
    let outbound = Outbound::new(arguments.allow_private_outbound);
    let url = &arguments.url;
    let endpoint =
        Remote::new(outbound, url, &token).with_context(|| format!("cannot ask {url}"))?;
    let stop = Arc::new(AtomicBool::new(false));
    let listening = tokio::spawn(stop_when_interrupted(Arc::clone(&stop)));
    let run = TimeOrderedIds::default()
        .next(SystemClock.now())
        .simple()
        .to_string();
    // The end of the id is random, and enough to tell two runs apart.
    let doctor = Doctor::new(&endpoint, &run[20..]).until(&stop);
    let doctor = if arguments.read_only {
        doctor.reading_only()
    } else {
        doctor
    };
    let report = doctor.examine(&arguments.providers.0).await;
    listening.abort();
    let mut out = std::io::stdout();
    if arguments.json {
        writeln!(out, "{}", serde_json::to_string_pretty(&report)?)?;
    } else {
        write!(out, "{report}")?;
    }
    Ok(if report.passed() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

impl Token {
    fn read(&self) -> anyhow::Result<String> {
        let token = match (&self.token_env, &self.token_file) {
            (Some(name), _) => std::env::var(name)
                .with_context(|| format!("the environment variable {name} holds no token"))?,
            (None, Some(file)) => std::fs::read_to_string(file)
                .with_context(|| format!("cannot read {}", file.display()))?,
            (None, None) => bail!("--token-env or --token-file is missing"),
        };
        let token = token.trim();
        if token.is_empty() {
            bail!("the token is empty");
        }
        Ok(token.to_owned())
    }
}

/// Ctrl-C: nothing further is begun, and what was made is deleted. The second time the program ends.
async fn stop_when_interrupted(stop: Arc<AtomicBool>) {
    if tokio::signal::ctrl_c().await.is_ok() {
        eprintln!("stopping, and deleting what was made; Ctrl-C again ends at once");
        stop.store(true, Ordering::Relaxed);
        if tokio::signal::ctrl_c().await.is_ok() {
            std::process::exit(INTERRUPTED);
        }
    }
}
