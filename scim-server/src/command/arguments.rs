//! What can be typed, what `--help` says, and how a mistake is told.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::Resettable;
use clap::error::ErrorKind;
use clap::{ArgMatches, Args, CommandFactory, FromArgMatches, Parser, Subcommand};
use scim_core::{ResourceId, TenantId};

use super::Product;
use super::added::Added;
use super::audit::AuditAction;
use super::limits::LimitOptions;
use crate::edge::Cidr;
use crate::outbound::HostPort;
use crate::service::Scopes;
use crate::store::{ConnectionId, PolicyName, TokenKind};
use crate::telemetry::LogFormat;

/// What came of the command line.
pub(super) enum Parsed {
    /// Something to do.
    Run(Box<Arguments>),
    /// A text that was asked for: help, or the version.
    Help(String),
    /// What is wrong, in a sentence.
    Misunderstood(String),
}

/// A command line that makes sense.
pub(super) struct Arguments {
    pub(super) options: Options,
    pub(super) serve: ServeOptions,
    pub(super) action: Action,
}

/// Reads a command line.
pub(super) fn parse(product: Product, args: impl IntoIterator<Item = OsString>) -> Parsed {
    let defined = product.commands.iter().map(|added| (added.define)());
    let command = CommandLine::command()
        .subcommands(defined)
        .name(product.name)
        .bin_name(product.name)
        .version(product.version)
        .about(product.about)
        .after_help(examples(product))
        // Options stand before or after `serve`. Only those before it look at the environment,
        // or a variable would count more than a flag.
        .mut_subcommand("serve", |serve| {
            serve.mut_args(|arg| arg.env(Resettable::Reset))
        });
    let parsed = command
        .try_get_matches_from(args)
        .and_then(|matches| understand(product, &matches));
    match parsed {
        Ok(arguments) => Parsed::Run(Box::new(arguments)),
        Err(error) => match error.kind() {
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
                Parsed::Help(error.render().to_string())
            }
            ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => Parsed::Misunderstood(format!(
                "the command goes on; see {}",
                words_that_go_on(product)
            )),
            _ => Parsed::Misunderstood(sentence(&error.render().to_string(), product.name)),
        },
    }
}

/// What the words come to.
fn understand(product: Product, matches: &ArgMatches) -> Result<Arguments, clap::Error> {
    if let Some((name, given)) = matches.subcommand()
        && let Some(added) = product.commands.iter().find(|added| added.is(name))
    {
        return Ok(Arguments {
            options: Options::from_arg_matches(matches)?,
            serve: ServeOptions::from_arg_matches(matches)?,
            action: Action::Added(*added, given.clone()),
        });
    }
    let CommandLine {
        options,
        serve,
        command,
    } = CommandLine::from_arg_matches(matches)?;
    let (action, serve) = match command {
        None => (Action::Serve, serve),
        Some(Command::Serve(later)) => (Action::Serve, later.or(serve)),
        Some(Command::Migrate) => (Action::Migrate, serve),
        Some(Command::Check) => (Action::Check, serve),
        Some(Command::Tenant(action)) => (Action::Tenant(action), serve),
        Some(Command::Token(action)) => (Action::Token(action), serve),
        Some(Command::Audit(action)) => (Action::Audit(action), serve),
    };
    Ok(Arguments {
        options,
        serve,
        action,
    })
}

/// The commands that need another word.
fn words_that_go_on(product: Product) -> String {
    let mut words = vec!["tenant".to_owned(), "token".to_owned(), "audit".to_owned()];
    let defined = product.commands.iter().map(|added| (added.define)());
    let going_on = defined.filter(clap::Command::has_subcommands);
    words.extend(going_on.map(|command| command.get_name().to_owned()));
    let words = words
        .iter()
        .map(|word| format!("`{} help {word}`", product.name));
    let words: Vec<String> = words.collect();
    match words.split_last() {
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => String::new(),
    }
}

/// What is to be done.
pub(super) enum Action {
    Serve,
    Migrate,
    Check,
    Tenant(TenantAction),
    Token(TokenAction),
    Audit(AuditAction),
    /// A command of the product, and what was typed after its name.
    Added(Added, ArgMatches),
}

