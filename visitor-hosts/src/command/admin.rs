//! `admin`: people who may do everything in the console, made by whoever has the database; the first of them at
//! the first start.

use std::io::BufRead;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, bail};
use async_trait::async_trait;
use clap::{Args, Command, FromArgMatches, Subcommand};
use futures::future::BoxFuture;
use scim_core::{Document, ResourceId, ResourceType, TenantId};
use scim_server::command::{Added, Given};
use scim_server::store::{ListPart, ListQuery, Lock, Start, Store, Stored, Transaction, Unit};
use scim_server::{Error, Server};
use serde_json::{Map, Value, json};
use visitor_console::account::{self, NewAccount, Password};

use crate::reference;
use crate::schemas::{self, ROLE_ASSIGNMENT_URN};

/// What its holder may do: everything.
const ROLE: &str = "tenantAdmin";
/// Whom the first start makes.
const FIRST: &str = "admin";
const NAME_CHARS_MAX: usize = 255;
/// Accounts are listed in pieces of this size.
const LISTED_AT_ONCE: usize = 500;

/// The line of [`ALL`](super::ALL).
pub(super) const COMMAND: Added = Added {
    define: || {
        Action::augment_subcommands(Command::new("admin"))
            .about("Make and help people who may do everything in the console")
            .subcommand_required(true)
            .arg_required_else_help(true)
    },
    run: |given| Box::pin(run(given)),
};

#[derive(Subcommand)]
enum Action {
    /// Make an account with the role tenantAdmin, and print its password, which is shown this once
    Create(Create),
    /// Give an account a new password, print it, and end its sessions and its lock
    ResetPassword(Reset),
    /// List the accounts of the console
    List(List),
}

#[derive(Args)]
struct Create {
    #[command(flatten)]
    whose: Whose,
    /// What people call them
    #[arg(long, value_name = "TEXT", value_parser = name)]
    display_name: Option<String>,
}

#[derive(Args)]
struct Reset {
    #[command(flatten)]
    whose: Whose,
}

#[derive(Args)]
struct List {
    /// Whose accounts; not needed where there is one tenant
    #[arg(long, value_name = "SLUG")]
    tenant: Option<TenantId>,
}

#[derive(Args)]
struct Whose {
    /// The tenant; not needed where there is one
    #[arg(long, value_name = "SLUG")]
    tenant: Option<TenantId>,
    /// What they sign in as
    #[arg(long, value_name = "TEXT", value_parser = name)]
    user_name: String,
    /// Read the password from the first line of standard input, instead of making and printing one
    #[arg(long)]
    password_stdin: bool,
}

fn name(text: &str) -> Result<String, &'static str> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > NAME_CHARS_MAX {
        return Err("a name has 1 to 255 characters");
    }
    if text.chars().any(char::is_control) {
        return Err("a name has no control characters");
    }
    Ok(text.to_owned())
}

async fn run(given: Given<'_>) -> anyhow::Result<ExitCode> {
    let action = Action::from_arg_matches(given.matches)?;
    let mut out = std::io::stdout();
    let mut running = given.running(&mut out).await?;
    let named = match &action {
        Action::Create(Create { whose, .. }) | Action::ResetPassword(Reset { whose }) => {
            &whose.tenant
        }
        Action::List(list) => &list.tenant,
    };
    let tenant = running.tenant(named.as_ref()).await?;
    let store = Arc::clone(running.engine.store());
    let told = match action {
        Action::Create(create) => self::create(store.as_ref(), &tenant, create).await,
        Action::ResetPassword(Reset { whose }) => reset(store.as_ref(), &tenant, whose).await,
        Action::List(_) => list(store.as_ref(), &tenant).await,
    };
    store.close().await;
    write!(running.out, "{}", told?)?;
    Ok(ExitCode::SUCCESS)
}

/// The account of the first start; what is said of it. Whoever starts again has it already.
pub fn first<'s>(
    server: &'s Server,
    tenant: &'s TenantId,
) -> BoxFuture<'s, anyhow::Result<String>> {
    Box::pin(async move {
        let password = Password::generated();
        let shown = password.to_text().to_owned();
        let store = server.engine().store();
        match admin(store.as_ref(), tenant, (FIRST, None), password).await {
            Ok(()) => {}
            Err(Error::Uniqueness { .. }) => return Ok(String::new()),
            Err(error) => return Err(error.into()),
        }
        Ok(format!(
            "
Look after it in the console; this password, too, is shown this once:

  Console:       {}/console
  User name:     {FIRST}
  Password:      {shown}
",
            server.public_url()
        ))
    })
}

async fn create(store: &dyn Store, tenant: &TenantId, create: Create) -> anyhow::Result<String> {
    let Create {
        whose,
        display_name,
    } = create;
    let (password, shown) = whose.password()?;
    admin(store, tenant, (&whose.user_name, display_name), password).await?;
    Ok(shown)
}

