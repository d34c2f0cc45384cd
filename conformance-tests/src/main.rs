//! `scim-conformance`: checks any SCIM server from the outside.

mod command;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{Args, Parser, Subcommand};

use conformance_tests::client::{Basic, Client, Credential, Credentials};
use conformance_tests::fixture::{self, Conversation};
use conformance_tests::hostile::Theme;
use conformance_tests::{hostile, replay, simulate};

/// Checks a SCIM 2.0 server from the outside: the rules of the RFCs, and what identity providers
/// really send.
///
/// Without a command, every rule of a profile is checked: each check names its source, and a rule
/// that is broken is told with what was sent, what came back and what would fix it. Run it against
/// a test tenant: users and groups named scimconf-… are created, changed and deleted again;
/// nothing else is touched.
#[derive(Parser)]
#[command(name = "scim-conformance", version)]
#[command(after_help = "Examples:
  scim-conformance --url https://scim.example.org/scim/v2 --token \"$TOKEN\"
  scim-conformance --url … --token … --profile all --format junit > report.xml
  scim-conformance --url … --token … --only RFC7644-3.5.2 --only ENTRA-
  scim-conformance list --profile entra
  scim-conformance --url … --token … play fixtures/entra

Exit status:
  0    every check that applies passed
  1    a rule is broken that an RFC makes a MUST
  2    rules are broken, but only SHOULDs and needs of identity providers
  3    the server could not be talked to
  64   the command line is wrong
  130  interrupted; what was made has been deleted")]
struct Arguments {
    #[command(flatten)]
    server: Server,
    #[command(flatten)]
    check: command::check::Options,
    #[command(subcommand)]
    command: Option<Command>,
}

/// Which server, and as whom.
#[derive(Args)]
struct Server {
    /// SCIM base address (the Tenant URL), beginning with http:// or https://
    #[arg(long, env = "SCIM_URL")]
    url: Option<String>,
    /// Bearer token of the identity provider (the Secret Token)
    #[arg(long, env = "SCIM_TOKEN", hide_env_values = true)]
    token: Option<String>,
    /// Name for HTTP Basic, instead of a token
    #[arg(
        long,
        env = "SCIM_USER",
        requires = "password",
        conflicts_with = "token"
    )]
    user: Option<String>,
    /// Password for HTTP Basic
    #[arg(long, env = "SCIM_PASSWORD", hide_env_values = true, requires = "user")]
    password: Option<String>,
    /// Token of another identity provider of the same tenant, for `play`
    #[arg(long, env = "SCIM_SECOND_TOKEN", hide_env_values = true)]
    second_token: Option<String>,
    /// Token of an application, which may read what the product derives, for `play`
    #[arg(long, env = "SCIM_APP_TOKEN", hide_env_values = true)]
    app_token: Option<String>,
    /// What locations in answers begin with, when that is not the address above
    #[arg(long)]
    public_url: Option<String>,
}

impl Server {
    fn client(self) -> Result<Client> {
        let url = self.url.context(
            "--url is missing: the SCIM base address, such as https://scim.example.org/scim/v2",
        )?;
        let basic = self
            .user
            .zip(self.password)
            .map(|(user, password)| Basic { user, password });
        if self.token.is_none() && basic.is_none() {
            anyhow::bail!("--token is missing (or --user and --password)");
        }
        let credentials = Credentials {
            idp: self.token.unwrap_or_default(),
            idp2: self.second_token,
            app: self.app_token,
        };
        let client = Client::new(&url, credentials)?;
        let client = match basic {
            Some(basic) => client.with_basic(basic),
            None => client,
        };
        Ok(match &self.public_url {
            Some(base) => client.with_public_base(base),
            None => client,
        })
    }
}

#[derive(Subcommand)]
enum Command {
    /// Lists the checks of a profile with their sources; sends nothing
    List(command::list::Options),
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
async fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let _nobody_reads = error.print();
            return if error.use_stderr() {
                command::usage()
            } else {
                ExitCode::SUCCESS
            };
        }
    };
    if let Some(Command::List(options)) = &arguments.command {
        return command::list::list(options);
    }
    let client = match arguments.server.client() {
        Ok(client) => client,
        Err(wrong) => {
            eprintln!("error: {wrong:#}; `scim-conformance --help` tells more");
            return command::usage();
        }
    };
    let outcome = match arguments.command {
        Some(command) => run(command, &client).await,
        None => command::check::check(client, &arguments.check).await,
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}

async fn run(command: Command, client: &Client) -> Result<ExitCode> {
    match command {
        Command::List(options) => Ok(command::list::list(&options)),
        Command::Play {
            fixtures,
            policy,
            without_hosts,
        } => {
            let mut conversations = fixture::load(&fixtures)?;
            conversations.retain(|Conversation { setting, .. }| {
                setting.policy == policy && !(without_hosts && setting.product_only)
            });
            Ok(play(&conversations, client).await)
        }
        Command::Hostile { attacks } => attack(&hostile::load(&attacks)?, client).await,
        Command::Simulate(arguments) => {
            let (report, shown) = arguments.run(client).await?;
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