#[derive(Parser)]
struct CommandLine {
    #[command(flatten)]
    options: Options,
    #[command(flatten)]
    serve: ServeOptions,
    #[command(subcommand)]
    command: Option<Command>,
}

const EVERYWHERE: &str = "Options of every command";

/// Options that every command takes.
#[derive(Args)]
pub(super) struct Options {
    /// Where the data is: `sqlite://FILE` or `postgres://USER:PASSWORD@HOST/NAME`; of several hosts,
    /// as in `HOST1:5432,HOST2:5432`, the one that takes writes is used, and followed
    #[arg(
        long,
        global = true,
        help_heading = EVERYWHERE,
        value_name = "URL",
        env = "SCIM_DATABASE",
        hide_env_values = true
    )]
    pub(super) database: Option<String>,
    /// A folder with resource types of one's own: *.schema.json and *.resource-type.json
    #[arg(long, global = true,
        help_heading = EVERYWHERE, value_name = "FOLDER", env = "SCIM_SCHEMAS")]
    pub(super) schemas: Option<PathBuf>,
    /// The private key that signs the audit log, and that `audit` takes the public one from; `serve`
    /// makes it where it is missing. Several processes share one [default: beside the database file]
    #[arg(long, global = true,
        help_heading = EVERYWHERE, value_name = "FILE", env = "SCIM_AUDIT_KEY")]
    pub(super) audit_key: Option<PathBuf>,
    /// A TOML file with any of the options, as in `public_url = "https://scim.example.org"`
    #[arg(long, global = true,
        help_heading = EVERYWHERE, value_name = "FILE", env = "SCIM_CONFIG")]
    pub(super) config: Option<PathBuf>,
    /// What is logged: error, warn, info, debug, or by module as in `scim_server=debug`
    #[arg(long, global = true,
        help_heading = EVERYWHERE, value_name = "FILTER", env = "SCIM_LOG")]
    pub(super) log: Option<String>,
    /// How a log line looks
    #[arg(
        long,
        global = true,
        help_heading = EVERYWHERE,
        value_enum,
        value_name = "FORMAT",
        env = "SCIM_LOG_FORMAT"
    )]
    pub(super) log_format: Option<LogFormat>,
}

/// Options of `serve`, which is also the command when none is given.
#[derive(Args, Default)]
pub(super) struct ServeOptions {
    /// The address and port to listen on
    #[arg(long, value_name = "ADDR", env = "SCIM_LISTEN")]
    pub(super) listen: Option<String>,
    /// How clients reach the server from outside: scheme, host and port
    #[arg(long, value_name = "URL", env = "SCIM_PUBLIC_URL")]
    pub(super) public_url: Option<String>,
    /// Serve HTTPS with this certificate chain in PEM; it is read again when it changes
    #[arg(long, value_name = "FILE", env = "SCIM_TLS_CERT")]
    pub(super) tls_cert: Option<PathBuf>,
    /// The private key of the certificate, in PEM
    #[arg(long, value_name = "FILE", env = "SCIM_TLS_KEY")]
    pub(super) tls_key: Option<PathBuf>,
    /// A proxy whose `X-Forwarded-For` and `Forwarded` are believed; may be given several times
    #[arg(
        long,
        value_name = "CIDR",
        env = "SCIM_TRUSTED_PROXY",
        value_delimiter = ','
    )]
    pub(super) trusted_proxy: Vec<Cidr>,
    /// A private address that may be asked for the keys of an issuer, without TLS too; may be
    /// given several times
    #[arg(
        long,
        value_name = "HOST:PORT",
        env = "SCIM_ALLOW_PRIVATE_OUTBOUND",
        value_delimiter = ','
    )]
    pub(super) allow_private_outbound: Vec<HostPort>,
    /// How long connections are still taken after SIGTERM, while `/readyz` says no [default: 1]
    #[arg(long, value_name = "S", env = "SCIM_DRAIN_SECONDS", value_parser = clap::value_parser!(u16).range(0..=600))]
    pub(super) drain_seconds: Option<u16>,
    #[command(flatten)]
    pub(super) limits: LimitOptions,
}