/// An account with the role, in one unit.
async fn admin(
    store: &dyn Store,
    tenant: &TenantId,
    (user_name, display_name): (&str, Option<String>),
    password: Password,
) -> Result<(), Error> {
    let unit = Add {
        accounts: account::resource_type().map_err(schemas::unusable)?,
        assignments: schemas::role_assignment_type().map_err(schemas::unusable)?,
        new: NewAccount {
            user_name: user_name.to_owned(),
            display_name,
            password: account::hash(password).await?,
        },
    };
    store.write(tenant, unit).await
}

struct Add {
    accounts: ResourceType,
    assignments: ResourceType,
    new: NewAccount,
}

#[async_trait]
impl Unit for Add {
    type Output = ();

    async fn run(&self, tx: &mut Transaction<'_>) -> Result<(), Error> {
        let made = account::add(tx, &self.accounts, &self.new)?;
        let name = self.new.display_name.as_deref();
        let name = name.unwrap_or(&self.new.user_name);
        let mut assignment = Map::new();
        assignment.insert("schemas".to_owned(), json!([ROLE_ASSIGNMENT_URN]));
        let principal = reference::typed(account::KIND, &made.id, Some(name));
        assignment.insert("principal".to_owned(), principal);
        assignment.insert("role".to_owned(), json!(ROLE));
        assignment.insert("reason".to_owned(), json!("made on the command line"));
        let id = ResourceId::new(tx.new_id());
        let assignment = Document::from_stored(assignment);
        tx.insert(&self.assignments, None, id, &assignment)?;
        Ok(())
    }
}

async fn reset(store: &dyn Store, tenant: &TenantId, whose: Whose) -> anyhow::Result<String> {
    let (password, shown) = whose.password()?;
    let unit = ResetPassword {
        accounts: account::resource_type()?,
        user_name: whose.user_name.clone(),
        password: account::hash(password).await?,
    };
    if store.write(tenant, unit).await? {
        return Ok(shown);
    }
    bail!(
        "{tenant} has no account with the user name {:?}; `admin list` shows them",
        whose.user_name
    )
}

struct ResetPassword {
    accounts: ResourceType,
    user_name: String,
    password: account::Hashed,
}

#[async_trait]
impl Unit for ResetPassword {
    type Output = bool;

    async fn run(&self, tx: &mut Transaction<'_>) -> Result<bool, Error> {
        let Some(found) = account::named(tx, &self.user_name, Lock::ForUpdate).await? else {
            return Ok(false);
        };
        account::give_password(tx, &self.accounts, &found, &self.password)?;
        Ok(true)
    }
}

impl Whose {
    /// The password, and what is printed: itself and nothing else, so that a script can take it; nothing, where it
    /// was given.
    fn password(&self) -> anyhow::Result<(Password, String)> {
        if !self.password_stdin {
            let password = Password::generated();
            let shown = format!("{}\n", password.to_text());
            return Ok((password, shown));
        }
        let mut line = String::new();
        std::io::stdin()
            .lock()
            .read_line(&mut line)
            .context("standard input cannot be read")?;
        let typed = line.trim_end_matches(['\r', '\n']);
        match Password::new(typed, &self.user_name) {
            Ok(password) => Ok((password, String::new())),
            Err(reason) => bail!("the password cannot be taken: {reason}"),
        }
    }
}

/// A line for each, of cells between tabs, as `token list` has it.
async fn list(store: &dyn Store, tenant: &TenantId) -> anyhow::Result<String> {
    let accounts = account::resource_type()?;
    let (mut told, mut after) = (String::new(), 0);
    loop {
        let unit = Piece {
            accounts: accounts.clone(),
            after,
        };
        let piece = store.read(tenant, unit).await?;
        for stored in &piece {
            told.push_str(&line(stored)?);
        }
        after += piece.len();
        if piece.len() < LISTED_AT_ONCE {
            return Ok(told);
        }
    }
}

fn line(stored: &Stored) -> Result<String, Error> {
    let account = stored.parse()?;
    let text = |name: &str| account.get(name).and_then(Value::as_str);
    let state = if account::is_active(&account) {
        "active"
    } else {
        "switched off"
    };
    let signed_in = match text("lastSignIn") {
        Some(at) => format!("last signed in {at}"),
        None => "never signed in".to_owned(),
    };
    let (id, name) = (stored.id, text("userName").unwrap_or_default());
    let shown = text("displayName").map(|name| format!("\t{name}"));
    let shown = shown.unwrap_or_default();
    Ok(format!("{id}\t{state}\t{signed_in}\t{name}{shown}\n"))
}

struct Piece {
    accounts: ResourceType,
    after: usize,
}

#[async_trait]
impl Unit for Piece {
    type Output = Vec<Stored>;

    async fn run(&self, tx: &mut Transaction<'_>) -> Result<Vec<Stored>, Error> {
        let part = ListPart {
            resource_type: &self.accounts,
            filter: None,
            sort: None,
        };
        let query = ListQuery {
            parts: &[part],
            owner: None,
            start: Start::Offset(self.after),
            count: LISTED_AT_ONCE,
        };
        Ok(tx.list(&query).await?.resources)
    }
}
