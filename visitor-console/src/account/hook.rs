//! What follows when an account is made, changed or deleted: its password is kept apart, and sessions end.

use async_trait::async_trait;
use scim_core::{Document, ResourceId, ResourceType, SchemaError};
use scim_server::Error;
use scim_server::service::{Acting, Caller, Changed, Coming, Hook, Scopes, Verb, Withheld};
use scim_server::store::{Stored, Transaction};
use serde_json::{Map, Value, json};

use super::add::with_password;
use super::password::{Hashed, Password, hash};
use super::{KIND, PASSWORD, is_active, person_of, resource_type, text, user_of};

const END_SESSIONS: &str = "endSessions";
const VERBS: &[Verb] = &[Verb {
    kind: KIND,
    name: END_SESSIONS,
    tells: false,
}];

/// Keeps accounts.
pub struct AccountHook {
    accounts: ResourceType,
}

impl AccountHook {
    /// A hook with the schema of accounts.
    pub fn new() -> Result<AccountHook, SchemaError> {
        Ok(AccountHook {
            accounts: resource_type()?,
        })
    }
}

#[async_trait]
impl Hook for AccountHook {
    fn before_create(
        &self,
        _: &mut Transaction<'_>,
        coming: &Coming<'_>,
    ) -> Result<Option<Document>, Error> {
        if coming.resource_type.name() != KIND || coming.document.get("active").is_some() {
            return Ok(None);
        }
        let mut account = coming.document.clone();
        account.set(None, "active", json!(true));
        Ok(Some(account))
    }

    /// The clear text goes on to the unit as well, which knows the user name; both end with the request.
    async fn withhold(&self, withheld: &Withheld<'_>) -> Result<Option<Value>, Error> {
        if withheld.resource_type.name() != KIND {
            return Ok(None);
        }
        let Some(typed) = withheld.values.get("password").and_then(Value::as_str) else {
            return Ok(Some(Value::Null));
        };
        let password = Password::sized(typed).map_err(refused)?;
        let Hashed(hashed) = hash(password).await?;
        Ok(Some(json!({ "typed": typed, "hashed": hashed })))
    }

    async fn keep_withheld(
        &self,
        tx: &mut Transaction<'_>,
        coming: &Coming<'_>,
        taken: &Value,
    ) -> Result<Document, Error> {
        let word = |name: &str| taken.get(name).and_then(Value::as_str);
        let account = coming.document.clone();
        let (Some(typed), Some(hashed)) = (word("typed"), word("hashed")) else {
            tx.keep_secret(coming.id, PASSWORD, None);
            return Ok(account);
        };
        Password::new(typed, text(&account, "userName").unwrap_or_default()).map_err(refused)?;
        let hashed = Hashed(hashed.to_owned());
        Ok(with_password(tx, coming.id, account, &hashed))
    }

    async fn after_change(
        &self,
        tx: &mut Transaction<'_>,
        change: &Changed<'_>,
    ) -> Result<(), Error> {
        if change.resource_type.name() != KIND {
            return Ok(());
        }
        may_keep(change.caller)?;
        let document = |stored: Option<&Stored>| stored.map(Stored::parse).transpose();
        let (before, after) = (document(change.before)?, document(change.after)?);
        if let Some(user) = after.as_ref().and_then(user_of) {
            exists(tx, user).await?;
        }
        let Some(account) = change.after.or(change.before).map(|stored| stored.id) else {
            return Ok(());
        };
        let same_person = before.as_ref().map(user_of) == after.as_ref().map(user_of);
        let may_go_on = after.as_ref().is_some_and(is_active) && same_person;
        if let Some(before) = before.filter(|_| !may_go_on) {
            end_sessions(tx, account, &before);
        }
        Ok(())
    }

    fn verbs(&self) -> &'static [Verb] {
        VERBS
    }

    async fn act(&self, tx: &mut Transaction<'_>, acting: &Acting<'_>) -> Result<(), Error> {
        only_a_reason(acting.body)?;
        may_keep(acting.caller)?;
        end_sessions(tx, acting.stored.id, &acting.stored.parse()?);
        // The log says that somebody did it.
        tx.touch(&self.accounts, acting.stored)?;
        Ok(())
    }

    async fn keeper(
        &self,
        _: &mut Transaction<'_>,
        stored: &Stored,
    ) -> Result<Option<String>, Error> {
        Ok((stored.kind == KIND).then(|| "the console itself".to_owned()))
    }
}

fn end_sessions(tx: &mut Transaction<'_>, id: ResourceId, account: &Document) {
    tx.end_sessions(id);
    tx.end_sessions(person_of(id, account));
}

/// Whoever gives an account a password can sign in with it, and do what its roles allow.
pub(crate) fn may_keep(caller: &Caller) -> Result<(), Error> {
    if caller.grants.scopes.cover(&Scopes::default()) {
        return Ok(());
    }
    Err(Error::Scope("* itself, to keep accounts".to_owned()))
}

async fn exists(tx: &mut Transaction<'_>, user: ResourceId) -> Result<(), Error> {
    if tx.get("User", user).await?.is_some() {
        return Ok(());
    }
    let refusal = format!("no User has the id {user}");
    Err(scim_core::Error::invalid_value("user", refusal).into())
}

fn refused(reason: &'static str) -> Error {
    scim_core::Error::invalid_value("password", reason).into()
}

/// Verbs that say all by their name take a reason, which stands in the change feed with the request.
fn only_a_reason(body: &Map<String, Value>) -> Result<(), Error> {
    let mut others = body
        .iter()
        .filter(|(name, value)| *name != "reason" || !value.is_string());
    match others.next() {
        None => Ok(()),
        Some((name, _)) => {
            let name = scim_core::error::echo(name);
            let refusal = "this action takes nothing but a reason, which is a text";
            Err(scim_core::Error::invalid_value(&name, refusal).into())
        }
    }
}