impl ServeOptions {
    fn or(self, other: ServeOptions) -> ServeOptions {
        ServeOptions {
            listen: self.listen.or(other.listen),
            public_url: self.public_url.or(other.public_url),
            tls_cert: self.tls_cert.or(other.tls_cert),
            tls_key: self.tls_key.or(other.tls_key),
            trusted_proxy: some_or(self.trusted_proxy, other.trusted_proxy),
            allow_private_outbound: some_or(
                self.allow_private_outbound,
                other.allow_private_outbound,
            ),
            drain_seconds: self.drain_seconds.or(other.drain_seconds),
            limits: self.limits.or(other.limits),
        }
    }
}

fn some_or<T>(first: Vec<T>, second: Vec<T>) -> Vec<T> {
    if first.is_empty() { second } else { first }
}

#[derive(Subcommand)]
enum Command {
    /// Serve SCIM; the first start makes the tenant `main` and a token
    Serve(Box<ServeOptions>),
    /// Bring the database to the schema of this program
    Migrate,
    /// Look for damage and contradictions in the database
    Check,
    /// Make and list tenants
    #[command(subcommand)]
    Tenant(TenantAction),
    /// Make, list, rotate and revoke tokens, and trust issuers of JWTs
    #[command(subcommand)]
    Token(TokenAction),
    /// Verify and export the audit log, and erase what is personal in it
    #[command(subcommand)]
    Audit(AuditAction),
}

/// What can be done with tenants.
#[derive(Subcommand)]
pub(super) enum TenantAction {
    /// Make a tenant
    Create {
        /// Its name in URLs: 1 to 63 of a-z, 0-9 and -
        slug: TenantId,
    },
    /// List all tenants
    List,
}

/// What can be done with tokens.
#[derive(Subcommand)]
pub(super) enum TokenAction {
    /// Make a token and print its secret, once and nothing else
    Create(NewToken),
    /// List the tokens of a tenant
    List {
        /// Whose tokens
        #[arg(long, value_name = "SLUG")]
        tenant: TenantId,
    },
    /// Read the requests of a token by another policy; at once, or a second later
    SetPolicy {
        /// The token, as `token list` shows it
        #[arg(value_parser = token_id)]
        id: ConnectionId,
        /// compatible, strict, interop, entra or okta
        #[arg(value_name = "NAME")]
        policy: PolicyName,
    },
    /// Give a token a new secret and print it; the present one goes on for a while
    Rotate(Rotation),
    /// Let a connection prove who it is with JWTs of an issuer too, instead of the one before
    Trust(Box<Trusting>),
    /// Take no more JWTs for a connection
    Distrust {
        /// The token, as `token list` shows it
        #[arg(value_parser = token_id)]
        id: ConnectionId,
    },
    /// Refuse a token from now on; what it created stays
    Revoke {
        /// The token, as `token list` shows it
        #[arg(value_parser = token_id)]
        id: ConnectionId,
    },
}

/// A token to be made.
#[derive(Args)]
pub(super) struct NewToken {
    /// Whose data it reaches
    #[arg(long, value_name = "SLUG")]
    pub(super) tenant: TenantId,
    /// What people call the connection, as in "Entra ID"
    #[arg(long, value_name = "TEXT", value_parser = name)]
    pub(super) name: String,
    /// idp: an identity provider, sees what it wrote; app: an application, sees the tenant
    #[arg(long, value_name = "idp|app", default_value = "idp", value_parser = kind)]
    pub(super) kind: TokenKind,
    /// What is taken beyond the RFCs: compatible, strict, interop, entra or okta
    #[arg(long, value_name = "NAME", default_value_t)]
    pub(super) policy: PolicyName,
    /// The id of a User: the token stands for that person, who reaches /Me and what their roles open
    #[arg(long, value_name = "ID", value_parser = user_id, conflicts_with_all = ["kind", "policy"])]
    pub(super) person: Option<ResourceId>,
    /// What it may do, such as "hosts.* locations.read"; without it, all that its kind allows
    #[arg(long, value_name = "SCOPES", conflicts_with = "person")]
    pub(super) scopes: Option<Scopes>,
    /// For how long it is valid
    #[arg(long, value_name = "N", default_value_t = 365, value_parser = clap::value_parser!(u16).range(1..=730))]
    pub(super) expires_days: u16,
}

