//! `scim-conformance`: plays fixtures against any SCIM server.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use conformance_tests::client::{Client, Credential, Credentials};
use conformance_tests::fixture::{self, Conversation};
use conformance_tests::hostile::Theme;
use conformance_tests::{hostile, replay, simulate};

/// Checks a SCIM 2.0 server from the outside, with what identity providers really send.
///
/// Play against a test tenant only: users and groups are created, changed and deleted.
#[derive(Parser)]
#[command(name = "scim-conformance", version)]
#[command(
    after_help = "Example:\n  scim-conformance --url http://127.0.0.1:8080/t/main/scim/v2 \
    --token \"$TOKEN\" play fixtures/entra"
)]
struct Arguments {
    /// SCIM base address (the Tenant URL), beginning with http://
    #[arg(long, env = "SCIM_URL")]
    url: String,
    /// Secret Token of the identity provider; some details are compared with its name, "Entra"
    #[arg(long, env = "SCIM_TOKEN", hide_env_values = true)]
    token: String,
    /// Token of another identity provider of the same tenant
    #[arg(long, env = "SCIM_SECOND_TOKEN", hide_env_values = true)]
    second_token: Option<String>,
    /// Token of an application, which may read what the product derives: hosts and host groups
    #[arg(long, env = "SCIM_APP_TOKEN", hide_env_values = true)]
    app_token: Option<String>,
    /// What locations in answers begin with, when that is not the address above
    #[arg(long)]
    public_url: Option<String>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Sends every request of a folder of fixtures and tells each difference from the expected answer
    Play {
        /// A conversation, or a folder of them
        fixtures: PathBuf,
        /// The policy of the tokens; conversations under another one are left out
        #[arg(long, default_value = "compatible")]
        policy: String,
        /// Leave out what needs hosts, which only the product has
        #[arg(long)]
        without_hosts: bool,
    },
    /// Sends every attack of a folder and tells each that is not refused as expected
    Hostile {
        /// A folder of *.jsonl
        attacks: PathBuf,
    },
    Simulate(simulate::Arguments),
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    let credentials = Credentials {
        idp: arguments.token,
        idp2: arguments.second_token,
        app: arguments.app_token,
    };
    let client = Client::new(&arguments.url, credentials)?;
    let client = match &arguments.public_url {
        Some(base) => client.with_public_base(base),
        None => client,
    };
    match arguments.command {
        Command::Play {
            fixtures,
            policy,
            without_hosts,
        } => {
            let mut conversations = fixture::load(&fixtures)?;
            conversations.retain(|Conversation { setting, .. }| {
                setting.policy == policy && !(without_hosts && setting.product_only)
            });
            Ok(play(&conversations, &client).await)
        }
        Command::Hostile { attacks } => attack(&hostile::load(&attacks)?, &client).await,
        Command::Simulate(arguments) => {
            let (report, shown) = arguments.run(&client).await?;
            print!("{shown}");
            Ok(if report.agrees() {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            })
        }
    }
}

async fn play(conversations: &[Conversation], client: &Client) -> ExitCode {
    let (mut different, mut left_out) = (0, 0);
    for conversation in conversations {
        if let Some(option) = missing_option(conversation, client) {
            println!("{}: left out, it needs {option}", conversation.name);
            left_out += 1;
            continue;
        }
        let played = replay::play(conversation, client).await;
        print!("{played}");
        different += usize::from(!played.failures.is_empty());
    }
    let all = conversations.len();
    println!("{all} conversations, {different} with differences, {left_out} left out");
    if different == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

async fn attack(themes: &[Theme], client: &Client) -> Result<ExitCode> {
    let (mut attacks, mut failures) = (0, 0);
    for theme in themes {
        let played = hostile::play(theme, client).await?;
        print!("{played}");
        attacks += played.attacks;
        failures += played.failures.len();
    }
    println!("{attacks} attacks, {failures} not answered as expected");
    Ok(if failures == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn missing_option(conversation: &Conversation, client: &Client) -> Option<&'static str> {
    match conversation
        .credentials()
        .find(|credential| !client.has(*credential))?
    {
        Credential::Idp2 => Some("--second-token"),
        Credential::App => Some("--app-token"),
        Credential::Idp | Credential::None => None,
    }
}