/// A secret to be exchanged.
#[derive(Args)]
pub(super) struct Rotation {
    /// The token, as `token list` shows it
    #[arg(value_parser = token_id)]
    pub(super) id: ConnectionId,
    /// For how long the present secret goes on; 0 also ends the access tokens that were got with it
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u8).range(0..=24))]
    pub(super) overlap_hours: u8,
    /// For how long the token is valid from now on
    #[arg(long, value_name = "N", default_value_t = 365, value_parser = clap::value_parser!(u16).range(1..=730))]
    pub(super) expires_days: u16,
}

/// An issuer to be trusted.
#[derive(Args)]
pub(super) struct Trusting {
    /// The token, as `token list` shows it
    #[arg(value_parser = token_id)]
    pub(super) id: ConnectionId,
    /// The claim `iss`, exactly
    #[arg(long, value_name = "URL")]
    pub(super) issuer: String,
    /// A value of the claim `aud`, exactly
    #[arg(long, value_name = "TEXT")]
    pub(super) audience: String,
    /// The claim `sub`, exactly
    #[arg(long, value_name = "TEXT")]
    pub(super) subject: String,
    /// A further claim that must be there, exactly; may be given several times
    #[arg(long, value_name = "NAME=VALUE", value_parser = claim)]
    pub(super) claim: Vec<(String, String)>,
    #[command(flatten)]
    pub(super) keys: Keys,
}

/// What the signatures of an issuer are verified with.
#[derive(Args)]
#[group(required = true, multiple = false)]
pub(super) struct Keys {
    /// Where the issuer shows its keys: a JWK Set, which is read again as it changes
    #[arg(long, value_name = "URL")]
    pub(super) jwks_url: Option<String>,
    /// A file with the keys of the issuer: a JWK Set, which stays as it is
    #[arg(long, value_name = "FILE")]
    pub(super) jwks: Option<PathBuf>,
}

/// A kind of token that people make.
fn kind(text: &str) -> Result<TokenKind, String> {
    let kind: TokenKind = text.parse()?;
    if !kind.can_ask() {
        return Err(format!(
            "a connection of the kind {text} is the product's own and has no secret; make a token of the kind idp or app"
        ));
    }
    Ok(kind)
}

fn claim(text: &str) -> Result<(String, String), &'static str> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("no claim: try appid=VALUE"),
    }
}

fn user_id(text: &str) -> Result<ResourceId, &'static str> {
    text.parse()
        .map_err(|_| "no id of a User; GET /Users shows them")
}

fn token_id(text: &str) -> Result<ConnectionId, &'static str> {
    text.parse()
        .map_err(|_| "no id of a token; `token list` shows them")
}

const NAME_CHARS_MAX: usize = 100;

fn name(text: &str) -> Result<String, &'static str> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > NAME_CHARS_MAX {
        return Err("a name has 1 to 100 characters");
    }
    if text.chars().any(char::is_control) {
        return Err("a name has no control characters");
    }
    Ok(text.to_owned())
}

fn examples(product: Product) -> String {
    let Product {
        name,
        default_database,
        ..
    } = product;
    format!(
        "Examples:
  {name}
      Serve on http://127.0.0.1:8080 from {default_database}.
  {name} serve --listen 0.0.0.0:8080 --public-url https://scim.example.org
      Serve behind a proxy that clients reach under that address.
  {name} --database postgres://scim@db.example.org/scim
      Serve from PostgreSQL; several processes may.
  {name} --database postgres://scim@db1.example.org,db2.example.org/scim
      Serve from the one of both that takes writes, also when that becomes the other one.
  {name} token create --tenant main --name \"Entra ID\"
      Print the secret that Entra ID asks for as Secret Token.
  {name} token create --tenant main --name Reception --kind app
      Print a secret for an application that reads the whole tenant.
  {name} audit verify
      Tell whether what was recorded is still what was recorded.

Every option is also an environment variable (SCIM_DATABASE, SCIM_LISTEN, …) and, with --config, a
line of a TOML file. A flag counts more than the environment, and that more than the file."
    )
}

/// What clap explains over several paragraphs, without its frame.
fn sentence(rendered: &str, program: &str) -> String {
    let text = rendered.strip_prefix("error: ").unwrap_or(rendered);
    let explained = text.split("\n\n").take_while(|paragraph| {
        !paragraph.starts_with("Usage:") && !paragraph.starts_with("For more information")
    });
    let paragraphs: Vec<String> = explained
        .map(|paragraph| paragraph.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    format!("{}; see `{program} --help`", paragraphs.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRODUCT: Product = Product {
        name: "demo",
        version: "1.2.3",
        about: "A demonstration",
        default_database: "sqlite://demo.db",
        build: || Ok((Vec::new(), Vec::new())),
        commands: &[SING],
        pages: None,
        first_start: None,
    };

    const SING: Added = Added {
        define: || clap::Command::new("sing").arg(clap::Arg::new("song").required(true)),
        run: |_| Box::pin(async { Ok(std::process::ExitCode::SUCCESS) }),
    };

    fn told(line: &str) -> String {
        let args = std::iter::once("demo").chain(line.split_whitespace());
        match parse(PRODUCT, args.map(OsString::from)) {
            Parsed::Run(arguments) => {
                let action = match &arguments.action {
                    Action::Serve => "serve",
                    Action::Migrate => "migrate",
                    Action::Check => "check",
                    Action::Tenant(_) => "tenant",
                    Action::Token(_) => "token",
                    Action::Audit(_) => "audit",
                    Action::Added(_, given) => given.get_one::<String>("song").unwrap(),
                };
                let database = arguments.options.database.unwrap_or_default();
                let listen = arguments.serve.listen.unwrap_or_default();
                format!("{action} {database} {listen}")
            }
            Parsed::Help(text) => text,
            Parsed::Misunderstood(sentence) => sentence,
        }
    }

    macro_rules! check {
        ($line:expr, @$shown:literal) => { insta::assert_snapshot!(told($line), @$shown) };
    }

    #[test]
    fn serve_is_the_default_and_options_stand_anywhere() {
        check!("", @"serve");
        check!("--listen 127.0.0.1:1 --database sqlite://a", @"serve sqlite://a 127.0.0.1:1");
        check!("--listen 127.0.0.1:1 serve --listen 127.0.0.1:2", @"serve  127.0.0.1:2");
        check!("--database sqlite://a token list --tenant main", @"token sqlite://a");
        check!("token list --tenant main --database sqlite://a", @"token sqlite://a");
        check!("sing Summertime --database sqlite://a", @"Summertime sqlite://a");
        check!("--database sqlite://a sing Summertime", @"Summertime sqlite://a");
        check!("--version", @"demo 1.2.3");
    }

    #[test]
    fn mistakes_are_told_in_a_sentence() {
        check!("--lissten 1", @"unexpected argument '--lissten' found; tip: a similar argument exists: '--listen'; see `demo --help`");
        check!("--rate-limit many", @"invalid value 'many' for '--rate-limit <N>': invalid digit found in string; see `demo --help`");
        check!("--trusted-proxy 10.0.0.0/33", @r#"invalid value '10.0.0.0/33' for '--trusted-proxy <CIDR>': "10.0.0.0/33" is no network: try 10.0.0.0/8 or 2001:db8::1; see `demo --help`"#);
        check!("token create --tenant main", @"the following required arguments were not provided: --name <TEXT>; see `demo --help`");
        check!("token create --tenant Main --name x", @r#"invalid value 'Main' for '--tenant <SLUG>': "Main" is no tenant: use 1 to 63 of a-z, 0-9 and -; see `demo --help`"#);
        check!("token create --tenant main --name x --kind root", @r#"invalid value 'root' for '--kind <idp|app>': "root" is not a kind of token: idp, app, agent or kiosk; see `demo --help`"#);
        check!("token create --tenant main --name x --kind csv", @"invalid value 'csv' for '--kind <idp|app>': a connection of the kind csv is the product's own and has no secret; make a token of the kind idp or app; see `demo --help`");
        check!("token create --tenant main --name x --expires-days 0", @"invalid value '0' for '--expires-days <N>': 0 is not in 1..=730; see `demo --help`");
        check!("token", @"the command goes on; see `demo help tenant`, `demo help token` or `demo help audit`");
        check!("audit erase --tenant main --reason x", @"the following required arguments were not provided: <RESOURCE-ID>...; see `demo --help`");
        check!("audit verify --file a --tenant main", @"the argument '--file <FILE>' cannot be used with '--tenant <SLUG>'; see `demo --help`");
        check!("dance", @"unrecognized subcommand 'dance'; see `demo --help`");
    }

    #[test]
    fn the_definition_holds_together() {
        CommandLine::command().debug_assert();
    }
}
